// What each chat should show of a call, and getting it there: which card (decide), what stands (standing), what to do
// (plan), in which order (queue), in which words (text). Files, directory, clock and the messenger are injected.

export {
  type Card,
  type CardDecision,
  type CardKind,
  decideCard,
  START_CARD_DELAY_MS,
} from "./decide.ts";
export {
  type Digest,
  type DigestPeriod,
  digestOf,
  digestPeriod,
  digestText,
  periodDueAt,
} from "./digest.ts";
export { DigestDesk, type DigestDeskOptions } from "./digest-desk.ts";
export { type CardFollow, NO_FOLLOW } from "./follow.ts";
export { bold, cleanText, type Emphasis, folded, type Piece } from "./message.ts";
export type {
  Capabilities,
  CardText,
  Messenger,
  MessengerFailure,
  Refusal,
  SendingManner,
} from "./messenger.ts";
export { MissedCalls } from "./missed-calls.ts";
export {
  createNotifier,
  type Notifier,
  type NotifierOptions,
  type NotifierState,
} from "./notifier.ts";
export { type CardVariant, oursIn, variantOf, wantsCard } from "./preferences.ts";
export { ReminderDesk, type ReminderDeskOptions } from "./reminder-desk.ts";
export { type ReminderRules, reminderText } from "./reminders.ts";
export { Rounds, type RoundsOptions } from "./rounds.ts";
export { type ChatState, chatStates, isCardRecord, type StandingCard } from "./standing.ts";
export { cardText } from "./text.ts";
export type { CardMode, Recipient, Recipients } from "./types.ts";
