// What is news to the operator: a trouble that begins, and its end, each told once. Pure; what was told comes from a
// memory that outlives the process. A trouble that comes and goes is told at most once in a few hours.

import { HOUR_MS } from "../../lib/time.ts";

export type Trouble =
  | {
      readonly kind: "silent";
      readonly enterprise: string;
      readonly name: string | null;
      /** Its last event, in milliseconds since the epoch. */
      readonly since: number;
    }
  | { readonly kind: "disk"; readonly freeBytes: number; readonly hours: number | undefined }
  /** Finished days that should be in the archive by now. */
  | { readonly kind: "archive"; readonly days: number }
  | { readonly kind: "bot"; readonly botId: string; readonly enterprises: readonly string[] }
  | {
      readonly kind: "hook";
      readonly enterprise: string;
      /** Its id. */
      readonly hook: string;
      /** The host of its target. */
      readonly target: string;
    };

/** What was told of a trouble. */
export type ToldTrouble = {
  readonly trouble: Trouble;
  /** When its beginning was told, or its end, in milliseconds since the epoch. */
  readonly at: number;
  readonly isOver: boolean;
};

/** By `keyOf`. */
export type ToldBefore = Readonly<Record<string, ToldTrouble>>;

/** One trouble of a kind and subject. */
export const keyOf = (trouble: Trouble): string => {
  if (trouble.kind === "silent") return `silent ${trouble.enterprise}`;
  if (trouble.kind === "hook") return `hook ${trouble.hook}`;
  return trouble.kind === "bot" ? `bot ${trouble.botId}` : trouble.kind;
};

/** The same trouble is not told again within this after its end, in milliseconds. */
const AGAIN_AFTER_MS = 3 * HOUR_MS;

export type News = {
  readonly begun: readonly Trouble[];
  readonly ended: readonly Trouble[];
  /** What will have been told when these news are delivered. */
  readonly told: ToldBefore;
};

/**
 * @param current the troubles there are
 * @param isUnknown whether it cannot be said now if the trouble goes on; then nothing is told of it
 */
export const decideNews = (
  before: ToldBefore,
  current: readonly Trouble[],
  now: number,
  isUnknown: (trouble: Trouble) => boolean,
): News => {
  const begun: Trouble[] = [];
  const ended: Trouble[] = [];
  const told: Record<string, ToldTrouble> = {};
  const there = new Map(current.map((trouble) => [keyOf(trouble), trouble]));
  for (const [key, entry] of Object.entries(before)) {
    if (entry.isOver) {
      if (now - entry.at < AGAIN_AFTER_MS) told[key] = entry;
    } else if (there.has(key) || isUnknown(entry.trouble)) {
      told[key] = entry;
    } else {
      ended.push(entry.trouble);
      told[key] = { ...entry, at: now, isOver: true };
    }
  }
  for (const [key, trouble] of there) {
    if (told[key] !== undefined) continue;
    begun.push(trouble);
    told[key] = { trouble, at: now, isOver: false };
  }
  return { begun, ended, told };
};
