// Who took part: direction, the outside party, our extensions, and which channel belongs to whom. A channel is judged
// by its name first, never by its caller id alone, since an outside caller may show "152" and an extension shows the
// company's number (Asterisk: NewCallerid).

import { bodyExtensions, bodyText } from "../domain/event.ts";
import {
  cleanNumber,
  isLocal,
  looksLikeExtension,
  parseChannelName,
  sameNumber,
} from "./channel.ts";
import type { CallEvent } from "./events.ts";
import type { Direction } from "./types.ts";

export type ChannelParty = {
  /** `far`: a number beyond a trunk that stands on our side (a call forwarded to a mobile). */
  readonly kind: "outside" | "extension" | "far" | "local" | "unknown";
  readonly number: string | null;
};

export type Parties = {
  readonly direction: Direction;
  readonly phone: string | null;
  readonly callerName: string | null;
  readonly trunk: string | null;
  /** The event that placed the call: the first start or dial, the one of the outside leg where there is one. */
  readonly placedBy: CallEvent | undefined;
  /** Everyone rung on our side, in order. */
  readonly rung: readonly string[];
  /** Whom the last hangup says talked; [] where it says nobody. */
  readonly saidToHaveTalked: readonly string[];
  readonly partyOf: (channelKey: string) => ChannelParty;
};

const DIRECTIONS: { readonly [callType: string]: Direction } = {
  "0": "incoming",
  "1": "outgoing",
  "2": "internal",
};

const directionOf = (event: CallEvent): Direction | undefined =>
  event.type === "start" ? "incoming" : DIRECTIONS[bodyText(event.record.body, "CallType")];

const isExternal = (direction: Direction | undefined): boolean =>
  direction === "incoming" || direction === "outgoing";

/** The most telling kinds first: a hangup of a transferred leg is known to state another type than its call. */
const TELLING = ["start", "dial", "bridge", "bridge_leave", "hangup"] as const;

const decideDirection = (
  events: readonly CallEvent[],
): { direction: Direction; placedBy: CallEvent | undefined } => {
  const placing = events.filter((event) => event.type === "start" || event.type === "dial");
  const external = placing.find((event) => isExternal(directionOf(event)));
  if (external !== undefined) {
    return { direction: directionOf(external) as Direction, placedBy: external };
  }
  let internal = false;
  for (const type of TELLING) {
    for (const event of events) {
      if (event.type !== type) continue;
      const direction = directionOf(event);
      if (direction !== undefined && isExternal(direction)) {
        return { direction, placedBy: placing[0] };
      }
      internal ||= direction === "internal";
    }
  }
  return { direction: internal ? "internal" : "unknown", placedBy: placing[0] };
};

/** The first usable value of a body field over events, the placing one first. */
const firstText = (events: readonly (CallEvent | undefined)[], name: string): string => {
  for (const event of events) {
    if (event === undefined) continue;
    const text = bodyText(event.record.body, name);
    if (text !== "") return text;
  }
  return "";
};

type ChannelSeen = {
  readonly key: string;
  readonly name: string;
  readonly uniqueId: string;
  readonly callerIds: string[];
  readonly connectedTo: string[];
  readonly firstEvent: CallEvent;
};

const channelsSeen = (events: readonly CallEvent[]): Map<string, ChannelSeen> => {
  const seen = new Map<string, ChannelSeen>();
  for (const event of events) {
    if (event.type !== "bridge" && event.type !== "bridge_leave") continue;
    const known = seen.get(event.channelKey) ?? {
      key: event.channelKey,
      name: "",
      uniqueId: event.uniqueId,
      callerIds: [],
      connectedTo: [],
      firstEvent: event,
    };
    const callerId = cleanNumber(bodyText(event.record.body, "CallerIDNum"));
    if (callerId !== null) known.callerIds.push(callerId);
    const connected = cleanNumber(bodyText(event.record.body, "ConnectedLineNum"));
    if (connected !== null) known.connectedTo.push(connected);
    seen.set(event.channelKey, known.name === "" ? { ...known, name: event.channel } : known);
  }
  return seen;
};

/** Reads the parties of one call from its events, in order of happening. */
export const readParties = (events: readonly CallEvent[]): Parties => {
  const { direction, placedBy } = decideDirection(events);
  const ofDirection = (event: CallEvent): boolean => {
    const own = directionOf(event);
    return own === undefined || own === direction;
  };
  const telling = [placedBy, ...events.filter(ofDirection)];
  const phone = cleanNumber(firstText(telling, "Phone"));
  const callerName = firstText(telling, "CallerIDName") || null;
  // Dialled again over another line when the first failed: the last one is the line of the call.
  const trunk =
    firstText(
      [...events.filter((event) => event.type === "dial" && ofDirection(event))].reverse(),
      "Trunk",
    ) ||
    firstText(telling, "Trunk") ||
    null;
  const trunks = new Set(
    events.flatMap((event) => [
      bodyText(event.record.body, "Trunk"),
      bodyText(event.record.body, "ExtTrunk"),
    ]),
  );

  const rung = new Set<string>();
  const add = (numbers: readonly string[]): void => {
    for (const text of numbers) {
      const number = cleanNumber(text);
      if (
        number !== null &&
        !/[*#]/.test(number) &&
        !(direction === "internal" ? number === phone : sameNumber(number, phone))
      ) {
        rung.add(number);
      }
    }
  };
  const dials = events.filter((event) => event.type === "dial");
  for (const dial of dials) {
    const own = bodyExtensions(dial.record.body);
    const exten = bodyText(dial.record.body, "Exten");
    add(own.length > 0 || directionOf(dial) !== "outgoing" ? own : [exten]);
  }
  const hangups = events.filter((event) => event.type === "hangup");
  const finalHangup =
    hangups.findLast((event) => event.uniqueId === placedBy?.uniqueId) ?? hangups.at(-1);
  const saidToHaveTalked =
    finalHangup === undefined || bodyText(finalHangup.record.body, "CallStatus") === "0"
      ? []
      : bodyExtensions(finalHangup.record.body).flatMap((text) => cleanNumber(text) ?? []);

  /** The extension that an endpoint's name holds: `151`, or one we know with something around it (`0367-151`). */
  const extensionOf = (peer: string): string | undefined =>
    looksLikeExtension(peer)
      ? peer
      : [...rung].find((number) => peer.split(/[^0-9A-Za-z]+/).includes(number) || peer === number);
  const channels = channelsSeen(events);
  const kindByName = (channel: ChannelSeen): "local" | "extension" | "trunk" | "unknown" => {
    if (isLocal(channel.name)) return "local";
    const peer = parseChannelName(channel.name)?.peer;
    if (peer === undefined) return "unknown";
    if (trunks.has(peer)) return "trunk";
    if (extensionOf(peer) !== undefined) return "extension";
    return channel.callerIds.some((number) => looksLikeExtension(number) && rung.has(number))
      ? "extension"
      : "trunk";
  };

  const trunkChannels = [...channels.values()].filter((channel) => kindByName(channel) === "trunk");
  const showsPhone = (channel: ChannelSeen): boolean =>
    channel.callerIds.some((number) => sameNumber(number, phone));
  const outside = new Set(trunkChannels.filter(showsPhone).map((channel) => channel.key));
  if (outside.size === 0) {
    // A channel connected to the outside party is not that party: it is a number the call was forwarded to. The called
    // leg enters a bridge first (86 of 88 seen), so of several the later entrant is the caller's.
    const possible = trunkChannels.filter(
      (channel) => !channel.connectedTo.some((number) => sameNumber(number, phone)),
    );
    const own =
      possible.find((channel) => channel.key === placedBy?.channelKey) ??
      (direction === "incoming" ? possible[1] : undefined) ??
      possible[0];
    if (own !== undefined) outside.add(own.key);
  }

  const forwardedTo = (channel: ChannelSeen): string | null => {
    const isFar = (text: string): boolean =>
      !looksLikeExtension(text) && !sameNumber(cleanNumber(text), phone);
    const dialled = dials
      .filter((dial) => dial.at <= channel.firstEvent.at)
      .flatMap((dial) => bodyExtensions(dial.record.body))
      .filter(isFar);
    const said = saidToHaveTalked.filter(isFar);
    return cleanNumber(
      channel.callerIds.find((number) => dialled.includes(number)) ??
        dialled.findLast((number) => said.includes(number)) ??
        dialled.at(-1) ??
        said.at(-1) ??
        channel.callerIds[0] ??
        "",
    );
  };

  const placerNumber = (): string | null => {
    if (direction === "internal") return phone;
    const dial = dials.find((event) => directionOf(event) === "outgoing");
    if (dial === undefined) return null;
    return cleanNumber(bodyExtensions(dial.record.body)[0] ?? bodyText(dial.record.body, "Exten"));
  };

  const extensionNumber = (channel: ChannelSeen): string | null => {
    const peer = parseChannelName(channel.name)?.peer ?? "";
    const named = extensionOf(peer);
    if (named !== undefined) return named;
    return channel.callerIds.find((number) => rung.has(number)) ?? null;
  };

  const byCallerId = (channel: ChannelSeen): ChannelParty => {
    if (showsPhone(channel)) {
      return direction === "internal"
        ? { kind: "extension", number: phone }
        : { kind: "outside", number: phone };
    }
    const extension = channel.callerIds.find(
      (number) => rung.has(number) || looksLikeExtension(number),
    );
    if (extension !== undefined) return { kind: "extension", number: extension };
    if (placedBy !== undefined && channel.uniqueId === placedBy.uniqueId) {
      return direction === "incoming"
        ? { kind: "outside", number: phone }
        : { kind: "extension", number: placerNumber() };
    }
    return { kind: "unknown", number: null };
  };

  const parties = new Map<string, ChannelParty>();
  for (const channel of channels.values()) {
    const kind = kindByName(channel);
    parties.set(
      channel.key,
      kind === "local"
        ? { kind, number: null }
        : kind === "extension"
          ? { kind, number: extensionNumber(channel) }
          : kind === "unknown"
            ? byCallerId(channel)
            : outside.has(channel.key)
              ? { kind: "outside", number: phone }
              : { kind: "far", number: forwardedTo(channel) },
    );
  }

  return {
    direction,
    phone,
    callerName,
    trunk,
    placedBy,
    rung: [...rung],
    saidToHaveTalked,
    partyOf: (channelKey) => parties.get(channelKey) ?? { kind: "unknown", number: null },
  };
};
