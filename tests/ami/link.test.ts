// The agent over real TCP against a strict stand-in of a PBX: recorded streams cut anywhere, lost and silent links, a wrong
// secret, gaps. Events go through the real intake into real files.

import { describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "../../src/lib/log.ts";
import {
  type AmiMessage,
  createAmiMapper,
  createAmiReader,
  startAgent,
} from "../../src/sources/ami/index.ts";
import { startLink } from "../../src/sources/ami/link.ts";
import type { AgentEvent, Delivery } from "../../src/sources/outbox/index.ts";
import { createIntake, createIntakeCounters } from "../../src/sources/webhooks/index.ts";
import { openTraceStore } from "../../src/store/index.ts";
import { recordedBlocks, recordedEvents, recordedScenarios } from "../support/ami.ts";
import { type AmiServer, startAmiServer } from "../support/ami-server.ts";
import { ENTERPRISE } from "../support/enterprise.ts";
import { type HandTime, handTime, until } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const bytesOf = (scenario: string): Uint8Array =>
  Buffer.concat(recordedBlocks(scenario).map(({ text }) => Buffer.from(text)));

/** Random but the same in every run. */
const randomCuts = (length: number, count: number, seed: number): number[] => {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % length;
  }).sort((a, b) => a - b);
};

const endpointOf = ({ port }: AmiServer, secret = "s3cret") => ({
  host: "127.0.0.1",
  port,
  user: "calllog",
  secret,
  tls: false,
});

/** An agent that writes into the folder; time stands still but for `pass`. */
const startWorld = (pbx: AmiServer, dir: string, time = handTime()) => {
  const logged: string[] = [];
  const say = (message: string): void => void logged.push(message);
  const log = { ...silentLog, info: say, warn: say, error: say };
  const trace = openTraceStore({ dir: join(dir, "call_tracer"), clock: time });
  const written: AgentEvent[] = [];
  const intake = createIntake({
    directory: { enterpriseByWebhookToken: async () => ENTERPRISE },
    trace,
    log,
    clock: time,
    maxBodyBytes: 65_536,
    counters: createIntakeCounters(),
    onRecorded: ({ record: { event, body } }) => void written.push({ event, body }),
  });
  const delivery: Delivery = {
    deliver: async ({ event, body }) => {
      const outcome = await intake.accept(ENTERPRISE, event, body);
      return outcome.kind === "recorded" || outcome.kind === "duplicate"
        ? { kind: "taken" }
        : { kind: "refused", reason: outcome.message };
    },
  };
  const agent = startAgent({
    endpoint: endpointOf(pbx),
    createReader: createAmiReader,
    createMapper: () => createAmiMapper(),
    delivery,
    spoolDir: join(dir, "spool"),
    clock: time,
    scheduler: time,
    log,
    random: () => 0,
  });
  const stop = async (): Promise<void> => {
    await agent.stop(0);
    await trace.close();
  };
  return { agent, time, trace, written, logged, stop };
};

const listed = (actions: readonly string[]): number =>
  actions.filter((action) => action === "CoreShowChannels").length;

describe("recorded streams over TCP", () => {
  const withoutIds = (events: readonly AgentEvent[]) =>
    events.map(({ event, body: { EventId: _, ...body } }) => ({ event, body }));
  /** In the order of their times: where the stream is silent a window ends by the clock, which stands still here. */
  const ordered = (events: readonly AgentEvent[]) =>
    withoutIds(events)
      .map((event) => JSON.stringify(event))
      .sort();

  it("each cut in 200 random places, at full speed: every event once in the file", async () => {
    let cuts = 0;
    for (const [index, scenario] of recordedScenarios().entries()) {
      await inTempDir(async (dir) => {
        await using pbx = await startAmiServer();
        const world = startWorld(pbx, dir);
        try {
          await pbx.until((actions) => listed(actions) === 1);
          const bytes = bytesOf(scenario);
          const places = randomCuts(bytes.length, 200, index + 1);
          cuts += places.length;
          await pbx.send(bytes, places);
          const expected = recordedEvents(scenario);
          await until(() => world.written.length >= expected.length);
          expect(ordered(world.written)).toEqual(ordered(expected));
          const file = readFileSync(join(dir, "call_tracer/0367/events.log"), "utf8");
          expect(file.trimEnd().split("\n")).toHaveLength(expected.length);
        } finally {
          await world.stop();
        }
      });
    }
    expect(cuts).toBe(200 * recordedScenarios().length);
  }, 60_000);
});

/** The machine's own time. */
const realTime = (): HandTime => ({
  ...handTime(),
  now: () => Date.now(),
  at: (at, work) => {
    const timer = setTimeout(work, Math.max(0, at - Date.now()));
    return () => clearTimeout(timer);
  },
});

describe("a recorded stream at its own speed", () => {
  it("gives the events in the order of the recording, each when it happens", async () => {
    await inTempDir(async (dir) => {
      await using pbx = await startAmiServer();
      const world = startWorld(pbx, dir, realTime());
      try {
        await pbx.until((actions) => listed(actions) === 1);
        const blocks = recordedBlocks("in_busy");
        const firstAt = blocks[0]?.at ?? 0;
        const startedAt = Date.now();
        for (const { at, text } of blocks) {
          const waitMs = at - firstAt - (Date.now() - startedAt);
          if (waitMs > 1) await new Promise<void>((resolve) => setTimeout(resolve, waitMs));
          await pbx.send(Buffer.from(text));
        }
        const expected = recordedEvents("in_busy").map(({ event }) => event);
        await until(() => world.written.length >= expected.length);
        expect(world.written.map(({ event }) => event)).toEqual(expected);
      } finally {
        await world.stop();
      }
    });
  }, 60_000);
});

describe("a lost link", () => {
  const newchannel = (id: string, channel: string, linkedid = id): Uint8Array =>
    Buffer.from(
      [
        "Event: Newchannel",
        "Privilege: call,all",
        `Timestamp: ${id.split(".")[0]}.5`,
        `Channel: ${channel}`,
        "ChannelState: 4",
        "CallerIDNum: 375291112233",
        "Context: from-trunk",
        "Exten: 375170000151",
        `Uniqueid: ${id}`,
        `Linkedid: ${linkedid}`,
        "",
        "",
      ].join("\r\n"),
    );
  const channel = (id: string, name: string) => ({
    Channel: name,
    ChannelState: "6",
    ChannelStateDesc: "Up",
    CallerIDNum: "375291112233",
    Context: "from-trunk",
    Exten: "375170000151",
    Uniqueid: id,
    Linkedid: id,
    BridgeId: "",
  });

  it("closes calls that ended meanwhile, and marks those that went on", async () => {
    await inTempDir(async (dir) => {
      await using pbx = await startAmiServer();
      const world = startWorld(pbx, dir);
      try {
        await pbx.until((actions) => listed(actions) === 1);
        await pbx.send(newchannel("1795333350.1", "PJSIP/mts-00000001"));
        await pbx.send(newchannel("1795333350.2", "PJSIP/mts-00000002"));
        await until(() => world.written.length === 2);
        pbx.channels = [channel("1795333350.2", "PJSIP/mts-00000002")];
        pbx.cut();
        await until(() => !world.agent.state().isUp);
        world.time.pass(7000);
        await pbx.until((actions) => listed(actions) === 2);
        await until(() => world.written.length >= 4);
        const later = world.written.slice(2);
        const marks = later.map(({ event, body }) => [
          event,
          body["UniqueId"],
          body["_gap"],
          body["_recovered"],
        ]);
        expect(marks).toContainEqual(["hangup", "1795333350.1", 7, true]);
        expect(marks).toContainEqual(["gap", "1795333350.2", 7, true]);
        expect(marks.filter(([, id]) => id === "1795333350.2")).toHaveLength(1);
      } finally {
        await world.stop();
      }
    });
  });

  it("adopts calls under way at the start, ringing nobody", async () => {
    await inTempDir(async (dir) => {
      await using pbx = await startAmiServer();
      pbx.channels = [channel("1795333350.7", "PJSIP/mts-00000007")];
      const world = startWorld(pbx, dir);
      try {
        await until(() => world.written.length > 0);
        expect(world.written.every(({ body }) => body["_recovered"] === true)).toBe(true);
        expect(world.written[0]?.body["UniqueId"]).toBe("1795333350.7");
      } finally {
        await world.stop();
      }
    });
  });

  it("leaves calls alone where it may not ask for the channels, and says what to do", async () => {
    await inTempDir(async (dir) => {
      await using pbx = await startAmiServer();
      pbx.channels = undefined;
      const world = startWorld(pbx, dir);
      try {
        await until(() => world.logged.some((line) => line.includes("write = reporting")));
        await pbx.send(newchannel("1795333350.1", "PJSIP/mts-00000001"));
        await until(() => world.written.length === 1);
        pbx.cut();
        await until(() => !world.agent.state().isUp);
        world.time.pass(7000);
        await pbx.until((actions) => listed(actions) === 2);
        await pbx.send(newchannel("1795333360.3", "PJSIP/mts-00000003"));
        await until(() => world.written.length === 2);
        expect(world.written.map(({ event }) => event)).toEqual(["start", "start"]);
      } finally {
        await world.stop();
      }
    });
  });
});

describe("the link", () => {
  const open = (pbx: AmiServer, secret?: string) => {
    const time = handTime();
    const logged: string[] = [];
    const seen: AmiMessage[] = [];
    const say = (message: string, fields = {}): void =>
      void logged.push(`${message} ${JSON.stringify(fields)}`);
    const link = startLink({
      endpoint: endpointOf(pbx, secret),
      createReader: createAmiReader,
      clock: time,
      scheduler: time,
      random: () => 0,
      log: { ...silentLog, info: say, warn: say, error: say },
      onEvents: async (events) => void seen.push(...events),
      onChannels: async () => undefined,
    });
    return { time, logged, link, seen };
  };
  const count = (actions: readonly string[], name: string): number =>
    actions.filter((action) => action === name).length;

  it("never sends the secret where the peer knows challenges", async () => {
    await using pbx = await startAmiServer();
    const { link } = open(pbx);
    await pbx.until((actions) => listed(actions) === 1);
    expect(pbx.received()).not.toContain("s3cret");
    await link.stop();
    await pbx.until((actions) => actions.includes("Logoff"));
  });

  it("asks a silent peer every 15 s, and stays where it answers", async () => {
    await using pbx = await startAmiServer();
    const { link, time, seen } = open(pbx);
    await until(() => link.isUp());
    await pbx.until((actions) => listed(actions) === 1);
    for (let ping = 1; ping <= 3; ping++) {
      time.pass(15_000);
      await pbx.until((actions) => count(actions, "Ping") === ping);
      // Behind the answer in the stream: when it is here, so is the answer.
      await pbx.send(Buffer.from(`Event: Newstate\r\nUniqueid: 1.${ping}\r\n\r\n`));
      await until(() => seen.length === ping);
    }
    expect(link.isUp()).toBe(true);
    expect(count(pbx.actions, "Login")).toBe(1);
    await link.stop();
  });

  it("gives up a peer that does not answer, and logs in again", async () => {
    await using pbx = await startAmiServer();
    const { link, time, logged } = open(pbx);
    await until(() => link.isUp());
    await pbx.until((actions) => listed(actions) === 1);
    pbx.silent = true;
    time.pass(15_000);
    await pbx.until((actions) => actions.includes("Ping"));
    time.pass(5000);
    await until(() => !link.isUp());
    expect(logged.at(-1)).toContain("silent for 20 s");
    pbx.silent = false;
    time.pass(500);
    await pbx.until((actions) => count(actions, "Login") === 2);
    await until(() => link.isUp());
    await link.stop();
  });

  it("says once that the login is refused, tries once a minute, and never shows the secret", async () => {
    await using pbx = await startAmiServer();
    const { link, time, logged } = open(pbx, "wr0ng-secret");
    await until(() => logged.length === 1);
    expect(logged[0]).toContain("refuses the login");
    expect(logged[0]).toContain("Authentication failed");
    time.pass(59_000);
    expect(count(pbx.actions, "Login")).toBe(1);
    time.pass(1000);
    await pbx.until((actions) => count(actions, "Login") === 2);
    expect(logged.join()).not.toContain("wr0ng");
    pbx.secret = "wr0ng-secret";
    await until(() => {
      time.pass(1000);
      return link.isUp();
    });
    expect(logged).toHaveLength(2);
    await link.stop();
  });

  it("waits longer and longer while nobody listens: half a second to half a minute", async () => {
    const pbx = await startAmiServer();
    await pbx[Symbol.asyncDispose]();
    const { link, time, logged } = open(pbx);
    await until(() => logged.length === 1);
    expect(logged[0]).toContain("nothing listens there");
    time.pass(100_000);
    expect(logged).toHaveLength(1);
    await link.stop();
  });
});
