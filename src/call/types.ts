// The call after assembly. Plain data, shared by pages, cards, the list and the terminal.

import type { StoredRecord } from "../domain/record.ts";

/** In the order in which the list's rows keep them on disk: a new one goes to the end. */
export const CALL_DIRECTIONS = ["incoming", "outgoing", "internal", "unknown"] as const;
export type Direction = (typeof CALL_DIRECTIONS)[number];

/**
 * In the order in which the list's rows keep them on disk: a new one goes to the end.
 * `missed`: ended without an answer; `cancelled`: the caller gave up before one; `failed`: the line or the number did
 * not work; `unknown`: too little was seen to say; `service`: an extension that used the PBX itself and called nobody.
 */
export const CALL_STATUSES = [
  "ringing",
  "talking",
  "answered",
  "missed",
  "busy",
  "cancelled",
  "failed",
  "unknown",
  "service",
] as const;
export type CallStatus = (typeof CALL_STATUSES)[number];

/** Whether the call goes on, as far as its records tell. */
export const isLive = (status: CallStatus): boolean => status === "ringing" || status === "talking";

/** Statuses of a call that is over and that nobody answered. */
export const UNANSWERED: readonly CallStatus[] = ["missed", "cancelled", "busy", "failed"];

/** Whether a call was missed: it came from outside and nobody answered it, whatever the reason. */
export const isMissed = ({
  direction,
  status,
}: {
  readonly direction: Direction;
  readonly status: CallStatus;
}): boolean => direction === "incoming" && UNANSWERED.includes(status);

/** A stretch of time, in milliseconds since the epoch; `to` is null while it lasts. */
export type Span = { readonly from: number; readonly to: number | null };

/** `outside`: the party beyond the trunk; `caller`: the extension that placed the call; `callee`: one that was rung. */
export type ParticipantRole = "outside" | "caller" | "callee";

export type Participant = {
  /** Extension or telephone number; null where the sender hid it. */
  readonly number: string | null;
  readonly role: ParticipantRole;
  /** Times in which it was rung, up to its answer or the end of the ringing. */
  readonly ringing: readonly Span[];
  /** Times in which it talked with the outside party (internal calls: with another extension). */
  readonly talking: readonly Span[];
  /** Times in which it had the other side on hold; talk goes on beneath them. */
  readonly holding: readonly Span[];
};

export type Transfer = {
  /** When the new party took over; for one that nobody took, when it was dialled. */
  readonly at: number;
  readonly kind: "blind" | "attended";
  readonly from: string;
  /** Who took the call over; for a transfer that nobody took, who was rung (`152`, `152&153`). */
  readonly to: string;
  readonly completed: boolean;
};

export type DoubtCode =
  | "no-hangup"
  | "no-start"
  | "no-bridge"
  | "no-enter"
  | "no-leave"
  | "status-differs"
  | "talk-differs"
  | "salvaged"
  | "recovered"
  | "imported"
  | "gap"
  | "clock-differs"
  | "unreadable-lines"
  | "too-many-records"
  | "earlier-call-with-this-id";

/** Something the reader should know before believing the rest. */
export type Doubt = {
  readonly code: DoubtCode;
  /** How many events, lines or seconds it is about, where that makes sense. */
  readonly count?: number;
  /** The moment it is about, in milliseconds since the epoch, where that makes sense. */
  readonly at?: number;
};

export type Call = {
  readonly enterprise: string;
  /** All unique ids of the call, in the order they were first seen. */
  readonly uniqueIds: readonly string[];
  readonly bridgeIds: readonly string[];
  readonly direction: Direction;
  readonly status: CallStatus;
  /** The outside party's number; on internal calls the calling extension; null where it is hidden. */
  readonly phone: string | null;
  /** The outside party's name as the PBX sent it. */
  readonly callerName: string | null;
  /** Everyone on our side, in the order they were rung: extensions, and numbers calls were forwarded to. */
  readonly extensions: readonly string[];
  /** Those of our side who talked, in order. */
  readonly answeredBy: readonly string[];
  readonly trunk: string | null;
  /** What was dialled where that reached the PBX alone (`*97`, an echo test); null on other calls. */
  readonly dialled: string | null;
  /** What of the PBX an unanswered caller reached; null where that is not known. */
  readonly reached: "voicemail" | "menu" | null;
  /** It came from outside and was answered, and its caller was lost while he waited again: for a transfer, or parked. */
  readonly isLost: boolean;
  /** Placed by click, and the own phone of whoever had it placed was not taken up: nobody was called. */
  readonly isOwnPhoneSilent: boolean;
  /** Times in milliseconds since the epoch, null where unknown. */
  readonly startedAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  /** From the start to the answer, or to the end where there was none; null while it rings. */
  readonly waitMs: number | null;
  /** While the call goes on: so far. Null where the call was answered and no bridge tells how long. */
  readonly talkMs: number | null;
  readonly totalMs: number | null;
  readonly transfers: readonly Transfer[];
  /** Number of the party that hung up; `pbx` where the PBX ended the call by itself; null where it cannot be told. */
  readonly hungUpBy: string | null;
  readonly participants: readonly Participant[];
  /** Bridges with somebody in them, in order; of those that a sender named. */
  readonly bridges: readonly (Span & { readonly id: string })[];
};

export type AssembledCall = {
  readonly call: Call;
  /** Every record of the call, oldest first. */
  readonly records: readonly StoredRecord[];
  readonly doubts: readonly Doubt[];
};

export type AssembleOptions = {
  readonly enterprise: string;
  /** Now, in milliseconds since the epoch: how long an open call has lasted, and whether it can still be alive. */
  readonly now: number;
  /** Silence after which a call without a hangup counts as over, in milliseconds. */
  readonly callTimeoutMs: number;
  /**
   * Since when events are listened to without a break, in milliseconds since the epoch: a call that was heard of last before that
   * may have ended unseen.
   */
  readonly listeningSince?: number | undefined;
  /** Lines of these files that could not be read. */
  readonly unreadableLines?: number;
  /** More records hang together than any call has: some are left out. */
  readonly isCut?: boolean;
  /** Receipt of an earlier call that had one of these ids, where there is one. */
  readonly earlierCallAt?: number | undefined;
};
