// After a gap: what is told of calls that ended, began and changed unseen, that nothing is told twice, and that a mapper
// forgets what ended.

import { describe, expect, it } from "bun:test";
import { mapped, recordsOfEvents } from "../../../tests/support/ami.ts";
import {
  AmiScript,
  SCRIPT_START_S,
  type ScriptChannel,
} from "../../../tests/support/ami-script.ts";
import { assembled, brief } from "../../../tests/support/calls.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { createAmiMapper } from "./mapper.ts";
import type { AmiMapper } from "./types.ts";

const CUSTOMER = "375295305942";
const DID = "375170000151";

const feed = (mapper: AmiMapper, script: AmiScript): AgentEvent[] =>
  mapped(
    script
      .messages()
      .map((message) => [message, Number(message.fields.get("Timestamp")) * 1000] as const),
    mapper,
  );
const names = (events: readonly AgentEvent[]): string => events.map(({ event }) => event).join(" ");
const late = (events: readonly AgentEvent[]): boolean =>
  events.every(({ body }) => body["_recovered"] === true);

const incoming = (script: AmiScript) => {
  const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
  const phone = script.channel("PJSIP/151", { of: customer });
  script.dial(customer, phone);
  return { customer, phone };
};
const talking = (script: AmiScript, bridge = "b-1") => {
  const both = incoming(script);
  script.wait(2).connect(bridge, both.phone, both.customer).wait(3);
  return both;
};
const inBridge = (bridge: string, more: Readonly<Record<string, string>> = {}) => ({
  BridgeId: bridge,
  Duration: "00:00:05",
  ...more,
});

describe("a second gap of the same call", () => {
  it("tells what the first one told under another id", () => {
    const script = new AmiScript();
    const { customer, phone } = talking(script);
    const list = () => [customer, phone].map((one) => script.listed(one, inBridge("b-1")));
    const mapper = createAmiMapper();
    const first = mapper.resync(list(), script.seconds * 1000);
    const parted = new AmiScript().wait(30).leave("b-1", phone);
    feed(mapper, parted);
    const second = mapper.resync(list(), (script.seconds + 60) * 1000);
    expect(names(second)).toBe("bridge");
    const ids = [...first, ...second].map(({ body }) => body["EventId"]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("calls that ended in a gap", () => {
  it("are hung up, late and once", async () => {
    const script = new AmiScript();
    const { customer, phone } = talking(script);
    const mapper = createAmiMapper();
    const before = feed(mapper, script);
    const now = (script.seconds + 60) * 1000;
    const events = mapper.resync([], now);
    expect(names(events)).toBe("hangup");
    expect(events[0]?.body).toMatchObject({
      UniqueId: customer.id,
      CallStatus: "2",
      Extensions: ["151"],
      _recovered: true,
    });
    expect(Number(events[0]?.body["EventTime"])).toBeCloseTo(now / 1000, 3);
    expect(events[0]?.body).not.toHaveProperty("Cause");
    expect(mapper.resync([], now + 1000)).toEqual([]);
    // What was on its way says nothing any more.
    const after = new AmiScript()
      .wait(61)
      .part("b-1", customer, phone)
      .hangup(phone)
      .hangup(customer);
    expect(feed(mapper, after)).toEqual([]);
    const found = await assembled(recordsOfEvents([...before, ...events]), customer.id);
    expect(brief(found)).toStartWith(`incoming answered, ${CUSTOMER} → 151 by 151`);
  });

  it("are known by their PBX's clock, not by ours", () => {
    const script = new AmiScript();
    talking(script);
    const mapper = createAmiMapper();
    const hourMs = 3_600_000;
    // The PBX is an hour behind us.
    for (const message of script.messages()) {
      mapper.take(message, Number(message.fields.get("Timestamp")) * 1000 + hourMs);
    }
    const [hangup] = mapper.resync([], (script.seconds + 60) * 1000 + hourMs);
    expect(Number(hangup?.body["EventTime"])).toBeCloseTo(script.seconds + 60, 2);
  });

  it("other calls go on as if nothing had been", () => {
    const script = new AmiScript();
    const gone = talking(script, "b-0");
    const { customer, phone } = talking(script);
    const mapper = createAmiMapper();
    feed(mapper, script);
    const list = [customer, phone].map((one) => script.listed(one, inBridge("b-1")));
    const events = mapper.resync(list, (script.seconds + 5) * 1000);
    expect(events.map(({ event, body }) => [event, body["UniqueId"]])).toEqual([
      ["hangup", gone.customer.id],
    ]);
    const after = new AmiScript().wait(90);
    after.part("b-1", customer, phone).hangup(phone).hangup(customer);
    expect(names(feed(mapper, after))).toBe("bridge_leave bridge_leave bridge_destroy hangup");
  });
});

describe("calls that began in a gap", () => {
  const adopted = (
    list: (
      script: AmiScript,
    ) => readonly (readonly [ScriptChannel, Readonly<Record<string, string>>])[],
  ) => {
    const script = new AmiScript();
    const channels = list(script);
    const mapper = createAmiMapper();
    const messages = channels.map(([channel, fields]) => script.listed(channel, fields));
    const now = script.seconds * 1000;
    const events = mapper.resync(messages, now);
    expect(late(events)).toBe(true);
    expect(mapper.resync(messages, now + 1000)).toEqual([]);
    return { events, mapper, channels: channels.map(([channel]) => channel) };
  };

  it("an incoming one that is talked in: started, dialled, bridged, and it ends as others do", async () => {
    const { events, mapper, channels } = adopted((one) => {
      const customer = one.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
      const phone = one.channel("PJSIP/151", { of: customer, exten: "" });
      return [
        [phone, inBridge("b-9", { Application: "AppDial", Duration: "00:00:20" })],
        [customer, inBridge("b-9", { Application: "Dial", Duration: "00:00:22" })],
      ];
    });
    expect(names(events)).toBe("start dial bridge_create bridge bridge");
    expect(events[0]?.body).toMatchObject({ Phone: CUSTOMER, Exten: DID, CallType: 0 });
    expect(Number(events[0]?.body["EventTime"])).toBeCloseTo(SCRIPT_START_S - 22, 2);
    expect(Number(events[1]?.body["EventTime"])).toBeCloseTo(SCRIPT_START_S - 20, 2);
    expect(events[3]?.body).toMatchObject({
      Channel: channels[0]?.name,
      BridgeNumChannels: "1",
    });
    const [phone, customer] = channels as [ScriptChannel, ScriptChannel];
    const after = new AmiScript().wait(10).on("HangupRequest", customer);
    after.part("b-9", customer, phone).hangup(phone).hangup(customer);
    const rest = feed(mapper, after);
    expect(names(rest)).toBe("bridge_leave bridge_leave bridge_destroy hangup");
    expect(rest.some(({ body }) => "_recovered" in body)).toBe(false);
    const found = await assembled(recordsOfEvents([...events, ...rest]), customer.id);
    expect(brief(found)).toBe(
      `incoming answered, ${CUSTOMER} → 151 by 151, wait 22 talk 10, hung up ${CUSTOMER}, doubt recovered`,
    );
  });

  it("one that rings is dialled, not answered", () => {
    const { events } = adopted((one) => {
      const customer = one.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
      const phones = ["151", "152"].map((number) =>
        one.channel(`PJSIP/${number}`, { of: customer }),
      );
      return [
        [customer, {}],
        ...phones.map((phone) => [phone, { Application: "AppDial" }] as const),
      ];
    });
    expect(names(events)).toBe("start dial");
    expect(events[1]?.body["Extensions"]).toEqual(["151", "152"]);
  });

  it("outgoing and internal ones", () => {
    const { events } = adopted((one) => {
      const caller = one.channel("PJSIP/151", { exten: CUSTOMER, num: "375170000100" });
      const line = one.channel("PJSIP/mts", { of: caller, num: CUSTOMER });
      const other = one.channel("PJSIP/152", { exten: "153" });
      const called = one.channel("PJSIP/153", { of: other });
      return [caller, line, other, called].map((channel) => [channel, {}]);
    });
    expect(
      events.map(({ event, body }) => [event, body["CallType"], body["Phone"], body["Extensions"]]),
    ).toEqual([
      ["dial", 1, CUSTOMER, ["151"]],
      ["dial", 2, "152", ["153"]],
    ]);
  });

  it("an internal one between endpoints with something before the number", () => {
    const script = new AmiScript();
    const caller = script.channel("PJSIP/0367-151", { num: "151", exten: "152" });
    const leg = script.channel("PJSIP/0367-152", { of: caller, num: "152" });
    const listed = [caller, leg].map((one) => script.listed(one, inBridge("b-1")));
    const [dial, ...others] = createAmiMapper().resync(listed, script.seconds * 1000);
    expect([dial?.event, dial?.body]).toMatchObject([
      "dial",
      { CallType: 2, Phone: "151", Extensions: ["152"] },
    ]);
    expect(names(others)).toBe("bridge_create bridge bridge");
  });

  it("what comes on the wire after the list tells nothing twice", () => {
    const script = new AmiScript();
    const { customer, phone } = talking(script);
    const mapper = createAmiMapper();
    const list = [customer, phone].map((one) => script.listed(one, inBridge("b-1")));
    mapper.resync(list, script.seconds * 1000);
    const again = feed(mapper, script);
    expect(again).toEqual([]);
  });
});

describe("calls that changed in a gap", () => {
  it("a transfer: who left, who was dialled, who came", async () => {
    const script = new AmiScript();
    const { customer, phone } = talking(script);
    const mapper = createAmiMapper();
    const before = feed(mapper, script);
    const other = new AmiScript()
      .wait(20)
      .channel("PJSIP/152", { of: customer, id: "1795400020.99" });
    const list = [
      script.listed(customer, inBridge("b-2")),
      script.listed(other, inBridge("b-2", { Application: "AppDial" })),
    ];
    const events = mapper.resync(list, (script.seconds + 30) * 1000);
    expect(late(events)).toBe(true);
    expect(events.map(({ event, body }) => `${event} ${body["ChanUniqueId"] ?? ""}`)).toEqual([
      `bridge_leave ${phone.id}`,
      `dial ${customer.id}`,
      "bridge_create ",
      `bridge ${other.id}`,
      `bridge_leave ${customer.id}`,
      `bridge ${customer.id}`,
    ]);
    const found = await assembled(recordsOfEvents([...before, ...events]), customer.id);
    expect(found?.call.answeredBy).toEqual(["151", "152"]);
  });
});

describe("what is remembered", () => {
  const churn = (mapper: AmiMapper, rounds: number, isHangupMissed: boolean): void => {
    for (let round = 0; round < rounds; round++) {
      const script = new AmiScript().wait(round * 10);
      const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID, id: `${round}.1` });
      const phone = script.channel("PJSIP/151", { of: customer, id: `${round}.2` });
      script.dial(customer, phone).wait(1).connect(`b-${round}`, phone, customer).wait(1);
      if (!isHangupMissed) {
        script.part(`b-${round}`, customer, phone).hangup(phone).hangup(customer);
      }
      for (const message of script.messages()) {
        mapper.take(message, Number(message.fields.get("Timestamp")) * 1000);
      }
    }
  };

  it("is nothing of calls that ended", () => {
    const mapper = createAmiMapper();
    churn(mapper, 500, false);
    expect(mapper.resync([], SCRIPT_START_S * 1000 + 1e9)).toEqual([]);
    expect(mapper.nextDueAt()).toBeUndefined();
  });

  it("has bounds where hangups are missed: the oldest go first", () => {
    const mapper = createAmiMapper({ maxChannels: 100 });
    churn(mapper, 2500, true);
    const left = mapper.resync([], SCRIPT_START_S * 1000 + 1e9).map(({ body }) => body["UniqueId"]);
    // Between two sweeps (8192 messages, 7 a call) some more may be there.
    expect(left.length).toBeLessThan(50 + 8192 / 7 + 1);
    expect(left.at(-1)).toBe("2499.1");
  });

  it("has an age: a channel that nobody spoke of for long is forgotten", () => {
    const mapper = createAmiMapper({ forgetAfterMs: 3_600_000 });
    churn(mapper, 2500, true);
    const left = mapper.resync([], SCRIPT_START_S * 1000 + 1e9);
    expect(left.length).toBeLessThan(360 + 8192 / 7 + 1);
  });
});
