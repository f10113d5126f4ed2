// Where the rows of the list are kept: in columns beside each day, or in a SQLite file an enterprise. Both get the same rows
// and answer the same questions, and the answers are compared. What it takes to read the days and to assemble their calls
// is the same for both and not counted.

import { Database } from "bun:sqlite";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallQuery, CallRow } from "../../src/call/list/index.ts";
import { codeOf, encodeEntry } from "../../src/call/list/row.ts";
import { buildTable, cellOf, sortCells, tableSections } from "../../src/call/list/table.ts";
import { dayOf, formatDay } from "../../src/store/format/stamp.ts";
import { writeSide } from "../../src/store/index.ts";
import { openLists } from "./lists.ts";
import { percentile, table } from "./machine.ts";
import { makeTree } from "./trees.ts";

const ENTERPRISE = "0367";
const DAY_MS = 86_400_000;
const LIMIT = 50;
const RUNS = 20;
const MISSED = ["missed"] as const;

const cpuOf = async (work: () => Promise<void> | void): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** Makes the columns of each day as they are kept beside it. */
const makeColumns = async (folder: string, byDay: ReadonlyMap<number, readonly CallRow[]>) => {
  mkdirSync(folder, { recursive: true });
  for (const [day, rows] of byDay) {
    const cells = sortCells(rows.map((row, index) => cellOf({ row }, index)));
    const { columns, texts } = await tableSections(
      await buildTable(cells, () => undefined),
      Buffer.alloc(0),
    );
    const about = { covered: 0, proof: 0, mtimeMs: 0 };
    const content = { meta: {}, sections: [...columns, texts] };
    await writeSide(folder, formatDay(day), about, content);
  }
};

const makeDatabase = (path: string, rows: readonly CallRow[]): Database => {
  const base = new Database(path, { create: true, strict: true });
  base.run("PRAGMA journal_mode = WAL");
  base.run("PRAGMA synchronous = OFF");
  base.run(
    "CREATE TABLE calls (started INTEGER, id TEXT, code INTEGER, wait INTEGER, talk INTEGER, phone TEXT, " +
      "name TEXT, text TEXT, PRIMARY KEY (started DESC, id DESC)) WITHOUT ROWID",
  );
  base.run(
    "CREATE TABLE extensions (extension TEXT, started INTEGER, id TEXT, " +
      "PRIMARY KEY (extension, started DESC, id DESC)) WITHOUT ROWID",
  );
  const call = base.prepare("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const extension = base.prepare("INSERT OR IGNORE INTO extensions VALUES (?, ?, ?)");
  base.transaction(() => {
    for (const row of rows) {
      const { startedAt, uniqueId, waitMs, talkMs } = row;
      const { code, phone, name } = cellOf({ row }, 0);
      const text = encodeEntry({ row });
      call.run(startedAt, uniqueId, code, waitMs, talkMs, phone.slice(1), name.slice(1), text);
      for (const number of [...row.extensions, ...row.answeredBy])
        extension.run(number, startedAt, uniqueId);
    }
  })();
  return base;
};

const bytesIn = (folder: string): number =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

type Question = {
  readonly name: string;
  readonly query: CallQuery;
  readonly sql: string;
  readonly values: readonly (string | number)[];
};

const questionsOf = (days: readonly number[]): Question[] => {
  const old = (days[1] ?? 0) * DAY_MS;
  const codes = codeOf({ direction: "incoming", status: "missed" });
  const all = "SELECT id FROM calls";
  const end = `ORDER BY started DESC, id DESC LIMIT ${LIMIT}`;
  return [
    { name: "first page", query: {}, sql: `${all} ${end}`, values: [] },
    {
      name: "a day long ago",
      query: { from: old, to: old + DAY_MS },
      sql: `${all} WHERE started >= ? AND started < ? ${end}`,
      values: [old, old + DAY_MS],
    },
    {
      name: "an extension",
      query: { extension: "151" },
      sql: `SELECT calls.id FROM extensions JOIN calls USING (started, id) WHERE extension = ?
            ORDER BY extensions.started DESC, extensions.id DESC LIMIT ${LIMIT}`,
      values: ["151"],
    },
    {
      name: "a number that is nowhere",
      query: { number: "999000111222" },
      sql: `${all} WHERE phone LIKE ? ${end}`,
      values: ["%999000111222%"],
    },
    {
      name: "a name that is nowhere",
      query: { name: ["zzyzx"] },
      sql: `${all} WHERE name LIKE ? ${end}`,
      values: ["%zzyzx%"],
    },
    {
      name: "missed, incoming (none)",
      query: { statuses: MISSED, directions: ["incoming"] },
      sql: `${all} WHERE code = ? ${end}`,
      values: [codes],
    },
  ];
};

/** Compares the two designs over `files` days of `megabytes` each. */
export const benchDesigns = async (files = 15, megabytes = 37): Promise<string> => {
  const root = join(process.env["BENCH_DIR"] ?? tmpdir(), `calllog-bench-designs-${process.pid}`);
  const dir = join(root, "call_tracer");
  mkdirSync(root, { recursive: true });
  const today = dayOf(Date.now());
  const tree = makeTree(dir, files, megabytes, today);
  const { trace, history } = openLists(dir, today);
  try {
    await history.calls(ENTERPRISE, {}, { limit: LIMIT });
    await history.idle();
    const { rows } = await history.calls(ENTERPRISE, {}, { limit: files * tree.calls });
    if (rows.length !== files * tree.calls) throw new Error(`${rows.length} calls in the list`);
    const plain = rows.map(({ followUp: _, returns: __, ...row }) => row);
    const byDay = Map.groupBy(plain, ({ startedAt }) => dayOf(startedAt));
    const columns = await cpuOf(() => makeColumns(join(root, "columns"), byDay));
    mkdirSync(join(root, "sqlite"));
    let base: Database | undefined;
    const sqlite = await cpuOf(() => {
      base = makeDatabase(join(root, "sqlite", "0367.db"), plain.toReversed());
      base.run("PRAGMA wal_checkpoint(TRUNCATE)");
    });
    const lines = [
      ["made, ms of processor time", columns.toFixed(0), sqlite.toFixed(0)],
      [
        "on the disk, MB",
        (bytesIn(join(root, "columns")) / 1e6).toFixed(1),
        (bytesIn(join(root, "sqlite")) / 1e6).toFixed(1),
      ],
    ];
    for (const { name, query, sql, values } of questionsOf(tree.days)) {
      const statement = base?.prepare<{ id: string }, (string | number)[]>(sql);
      const times: { own: number[]; sql: number[] } = { own: [], sql: [] };
      for (let run = 0; run < RUNS; run += 1) {
        let began = performance.now();
        const page = await history.calls(ENTERPRISE, query, { limit: LIMIT });
        times.own.push(performance.now() - began);
        began = performance.now();
        const found = statement?.all(...values) ?? [];
        times.sql.push(performance.now() - began);
        const [mine, theirs] = [
          page.rows.map(({ uniqueId }) => uniqueId),
          found.map(({ id }) => id),
        ];
        if (mine.join() !== theirs.join()) throw new Error(`${name}: the answers differ`);
      }
      lines.push([
        `${name}, ms`,
        ...[times.own, times.sql].map((own) => percentile(own, 0.5).toFixed(2)),
      ]);
    }
    base?.close();
    const head = [`${rows.length} calls of ${files} days`, "columns beside each day", "SQLite"];
    return table(head, lines);
  } finally {
    await history.close();
    await trace.close();
    rmSync(root, { recursive: true, force: true });
  }
};

if (import.meta.main) console.log(await benchDesigns(4, 37));
