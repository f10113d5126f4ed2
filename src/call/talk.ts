// Who talked with whom, and when. At every moment bridges and Local channels form connected groups of channels; the
// call is talked in while the group of the outside party holds one of our parties (internal calls: two of ours).
//
// Senders show only a part of this: Local channels are often left out, so that one conversation appears as two bridges
// with one party each, and dialplan hooks post only the called channel. `hiddenPartner` decides when a lone party
// counts as talking.

import { DisjointSets } from "../lib/disjoint-sets.ts";
import type { ChannelParty, Parties } from "./parties.ts";
import type { Presence } from "./presence.ts";

export type TalkSegment = {
  readonly from: number;
  /** Infinity while it lasts. */
  readonly to: number;
  /** Our side: who was connected. Numbers only; "" for a channel whose number is hidden. */
  readonly with: readonly string[];
};

export type TalkTimeline = {
  /** Stretches in which the call was talked in, in order, not touching unless the partners changed. */
  readonly segments: readonly TalkSegment[];
  /** Pairs `a b` of our numbers that were connected without the outside party (consultations). */
  readonly consultations: ReadonlySet<string>;
};

type PresentChannel = { readonly presence: Presence; readonly party: ChannelParty };
type ConnectedParties = {
  readonly outside: PresentChannel[];
  readonly ours: PresentChannel[];
  /** A Local channel is among it: what it leads to is seen, or is not there yet. */
  hasLocal: boolean;
};

const LOCAL_HALF = /;[12]$/;

/** Connected groups of channels that are present at one moment. */
const groupsAt = (channels: readonly PresentChannel[]): ConnectedParties[] => {
  const sets = new DisjointSets<string>();
  for (const { presence } of channels) {
    if (presence.local) {
      sets.join(`bridge ${presence.bridgeId}`, `pair ${presence.channel.replace(LOCAL_HALF, "")}`);
    }
  }
  const groups = new Map<string, ConnectedParties>();
  for (const channel of channels) {
    const name = sets.of(`bridge ${channel.presence.bridgeId}`);
    const group = groups.get(name) ?? { outside: [], ours: [], hasLocal: false };
    if (channel.party.kind === "local") group.hasLocal = true;
    else (channel.party.kind === "outside" ? group.outside : group.ours).push(channel);
    groups.set(name, group);
  }
  return [...groups.values()];
};

const numbersOf = (channels: readonly PresentChannel[]): string[] => [
  ...new Set(channels.map((channel) => channel.party.number ?? "")),
];

const pairName = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Whether two numbers of ours were ever connected without the outside party. */
export const consulted = (timeline: TalkTimeline, a: string, b: string): boolean =>
  timeline.consultations.has(pairName(a, b));

/**
 * Builds the timeline of talk from the call's presences.
 *
 * @param saysAnswered what the call's hangup says of an answer; undefined where it says nothing, or has not come
 */
export const talkTimeline = (
  presences: readonly Presence[],
  parties: Parties,
  saysAnswered: boolean | undefined,
): TalkTimeline => {
  const channels = presences
    .filter((presence) => !presence.holding)
    .map((presence) => ({ presence, party: parties.partyOf(presence.channelKey) }));
  const real = channels.filter(({ party }) => party.kind !== "local");
  const internal =
    parties.direction === "internal" ||
    (parties.direction === "unknown" && !real.some(({ party }) => party.kind === "outside"));
  /** A sender that shows Local channels hides none: what stands alone there is alone. */
  const postsLocal = real.length < channels.length;
  const outsideSeen = real.some(({ party }) => party.kind === "outside");
  const ourChannels = new Set(
    real.filter(({ party }) => party.kind !== "outside").map(({ presence }) => presence.channelKey),
  );
  /** Channels of ours that have been visibly connected to the outside party, up to the moment looked at. */
  const metOutside = new Set<string>();
  const lone = (group: ConnectedParties): boolean =>
    group.outside.length === 0 && group.ours.length === 1 && !group.hasLocal;

  /**
   * Our side of the talk where the bridges show a lone party: the other end was never posted by this sender, or
   * stands behind a Local channel that was left out. An extension that was connected to the outside party and stands
   * alone now is consulting or dialling, so it is not joined again; nor is anyone while two of ours stand alone, for
   * they talk with each other. A caller alone in a bridge may be listening to music: there the hangup must say that
   * the call was answered. One that says it was not is believed.
   */
  const hiddenPartner = (groups: readonly ConnectedParties[]): PresentChannel[] => {
    if (saysAnswered === false) return [];
    const ours = groups.filter(lone).flatMap((group) => group.ours);
    const waiting = groups.some((group) => group.outside.length > 0 && group.ours.length === 0);
    if (internal) return ours.length > 0 && (ours.length > 1 || ourChannels.size === 1) ? ours : [];
    if (!outsideSeen) return ours.length === 1 ? ours : [];
    if (!waiting || postsLocal) return [];
    if (ours.length === 0) {
      const outside = groups.find((group) => group.outside.length > 0)?.outside[0];
      const isAnswered = parties.direction === "outgoing" || saysAnswered === true;
      return ourChannels.size === 0 && outside !== undefined && isAnswered
        ? [{ presence: outside.presence, party: { kind: "unknown", number: null } }]
        : [];
    }
    const [only] = ours;
    return ours.length === 1 && only !== undefined && !metOutside.has(only.presence.channelKey)
      ? [only]
      : [];
  };

  const talkersAt = (groups: readonly ConnectedParties[]): PresentChannel[] => {
    const together = internal
      ? groups.filter((group) => group.ours.length > 1)
      : groups.filter((group) => group.outside.length > 0 && group.ours.length > 0);
    return together.length > 0 ? together.flatMap((group) => group.ours) : hiddenPartner(groups);
  };

  const moments = [
    ...new Set(channels.flatMap(({ presence }) => [presence.start, presence.end])),
  ].sort((a, b) => a - b);
  const segments: { from: number; to: number; with: string[] }[] = [];
  const consultations = new Set<string>();
  for (const [index, from] of moments.entries()) {
    const to = moments[index + 1];
    if (to === undefined) break;
    const groups = groupsAt(
      channels.filter(({ presence }) => presence.start <= from && presence.end >= to),
    );
    const withoutAnchor = groups.filter((group) =>
      internal
        ? group.ours.every(({ party }) => party.number !== parties.phone)
        : group.outside.length === 0,
    );
    const apart = numbersOf(withoutAnchor.flatMap((group) => group.ours));
    for (const a of apart) for (const b of apart) if (a < b) consultations.add(pairName(a, b));
    const talkers = talkersAt(groups);
    for (const group of groups) {
      if (group.outside.length === 0) continue;
      for (const { presence } of group.ours) metOutside.add(presence.channelKey);
    }
    if (talkers.length === 0) continue;
    const numbers = numbersOf(talkers);
    const last = segments.at(-1);
    if (last !== undefined && last.to === from && last.with.join(" ") === numbers.join(" ")) {
      last.to = to;
    } else segments.push({ from, to, with: numbers });
  }
  return { segments, consultations };
};

/** How long was talked, in milliseconds; what still lasts counts up to `until`. */
export const talkMs = (timeline: TalkTimeline, until: number): number =>
  timeline.segments.reduce(
    (sum, { from, to }) => sum + Math.max(0, (Number.isFinite(to) ? to : until) - from),
    0,
  );
