// Decides which card a chat should show for a call. Pure: depends on the call and the current time, not on the order
// of events. Which cards stand in the chats already is standing.ts.

import type { AssembledCall, Call, FollowUp } from "../call/index.ts";
import { bodyText } from "../domain/event.ts";
import { isRecovered } from "../domain/event-time.ts";
import { isWithheld, readableNumber } from "../domain/phone.ts";
import { linesTried } from "../domain/phone-lines.ts";
import type { AstRecord } from "../domain/record.ts";
import { wholeSeconds } from "../lib/time.ts";
import { followKey } from "./follow.ts";

export type CardKind = "start" | "dial" | "bridge" | "hangup";

export type Card = {
  readonly kind: CardKind;
  /** The call is over: this card stays. */
  readonly final: boolean;
  /** What it is about arrived late on purpose (`_recovered`): it may put a chat in order, but rings nobody. */
  readonly silent: boolean;
  /** Changes whenever the reader would see something else, and hardly ever otherwise; of no meaning beyond that. */
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
  /** What became of it, of a missed call. */
  readonly followUp?: FollowUp | null | undefined;
};

/** A start whose dial follows within this time is not shown: the dial's card says more. In milliseconds. */
export const START_CARD_DELAY_MS = 3000;

/**
 * Where every channel has an id of its own, the first `bridge` of an answer names one that nothing ties to the call yet;
 * the second, a moment later, does. Until then it would be announced as a call of its own. In milliseconds.
 */
export const LONE_BRIDGE_DELAY_MS = 1500;

const channelOf = ({ body, uniqueId }: AstRecord): string =>
  bodyText(body, "ChanUniqueId") || bodyText(body, "Channel") || uniqueId;

/** Whether nothing is known of a call but one channel in a bridge. */
const isLoneBridge = (events: readonly AstRecord[]): boolean =>
  !events.some(({ event }) => event === "start" || event === "dial") &&
  new Set(events.filter(({ event }) => event === "bridge").map(channelOf)).size < 2;

/** What the reader of a final card sees of the end: how it ended, and the time that matters then. */
const endOf = (call: Call): readonly unknown[] => {
  if (call.endedAt === null) return ["closed"];
  if (call.status === "answered") return [call.status, wholeSeconds(call.talkMs)];
  if (call.isOwnPhoneSilent) return ["own-phone"];
  const isWaitTold = call.status === "missed" || call.status === "cancelled";
  return [call.status, isWaitTold ? wholeSeconds(call.waitMs) : null, call.reached];
};

const keyOf = (
  { call, records }: AssembledCall,
  kind: CardKind,
  followUp: FollowUp | null | undefined,
): string => {
  const tried = linesTried(records);
  // One line is worth a word only to those who are called on it; another one tried is, to those who call.
  const failedOver = call.direction === "outgoing" && tried.length > 1 ? tried : [];
  const lines = call.direction === "incoming" ? tried.slice(0, 1) : failedOver;
  const ours = call.direction === "outgoing" ? call.extensions.slice(0, 1) : call.extensions;
  const transfers = call.transfers.map(({ from, to, completed }) => [from, to, completed]);
  const talking = [call.answeredBy.at(-1) ?? ours, transfers];
  const shown = {
    start: [lines],
    dial: [lines, ours],
    bridge: talking,
    hangup: [
      ...endOf(call),
      ...(call.answeredBy.length === 0
        ? [lines, ours]
        : call.endedAt === null
          ? talking
          : [call.answeredBy, transfers, failedOver]),
      ...(call.isLost ? ["lost"] : []),
      ...followKey(followUp),
    ],
  };
  const phone = isWithheld(call.phone) ? null : readableNumber(call.phone ?? "");
  return JSON.stringify([kind, call.direction, phone, ...shown[kind]]);
};

/** The card for a call, and when time alone will change it. How old anything is, is judged by receipt. */
export const decideCard = (
  assembled: AssembledCall,
  { now, callTimeoutMs, followUp }: CardOptions,
): CardDecision => {
  const { call, records } = assembled;
  const events = records.filter((record) => record.kind === "AST");
  const last = events.at(-1);
  if (last === undefined) return { card: undefined, decideAgainAt: undefined };
  const lastAt = Math.max(...events.map((record) => record.at));
  // Nobody was called.
  if (call.status === "service") return { card: undefined, decideAgainAt: undefined };
  const over = call.endedAt !== null || call.status === "unknown" || now - lastAt > callTimeoutMs;
  const cardOf = (kind: CardKind): Card => ({
    kind,
    final: kind === "hangup",
    silent: isRecovered(last),
    key: keyOf(assembled, kind, followUp),
  });
  if (over) return { card: cardOf("hangup"), decideAgainAt: undefined };

  const timeoutAt = lastAt + callTimeoutMs + 1;
  if (call.status === "talking") {
    const tiedBy = Math.min(...events.map((record) => record.at)) + LONE_BRIDGE_DELAY_MS;
    return isLoneBridge(events) && now < tiedBy
      ? { card: undefined, decideAgainAt: tiedBy }
      : { card: cardOf("bridge"), decideAgainAt: timeoutAt };
  }
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
