// Telegram as a messenger: requests to the Bot API, their failures, HTML, buttons, what people write, invitations.

export { type Bot, type BotOptions, createBot } from "./bot.ts";
export { callButtons, isButtonUrl } from "./button.ts";
export { render } from "./html.ts";
export { GLANCE_EVERY_MS } from "./inbox.ts";
export {
  botIdOf,
  createInvitations,
  type Invitations,
  type InvitationsOptions,
} from "./invitations.ts";
