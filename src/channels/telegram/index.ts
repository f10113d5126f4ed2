// Cards for managers in Telegram: which chat should show what, and getting it there. Knows calls by their types alone;
// files, directory, clock and texts are handed in.

export {
  createNotifier,
  type Notifier,
  type NotifierOptions,
  type NotifierState,
} from "../../cards/notifier.ts";
export { type CardLang, cardText } from "../../cards/text.ts";
export type {
  CardText,
  Recipient,
  Recipients,
  Scheduler,
  TelegramMode,
} from "../../cards/types.ts";
export { systemScheduler } from "../../lib/system-scheduler.ts";
export { type Bot, type BotOptions, createBot } from "./bot.ts";
export { callButtons, isButtonUrl } from "./button.ts";
export type { TelegramFailure } from "./failure.ts";
export { bold, folded, type Piece, type RenderedText, render } from "./html.ts";
export { GLANCE_EVERY_MS } from "./inbox.ts";
export {
  botIdOf,
  createInvitations,
  type Invitations,
  type InvitationsOptions,
} from "./invitations.ts";
