// What a new bot does to an enterprise's people, as the console tells it: a line a kind, with the first of them by name. Pure.

import { personName } from "../../views/console-enterprise.tsx";
import type { EnterpriseChanged } from "../changes/index.ts";
import type { TelegramUser } from "../domain/enterprise.ts";
import type { ConsoleFormsTexts } from "../texts/index.ts";

/** As many are named; the rest is a number. */
const MAX_NAMED = 20;

/** What a person is called: both names, as far as they are known. */
export const nameOf = ({ firstName, lastName }: TelegramUser): string =>
  [firstName, lastName].filter((part) => part !== null && part !== "").join(" ");

/** The lines; none where nobody is affected. */
export const affectedLines = (
  { affected, endedInvitations }: EnterpriseChanged,
  words: ConsoleFormsTexts["bot"],
): string[] => {
  const line = (what: string, people: readonly TelegramUser[] = []): string[] => {
    if (people.length === 0) return [];
    const named = people
      .slice(0, MAX_NAMED)
      .map((user) => personName({ name: nameOf(user), chatId: user.chatId }));
    const more = people.length - named.length;
    return [`${what}: ${[...named, ...(more > 0 ? [words.more(more)] : [])].join(", ")}`];
  };
  return [
    ...line(words.lost, affected?.lost),
    ...line(words.onOldToken, affected?.onOldToken),
    ...line(affected?.next === null ? words.getNoCards : words.mustStart, affected?.mustStart),
    ...(endedInvitations > 0 ? [words.endedInvitations(endedInvitations)] : []),
  ];
};
