// A source that is stopped in the middle of a long backlog: the next one goes on, and every event is told once.

import { expect, it } from "bun:test";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "../../src/lib/log.ts";
import { createAmiMapper } from "../../src/sources/ami/index.ts";
import type { JournalBlock } from "../../src/sources/ami/types.ts";
import { CelJournal } from "../../src/sources/cel/index.ts";
import type { AgentEvent } from "../../src/sources/outbox/index.ts";
import { celText, eventsOfCel, TEN_CALLS } from "../support/cel.ts";
import { handTime } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const idsOf = (events: readonly AgentEvent[]): string[] =>
  events.map(({ body }) => String(body["EventId"]));

/** The ten calls over and over, all of a round at once, so that some are under way at every place of the file. */
const backlog = (rounds: number): string => {
  const calls = TEN_CALLS.map((name) => celText(`${name}.jsonl`).split("\n").filter(Boolean));
  const longest = Math.max(...calls.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    Array.from({ length: longest }, (_line, index) =>
      calls.flatMap((lines) => lines[index] ?? []).join("\n"),
    )
      .join("\n")
      .replace(/\b1795(\d{6}\.\d+)/g, (_all, rest: string) => `${1796 + round}${rest}`)
      // A first channel after a start would end the others.
      .replaceAll(/(\d{10}\.)0(?=")/g, "$1900"),
  ).join("\n");
};

it("goes on where it was stopped in the middle of a backlog", () =>
  inTempDir(async (dir) => {
    const path = join(dir, "cel.json");
    const spoolDir = join(dir, "spool");
    const clock = handTime(1_795_800_000_000);
    const open = () => new CelJournal({ path, spoolDir, clock, log: silentLog });
    writeFileSync(path, "");
    mkdirSync(spoolDir);
    const first = open();
    await first.read(async () => undefined);
    await first.close(true);

    const text = `${backlog(80)}\n`;
    const expected = idsOf(eventsOfCel(text));
    appendFileSync(path, text);
    const told: string[] = [];
    let stops = 0;
    for (let isRead = false; !isRead; ) {
      const journal = open();
      const mapper = createAmiMapper();
      let blocks = 0;
      const take = async ({ messages, atMs, isTold }: JournalBlock): Promise<void> => {
        // Each one takes one block that was not told, and is stopped in the next.
        if (!isTold && ++blocks > 1) throw new Error("stopped");
        const events = messages.flatMap((message) => mapper.take(message, atMs));
        if (!isTold) told.push(...idsOf(events));
      };
      try {
        await journal.read(take);
        told.push(...idsOf(mapper.due(Number.MAX_SAFE_INTEGER)));
        isRead = true;
      } catch {
        stops += 1;
      }
      await journal.close(true);
    }
    expect(stops).toBeGreaterThan(5);
    expect(told.toSorted()).toEqual(expected.toSorted());
  }));
