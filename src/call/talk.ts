// Who talked with whom, and when. At every moment bridges and Local channels form connected groups of channels; the
// call is talked in while the group of the outside party holds one of our parties (internal calls: two of ours).
//
// Senders show only a part of this: Local channels are often left out, so that one conversation appears as two bridges
// with one party each, and dialplan hooks post only the called channel. `hiddenPartner` decides when a lone party
// counts as talking.

import { addNew } from "../lib/add-new.ts";
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
  /** Of one of its bridges. */
  readonly name: string;
  readonly outside: PresentChannel[];
  readonly ours: PresentChannel[];
  /** A Local channel is among it: what it leads to is seen, or is not there yet. */
  hasLocal: boolean;
};

const LOCAL_HALF = /;[12]$/;
/** Among more than so many channels at one moment a list is searched no more: some sender gives all its calls one id. */
const FEW = 16;
/** More of ours than that do not consult each other: every two of them would have to be noted. */
const MAX_CONSULTING = 32;

/** What joins bridges: the Local channels, each half of which stands in one of them. Undefined where there are none. */
const pipesAmong = (channels: readonly PresentChannel[]): DisjointSets<string> | undefined => {
  let pipes: DisjointSets<string> | undefined;
  for (const { presence } of channels) {
    if (!presence.local) continue;
    pipes ??= new DisjointSets();
    pipes.join(`bridge ${presence.bridgeId}`, `pair ${presence.channel.replace(LOCAL_HALF, "")}`);
  }
  return pipes;
};

/** Connected groups of channels that are present at one moment. */
const groupsAt = (channels: readonly PresentChannel[]): ConnectedParties[] => {
  const pipes = pipesAmong(channels);
  const groups: ConnectedParties[] = [];
  const byName = channels.length > FEW ? new Map<string, ConnectedParties>() : undefined;
  for (const channel of channels) {
    const { bridgeId } = channel.presence;
    const name = pipes === undefined ? bridgeId : pipes.of(`bridge ${bridgeId}`);
    let group = byName === undefined ? groups.find((one) => one.name === name) : byName.get(name);
    if (group === undefined) {
      group = { name, outside: [], ours: [], hasLocal: false };
      groups.push(group);
      byName?.set(name, group);
    }
    if (channel.party.kind === "local") group.hasLocal = true;
    else (channel.party.kind === "outside" ? group.outside : group.ours).push(channel);
  }
  return groups;
};

const numbersOf = (channels: readonly PresentChannel[]): string[] => {
  if (channels.length > FEW) return [...new Set(channels.map(({ party }) => party.number ?? ""))];
  const numbers: string[] = [];
  for (const { party } of channels) addNew(numbers, party.number ?? "");
  return numbers;
};

/** Ours in some of the groups. */
const oursIn = (
  groups: readonly ConnectedParties[],
  isWanted: (group: ConnectedParties) => boolean,
): PresentChannel[] => {
  const ours: PresentChannel[] = [];
  for (const group of groups) if (isWanted(group)) ours.push(...group.ours);
  return ours;
};

const pairName = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Every two of the numbers. */
const pairsOf = (numbers: readonly string[]): string[] => {
  const pairs: string[] = [];
  for (const a of numbers) for (const b of numbers) if (a < b) pairs.push(pairName(a, b));
  return pairs;
};

/** The moments at which somebody entered or left, in order; those of two stand twice. */
const momentsOf = (channels: readonly PresentChannel[]): number[] => {
  const moments: number[] = [];
  for (const { presence } of channels) moments.push(presence.start, presence.end);
  return moments.sort((a, b) => a - b);
};

const isLone = ({ outside, ours, hasLocal }: ConnectedParties): boolean =>
  outside.length === 0 && ours.length === 1 && !hasLocal;

const NO_PAIRS: ReadonlySet<string> = new Set();

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
  const channels: PresentChannel[] = [];
  /** A sender that shows Local channels hides none: what stands alone there is alone. */
  let postsLocal = false;
  let outsideSeen = false;
  const ourChannels: string[] = [];
  for (const presence of presences) {
    if (presence.holding) continue;
    const party = parties.partyOf(presence.channelKey);
    channels.push({ presence, party });
    if (party.kind === "local") postsLocal = true;
    else if (party.kind === "outside") outsideSeen = true;
    else addNew(ourChannels, presence.channelKey);
  }
  const internal =
    parties.direction === "internal" || (parties.direction === "unknown" && !outsideSeen);
  /** Channels of ours that have been visibly connected to the outside party, up to the moment looked at. */
  const metOutside = new Set<string>();

  /**
   * Our side of the talk where the bridges show a lone party: the other end was never posted by this sender, or
   * stands behind a Local channel that was left out. An extension that was connected to the outside party and stands
   * alone now is consulting or dialling, so it is not joined again; nor is anyone while two of ours stand alone, for
   * they talk with each other. A caller alone in a bridge may be listening to music: there the hangup must say that
   * the call was answered. One that says it was not is believed.
   */
  const hiddenPartner = (groups: readonly ConnectedParties[]): PresentChannel[] => {
    if (saysAnswered === false) return [];
    const ours = oursIn(groups, isLone);
    const waiting = groups.some((group) => group.outside.length > 0 && group.ours.length === 0);
    if (internal)
      return ours.length > 0 && (ours.length > 1 || ourChannels.length === 1) ? ours : [];
    if (!outsideSeen) return ours.length === 1 ? ours : [];
    if (!waiting || postsLocal) return [];
    if (ours.length === 0) {
      const outside = groups.find((group) => group.outside.length > 0)?.outside[0];
      const isAnswered = parties.direction === "outgoing" || saysAnswered === true;
      return ourChannels.length === 0 && outside !== undefined && isAnswered
        ? [{ presence: outside.presence, party: { kind: "unknown", number: null } }]
        : [];
    }
    const [only] = ours;
    return ours.length === 1 && only !== undefined && !metOutside.has(only.presence.channelKey)
      ? [only]
      : [];
  };

  const talkersAt = (groups: readonly ConnectedParties[]): PresentChannel[] => {
    const together = oursIn(groups, ({ outside, ours }) =>
      internal ? ours.length > 1 : outside.length > 0,
    );
    return together.length > 0 ? together : hiddenPartner(groups);
  };
  /** Whether nobody is in it whom the call is about: the outside party, or the caller of an internal call. */
  const isApart = ({ outside, ours }: ConnectedParties): boolean =>
    internal ? ours.every(({ party }) => party.number !== parties.phone) : outside.length === 0;

  const segments: { from: number; to: number; with: string[] }[] = [];
  let consultations: Set<string> | undefined;
  const moments = momentsOf(channels);
  for (let index = 1; index < moments.length; index += 1) {
    const [from, to] = [moments[index - 1] as number, moments[index] as number];
    if (from === to) continue;
    const groups = groupsAt(
      channels.filter(({ presence }) => presence.start <= from && presence.end >= to),
    );
    const apart = numbersOf(oursIn(groups, isApart));
    if (apart.length > 1 && apart.length <= MAX_CONSULTING) {
      consultations ??= new Set();
      for (const pair of pairsOf(apart)) consultations.add(pair);
    }
    const talkers = talkersAt(groups);
    for (const { outside, ours } of groups) {
      if (outside.length === 0) continue;
      for (const { presence } of ours) metOutside.add(presence.channelKey);
    }
    if (talkers.length === 0) continue;
    const numbers = numbersOf(talkers);
    const last = segments.at(-1);
    if (last !== undefined && last.to === from && last.with.join(" ") === numbers.join(" ")) {
      last.to = to;
    } else segments.push({ from, to, with: numbers });
  }
  return { segments, consultations: consultations ?? NO_PAIRS };
};

/** How long was talked, in milliseconds; what still lasts counts up to `until`. */
export const talkMs = (timeline: TalkTimeline, until: number): number =>
  timeline.segments.reduce(
    (sum, { from, to }) => sum + Math.max(0, (Number.isFinite(to) ? to : until) - from),
    0,
  );
