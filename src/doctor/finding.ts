// What a check is and what it answers. A check reads and asks; it sends no message and changes nothing. Every finding
// that is wrong says what to do.

import type { Bot } from "../channels/telegram/index.ts";
import type { Config } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Directory } from "../people/index.ts";

export type Finding = {
  /** `note`: works, but less than it could. */
  readonly level: "ok" | "note" | "wrong";
  /** What was looked at, such as `chat 374573193 of 0367`. */
  readonly what: string;
  readonly finding: string;
  /** What to do about it. */
  readonly todo?: string;
};

export type CheckWorld = {
  readonly config: Config;
  readonly clock: Clock;
  /** Holds the keys of the archive. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Undefined where it could not be opened; `directoryFault` says why, or nothing where there is none yet. */
  readonly directory: Directory | undefined;
  readonly directoryFault: string | undefined;
  /** The bot of a token; its requests have a time-out. */
  readonly bot: (token: string) => Bot;
};

/** Checks run at the same time and share no state, only what they look at. */
export type Check = (world: CheckWorld) => Promise<readonly Finding[]>;

export const ok = (what: string, finding: string, todo?: string): Finding => ({
  level: "ok",
  what,
  finding,
  ...(todo === undefined ? {} : { todo }),
});
export const note = (what: string, finding: string, todo: string): Finding => ({
  level: "note",
  what,
  finding,
  todo,
});
export const wrong = (what: string, finding: string, todo: string): Finding => ({
  level: "wrong",
  what,
  finding,
  todo,
});

/** How long anything on the network may take to answer, in milliseconds. */
export const ANSWER_TIMEOUT_MS = 5000;
