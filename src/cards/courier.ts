// Brings one message that is no card into a chat: it is tried until it is there, until it is refused, or until it would
// come too late to matter. It is sent a second time only where the first did certainly not arrive.

import type { RecordToWrite } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { CardText, Messenger, MessengerFailure, SendingManner } from "./messenger.ts";
import { nextTryAt } from "./retry.ts";

/** One message on its way. */
export type Errand = {
  readonly messenger: Messenger;
  readonly chatId: string;
  readonly text: CardText;
  readonly how: SendingManner;
  /** It is of no use to anybody after that, in milliseconds since the epoch. */
  readonly until: number;
  /** Asked before each try; default: yes. */
  readonly isWanted?: () => boolean;
};

export type Errands = {
  readonly clock: Clock;
  /** Resolves after that time, in milliseconds, or when the program stops. */
  readonly rest: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
};

/** What came of it; `stopped`: the program ends, and nothing is known to have arrived. */
export type Outcome =
  | {
      readonly is: "sent";
      readonly messageId: number;
      /** What did not go as it should: worth a record. */
      readonly notes: readonly string[];
    }
  | { readonly is: "failed"; readonly reason: string }
  | { readonly is: "stopped" }
  /** It was not wanted any more. */
  | { readonly is: "unwanted" };

/** What goes on record of a message: what did not go as it should, then that it stands in the chat. */
export const recordsOf = (
  outcome: Outcome,
  {
    chatId,
    messageType,
    uniqueId,
    text,
  }: {
    readonly chatId: string;
    readonly messageType: string;
    /** Of the call it tells of; empty where there is none. */
    readonly uniqueId: string;
    readonly text: string;
  },
): readonly RecordToWrite[] => {
  const record = { kind: "TG", chatId, messageType, uniqueId } as const;
  const failed = (reason: string): RecordToWrite => ({
    ...record,
    action: "fail",
    messageId: 0,
    text: reason,
  });
  switch (outcome.is) {
    case "sent": {
      const { messageId, notes } = outcome;
      return [...notes.map(failed), { ...record, action: "send", messageId, text }];
    }
    case "failed":
      return [failed(outcome.reason)];
    case "stopped":
    case "unwanted":
      return [];
  }
};

/** How often a chat may move in a row before it is taken for a fault. */
const MAX_MOVES = 3;

type State = {
  chatId: string;
  text: CardText;
  how: SendingManner;
  moves: number;
  tries: number;
  firstAt: number;
  readonly notes: string[];
};

/** Changes what is sent next, or says when. @returns why nothing more is tried; undefined where something is */
const takeFailure = (
  state: State,
  failure: MessengerFailure,
  { now, name }: { readonly now: number; readonly name: string },
): { readonly waitUntil: number } | string => {
  switch (failure.kind) {
    case "limited":
      return { waitUntil: now + failure.retryAfterMs };
    case "migrated":
      state.moves += 1;
      state.chatId = failure.chatId;
      return state.moves > MAX_MOVES ? "the group moves on and on" : { waitUntil: now };
    case "unavailable": {
      if (failure.unsure) return `${failure.reason}: the message may have been delivered`;
      if (state.tries === 0) state.firstAt = now;
      state.tries += 1;
      const at = nextTryAt(state, { isFinal: true, now });
      return at === undefined
        ? `${name} cannot be reached (${failure.reason}), given up after ${state.tries} tries`
        : { waitUntil: at };
    }
    case "refused":
      if (failure.why === "button" && state.text.button !== undefined) {
        state.text = { ...state.text, button: undefined };
        return { waitUntil: now };
      }
      if (failure.why === "topic" && state.how.topic !== null) {
        state.how = { ...state.how, topic: null };
        state.notes.push(`${failure.reason}: sent to the group itself`);
        return { waitUntil: now };
      }
      return failure.reason;
  }
};

/** Brings the message. Never rejects where the messenger does not. */
export const bring = async (
  { messenger, chatId, text, how, until, isWanted = () => true }: Errand,
  { clock, rest, isStopped }: Errands,
): Promise<Outcome> => {
  const state: State = { chatId, text, how, moves: 0, tries: 0, firstAt: 0, notes: [] };
  while (!isStopped()) {
    if (!isWanted()) return { is: "unwanted" };
    const sent = await messenger.send(state.chatId, state.text, state.how);
    if (sent.ok) return { is: "sent", messageId: sent.value, notes: state.notes };
    const { name } = messenger.capabilities;
    const next = takeFailure(state, sent.error, { now: clock.now(), name });
    if (typeof next === "string") return { is: "failed", reason: next };
    if (next.waitUntil > until) return { is: "failed", reason: "it would have come too late" };
    if (next.waitUntil > clock.now()) await rest(next.waitUntil - clock.now());
  }
  return { is: "stopped" };
};
