// Pressed buttons and their answers (Bot API, "CallbackQuery", "answerCallbackQuery"): each may be answered once, and
// not for long.

import { type Answer, fine, no } from "./answer.ts";

export type Press = {
  readonly id: string;
  readonly data: string;
  /** Undefined while the button of whoever pressed it still waits. */
  answer: { readonly text: string; readonly isAlert: boolean } | undefined;
};

export type Presses = {
  /** In the order in which they were pressed. */
  readonly all: readonly Press[];
  add(token: string, data: string): Press;
  /** Telegram waits no longer for the answers to what was pressed before now. How long it does is not documented. */
  expire(): void;
  answer(token: string, body: Record<string, unknown>): Answer;
};

const MAX_TEXT = 200;

export const createPresses = (): Presses => {
  const all: Press[] = [];
  const open = new Map<string, string>();
  return {
    all,
    add: (token, data) => {
      const press: Press = { id: `48000000000000${all.length}`, data, answer: undefined };
      all.push(press);
      open.set(press.id, token);
      return press;
    },
    expire: () => open.clear(),
    answer: (token, body) => {
      const { callback_query_id: id, text = "", show_alert: isAlert = false } = body;
      const press = all.find((one) => one.id === id);
      if (press === undefined || open.get(press.id) !== token) {
        return no(
          400,
          "Bad Request: query is too old and response timeout expired or query ID is invalid",
        );
      }
      if (typeof text !== "string" || text.length > MAX_TEXT) {
        return no(400, "Bad Request: MESSAGE_TOO_LONG");
      }
      open.delete(press.id);
      press.answer = { text, isAlert: isAlert === true };
      return fine(true);
    },
  };
};
