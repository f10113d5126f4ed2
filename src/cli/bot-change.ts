// What a new bot does to an enterprise's people, as a command tells it. Pure.

import type { AffectedPeople } from "../changes/index.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";

/** As many are named; the rest is a number. */
const MAX_NAMED = 20;

const lineOf = ({ chatId, firstName, lastName }: TelegramUser): string =>
  `  ${[chatId, firstName, lastName].filter((part) => part !== null && part !== "").join("  ")}`;

const section = (title: string, people: readonly TelegramUser[]): string => {
  if (people.length === 0) return "";
  const named = people.slice(0, MAX_NAMED).map(lineOf);
  const more = people.length - named.length;
  if (more > 0) named.push(`  and ${more} more`);
  return `\n${title}: ${people.length}\n${named.join("\n")}\n`;
};

/** Who is affected and what to do, as text; empty where nobody is. */
export const affectedText = (
  { number }: Enterprise,
  affected: AffectedPeople,
  next: string | null,
): string => {
  const { lost, onOldToken, mustStart } = affected;
  const mustStartTitle =
    next === null
      ? "Get no cards while the enterprise has no bot"
      : "Get cards once they press Start in the new bot (a group must let it in), since a bot cannot write first";
  const parts = [
    section("Known by the old bot alone, get no more cards of this enterprise", lost),
    section("Still written to by the old bot, whose token stands in their own rows", onOldToken),
    section(mustStartTitle, mustStart),
  ];
  const add = `calllog user add CHAT_ID --enterprise ${number}`;
  if (lost.length > 0) parts.push(`\nTo let one of the first back in: ${add}\n`);
  if (onOldToken.length > 0) {
    const remove = `calllog user remove CHAT_ID --enterprise ${number}`;
    parts.push(`\nTo move one of those on the old token: ${remove}, then ${add}\n`);
  }
  if (lost.length + onOldToken.length > 0) {
    parts.push("With --move-people this is done for all of them.\n");
  }
  return parts.join("");
};
