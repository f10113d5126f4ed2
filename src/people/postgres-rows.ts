// Rows of an operator's tables as enterprises and people, and back: what an empty text means, which values have no
// column, and in which form a column takes a value. Knows no connection.

import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { isCountry } from "../domain/phone.ts";
import { WORKING_HOURS_RULE } from "../domain/working-hours.ts";
import { DirectoryError } from "./errors.ts";
import { assertColumn, has, type TableName, type Tables } from "./postgres-tables.ts";
import { chatIdRule, remindAfterRule } from "./rules.ts";

/** A row of `asText`. */
export type TextRow = { readonly [column: string]: string | null };

/** An operator's tables hold '' where ours hold NULL. */
const orNull = (text: string | null | undefined): string | null => text || null;

/** Absent where it is none that is known: then that of --country stands. */
export const countryOf = (text: string | null | undefined): Pick<Enterprise, "country"> => {
  const country = text?.trim().toUpperCase() ?? "";
  return isCountry(country) ? { country } : {};
};

/** Absent where they are none that make sense: then those of the service stand. */
export const remindersOf = (
  remindAfter: string | null | undefined,
  hours: string | null | undefined,
): Pick<Enterprise, "remindAfter" | "hours"> => {
  const [after = "", times = ""] = [remindAfter?.trim(), hours?.trim()];
  return {
    ...(remindAfterRule.allows(after) ? { remindAfter: after } : {}),
    ...(WORKING_HOURS_RULE.allows(times) ? { hours: times } : {}),
  };
};
/** Absent where the column says anything else: then the settings say it. */
export const recordingsOf = (text: string | null | undefined): Pick<Enterprise, "recordings"> =>
  text?.trim().toLowerCase() === "none" ? { recordings: "none" } : {};

export const toEnterprise = (row: TextRow): Enterprise => ({
  number: row["number"] ?? "",
  name: orNull(row["name"]),
  webhookToken: orNull(row["name2"]),
  // Without a secret the pages stay closed.
  secret: row["secret"] ?? "",
  botToken: orNull(row["bot_token"]),
  active: !/^(f|false|0|n|no|off)$/i.test(row["active"]?.trim() ?? ""),
  ...countryOf(row["country"]),
  ...remindersOf(row["remind_after"], row["hours"]),
  ...recordingsOf(row["recordings"]),
});

const toUser = (row: TextRow): TelegramUser => ({
  chatId: row["tg_id"]?.trim() ?? "",
  firstName: orNull(row["first_name"]),
  lastName: orNull(row["last_name"]),
  email: orNull(row["email"]),
  botToken: orNull(row["bot_token"]),
  enterpriseNumber: orNull(row["enterprise_number"]),
});

/** Rows with an invalid chat id are left out. */
export const toUsers = (rows: readonly TextRow[]): TelegramUser[] =>
  rows.map(toUser).filter(({ chatId }) => chatIdRule.allows(chatId));

export type Values = readonly (readonly [column: string, value: string | boolean | null])[];

export const enterpriseValues = (change: Partial<Enterprise>): Values =>
  (
    [
      ["number", change.number],
      ["name", change.name],
      ["name2", change.webhookToken],
      ["secret", change.secret],
      ["bot_token", change.botToken],
      ["active", change.active],
      ["country", change.country],
      ["remind_after", change.remindAfter],
      ["hours", change.hours],
      ["recordings", change.recordings],
    ] as const
  ).flatMap(([column, value]) => (value === undefined ? [] : [[column, value]]));

export const userValues = (user: TelegramUser): Values => [
  ["tg_id", user.chatId],
  ["first_name", user.firstName],
  ["last_name", user.lastName],
  ["email", user.email],
  ["bot_token", user.botToken],
  ["enterprise_number", user.enterpriseNumber],
];

/** What a missing column would hold anyway needs no column. */
const isImplied = ([column, value]: Values[number]): boolean =>
  value === null || (column === "active" && value === true);

/** As the column wants it: a client sends text, and an integer column takes no `true`. */
export const asSent = (tables: Tables, table: TableName, [column, value]: Values[number]) => {
  const type = tables.found.get(table)?.columns.get(column);
  if (typeof value === "boolean" && type?.category !== "B") {
    return type?.category === "N" ? String(Number(value)) : String(value);
  }
  const isNumber = column === "number" || column === "enterprise_number";
  if (isNumber && type?.category === "N" && !/^(0|[1-9]\d*)$/.test(String(value ?? "0"))) {
    throw new DirectoryError(
      "invalid",
      `cannot store the enterprise number ${value}: ${table}.${column} is ${type.type}, which has no leading zeros or letters; make the column text`,
    );
  }
  return value;
};
/**
 * The values that have a column.
 *
 * @throws DirectoryError `misconfigured` where one that matters has none.
 */
export const writable = (
  tables: Tables,
  table: TableName,
  values: Values,
  what: string,
): Values => {
  for (const value of values) {
    if (!isImplied(value)) assertColumn(tables, table, value[0], what);
  }
  return values.filter(([column]) => has(tables, table, column));
};
