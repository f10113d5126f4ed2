// Who put the other side on hold, and for how long. Asterisk reports it as Hold and Unhold on the holding channel
// only; nobody leaves the bridge, so the talk time goes on.

import type { CallEvent } from "./events.ts";
import type { Parties } from "./parties.ts";
import type { Presence } from "./presence.ts";
import type { Span } from "./types.ts";

/** Whether what stands in `event` ends a hold of the channel: taken back, hung up, or gone from its bridge. */
const endsHold = (event: CallEvent, hold: CallEvent): boolean =>
  (event.channelKey === hold.channelKey &&
    (event.type === "unhold" || event.type === "bridge_leave" || event.type === "hangup")) ||
  (event.type === "hangup" && event.uniqueId === hold.uniqueId && event.channel === "");

/**
 * The times in which each number held the call, in order. A hold that nobody took back ends when its channel leaves its
 * bridge, and at the latest with the call.
 *
 * @param endedAt end of the call in milliseconds since the epoch; null while it goes on
 */
export const holdingSpans = (
  events: readonly CallEvent[],
  presences: readonly Presence[],
  parties: Parties,
  endedAt: number | null,
): ReadonlyMap<string | null, readonly Span[]> => {
  const spans = new Map<string | null, Span[]>();
  events.forEach((event, index) => {
    if (event.type !== "hold") return;
    const { number } = parties.partyOf(event.channelKey);
    const own = spans.get(number) ?? [];
    // Some phones send it again during a hold.
    const last = own.at(-1);
    if (last !== undefined && (last.to === null || last.to > event.at)) return;
    const taken = events.slice(index + 1).find((later) => endsHold(later, event))?.at;
    const moved = presences.find(
      (presence) => presence.channelKey === event.channelKey && presence.end >= event.at,
    )?.end;
    const ends = [taken, moved, endedAt].filter(
      (at): at is number => typeof at === "number" && Number.isFinite(at) && at >= event.at,
    );
    own.push({ from: event.at, to: ends.length === 0 ? null : Math.min(...ends) });
    spans.set(number, own);
  });
  return spans;
};
