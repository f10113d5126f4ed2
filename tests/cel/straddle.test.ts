// Lines of one ring group that are written before and after a look at the file: they are told as one.

import { expect, it } from "bun:test";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "../../src/lib/log.ts";
import { createAmiMapper } from "../../src/sources/ami/index.ts";
import { startCelAgent } from "../../src/sources/cel/index.ts";
import type { AgentEvent } from "../../src/sources/outbox/index.ts";
import { celEvents, celText, eventsOfCel } from "../support/cel.ts";
import { type HandTime, handTime } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const LOOK_MS = 250;
const TEXT = celText("in_ringgroup.jsonl");
const LINES = TEXT.split("\n").filter((line) => line !== "");
const dialsOf = (events: readonly AgentEvent[]) =>
  events.filter(({ event }) => event === "dial").map(({ body }) => body["Extensions"]);
const firstPhone = LINES.findIndex((line) => /"CHAN_START".*"PJSIP\/15\d-/.test(line));

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A source that is made to look by moving its clock. */
const listening = (path: string, dir: string, time: HandTime) => {
  const told: AgentEvent[] = [];
  const agent = startCelAgent({
    path,
    spoolDir: join(dir, "spool"),
    clock: time,
    scheduler: time,
    log: silentLog,
    mapper: createAmiMapper(),
    delivery: {
      deliver: async (event) => {
        told.push(event);
        return { kind: "taken" };
      },
    },
  });
  /** Resolves when the agent sleeps until its next look; the file is read in real time. */
  const asleep = async (): Promise<void> => {
    while (!(time.nextAt() > time.now() && time.nextAt() - time.now() <= LOOK_MS)) await turn();
  };
  const look = async (): Promise<void> => {
    await asleep();
    time.set(time.nextAt());
    await asleep();
  };
  return { told, look, agent };
};

for (const after of [1, 2]) {
  it(`where ${after} of its phones was in the file at first`, () =>
    inTempDir(async (dir) => {
      const path = join(dir, "cel.json");
      writeFileSync(path, "");
      mkdirSync(join(dir, "spool"));
      // The second look comes just after the last line of the first part was written, as on a real clock.
      const split = firstPhone + after;
      const [newest] = celEvents(`${LINES[split - 1]}\n`);
      const time = handTime(Number(newest?.stamp) * 1000 + 5 - 2 * LOOK_MS);
      const { told, look, agent } = listening(path, dir, time);
      await look();
      appendFileSync(path, `${LINES.slice(0, split).join("\n")}\n`);
      await look();
      appendFileSync(path, `${LINES.slice(split).join("\n")}\n`);
      for (let looks = 0; looks < 4; looks += 1) await look();
      while (!told.some(({ event }) => event === "hangup")) await turn();
      expect(dialsOf(told)).toEqual(dialsOf(eventsOfCel(TEXT)));
      await agent.stop(0);
    }));
}

it("and where the file ended in the middle of the next one's line", () =>
  inTempDir(async (dir) => {
    const path = join(dir, "cel.json");
    writeFileSync(path, "");
    mkdirSync(join(dir, "spool"));
    // Long ago: every window is over as soon as its lines are read.
    const time = handTime(1_795_800_000_000);
    const { told, look, agent } = listening(path, dir, time);
    await look();
    const whole = LINES.slice(0, firstPhone + 1).join("\n");
    appendFileSync(path, `${whole}\n${LINES[firstPhone + 1]?.slice(0, 40)}`);
    await look();
    appendFileSync(path, `${LINES[firstPhone + 1]?.slice(40)}\n`);
    appendFileSync(path, `${LINES.slice(firstPhone + 2).join("\n")}\n`);
    await look();
    while (!told.some(({ event }) => event === "hangup")) await turn();
    expect(dialsOf(told)).toEqual(dialsOf(eventsOfCel(TEXT)));
    await agent.stop(0);
  }));
