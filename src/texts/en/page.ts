// The English catalogue.

import type { CallStatus } from "../../call/index.ts";
import type { TgAction } from "../../domain/record.ts";
import type { Texts } from "../types/page.ts";
import { sentence } from "./sentence.ts";
import { plural, seconds } from "./words.ts";

const STATUS: { readonly [status in CallStatus]: string } = {
  ringing: "Ringing",
  talking: "Talking",
  answered: "Answered",
  missed: "Missed",
  busy: "Busy",
  cancelled: "Gave up",
  failed: "Failed",
  unknown: "Unknown",
  service: "Service",
};

/** Cards by what the chat is told, as the files name them. */
const CARD: { readonly [kind: string]: string } = {
  start: "incoming",
  dial: "ringing",
  bridge: "talking",
  hangup: "result",
  digest: "the day",
  reminder: "reminder",
};
const card = (kind: string): string => `“${CARD[kind] ?? kind}”`;
const ACTION: { readonly [action in TgAction]: string } = {
  send: "sent",
  edit: "edited",
  delete: "deleted",
  fail: "not delivered",
};

const WHERE: { readonly [action in TgAction]: string } = {
  send: "to chat",
  edit: "in chat",
  delete: "from chat",
  fail: "to chat",
};

/** Hangup causes of Q.850 that a reader may wonder about. */
const CAUSE: { readonly [code: string]: string } = {
  "1": "no such number",
  "16": "normal clearing",
  "17": "busy",
  "18": "the phone does not respond",
  "19": "nobody picked up",
  "20": "the phone is offline",
  "21": "call rejected",
  "26": "answered elsewhere",
  "27": "the phone is out of order",
  "28": "invalid number",
  "31": "normal clearing",
  "34": "no free line",
  "38": "network out of order",
  "41": "temporary failure",
  "58": "no common codec",
  "127": "call cancelled",
};

export const en: Texts = {
  pageTitle: (phone) => (phone === undefined ? "Call from a withheld number" : `Call ${phone}`),
  sentence,
  status: (status, direction) =>
    direction !== "incoming" && status === "missed" ? "No answer" : STATUS[status],
  direction: { incoming: "Incoming", outgoing: "Outgoing", internal: "Internal", unknown: "Call" },
  seconds,
  hidden: "number withheld",
  demoEnterprise: "Sample enterprise",
  wait: "Wait",
  talk: "Talk",
  total: "Total",
  result: "Result",
  hungUpBy: (who) => `${who} hung up`,
  hungUpByPbx: "the PBX ended the call",
  customer: "the customer",
  startedAt: "Started",
  enterprise: "Enterprise",
  line: "Line",
  callId: "Call id",
  participants: "Participants",
  namesMissing: "Some names are not shown: the service of names does not answer now.",
  role: { outside: "customer", caller: "caller", callee: "was rung" },
  rang: "rang",
  talked: "talked",
  held: "on hold",
  notTalked: "did not talk",
  transferFrom: (numbers) => `transfer from ${numbers}`,
  transferUntaken: "transfer not taken",
  drawing: {
    title: "Course of the call",
    waiting: "waits",
    ringing: "rings",
    talking: "talks",
    holding: "holds",
    bridge: "bridge",
    bridges: "Bridges of the PBX",
    telegram: "Telegram",
    requests: "Requests",
    request: (status) => `request, answer ${status}`,
    failed: "failed",
    shortened: "long stretch, drawn shorter",
  },
  doubtsTitle: "Worth knowing",
  doubt: {
    "no-hangup": () => "No hangup was recorded: when the call ended is not known.",
    "no-start": () => "The start was not recorded: the call may have begun earlier.",
    "no-bridge": () => "The PBX says the call was answered, but the connection was not recorded.",
    "no-enter": (count) =>
      `${plural(count, "party was", "parties were")} seen leaving the conversation but not entering it.`,
    "no-leave": (count) =>
      `${plural(count, "party was", "parties were")} not seen leaving the conversation: counted to the end of the call.`,
    "status-differs": () => "The PBX says nobody answered, but the records show a conversation.",
    "talk-differs": (count) =>
      `The PBX tells another talk time than was counted here: ${count} s of difference.`,
    salvaged: (count) =>
      `${plural(count, "event was", "events were")} not valid JSON: what could be read was kept.`,
    recovered: (count) => `${plural(count, "event", "events")} came late, after an interruption.`,
    imported: () => "Taken from the history that the PBX keeps itself, which tells less.",
    gap: (count) =>
      `For ${plural(count, "second", "seconds")} nothing was heard of the PBX: what happened then is not known.`,
    "clock-differs": (count) =>
      `The clock of the PBX is ${Math.abs(count)} s ${count > 0 ? "ahead of" : "behind"} ours.`,
    "unreadable-lines": (count) =>
      `${plural(count, "line", "lines")} about this call cannot be read.`,
    "too-many-records": () =>
      "More records hang together than a call has, so some are left out: does the PBX give every call the same Linkedid or bridge?",
    "earlier-call-with-this-id": () => "An earlier call had the same id.",
  },
  recordsTitle: (count) => `Everything in order: ${plural(count, "record", "records")}`,
  show: {
    title: "Records to show",
    all: "All",
    events: "Events",
    telegram: "Telegram",
    requests: "Requests",
  },
  recordWords: {
    start: (phone) => `Call came in: ${phone}`,
    dial: (numbers, line) =>
      `${numbers === "" ? "Dialling" : `Dialling: ${numbers}`}${line === "" ? "" : ` · line ${line}`}`,
    bridge: (who) => `${who} joined the conversation`,
    bridge_create: "Connection made",
    bridge_leave: (who) => `${who} left the conversation`,
    bridge_destroy: "Connection closed",
    hold: (who) => `${who} put the call on hold`,
    unhold: (who) => `${who} took the call off hold`,
    hangup: (who, cause) =>
      [
        who === "" ? "Hangup" : `Hangup: ${who}`,
        CAUSE[cause] ?? "",
        cause === "" ? "" : `cause ${cause}`,
      ]
        .filter((part) => part !== "")
        .join(" · "),
    new_callerid: "Caller id changed",
    other: (event) => `Event ${event}`,
    salvaged: "the body was broken, what could be read is shown",
    card: (action, chat, kind) => `Card ${card(kind)} ${ACTION[action]} ${WHERE[action]} ${chat}`,
    request: (what, status) => `Request ${what}: ${status}`,
    noAnswer: "no answer came",
    sql: "Record of an earlier version",
  },
  delivery: {
    title: "Delivery in Telegram",
    chat: (id) => `chat ${id}`,
    state: {
      final: "Final card delivered",
      current: "Card delivered",
      outdated: "No final card, an earlier one still stands",
      failed: "Not delivered",
      removed: "No card is left in the chat",
    },
    action: (action, kind) => `${ACTION[action]} ${card(kind)}`,
    after: (delay) => `after ${delay}`,
    hint: "“After” counts from the event of the PBX before it.",
  },
  requests: {
    title: "Requests to other programs",
    exchange: "request and response",
    sent: "Request",
    received: "Response",
  },
  zone: (name) => `Times: ${name}`,
  error: {
    400: {
      title: "Incomplete link",
      text: "The address of this page is malformed. Open the whole link from Telegram.",
    },
    403: {
      title: "No access",
      text: "The link has expired or is wrong. Open the call from the button of a recent message.",
    },
    404: {
      title: "Call not found",
      text: "There is no such call, or its records are past the time they are kept.",
    },
    noPage: { title: "Page not found", text: "There is no page at this address. Check it." },
    noRecording: {
      title: "Recording not found",
      text: "The call has no such recording, or its file is not there any more.",
    },
    429: { title: "Too many attempts", text: "Wait a minute and open the link again." },
    500: {
      title: "Service error",
      text: "The page could not be made. The service log tells why.",
    },
    archive: {
      title: "The archive is unavailable",
      text: "This day is kept in the archive, which does not answer now. Nothing is lost: try again in a minute.",
    },
    503: {
      title: "Temporarily unavailable",
      text: "The directory of enterprises does not answer. Try again in a minute.",
    },
  },
};
