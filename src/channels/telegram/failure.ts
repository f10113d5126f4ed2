// Maps errors of grammY to failures of a messenger. The error objects hold URLs with the bot token; only the code and
// the description of Telegram are passed on.

import { GrammyError, HttpError } from "grammy/web";
import type { MessengerFailure, Refusal } from "../../cards/index.ts";
import { maskSecrets } from "../../lib/mask.ts";

/** An answer that did not come from the Bot API, such as a proxy's page. */
export class NotTheBotApi extends Error {
  override readonly name = "NotTheBotApi";
  readonly status: number;

  constructor(status: number) {
    super(`the answer is not the Bot API's (HTTP ${status})`);
    this.status = status;
  }
}

const REFUSALS: readonly (readonly [RegExp, Refusal])[] = [
  [/message is not modified/i, "not-modified"],
  [/message (?:to (?:delete|edit) )?not found|message_id_invalid/i, "no-message"],
  [/message can't be edited/i, "not-editable"],
  [/button/i, "button"],
  [/message thread not found|topic[ _](?:closed|deleted|not[ _]found|id[ _]invalid)/i, "topic"],
];

const REFUSAL_CODES: ReadonlyMap<number, Refusal> = new Map([
  [401, "bot-token"],
  [404, "bot-token"],
  [409, "conflict"],
]);

/** Faults after which the request surely was not taken. */
const NEVER_ARRIVED = new Map([
  ["ECONNREFUSED", "the connection is refused"],
  ["ConnectionRefused", "the connection is refused"],
  ["FailedToOpenSocket", "the connection cannot be made"],
  ["ENOTFOUND", "the host name is not known"],
  ["EAI_AGAIN", "the host name cannot be looked up"],
  ["ENETUNREACH", "the network is unreachable"],
  ["EHOSTUNREACH", "the host is unreachable"],
  ["ENETDOWN", "the network is down"],
]);

const codeOf = (fault: unknown): string => {
  if (typeof fault !== "object" || fault === null) return "";
  if ("code" in fault && typeof fault.code === "string") return fault.code;
  return "cause" in fault ? codeOf(fault.cause) : "";
};

const networkFailure = (fault: unknown, timedOutAfterMs: number | undefined): MessengerFailure => {
  if (timedOutAfterMs !== undefined) {
    const reason = `no answer within ${timedOutAfterMs / 1000} s`;
    return { kind: "unavailable", reason, unsure: true };
  }
  if (fault instanceof NotTheBotApi) {
    return { kind: "unavailable", reason: fault.message, unsure: fault.status < 500 };
  }
  const code = codeOf(fault);
  const known = NEVER_ARRIVED.get(code);
  if (known !== undefined) return { kind: "unavailable", reason: known, unsure: false };
  const shown = /^[A-Za-z_]{3,40}$/.test(code) ? ` (${code})` : "";
  return { kind: "unavailable", reason: `the connection broke${shown}`, unsure: true };
};

/** Milliseconds to wait where Telegram says 429 without saying how long. */
const UNSAID_RETRY_AFTER_MS = 5000;

/**
 * @param timedOutAfterMs where we ended the request ourselves: how long it had been given
 */
export const failureOf = (
  cause: unknown,
  timedOutAfterMs: number | undefined,
): MessengerFailure => {
  if (cause instanceof HttpError) return networkFailure(cause.error, timedOutAfterMs);
  if (!(cause instanceof GrammyError)) return networkFailure(cause, timedOutAfterMs);
  const { error_code: code, parameters } = cause;
  const description = maskSecrets(cause.description).slice(0, 300);
  if (code === 429 || parameters.retry_after !== undefined) {
    const seconds = parameters.retry_after;
    const retryAfterMs =
      seconds === undefined ? UNSAID_RETRY_AFTER_MS : Math.max(0, seconds * 1000);
    return { kind: "limited", retryAfterMs };
  }
  if (parameters.migrate_to_chat_id !== undefined) {
    return { kind: "migrated", chatId: String(parameters.migrate_to_chat_id) };
  }
  if (code >= 500) return { kind: "unavailable", reason: `${code} ${description}`, unsure: false };
  const why =
    REFUSAL_CODES.get(code) ??
    REFUSALS.find(([pattern]) => pattern.test(description))?.[1] ??
    "other";
  const hint = why === "bot-token" ? " (is the bot token right?)" : "";
  return { kind: "refused", reason: `${code} ${description}${hint}`, why };
};
