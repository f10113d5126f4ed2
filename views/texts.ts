// Everything the pages say, once in each language. A text that needs data is a function of plain strings, so that the
// catalogues hold words and grammar and the views hold structure.

import type { CallStatus, Direction, DoubtCode } from "../src/call/index.ts";
import { en } from "./texts.en.ts";
import { ru } from "./texts.ru.ts";

export type Lang = "ru" | "en";

/** What a sentence about a call is made of: numbers as they are shown, durations in words. */
export type Told = {
  readonly direction: Direction;
  readonly status: CallStatus;
  /** The outside party, or the calling extension of an internal call; undefined where it is withheld. */
  readonly phone: string | undefined;
  /** Who placed an outgoing call. */
  readonly caller: string;
  readonly rung: readonly string[];
  readonly answered: readonly string[];
  readonly transfers: readonly { from: string; to: string; completed: boolean }[];
  /** Durations as they are shown; undefined where unknown. */
  readonly wait: string | undefined;
  readonly talk: string | undefined;
  /** Who hung up; `outside` for the outside party, else a number. */
  readonly hungUpBy: "outside" | { readonly number: string } | undefined;
};

export type Texts = {
  readonly pageTitle: (phone: string | undefined) => string;
  readonly sentence: (told: Told) => string;
  readonly status: (status: CallStatus, direction: Direction) => string;
  readonly direction: { readonly [direction in Direction]: string };
  readonly seconds: (ms: number) => string;
  readonly hidden: string;
  readonly demoEnterprise: string;
  readonly wait: string;
  readonly talk: string;
  readonly total: string;
  readonly startedAt: string;
  readonly enterprise: string;
  readonly line: string;
  readonly callId: string;
  readonly participants: string;
  readonly namesMissing: string;
  readonly role: { readonly outside: string; readonly caller: string; readonly callee: string };
  readonly rang: string;
  readonly talked: string;
  readonly notTalked: string;
  readonly drawing: {
    readonly title: string;
    readonly waiting: string;
    readonly ringing: string;
    readonly talking: string;
    readonly bridge: string;
    readonly bridges: string;
    readonly marks: string;
    readonly shortened: string;
  };
  readonly doubtsTitle: string;
  readonly doubt: { readonly [code in DoubtCode]: (count: number) => string };
  readonly recordsTitle: (count: number) => string;
  readonly recordWords: {
    readonly start: (phone: string) => string;
    readonly dial: (numbers: string) => string;
    readonly bridge: (who: string) => string;
    readonly bridge_create: string;
    readonly bridge_leave: (who: string) => string;
    readonly bridge_destroy: string;
    readonly hangup: (cause: string) => string;
    readonly new_callerid: string;
    readonly other: (event: string) => string;
    readonly send: (chat: string) => string;
    readonly edit: (chat: string) => string;
    readonly delete: (chat: string) => string;
    readonly fail: (chat: string) => string;
    readonly request: (status: string) => string;
    readonly sql: string;
  };
  readonly raw: string;
  readonly zone: (name: string) => string;
  readonly error: {
    readonly [status in 400 | 403 | 404 | 429 | 500 | 503]: {
      readonly title: string;
      readonly text: string;
    };
  };
};

export const textsOf = (lang: Lang): Texts => (lang === "ru" ? ru : en);
