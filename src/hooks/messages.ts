// What a target is to be told of a call, and how far that has come. Pure: the first is a function of the call, the second of
// its HTTP records, so that a process that starts knows what the one before it left undelivered.

import { createHash } from "node:crypto";
import { type AssembledCall, type CallStory, isOwed } from "../call/index.ts";
import { cardIdOf } from "../domain/card-id.ts";
import { happenedAt, isRecovered } from "../domain/event-time.ts";
import type { StoredRecord } from "../domain/record.ts";
import { HOOK_EVENTS, type Hook, type HookEvent, type HookMessage } from "./types.ts";

/** Pauses before the attempts, those of the specification (10 tries over 75 h 35 min). In milliseconds. */
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const PAUSES_MS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** The pauses together, a tenth more each: a message that was not delivered by then is given up. In milliseconds. */
export const GIVE_UP_MS = Math.round(PAUSES_MS.reduce((sum, pause) => sum + pause, 0) * 1.1);

/** `webhook-id`: of the same message always the same, whichever process sends it. Without a dot, which separates what is signed. */
const messageId = (hook: string, uniqueId: string, type: HookEvent): string => {
  const digest = createHash("sha256").update(`${hook} ${uniqueId} ${type}`).digest("base64url");
  return `msg_${digest.slice(0, 27)}`;
};

const isSettled = (followUp: CallStory["followUp"] | undefined): boolean =>
  followUp?.stands === true && (followUp.state === "returned" || followUp.state === "reached");

type Occasion = { readonly type: HookEvent; readonly at: number };

/** Whether the call goes on no more: it ended, or nothing was heard of it for too long. */
const isOver = ({ call, records }: AssembledCall, now: number, callTimeoutMs: number): boolean => {
  const last = Math.max(...records.filter(({ kind }) => kind === "AST").map(({ at }) => at));
  return call.endedAt !== null || call.status === "unknown" || now - last > callTimeoutMs;
};

const occasionsOf = (
  assembled: AssembledCall,
  story: CallStory | undefined,
  { now, callTimeoutMs }: WantedOptions,
): Occasion[] => {
  const { call, records } = assembled;
  const events = records.filter((record) => record.kind === "AST");
  const placing = events.find(({ event }) => event === "start" || event === "dial");
  const last = events.at(-1);
  // What did not begin as a call is none, or not known to belong to one yet.
  if (placing === undefined || last === undefined) return [];
  const isTold = isOver(assembled, now, callTimeoutMs);
  const endedAt = call.endedAt ?? happenedAt(last);
  const found: Occasion[] = [];
  // Late on purpose: it is told what became of the call, and not that somebody rings.
  if (!(isTold && isRecovered(last))) {
    found.push({ type: "call.started", at: call.startedAt ?? happenedAt(placing) });
    if (call.answeredAt !== null) found.push({ type: "call.answered", at: call.answeredAt });
  }
  if (isTold) found.push({ type: "call.ended", at: endedAt });
  if (isTold && isOwed(call)) found.push({ type: "call.missed", at: endedAt });
  if (isTold && isSettled(story?.followUp)) {
    found.push({ type: "call.followed_up", at: story?.followUp?.returnedAt ?? now });
  }
  return found;
};

export type WantedOptions = {
  /** In milliseconds since the epoch. */
  readonly now: number;
  readonly callTimeoutMs: number;
};

/** Everything a target is to be told of a call, delivered or not, in order. Calls of before the webhook was made are not told. */
export const wantedMessages = (
  hook: Pick<Hook, "id" | "createdAt">,
  assembled: AssembledCall,
  story: CallStory | undefined,
  options: WantedOptions,
): readonly HookMessage[] => {
  const uniqueId = cardIdOf(assembled);
  const events = assembled.records.filter((record) => record.kind === "AST");
  const firstAt = events[0]?.at ?? 0;
  const lastAt = Math.max(0, ...events.map(({ at }) => at));
  if (uniqueId === "" || firstAt < hook.createdAt) return [];
  return occasionsOf(assembled, story, options).map(({ type, at }) => ({
    id: messageId(hook.id, uniqueId, type),
    type,
    uniqueId,
    at,
    knownAt: type === "call.started" ? firstAt : type === "call.followed_up" ? at : lastAt,
  }));
};

/** Where it comes among the events of its call, from 1: they may arrive out of order. */
export const sequenceOf = (type: HookEvent): number => HOOK_EVENTS.indexOf(type) + 1;

/** What the record of an attempt has as its request. */
export type AttemptNote = {
  readonly hook: string;
  readonly id: string;
  readonly type: HookEvent;
  readonly attempt: number;
};

export type Progress = {
  readonly attempts: number;
  readonly isDelivered: boolean;
  /** The last attempt, in milliseconds since the epoch; undefined where there was none. */
  readonly lastAt: number | undefined;
};

export const isDelivered = (status: number): boolean => status >= 200 && status < 300;

const noteIn = (request: string): AttemptNote | undefined => {
  try {
    const note: unknown = JSON.parse(request);
    return typeof note === "object" && note !== null && "hook" in note && "id" in note
      ? (note as AttemptNote)
      : undefined;
  } catch {
    return undefined;
  }
};

/** How far each message of a call has come, by its id. */
export const progressOf = (records: readonly StoredRecord[]): ReadonlyMap<string, Progress> => {
  const found = new Map<string, Progress>();
  for (const record of records) {
    if (record.kind !== "HTTP" || record.method !== "POST") continue;
    const note = noteIn(record.request);
    if (note === undefined) continue;
    const before = found.get(note.id);
    found.set(note.id, {
      attempts: (before?.attempts ?? 0) + 1,
      isDelivered: before?.isDelivered === true || isDelivered(record.status),
      lastAt: Math.max(before?.lastAt ?? 0, record.at),
    });
  }
  return found;
};

/**
 * When the next attempt is due, in milliseconds since the epoch; undefined where there is to be none: it was delivered, or is
 * given up.
 *
 * @param random from 0 to 1: adds up to a tenth to the pause
 */
export const nextAttemptAt = (
  { knownAt }: Pick<HookMessage, "knownAt">,
  { attempts, isDelivered: isDone, lastAt }: Progress,
  now: number,
  random: number,
): number | undefined => {
  const pause = PAUSES_MS[attempts];
  if (isDone || pause === undefined || now - knownAt > GIVE_UP_MS) return undefined;
  return (lastAt ?? now) + Math.round(pause * (1 + random / 10));
};
