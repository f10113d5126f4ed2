// A Directory that remembers, so that neither webhooks nor pages stop when the database does. A change takes effect
// within 60 s, a new enterprise within 5 s; while the database is away the last good answer serves for up to a day.

import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { systemClock } from "../lib/clock.ts";
import { createMemory, type MemoryOptions } from "./memory.ts";
import type { Directory } from "./types.ts";

export type CacheOptions = Partial<MemoryOptions>;

export const CACHE_DEFAULTS = {
  freshMs: 60_000,
  missFreshMs: 5_000,
  keepMs: 86_400_000,
  retryMs: 5_000,
  // A PBX waits for our answer while a phone should be ringing.
  patienceMs: 250,
  maxEntries: 10_000,
} as const;

/**
 * Wraps a directory. Look-ups are remembered, lists of people and enterprises too; changes made through the wrapper are
 * seen by it at once. Closing it closes what it wraps.
 */
export const cacheDirectory = (inner: Directory, options: CacheOptions = {}): Directory => {
  const memoryOptions: MemoryOptions = {
    ...CACHE_DEFAULTS,
    clock: systemClock,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    onStale: () => undefined,
    ...options,
  };
  const memoryOf = <V>(isMiss: (value: V) => boolean) => createMemory<V>(memoryOptions, isMiss);
  const byNumber = memoryOf<Enterprise | undefined>((found) => found === undefined);
  const byToken = memoryOf<Enterprise | undefined>((found) => found === undefined);
  const all = memoryOf<Enterprise[]>((list) => list.length === 0);
  const recipients = memoryOf<TelegramUser[]>((list) => list.length === 0);

  const changing = async (change: Promise<void>): Promise<void> => {
    try {
      await change;
    } finally {
      for (const memory of [byNumber, byToken, all, recipients]) memory.clear();
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
    remarks: () => inner.remarks(),
    check: () => inner.check(),
    close: () => inner.close(),
  };
};
