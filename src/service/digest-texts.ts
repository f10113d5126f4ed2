// The text of a digest, put together: what is counted, the words, and the button with a link to the list of its day.

import type { CallHistory, ListFollowRules } from "../call/index.ts";
import { type DigestDeskOptions, digestOf, digestText, periodDueAt } from "../cards/index.ts";
import type { Config } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Directory } from "../people/index.ts";
import { digestTextsOf } from "../texts/index.ts";
import type { Buttons } from "./buttons.ts";

export type DigestWriterOptions = {
  readonly config: Pick<Config, "lang" | "timeZone">;
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  readonly history: Pick<CallHistory, "summary" | "calls">;
  readonly rulesOf: (enterprise: string) => Promise<ListFollowRules>;
  readonly buttons: Buttons;
  readonly clock: Clock;
};

/** Makes what is sent as a digest. */
export const createDigestWriter =
  ({
    config,
    directory,
    history,
    rulesOf,
    buttons,
    clock,
  }: DigestWriterOptions): DigestDeskOptions["message"] =>
  async (number, minute, variant) => {
    const { timeZone } = config;
    const enterprise = await directory.enterpriseByNumber(number);
    if (enterprise === undefined) return undefined;
    const rules = await rulesOf(number);
    const now = clock.now();
    const period = periodDueAt(minute, now, timeZone);
    const digest = await digestOf({ history, enterprise: number, rules, timeZone, now }, period);
    if (!digest.isComplete) return undefined;
    const lang = variant.lang ?? config.lang;
    const text = digestText(digest, {
      name: enterprise.name ?? number,
      lang,
      timeZone,
      country: rules.country,
      isMasked: variant.isMasked,
    });
    const scope = { enterprise: number, day: period.day };
    const button = await buttons.ofList(enterprise, scope, digestTextsOf(lang).button);
    return { ...text, button };
  };
