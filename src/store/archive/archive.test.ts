import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { placeCalls } from "../../../scripts/bench/archived-calls.ts";
import { makeVariedTree } from "../../../scripts/bench/trees.ts";
import { longestChain } from "../../../tests/support/s3-server.ts";
import { findCall } from "../../call/index.ts";
import { DAY_MS } from "../../lib/time.ts";
import { finishedName } from "../format/files.ts";
import { openTraceReader, takenDays } from "../index.ts";
import { type ArchivedWorld, archivedWorld, TODAY } from "../testing/archived.ts";
import { naiveFind, putFiles, tempFolder } from "../testing/temp-store.ts";
import { daysOfId } from "./key-places.ts";
import { keysOfLine } from "./line-keys.ts";

const filesOf = (dir: string): string[] =>
  readdirSync(join(dir, "0367"))
    .filter((name) => !name.startsWith("."))
    .sort();

/** Every key of every line of an enterprise's files, each with those of the lines it shares. */
const keysIn = (dir: string): string[][] => {
  const lines = filesOf(dir).flatMap((name) =>
    readFileSync(join(dir, "0367", name), "utf8").split("\n"),
  );
  return lines.map(keysOfLine).filter((keys) => keys.length > 0);
};

/** A folder that knows which days are archived, as another one does. */
const withLedgerOf = (dir: string): string => {
  const other = tempFolder();
  for (const name of ["0367.json", "complete"]) {
    const content = readFileSync(join(dir, ".archive", name));
    putFiles(other, { [`.archive/${name}`]: content });
  }
  return other;
};

/** Three days of calls: two that are finished, and a running one; twenty days later. */
const threeDays = (megabytes: number): string => {
  const dir = tempFolder();
  makeVariedTree(dir, 3, megabytes, TODAY - 20);
  return dir;
};

describe("an archive", () => {
  it("takes finished days, and retention takes them only then", async () => {
    const dir = threeDays(0.5);
    const world = archivedWorld({ dir });
    world.server.fault = () => ({ status: 500 });
    expect((await world.keeper.pass()).waitingDays).toBe(2);
    await world.store.sweep();
    expect(filesOf(dir).length).toBe(3);
    world.server.fault = () => undefined;
    expect(await world.keeper.pass()).toMatchObject({
      waitingDays: 0,
      keptBeyond: 0,
      uploadedDays: 2,
      failure: undefined,
    });
    expect(filesOf(dir)).toEqual(["events.log"]);
    expect([...world.server.objects.keys()].sort()).toEqual(
      [TODAY - 22, TODAY - 21].flatMap((day) => [
        `p/0367/${finishedName(day)}.idx`,
        `p/0367/${finishedName(day)}.zst`,
      ]),
    );
  });

  it("answers every key as the files did", async () => {
    const dir = threeDays(1);
    // Whoever asks for a call knows one of its ids.
    const asked = keysIn(dir).filter(
      (keys, index) => index % 120 === 0 && keys.some((key) => key.startsWith("id:")),
    );
    const expected = asked.map((keys) => naiveFind(dir, "0367", keys));
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    expect(filesOf(dir)).toEqual(["events.log"]);
    for (const [index, keys] of asked.entries()) {
      const { records } = await world.store.find("0367", keys);
      expect(records.map(({ raw }) => raw)).toEqual((expected[index] ?? []).map(({ raw }) => raw));
    }
    // A folder that was lost knows nothing of the archive: a unique id leads there by its time.
    const elsewhere = archivedWorld({ dir: tempFolder(), address: { kind: "folder", path: dir } });
    expect(elsewhere.archive.days("0367")).toEqual([]);
  }, 30_000);

  it("finds a call over midnight whose first day is archived and whose second is here", async () => {
    const dir = tempFolder();
    const midnight = (TODAY - 14) * DAY_MS;
    const id = `${midnight / 1000 - 60}.7`;
    const line = (at: number, event: string): string =>
      `${new Date(at).toISOString().slice(0, 23).replace("T", " ").replace(".", ",")}|AST|${event}|${id}|{"Linkedid":"${id}"}\n`;
    putFiles(dir, {
      [`0367/${finishedName(TODAY - 15)}`]: line(midnight - 60_000, "start"),
      [`0367/${finishedName(TODAY - 14)}`]: line(midnight + 60_000, "hangup"),
    });
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    expect(filesOf(dir)).toEqual([finishedName(TODAY - 14)]);
    const { records } = await world.store.find("0367", [`id:${id}`]);
    expect(records.map((record) => (record.kind === "AST" ? record.event : ""))).toEqual([
      "start",
      "hangup",
    ]);
  });

  it("finds ids that say nothing of their time, few or many of a day", async () => {
    const dir = tempFolder();
    const line = (day: number, id: string): string =>
      `${new Date(day * DAY_MS + 5000).toISOString().slice(0, 10)} 09:08:42,025|TG|delete|1|dial|2|${id}|\n`;
    // So many that the head of the index is longer than what is read at once.
    const many = Array.from({ length: 12_000 }, (_, n) => line(TODAY - 20, `many-${n}`)).join("");
    putFiles(dir, {
      [`0367/${finishedName(TODAY - 30)}`]: line(TODAY - 30, "odd-one"),
      [`0367/${finishedName(TODAY - 20)}`]: many,
    });
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    expect(filesOf(dir)).toEqual([]);
    for (const id of ["odd-one", "many-17"])
      expect((await world.store.find("0367", [`id:${id}`])).records.length).toBe(1);
    expect((await world.store.find("0367", ["id:nobody"])).records).toEqual([]);
  });

  it("finds calls that share an id with half a day, and everything that bears it", async () => {
    const dir = tempFolder();
    const at = (TODAY - 20) * DAY_MS;
    const stamp = new Date(at).toISOString().slice(0, 10);
    const line = (n: number): string =>
      `${stamp} 00:00:0${n % 10},025|AST|hangup|${at / 1000 + 5}.${n}|{"Linkedid":"${at / 1000}.1","Pad":"${String(n).repeat(60)}"}\n`;
    const lines = Array.from({ length: 3000 }, (_, n) => line(n + 10)).join("");
    putFiles(dir, { [`0367/${finishedName(TODAY - 20)}`]: lines });
    const asked = [
      [`id:${at / 1000 + 5}.700`],
      [`id:${at / 1000 + 5}.700`, `id:${at / 1000}.1`],
      [`id:${at / 1000 + 5}.1700`],
    ];
    const expected = asked.map((keys) => naiveFind(dir, "0367", keys).map(({ raw }) => raw));
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    for (const [index, keys] of asked.entries()) {
      const { records } = await world.store.find("0367", keys);
      expect(records.map(({ raw }) => raw)).toEqual(expected[index] ?? []);
    }
  });

  it("counts archived days among those with records: no history is written over them", async () => {
    const dir = threeDays(0.1);
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    expect((await takenDays(dir, "0367")).map(({ day }) => day)).toEqual([
      TODAY - 22,
      TODAY - 21,
      TODAY - 20,
    ]);
  });

  it("asks nothing of the archive for what is here", async () => {
    const dir = tempFolder();
    makeVariedTree(dir, 3, 0.3, TODAY);
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    const before = world.server.requests.length;
    for (const keys of keysIn(dir).slice(0, 20)) await world.store.find("0367", keys);
    expect(world.server.requests.length).toBe(before);
  });

  it("learns of days that were put there by another folder", async () => {
    const dir = threeDays(0.3);
    const isOfFirstDay = (key: string): boolean => daysOfId(key.slice(3))[0] === TODAY - 22;
    const keys = keysIn(dir).find((keys) => keys.some(isOfFirstDay)) ?? [];
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    world.server.objects.set("p/0367/notes.txt", new Uint8Array(3));
    const lost = archivedWorld({
      dir: tempFolder(),
      env: world.server.env,
      address: { kind: "s3", bucket: "calls", prefix: "p" },
    });
    // Before it has looked, the time in a unique id leads to the day.
    expect((await lost.store.find("0367", keys)).records.length).toBeGreaterThan(0);
    expect(await lost.keeper.pass()).toMatchObject({ failure: undefined, foreign: 1 });
    expect(lost.archive.days("0367").map(({ name }) => name)).toEqual([
      finishedName(TODAY - 22),
      finishedName(TODAY - 21),
    ]);
    expect((await lost.store.find("0367", keys)).records.length).toBeGreaterThan(0);
  });
});

describe("a call of an archived day", () => {
  it("has the records that came days late with hundreds of others", async () => {
    const dir = tempFolder();
    const noon = (TODAY - 30) * DAY_MS + DAY_MS / 2;
    const idOf = (call: number): string => `${noon / 1000 + call}.${call}`;
    const line = (at: number, call: number, event: string): string =>
      `${new Date(at).toISOString().slice(0, 23).replace("T", " ").replace(".", ",")}|AST|${event}|${idOf(call)}|{"UniqueId":"${idOf(call)}"}\n`;
    const calls = Array.from({ length: 600 }, (_, call) => call);
    const onTime = calls.map((call) => line(noon + call * 1000, call, "start"));
    const late = calls.map((call) => line(noon + 3 * DAY_MS + call, call, "hangup"));
    putFiles(dir, {
      [`0367/${finishedName(TODAY - 30)}`]: onTime.join(""),
      [`0367/${finishedName(TODAY - 27)}`]: late.join(""),
    });
    const world = archivedWorld({ dir });
    await world.keeper.pass();
    expect(filesOf(dir)).toEqual([]);
    for (const call of [0, 599])
      expect((await world.store.find("0367", [`id:${idOf(call)}`])).records.length).toBe(2);
  });

  /** Days as they are known to be there, and nothing else: no memory, no cache. */
  const opener = (world: ArchivedWorld, dir: string) => {
    const options = { enterprise: "0367", now: TODAY * DAY_MS, callTimeoutMs: 4 * 3_600_000 };
    /** Opens a call, and holds what that costs to the limits: requests behind one another, and bytes. */
    const openAnew = async (id: string) => {
      const archive = world.openAgain({ dir: withLedgerOf(dir) });
      const reader = openTraceReader(dir, archive);
      world.server.requests.length = 0;
      const found = await findCall((keys) => reader.find("0367", keys), id, options);
      const { requests } = world.server;
      expect(longestChain(requests)).toBeLessThanOrEqual(5);
      expect(requests.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(1_000_000);
      return { found, reader, requests: requests.length };
    };
    const openHere = (id: string) =>
      findCall((keys) => openTraceReader(dir).find("0367", keys), id, options);
    const openOnceMore = async (reader: ReturnType<typeof openTraceReader>, id: string) => {
      world.server.requests.length = 0;
      await findCall((keys) => reader.find("0367", keys), id, options);
      return world.server.requests.length;
    };
    return { openAnew, openHere, openOnceMore };
  };
  const linesOf = (call: Awaited<ReturnType<typeof findCall>>): string[] =>
    call?.records.map(({ raw }) => raw) ?? [];

  it("costs five requests behind one another and 1 MB, and none when it is opened again", async () => {
    const dir = threeDays(8);
    const world = archivedWorld({ dir });
    const { openAnew, openHere, openOnceMore } = opener(world, dir);
    const ids = new Set(
      keysIn(dir)
        .flat()
        .filter((key) => key.startsWith("id:"))
        .map((key) => key.slice(3)),
    );
    const sample = [...ids].filter((_, index) => index % 157 === 0).slice(0, 40);
    const before = await Promise.all(sample.map(openHere));
    await world.keeper.pass();
    expect(filesOf(dir)).toEqual(["events.log"]);
    world.server.roundTripMs = 30;
    let mostIds = 0;
    for (const [index, id] of sample.entries()) {
      const { found, reader } = await openAnew(id);
      expect(linesOf(found)).toEqual(linesOf(before[index]));
      mostIds = Math.max(mostIds, found?.call.uniqueIds.length ?? 0);
      expect(await openOnceMore(reader, id)).toBe(0);
    }
    expect(mostIds).toBeGreaterThanOrEqual(8);
  }, 60_000);

  it("costs no more where it went on over midnight, or a record of it came days late", async () => {
    const dir = tempFolder();
    makeVariedTree(dir, 4, 2, TODAY - 20);
    const placed = placeCalls(join(dir, "0367"), TODAY - 23, 5);
    const world = archivedWorld({ dir });
    const { openAnew, openHere } = opener(world, dir);
    const ids = [...placed.overMidnight, ...placed.late];
    const before = await Promise.all(ids.map(openHere));
    await world.keeper.pass();
    expect(filesOf(dir)).toEqual(["events.log"]);
    world.server.roundTripMs = 30;
    for (const [index, id] of ids.entries()) {
      const { found, requests } = await openAnew(id);
      expect(found?.records.length).toBe(3);
      expect(linesOf(found)).toEqual(linesOf(before[index]));
      expect(requests).toBeGreaterThan(0);
    }
  }, 30_000);
});
