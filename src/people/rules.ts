// What credentials and chat ids look like, and how new credentials are made. Rows that an operator's own database holds
// are read as they are; these rules are for what goes in through us.

import { randomBytes } from "node:crypto";
import { reminderDelay } from "../config/index.ts";
import { type Enterprise, isEnterpriseNumber, type TelegramUser } from "../domain/enterprise.ts";
import { isCountry } from "../domain/phone.ts";
import { WORKING_HOURS_RULE } from "../domain/working-hours.ts";
import type { TextRule } from "../lib/text-rule.ts";
import { DirectoryError } from "./errors.ts";
import type { EnterpriseChange } from "./types.ts";

const matching = (pattern: RegExp, rule: string): TextRule => ({
  allows: (text) => pattern.test(text),
  rule,
});

export const enterpriseNumberRule: TextRule = {
  allows: isEnterpriseNumber,
  rule: "1 to 32 of A-Z a-z 0-9 _ -",
};
export const secretRule: TextRule = matching(
  /^[A-Za-z0-9_-]{4,128}$/,
  "4 to 128 of A-Z a-z 0-9 _ -",
);
export const webhookTokenRule: TextRule = matching(
  /^[A-Za-z0-9_+-]{4,128}$/,
  "4 to 128 of A-Z a-z 0-9 _ + -",
);
export const botTokenRule: TextRule = matching(
  /^\d{1,20}:[A-Za-z0-9_-]{1,128}$/,
  "a bot token as @BotFather gives it: digits, a colon, then A-Z a-z 0-9 _ -",
);

/** Names and addresses of people and enterprises: shown on pages and in lists, one line each. */
export const lineRule: TextRule = matching(
  /^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u,
  "1 to 200 characters on one line",
);

/** Telegram: at most 52 significant bits, negative for groups. */
export const chatIdRule: TextRule = {
  allows: (text) => /^-?[1-9]\d{0,15}$/.test(text) && Math.abs(Number(text)) < 2 ** 52,
  rule: "a Telegram chat id: a whole number of up to 52 bits, for groups with a plain hyphen before it (-1001234567890)",
};

/** In whose numbering plan an enterprise's local numbers are read. */
export const countryRule: TextRule = {
  allows: isCountry,
  rule: "a country as ISO 3166 has it, in two capital letters (BY, RU, DE)",
};

/** After how long an enterprise's chats are reminded of a missed call. */
export const remindAfterRule: TextRule = {
  allows: (text) => text === "never" || reminderDelay.parse(text, "").ok,
  rule: `${reminderDelay.rule}; or never`,
};

/** Whether the recordings of its calls are heard. */
export const recordingsRule: TextRule = {
  allows: (text) => text === "none",
  rule: "none",
};

/** A new token, secret or code: 128 random bits as 32 hexadecimal digits. */
export const generateSecret = (): string => randomBytes(16).toString("hex");

const assertRule = (what: string, text: string | null | undefined, { allows, rule }: TextRule) => {
  if (text === null || text === undefined || allows(text)) return;
  throw new DirectoryError("invalid", `cannot store the ${what}, which must be ${rule}`);
};

/** @throws DirectoryError `invalid` where a value may not be stored. */
export const assertEnterpriseChange = (change: EnterpriseChange | Enterprise): void => {
  assertRule("enterprise's name", change.name, lineRule);
  assertRule("webhook token", change.webhookToken, webhookTokenRule);
  assertRule("secret", change.secret, secretRule);
  assertRule("bot token", change.botToken, botTokenRule);
  assertRule("country", change.country, countryRule);
  assertRule("time after which is reminded", change.remindAfter, remindAfterRule);
  assertRule("working hours", change.hours, WORKING_HOURS_RULE);
  assertRule("recordings", change.recordings, recordingsRule);
};

/** @throws DirectoryError `invalid` where a value may not be stored. */
export const assertEnterprise = (enterprise: Enterprise): void => {
  assertRule("enterprise number", enterprise.number, enterpriseNumberRule);
  assertEnterpriseChange(enterprise);
};

/** @throws DirectoryError `invalid` where a value may not be stored. */
export const assertUser = (user: TelegramUser): void => {
  assertRule("chat id", user.chatId, chatIdRule);
  assertRule("first name", user.firstName, lineRule);
  assertRule("last name", user.lastName, lineRule);
  assertRule("email", user.email, lineRule);
  assertRule("bot token", user.botToken, botTokenRule);
  assertRule("enterprise number", user.enterpriseNumber, enterpriseNumberRule);
};
