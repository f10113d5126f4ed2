// Calls that are not among the recorded ones, written by hand as a PBX would send them, and what is told of them: the order
// of events, and the call assembled from every unique id that was told.

import { describe, expect, it } from "bun:test";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import { eventTimeMs, mapped, recordsOfEvents } from "../support/ami.ts";
import { AmiScript, SCRIPT_START_S } from "../support/ami-script.ts";
import { assembled, brief } from "../support/calls.ts";

const CUSTOMER = "375295305942";
const DID = "375170000151";
const COMPANY = "375170000100";

const eventsOf = (script: AmiScript): AgentEvent[] => {
  // What arrives lies a moment behind what is said in it.
  let at = SCRIPT_START_S * 1000;
  return mapped(
    script.messages().map((message) => {
      at = Math.max(at, Number(message.fields.get("Timestamp") ?? 0) * 1000 + 0.6);
      return [message, at] as const;
    }),
  );
};

const order = (events: readonly AgentEvent[]): string =>
  events
    .toSorted((a, b) => eventTimeMs(a) - eventTimeMs(b))
    .map(({ event }) => event)
    .filter((event) => event !== "bridge_destroy")
    .join(" ");

/** The call as it is found from each of its ids; they must agree. */
const call = async (events: readonly AgentEvent[], only?: string): Promise<string> => {
  const records = recordsOfEvents(events);
  const ids = only === undefined ? new Set(records.map(({ uniqueId }) => uniqueId)) : [only];
  const briefs = new Set<string>();
  for (const id of ids) briefs.add(brief(await assembled(records, id)));
  return [...briefs].join(" || ");
};

const bodies = (events: readonly AgentEvent[], name: string): readonly AgentEvent["body"][] =>
  events.filter(({ event }) => event === name).map(({ body }) => body);

/** A customer calls in and 151 is rung. */
const incoming = (script: AmiScript, num = CUSTOMER) => {
  const customer = script.channel("PJSIP/mts", { num, exten: DID });
  script.wait(0.05);
  const phone = script.channel("PJSIP/151", { of: customer });
  script.dial(customer, phone);
  return { customer, phone };
};

const SIMPLE = "start dial bridge_create bridge bridge bridge_leave bridge_leave hangup";

describe("calls between two", () => {
  it("a caller who shows an extension's number is no extension", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script, "152");
    script.wait(2).connect("b-1", phone, customer).wait(3);
    script.on("HangupRequest", customer, { Cause: "16" });
    script.part("b-1", customer, phone).hangup(phone).hangup(customer);
    const events = eventsOf(script);
    expect(order(events)).toBe(SIMPLE);
    expect(bodies(events, "start")[0]).toMatchObject({ CallType: 0, Phone: "152", Trunk: "mts" });
    expect(await call(events)).toBe(
      "incoming answered, 152 → 151 by 151, wait 2.1 talk 3, hung up 152",
    );
  });

  it("an extension `s` is none, and what is no number is cut from the number", () => {
    const script = new AmiScript();
    script.channel("PJSIP/mts", { num: '37529"|\nX: y\nLinkedid: 9.9', exten: "s" });
    script.channel("SIP/line", { num: "(029) 530-59-42", exten: DID });
    script.channel("SIP/line", { num: "anonymous", exten: DID, callerName: 'A \\"B\\"\\n\\\\' });
    const starts = bodies(eventsOf(script), "start");
    expect(starts.map((body) => [body["Phone"], body["Exten"], body["CallerIDName"]])).toEqual([
      ["37529", "", undefined],
      ["0295305942", DID, undefined],
      ["anonymous", DID, 'A "B"\n\\'],
    ]);
  });

  it("unique ids with a system name stay whole", async () => {
    const script = new AmiScript();
    const id = "pbx-0367.by-1795400000.0";
    const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID, id });
    const phone = script.channel("PJSIP/151", { of: customer, id: "pbx-0367.by-1795400000.1" });
    script.dial(customer, phone).wait(1).connect("b-1", phone, customer).wait(1);
    script.part("b-1", customer, phone).hangup(phone).hangup(customer);
    const events = eventsOf(script);
    expect(new Set(events.map(({ body }) => body["UniqueId"]))).toEqual(new Set([id]));
    expect(bodies(events, "bridge")[0]).toMatchObject({ ChanUniqueId: "pbx-0367.by-1795400000.1" });
    expect(await call(events)).toContain("incoming answered");
  });

  it("without Timestamp the receipt counts", () => {
    const script = new AmiScript(false);
    const { customer, phone } = incoming(script);
    script.hangup(phone).hangup(customer);
    const start = SCRIPT_START_S * 1000;
    const events = mapped(script.messages().map((message, i) => [message, start + i * 500]));
    expect(order(events)).toBe("start dial hangup");
    expect(events.map(eventTimeMs)).toEqual([start, start + 1000, start + 2000]);
  });

  it("an outgoing call that is tried over another line is dialled again", async () => {
    const script = new AmiScript();
    const phone = script.channel("PJSIP/151", { exten: CUSTOMER });
    const first = script.channel("PJSIP/mts", { of: phone, num: CUSTOMER });
    script.dial(phone, first, `${CUSTOMER}@mts`).wait(0.02).hangup(first, 34);
    const second = script.channel("SIP/life", { of: phone, num: "<unknown>" });
    script.dial(phone, second, `life/${CUSTOMER}`).wait(2).connect("b-1", second, phone).wait(4);
    script.on("HangupRequest", second).part("b-1", second, phone).hangup(second).hangup(phone);
    const events = eventsOf(script);
    expect(bodies(events, "dial")).toMatchObject([
      { CallType: 1, Phone: CUSTOMER, Exten: "151", Extensions: ["151"], Trunk: "mts" },
      { CallType: 1, Phone: CUSTOMER, Exten: "151", Extensions: ["151"], Trunk: "life" },
    ]);
    expect(await call(events)).toBe(
      `outgoing answered, ${CUSTOMER} → 151 by 151, wait 2 talk 4, hung up ${CUSTOMER}`,
    );
  });

  it("a short number that goes out over a trunk is no extension", () => {
    const script = new AmiScript();
    const phone = script.channel("PJSIP/151", { exten: "112" });
    const line = script.channel("PJSIP/mts", { of: phone });
    script.dial(phone, line, "112@mts").wait(1).hangup(line).hangup(phone);
    expect(bodies(eventsOf(script), "dial")).toMatchObject([
      { CallType: 1, Phone: "112", Extensions: ["151"], Trunk: "mts" },
    ]);
  });

  it("hold and its end are told of who holds; an Unhold without a Hold is none", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script);
    script.wait(1).connect("b-1", phone, customer).wait(1);
    script.on("Unhold", phone).on("Hold", phone).wait(2).on("Hold", phone).on("Unhold", phone);
    script.wait(1).on("HangupRequest", phone).part("b-1", phone, customer);
    script.hangup(phone).hangup(customer);
    const events = eventsOf(script);
    expect(order(events)).toBe(
      "start dial bridge_create bridge bridge hold unhold bridge_leave bridge_leave hangup",
    );
    expect(bodies(events, "hold")[0]).toMatchObject({
      UniqueId: customer.id,
      ChanUniqueId: phone.id,
    });
    expect(await call(events)).toBe(
      `incoming answered, ${CUSTOMER} → 151 by 151, wait 1.1 talk 4, hung up 151`,
    );
  });
});

describe("who is rung", () => {
  it("a group rung within 200 ms of each other is one dial, whoever comes later another", () => {
    const script = new AmiScript();
    const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
    for (const [name, wait] of [
      ["151", 0],
      ["152", 0.15],
      ["153", 0.19],
      ["154", 0.21],
      ["155", 3],
    ] as const) {
      script.wait(wait);
      script.dial(customer, script.channel(`PJSIP/${name}`, { of: customer }));
    }
    const dials = bodies(eventsOf(script), "dial");
    expect(dials.map((body) => body["Extensions"])).toEqual([
      ["151", "152", "153"],
      ["154"],
      ["155"],
    ]);
    expect(dials.map((body) => Number(body["EventTime"]) - SCRIPT_START_S)).toEqual(
      [0, 0.55, 3.55].map((second) => expect.closeTo(second, 4)),
    );
  });

  it("302: whoever was forwarded to is dialled, and talks", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script);
    script.wait(0.3).on("Hangup", phone, { Cause: "23" });
    const one = script.channel("Local/152@from-internal-00000007;1", { of: customer });
    const two = script.channel("Local/152@from-internal-00000007;2", { of: customer });
    script.dial(customer, one);
    const other = script.channel("PJSIP/152", { of: customer });
    script.dial(two, other).wait(1);
    script.create("b-1").enter("b-1", other).enter("b-1", two);
    script.create("b-2").enter("b-2", one).enter("b-2", customer).wait(2);
    script.on("HangupRequest", customer);
    script.part("b-2", customer, one).part("b-1", two, other);
    script.hangup(one).hangup(two).hangup(other).hangup(customer);
    const events = eventsOf(script);
    expect(order(events)).toBe(
      "start dial dial bridge_create bridge bridge_create bridge bridge_leave bridge_leave hangup",
    );
    expect(bodies(events, "hangup")).toMatchObject([{ CallStatus: "2", Extensions: ["152"] }]);
    expect(await call(events)).toBe(
      `incoming answered, ${CUSTOMER} → 151 152 by 152, wait 1.4 talk 2, hung up ${CUSTOMER}`,
    );
  });

  it("a queue with Local members: two bridges are one conversation", async () => {
    const script = new AmiScript();
    const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
    const legs = ["151", "152"].map((number) => {
      script.wait(0.02);
      const one = script.channel(`Local/${number}@agents-0000000${number.at(-1)};1`, {
        of: customer,
      });
      const two = script.channel(`Local/${number}@agents-0000000${number.at(-1)};2`, {
        of: customer,
      });
      script.dial(customer, one);
      const phone = script.channel(`PJSIP/${number}`, { of: customer });
      script.dial(two, phone);
      return { one, two, phone };
    });
    const [loser, winner] = legs as [(typeof legs)[0], (typeof legs)[0]];
    script.wait(2).connect("b-1", winner.phone, winner.two);
    script.hangup(loser.phone, 26).hangup(loser.one, 26).hangup(loser.two, 26);
    script.connect("b-2", winner.one, customer).wait(3).on("HangupRequest", winner.phone);
    script.part("b-1", winner.phone, winner.two).part("b-2", winner.one, customer);
    script.hangup(winner.phone).hangup(winner.two).hangup(winner.one).hangup(customer);
    const events = eventsOf(script);
    expect(order(events)).toBe(
      "start dial bridge_create bridge bridge_create bridge bridge_leave bridge_leave hangup",
    );
    expect(bodies(events, "dial")).toMatchObject([{ Extensions: ["151", "152"] }]);
    expect(await call(events)).toBe(
      `incoming answered, ${CUSTOMER} → 151 152 by 152, wait 2 talk 3, hung up 152`,
    );
  });

  it("pickup: who picked up talked, and its *8 is no call", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script);
    script.wait(2);
    const other = script.channel("PJSIP/152", { exten: "*8" });
    script.on("Pickup", other, {
      TargetChannel: phone.name,
      TargetUniqueid: phone.id,
      TargetLinkedid: phone.linked,
    });
    script.hangup(phone, 26).create("b-1").enter("b-1", customer).enter("b-1", other);
    other.linked = customer.id;
    script.wait(3).on("HangupRequest", customer).part("b-1", customer, other);
    script.hangup(other).hangup(customer);
    const events = eventsOf(script);
    expect(order(events)).toBe(SIMPLE);
    expect(bodies(events, "hangup")).toMatchObject([{ CallStatus: "2", Extensions: ["152"] }]);
    expect(await call(events)).toBe(
      `incoming answered, ${CUSTOMER} → 151 152 by 152, wait 2.1 talk 3, hung up ${CUSTOMER}`,
    );
  });
});

describe("transfers", () => {
  it("*1: one call, blind", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script);
    script.wait(1).connect("b-1", phone, customer).wait(2);
    customer.exten = "152";
    script.part("b-1", customer, phone).hangup(phone);
    const other = script.channel("PJSIP/152", { of: customer });
    script.dial(customer, other).wait(1.5).connect("b-2", other, customer).wait(2);
    script.on("HangupRequest", other).part("b-2", other, customer).hangup(other).hangup(customer);
    const events = eventsOf(script);
    expect(bodies(events, "hangup")).toMatchObject([
      { Exten: DID, Extensions: ["151", "152"], Talk: expect.closeTo(4, 1) },
    ]);
    expect(await call(events)).toBe(
      `incoming answered, ${CUSTOMER} → 151 152 by 151 152, wait 1.1 talk 4, blind 151>152, hung up 152`,
    );
  });

  it("*2: three bridges and Local channels, one call, attended", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script);
    script.wait(1).connect("b-a", phone, customer).wait(2);
    const one = script.channel("Local/152@from-internal-00000009;1", { of: customer });
    const two = script.channel("Local/152@from-internal-00000009;2", { of: customer });
    const other = script.channel("PJSIP/152", { of: customer });
    script
      .create("b-c")
      .wait(0.001)
      .dial(two, other)
      .wait(0.01)
      .leave("b-a", phone)
      .enter("b-c", phone);
    script.enter("b-c", one).wait(1).create("b-b").enter("b-b", other).enter("b-b", two).wait(2);
    script.leave("b-c", phone).hangup(phone).send("BridgeMerge", {
      ToBridgeUniqueid: "b-a",
      FromBridgeUniqueid: "b-c",
    });
    script.leave("b-c", one).destroy("b-c").enter("b-a", one).wait(3);
    script.on("HangupRequest", customer).leave("b-a", customer).leave("b-a", one).destroy("b-a");
    script.hangup(customer).hangup(one).leave("b-b", two).leave("b-b", other).destroy("b-b");
    script.hangup(other).hangup(two);
    const events = eventsOf(script);
    expect(order(events)).toBe(
      "start dial bridge_create bridge bridge bridge_create dial bridge_leave bridge " +
        "bridge_create bridge bridge_leave bridge_leave bridge_leave hangup",
    );
    expect(await call(events)).toBe(
      `incoming answered, ${CUSTOMER} → 151 152 by 151 152, wait 1.1 talk 5, attended 151>152, hung up ${CUSTOMER}`,
    );
  });

  it("a Linkedid that changes silently: the bridge tells it before anyone else does", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script);
    script.wait(1).connect("b-a", phone, customer).wait(1);
    const second = script.channel("PJSIP/151", { exten: "152" });
    const other = script.channel("PJSIP/152", { of: second });
    script.dial(second, other).wait(1).connect("b-b", other, second).wait(2);
    script.leave("b-a", customer).leave("b-b", second);
    script.enter("b-b", customer).leave("b-a", phone).destroy("b-a");
    script.hangup(phone).hangup(second);
    const consultation = eventsOf(script).filter(({ body }) => body["UniqueId"] === second.id);
    // 152 is the first call's by now, although nothing was heard of it.
    expect(consultation.at(-1)).toMatchObject({ event: "hangup", body: { CallType: 2 } });
    other.linked = customer.id;
    script.wait(3).part("b-b", customer, other).hangup(other).hangup(customer);
    const events = eventsOf(script);
    expect(bodies(events, "hangup")).toMatchObject([
      { UniqueId: second.id, Extensions: ["152"] },
      { UniqueId: customer.id, Extensions: ["151", "152"] },
    ]);
    expect(await call(events)).toStartWith(
      `incoming answered, ${CUSTOMER} → 151 152 by 151 152, wait 1.1 talk 7, attended 151>152`,
    );
  });
});

describe("calls that Asterisk was asked to place", () => {
  it("Originate of a phone", async () => {
    const script = new AmiScript();
    const phone = script.channel("PJSIP/151", { state: 0 });
    script.dial(undefined, phone).wait(1);
    Object.assign(phone, { exten: CUSTOMER, num: COMPANY });
    const line = script.channel("PJSIP/mts", { of: phone, num: CUSTOMER });
    script.dial(phone, line, `${CUSTOMER}@mts`).wait(2).connect("b-1", line, phone).wait(2);
    script.on("HangupRequest", phone).part("b-1", phone, line).hangup(line).hangup(phone);
    const events = eventsOf(script);
    expect(order(events)).toBe("dial bridge_create bridge bridge bridge_leave bridge_leave hangup");
    expect(await call(events)).toBe(
      `outgoing answered, ${CUSTOMER} → 151 by 151, wait 2 talk 2, hung up 151`,
    );
  });

  it("Originate of a Local channel: two bridges, the Local stays", async () => {
    const script = new AmiScript();
    const one = script.channel("Local/151@from-internal-0000000a;1", { state: 0, exten: "151" });
    const two = script.channel("Local/151@from-internal-0000000a;2", { of: one, state: 4 });
    script.dial(undefined, one, "151@from-internal");
    const phone = script.channel("PJSIP/151", { of: one });
    script.dial(two, phone).wait(1).connect("b-1", phone, two);
    const line = script.channel("PJSIP/mts", { of: one, num: CUSTOMER });
    script.dial(one, line, `${CUSTOMER}@mts`).wait(2).connect("b-2", line, one).wait(3);
    script.on("HangupRequest", line).part("b-2", line, one).hangup(line).hangup(one);
    script.part("b-1", two, phone).hangup(two).hangup(phone);
    const events = eventsOf(script);
    expect(bodies(events, "dial")).toMatchObject([
      { UniqueId: one.id, CallType: 1, Phone: CUSTOMER, Extensions: ["151"], Trunk: "mts" },
    ]);
    expect(bodies(events, "hangup")).toMatchObject([{ CallStatus: "2", Extensions: ["151"] }]);
    expect(await call(events)).toStartWith(`outgoing answered, ${CUSTOMER} → 151 by 151`);
    expect(await call(events)).toContain("talk 3, hung up");
  });

  it("Originate between two extensions is internal", () => {
    const script = new AmiScript();
    const phone = script.channel("PJSIP/151", { state: 0 });
    script.dial(undefined, phone).wait(1);
    const other = script.channel("PJSIP/152", { of: phone });
    script.dial(phone, other).wait(1).hangup(other).hangup(phone);
    expect(bodies(eventsOf(script), "dial")).toMatchObject([
      { CallType: 2, Phone: "151", Extensions: ["152"] },
    ]);
  });

  it("an own phone that does not answer: the call was not answered", () => {
    const script = new AmiScript();
    const phone = script.channel("PJSIP/151", { state: 0 });
    script.dial(undefined, phone).wait(5).hangup(phone, 0);
    const events = eventsOf(script);
    expect(order(events)).toBe("hangup");
    expect(bodies(events, "hangup")).toMatchObject([{ CallStatus: "0" }]);
  });
});

describe("several calls", () => {
  it("two calls of one phone, interleaved, are two", async () => {
    const script = new AmiScript();
    const first = incoming(script);
    const second = incoming(script, "375291112233");
    script.wait(1).connect("b-1", first.phone, first.customer);
    script.connect("b-2", second.phone, second.customer).wait(2);
    script.part("b-1", first.customer, first.phone).hangup(first.phone).wait(1);
    script.part("b-2", second.phone, second.customer).hangup(first.customer);
    script.hangup(second.phone).hangup(second.customer);
    const events = eventsOf(script);
    expect(await call(events, first.customer.id)).toStartWith(
      `incoming answered, ${CUSTOMER} → 151 by 151, wait 1.1 talk 2`,
    );
    expect(await call(events, second.customer.id)).toStartWith(
      "incoming answered, 375291112233 → 151 by 151, wait 1.1 talk 3",
    );
  });

  it("strangers in a conference talk, and stay two calls whatever Linkedid they get there", async () => {
    const script = new AmiScript();
    const kind = { BridgeType: "base", BridgeTechnology: "softmix", BridgeCreator: "ConfBridge" };
    const one = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
    const two = script.channel("PJSIP/mts", { num: "375291112233", exten: DID });
    script.create("b-conf", kind).enter("b-conf", one, kind).enter("b-conf", two, kind);
    two.linked = one.id;
    script.wait(2).leave("b-conf", two, kind).hangup(two).leave("b-conf", one, kind).hangup(one);
    const events = eventsOf(script);
    expect(bodies(events, "bridge_create")[0]).toMatchObject(kind);
    expect(bodies(events, "hangup").map((body) => body["Phone"])).toEqual([
      "375291112233",
      CUSTOMER,
    ]);
    expect(await call(events, two.id)).toBe(
      "incoming answered, 375291112233 → -, wait 0 talk 2, hung up pbx",
    );
  });

  it("parked and taken back by another: one call, and parking is no talk", async () => {
    const script = new AmiScript();
    const kind = {
      BridgeType: "parking",
      BridgeTechnology: "holding_bridge",
      BridgeCreator: "Park",
    };
    const { customer, phone } = incoming(script);
    script.wait(1).connect("b-1", phone, customer).wait(2);
    script.leave("b-1", customer).enter("b-park", customer, kind);
    script.leave("b-1", phone).destroy("b-1").hangup(phone).wait(5);
    const other = script.channel("PJSIP/152", { exten: "701" });
    script.create("b-2").enter("b-2", other).leave("b-park", customer, kind);
    script.enter("b-2", customer);
    other.linked = customer.id;
    script.wait(3).on("HangupRequest", customer).part("b-2", customer, other);
    script.hangup(other).hangup(customer);
    const events = eventsOf(script);
    expect(bodies(events, "hangup")).toMatchObject([
      { UniqueId: other.id },
      { UniqueId: customer.id, Talk: expect.closeTo(5, 1) },
    ]);
    expect(await call(events, customer.id)).toStartWith(
      `incoming answered, ${CUSTOMER} → 151 152 by 151 152, wait 1.1 talk 5`,
    );
  });

  it("what Asterisk makes for itself is no call", () => {
    const script = new AmiScript();
    const message = script.channel("Message/ast_msg_queue", { exten: "152" });
    const announcer = script.channel("CBAnn/conf-1;1");
    script.hangup(message).hangup(announcer);
    expect(eventsOf(script)).toEqual([]);
  });
});

describe("a stream that is not quite in order", () => {
  it("events half a millisecond out of order give the same call", async () => {
    const script = new AmiScript();
    const { customer, phone } = incoming(script);
    script.wait(1).connect("b-1", phone, customer).wait(3);
    script.part("b-1", customer, phone).hangup(phone).hangup(customer);
    const messages = script.messages();
    const swapped = [...messages];
    // BridgeCreate behind the first BridgeEnter, the last BridgeLeave behind BridgeDestroy.
    for (const event of ["BridgeCreate", "BridgeLeave"]) {
      const at = swapped.findLastIndex((message) => message.event === event);
      swapped.splice(at, 2, swapped[at + 1] as never, swapped[at] as never);
    }
    const run = (list: typeof messages): AgentEvent[] =>
      mapped(list.map((message) => [message, Number(message.fields.get("Timestamp")) * 1000]));
    expect(order(run(swapped))).toBe(order(run(messages)));
    expect(await call(run(swapped))).toBe(await call(run(messages)));
  });
});
