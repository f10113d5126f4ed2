// Everything the pages say, once in each language. A text that needs data is a function of plain strings, so that the
// catalogues hold words and grammar and the views hold structure.

import type { CallStatus, DeliveryState, Direction, DoubtCode } from "../../call/index.ts";
import type { TgAction } from "../../domain/record.ts";

/** What a sentence about a call is made of: numbers as they are shown, durations in words. */
export type SentenceFacts = {
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
  /** Who hung up; `outside` for the outside party, `pbx` where the PBX ended the call, else a number. */
  readonly hungUpBy: "outside" | "pbx" | { readonly number: string } | undefined;
  /** What an extension dialled that reached the PBX alone. */
  readonly dialled: string | undefined;
  /** What of the PBX an unanswered caller reached. */
  readonly reached: "voicemail" | "menu" | undefined;
  /** A call placed by click whose own phone was not taken up. */
  readonly isOwnPhoneSilent: boolean;
};

export type Texts = {
  readonly pageTitle: (phone: string | undefined) => string;
  readonly sentence: (told: SentenceFacts) => string;
  readonly status: (status: CallStatus, direction: Direction) => string;
  readonly direction: { readonly [direction in Direction]: string };
  readonly seconds: (ms: number) => string;
  readonly hidden: string;
  readonly demoEnterprise: string;
  readonly wait: string;
  readonly talk: string;
  readonly total: string;
  readonly result: string;
  readonly hungUpBy: (who: string) => string;
  readonly hungUpByPbx: string;
  readonly customer: string;
  readonly startedAt: string;
  readonly enterprise: string;
  readonly line: string;
  readonly callId: string;
  readonly participants: string;
  readonly namesMissing: string;
  readonly role: { readonly outside: string; readonly caller: string; readonly callee: string };
  readonly rang: string;
  readonly talked: string;
  readonly held: string;
  readonly notTalked: string;
  readonly transferFrom: (numbers: string) => string;
  readonly transferUntaken: string;
  readonly drawing: {
    readonly title: string;
    readonly waiting: string;
    readonly ringing: string;
    readonly talking: string;
    readonly holding: string;
    readonly bridge: string;
    readonly bridges: string;
    readonly telegram: string;
    readonly requests: string;
    readonly request: (status: string) => string;
    readonly failed: string;
    readonly shortened: string;
  };
  readonly doubtsTitle: string;
  readonly doubt: { readonly [code in DoubtCode]: (count: number) => string };
  readonly recordsTitle: (count: number) => string;
  readonly show: {
    readonly title: string;
    readonly all: string;
    readonly events: string;
    readonly telegram: string;
    readonly requests: string;
  };
  readonly recordWords: {
    readonly start: (phone: string) => string;
    readonly dial: (numbers: string, line: string) => string;
    readonly bridge: (who: string) => string;
    readonly bridge_create: string;
    readonly bridge_leave: (who: string) => string;
    readonly bridge_destroy: string;
    readonly hold: (who: string) => string;
    readonly unhold: (who: string) => string;
    /** `cause`: of Q.850, as it came; "" where none did. */
    readonly hangup: (who: string, cause: string) => string;
    readonly new_callerid: string;
    readonly other: (event: string) => string;
    readonly salvaged: string;
    readonly card: (action: TgAction, chat: string, kind: string) => string;
    readonly request: (what: string, status: string) => string;
    readonly noAnswer: string;
    readonly sql: string;
  };
  readonly delivery: {
    readonly title: string;
    readonly chat: (id: string) => string;
    readonly state: { readonly [state in DeliveryState]: string };
    readonly action: (action: TgAction, kind: string) => string;
    readonly after: (delay: string) => string;
    readonly hint: string;
  };
  readonly requests: {
    readonly title: string;
    readonly exchange: string;
    readonly sent: string;
    readonly received: string;
  };
  readonly zone: (name: string) => string;
  readonly error: {
    readonly [failure in
      | 400
      | 403
      | 404
      | "noPage"
      | "noRecording"
      | 429
      | 500
      | 503
      | "archive"]: {
      readonly title: string;
      readonly text: string;
    };
  };
};
