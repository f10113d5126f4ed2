// Who took part: direction, the outside party, our extensions, and which channel belongs to whom. A channel is judged
// by its name first, never by its caller id alone, since an outside caller may show "152" and an extension shows the
// company's number (Asterisk: NewCallerid).

import {
  cleanNumber,
  type Endpoint,
  type Evidence,
  endpointOf,
  isExtensionNumber,
  isLocal,
  readChannelName,
  sameNumber,
  standsFor,
} from "../asterisk/index.ts";
import type { FieldName } from "../domain/event-fields.ts";
import { addNew } from "../lib/add-new.ts";
import { type CallEvent, lastHangup } from "./events.ts";
import { companyNumber } from "./presence.ts";
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

const isExternal = (direction: Direction | undefined): direction is "incoming" | "outgoing" =>
  direction === "incoming" || direction === "outgoing";

/** The most telling kinds first: a hangup of a transferred leg is known to state another type than its call. */
const TELLING = ["start", "dial", "bridge", "bridge_leave", "hangup"] as const;

const decideDirection = (
  events: readonly CallEvent[],
): { direction: Direction; placedBy: CallEvent | undefined } => {
  let placedBy: CallEvent | undefined;
  for (const event of events) {
    if (event.type !== "start" && event.type !== "dial") continue;
    const { direction } = event;
    if (isExternal(direction)) return { direction, placedBy: event };
    placedBy ??= event;
  }
  let internal = false;
  for (const type of TELLING) {
    for (const event of events) {
      if (event.type !== type) continue;
      const { direction } = event;
      if (isExternal(direction)) return { direction, placedBy };
      internal ||= direction === "internal";
    }
  }
  return { direction: internal ? "internal" : judgeDirection(events), placedBy };
};

/** The channel that an event of placing, or of the first channel in a bridge, is about; undefined where it names none. */
const firstChannel = (events: readonly CallEvent[]): CallEvent | undefined => {
  const named = events.filter(({ channel, isLocal }) => channel !== "" && !isLocal);
  return (
    named.find(({ type }) => type === "start" || type === "dial") ??
    named.find(({ channelKey, uniqueId }) => channelKey === uniqueId)
  );
};

/**
 * The direction of a call whose sender states none: by who its first channel is, as the agent judges it, and whom it is with;
 * without a channel by whether a line is named.
 */
const judgeDirection = (events: readonly CallEvent[]): Direction => {
  const first = firstChannel(events);
  const dial = events.find(({ type }) => type === "dial");
  const phone = cleanNumber((dial ?? first)?.text("Phone") ?? "") ?? "";
  if (first === undefined) {
    if (dial === undefined) return "unknown";
    if (dial.text("Trunk") !== "") return "outgoing";
    return isExtensionNumber(phone) ? "internal" : "unknown";
  }
  // Later a channel is in other contexts than it began in, and shows the company's number.
  const begins = first.type === "start" || first.type === "dial";
  const own = endpointOf(readChannelName(standsFor(first.channel)), {
    ...(begins
      ? {
          context: first.text("Context"),
          callerId: cleanNumber(first.text("CallerIDNum")) ?? "",
        }
      : {}),
  });
  if (own.kind === "trunk") return "incoming";
  const others = events.filter(
    ({ channel, isLocal, channelKey }) =>
      channel !== "" && !isLocal && channelKey !== first.channelKey,
  );
  const kinds = others.map(({ channel }) => endpointOf(readChannelName(standsFor(channel))).kind);
  if (kinds.includes("trunk") || first.text("Trunk") !== "") return "outgoing";
  const isToOutside = kinds.length === 0 && phone !== own.number && !isExtensionNumber(phone);
  return isToOutside && phone !== "" ? "outgoing" : "internal";
};

/** A channel that was in a bridge, as the events of its stays tell of it. */
class ChannelSeen {
  readonly key: string;
  readonly firstEvent: CallEvent;
  /** Who it is, where the sender says so: the number of an extension, or the name of a line. */
  readonly extension: string;
  readonly line: string;
  name = "";
  readonly callerIds: string[] = [];
  readonly connectedTo: string[] = [];
  #endpoint: Endpoint | undefined;

  constructor(event: CallEvent) {
    this.key = event.channelKey;
    this.firstEvent = event;
    this.extension = event.text("Extension");
    this.line = event.text("Line");
  }

  take(event: CallEvent): void {
    const callerId = cleanNumber(event.text("CallerIDNum"));
    if (callerId !== null) addNew(this.callerIds, callerId);
    const connected = cleanNumber(event.text("ConnectedLineNum"));
    if (connected !== null) addNew(this.connectedTo, connected);
    if (this.name === "") this.name = event.channel;
  }

  /** Its peer, judged once. */
  endpoint(evidence: Evidence): Endpoint {
    this.#endpoint ??= endpointOf(
      { ...readChannelName(standsFor(this.name)), isInner: false },
      evidence,
    );
    return this.#endpoint;
  }
}

/** In the order in which they were first seen. */
const channelsSeen = (events: readonly CallEvent[]): ChannelSeen[] => {
  const seen: ChannelSeen[] = [];
  for (const event of events) {
    if (event.type !== "bridge" && event.type !== "bridge_leave") continue;
    let channel = seen.find(({ key }) => key === event.channelKey);
    if (channel === undefined) {
      channel = new ChannelSeen(event);
      seen.push(channel);
    }
    channel.take(event);
  }
  return seen;
};

type ChannelKind = "local" | "extension" | "trunk" | "unknown";

/** A number that is none of a telephone: a feature code. */
const FEATURE = /[*#]/;

const NOBODY: ChannelParty = { kind: "unknown", number: null };

/** Whom a hangup says talked; [] where it says nobody. */
const saidToHaveTalked = (hangup: CallEvent | undefined): readonly string[] =>
  hangup === undefined || hangup.text("CallStatus") === "0" ? [] : hangup.numbers;

class PartyReader {
  readonly #events: readonly CallEvent[];
  readonly #dials: readonly CallEvent[];
  readonly #direction: Direction;
  readonly #placedBy: CallEvent | undefined;
  readonly #phone: string | null;
  /** Names of lines: whoever has one is no extension. */
  readonly #trunks: readonly string[];
  readonly #rung: readonly string[];
  readonly #evidence: Evidence;
  readonly #saidToHaveTalked: readonly string[];
  readonly #channels: readonly ChannelSeen[];

  constructor(events: readonly CallEvent[]) {
    const { direction, placedBy } = decideDirection(events);
    this.#events = events;
    this.#direction = direction;
    this.#placedBy = placedBy;
    this.#dials = events.filter((event) => event.type === "dial");
    this.#phone = cleanNumber(this.#laterTold("Phone") || this.#told("Phone"));
    const trunks: string[] = [];
    for (const event of events) {
      addNew(trunks, event.text("Trunk"));
      addNew(trunks, event.text("ExtTrunk"));
    }
    const rung = this.#readRung();
    this.#trunks = trunks;
    this.#rung = rung;
    this.#evidence = {
      isKnownTrunk: (peer) => trunks.includes(peer),
      isKnownExtension: (number) => rung.includes(number),
    };
    this.#saidToHaveTalked = saidToHaveTalked(lastHangup(events, placedBy));
    this.#channels = channelsSeen(events);
  }

  read(): Parties {
    const channels = this.#channels;
    const kinds = channels.map((channel) => this.#judge(channel));
    const outside = this.#findOutside(kinds);
    const parties = channels.map((channel, index) =>
      this.#partyOf(channel, kinds[index], outside.includes(channel)),
    );
    return {
      direction: this.#direction,
      phone: this.#phone,
      callerName: this.#laterTold("CallerIDName") || this.#told("CallerIDName") || null,
      trunk: this.#readTrunk(),
      placedBy: this.#placedBy,
      rung: this.#rung,
      saidToHaveTalked: this.#saidToHaveTalked,
      partyOf: (channelKey) => {
        const company = companyNumber(channelKey);
        if (company !== undefined) return { kind: "extension", number: company || null };
        return parties[channels.findIndex(({ key }) => key === channelKey)] ?? NOBODY;
      },
    };
  }

  /** The first usable value of a field, that of the placing event before all others. */
  #told(field: FieldName): string {
    const placed = this.#placedBy?.text(field) ?? "";
    if (placed !== "") return placed;
    for (const event of this.#events) {
      const text = event.text(field);
      if (text !== "" && this.#agrees(event)) return text;
    }
    return "";
  }

  /** Whether an event states no other direction than the call's. */
  #agrees({ direction }: CallEvent): boolean {
    return direction === undefined || direction === this.#direction;
  }

  /** Of an incoming call: a field of the first `new_callerid` before anybody was rung. Later ones come from our own side. */
  #laterTold(field: "Phone" | "CallerIDName"): string {
    if (this.#direction !== "incoming") return "";
    const first = this.#events.find(
      ({ type, uniqueId }) => type === "new_callerid" && uniqueId === this.#placedBy?.uniqueId,
    );
    if (first === undefined) return "";
    const rungAt = this.#dials[0]?.at ?? Number.POSITIVE_INFINITY;
    if (first.at > rungAt) return "";
    const text = first.text(field);
    return field === "Phone" ? (cleanNumber(text || first.text("CallerIDNum")) ?? "") : text;
  }

  /** Dialled again over another line when the first failed: the last one is the line of the call. */
  #readTrunk(): string | null {
    const last = this.#dials.findLast((dial) => dial.text("Trunk") !== "" && this.#agrees(dial));
    return last?.text("Trunk") || this.#told("Trunk") || null;
  }

  /** Everyone rung on our side, in order. */
  #readRung(): string[] {
    const rung: string[] = [];
    const add = (number: string | null): void => {
      if (number !== null && !FEATURE.test(number) && !this.#isPhone(number)) addNew(rung, number);
    };
    for (const dial of this.#dials) {
      for (const number of dial.numbers) add(number);
      const isCallers = dial.extensions.length === 0 && dial.direction === "outgoing";
      if (isCallers) add(cleanNumber(dial.text("Exten")));
    }
    return rung;
  }

  #isPhone(number: string): boolean {
    return this.#direction === "internal"
      ? number === this.#phone
      : sameNumber(number, this.#phone);
  }

  #judge(channel: ChannelSeen): ChannelKind {
    const { name, callerIds, extension, line } = channel;
    if (isLocal(name)) return "local";
    if (extension !== "") return "extension";
    if (line !== "") return "trunk";
    if (readChannelName(name).technology === "") return "unknown";
    const { kind, peer } = channel.endpoint(this.#evidence);
    if (kind === "extension") return "extension";
    if (this.#trunks.includes(peer)) return "trunk";
    return callerIds.some((number) => isExtensionNumber(number) && this.#rung.includes(number))
      ? "extension"
      : "trunk";
  }

  #showsPhone({ callerIds }: ChannelSeen): boolean {
    return callerIds.some((number) => sameNumber(number, this.#phone));
  }

  /** The channels that are the outside party's. @param kinds of the channels, in their order */
  #findOutside(kinds: readonly ChannelKind[]): readonly ChannelSeen[] {
    // A mobile that an internal call was forwarded to is one of ours.
    if (this.#direction === "internal") return [];
    const trunks = this.#channels.filter((_, index) => kinds[index] === "trunk");
    const showing = trunks.filter((channel) => this.#showsPhone(channel));
    if (showing.length > 0) return showing;
    // A channel connected to the outside party is not that party: it is a number the call was forwarded to. The called
    // leg enters a bridge first (86 of 88 seen on Asterisk 22), so of several the later entrant is the caller's.
    const possible = trunks.filter(
      ({ connectedTo }) => !connectedTo.some((number) => sameNumber(number, this.#phone)),
    );
    const own =
      possible.find(({ key }) => key === this.#placedBy?.channelKey) ??
      (this.#direction === "incoming" ? possible[1] : undefined) ??
      possible[0];
    return own === undefined ? [] : [own];
  }

  #partyOf(channel: ChannelSeen, kind: ChannelKind = "unknown", isOutside = false): ChannelParty {
    switch (kind) {
      case "local":
        return { kind: "local", number: null };
      case "extension":
        return { kind: "extension", number: this.#extensionNumber(channel) };
      case "unknown":
        return this.#byCallerId(channel);
      case "trunk":
        return isOutside
          ? { kind: "outside", number: this.#phone }
          : { kind: "far", number: this.#forwardedTo(channel) };
    }
  }

  #extensionNumber(channel: ChannelSeen): string | null {
    if (channel.extension !== "") return cleanNumber(channel.extension);
    const { number } = channel.endpoint(this.#evidence);
    return number || (channel.callerIds.find((shown) => this.#rung.includes(shown)) ?? null);
  }

  /** The number outside that a call was forwarded to. */
  #forwardedTo({ callerIds, firstEvent }: ChannelSeen): string | null {
    const isFar = (text: string): boolean =>
      !isExtensionNumber(text) && !sameNumber(cleanNumber(text), this.#phone);
    const dialled = this.#dials
      .filter((dial) => dial.at <= firstEvent.at)
      .flatMap((dial) => dial.extensions)
      .filter(isFar);
    const said = this.#saidToHaveTalked.filter(isFar);
    return cleanNumber(
      callerIds.find((number) => dialled.includes(number)) ??
        dialled.findLast((number) => said.includes(number)) ??
        dialled.at(-1) ??
        said.at(-1) ??
        callerIds[0] ??
        "",
    );
  }

  /** A channel that has no name: who it is can only be told by what it shows. */
  #byCallerId(channel: ChannelSeen): ChannelParty {
    const phone = this.#phone;
    if (this.#showsPhone(channel)) {
      return this.#direction === "internal"
        ? { kind: "extension", number: phone }
        : { kind: "outside", number: phone };
    }
    const extension = channel.callerIds.find(
      (number) => this.#rung.includes(number) || isExtensionNumber(number),
    );
    if (extension !== undefined) return { kind: "extension", number: extension };
    if (channel.firstEvent.uniqueId !== this.#placedBy?.uniqueId) return NOBODY;
    return this.#direction === "incoming"
      ? { kind: "outside", number: phone }
      : { kind: "extension", number: this.#placerNumber() };
  }

  #placerNumber(): string | null {
    if (this.#direction === "internal") return this.#phone;
    const dial = this.#dials.find(({ direction }) => direction === "outgoing");
    if (dial === undefined) return null;
    return cleanNumber(dial.extensions[0] ?? dial.text("Exten"));
  }
}

/** Reads the parties of one call from its events, in order of happening. */
export const readParties = (events: readonly CallEvent[]): Parties =>
  new PartyReader(events).read();
