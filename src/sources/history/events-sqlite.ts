// The call events of a history, put aside on the disk and given back day by day. All events of a call are of the day in which
// it began (UTC), so that a call that goes over midnight is in one file.

import type { Database } from "bun:sqlite";
import { join } from "node:path";
import { bodyText } from "../../domain/event.ts";
import { DAY_MS } from "../../lib/time.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { openScratch } from "./scratch-sqlite.ts";

const SCHEMA = `
CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  call TEXT NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL
);`;

/** Equal ids after so long a silence are another call's, in milliseconds. */
const SILENCE_MS = DAY_MS;

/** A part is what lies between two long silences of an id: one call. */
const PLACED = `
CREATE TABLE placed AS
WITH cut AS (
  SELECT id, call, at, (at - lag(at) OVER (PARTITION BY call ORDER BY at, id) > ${SILENCE_MS}) AS isCut
  FROM events
), numbered AS (
  SELECT id, call, at,
    sum(coalesce(isCut, 0)) OVER (PARTITION BY call ORDER BY at, id ROWS UNBOUNDED PRECEDING) AS part
  FROM cut
)
SELECT id, at, call || ' ' || part AS call,
  min(at) OVER (PARTITION BY call, part) / ${DAY_MS} AS day
FROM numbered;
CREATE INDEX by_day ON placed (day, at, id);`;

/** Bridges begin and end without a call: each is by itself, and counts as none. */
const NO_CALL = "bridge ";

/** Events written between two commits. */
const COMMIT_EVENTS = 50_000;

export type HistoricDay = {
  /** UTC, in days since the epoch. */
  readonly day: number;
  readonly calls: number;
};

export class StoredEvents {
  readonly #database: Database;
  readonly #insert: (call: string, at: number, event: string) => unknown;
  #count = 0;

  /** @param folder empty but for what others put there; whoever made it removes it. */
  constructor(folder: string) {
    this.#database = openScratch(join(folder, "events.db"), SCHEMA);
    const insert = this.#database.prepare("INSERT INTO events (call, at, event) VALUES (?, ?, ?)");
    this.#insert = (...values) => insert.run(...values);
    this.#database.run("BEGIN");
  }

  add(event: AgentEvent): void {
    const at = Math.round(Number(bodyText(event.body, "EventTime")) * 1000);
    const bridge = bodyText(event.body, "BridgeUniqueid");
    const call = bodyText(event.body, "UniqueId") || `${NO_CALL}${bridge}`;
    this.#insert(call, at, JSON.stringify(event));
    this.#count += 1;
    if (this.#count % COMMIT_EVENTS === 0) this.#database.run("COMMIT; BEGIN");
  }

  /** The days in which calls began, the latest first. After this nothing is added. */
  days(): HistoricDay[] {
    this.#database.run(`COMMIT; ${PLACED}`);
    const days = `SELECT day, count(DISTINCT CASE WHEN call NOT LIKE '${NO_CALL}%' THEN call END) AS calls FROM placed GROUP BY day ORDER BY day DESC`;
    return this.#database.query<HistoricDay, []>(days).all();
  }

  /** The events of the calls of a day, in the order in which they happened. */
  *of(day: number): Generator<{ readonly at: number; readonly event: AgentEvent }> {
    const ordered =
      "SELECT placed.at, event FROM placed JOIN events USING (id) WHERE day = ? ORDER BY placed.at, id";
    type Row = { readonly at: number; readonly event: string };
    for (const { at, event } of this.#database.query<Row, [number]>(ordered).iterate(day)) {
      yield { at, event: JSON.parse(event) as AgentEvent };
    }
  }

  close(): void {
    this.#database.close();
  }
}
