// The recent calls of an enterprise, as a list asks for them. A row is a call, never a leg of one.

import type { NumberPlan } from "../../domain/phone.ts";
import type { FollowRules, FollowState, FollowUp, FollowUps } from "../follow-up.ts";
import type { CallStatus, Direction } from "../types.ts";

/** One call of the list. Times in milliseconds since the epoch, durations in milliseconds, null where unknown. */
export type CallRow = {
  /** The id under which the call's cards are recorded; it opens the call's page. */
  readonly uniqueId: string;
  /** When it began; for a call whose beginning was not seen, its first record. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly direction: Direction;
  readonly status: CallStatus;
  /** The outside party's number; on internal calls the calling extension; null where it is hidden. */
  readonly phone: string | null;
  /** The outside party's name as the PBX sent it. */
  readonly callerName: string | null;
  /** Everyone on our side, in the order they were rung. */
  readonly extensions: readonly string[];
  /** Those of our side who talked, in order. */
  readonly answeredBy: readonly string[];
  readonly waitMs: number | null;
  readonly talkMs: number | null;
  readonly totalMs: number | null;
  /** Transfers that were completed. */
  readonly transfers: number;
  /** Its caller was answered, and lost while he waited again. */
  readonly isLost: boolean;
};

/** A row of a list that was asked for with rules of follow-up; without them both are null. */
export type FollowedRow = CallRow & {
  /** Of a missed call that is owed an answer; null for others. */
  readonly followUp: FollowUp | null;
  /** The missed call that this one settled. */
  readonly returns: string | null;
};

/** By which missed calls are followed up. */
export type ListFollowRules = Omit<FollowRules, "now"> & {
  /** In whose numbering plan two spellings are one subscriber. */
  readonly country: NumberPlan;
};

/** A missed call and what became of it. */
export type FollowedMissed = {
  readonly uniqueId: string;
  readonly startedAt: number;
  /** When it was over. */
  readonly missedAt: number;
  readonly subscriber: string;
  readonly followUp: FollowUp;
};

/** The missed calls that still wait: one a subscriber. */
export type OpenMissed = {
  /** Of subscribers whom nobody of ours has called since. */
  readonly count: number;
  /** False while days are read for the first time. */
  readonly isComplete: boolean;
};

/** Which calls are wanted; what is not given is not asked for. */
export type CallQuery = {
  /** Part of the outside party's number; anything but digits in it is passed over. */
  readonly number?: string;
  /** Parts of a name, the caller's or one that was given for a number of the call, as `foldName` writes them. */
  readonly name?: readonly string[];
  /** A number on our side, whole: rung or talked; on internal calls also the caller. */
  readonly extension?: string;
  readonly directions?: readonly Direction[];
  /** Without it: all but service calls, which called nobody. */
  readonly statuses?: readonly CallStatus[];
  /** Missed calls of which this became; asked for with rules of follow-up alone. Without it: all calls. */
  readonly follow?: FollowState;
  /** Began at or after, in milliseconds since the epoch. */
  readonly from?: number;
  /** Began before, in milliseconds since the epoch. */
  readonly to?: number;
};

/** A place in the list: behind that row. Of meaning on any process of the same data folder, after a restart too. */
export type CallCursor = { readonly startedAt: number; readonly uniqueId: string };

export type CallPage = {
  /** Newest first, by beginning; ties by unique id. */
  readonly rows: readonly FollowedRow[];
  /**
   * Where the next page begins; undefined where there is none. Where rows are missing it is behind the last one that is
   * here, or, without any, the place that was asked for.
   */
  readonly next: CallCursor | undefined;
  /** False while older days are read for the first time: there may be rows that are not here. */
  readonly isComplete: boolean;
};

export type HourCount = {
  /** Beginning of the hour, in milliseconds since the epoch. */
  readonly from: number;
  readonly answered: number;
  /** Calls nobody answered, whatever the reason. */
  readonly unanswered: number;
};

export type DaySummary = {
  /** Every hour from `from` to `to`, also the empty ones; calls under way count as neither. */
  readonly hours: readonly HourCount[];
  readonly calls: number;
  readonly incoming: number;
  readonly outgoing: number;
  readonly internal: number;
  readonly answered: number;
  readonly incomingAnswered: number;
  /** Incoming calls that nobody answered. */
  readonly missed: number;
  /** Sum over the answered calls. */
  readonly talkMs: number;
  /** Mean wait of the incoming calls that were answered; null where there is none. */
  readonly meanWaitMs: number | null;
  readonly isComplete: boolean;
};

export type CallHistory = {
  /** @param limit rows at most */
  calls(
    enterprise: string,
    query: CallQuery,
    page: {
      readonly limit: number;
      readonly before?: CallCursor;
      readonly follow?: ListFollowRules;
    },
  ): Promise<CallPage>;
  /** What became of the missed calls of one number, as far as they began in `[from, to)` or settle one that did. */
  followUpsOf(
    enterprise: string,
    phone: string,
    period: { readonly from: number; readonly to: number },
    rules: ListFollowRules,
  ): Promise<FollowUps & { readonly isComplete: boolean }>;
  /** The missed calls that began at or after a moment, in no particular order. */
  missedSince(
    enterprise: string,
    from: number,
    rules: ListFollowRules,
  ): Promise<{ readonly missed: readonly FollowedMissed[]; readonly isComplete: boolean }>;
  /** Counts the missed calls that still wait. */
  openMissed(enterprise: string, rules: ListFollowRules): Promise<OpenMissed>;
  /** Counts the calls that began in `[from, to)`, at most 26 hours. */
  summary(enterprise: string, from: number, to: number): Promise<DaySummary>;
  close(): Promise<void>;
};
