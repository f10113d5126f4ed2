// The one table of all enterprises: what happened today, and what somebody should look at. Telegram is never asked.

import type { ConsoleRow } from "../../views/console-view.ts";
import type { CallHistory, ListFollowRules } from "../call/index.ts";
import type { ConsoleProblem } from "../domain/console.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { dayBounds, dayIn } from "../domain/zone-day.ts";
import { mapAtMost } from "../lib/at-most.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { DAY_MS, HOUR_MS } from "../lib/time.ts";
import { listPath, listToken } from "../pages/index.ts";
import type { Directory } from "../people/index.ts";
import { type FaultOptions, refusedLately } from "./faults.ts";

/** How long the links to lists work that the console makes, in milliseconds. */
const LIST_LINK_MS = 12 * HOUR_MS;
/** Enterprises whose calls are counted at the same time. */
const AT_ONCE = 4;

export type OverviewOptions = Pick<FaultOptions, "refusals"> & {
  readonly directory: Pick<Directory, "enterprises" | "users">;
  readonly history: Pick<CallHistory, "calls" | "summary" | "openMissed">;
  readonly rulesOf: (enterprise: string) => Promise<ListFollowRules>;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
};

type Counted = Pick<ConsoleRow, "calls" | "missed" | "open" | "lastCallAt" | "isComplete">;

/** How many people get an enterprise's cards: those with its number, and those without one but with its bot. */
export const peopleOf = (
  { number, botToken }: Enterprise,
  users: readonly TelegramUser[],
): number =>
  users.filter((user) =>
    (user.enterpriseNumber ?? "") === ""
      ? botToken !== null && user.botToken === botToken
      : user.enterpriseNumber === number,
  ).length;

/** What should be looked at; nothing where an enterprise is switched off on purpose. */
export const problemsOf = (
  { active, botToken, secret }: Enterprise,
  people: number,
  counted: Counted | undefined,
  { now, isRefused }: { readonly now: number; readonly isRefused: boolean },
): ConsoleProblem[] => {
  if (!active) return [];
  const found: ConsoleProblem[] = [];
  if (counted === undefined) found.push("unread");
  else if (counted.lastCallAt === undefined) {
    if (counted.isComplete) found.push("never");
  } else if (now - counted.lastCallAt > DAY_MS) found.push("silent");
  if (isRefused) found.push("refused");
  if (botToken === null) found.push("noBot");
  if (people === 0) found.push("noPeople");
  if (secret === "") found.push("noSecret");
  return found;
};

/** Those that need a look first, then those where callers wait, then the rest; those switched off last. */
export const inOrder = (rows: readonly ConsoleRow[]): ConsoleRow[] =>
  [...rows].sort(
    (a, b) =>
      Number(b.active) - Number(a.active) ||
      Number(b.problems.length > 0) - Number(a.problems.length > 0) ||
      (b.open ?? 0) - (a.open ?? 0) ||
      (a.number < b.number ? -1 : 1),
  );

/** The address of an enterprise's list, made on the spot; undefined where no list of it opens. */
export const listHrefOf = async (
  { number, secret, active }: Enterprise,
  now: number,
): Promise<string | undefined> => {
  if (!active || secret === "") return undefined;
  const scope = { enterprise: number, day: undefined };
  return listPath(scope, await listToken(secret, scope, now + LIST_LINK_MS));
};

/** Counts what an enterprise's files tell; undefined, with a line in the log, where they cannot be read. */
const count = async (
  { history, rulesOf, clock, log, timeZone }: OverviewOptions,
  number: string,
): Promise<Counted | undefined> => {
  const now = clock.now();
  const { from, to } = dayBounds(dayIn(now, timeZone), timeZone);
  try {
    const rules = await rulesOf(number);
    const [day, open, newest] = await Promise.all([
      history.summary(number, from, to),
      history.openMissed(number, rules),
      history.calls(number, {}, { limit: 1 }),
    ]);
    const last = newest.rows[0];
    return {
      calls: day.calls,
      missed: day.missed,
      open: open.count,
      lastCallAt: last === undefined ? undefined : Math.max(last.startedAt, last.endedAt ?? 0),
      isComplete: day.isComplete && open.isComplete && newest.isComplete,
    };
  } catch (error) {
    log.warn("the console cannot read the calls of an enterprise", { enterprise: number, error });
    return undefined;
  }
};

/** Reads all enterprises. @throws DirectoryError where the directory does not answer. */
export const readOverview = async (options: OverviewOptions): Promise<ConsoleRow[]> => {
  const { directory, clock } = options;
  const [enterprises, users] = await Promise.all([directory.enterprises(), directory.users()]);
  const now = clock.now();
  const refused = refusedLately(options);
  const rows = await mapAtMost(AT_ONCE, enterprises, async (enterprise): Promise<ConsoleRow> => {
    const { number, name, active, botToken } = enterprise;
    const counted = await count(options, number);
    const people = peopleOf(enterprise, users);
    return {
      number,
      name,
      active,
      calls: counted?.calls,
      missed: counted?.missed,
      open: counted?.open,
      lastCallAt: counted?.lastCallAt,
      isComplete: counted?.isComplete ?? false,
      hasBot: botToken !== null,
      people,
      problems: problemsOf(enterprise, people, counted, { now, isRefused: refused.has(number) }),
      listHref: await listHrefOf(enterprise, now),
    };
  });
  return inOrder(rows);
};
