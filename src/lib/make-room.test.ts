import { describe, expect, it } from "bun:test";
import { makeRoom } from "./make-room.ts";

const bytesOf = (bytes: number): number => bytes;

describe("makeRoom", () => {
  it("removes what was used longest ago, and no more than it has to", () => {
    const kept = new Map([
      ["a", 40],
      ["b", 40],
      ["c", 40],
      ["d", 20],
    ]);
    const removed: string[] = [];
    makeRoom(kept, { most: 100, newest: "d", bytesOf, onRemoved: (key) => removed.push(key) });
    expect([...kept.keys()]).toEqual(["b", "c", "d"]);
    expect(removed).toEqual(["a"]);
  });

  it("lets the newest stay, however large, and what was used after it", () => {
    const kept = new Map([
      ["a", 1],
      ["b", 500],
      ["c", 1],
    ]);
    makeRoom(kept, { most: 100, newest: "b", bytesOf });
    expect([...kept.keys()]).toEqual(["b", "c"]);
  });

  it("weighs entries as they are now", () => {
    const kept = new Map([
      ["a", { bytes: 10 }],
      ["b", { bytes: 10 }],
    ]);
    const room = { most: 100, newest: "b", bytesOf: ({ bytes }: { bytes: number }) => bytes };
    makeRoom(kept, room);
    expect(kept.size).toBe(2);
    const grown = kept.get("a");
    if (grown !== undefined) grown.bytes = 95;
    makeRoom(kept, room);
    expect([...kept.keys()]).toEqual(["b"]);
  });
});
