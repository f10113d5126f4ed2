// Hand-made calls of one conversation: incoming, outgoing, internal. Each is written as what happens at which second;
// the host posts it. Names and numbers are invented.

import { type Channel, createFieldHost, type FieldHost } from "./field-host.ts";
import type { Scenario } from "./types.ts";

const CUSTOMER = "375291112233";
const LINE = "0001363";

/** Two channels talk: one bridge from `from` to `to`, the dialled side enters first. */
export const talk = (
  host: FieldHost,
  [from, to]: readonly [from: number, to: number],
  called: Channel,
  calling: Channel,
): void => {
  const bridge = host.createBridge(from);
  host.enter(from, bridge, called);
  host.enter(from, bridge, calling);
  host.leave(to, bridge, calling);
  host.leave(to, bridge, called);
  host.destroyBridge(to, bridge);
};

const incomingLeg = (host: FieldHost): Channel =>
  host.channel(0, `SIP/${LINE}`, { callerIdNum: CUSTOMER, exten: LINE });

const extensionLeg = (host: FieldHost, second: number, extension: string, peer: string): Channel =>
  host.channel(second, `SIP/${extension}`, { callerIdNum: extension, connectedLineNum: peer });

const incoming = { Phone: CUSTOMER, Trunk: LINE, CallType: 0 };

/** 150 and 151 ring, after 10 s 152 too and answers at 14 s; they talk until the customer hangs up at 54 s. */
const incomingStaged = (): Scenario => {
  const host = createFieldHost({ seed: 1 });
  const outside = incomingLeg(host);
  host.start(0, outside, { Phone: CUSTOMER, Trunk: LINE });
  host.newCallerId(0.1, { ...outside, callerIdName: "Мария Тестова" });
  host.dial(0.3, outside, { ...incoming, Extensions: ["150", "151"], ExtPhone: CUSTOMER });
  host.dial(10.3, outside, { ...incoming, Extensions: ["150", "151", "152"], ExtPhone: CUSTOMER });
  talk(host, [14, 54], extensionLeg(host, 10, "152", CUSTOMER), outside);
  host.hangup(54, outside, {
    ...incoming,
    Extensions: ["152"],
    CallStatus: "2",
    DateReceived: host.stamp(10),
    StartTime: host.stamp(0),
  });
  return {
    name: "field_incoming",
    description: "incoming, staged ringing: 150 and 151, then 152 too, who answers",
    events: host.events(),
    facts: {
      direction: "incoming",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["152"],
      waitSeconds: 14,
      talkSeconds: 40,
    },
  };
};

/** 150 rings, after 12 s 151 and 152 too; nobody answers, the queue gives up at 30 s. */
const incomingMissed = (): Scenario => {
  const host = createFieldHost({ seed: 2 });
  const outside = incomingLeg(host);
  host.start(0, outside, { Phone: CUSTOMER, Trunk: LINE });
  host.dial(0.3, outside, { ...incoming, Extensions: ["150"], ExtPhone: CUSTOMER });
  host.dial(12.3, outside, { ...incoming, Extensions: ["150", "151", "152"], ExtPhone: CUSTOMER });
  host.hangup(30, outside, {
    ...incoming,
    Extensions: [""],
    CallStatus: "0",
    DateReceived: host.stamp(12),
    StartTime: host.stamp(0),
  });
  return {
    name: "field_incoming_missed",
    description: "incoming, staged ringing, nobody answers",
    events: host.events(),
    facts: {
      direction: "incoming",
      status: "missed",
      phone: CUSTOMER,
      answeredBy: [],
      waitSeconds: 30,
      talkSeconds: 0,
    },
  };
};

/**
 * An old sender on a host without a clock: `CallType` as text, the extensions in one string, tiny unique ids, a wrong
 * date. 153 answers after 6 s, they talk for 20 s.
 */
const incomingOldSender = (): Scenario => {
  const host = createFieldHost({ seed: 3, epochZero: 868_664 });
  const outside = incomingLeg(host);
  const old = { ...incoming, CallType: "0" };
  const wrongDate = (time: string): string => `1970-01-11 ${time}`;
  host.start(0, outside, { Phone: `+${CUSTOMER}`, Trunk: LINE, CallType: "0" });
  host.dial(0.2, outside, { ...old, Extensions: ["152&151&153"] });
  talk(host, [6, 26], extensionLeg(host, 0, "153", "<unknown>"), outside);
  host.hangup(26, outside, {
    ...old,
    Extensions: ["153"],
    CallStatus: "2",
    DateReceived: wrongDate("04:17:44"),
    StartTime: wrongDate("04:17:44"),
    EndTime: wrongDate("04:18:10"),
  });
  return {
    name: "field_incoming_old_sender",
    description: "incoming, from an old sender on a host without a clock: 153 answers",
    events: host.events(),
    facts: {
      direction: "incoming",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["153"],
      waitSeconds: 6,
      talkSeconds: 20,
    },
  };
};

type OutgoingHost = { readonly host: FieldHost; readonly own: Channel };

const outgoingFrom = (extension: string, host: FieldHost): OutgoingHost => ({
  host,
  own: host.channel(0, `SIP/${extension}`, { callerIdNum: extension, exten: CUSTOMER }),
});

const outgoing = { Phone: CUSTOMER, CallType: 1 };

const outsideLeg = (host: FieldHost, second: number, trunk: string): Channel =>
  host.channel(second, `SIP/${trunk}`, {
    callerIdNum: CUSTOMER,
    connectedLineNum: "375170000100",
  });

/** 151 calls out, is answered after 16 s, talks for 17 s. */
const outgoingAnswered = (): Scenario => {
  const { host, own } = outgoingFrom("151", createFieldHost({ seed: 4 }));
  const outside = outsideLeg(host, 1, LINE);
  host.dial(0, own, { ...outgoing, Extensions: ["151"], Trunk: LINE, ExtPhone: CUSTOMER });
  host.newCallerId(0.1, outside);
  talk(host, [16, 33], outside, own);
  host.hangup(33, own, {
    ...outgoing,
    Extensions: ["151"],
    CallStatus: "2",
    Trunk: LINE,
    DateReceived: host.stamp(0),
    StartTime: host.stamp(1),
  });
  return {
    name: "field_outgoing",
    description: "outgoing: 151 calls a customer, who answers",
    events: host.events(),
    facts: {
      direction: "outgoing",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["151"],
      waitSeconds: 16,
      talkSeconds: 17,
    },
  };
};

/** The first line fails after 3 s, the second one rings; answered after 12 s, 25 s of talk. A host with a name. */
const outgoingFailOver = (): Scenario => {
  const { host, own } = outgoingFrom(
    "152",
    createFieldHost({ seed: 5, systemName: "pbx-07.example" }),
  );
  const second = "0001364";
  host.dial(0, own, { ...outgoing, Extensions: ["152"], Trunk: LINE, ExtPhone: CUSTOMER });
  host.newCallerId(0.1, outsideLeg(host, 0, LINE));
  host.dial(3, own, { ...outgoing, Extensions: ["152"], Trunk: second, ExtPhone: CUSTOMER });
  const outside = outsideLeg(host, 3, second);
  host.newCallerId(3.1, outside);
  talk(host, [12, 37], outside, own);
  host.hangup(37, own, {
    ...outgoing,
    Extensions: ["152"],
    CallStatus: "2",
    Trunk: second,
    DateReceived: host.stamp(3),
    StartTime: host.stamp(0),
  });
  return {
    name: "field_outgoing_fail_over",
    description: "outgoing: the first line fails, the second one gets through",
    events: host.events(),
    facts: {
      direction: "outgoing",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["152"],
      waitSeconds: 12,
      talkSeconds: 25,
    },
  };
};

/** 150 calls out and gives up after 21 s. */
const outgoingNoAnswer = (): Scenario => {
  const { host, own } = outgoingFrom("150", createFieldHost({ seed: 6 }));
  host.dial(0, own, { ...outgoing, Extensions: ["150"], Trunk: LINE, ExtPhone: CUSTOMER });
  host.newCallerId(0.1, outsideLeg(host, 0, LINE));
  host.hangup(21, own, {
    ...outgoing,
    Extensions: ["150"],
    CallStatus: "0",
    Trunk: LINE,
    DateReceived: host.stamp(0),
    StartTime: host.stamp(0),
  });
  return {
    name: "field_outgoing_no_answer",
    description: "outgoing: 150 calls a customer, who does not answer",
    events: host.events(),
    facts: {
      direction: "outgoing",
      status: "missed",
      phone: CUSTOMER,
      answeredBy: [],
      waitSeconds: 21,
      talkSeconds: 0,
    },
  };
};

/** 150 calls 151, who answers after 5 s; they talk for 30 s. Neither a start nor a dial is posted. */
const internalAnswered = (): Scenario => {
  const host = createFieldHost({ seed: 7 });
  const calling = host.channel(0, "SIP/150", { callerIdNum: "150", exten: "151" });
  const called = extensionLeg(host, 0, "151", "150");
  talk(host, [5, 35], called, calling);
  host.hangup(35, calling, {
    Phone: "150",
    CallType: 2,
    Extensions: ["151"],
    CallStatus: "2",
    Trunk: "",
    DateReceived: host.stamp(0),
    StartTime: "",
  });
  return {
    name: "field_internal",
    description: "internal: 150 calls 151, who answers; no start and no dial is posted",
    events: host.events(),
    facts: {
      direction: "internal",
      status: "answered",
      phone: "150",
      answeredBy: ["151"],
      waitSeconds: 5,
      talkSeconds: 30,
    },
  };
};

/** 150 calls 152 for 18 s; all that is posted is one hangup. */
const internalNoAnswer = (): Scenario => {
  const host = createFieldHost({ seed: 8 });
  const calling = host.channel(0, "SIP/150", { callerIdNum: "150", exten: "152" });
  host.hangup(18, calling, {
    Phone: "150",
    CallType: 2,
    Extensions: [""],
    CallStatus: "0",
    DateReceived: host.stamp(0),
    StartTime: "",
  });
  return {
    name: "field_internal_no_answer",
    description: "internal: 150 calls 152 in vain; all that is posted is one hangup",
    events: host.events(),
    facts: {
      direction: "internal",
      status: "missed",
      phone: "150",
      answeredBy: [],
      waitSeconds: 18,
      talkSeconds: 0,
    },
  };
};

export const simpleFieldScenarios = (): Scenario[] => [
  incomingStaged(),
  incomingMissed(),
  incomingOldSender(),
  outgoingAnswered(),
  outgoingFailOver(),
  outgoingNoAnswer(),
  internalAnswered(),
  internalNoAnswer(),
];
