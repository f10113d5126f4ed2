// The cards in English.

import type { CardTexts } from "../types/cards.ts";

export const en: CardTexts = {
  calling: {
    incoming: "📞 Incoming call",
    outgoing: "📞 Outgoing call",
    internal: "📞 Internal call",
    unknown: "📞 Call",
  },
  answered: {
    incoming: "✅Incoming call answered",
    outgoing: "✅Outgoing call answered",
    internal: "✅Internal call answered",
    unknown: "✅Call answered",
  },
  missed: {
    incoming: "❌ Missed call",
    outgoing: "❌ The customer did not answer",
    internal: "❌ Internal call, no answer",
    unknown: "❌ No answer",
  },
  cancelled: {
    incoming: "❌ Missed call: the customer gave up",
    outgoing: "❌ Cancelled before the customer answered",
    internal: "❌ Internal call, cancelled",
    unknown: "❌ Cancelled before an answer",
  },
  busy: {
    incoming: "❌ Missed call: we were busy",
    outgoing: "❌ The customer is busy",
    internal: "❌ Internal call, busy",
    unknown: "❌ Busy",
  },
  failed: {
    incoming: "❌ Missed call: could not be connected",
    outgoing: "❌ The call failed: a wrong number or a fault of the line",
    internal: "❌ Internal call, failed",
    unknown: "❌ The call failed",
  },
  unknownEnd: "❔ How the call ended is not known",
  reached: { voicemail: "Voicemail answered", menu: "A voice menu answered" },
  ownPhoneSilent: "❌ The call was not placed: the own phone was not picked up",
  closed: "⚠️ Call closed: the PBX did not report its end",
  hidden: "number withheld",
  somebody: "somebody",
  numbers: (count) => `${count} ${count === 1 ? "number" : "numbers"}`,
  customer: (name) => `Customer: ${name}`,
  line: (name) => `Line: ${name}`,
  lines: (names) => `Line: ${names.join(" → ")}`,
  waited: (time) => `⏱${time} waiting`,
  talked: (who) => `Talked: ${who}`,
  unanswered: (who) => `Did not answer: ${who}`,
  rung: (who) => `Rung: ${who}`,
  nobodyRung: "Nobody was rung",
  transfer: (from, to) => `🔀 Transfer: ${from} → ${to}`,
  transferring: (from, to) => `🔀 Transfer: ${from} → ${to}, ringing`,
  untaken: (from, to) => `🔀 Transfer: ${from} → ${to}, no answer`,
  button: "📊 Call details",
};
