// What is kept beside the files, and what becomes of the list when files and lists are damaged, changed, removed, made
// by others, or not there yet.

import { describe, expect, it } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openTraceStore } from "../../src/store/index.ts";
import { inTempDir } from "../support/temp-dir.ts";
import {
  allRows,
  appendEvents,
  DAY_MS,
  ENTERPRISE,
  lineOf,
  MIDNIGHT,
  open,
  type Posted,
  plainCall,
  slowRows,
  writeDays,
} from "./days.ts";

const NOW = MIDNIGHT + DAY_MS - 60_000;
const YESTERDAY = "events.log.2026-11-20";
const SIDE = `.${YESTERDAY}.calls`;

/** Some calls yesterday and today, a few minutes apart. */
const twoDays = (): Posted[] =>
  Array.from({ length: 60 }, (_, call) =>
    plainCall(MIDNIGHT - DAY_MS / 2 + call * 30 * 60_000, `${1795100000 + call}.${call}`),
  ).flat();

const namesIn = (dir: string): string[] => readdirSync(join(dir, ENTERPRISE)).sort();
const sidesIn = (dir: string): string[] => namesIn(dir).filter((name) => name.includes(".calls"));

/** Lists everything in a process of its own, as far as files are concerned, and compares it with the slow way. */
const expectRight = async (dir: string, more: object = {}): Promise<void> => {
  const list = open(dir, NOW, more);
  expect(await allRows(list)).toEqual(await slowRows(dir, NOW));
  await list.idle();
  await list.close();
};

describe("the lists beside the days", () => {
  it("are made, begin with a dot, are few enough to read, and are used", () =>
    inTempDir(async (dir) => {
      writeDays(dir, twoDays(), NOW);
      await expectRight(dir);
      expect(sidesIn(dir)).toEqual([SIDE, ".events.log.calls"]);
      expect(statSync(join(dir, ENTERPRISE, SIDE)).mode & 0o007).toBe(0);
      // With other rows in the list, the list is what is shown: it was not made again.
      const path = join(dir, ENTERPRISE, YESTERDAY);
      const { atimeMs, mtimeMs, size } = statSync(path);
      const text = readFileSync(path, "utf8");
      const middle = Math.floor(size / 2);
      const at = text.indexOf("375291110022", middle);
      writeFileSync(path, `${text.slice(0, at)}375291119999${text.slice(at + 12)}`);
      utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
      const list = open(dir, NOW, { isReadOnly: true });
      const isTouched = statSync(path).mtimeMs !== mtimeMs;
      const found = await list.calls(ENTERPRISE, { number: "375291119999" }, { limit: 5 });
      expect(found.rows).toHaveLength(isTouched ? 1 : 0);
      await list.close();
    }));

  const damages: readonly [what: string, damage: (path: string) => void][] = [
    ["cut off by a crash", (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ["empty", (path) => truncateSync(path, 0)],
    ["of a header alone", (path) => truncateSync(path, 64)],
    ["of another program", (path) => writeFileSync(path, "something else\n".repeat(100))],
    [
      "changed in one place",
      (path) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 0x55;
        writeFileSync(path, bytes);
      },
    ],
    ["removed", (path) => rmSync(path)],
  ];
  for (const [what, damage] of damages) {
    it(`are made again where one is ${what}`, () =>
      inTempDir(async (dir) => {
        writeDays(dir, twoDays(), NOW);
        await expectRight(dir);
        const whole = readFileSync(join(dir, ENTERPRISE, SIDE));
        damage(join(dir, ENTERPRISE, SIDE));
        damage(join(dir, ENTERPRISE, ".events.log.calls"));
        await expectRight(dir, { isReadOnly: true });
        await expectRight(dir);
        expect(readFileSync(join(dir, ENTERPRISE, SIDE)).equals(whole)).toBe(true);
      }));
  }

  it("are thrown away when their day changes, also while it is in memory", () =>
    inTempDir(async (dir) => {
      writeDays(dir, twoDays(), NOW);
      const list = open(dir, NOW);
      await allRows(list);
      await list.idle();
      appendEvents(dir, plainCall(MIDNIGHT - 60_000, "1795199999.1"), YESTERDAY);
      expect(await allRows(list)).toEqual(await slowRows(dir, NOW));
      await list.close();
      await expectRight(dir);
    }));

  it("are thrown away when the day before changes: a call may have begun there", () =>
    inTempDir(async (dir) => {
      const crossing = plainCall(MIDNIGHT - 10_000, "1795199999.1");
      writeDays(dir, [...crossing, ...plainCall(NOW - 60_000, "1795200000.2")], NOW);
      const folder = join(dir, ENTERPRISE);
      renameSync(join(folder, YESTERDAY), join(folder, "away"));
      const list = open(dir, NOW);
      expect(await allRows(list)).toEqual(await slowRowsWithout(dir));
      renameSync(join(folder, "away"), join(folder, YESTERDAY));
      expect(await allRows(list)).toEqual(await slowRows(dir, NOW));
      await list.close();
      await expectRight(dir);
    }));

  it("go with their day, and leftovers of dead processes too", () =>
    inTempDir(async (dir) => {
      writeDays(dir, twoDays(), NOW);
      await expectRight(dir);
      writeFileSync(join(dir, ENTERPRISE, `${SIDE}.999999.tmp`), "half");
      writeFileSync(join(dir, ENTERPRISE, ".events.log.calls.999999.tmp"), "half");
      const store = openTraceStore({ dir, clock: { now: () => NOW + DAY_MS }, retentionDays: 1 });
      await store.sweep();
      await store.close();
      expect(namesIn(dir)).toEqual([".events.log.calls", "events.log"]);
    }));

  it("are not written by a reader that only looks, nor missed where they cannot be", () =>
    inTempDir(async (dir) => {
      writeDays(dir, twoDays(), NOW);
      await expectRight(dir, { isReadOnly: true });
      expect(sidesIn(dir)).toEqual([]);
      // A name that is taken by a folder cannot be replaced by a file.
      mkdirSync(join(dir, ENTERPRISE, SIDE, "x"), { recursive: true });
      await expectRight(dir);
    }));

  it("may be made by several at once", () =>
    inTempDir(async (dir) => {
      writeDays(dir, twoDays(), NOW);
      const lists = Array.from({ length: 4 }, () => open(dir, NOW));
      const expected = await slowRows(dir, NOW);
      for (const rows of await Promise.all(lists.map((list) => allRows(list)))) {
        expect(rows).toEqual(expected);
      }
      await Promise.all(lists.map((list) => list.close()));
      await expectRight(dir, { isReadOnly: true });
    }));
});

/** The slow way while the day before is away: its name is none of ours then. */
const slowRowsWithout = (dir: string) => {
  const folder = join(dir, ENTERPRISE);
  const text = readFileSync(join(folder, "away"), "utf8");
  rmSync(join(folder, "away"));
  const rows = slowRows(dir, NOW);
  return rows.finally(() => writeFileSync(join(folder, "away"), text));
};

describe("files as they are", () => {
  it("of older writers are read, lines that cannot be read cost themselves", () =>
    inTempDir(async (dir) => {
      writeDays(dir, twoDays(), NOW);
      const folder = join(dir, ENTERPRISE);
      renameSync(join(folder, YESTERDAY), join(folder, "events_2026-11-20.log"));
      const old = plainCall(MIDNIGHT - 30 * 60_000, "1795199000.7").map((event) =>
        lineOf(event).replace("|AST|", "|"),
      );
      const broken = ["", "no line", `2026-11-20 23:59:59,000|AST|dial|1.2|{"torn`, "\u0000\u0000"];
      appendFileSync(join(folder, "events_2026-11-20.log"), [...broken, ...old].join("\r\n"));
      appendFileSync(join(folder, "events.log"), `${"x".repeat(3 * 1024 * 1024)}\n`);
      appendEvents(dir, plainCall(NOW - 60_000, "1795200000.9"));
      const list = open(dir, NOW, { isReadOnly: true });
      const rows = await allRows(list);
      expect(rows).toHaveLength(62);
      expect(rows.map(({ uniqueId }) => uniqueId)).toContain("1795199000.7");
      await list.close();
    }));

  it("that are not there make an empty list, whoever asks", () =>
    inTempDir(async (dir) => {
      const list = open(dir, NOW);
      const empty = { rows: [], next: undefined, isComplete: true };
      expect(await list.calls(ENTERPRISE, {}, { limit: 5 })).toEqual(empty);
      expect(await list.calls("../etc", {}, { limit: 5 })).toEqual(empty);
      writeDays(dir, twoDays(), NOW);
      expect((await list.calls(ENTERPRISE, {}, { limit: 5 })).rows).toHaveLength(5);
      rmSync(join(dir, ENTERPRISE), { recursive: true });
      expect(await list.calls(ENTERPRISE, {}, { limit: 5 })).toEqual(empty);
      expect((await list.summary(ENTERPRISE, MIDNIGHT, NOW)).calls).toBe(0);
      writeDays(dir, plainCall(NOW - 60_000, "1795200000.9"), NOW);
      expect((await list.calls(ENTERPRISE, {}, { limit: 5 })).rows).toHaveLength(1);
      await list.close();
    }));

  it("that were cut and filled anew are another day", () =>
    inTempDir(async (dir) => {
      writeDays(dir, twoDays(), NOW);
      const list = open(dir, NOW);
      await allRows(list);
      const path = join(dir, ENTERPRISE, "events.log");
      const other = plainCall(MIDNIGHT + 60_000, "1795220000.1")
        .map(lineOf)
        .join("\n");
      const { size } = statSync(path);
      truncateSync(path, 0);
      appendFileSync(path, `${`${other}\n`.repeat(Math.ceil((size * 2) / other.length))}`);
      expect(await allRows(list)).toEqual(await slowRows(dir, NOW));
      await list.close();
    }));

  it("whose last line is still being written are read up to it", () =>
    inTempDir(async (dir) => {
      writeDays(dir, plainCall(NOW - 60_000, "1795200000.1"), NOW);
      const path = join(dir, ENTERPRISE, "events.log");
      const list = open(dir, NOW);
      await allRows(list);
      const lines = `${plainCall(NOW - 30_000, "1795200000.2")
        .map(lineOf)
        .join("\n")}\n`;
      for (let at = 0; at < lines.length; at += 97) {
        appendFileSync(path, lines.slice(at, at + 97));
        expect((await allRows(list)).length).toBeLessThanOrEqual(2);
      }
      expect(await allRows(list)).toEqual(await slowRows(dir, NOW));
      await list.close();
    }));
});

describe("bridges and ids that many calls share", () => {
  const parked = (call: number): Posted[] => {
    const at = MIDNIGHT + call * 10_000;
    const id = `${1795200000 + call * 10}.${call}`;
    const [start, dial, bridge, leave, hangup] = plainCall(at, id) as [
      Posted,
      Posted,
      Posted,
      Posted,
      Posted,
    ];
    const lot = {
      BridgeUniqueid: "parking",
      BridgeTechnology: "holding_bridge",
      Channel: `PJSIP/T1-${call}`,
    };
    return [
      start,
      dial,
      bridge,
      leave,
      { at: leave.at + 10, event: "bridge", body: { ...leave.body, ...lot } },
      { at: leave.at + 50, event: "bridge_leave", body: { ...leave.body, ...lot } },
      hangup,
    ];
  };

  it(
    "a parking place through which 5000 calls went ties none, and costs no more for the last than for the first",
    () =>
      inTempDir(async (dir) => {
        const calls = Array.from({ length: 5000 }, (_, call) => parked(call));
        writeDays(dir, calls.slice(0, 4990).flat(), NOW);
        const list = open(dir, NOW, { isReadOnly: true });
        const page = await list.calls(ENTERPRISE, {}, { limit: 10_000 });
        expect(page.rows).toHaveLength(4990);
        expect(new Set(page.rows.map(({ uniqueId }) => uniqueId)).size).toBe(4990);
        for (const call of calls.slice(4990)) {
          appendEvents(dir, call);
          const { rows } = await list.calls(ENTERPRISE, {}, { limit: 1 });
          expect(rows[0]).toMatchObject({
            uniqueId: call[0]?.body["UniqueId"],
            status: "answered",
          });
        }
        await list.close();
      }),
    60_000,
  );

  it("an ordinary bridge id that every call bears does not make the day one call", () =>
    inTempDir(async (dir) => {
      const events = Array.from({ length: 1000 }, (_, call) =>
        plainCall(MIDNIGHT + call * 60_000, `${1795200000 + call * 60}.${call}`, {
          bridge: "same",
        }),
      ).flat();
      writeDays(dir, events, NOW);
      const list = open(dir, NOW, { isReadOnly: true });
      const { rows } = await list.calls(ENTERPRISE, {}, { limit: 2000 });
      expect(rows).toHaveLength(1000);
      await list.close();
    }));

  it("an id that comes again after a restart is another call", () =>
    inTempDir(async (dir) => {
      const events = [0, 5, 11, 17].flatMap((hour) =>
        plainCall(MIDNIGHT - DAY_MS / 2 + hour * 3_600_000, "12.7", { bridge: `b${hour}` }),
      );
      writeDays(dir, events, NOW);
      const list = open(dir, NOW);
      const rows = await allRows(list);
      expect(rows.map(({ startedAt }) => startedAt)).toEqual(
        [17, 11, 5, 0].map((hour) => MIDNIGHT - DAY_MS / 2 + hour * 3_600_000),
      );
      await list.close();
    }));
});

describe("a day that has not been read yet", () => {
  it(
    "shows its newest calls at once, says that there are more, and has them a moment later",
    () =>
      inTempDir(async (dir) => {
        const events = Array.from({ length: 4000 }, (_, call) =>
          plainCall(MIDNIGHT - DAY_MS / 2 + call * 30_000, `${1795150000 + call}.${call}`),
        ).flat();
        writeDays(dir, events, NOW);
        expect(statSync(join(dir, ENTERPRISE, "events.log")).size).toBeGreaterThan(2 * 1024 * 1024);
        const list = open(dir, NOW);
        const first = await list.calls(ENTERPRISE, {}, { limit: 50 });
        expect(first.isComplete).toBe(false);
        expect(first.rows.map(({ uniqueId }) => uniqueId)).toEqual(
          Array.from({ length: 50 }, (_, place) => `${1795150000 + 3999 - place}.${3999 - place}`),
        );
        expect(first.next).toEqual({
          startedAt: first.rows[49]?.startedAt ?? 0,
          uniqueId: first.rows[49]?.uniqueId ?? "",
        });
        const missing = await list.calls(ENTERPRISE, { number: "000999000" }, { limit: 50 });
        expect(missing).toMatchObject({ rows: [], isComplete: false });
        await list.idle();
        const second = await list.calls(ENTERPRISE, {}, { limit: 50 });
        expect(second).toEqual({ ...first, isComplete: true });
        expect(await allRows(list, {}, 500)).toHaveLength(4000);
        await list.close();
        expect(existsSync(join(dir, ENTERPRISE, SIDE))).toBe(true);
        // Another process goes on from what this one kept.
        appendEvents(dir, plainCall(NOW - 60_000, "1795299999.1"));
        const other = open(dir, NOW, { isReadOnly: true });
        expect(await allRows(other, {}, 500)).toHaveLength(4001);
        await other.close();
      }),
    60_000,
  );
});
