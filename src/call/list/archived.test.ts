// The list over days that are in the archive alone, against the same list over the files.

import { describe, expect, it, onTestFinished } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeVariedTree } from "../../../scripts/bench/trees.ts";
import { longestChain } from "../../../tests/support/s3-server.ts";
import { silentLog } from "../../lib/log.ts";
import { DAY_MS, HOUR_MS } from "../../lib/time.ts";
import { formatDay, formatStamp } from "../../store/format/stamp.ts";
import { ArchiveError } from "../../store/index.ts";
import { archivedWorld, keeperOf, TODAY } from "../../store/testing/archived.ts";
import { putFiles, tempFolder } from "../../store/testing/temp-store.ts";
import type { CallQuery, CallRow } from "./index.ts";
import { type HistoryOptions, type OpenHistory, openHistory } from "./index.ts";

const FIRST = TODAY - 23;

const open = (options: Pick<HistoryOptions, "dir" | "clock"> & Partial<HistoryOptions>) => {
  const history = openHistory({ callTimeoutMs: 4 * HOUR_MS, log: silentLog, ...options });
  onTestFinished(() => history.close());
  return history;
};

const rules = { windowMs: 72 * HOUR_MS, minWaitMs: 0, country: undefined };

const all = async (history: OpenHistory, query: CallQuery, limit = 40): Promise<CallRow[]> => {
  const rows: CallRow[] = [];
  let before: Parameters<OpenHistory["calls"]>[2]["before"];
  for (;;) {
    const page = await history.calls("0367", query, {
      limit,
      follow: rules,
      ...(before === undefined ? {} : { before }),
    });
    expect(page.isComplete).toBe(true);
    rows.push(...page.rows);
    if (page.next === undefined) return rows;
    before = page.next;
  }
};

const QUERIES: readonly [name: string, query: CallQuery][] = [
  ["everything", {}],
  ["a number", { number: "5305942" }],
  ["an extension", { extension: "151" }],
  ["missed calls", { statuses: ["missed"], directions: ["incoming"] }],
  ["a day", { from: (FIRST + 1) * DAY_MS, to: (FIRST + 2) * DAY_MS }],
  ["the hours around a midnight", { from: (FIRST + 1.9) * DAY_MS, to: (FIRST + 2.1) * DAY_MS }],
];

/** Puts a call over the midnight after a day into its files: rung before, missed after. */
const callOverMidnight = (dir: string, day: number): void => {
  const midnight = (day + 1) * DAY_MS;
  const id = `${midnight / 1000 - 20}.900${day}`;
  const line = (at: number, event: string, body: object): string =>
    `${formatStamp(at)}|AST|${event}|${id}|${JSON.stringify({ UniqueId: id, CallType: 0, Phone: "375291112299", ...body })}\n`;
  const pathOf = (of: number): string =>
    join(dir, "0367", of === FIRST + 3 ? "events.log" : `events.log.${formatDay(of)}`);
  const before =
    line(midnight - 20_000, "start", {}) + line(midnight - 19_000, "dial", { Extensions: ["151"] });
  writeFileSync(pathOf(day), readFileSync(pathOf(day), "utf8") + before);
  const after = line(midnight + 9000, "hangup", { CallStatus: "0", Extensions: [""] });
  writeFileSync(pathOf(day + 1), after + readFileSync(pathOf(day + 1), "utf8"));
};

/** Four days of calls: three in the archive alone, and the running one. */
const archivedDays = async () => {
  const dir = tempFolder();
  makeVariedTree(dir, 4, 0.3, FIRST + 3);
  // Between two archived days, and between an archived and a local one.
  for (const day of [FIRST, FIRST + 2]) callOverMidnight(dir, day);
  const world = archivedWorld({ dir });
  const { clock } = world;
  const files = open({ dir, clock, isReadOnly: true });
  const expected = new Map<string, CallRow[]>();
  for (const [name, query] of QUERIES) expected.set(name, await all(files, query));
  const maker = open({ dir, clock });
  const keeper = keeperOf(world, {
    tableOf: (enterprise, name) => maker.tableOf(enterprise, name),
  });
  expect(await keeper.pass()).toMatchObject({ failure: undefined, waitingDays: 0, keptBeyond: 0 });
  return { ...world, expected };
};

describe("the list over archived days", () => {
  it("is what it was over the files, page by page, whatever is asked for", async () => {
    const { dir, clock, openAgain, expected } = await archivedDays();
    const history = open({ dir, clock, archive: openAgain() });
    await all(history, {});
    await history.idle();
    for (const [name, query] of QUERIES) {
      const rows = await all(history, query);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows).toEqual(expected.get(name) ?? []);
      if (name === "everything")
        expect(rows.filter(({ phone }) => phone === "375291112299").length).toBe(2);
    }
  }, 30_000);

  it("goes on where its time was over, without a gap or a row twice", async () => {
    const { dir, clock, openAgain, expected } = await archivedDays();
    for (const [name, query] of QUERIES) {
      const history = open({ dir, clock, archive: openAgain(), archiveMs: 0 });
      await history.calls("0367", {}, { limit: 1 });
      await history.idle();
      const rows = await all(history, query, 500);
      expect(rows.map(({ uniqueId }) => uniqueId)).toEqual(
        (expected.get(name) ?? []).map(({ uniqueId }) => uniqueId),
      );
    }
  }, 30_000);

  it("fills a page from many small days in a few round trips, and reads little beyond it", async () => {
    const dir = tempFolder();
    const DAYS = 40;
    const files = Array.from({ length: DAYS }, (_, index) => {
      const lines = [9, 15].map((hour) => {
        const at = (TODAY - 20 - index) * DAY_MS + hour * HOUR_MS;
        const line = (ms: number, event: string, body: object): string =>
          `${formatStamp(at + ms)}|AST|${event}|${at / 1000}.1|${JSON.stringify({ UniqueId: `${at / 1000}.1`, CallType: 0, Phone: `37529111${1000 + index}`, ...body })}\n`;
        return line(0, "start", {}) + line(9000, "hangup", { CallStatus: "0", Extensions: [""] });
      });
      return [`0367/events.log.${formatDay(TODAY - 20 - index)}`, lines.join("")] as const;
    });
    putFiles(dir, Object.fromEntries(files));
    const world = archivedWorld({ dir });
    const { clock, server, openAgain } = world;
    const maker = open({ dir, clock });
    const keeper = keeperOf(world, {
      tableOf: (enterprise, name) => maker.tableOf(enterprise, name),
    });
    expect(await keeper.pass()).toMatchObject({ failure: undefined, keptBeyond: 0 });
    // Nothing of the archive but the list of its days.
    rmSync(join(dir, ".archive/cache"), { recursive: true, force: true });
    server.roundTripMs = 30;
    for (const [limit, rounds] of [
      [20, 5],
      [50, 8],
    ] as const) {
      const history = open({ dir, clock, archive: openAgain({ cacheBytes: 0 }) });
      server.requests.length = 0;
      const { rows } = await history.calls("0367", {}, { limit, follow: rules });
      expect(rows.length).toBe(limit);
      expect(longestChain(server.requests)).toBeLessThanOrEqual(rounds);
      // Of a day at most three parts, and of days at most a stride too many.
      expect(server.requests.length).toBeLessThanOrEqual(3 * (limit / 2 + 16));
    }
  });

  it("reads no day of the archive that is later than what is asked for", async () => {
    const { dir, clock, openAgain, server } = await archivedDays();
    const history = open({ dir, clock, isReadOnly: true, archive: openAgain() });
    server.requests.length = 0;
    const query = { from: FIRST * DAY_MS, to: (FIRST + 0.5) * DAY_MS };
    expect((await history.calls("0367", query, { limit: 100 })).rows.length).toBeGreaterThan(0);
    const asked = new Set(server.requests.map(({ key }) => key.slice(-16, -6)));
    expect(asked.has(new Date((FIRST + 2) * DAY_MS).toISOString().slice(0, 10))).toBe(false);
  });

  it("gives what is here while the archive is away, and says so behind that", async () => {
    const { dir, clock, openAgain, server } = await archivedDays();
    const history = open({ dir, clock, archive: openAgain(), isReadOnly: true });
    server.fault = () => ({ status: 503 });
    const page = await history.calls("0367", {}, { limit: 100_000 });
    expect(page.rows.length).toBeGreaterThan(0);
    expect(page.next).toBeDefined();
    const before = page.next ?? { startedAt: 0, uniqueId: "" };
    const older = history.calls("0367", {}, { limit: 10, before });
    await expect(older).rejects.toBeInstanceOf(ArchiveError);
  });
});
