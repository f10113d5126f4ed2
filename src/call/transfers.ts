// Transfers, read from who talked with the outside party after whom. Whoever joins while the other stays is a third
// party until the other leaves; a dial after the talk that nobody took is a transfer that failed.

import { bodyExtensions } from "../domain/event.ts";
import { cleanNumber } from "./channel.ts";
import type { CallEvent } from "./events.ts";
import { consulted, type TalkTimeline } from "./talk.ts";
import type { Transfer } from "./types.ts";

/** Transfers of a call in order; `events` are the call's own, in order of happening. */
export const readTransfers = (timeline: TalkTimeline, events: readonly CallEvent[]): Transfer[] => {
  const transfers: Transfer[] = [];
  let holder: string | undefined;
  for (const segment of timeline.segments) {
    const present = segment.with.filter((number) => number !== "");
    if (present.length === 0 || (holder !== undefined && present.includes(holder))) continue;
    const next = present.at(-1) as string;
    if (holder !== undefined) {
      const kind = consulted(timeline, holder, next) ? "attended" : "blind";
      transfers.push({ at: segment.from, kind, from: holder, to: next, completed: true });
    }
    holder = next;
  }

  const lastTalk = timeline.segments.at(-1);
  if (lastTalk !== undefined && holder !== undefined && Number.isFinite(lastTalk.to)) {
    const untaken = events.find((event) => event.type === "dial" && event.at >= lastTalk.to);
    const to = (untaken === undefined ? [] : bodyExtensions(untaken.record.body)).flatMap(
      (text) => cleanNumber(text) ?? [],
    );
    if (untaken !== undefined && to.length > 0) {
      transfers.push({
        at: untaken.at,
        kind: "blind",
        from: holder,
        to: to.join("&"),
        completed: false,
      });
    }
  }
  return transfers;
};
