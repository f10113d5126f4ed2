// What an outgoing webhook is: an address of an enterprise's own that is told of its calls, and what it is told.

/** In the order in which a call has them. */
export const HOOK_EVENTS = [
  "call.started",
  "call.answered",
  "call.ended",
  "call.missed",
  "call.followed_up",
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

/** A secret that still signs beside a newer one. */
export type FormerSecret = {
  readonly secret: string;
  /** Until when, in milliseconds since the epoch. */
  readonly until: number;
};

export type Hook = {
  /** Such as `h1f0c9a2b`: what commands and records call it. */
  readonly id: string;
  /** The enterprise's number. */
  readonly enterprise: string;
  readonly url: string;
  /** `whsec_` and base64 of 24 to 64 bytes. */
  readonly secret: string;
  readonly former: FormerSecret | null;
  /** In milliseconds since the epoch: what a call came to before that is not told. */
  readonly createdAt: number;
  /** When its target answered 410, or null: nothing is sent to it then. In milliseconds since the epoch. */
  readonly goneAt: number | null;
};

/** Something of a call that a target is to be told. */
export type HookMessage = {
  /** `webhook-id`: the same for every attempt. */
  readonly id: string;
  readonly type: HookEvent;
  /** The call's id, as its cards and its page have it. */
  readonly uniqueId: string;
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  /** Receipt of the record that told it, in milliseconds since the epoch. */
  readonly knownAt: number;
};

/** What came of an attempt. */
export type HookAnswer = {
  /** 0 where no answer came. */
  readonly status: number;
  /** The beginning of the answer's body; where none came, why. */
  readonly text: string;
  /** How long the target asks to be left alone, in milliseconds; undefined where it does not say. */
  readonly retryAfterMs?: number | undefined;
};
