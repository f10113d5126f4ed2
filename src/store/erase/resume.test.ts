import { describe, expect, it } from "bun:test";
import { chownSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OwedDays } from "../archive/owed.ts";
import { tempFolder } from "../testing/temp-store.ts";
import { resumeErasures } from "./resume.ts";

const DAY = "events.log.2025-11-08";
const about = {
  mark: "erased-abcdefgh",
  since: "2025-11-08T23:59:00.000Z",
  subscriber: "+375291112233",
};
const line = (who: string): string =>
  `2025-11-08 12:00:00,000|AST|start|1.1|{"UniqueId":"1.1","Phone":"${who}"}\n`;

const world = async (name: string, who: string) => {
  const dir = tempFolder();
  mkdirSync(join(dir, "0367"));
  writeFileSync(join(dir, "0367", name), line(who));
  const owed = new OwedDays(dir);
  await owed.plan("0367", [{ name: DAY, archive: null }], about);
  const resume = async (): Promise<string[]> => {
    const options = { dir, enterprise: "0367", archive: undefined, now: () => 0 };
    expect(await resumeErasures({ ...options, tableOf: async () => undefined })).toEqual([]);
    return owed.of("0367").map(({ left }) => left);
  };
  return { dir, owed, resume };
};

describe("resumeErasures", () => {
  it("knows a running file by the name that it gets, before and after midnight", async () => {
    const { dir, resume } = await world("events.log", "375447654321");
    expect(await resume()).toEqual(["lines"]);
    renameSync(join(dir, "0367/events.log"), join(dir, "0367", DAY));
    writeFileSync(join(dir, "0367/events.log"), line(about.mark));
    expect(await resume()).toEqual(["lines"]);
    writeFileSync(join(dir, "0367", DAY), line(about.mark));
    expect(await resume()).toEqual([]);
  });

  it.each([["events.log"], [DAY]])(
    "takes the mark in %s for the proof that it was written anew",
    async (name) => {
      expect(await (await world(name, about.mark)).resume()).toEqual([]);
    },
  );

  it("lets go of a day that is no more", async () => {
    const { dir, resume } = await world(DAY, "375447654321");
    rmSync(join(dir, "0367", DAY));
    expect(await resume()).toEqual([]);
  });
});

describe("what is owed", () => {
  it("is for its owner alone, and gone when nothing is left", async () => {
    const { dir, owed } = await world(DAY, "x");
    expect(statSync(join(dir, ".archive/owed/0367.json")).mode & 0o777).toBe(0o600);
    expect(owed.enterprises()).toEqual(["0367"]);
    await owed.written("0367", { name: DAY, mark: about.mark });
    expect(owed.enterprises()).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)("is the service's, where root erases", async () => {
    const dir = tempFolder();
    chownSync(dir, 1234, 1234);
    await new OwedDays(dir).plan("0367", [{ name: DAY, archive: null }], about);
    const owners = ["", "/owed", "/owed/0367.json"].map(
      (at) => statSync(`${dir}/.archive${at}`).uid,
    );
    expect(owners).toEqual([1234, 1234, 1234]);
  });

  it("of an erasure goes over to one that has all its days, and to no other", async () => {
    const { owed } = await world(DAY, "x");
    const other = { name: "events.log.2025-11-09", archive: null };
    const marks = (): string[] => [...new Set(owed.of("0367").map(({ mark }) => mark))].sort();
    await owed.plan("0367", [other], { ...about, mark: "erased-other" });
    expect(marks()).toEqual([about.mark, "erased-other"]);
    const both = [other, { name: DAY, archive: "s3://calls/p" }];
    await owed.plan("0367", both, { ...about, mark: "erased-both" });
    expect(marks()).toEqual(["erased-both"]);
  });
});
