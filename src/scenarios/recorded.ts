// The calls recorded from a real Asterisk, carried as text so that they are inside the executable too. A line of a file:
// `{"t": epoch seconds, "event": "dial", "body": {…}}`. Parsed when asked for: starting must not pay for them.

import type { EventBody } from "../domain/event.ts";
import idAnonymous from "./recorded/id_anonymous.jsonl" with { type: "text" };
import idEmpty from "./recorded/id_empty.jsonl" with { type: "text" };
import idHtml from "./recorded/id_html.jsonl" with { type: "text" };
import idLong from "./recorded/id_long.jsonl" with { type: "text" };
import idUtf8 from "./recorded/id_utf8.jsonl" with { type: "text" };
import inAnswered from "./recorded/in_answered.jsonl" with { type: "text" };
import inAnsweredCalleeHangup from "./recorded/in_answered_callee_hangup.jsonl" with {
  type: "text",
};
import inBusy from "./recorded/in_busy.jsonl" with { type: "text" };
import inCancel from "./recorded/in_cancel.jsonl" with { type: "text" };
import inForwardMobile from "./recorded/in_forward_mobile.jsonl" with { type: "text" };
import inHold from "./recorded/in_hold.jsonl" with { type: "text" };
import inIvrOnly from "./recorded/in_ivr_only.jsonl" with { type: "text" };
import inMissed from "./recorded/in_missed.jsonl" with { type: "text" };
import inQueue from "./recorded/in_queue.jsonl" with { type: "text" };
import inQueueLinear from "./recorded/in_queue_linear.jsonl" with { type: "text" };
import inQueueMissed from "./recorded/in_queue_missed.jsonl" with { type: "text" };
import inRinggroup from "./recorded/in_ringgroup.jsonl" with { type: "text" };
import inRinggroupCancel from "./recorded/in_ringgroup_cancel.jsonl" with { type: "text" };
import intAnswered from "./recorded/int_answered.jsonl" with { type: "text" };
import intBusy from "./recorded/int_busy.jsonl" with { type: "text" };
import intMissed from "./recorded/int_missed.jsonl" with { type: "text" };
import nameQuotes from "./recorded/name_quotes.jsonl" with { type: "text" };
import outAnswered from "./recorded/out_answered.jsonl" with { type: "text" };
import outBadnumber from "./recorded/out_badnumber.jsonl" with { type: "text" };
import outBusy from "./recorded/out_busy.jsonl" with { type: "text" };
import outClick2call from "./recorded/out_click2call.jsonl" with { type: "text" };
import outNoanswerCancel from "./recorded/out_noanswer_cancel.jsonl" with { type: "text" };
import sysnameHost from "./recorded/sysname_host.jsonl" with { type: "text" };
import xferAttended from "./recorded/xfer_attended.jsonl" with { type: "text" };
import xferBlind from "./recorded/xfer_blind.jsonl" with { type: "text" };
import type { Scenario, ScenarioEvent } from "./types.ts";

type Line = { readonly t: number; readonly event: string; readonly body: EventBody };

const parseEvents = (text: string): ScenarioEvent[] =>
  text
    .trim()
    .split("\n")
    .map((line) => {
      const { t, event, body } = JSON.parse(line) as Line;
      return { at: Math.round(t * 1000), event, body };
    });

const recordings: readonly (readonly [name: string, text: string, description: string])[] = [
  ["in_answered", inAnswered, "incoming, answered by 151; the customer hangs up"],
  ["in_answered_callee_hangup", inAnsweredCalleeHangup, "incoming, answered by 151, who hangs up"],
  ["in_busy", inBusy, "incoming, 151 is busy"],
  ["in_cancel", inCancel, "incoming, the customer gives up while 151 rings"],
  ["in_forward_mobile", inForwardMobile, "incoming, 151 does not answer, a mobile number does"],
  ["in_hold", inHold, "incoming, answered by 151, who puts the customer on hold for a while"],
  ["in_ivr_only", inIvrOnly, "incoming, the customer hangs up in the voice menu"],
  ["in_missed", inMissed, "incoming, 151 does not answer"],
  ["in_queue", inQueue, "incoming queue, answered by 153"],
  ["in_queue_linear", inQueueLinear, "incoming queue, one after the other: the second one answers"],
  ["in_queue_missed", inQueueMissed, "incoming queue, nobody answers"],
  ["in_ringgroup", inRinggroup, "incoming, a group rings, 152 answers"],
  ["in_ringgroup_cancel", inRinggroupCancel, "incoming, a group rings, the customer gives up"],
  ["int_answered", intAnswered, "internal, 151 calls 152, who answers"],
  ["int_busy", intBusy, "internal, 151 calls 152, who is busy"],
  ["int_missed", intMissed, "internal, 151 calls 152, who does not answer"],
  ["out_answered", outAnswered, "outgoing, 151 calls a customer, who answers"],
  ["out_badnumber", outBadnumber, "outgoing, to a number that does not exist"],
  ["out_busy", outBusy, "outgoing, the customer is busy"],
  [
    "out_click2call",
    outClick2call,
    "outgoing, from a button: first 151 picks up, then the customer",
  ],
  ["out_noanswer_cancel", outNoanswerCancel, "outgoing, nobody answers, 151 gives up"],
  ["xfer_attended", xferAttended, "incoming, 151 asks 152 and then transfers the customer"],
  ["xfer_blind", xferBlind, "incoming, 151 transfers the customer to 152 without asking"],
  ["id_anonymous", idAnonymous, "incoming, from a customer who hides the number"],
  ["id_empty", idEmpty, "incoming, without any number"],
  ["id_html", idHtml, "incoming, the caller's name is HTML with a script"],
  ["id_long", idLong, "incoming, the caller's name is as long as Asterisk takes it"],
  ["id_utf8", idUtf8, "incoming, the caller's name is in Russian, with quotation marks"],
  ["name_quotes", nameQuotes, "incoming, the caller's name has quotes, commas and a vertical bar"],
  ["sysname_host", sysnameHost, "incoming, from a PBX with a system name in its unique ids"],
];

export const recordedScenarios = (): Scenario[] =>
  recordings.map(([name, text, description]) => ({
    name,
    description,
    get events() {
      return parseEvents(text);
    },
  }));
