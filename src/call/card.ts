// Which card a chat should show of a call: a pure function of the call and the moment. Whatever the order in which
// events arrived, the same call gives the same card; what stands in the chats already is standing.ts.

import { bodyText } from "../domain/event.ts";
import type { AstRecord } from "../domain/record.ts";
import type { AssembledCall, Call } from "./types.ts";

export type CardKind = "start" | "dial" | "bridge" | "hangup";

export type Card = {
  readonly kind: CardKind;
  /** The call is over: this card stays. */
  readonly final: boolean;
  /** What it is about arrived late on purpose (`_recovered`): it may put a chat in order, but rings nobody. */
  readonly silent: boolean;
  /** Changes exactly when the reader would see something else; of no meaning otherwise. */
  readonly key: string;
};

export type CardDecision = {
  /** Undefined where the chats should show nothing (yet). */
  readonly card: Card | undefined;
  /** When to decide again though no event comes, in milliseconds since the epoch. */
  readonly decideAgainAt: number | undefined;
};

export type CardOptions = {
  /** Now, in milliseconds since the epoch. */
  readonly now: number;
  readonly callTimeoutMs: number;
};

/** A start whose dial follows within this time is not shown: the dial's card says more. In milliseconds. */
export const START_CARD_DELAY_MS = 3000;

const isRecovered = (record: AstRecord): boolean => bodyText(record.body, "_recovered") === "true";

const keyOf = (call: Call, kind: CardKind): string => {
  const seconds = (ms: number | null): number => (ms === null ? -1 : Math.floor(ms / 1000 + 0.5));
  const transfers = call.transfers.map(({ from, to, completed }) => [from, to, completed]);
  const shown =
    kind === "hangup"
      ? [call.status, call.answeredBy, transfers, seconds(call.talkMs), seconds(call.waitMs)]
      : kind === "bridge"
        ? [call.answeredBy, transfers]
        : kind === "dial"
          ? [call.extensions, call.trunk]
          : [];
  return JSON.stringify([kind, call.direction, call.phone, ...shown]);
};

/** The card for a call, and when time alone will change it. How old anything is, is judged by receipt. */
export const decideCard = (
  { call, records }: AssembledCall,
  { now, callTimeoutMs }: CardOptions,
): CardDecision => {
  const events = records.filter((record) => record.kind === "AST");
  const last = events.at(-1);
  if (last === undefined) return { card: undefined, decideAgainAt: undefined };
  const lastAt = Math.max(...events.map((record) => record.at));
  const over = call.endedAt !== null || call.status === "unknown" || now - lastAt > callTimeoutMs;
  const cardOf = (kind: CardKind): Card => ({
    kind,
    final: kind === "hangup",
    silent: isRecovered(last),
    key: keyOf(call, kind),
  });
  if (over) return { card: cardOf("hangup"), decideAgainAt: undefined };

  const timeoutAt = lastAt + callTimeoutMs + 1;
  if (call.status === "talking") return { card: cardOf("bridge"), decideAgainAt: timeoutAt };
  if (events.some((record) => record.event === "dial")) {
    return { card: cardOf("dial"), decideAgainAt: timeoutAt };
  }
  const start = events.find((record) => record.event === "start");
  if (start === undefined) return { card: undefined, decideAgainAt: timeoutAt };
  const showAt = start.at + START_CARD_DELAY_MS;
  return now >= showAt
    ? { card: cardOf("start"), decideAgainAt: timeoutAt }
    : { card: undefined, decideAgainAt: showAt };
};
