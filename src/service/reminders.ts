// What the reminders of an enterprise go by: its own rules before those of the service, and the words.

import type { CallHistory, ListFollowRules } from "../call/index.ts";
import { type ReminderDeskOptions, reminderText } from "../cards/index.ts";
import { type Config, parseDurationMs } from "../config/index.ts";
import { parseWorkingHours } from "../domain/working-hours.ts";
import type { Clock } from "../lib/clock.ts";
import type { Directory } from "../people/index.ts";

export type RemindersOptions = {
  readonly config: Pick<Config, "lang" | "timeZone" | "remindAfterMs" | "workingHours">;
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  readonly history: Pick<CallHistory, "missedSince">;
  readonly followRulesOf: (enterprise: string) => Promise<ListFollowRules>;
  readonly clock: Clock;
};

export const createReminders = ({
  config,
  directory,
  history,
  followRulesOf,
  clock,
}: RemindersOptions): Pick<ReminderDeskOptions, "rulesOf" | "missed" | "text"> => ({
  rulesOf: async (number) => {
    const enterprise = await directory.enterpriseByNumber(number);
    if (enterprise === undefined) return null;
    const { remindAfter, hours } = enterprise;
    const afterMs =
      remindAfter === "never"
        ? null
        : (parseDurationMs(remindAfter ?? "", "m") ?? config.remindAfterMs);
    const own = parseWorkingHours(hours ?? "");
    if (afterMs === null) return null;
    const { timeZone } = config;
    return { afterMs, hours: own === undefined ? config.workingHours : own, timeZone };
  },
  missed: async (enterprise) => {
    const rules = await followRulesOf(enterprise);
    return history.missedSince(enterprise, clock.now() - rules.windowMs, rules);
  },
  text: async (enterprise, forgotten, { lang, isMasked }) => {
    const { country } = await followRulesOf(enterprise);
    return reminderText(forgotten, { lang: lang ?? config.lang, country, isMasked }, clock.now());
  },
});
