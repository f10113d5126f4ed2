// What a reading of the files makes of a call: the card, in the words of every variant that somebody gets, and whom it
// concerns. Texts are made anew only where the card says something else than before.

import { type AssembledCall, type FollowUp, isOwed } from "../call/index.ts";
import { DEFAULT_PREFERENCES } from "../domain/chat-preferences.ts";
import type { StoredRecord } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import { normaliseRecord } from "../store/index.ts";
import type { Card, CardDecision } from "./decide.ts";
import type { CardText } from "./messenger.ts";
import {
  type CardFacts,
  type CardVariant,
  oursIn,
  PLAIN_VARIANT,
  variantKey,
  variantOf,
  wantsCard,
} from "./preferences.ts";
import { isCardRecord } from "./standing.ts";
import { type LastReading, messageKey, type StoredTg, type TrackedCall } from "./tracked-call.ts";
import type { DesiredCard, Recipients } from "./types.ts";

/** Makes the text of a card. */
export type CardTextOf = (
  assembled: AssembledCall,
  card: Card,
  /** Of a missed call. */
  followUp?: FollowUp | null | undefined,
  /** In which words; plain ones where it is not given. */
  variant?: CardVariant,
) => Promise<CardText>;

export type ReadingOptions = {
  readonly cardText: CardTextOf;
  readonly clock: Clock;
  /** Calls that were found again are announced only where their last event is not older than this. */
  readonly catchUpMs: number;
};

/** What is older at its arrival is no news, whatever the operator's catch-up. In milliseconds. */
const NEWS_MS = 10 * 60_000;

const isTg = (record: StoredRecord): record is StoredTg => isCardRecord(record);

/** A text as it will be read back from the file. */
const asRecorded = (text: string): string =>
  normaliseRecord({
    kind: "TG",
    action: "send",
    chatId: "1",
    messageType: "dial",
    messageId: 1,
    uniqueId: "1",
    text,
  }).text;

/** Final cards on record behind the last event. */
const settledIn = (records: readonly StoredRecord[]): Set<string> => {
  const last = records.findLastIndex(({ kind }) => kind === "AST");
  const after = records.slice(last + 1).filter(isTg);
  const finals = after.filter(({ messageType }) => messageType === "hangup");
  return new Set(finals.map(({ chatId, messageId }) => messageKey(chatId, messageId)));
};

/** Which variants of the card are wanted; of a card that nobody wants there is one all the same, for chats that left. */
const variantsFor = ({ chats }: Recipients, facts: CardFacts): Map<string, CardVariant> => {
  const variants = new Map<string, CardVariant>();
  for (const { preferences = DEFAULT_PREFERENCES } of chats) {
    if (!wantsCard(preferences, facts)) continue;
    const variant = variantOf(preferences);
    variants.set(variantKey(variant), variant);
  }
  if (variants.size === 0) variants.set(variantKey(PLAIN_VARIANT), PLAIN_VARIANT);
  return variants;
};

/** The call as its files have it now, for every chat. */
export const readCall = async (
  call: TrackedCall,
  found: AssembledCall,
  {
    decision: { card },
    recipients,
    uniqueId,
  }: {
    readonly decision: CardDecision;
    readonly recipients: Recipients;
    readonly uniqueId: string;
  },
  { cardText, clock, catchUpMs }: ReadingOptions,
): Promise<LastReading> => {
  const isMissed = isOwed(found.call);
  const facts = { isFinal: card?.final === true, isMissed, ours: oursIn(found.call) };
  const variants = new Map<string, { desired: DesiredCard; text: CardText }>();
  const rest = { records: found.records.filter(isTg), facts, uniqueId };
  const settled = settledIn(found.records);
  if (card === undefined)
    return { ...rest, settled, variants, desired: undefined, text: undefined };

  // The same card has the same text: names that came or went meanwhile are no reason to write again.
  const before = call.lastReading?.desired?.key === card.key ? call.lastReading : undefined;
  const lastAt = found.records.reduce(
    (last, { kind, at }) => (kind === "AST" ? Math.max(last, at) : last),
    0,
  );
  const newsMs = call.isLive ? Math.max(catchUpMs, NEWS_MS) : catchUpMs;
  for (const [key, variant] of variantsFor(recipients, facts)) {
    const known = before?.variants.get(key)?.text;
    const text = known ?? (await cardText(found, card, call.followUp, variant));
    const desired = {
      kind: card.kind,
      final: card.final,
      key: card.key,
      text: asRecorded(text.plain),
      announce: !card.silent && clock.now() - lastAt <= newsMs,
      missed: card.final && isMissed,
      follow: asRecorded(text.follow ?? ""),
    };
    variants.set(key, { desired, text });
  }
  const [first] = variants.values();
  return { ...rest, settled, variants, desired: first?.desired, text: first?.text };
};
