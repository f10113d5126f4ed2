// Hand-made calls of several conversations: transfers, forwarding, click-to-call. What joins their parts are bridges and
// Local channels (a pipe of two ends, `;1` and `;2`). Each is written as what happens at which second. Names and
// numbers are invented.

import { createFieldHost } from "./field-host.ts";
import { talk } from "./field-simple.ts";
import type { Scenario } from "./types.ts";

const CUSTOMER = "375292223344";
const LINE = "0001363";

/**
 * 150 answers at 8 s, talks for 20 s and dials the transfer away: its leg hangs up at 28 s, 152 rings until 33 s and
 * talks for 30 s. The same channel of the customer is dialled out again, so its id ties the halves.
 */
const blindTransfer = (): Scenario => {
  const host = createFieldHost({ seed: 11 });
  const outside = host.channel(0, `SIP/${LINE}`, { callerIdNum: CUSTOMER, exten: LINE });
  const first = host.channel(0, "SIP/150", { callerIdNum: "150", connectedLineNum: CUSTOMER });
  const call = { Phone: CUSTOMER, Trunk: LINE, CallType: 0 };
  host.start(0, outside, { Phone: CUSTOMER, Trunk: LINE });
  host.newCallerId(0.1, outside);
  host.dial(0.3, outside, { ...call, Extensions: ["150"], ExtPhone: CUSTOMER });
  talk(host, [8, 28], first, outside);
  // The transferring leg ends; its hangup names the outside phone, and is not the call's end.
  host.hangup(28, first, {
    Phone: CUSTOMER,
    CallType: 2,
    Extensions: ["150"],
    CallStatus: "2",
    DateReceived: host.stamp(8),
    StartTime: "",
  });
  host.dial(28.2, outside, { ...call, Extensions: ["152"], ExtPhone: CUSTOMER });
  const second = host.channel(28, "SIP/152", { callerIdNum: "152", connectedLineNum: CUSTOMER });
  talk(host, [33, 63], second, outside);
  host.hangup(63, outside, {
    ...call,
    Extensions: ["152"],
    CallStatus: "2",
    DateReceived: host.stamp(28),
    StartTime: host.stamp(0),
  });
  return {
    name: "field_transfer_blind",
    description: "incoming: 150 answers and transfers to 152 without asking",
    events: host.events(),
    facts: {
      direction: "incoming",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["150", "152"],
      waitSeconds: 8,
      talkSeconds: 50,
    },
  };
};

/**
 * Two attended transfers in a row, by feature code, through Local channels: 45 events, 8 unique ids, 5 bridges.
 *
 *     12 s  150 answers (at the second ring stage) and talks with the customer
 *     32 s  150 asks 151, who answers at 37 s; the customer hears music
 *     45 s  150 hangs up: customer = Local 1 = 151 talk
 *     65 s  151 asks 152, who answers at 70 s; the customer hears music again
 *     80 s  151 hangs up: customer = Local 1 = Local 2 = 152 talk
 *    110 s  the customer hangs up; the pipes fall one after the other, after the final hangup
 *
 * Talk is 20 + 20 + 30 s: the consultations are not the customer's. The final hangup names 150 alone.
 */
const attendedTransfers = (): Scenario => {
  const host = createFieldHost({ seed: 12 });
  const outside = host.channel(0, `SIP/${LINE}`, { callerIdNum: CUSTOMER, exten: LINE });
  const a = host.channel(10, "SIP/150", { callerIdNum: "150", connectedLineNum: CUSTOMER });
  const call = { Phone: CUSTOMER, Trunk: LINE, CallType: 0 };
  host.start(0, outside, { Phone: CUSTOMER, Trunk: LINE });
  host.newCallerId(0.1, outside);
  host.dial(0.3, outside, { ...call, Extensions: ["149"], ExtPhone: CUSTOMER });
  host.dial(10.3, outside, { ...call, Extensions: ["149", "150"], ExtPhone: CUSTOMER });
  const talkA = host.createBridge(12);
  host.enter(12, talkA, a);
  host.enter(12, talkA, outside);

  // 150 asks 151.
  const [near1, far1] = host.localPair(32, "151@transfer", { callerIdNum: "150", exten: "151" });
  const b = host.channel(32, "SIP/151", { callerIdNum: "151", connectedLineNum: "150" });
  const ask1 = host.createBridge(32);
  host.leave(32, talkA, a);
  host.enter(32, ask1, a);
  host.enter(32, ask1, near1);
  host.newCallerId(32.1, far1);
  const talkB = host.createBridge(37);
  host.enter(37, talkB, b);
  host.enter(37, talkB, far1);

  // 150 hangs up; the asking bridge is merged into the customer's.
  const transferLeg = { Phone: CUSTOMER, CallType: 2, CallStatus: "2", StartTime: "" };
  host.leave(45, ask1, a);
  host.hangup(45, a, { ...transferLeg, Extensions: ["151"], DateReceived: host.stamp(32) });
  host.leave(45, ask1, near1);
  host.enter(45, talkA, near1);
  host.destroyBridge(45, ask1);

  // 151 asks 152.
  const [near2, far2] = host.localPair(65, "152@transfer", { callerIdNum: "151", exten: "152" });
  const c = host.channel(65, "SIP/152", { callerIdNum: "152", connectedLineNum: "151" });
  const ask2 = host.createBridge(65);
  host.leave(65, talkB, b);
  host.enter(65, ask2, b);
  host.enter(65, ask2, near2);
  host.newCallerId(65.1, far2);
  const talkC = host.createBridge(70);
  host.enter(70, talkC, c);
  host.enter(70, talkC, far2);

  // 151 hangs up.
  host.leave(80, ask2, b);
  host.hangup(80, b, { ...transferLeg, Extensions: ["152"], DateReceived: host.stamp(65) });
  host.leave(80, ask2, near2);
  host.enter(80, talkB, near2);
  host.destroyBridge(80, ask2);

  // The customer hangs up.
  host.leave(110, talkA, outside);
  host.leave(110, talkA, near1);
  host.destroyBridge(110, talkA);
  host.hangup(110, outside, {
    ...call,
    Extensions: ["150"],
    CallStatus: "2",
    DateReceived: host.stamp(0),
    StartTime: host.stamp(0),
  });
  host.leave(110, talkB, far1);
  host.leave(110, talkB, near2);
  host.destroyBridge(110, talkB);
  host.hangup(110, far1, { ...transferLeg, Extensions: ["151"], DateReceived: host.stamp(32) });
  host.leave(110, talkC, far2);
  host.leave(110, talkC, c);
  host.destroyBridge(110, talkC);
  host.hangup(110, far2, { ...transferLeg, Extensions: ["152"], DateReceived: host.stamp(65) });
  return {
    name: "field_transfer_attended",
    description: "incoming: 150 asks 151 and transfers, 151 asks 152 and transfers; 45 events",
    events: host.events(),
    facts: {
      direction: "incoming",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["150", "151", "152"],
      waitSeconds: 12,
      talkSeconds: 70,
    },
  };
};

/**
 * 151 rings for 15 s, then the call goes on to a mobile through a Local channel, whose far end is an outgoing call of
 * its own on another line. The mobile answers at 24 s and they talk for 41 s. Nothing but the Local pair ties the
 * mobile's leg to the customer's; its caller id is the company's number.
 */
const forwardToMobile = (): Scenario => {
  const host = createFieldHost({ seed: 13 });
  const mobile = "375447778899";
  const second = "0001364";
  const outside = host.channel(0, `SIP/${LINE}`, { callerIdNum: CUSTOMER, exten: LINE });
  const call = { Phone: CUSTOMER, Trunk: LINE, CallType: 0 };
  host.start(0, outside, { Phone: CUSTOMER, Trunk: LINE });
  host.newCallerId(0.1, outside);
  host.dial(0.3, outside, { ...call, Extensions: ["151"], ExtPhone: CUSTOMER });
  host.dial(15.3, outside, { ...call, Extensions: [mobile], ExtPhone: CUSTOMER });
  const [near, far] = host.localPair(15, `${mobile}@forward`, {
    callerIdNum: CUSTOMER,
    exten: mobile,
  });
  const leg = host.channel(15, `SIP/${second}`, {
    callerIdNum: "375170000100",
    connectedLineNum: CUSTOMER,
  });
  const out = { Phone: mobile, Trunk: second, CallType: 1 };
  host.dial(15.5, far, { ...out, Extensions: ["151"], ExtPhone: mobile });
  host.newCallerId(15.6, leg);
  const farTalk = host.createBridge(24);
  host.enter(24, farTalk, leg);
  host.enter(24, farTalk, far);
  const nearTalk = host.createBridge(24);
  host.enter(24, nearTalk, near);
  host.enter(24, nearTalk, outside);
  host.leave(65, nearTalk, outside);
  host.leave(65, nearTalk, near);
  host.destroyBridge(65, nearTalk);
  host.hangup(65, outside, {
    ...call,
    Extensions: [mobile],
    CallStatus: "2",
    DateReceived: host.stamp(15),
    StartTime: host.stamp(0),
  });
  host.leave(65, farTalk, far);
  host.leave(65, farTalk, leg);
  host.destroyBridge(65, farTalk);
  host.hangup(65, far, {
    ...out,
    Extensions: ["151"],
    CallStatus: "2",
    DateReceived: host.stamp(15),
    StartTime: host.stamp(15),
  });
  return {
    name: "field_forward_mobile",
    description: "incoming: 151 does not answer, the call is forwarded to a mobile, which does",
    events: host.events(),
    facts: {
      direction: "incoming",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: [mobile],
      waitSeconds: 24,
      talkSeconds: 41,
    },
  };
};

/**
 * A program calls 151, who picks up at 4 s; only then the customer is dialled, who answers at 15 s. They talk for 35 s.
 * The first bridge comes before the dial, and the Local channel's far end falls after the final hangup.
 */
const clickToCall = (): Scenario => {
  const host = createFieldHost({ seed: 14 });
  const [near, far] = host.localPair(0, "151@click", { callerIdNum: "151", exten: CUSTOMER });
  const own = host.channel(0, "SIP/151", { callerIdNum: "151", connectedLineNum: CUSTOMER });
  const ownTalk = host.createBridge(4);
  host.enter(4, ownTalk, own);
  host.enter(4, ownTalk, far);
  const call = { Phone: CUSTOMER, Trunk: LINE, CallType: 1, ExternalInitiated: true };
  host.dial(4.4, near, { ...call, Extensions: ["151"], ExtPhone: CUSTOMER });
  const outside = host.channel(4, `SIP/${LINE}`, {
    callerIdNum: CUSTOMER,
    connectedLineNum: "375170000100",
  });
  host.newCallerId(4.5, outside);
  const outsideTalk = host.createBridge(15);
  host.enter(15, outsideTalk, outside);
  host.enter(15, outsideTalk, near);
  host.leave(50, outsideTalk, outside);
  host.leave(50, outsideTalk, near);
  host.destroyBridge(50, outsideTalk);
  host.hangup(50, near, {
    ...call,
    Extensions: ["151"],
    CallStatus: "2",
    DateReceived: host.stamp(4),
    StartTime: host.stamp(4),
  });
  host.leave(50, ownTalk, far);
  host.leave(50, ownTalk, own);
  host.destroyBridge(50, ownTalk);
  return {
    name: "field_click_to_call",
    description: "outgoing, from a button: 151 picks up first, then the customer answers",
    events: host.events(),
    facts: {
      direction: "outgoing",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["151"],
      // The ringing of 151's own phone is in no event.
      waitSeconds: null,
      talkSeconds: 35,
    },
  };
};

/**
 * Two connections overtake each other: the bridge is entered before it is created, the dial comes before the start, and
 * the hangup before the leaves. 151 answers after 9 s, they talk for 22 s.
 */
const swappedNeighbours = (): Scenario => {
  const host = createFieldHost({ seed: 15 });
  const outside = host.channel(0, `SIP/${LINE}`, { callerIdNum: CUSTOMER, exten: LINE });
  const own = host.channel(0, "SIP/151", { callerIdNum: "151", connectedLineNum: CUSTOMER });
  const call = { Phone: CUSTOMER, Trunk: LINE, CallType: 0 };
  host.start(0, outside, { Phone: CUSTOMER, Trunk: LINE });
  host.dial(0.3, outside, { ...call, Extensions: ["151"], ExtPhone: CUSTOMER });
  talk(host, [9, 31], own, outside);
  host.hangup(31, outside, {
    ...call,
    Extensions: ["151"],
    CallStatus: "2",
    DateReceived: host.stamp(0),
    StartTime: host.stamp(0),
  });
  // start dial create enter enter leave leave destroy hangup
  const arrival = [1, 0, 3, 2, 4, 8, 5, 7, 6];
  const events = host.events();
  return {
    name: "field_swapped",
    description: "incoming, answered by 151; neighbouring events overtake each other on the way",
    events: arrival.flatMap((from, place) => {
      const event = events[from];
      const slot = events[place];
      return event === undefined || slot === undefined ? [] : [{ ...event, at: slot.at }];
    }),
    facts: {
      direction: "incoming",
      status: "answered",
      phone: CUSTOMER,
      answeredBy: ["151"],
      waitSeconds: 9,
      talkSeconds: 22,
    },
  };
};

export const transferFieldScenarios = (): Scenario[] => [
  blindTransfer(),
  attendedTransfers(),
  forwardToMobile(),
  clickToCall(),
  swappedNeighbours(),
];
