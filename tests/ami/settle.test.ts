// Calls that end while nobody listens: an agent that starts, or comes back, closes what the PBX has no channel of any more,
// silently, and leaves alone what still goes on, what others sent, and what is settled.

import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { findCall } from "../../src/call/index.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openCalls } from "../../src/service/open-calls.ts";
import { createAmiMapper, createAmiReader, startAgent } from "../../src/sources/ami/index.ts";
import type { AgentEvent } from "../../src/sources/outbox/index.ts";
import { createIntake, createIntakeCounters } from "../../src/sources/webhooks/index.ts";
import { openTraceReader, openTraceStore } from "../../src/store/index.ts";
import { AmiScript, SCRIPT_START_S } from "../support/ami-script.ts";
import { type AmiServer, startAmiServer } from "../support/ami-server.ts";
import { CALL_TIMEOUT_MS } from "../support/calls.ts";
import { ENTERPRISE } from "../support/enterprise.ts";
import { handTime, until } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const CUSTOMER = "375295305942";
const enterprise = ENTERPRISE;
const START = SCRIPT_START_S * 1000;

/** An agent over a folder, as a process of its own would be; its clock is set by hand. */
const startOne = (pbx: AmiServer, dir: string, now: number) => {
  const time = handTime(now);
  const dataDir = join(dir, "call_tracer");
  const trace = openTraceStore({ dir: dataDir, clock: time });
  const intake = createIntake({
    directory: { enterpriseByWebhookToken: async () => enterprise },
    trace,
    log: silentLog,
    clock: time,
    maxBodyBytes: 65_536,
    counters: createIntakeCounters(),
    onRecorded: () => undefined,
  });
  const told: AgentEvent[] = [];
  let asked = 0;
  const agent = startAgent({
    endpoint: { host: "127.0.0.1", port: pbx.port, user: "calllog", secret: "s3cret", tls: false },
    createReader: createAmiReader,
    createMapper: () => createAmiMapper(),
    delivery: {
      deliver: async (event) => {
        const outcome = await intake.accept(enterprise, event.event, event.body);
        if (outcome.kind === "recorded") told.push(event);
        return { kind: "taken" };
      },
    },
    openCalls: async () => {
      const { number } = enterprise;
      const options = { dataDir, enterprise: number, trace, callTimeoutMs: CALL_TIMEOUT_MS };
      const open = await openCalls({ ...options, now: time.now });
      asked += 1;
      return open;
    },
    spoolDir: join(dir, "spool"),
    clock: time,
    scheduler: time,
    random: () => 0.5,
    log: silentLog,
  });
  return {
    told,
    time,
    asked: () => asked,
    stop: async () => {
      await agent.stop(1000);
      await trace.close();
    },
  };
};

const callOf = async (dir: string, id: string, now: number) =>
  findCall((keys) => openTraceReader(join(dir, "call_tracer")).find(enterprise.number, keys), id, {
    enterprise: enterprise.number,
    now,
    callTimeoutMs: CALL_TIMEOUT_MS,
  });

/** A customer is talking with 151, another one rings at 152. */
const underWay = () => {
  const script = new AmiScript();
  const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: "375170000151" });
  const phone = script.channel("PJSIP/151", { of: customer });
  script.dial(customer, phone).wait(2).connect("b-1", phone, customer).wait(3);
  const other = script.channel("PJSIP/mts", { num: "375291112233", exten: "375170000152" });
  const rung = script.channel("PJSIP/152", { of: other });
  script.dial(other, rung).wait(1);
  return { script, customer, phone, other, rung };
};

const bytesOf = (script: AmiScript): Uint8Array => Buffer.from(script.blocks.join(""));
const isIn = (actions: readonly string[]): boolean => actions.includes("CoreShowChannels");

/** An agent that has told all of what the PBX says. */
const startedWith = async (pbx: AmiServer, dir: string, script: AmiScript) => {
  const agent = startOne(pbx, dir, START + 6000);
  await pbx.until(isIn);
  await pbx.send(bytesOf(script));
  await until(() => agent.told.filter(({ event }) => event === "bridge").length === 2);
  return agent;
};

describe("calls that ended while the agent was down", () => {
  it("are closed at its start, silently, with the talk there was while it was heard", () =>
    inTempDir(async (dir) => {
      const { script, customer, other } = underWay();
      await using pbx = await startAmiServer();
      const first = await startedWith(pbx, dir, script);
      await first.stop();

      await using later = await startAmiServer();
      const second = startOne(later, dir, START + 600_000);
      await until(() => second.told.filter(({ event }) => event === "hangup").length === 2);
      for (const { body } of second.told) expect(body["_recovered"]).toBe(true);
      const [talked, rang] = await Promise.all([
        callOf(dir, customer.id, START + 700_000),
        callOf(dir, other.id, START + 700_000),
      ]);
      expect(talked?.call).toMatchObject({
        status: "answered",
        answeredBy: ["151"],
        phone: CUSTOMER,
      });
      // Until the PBX was heard last: four seconds after the answer.
      expect(Math.round((talked?.call.talkMs ?? 0) / 1000)).toBe(3);
      expect(rang?.call).toMatchObject({ status: "unknown", phone: "375291112233" });
      expect(talked?.doubts.map(({ code }) => code)).toContain("recovered");
      await second.stop();

      // Nothing is left to settle.
      await using third = await startAmiServer();
      const last = startOne(third, dir, START + 900_000);
      await until(() => last.asked() === 1);
      await last.stop();
      expect(last.told).toEqual([]);
    }));

  it("are over where Asterisk was started since, though the user may not ask for the channels", () =>
    inTempDir(async (dir) => {
      const { script } = underWay();
      await using pbx = await startAmiServer();
      const first = await startedWith(pbx, dir, script);
      // The same agent sees it after a gap …
      pbx.channels = undefined;
      pbx.uptime = 2;
      first.time.set(START + 60_000);
      pbx.cut();
      await until(() => {
        first.time.pass(5);
        return first.told.filter(({ event }) => event === "hangup").length === 2;
      });
      await first.stop();
      expect(first.told.at(-1)?.body["_recovered"]).toBe(true);
    }));

  it("are over where Asterisk was started since, for an agent that starts too", () =>
    inTempDir(async (dir) => {
      const { script, customer } = underWay();
      await using pbx = await startAmiServer();
      const first = await startedWith(pbx, dir, script);
      await first.stop();

      await using later = await startAmiServer();
      later.channels = undefined;
      // It has run for longer than the calls last: they may go on.
      later.uptime = 600;
      const second = startOne(later, dir, START + 60_000);
      await until(() => second.asked() === 1);
      await second.stop();
      expect(second.told).toEqual([]);

      later.uptime = 20;
      const third = startOne(later, dir, START + 60_000);
      await until(() => third.told.filter(({ event }) => event === "hangup").length === 2);
      await third.stop();
      const found = await callOf(dir, customer.id, START + 70_000);
      expect(found?.call.status).toBe("answered");
    }));

  it("are left alone where they go on", () =>
    inTempDir(async (dir) => {
      const { script, customer, phone, other, rung } = underWay();
      await using pbx = await startAmiServer();
      const first = await startedWith(pbx, dir, script);
      await first.stop();

      await using later = await startAmiServer();
      const asFields = (one: typeof customer, bridge: string) =>
        Object.fromEntries(script.listed(one, { BridgeId: bridge }).fields);
      later.channels = [
        asFields(customer, "b-1"),
        asFields(phone, "b-1"),
        asFields(other, ""),
        asFields(rung, ""),
      ];
      const second = startOne(later, dir, START + 60_000);
      await until(() => second.asked() === 1);
      await second.stop();
      expect(second.told.filter(({ event }) => event === "hangup")).toEqual([]);
      const found = await callOf(dir, customer.id, START + 70_000);
      expect(found?.call.status).toBe("talking");
    }));

  it("are those of the agent alone", () =>
    inTempDir(async (dir) => {
      await using pbx = await startAmiServer();
      const record = {
        kind: "AST",
        at: START,
        event: "start",
        uniqueId: "1795400000.9",
        body: { UniqueId: "1795400000.9", Phone: CUSTOMER, CallType: 0 },
      } as const;
      const store = openTraceStore({ dir: join(dir, "call_tracer"), clock: { now: () => START } });
      await store.append(enterprise.number, record);
      await store.close();
      const agent = startOne(pbx, dir, START + 60_000);
      await until(() => agent.asked() === 1);
      await agent.stop();
      expect(agent.told).toEqual([]);
    }));
});
