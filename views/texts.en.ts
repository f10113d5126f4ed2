import type { CallStatus } from "../src/call/index.ts";
import type { Texts, Told } from "./texts.ts";

const list = (numbers: readonly string[]): string =>
  numbers.length < 2
    ? (numbers[0] ?? "")
    : `${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;

const seconds = (ms: number): string => {
  const total = Math.floor(ms / 1000 + 0.5);
  if (total < 60) return `${total}\u00a0s`;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = total % 60;
  return [
    hours > 0 ? `${hours}\u00a0h` : "",
    minutes > 0 ? `${minutes}\u00a0min` : "",
    rest > 0 ? `${rest}\u00a0s` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
};

const plural = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`;

const rang = (told: Told): string =>
  told.rung.length === 0 ? "nobody was rung" : `${list(told.rung)} rang`;

const hungUp = (told: Told): string => {
  if (told.hungUpBy === undefined) return "";
  return told.hungUpBy === "outside"
    ? " The customer hung up."
    : ` ${told.hungUpBy.number} hung up.`;
};

const transferred = (told: Told): string =>
  told.transfers
    .map(({ from, to, completed }) =>
      completed
        ? `, ${from} transferred to ${to}`
        : `, ${from} transferred to ${to} and nobody took it`,
    )
    .join("");

const talked = (told: Told): string => (told.talk === undefined ? "" : `, talked ${told.talk}`);
const after = (told: Told): string => (told.wait === undefined ? "" : ` after ${told.wait}`);

const shown = (told: Told): string => told.phone ?? "with a withheld number";

const incoming = (told: Told): string => {
  const client = `Customer ${shown(told)}`;
  const missed = `Missed call from customer ${shown(told)}:`;
  const waited = told.wait === undefined ? "" : ` waited ${told.wait},`;
  switch (told.status) {
    case "ringing":
      return told.rung.length === 0
        ? `${client} is calling.`
        : `${client} is calling, ringing ${list(told.rung)}.`;
    case "talking":
      return `${client} is talking with ${told.answered.at(-1) ?? "us"}${transferred(told)}.`;
    case "answered":
      return `${client} called: ${told.answered[0] ?? "somebody"} answered${after(told)}${transferred(told)}${talked(told)}.${hungUp(told)}`;
    case "missed":
      return `${missed}${waited} nobody answered, ${rang(told)}.`;
    case "cancelled":
      return `${missed}${waited} gave up, ${rang(told)}.`;
    case "busy":
      return `${missed} busy, ${rang(told)}.`;
    case "failed":
      return `${missed} no connection could be made, ${rang(told)}.`;
    case "unknown":
      return `${client} called, ${rang(told)}; how it ended is not known.`;
  }
};

const placed = (told: Told, from: string, to: string): string => {
  const who = `${from} called ${to}`;
  switch (told.status) {
    case "ringing":
      return `${from} is calling ${to}.`;
    case "talking":
      return `${from} is talking with ${to}${transferred(told)}.`;
    case "answered":
      return `${who}: answered${after(told)}${transferred(told)}${talked(told)}.${hungUp(told)}`;
    case "missed":
      return `${who}: no answer${told.wait === undefined ? "" : ` in ${told.wait}`}.`;
    case "cancelled":
      return `${who}: gave up${after(told)}.`;
    case "busy":
      return `${who}: busy.`;
    case "failed":
      return `${who}: the call did not go through, a wrong number or a fault of the line.`;
    case "unknown":
      return `${who}; how it ended is not known.`;
  }
};

const sentence = (told: Told): string => {
  if (told.direction === "incoming") return incoming(told);
  if (told.direction === "outgoing") {
    return placed(told, told.caller === "" ? "We" : told.caller, `customer ${shown(told)}`);
  }
  if (told.direction === "internal") {
    return placed(told, told.phone ?? "Somebody", list(told.rung) || "a colleague");
  }
  return "A call of which too little is known: the records do not tell who called whom.";
};

const STATUS: { readonly [status in CallStatus]: string } = {
  ringing: "Ringing",
  talking: "Talking",
  answered: "Answered",
  missed: "Missed",
  busy: "Busy",
  cancelled: "Gave up",
  failed: "Failed",
  unknown: "Unknown",
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
  startedAt: "Started",
  enterprise: "Enterprise",
  line: "Line",
  callId: "Call id",
  participants: "Participants",
  namesMissing: "Some names are not shown: the service of names does not answer now.",
  role: { outside: "customer", caller: "caller", callee: "was rung" },
  rang: "rang",
  talked: "talked",
  notTalked: "did not talk",
  drawing: {
    title: "Course of the call",
    waiting: "waits",
    ringing: "rings",
    talking: "talks",
    bridge: "bridge",
    bridges: "Bridges of the PBX",
    marks: "Telegram and requests",
    shortened: "This stretch is drawn shorter than it was",
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
    salvaged: (count) =>
      `${plural(count, "event was", "events were")} not valid JSON: what could be read was kept.`,
    recovered: (count) => `${plural(count, "event", "events")} came late, after an interruption.`,
    "clock-differs": (count) =>
      `The clock of the PBX is ${Math.abs(count)} s ${count > 0 ? "ahead of" : "behind"} ours.`,
    "unreadable-lines": (count) =>
      `${plural(count, "line", "lines")} about this call cannot be read.`,
    "earlier-call-with-this-id": () => "An earlier call had the same id.",
  },
  recordsTitle: (count) => `Everything in order: ${plural(count, "record", "records")}`,
  recordWords: {
    start: (phone) => `Call from ${phone} came in`,
    dial: (numbers) => (numbers === "" ? "Dialling" : `Dialling: ${numbers}`),
    bridge: (who) => `${who}: connected`,
    bridge_create: "Connection made",
    bridge_leave: (who) => `${who}: left the conversation`,
    bridge_destroy: "Connection closed",
    hangup: (cause) => (cause === "" ? "Hung up" : `Hung up (cause ${cause})`),
    new_callerid: "Caller id changed",
    other: (event) => `Event ${event}`,
    send: (chat) => `Telegram: sent to chat ${chat}`,
    edit: (chat) => `Telegram: edited in chat ${chat}`,
    delete: (chat) => `Telegram: deleted from chat ${chat}`,
    fail: (chat) => `Telegram: not delivered to chat ${chat}`,
    request: (status) => `Names asked for, answer ${status}`,
    sql: "Record of an earlier version",
  },
  raw: "record as stored",
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
    429: { title: "Too many attempts", text: "Wait a minute and open the link again." },
    500: {
      title: "Service error",
      text: "The page could not be made. The service log tells why.",
    },
    503: {
      title: "Temporarily unavailable",
      text: "The directory of enterprises does not answer. Try again in a minute.",
    },
  },
};
