// The actions that make one chat show the desired card. Pure. Carried out one after the other they end with exactly
// that card, whatever stood before; then the plan is empty. The queue plans again after every action, because the call
// goes on meanwhile.

import type { StandingCard } from "./standing.ts";
import type { CardMode, DesiredCard } from "./types.ts";

/** A card in a chat, with what only the process that sent it knows. */
export type Standing = StandingCard & {
  /** The key of the card it shows; undefined where an earlier process sent it. */
  readonly key?: string | undefined;
  /** The messenger said that it cannot be changed. */
  readonly isFixed?: boolean | undefined;
};

export type ChatView = {
  /** Oldest first. */
  readonly standing: readonly Standing[];
  /** Kinds of card that the chat refused: they are not tried again. */
  readonly refused: ReadonlySet<string>;
};

export type Action =
  | { readonly do: "send" }
  | { readonly do: "edit"; readonly card: Standing }
  | { readonly do: "delete"; readonly card: Standing };

const shows = (card: Standing, desired: DesiredCard): boolean =>
  card.kind === desired.kind &&
  (card.key === undefined ? card.text === desired.text : card.key === desired.key);

export type PlanOptions = {
  readonly mode: CardMode;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long a message can be deleted after it was sent, in milliseconds. */
  readonly deletableMs: number;
};

/**
 * The steps that lead to the desired card; none where the chat is as it should be, or cannot be helped.
 *
 * @param desired undefined: nothing of the call should stand.
 */
export const planChat = (
  { standing, refused }: ChatView,
  desired: DesiredCard | undefined,
  { mode, now, deletableMs }: PlanOptions,
): Action[] => {
  // A refused kind of which a card stands: its deletion was refused.
  const canDelete = (card: Standing): boolean =>
    now - card.sentAt < deletableMs && !refused.has(card.kind);
  const without = (kept: Standing | undefined): Action[] =>
    standing
      .filter((card) => card !== kept && canDelete(card))
      .map((card) => ({ do: "delete", card }));
  if (desired === undefined) return without(undefined);

  const shown = standing.findLast((card) => shows(card, desired));
  if (shown !== undefined) return without(shown);
  if (refused.has(desired.kind)) {
    return without(standing.findLast((card) => card.kind === desired.kind));
  }

  const newest = standing.findLast((card) => card.isFixed !== true);
  // A final card that changes once more (an event came late) has rung already, so has nothing to ring for.
  const isCorrection = desired.final && newest?.kind === desired.kind && standing.length === 1;
  const inPlace =
    isCorrection || !desired.announce || (mode === "edit" && !(desired.missed && desired.final));
  if (inPlace && newest !== undefined) {
    return [...without(newest), { do: "edit", card: newest }];
  }
  return desired.announce ? [...without(undefined), { do: "send" }] : without(undefined);
};
