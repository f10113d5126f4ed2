// A Directory with a cache, so that neither webhooks nor pages stop when the database does. Changes take effect within
// 60 s, new enterprises within 5 s; while the database is away the last good answer serves for up to a day.

import type { ChatPreferencesOf } from "../domain/chat-preferences.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { systemClock } from "../lib/clock.ts";
import { DAY_MS } from "../lib/time.ts";
import { type AnswerCacheOptions, type AnswerKind, createAnswerCache } from "./answer-cache.ts";
import { createOutage, type OutageOptions } from "./outage.ts";
import type { Everything, Snapshot } from "./snapshot.ts";
import type { Directory } from "./types.ts";

export type CacheOptions = Partial<
  Omit<AnswerCacheOptions, "outage"> & Omit<OutageOptions, "clock">
> & {
  /** A snapshot, which answers for what was never asked for. */
  readonly snapshot?: Pick<Snapshot, "current">;
};

export const CACHE_DEFAULTS = {
  freshMs: 60_000,
  missFreshMs: 5_000,
  keepMs: DAY_MS,
  retryMs: 5_000,
  // A PBX waits for our answer while a phone should be ringing.
  askTimeoutMs: 250,
  maxEntries: 10_000,
} as const;

const nothing = (): void => undefined;

/**
 * Wraps a directory. Look-ups are remembered, lists of people and enterprises too; changes made through the wrapper are
 * seen by it at once. Closing it closes what it wraps.
 */
export const cacheDirectory = (inner: Directory, options: CacheOptions = {}): Directory => {
  const { snapshot, ...given } = options;
  const base = {
    ...CACHE_DEFAULTS,
    clock: systemClock,
    onBegin: nothing,
    onEnd: nothing,
    ...given,
  };
  const memoryOptions: AnswerCacheOptions = {
    onStale: nothing,
    ...base,
    outage: createOutage(base),
  };
  const memoryOf = <V>(
    kind: Omit<AnswerKind<V>, "recall">,
    look: (everything: Everything, key: string) => V,
  ) =>
    createAnswerCache<V>(memoryOptions, {
      ...kind,
      recall: (key) => {
        const everything = snapshot?.current();
        return everything && { value: look(everything, key), askedAt: everything.askedAt };
      },
    });
  const oneEnterprise = {
    isMiss: (found: Enterprise | undefined) => found === undefined,
    missStandsIn: false,
  };
  const aList = { isMiss: (list: readonly unknown[]) => list.length === 0, missStandsIn: true };
  const byNumber = memoryOf(oneEnterprise, (all, number) => all.enterpriseByNumber(number));
  const byToken = memoryOf(oneEnterprise, (all, token) => all.enterpriseByWebhookToken(token));
  const all = memoryOf<Enterprise[]>(aList, ({ enterprises }) => [...enterprises]);
  const recipients = memoryOf<TelegramUser[]>(aList, (everything, key) => {
    const [number = "", botToken = ""] = key.split(" ");
    return everything.usersOf({ number, botToken: botToken || null });
  });

  const preferences = memoryOf<ChatPreferencesOf[]>(aList, (everything, number) =>
    everything.chats.filter(({ enterpriseNumber }) => enterpriseNumber === number),
  );

  const changing = async (change: Promise<void>): Promise<void> => {
    try {
      await change;
    } finally {
      for (const memory of [byNumber, byToken, all, recipients, preferences]) memory.clear();
    }
  };

  return {
    enterpriseByNumber: (number) => byNumber.get(number, () => inner.enterpriseByNumber(number)),
    enterpriseByWebhookToken: (token) =>
      byToken.get(token, () => inner.enterpriseByWebhookToken(token)),
    enterprises: () => all.get("", () => inner.enterprises()),
    usersOf: (enterprise) =>
      recipients.get(`${enterprise.number} ${enterprise.botToken ?? ""}`, () =>
        inner.usersOf(enterprise),
      ),
    addEnterprise: (enterprise) => changing(inner.addEnterprise(enterprise)),
    changeEnterprise: (number, change) => changing(inner.changeEnterprise(number, change)),
    removeEnterprise: (number) => changing(inner.removeEnterprise(number)),
    addUser: (user) => changing(inner.addUser(user)),
    removeUser: (chatId, number) => changing(inner.removeUser(chatId, number)),
    removeUserOfBot: (chatId, token) => changing(inner.removeUserOfBot(chatId, token)),
    users: (number) => inner.users(number),
    chatPreferences: (number) =>
      number === undefined
        ? inner.chatPreferences()
        : preferences.get(number, () => inner.chatPreferences(number)),
    setChatPreferences: (chat) => changing(inner.setChatPreferences(chat)),
    remarks: () => inner.remarks(),
    check: () => inner.check(),
    close: () => inner.close(),
  };
};
