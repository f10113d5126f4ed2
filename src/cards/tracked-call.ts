// One call as the notifier tracks it: the desired card, and what stands in the chats. The files say what stands;
// actions of this process are kept until a later reading of the files must include them.

import type { FollowUp } from "../call/index.ts";
import { DEFAULT_PREFERENCES } from "../domain/chat-preferences.ts";
import type { StoredRecord, TgRecord } from "../domain/record.ts";
import type { ChatGoal, TgEntry } from "./chat-queue.ts";
import type { CardText } from "./messenger.ts";
import type { Standing } from "./plan.ts";
import { type CardFacts, variantKey, variantOf, wantsCard } from "./preferences.ts";
import { type ChatState, chatStates, type StandingCard } from "./standing.ts";
import type { DesiredCard, Recipient } from "./types.ts";

export type StoredTg = StoredRecord & TgRecord;

/** What was done, and whether its line is in the file. */
type SentAction = { readonly record: StoredTg; isWritten: boolean };

/** What the last reading of the files said. */
export type LastReading = {
  readonly records: readonly StoredTg[];
  readonly desired: DesiredCard | undefined;
  readonly text: CardText | undefined;
  /** The same in the words of each variant that somebody gets. */
  readonly variants: ReadonlyMap<
    string,
    { readonly desired: DesiredCard; readonly text: CardText }
  >;
  readonly facts: CardFacts;
  /** The id that the records of its cards bear. */
  readonly uniqueId: string;
  /** Final cards after which nothing happened in the call: they are right, whatever names are known now. */
  readonly settled: ReadonlySet<string>;
};

export type TrackedCall = {
  readonly enterprise: string;
  /** One of its ids: by it the call is found in the files. */
  readonly anchor: string;
  /** Every key by which its events know it. */
  keys: ReadonlySet<string>;
  lastReading: LastReading | undefined;
  sentActions: SentAction[];
  /** Ends when what was to be written has been tried. */
  writing: Promise<unknown>;
  /** Of the cards this process sent: which card each message shows. */
  readonly cardKeys: Map<string, string>;
  readonly fixed: Set<string>;
  /** Chats whose queues have something to do for it. */
  readonly queues: Set<string>;
  /** An event came while this process watched; else it was only found again. */
  isLive: boolean;
  isDirty: boolean;
  isRefreshing: boolean;
  /** It proved to be a part of that call. */
  mergedInto: TrackedCall | undefined;
  callOffTimer: () => void;
  isDropped: boolean;
  /** What became of it when that was told last. */
  followUp: FollowUp | null | undefined;
  /** In which state the cards of missed calls heard of it last. */
  toldOthers: string;
};

export const trackCall = (enterprise: string, anchor: string): TrackedCall => ({
  enterprise,
  anchor,
  keys: new Set(),
  lastReading: undefined,
  sentActions: [],
  writing: Promise.resolve(),
  cardKeys: new Map(),
  fixed: new Set(),
  queues: new Set(),
  isLive: false,
  isDirty: false,
  isRefreshing: false,
  mergedInto: undefined,
  callOffTimer: () => undefined,
  isDropped: false,
  followUp: undefined,
  toldOthers: "",
});

/** The call it is a part of, or itself. */
export const wholeOf = (call: TrackedCall): TrackedCall => {
  let whole = call;
  while (whole.mergedInto !== undefined) whole = whole.mergedInto;
  return whole;
};

export const messageKey = (chatId: string, messageId: number): string => `${chatId} ${messageId}`;

/**
 * The chats' states. Deeds that the files had already are applied again, which changes nothing: what a message ends
 * with is decided by its last deed.
 */
export const chatsOf = (call: TrackedCall): Map<string, ChatState> =>
  chatStates([
    ...(call.lastReading?.records ?? []),
    ...call.sentActions.map(({ record }) => record),
  ]);

/** Whether a final card says what became of a missed call as it should: the rest of it is right, whatever names are known. */
const tellsTheSame = (
  { text, isEdited }: StandingCard,
  desired: DesiredCard | undefined,
): boolean =>
  desired === undefined || (desired.follow === "" ? !isEdited : text.includes(desired.follow));

/** What the call wants in a chat now. */
export const goalOf = (
  call: TrackedCall,
  chatId: string,
  recipient: Pick<Recipient, "preferences"> | undefined,
): ChatGoal | undefined => {
  const { lastReading: sight } = call;
  if (sight === undefined) return undefined;
  const { preferences = DEFAULT_PREFERENCES } = recipient ?? {};
  const own = sight.variants.get(variantKey(variantOf(preferences))) ?? sight;
  const state = chatsOf(call).get(chatId);
  const standing = (state?.standing ?? []).map((card): Standing => {
    const message = messageKey(chatId, card.messageId);
    const isRight = sight.settled.has(message) && tellsTheSame(card, own.desired);
    const settledKey = isRight ? sight.desired?.key : undefined;
    const key = call.cardKeys.get(message) ?? settledKey;
    return { ...card, key, isFixed: call.fixed.has(message) };
  });
  const view = { standing, refused: state?.refused ?? new Set<string>() };
  const { uniqueId } = sight;
  const { desired, text } = own;
  if (recipient !== undefined && wantsCard(preferences, sight.facts))
    return { view, desired, text, uniqueId };
  // Somebody who left, or does not want it, keeps what the call ended with, and does not keep a card that nobody will ever finish.
  const unfinished = standing.filter(({ kind }) => kind !== "hangup");
  return { view: { ...view, standing: unfinished }, desired: undefined, text: undefined, uniqueId };
};

/** Remembers what happened in a chat, to be written. */
export const remember = (
  call: TrackedCall,
  { chatId, entry, at }: { readonly chatId: string; readonly entry: TgEntry; readonly at: number },
): void => {
  const { key, ...fields } = entry;
  const message = messageKey(chatId, entry.messageId);
  if (entry.action === "delete") call.cardKeys.delete(message);
  else if (key !== undefined) call.cardKeys.set(message, key);
  call.sentActions.push({
    record: { kind: "TG", at, chatId, ...fields, raw: "" },
    isWritten: false,
  });
};

/** Makes `part` a part of `whole`: what was done for it counts for the whole. */
export const mergeCalls = (whole: TrackedCall, part: TrackedCall): void => {
  part.mergedInto = whole;
  part.callOffTimer();
  whole.sentActions.push(...part.sentActions);
  for (const [message, key] of part.cardKeys) whole.cardKeys.set(message, key);
  for (const message of part.fixed) whole.fixed.add(message);
  whole.isLive ||= part.isLive;
};

export const fixMessage = (call: TrackedCall, chatId: string, messageId: number): void => {
  call.fixed.add(messageKey(chatId, messageId));
};
