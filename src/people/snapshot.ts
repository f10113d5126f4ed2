// A copy of the whole directory, for the time in which its database is away: taken every so often, kept in memory and in
// a file, so that it also serves a process that starts while the database is away. The file holds credentials: only its
// owner may read it, and it is replaced in one step. A copy of another database is not used.

import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ChatPreferencesOf } from "../domain/chat-preferences.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import { errorCode } from "../lib/errors.ts";
import { replaceFile } from "../lib/replace-file.ts";
import { recipientsOf } from "./recipients.ts";
import type { Directory } from "./types.ts";

export type SnapshotOptions = {
  readonly source: Pick<Directory, "enterprises" | "users" | "chatPreferences">;
  /** The file. */
  readonly path: string;
  /** Tells one database from another; kept as a hash. */
  readonly database: string;
  readonly clock: Clock;
  /** Called once for each kind of fault of the file; the copy in memory serves all the same. */
  readonly onFileFault: (error: unknown) => void;
};

/** A snapshot: everything at one moment. */
export type Everything = {
  /** When it was asked for, in milliseconds since the epoch. */
  readonly askedAt: number;
  readonly enterprises: readonly Enterprise[];
  readonly chats: readonly ChatPreferencesOf[];
  enterpriseByNumber(number: string): Enterprise | undefined;
  enterpriseByWebhookToken(token: string): Enterprise | undefined;
  usersOf(enterprise: Pick<Enterprise, "number" | "botToken">): TelegramUser[];
};

export type Snapshot = {
  /** The newest copy, however old; undefined where there is none. */
  current(): Everything | undefined;
  /** Takes a new copy. @throws what the source throws. */
  refresh(): Promise<void>;
};

/** An unchanged copy is written again after this, so that its age in the file stays right. In milliseconds. */
const REWRITE_MS = 10 * 60_000;
const VERSION = 1;

type Content = {
  readonly enterprises: readonly Enterprise[];
  readonly users: readonly TelegramUser[];
  /** Not in copies of earlier versions. */
  readonly chats?: readonly ChatPreferencesOf[];
};

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (!key) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};

const everythingOf = ({ enterprises, users, chats = [] }: Content, askedAt: number): Everything => {
  const byNumber = grouped(enterprises, ({ number }) => number);
  const byToken = grouped(enterprises, ({ webhookToken }) => webhookToken);
  const usersByNumber = grouped(users, ({ enterpriseNumber }) => enterpriseNumber);
  const usersByBot = grouped(users, ({ enterpriseNumber, botToken }) =>
    enterpriseNumber ? null : botToken,
  );
  // As the database is asked: of several rows an active one.
  const first = (rows: readonly Enterprise[] | undefined): Enterprise | undefined =>
    rows?.find(({ active }) => active) ?? rows?.[0];
  return {
    askedAt,
    enterprises,
    chats,
    enterpriseByNumber: (number) => first(byNumber.get(number)),
    enterpriseByWebhookToken: (token) => first(byToken.get(token)),
    usersOf: (enterprise) =>
      recipientsOf(
        [
          ...(usersByNumber.get(enterprise.number) ?? []),
          ...(usersByBot.get(enterprise.botToken ?? "") ?? []),
        ],
        enterprise,
      ),
  };
};

type Stored = Content & {
  readonly version: number;
  readonly database: string;
  readonly at: number;
};

const isStored = (value: unknown): value is Stored =>
  typeof value === "object" &&
  value !== null &&
  "version" in value &&
  value.version === VERSION &&
  "at" in value &&
  typeof value.at === "number" &&
  "enterprises" in value &&
  Array.isArray(value.enterprises) &&
  "users" in value &&
  Array.isArray(value.users);

const readStored = (path: string): Stored | undefined => {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isStored(value) ? value : undefined;
  } catch {
    // Missing, cut or not ours: as if there were none, and replaced by the next.
    return undefined;
  }
};

/** Reads what the file has; takes no copy by itself. */
export const openSnapshot = (options: SnapshotOptions): Snapshot => {
  const { source, path, clock, onFileFault } = options;
  const database = createHash("sha256").update(options.database).digest("hex");
  let everything: Everything | undefined;
  let written = { text: "", at: Number.NEGATIVE_INFINITY };
  let lastFault = "";

  const stored = readStored(path);
  // A copy from the future was taken by a clock that went wrong: its age cannot be told.
  if (stored?.database === database && stored.at <= clock.now()) {
    everything = everythingOf(stored, stored.at);
  }

  const store = (content: Content, at: number): void => {
    const text = JSON.stringify(content);
    const ageMs = at - written.at;
    if (text === written.text && ageMs >= 0 && ageMs < REWRITE_MS) return;
    try {
      mkdirSync(dirname(path), { recursive: true });
      const whole = JSON.stringify({ version: VERSION, database, at, ...content });
      // Several processes of a data folder write it.
      replaceFile(path, whole, { isDurable: true, aside: `${path}.${randomUUID()}.tmp` });
      written = { text, at };
      lastFault = "";
    } catch (error) {
      if (errorCode(error) !== lastFault) onFileFault(error);
      lastFault = errorCode(error);
    }
  };

  return {
    current: () => everything,
    refresh: async () => {
      const askedAt = clock.now();
      const [enterprises, users, chats] = await Promise.all([
        source.enterprises(),
        source.users(),
        source.chatPreferences(),
      ]);
      everything = everythingOf({ enterprises, users, chats }, askedAt);
      store({ enterprises, users, chats }, askedAt);
    },
  };
};
