import { describe, expect, it } from "bun:test";
import { dayOfFolder, daysAround, type FolderDay, mayHold } from "./folder-day.ts";

const dayOf = (path: string): FolderDay =>
  path.split("/").reduce<FolderDay>((above, name) => dayOfFolder(above, name), {});

describe("dayOfFolder", () => {
  const CASES: readonly [path: string, day: FolderDay][] = [
    ["2026", { year: "2026" }],
    ["2026/11", { year: "2026", month: "11" }],
    ["2026/11/22", { year: "2026", month: "11", day: "22" }],
    ["2026/1/2", { year: "2026", month: "01", day: "02" }],
    ["mikopbx/2026/11/22/10", { year: "2026", month: "11", day: "22" }],
    ["2026-11-22", { year: "2026", month: "11", day: "22" }],
    ["20261122", { year: "2026", month: "11", day: "22" }],
    ["22.11.2026", { year: "2026", month: "11", day: "22" }],
    ["2026-11/22", { year: "2026", month: "11", day: "22" }],
    ["2026/13", { year: "2026" }],
    ["2026/11/32", { year: "2026", month: "11" }],
    ["0367", {}],
    ["20261322", {}],
    ["1999", {}],
  ];
  for (const [path, day] of CASES) {
    it(path, () => expect(dayOf(path)).toEqual(day));
  }
});

describe("daysAround", () => {
  it("are the days of every clock of the world", () => {
    const noon = Date.UTC(2026, 10, 22, 12, 30);
    expect([...daysAround([noon])].sort()).toEqual(["2026-11-22", "2026-11-23"]);
    const night = Date.UTC(2026, 10, 22, 0, 30);
    expect([...daysAround([night])].sort()).toEqual(["2026-11-21", "2026-11-22"]);
  });

  it("are all days of a long call", () => {
    const days = daysAround([Date.UTC(2026, 10, 20, 12), Date.UTC(2026, 10, 22, 6)]);
    expect([...days].sort()).toEqual(["2026-11-20", "2026-11-21", "2026-11-22"]);
  });

  it("keep a folder that names no day, and only theirs of those that do", () => {
    const days = new Set(["2026-11-22"]);
    const kept = ["mobile", "2026", "2026/11", "2026/11/22", "2026-11-22"];
    const left = ["2025", "2026/10", "2026/11/21", "20261121"];
    expect(kept.filter((path) => mayHold(dayOf(path), days))).toEqual(kept);
    expect(left.filter((path) => mayHold(dayOf(path), days))).toEqual([]);
  });
});
