// Telegram as a messenger: requests to the Bot API, their failures, HTML, buttons, what people write and press.

export { type Bot, type BotOptions, createBot } from "./bot.ts";
export { callButtons, isButtonUrl } from "./button.ts";
export { botIdOf } from "./door.ts";
export { render } from "./html.ts";
export { GLANCE_EVERY_MS } from "./inbox.ts";
export { createReception, type Reception, type ReceptionOptions } from "./reception.ts";
