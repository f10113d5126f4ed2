// What becomes of missed calls: derived from all calls of an enterprise with the same subscribers, never stored. Pure; the
// order in which calls are given, and one that is given twice, change nothing.
//
// Missed calls of one subscriber that nobody settled in between are one row; its newest call stands for it. A row ends
// when somebody of ours calls the subscriber and talks with him (`returned`), when he calls again and is answered
// (`reached`), or when nothing of that happened for the whole window after its newest call (`expired`). An attempt to call
// back counts until he calls once more: then he waits again, and the row is `open`.

import { type CallStatus, type Direction, isLive, isMissed } from "./types.ts";

export const FOLLOW_STATES = ["open", "tried", "returned", "reached", "expired"] as const;
export type FollowState = (typeof FOLLOW_STATES)[number];

/** What became of a missed call. Times in milliseconds since the epoch. */
export type FollowUp = {
  readonly state: FollowState;
  /** Calls to the subscriber that did not reach him, since the first missed call of the row. */
  readonly attempts: number;
  readonly firstAttemptAt: number | null;
  readonly lastAttemptAt: number | null;
  /** When the call began that settled the row; the four fields behind it are of that call. */
  readonly returnedAt: number | null;
  /** Who of ours talked in it; null where that is not known. */
  readonly returnedBy: string | null;
  /** From the end of the first missed call of the row to that call, in whole seconds. */
  readonly afterSeconds: number | null;
  /** How long was talked in it, in milliseconds. */
  readonly talkMs: number | null;
  /** Its unique id. */
  readonly call: string | null;
  /** Which missed call of the row this is; of the newest: how many there are. */
  readonly repeats: number;
  /** When the row began. */
  readonly firstMissedAt: number;
  /** It is the newest of its row, and stands for the others. */
  readonly stands: boolean;
  /** Who is calling the subscriber right now; null where nobody is. */
  readonly underWayBy: string | null;
};

/** What is asked of a call: a row of the list has it. Times and durations in milliseconds. */
export type FollowedCall = {
  readonly uniqueId: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly direction: Direction;
  readonly status: CallStatus;
  /** Its caller was answered, and lost while he waited again. */
  readonly isLost: boolean;
  readonly extensions: readonly string[];
  readonly answeredBy: readonly string[];
  readonly waitMs: number | null;
  readonly talkMs: number | null;
  /** By which two spellings are one subscriber (`subscriberKey`); "" for a withheld number, which nobody can call back. */
  readonly subscriber: string;
};

export type FollowRules = {
  readonly now: number;
  /** How long a missed call can be returned. */
  readonly windowMs: number;
  /** Whoever waited less than this is owed nothing. */
  readonly minWaitMs: number;
};

export type FollowUps = {
  /** By unique id, of every missed call that is owed an answer. */
  readonly ofMissed: ReadonlyMap<string, FollowUp>;
  /** The newest missed call of the row that a call settled, by the settling call's unique id. */
  readonly returns: ReadonlyMap<string, string>;
};

/** What is known beyond a call itself: what became of it, and which missed call it settled. */
export type CallStory = {
  readonly followUp: FollowUp | null;
  /** Unique id of the missed call. */
  readonly returns: string | null;
  /** It was missed, and its caller gave up too soon to be owed anything. */
  readonly isTooShort: boolean;
};

/** A customer who takes the call up and drops it within this was not talked with. */
const MIN_TALK_MS = 3000;

/** Whether a call is followed up: nobody answered it, or its caller was lost while he waited again. */
export const isOwed = (call: Pick<FollowedCall, "direction" | "status" | "isLost">): boolean =>
  isMissed(call) || call.isLost;

/** Whether its caller gave up so soon that nobody owes him anything. */
export const isTooShort = (
  { waitMs, isLost }: Pick<FollowedCall, "waitMs" | "isLost">,
  minWaitMs: number,
): boolean => !isLost && waitMs !== null && waitMs < minWaitMs;

type Step = {
  readonly at: number;
  readonly kind: "missed" | "settled" | "attempt" | "under-way";
  readonly call: FollowedCall;
};

type Row = {
  readonly missed: FollowedCall[];
  /** When the newest of them was missed. */
  missedAt: number;
  readonly attempts: number[];
  hasNewAttempt: boolean;
};

const answerOf = ({ startedAt, waitMs }: FollowedCall): number => startedAt + (waitMs ?? 0);

const stepsOf = (call: FollowedCall, minWaitMs: number): Step[] => {
  const { direction, status, startedAt, endedAt, talkMs, isLost } = call;
  if (direction === "incoming") {
    const steps: Step[] = [];
    const isAnswered = status === "answered" || status === "talking";
    if (isAnswered) steps.push({ at: answerOf(call), kind: "settled", call });
    if (isOwed(call) && !isTooShort(call, minWaitMs))
      steps.push({ at: isLost ? (endedAt ?? startedAt) : startedAt, kind: "missed", call });
    return steps;
  }
  if (direction !== "outgoing" || status === "service" || status === "unknown") return [];
  if (isLive(status)) return [{ at: startedAt, kind: "under-way", call }];
  const isTalk = status === "answered" && (talkMs === null || talkMs >= MIN_TALK_MS);
  return isTalk
    ? [{ at: answerOf(call), kind: "settled", call }]
    : [{ at: endedAt ?? startedAt, kind: "attempt", call }];
};

/** Steps of one moment: a missed call comes before what answers it. */
const RANK = { missed: 0, attempt: 1, settled: 2, "under-way": 3 } as const;

const inTime = (a: Step, b: Step): number =>
  a.at - b.at ||
  RANK[a.kind] - RANK[b.kind] ||
  (a.call.uniqueId < b.call.uniqueId ? -1 : a.call.uniqueId > b.call.uniqueId ? 1 : 0);

/** Follows the calls of one subscriber. */
class Story {
  readonly #rules: FollowRules;
  readonly #ofMissed: Map<string, FollowUp>;
  readonly #returns: Map<string, string>;
  #row: Row | undefined;
  #underWay: FollowedCall | undefined;

  constructor(
    rules: FollowRules,
    { ofMissed, returns }: { ofMissed: Map<string, FollowUp>; returns: Map<string, string> },
  ) {
    this.#rules = rules;
    this.#ofMissed = ofMissed;
    this.#returns = returns;
  }

  tell(steps: readonly Step[]): void {
    for (const { at, kind, call } of steps) {
      if (this.#row !== undefined && this.#isExpired(this.#row, at)) this.#end("expired");
      if (kind === "missed") this.#miss(call, at);
      else if (kind === "settled") this.#settle(call);
      else if (kind === "under-way") this.#underWay = call;
      else if (this.#row !== undefined) {
        this.#row.attempts.push(call.startedAt);
        this.#row.hasNewAttempt = true;
      }
    }
    if (this.#row === undefined) return;
    if (this.#isExpired(this.#row, this.#rules.now)) this.#end("expired");
    else this.#end(this.#row.hasNewAttempt ? "tried" : "open");
  }

  #isExpired({ missedAt }: Row, at: number): boolean {
    return at - missedAt > this.#rules.windowMs;
  }

  #miss(call: FollowedCall, at: number): void {
    this.#row ??= { missed: [], missedAt: at, attempts: [], hasNewAttempt: false };
    this.#row.missed.push(call);
    this.#row.missedAt = at;
    this.#row.hasNewAttempt = false;
  }

  #settle(call: FollowedCall): void {
    const newest = this.#row?.missed.at(-1);
    if (newest === undefined) return;
    this.#returns.set(call.uniqueId, newest.uniqueId);
    this.#end(call.direction === "incoming" ? "reached" : "returned", call);
  }

  #end(state: FollowState, by?: FollowedCall): void {
    const row = this.#row;
    this.#row = undefined;
    const [first] = row?.missed ?? [];
    if (row === undefined || first === undefined) return;
    const isGoingOn = state === "open" || state === "tried";
    const whole = {
      state,
      attempts: row.attempts.length,
      firstAttemptAt: row.attempts[0] ?? null,
      lastAttemptAt: row.attempts.at(-1) ?? null,
      returnedAt: by?.startedAt ?? null,
      returnedBy: by?.answeredBy[0] ?? by?.extensions[0] ?? null,
      afterSeconds:
        by === undefined
          ? null
          : Math.max(0, Math.round((by.startedAt - (first.endedAt ?? first.startedAt)) / 1000)),
      talkMs: by?.talkMs ?? null,
      call: by?.uniqueId ?? null,
      firstMissedAt: first.startedAt,
      underWayBy: isGoingOn ? (this.#underWay?.extensions[0] ?? null) : null,
    };
    for (const [index, { uniqueId }] of row.missed.entries()) {
      const stands = index === row.missed.length - 1;
      this.#ofMissed.set(uniqueId, { ...whole, repeats: index + 1, stands });
    }
  }
}

/**
 * What became of every missed call among `calls`. The cost grows with the calls of each subscriber, sorted once.
 *
 * @param calls of one enterprise, in any order; those of a subscriber are all there from the window before the first that
 *   is asked about to the window behind the last
 */
export const followUps = (calls: Iterable<FollowedCall>, rules: FollowRules): FollowUps => {
  const bySubscriber = new Map<string, Map<string, FollowedCall>>();
  for (const call of calls) {
    if (call.subscriber === "") continue;
    const known = bySubscriber.get(call.subscriber);
    if (known === undefined) bySubscriber.set(call.subscriber, new Map([[call.uniqueId, call]]));
    else known.set(call.uniqueId, call);
  }
  const found = { ofMissed: new Map<string, FollowUp>(), returns: new Map<string, string>() };
  for (const own of bySubscriber.values()) {
    const steps = [...own.values()].flatMap((call) => stepsOf(call, rules.minWaitMs)).sort(inTime);
    new Story(rules, found).tell(steps);
  }
  return found;
};
