// A PBX that is listened to and whose CEL file is read: whatever happens while nobody listens is on record once, found out
// late and told as that, and the call is the one it would have been. The link is cut, or another agent takes over, at every
// moment of ten recorded calls.

import { describe, expect, it } from "bun:test";
import { appendFileSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { silentLog } from "../../src/lib/log.ts";
import { createAmiMapper, createAmiReader, startAgent } from "../../src/sources/ami/index.ts";
import { CelJournal } from "../../src/sources/cel/index.ts";
import type { AgentEvent } from "../../src/sources/outbox/index.ts";
import { readAll, recordsOfEvents } from "../support/ami.ts";
import { type AmiServer, startAmiServer } from "../support/ami-server.ts";
import { assembled, brief } from "../support/calls.ts";
import { expectedOf, type Said, saidIn, TEN_CALLS } from "../support/cel.ts";
import { handTime } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const idOf = ({ body }: AgentEvent): string => String(body["EventId"]);

/** What is told of the beginning of a call at once. */
const toldAtOnce = (said: readonly Said[]): string[] => {
  const mapper = createAmiMapper();
  return said.flatMap(({ ami, at }) =>
    readAll(ami).flatMap((message) => mapper.take(message, at).map(idOf)),
  );
};

class World {
  readonly time = handTime(1_795_800_000_000);
  readonly path: string;
  readonly #dir: string;
  readonly #pbx: AmiServer;
  /** By EventId, as the records keep them: whichever comes first. */
  readonly told = new Map<string, AgentEvent>();

  constructor(dir: string, pbx: AmiServer) {
    this.#dir = dir;
    this.#pbx = pbx;
    this.path = join(dir, "cel.json");
    writeFileSync(this.path, "");
  }

  start() {
    const { time, path } = this;
    const spoolDir = join(this.#dir, "spool");
    return startAgent({
      endpoint: {
        host: "127.0.0.1",
        port: this.#pbx.port,
        user: "calllog",
        secret: "s3cret",
        tls: false,
      },
      createReader: createAmiReader,
      createMapper: () => createAmiMapper(),
      journal: new CelJournal({ path, spoolDir, clock: time, log: silentLog }),
      delivery: {
        deliver: async (event) => {
          if (!this.told.has(idOf(event))) this.told.set(idOf(event), event);
          return { kind: "taken" };
        },
      },
      spoolDir,
      clock: time,
      scheduler: time,
      random: () => 0,
      log: silentLog,
    });
  }

  /** Resolves when it holds, while time passes. */
  async passUntil(condition: () => boolean): Promise<void> {
    while (!condition()) {
      // Time stands while files are read: on a busy machine a reader would be late by seconds of this clock.
      for (let turn = 0; turn < 3; turn += 1) {
        await stat(this.#dir);
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      this.time.pass(20);
    }
  }

  /** Until the place in the file is kept for the first time. */
  settled(): Promise<void> {
    return this.passUntil(() => existsSync(join(this.#dir, "spool", "cel.json")));
  }

  async say(said: readonly Said[]): Promise<void> {
    this.write(said);
    await this.#pbx.send(Buffer.from(said.map(({ ami }) => ami).join("")));
  }

  write(said: readonly Said[]): void {
    const text = said.map(({ cel }) => cel).join("");
    if (text !== "") appendFileSync(this.path, text);
  }

  async logins(count: number): Promise<void> {
    await this.passUntil(
      () => this.#pbx.actions.filter((action) => action === "CoreShowChannels").length >= count,
    );
  }
}

/** The call that the told events make, as a page says it; that some of it was found out late is no difference. */
const callsOf = async (events: readonly AgentEvent[]): Promise<string[]> => {
  const records = recordsOfEvents(events);
  const ids = new Set(records.map(({ uniqueId }) => uniqueId));
  const calls = await Promise.all([...ids].map((id) => assembled(records, id)));
  return calls.map((call) => brief(call).replace(", doubt recovered", "")).sort();
};

type Gap = { readonly from: number; readonly to: number; readonly how: "cut" | "restart" };

const expectWhole = (scenario: string, gap: Gap, rotate = false): Promise<void> =>
  inTempDir(async (dir) => {
    const said = saidIn(scenario);
    const expected = expectedOf(scenario);
    const wanted = new Set(expected.map(idOf));
    await using pbx = await startAmiServer();
    const world = new World(dir, pbx);
    let agent = world.start();
    await world.logins(1);
    await world.settled();

    const before = said.slice(0, gap.from);
    await world.say(before);
    const first = toldAtOnce(before).filter((id) => wanted.has(id));
    await world.passUntil(() => first.every((id) => world.told.has(id)));

    const missed = said.slice(gap.from, gap.to);
    if (gap.how === "cut") pbx.cut();
    else await agent.stop(1000);
    const knownBefore = new Set(world.told.keys());
    if (rotate) {
      renameSync(world.path, `${world.path}.1`);
      writeFileSync(world.path, "");
    }
    world.write(missed);
    if (gap.how === "restart") agent = world.start();
    await world.logins(2);

    await world.say(said.slice(gap.to));
    await world.passUntil(() => [...wanted].every((id) => world.told.has(id)));
    await agent.stop(1000);

    const told = [...world.told.values()].filter(
      ({ event }) => event !== "hold" && event !== "unhold",
    );
    expect(told.map(idOf).sort()).toEqual([...wanted].sort());
    expect(await callsOf(told)).toEqual(await callsOf(expected));
    // Nobody is rung for what was over when it was found out.
    const toldLive = new Set(toldAtOnce(said.slice(0, gap.from)));
    const start = said[gap.from]?.at ?? Number.POSITIVE_INFINITY;
    const end = said[gap.to - 1]?.at ?? Number.NEGATIVE_INFINITY;
    for (const event of told) {
      const at = Number(event.body["EventTime"]) * 1000;
      const isInGap = at >= start && at < end && !toldLive.has(idOf(event));
      if (isInGap && !knownBefore.has(idOf(event))) expect(event.body["_recovered"]).toBe(true);
    }
  });

describe("a call that Asterisk did not live to end", () => {
  it("is ended where the PBX has no channel of it any more", () =>
    inTempDir(async (dir) => {
      const said = saidIn("in_answered");
      const rings = said.filter(
        ({ cel }) => !/"(?:BRIDGE_EXIT|HANGUP|CHAN_END|LINKEDID_END)"/.test(cel),
      );
      await using pbx = await startAmiServer();
      pbx.channels = undefined;
      const world = new World(dir, pbx);
      let agent = world.start();
      await world.logins(1);
      await world.settled();
      await agent.stop(1000);
      // It died in the middle of the call, came back, and had another one.
      world.write(rings);
      const id = "1795720278.0";
      world.write(
        saidIn("xfer_blind").map((one) => ({
          ...one,
          cel: one.cel.replaceAll(/1795719(\d{3}\.)/g, "1795729$1"),
        })),
      );
      pbx.channels = [];
      agent = world.start();
      await world.passUntil(() => world.told.has(`hangup/${id}`));
      await agent.stop(1000);
      const end = world.told.get(`hangup/${id}`)?.body;
      expect(end?.["_recovered"]).toBe(true);
      // As of when it was heard of last: the customer had just been put through.
      expect(Math.round(Number(end?.["EventTime"]))).toBe(1_795_720_281);
      const ends = [...world.told.keys()].filter((told) => told.startsWith("hangup/"));
      expect(ends).toHaveLength(2);
    }));
});

describe("a gap is filled from the CEL file", () => {
  for (const scenario of TEN_CALLS) {
    const { length } = saidIn(scenario);
    const cels = saidIn(scenario).flatMap(({ cel }, index) => (cel === "" ? [] : index));

    it(`${scenario}: the link is lost at each line of the file, for one line`, async () => {
      for (const from of cels) await expectWhole(scenario, { from, to: from + 1, how: "cut" });
    });

    it(`${scenario}: another agent takes over, at each line of the file, after three more`, async () => {
      for (const [index, from] of cels.entries()) {
        const to = cels[index + 3] ?? length;
        await expectWhole(scenario, { from, to, how: "restart" }, index % 2 === 1);
      }
    });

    it(`${scenario}: nobody listened for the whole call`, async () => {
      await expectWhole(scenario, { from: 0, to: length, how: "restart" });
      await expectWhole(scenario, { from: 0, to: length, how: "cut" }, true);
    });
  }
});
