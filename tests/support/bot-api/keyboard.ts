// Inline keyboards as strictly as the Bot API takes them (Bot API, "InlineKeyboardMarkup", "InlineKeyboardButton").

import { type Answer, no } from "./answer.ts";

export type Button = {
  readonly text: string;
  readonly url?: string;
  readonly callback_data?: string;
};
export type Keyboard = readonly (readonly Button[])[];

const MAX_DATA_BYTES = 64;
const MAX_BUTTONS = 100;

const isButtonUrl = (text: unknown): boolean => {
  try {
    const { protocol, hostname } = new URL(String(text));
    return /^https?:$/.test(protocol) && /[^.]\.[^.]/.test(hostname);
  } catch {
    return false;
  }
};

const faultOf = ({ text, url, callback_data: data }: Button): string | undefined => {
  if (typeof text !== "string" || text.trim() === "") {
    return "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";
  }
  if ((url === undefined) === (data === undefined)) {
    return "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";
  }
  if (url !== undefined) {
    return isButtonUrl(url)
      ? undefined
      : `inline keyboard button URL '${url}' is invalid: Wrong HTTP URL`;
  }
  const bytes = Buffer.byteLength(String(data));
  return typeof data === "string" && bytes >= 1 && bytes <= MAX_DATA_BYTES
    ? undefined
    : "BUTTON_DATA_INVALID";
};

/** The keyboard of a request; empty where it has none. */
export const keyboardOf = (body: Record<string, unknown>): Keyboard | Answer => {
  const markup = body["reply_markup"] as { inline_keyboard?: unknown } | undefined;
  if (markup === undefined) return [];
  const rows = markup.inline_keyboard;
  if (!Array.isArray(rows) || !rows.every(Array.isArray)) {
    return no(400, "Bad Request: object expected as reply markup");
  }
  const keyboard = (rows as Keyboard).filter((row) => row.length > 0);
  const buttons = keyboard.flat();
  if (buttons.length > MAX_BUTTONS) return no(400, "Bad Request: REPLY_MARKUP_TOO_LONG");
  const fault = buttons.map(faultOf).find((one) => one !== undefined);
  return fault === undefined ? keyboard : no(400, `Bad Request: ${fault}`);
};
