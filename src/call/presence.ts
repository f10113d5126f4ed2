// Who was in which bridge, from when to when. Senders lose, repeat and swap events, and some never post bridge_leave
// or bridge ids; each presence says how its end is known.

import { bodyExtensions } from "../domain/event.ts";
import { bridgeKind } from "./bridge-kind.ts";
import type { CallEvent } from "./events.ts";

export type PresenceEnd = "leave" | "destroy" | "moved" | "hangup" | "open";

export type Presence = {
  /** The bridge; for senders that post no bridge id, a name of our own for "whatever this channel was in". */
  readonly bridgeId: string;
  /** False where the bridge id is our own. */
  readonly bridgeKnown: boolean;
  readonly channelKey: string;
  readonly channel: string;
  readonly local: boolean;
  /** In a holding bridge, where nobody hears anybody. */
  readonly holding: boolean;
  readonly uniqueId: string;
  readonly start: number;
  /** Infinity while it lasts. */
  readonly end: number;
  readonly endedBy: PresenceEnd;
  /** False where the channel was only seen leaving. */
  readonly enterSeen: boolean;
  readonly events: readonly CallEvent[];
};

type Draft = {
  -readonly [Key in keyof Presence]: Key extends "events" ? CallEvent[] : Presence[Key];
};

/** An enter may come this much after its own leave: events lag up to 7 s behind what they tell. */
const MAX_LAG_MS = 10_000;
/** Parties leave a bridge one after the other: who left this shortly before was still there. */
const LEAVING_TOGETHER_MS = 1000;

const isEnter = (event: CallEvent): boolean => event.type === "bridge";
const isLeave = (event: CallEvent): boolean => event.type === "bridge_leave";

const draftFrom = (event: CallEvent, bridgeId: string): Draft => ({
  bridgeId,
  bridgeKnown: event.bridgeId !== "",
  channelKey: event.channelKey,
  channel: event.channel,
  local: event.isLocal,
  holding: false,
  uniqueId: event.uniqueId,
  start: event.at,
  end: Number.POSITIVE_INFINITY,
  endedBy: "open",
  enterSeen: true,
  events: [event],
});

const close = (draft: Draft, at: number, endedBy: PresenceEnd): void => {
  draft.end = Math.max(at, draft.start);
  draft.endedBy = endedBy;
};

/** Presences in one bridge, from its own events in order. */
const presencesInBridge = (bridgeId: string, events: readonly CallEvent[]): Draft[] => {
  const drafts: Draft[] = [];
  const openOf = (event: CallEvent): Draft | undefined =>
    drafts.find((draft) => draft.endedBy === "open" && draft.channelKey === event.channelKey) ??
    drafts.find(
      (draft) =>
        draft.endedBy === "open" &&
        draft.uniqueId === event.uniqueId &&
        (draft.channel === "" || event.channel === ""),
    );

  events.forEach((event, index) => {
    if (isEnter(event)) {
      const open = openOf(event);
      if (open !== undefined) {
        open.events.push(event);
        return;
      }
      const overtaken = drafts.find(
        (draft) =>
          !draft.enterSeen &&
          draft.channelKey === event.channelKey &&
          event.at - draft.end <= MAX_LAG_MS &&
          !events
            .slice(index + 1)
            .some((later) => isLeave(later) && later.channelKey === event.channelKey),
      );
      if (overtaken !== undefined) {
        overtaken.enterSeen = true;
        overtaken.events.push(event);
        return;
      }
      drafts.push(draftFrom(event, bridgeId));
    } else if (isLeave(event)) {
      const open = openOf(event);
      if (open !== undefined) {
        open.events.push(event);
        close(open, event.at, "leave");
        return;
      }
      // Left twice: a repeated delivery, or a leave that its bridge's end overtook.
      const left = drafts.findLast((draft) => draft.channelKey === event.channelKey);
      if (left !== undefined) {
        left.events.push(event);
        if (left.endedBy === "destroy") close(left, event.at, "leave");
        return;
      }
      const seenOnlyLeaving = draftFrom(event, bridgeId);
      seenOnlyLeaving.enterSeen = false;
      close(seenOnlyLeaving, event.at, "leave");
      drafts.push(seenOnlyLeaving);
    } else if (event.type === "bridge_destroy") {
      for (const draft of drafts) if (draft.endedBy === "open") close(draft, event.at, "destroy");
    }
  });
  for (const draft of drafts) {
    if (draft.enterSeen && draft.start < draft.end) continue;
    // When it entered is not known: at the latest when the last of those entered whom it was with when it left.
    const company = drafts.filter(
      (other) =>
        other !== draft && other.start < draft.end && other.end >= draft.end - LEAVING_TOGETHER_MS,
    );
    draft.start = Math.max(...company.map((other) => other.start), Number.NEGATIVE_INFINITY);
    if (!Number.isFinite(draft.start)) draft.start = draft.end;
  }
  return drafts;
};

const COMPANY = "with:";

/** The number of somebody of another call in the same conference, by the key of the presence that stands for him. */
export const companyNumber = (channelKey: string): string | undefined =>
  channelKey.startsWith(COMPANY) ? channelKey.slice(COMPANY.length) : undefined;

/** Those of other calls who are in a conference with this one, as its events `conference` tell: one presence each. */
const companyOf = (events: readonly CallEvent[]): Draft[] =>
  events.flatMap((event, index) => {
    if (event.type !== "conference" || event.bridgeId === "") return [];
    const numbers = bodyExtensions(event.record.body, "With");
    if (numbers.length === 0 && Number(event.text("WithCount")) > 0) numbers.push("");
    const end = events
      .slice(index + 1)
      .find((later) =>
        later.type === "hangup"
          ? later.uniqueId === event.uniqueId
          : later.bridgeId === event.bridgeId &&
            later.channelKey === event.channelKey &&
            (later.type === "conference" || isLeave(later)),
      );
    return numbers.map((number) => ({
      ...draftFrom(event, event.bridgeId),
      channelKey: `${COMPANY}${number}`,
      channel: "",
      end: end?.at ?? Number.POSITIVE_INFINITY,
      endedBy: end === undefined ? ("open" as const) : ("leave" as const),
    }));
  });

type InBridge = { readonly bridgeId: string; readonly events: CallEvent[] };

/** The events of entering, of leaving and of the end of each bridge, in the order in which bridges were first seen. */
const eventsByBridge = (events: readonly CallEvent[]): InBridge[] => {
  const bridges: InBridge[] = [];
  for (const event of events) {
    if (!(isEnter(event) || isLeave(event) || event.type === "bridge_destroy")) continue;
    if (event.bridgeId === "" && event.uniqueId === "") continue;
    const bridgeId = event.bridgeId || `unnamed:${event.uniqueId}:${event.channelKey}`;
    const known = bridges.find((bridge) => bridge.bridgeId === bridgeId);
    if (known === undefined) bridges.push({ bridgeId, events: [event] });
    else known.events.push(event);
  }
  return bridges;
};

/** Whether a hangup is that of the channel, or of the call by whose id it was posted. */
const isHangupOf = (
  { type, uniqueId, channelKey }: CallEvent,
  { uniqueId: id, channelKey: key }: Draft,
): boolean =>
  type === "hangup" &&
  (uniqueId === id || uniqueId === key || channelKey === id || channelKey === key);

/** Whether the call went on elsewhere, for a stay in a bridge that nobody named: dialled on, or another party entered. */
const supersedes = (event: CallEvent, { uniqueId, channelKey, start }: Draft): boolean =>
  event.at > start &&
  event.uniqueId === uniqueId &&
  (event.type === "dial" || (isEnter(event) && event.channelKey !== channelKey));

/** Ends a presence whose leaving was not seen, where something else tells its end. */
const closeUnseen = (
  draft: Draft,
  events: readonly CallEvent[],
  drafts: readonly Draft[],
): void => {
  let moved = Number.POSITIVE_INFINITY;
  let hungUp = Number.POSITIVE_INFINITY;
  for (const { channelKey, enterSeen, start } of drafts) {
    const isElsewhere = channelKey === draft.channelKey && enterSeen && start > draft.start;
    if (isElsewhere) moved = Math.min(moved, start);
  }
  for (const event of events) {
    if (event.at < draft.start) continue;
    if (isHangupOf(event, draft)) hungUp = Math.min(hungUp, event.at);
    else if (!draft.bridgeKnown && supersedes(event, draft)) moved = Math.min(moved, event.at);
  }
  if (moved <= hungUp && Number.isFinite(moved)) close(draft, moved, "moved");
  else if (Number.isFinite(hungUp)) close(draft, hungUp, "hangup");
};

/**
 * All presences told by `events` (in order of happening). A presence without a leave ends when its bridge is
 * destroyed, its channel enters another bridge, or its channel or call hangs up, whichever comes first; where the
 * sender gives no bridge id, also at the call's next dial or at the next party that enters.
 */
export const presences = (events: readonly CallEvent[]): Presence[] => {
  const drafts: Draft[] = [];
  for (const bridge of eventsByBridge(events)) {
    const holding = bridgeKind(events, bridge.bridgeId) === "holding";
    for (const draft of presencesInBridge(bridge.bridgeId, bridge.events)) {
      draft.holding = holding;
      drafts.push(draft);
    }
  }
  for (const draft of drafts) if (draft.endedBy === "open") closeUnseen(draft, events, drafts);
  drafts.push(...companyOf(events));
  return drafts.sort((a, b) => a.start - b.start);
};
