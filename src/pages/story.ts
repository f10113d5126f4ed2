// What is known beyond the call itself, for its page and its JSON: what became of it where it was missed, and which missed
// call it settled. Read from the history of its number.

import {
  type AssembledCall,
  type CallHistory,
  type CallStory,
  isOwed,
  isTooShort,
} from "../call/index.ts";
import { cardIdOf } from "../domain/card-id.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { isWithheld, type NumberPlan } from "../domain/phone.ts";
import { HOUR_MS } from "../lib/time.ts";
import { callToken } from "./links.ts";

/** The settings by which missed calls are followed up, in milliseconds. */
export type FollowUpSettings = { readonly windowMs: number; readonly minWaitMs: number };
export const DEFAULT_FOLLOW_UP: FollowUpSettings = { windowMs: 72 * HOUR_MS, minWaitMs: 0 };

/** Of a call of which there is nothing to tell. */
export const NO_STORY: CallStory = { followUp: null, returns: null, isTooShort: false };

/**
 * A link from one call's page to another of the same subscriber lasts so long, whoever opened the page, and is made anew once
 * an hour: an open page that is brought up to date does not change for it.
 */
const OTHER_LINK_MS = 24 * HOUR_MS;

/** Path and query of the other call's page, relative to that of a call; undefined where there is none. */
export const otherCallHref = async (
  { followUp, returns }: CallStory,
  { number, secret }: Enterprise,
  now: number,
): Promise<string | undefined> => {
  const uniqueId = followUp?.call ?? returns;
  if (uniqueId === null || secret === "") return undefined;
  const expiresAt = Math.floor(now / HOUR_MS) * HOUR_MS + OTHER_LINK_MS;
  const token = await callToken(secret, { enterprise: number, uniqueId }, expiresAt);
  return `../${encodeURIComponent(number)}/${encodeURIComponent(uniqueId)}?token=${token}`;
};

/** Whether something may still become of the call. */
export const isWaiting = ({ followUp }: CallStory): boolean =>
  followUp?.state === "open" || followUp?.state === "tried";

/**
 * Tells the story of a call that is over; of one that goes on, or is inside, there is none.
 *
 * @throws where the history cannot be read
 */
export const storyOf = async (
  assembled: AssembledCall,
  history: Pick<CallHistory, "followUpsOf">,
  {
    followUp: { windowMs, minWaitMs },
    country,
  }: {
    readonly followUp: FollowUpSettings;
    readonly country: NumberPlan;
  },
): Promise<CallStory> => {
  const { call } = assembled;
  const { phone, direction, startedAt } = call;
  const isOutside = direction === "incoming" || direction === "outgoing";
  if (phone === null || startedAt === null || !isOutside || isWithheld(phone)) return NO_STORY;
  const found = await history.followUpsOf(
    call.enterprise,
    phone,
    { from: startedAt, to: startedAt + 1 },
    { windowMs, minWaitMs, country },
  );
  const id = cardIdOf(assembled);
  return {
    followUp: found.ofMissed.get(id) ?? null,
    returns: found.returns.get(id) ?? null,
    isTooShort: isOwed(call) && isTooShort(call, minWaitMs),
  };
};
