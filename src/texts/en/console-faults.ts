// Refused and broken events and the checks, in English.

import type { ConsoleFaultsTexts } from "../types/console-faults.ts";

export const en: ConsoleFaultsTexts = {
  title: (enterprise) => `Refused and broken events: ${enterprise}`,
  open: "Refused and broken events",
  refusals: "Refused events",
  refusalsText: (days) => `Of the last ${days} days. A refused event is not on record.`,
  noRefusals: "No event was refused.",
  unknownTitle: "Refused events of nobody knows whom",
  unknownText: (days) =>
    `Of the last ${days} days: the token is no enterprise's, or could not be read.`,
  reason: {
    unknown_token: "unknown token, or the enterprise is switched off",
    ambiguous_token: "tokens of several enterprises",
    compressed: "the body is compressed",
    timeout: "the body did not arrive in time",
    too_large: "the body is too large",
    bad_body: "the body cannot be read",
    missing_token: "no token",
    bad_unique_id: "no UniqueId, or none that is allowed",
    bad_event_id: "an EventId that is not allowed",
  },
  columns: {
    reason: "Reason",
    event: "Event",
    from: "From",
    count: "How often",
    last: "Last",
  },
  others: "several addresses",
  salvaged: "Broken events",
  salvagedText: (days) =>
    `Of the last ${days} days: the PBX sent wrong JSON, and what could be read is on record. Mostly a dialplan does not escape quotes.`,
  noSalvaged: "There are no broken events.",
  time: "Time",
  event: "Event",
  received: "What came",
  call: "Call",
  more: "Not all of them are here.",
  checks: "Checks",
  checksText: "The quick checks of this server.",
  allChecksText: "All checks, as calllog doctor makes them.",
  runAll: "Check everything: the network, bots and chats (up to a minute)",
  wrong: (count) => `${count} wrong`,
  notes: (count) => (count === 1 ? "1 note" : `${count} notes`),
  nothingWrong: "Nothing is wrong",
  good: (count) => `Good: ${count}`,
  level: { ok: "good", note: "note", wrong: "wrong" },
};
