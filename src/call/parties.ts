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
import type { CallEvent } from "./events.ts";
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

const directionOf = (event: CallEvent): Direction | undefined => {
  if (event.type === "start") return "incoming";
  switch (event.text("CallType")) {
    case "0":
      return "incoming";
    case "1":
      return "outgoing";
    case "2":
      return "internal";
    default:
      return undefined;
  }
};

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
  return { direction: internal ? "internal" : judgeDirection(events), placedBy: placing[0] };
};

/** The channel that an event of placing, or of the first channel in a bridge, is about; undefined where it names none. */
const firstChannel = (events: readonly CallEvent[]): CallEvent | undefined => {
  const named = events.filter(({ channel }) => channel !== "" && !isLocal(channel));
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
    ({ channel, channelKey }) =>
      channel !== "" && !isLocal(channel) && channelKey !== first.channelKey,
  );
  const kinds = others.map(({ channel }) => endpointOf(readChannelName(standsFor(channel))).kind);
  if (kinds.includes("trunk") || first.text("Trunk") !== "") return "outgoing";
  const isToOutside = kinds.length === 0 && phone !== own.number && !isExtensionNumber(phone);
  return isToOutside && phone !== "" ? "outgoing" : "internal";
};

/** The first usable value of a body field over events. */
const firstText = (events: readonly CallEvent[], name: FieldName): string => {
  for (const event of events) {
    const text = event.text(name);
    if (text !== "") return text;
  }
  return "";
};

type ChannelSeen = {
  readonly key: string;
  readonly name: string;
  readonly uniqueId: string;
  /** Who it is, where the sender says so: the number of an extension, or the name of a line. */
  readonly extension: string;
  readonly line: string;
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
      extension: event.text("Extension"),
      line: event.text("Line"),
      callerIds: [],
      connectedTo: [],
      firstEvent: event,
    };
    const callerId = cleanNumber(event.text("CallerIDNum"));
    if (callerId !== null) known.callerIds.push(callerId);
    const connected = cleanNumber(event.text("ConnectedLineNum"));
    if (connected !== null) known.connectedTo.push(connected);
    seen.set(event.channelKey, known.name === "" ? { ...known, name: event.channel } : known);
  }
  return seen;
};

type ChannelKind = "local" | "extension" | "trunk" | "unknown";

class PartyReader {
  readonly #events: readonly CallEvent[];
  readonly #dials: readonly CallEvent[];
  readonly #direction: Direction;
  readonly #placedBy: CallEvent | undefined;
  readonly #phone: string | null;
  /** Names of lines: whoever has one is no extension. */
  readonly #trunks: ReadonlySet<string>;
  readonly #rung: ReadonlySet<string>;
  readonly #evidence: Evidence;
  readonly #saidToHaveTalked: readonly string[];
  readonly #channels: ReadonlyMap<string, ChannelSeen>;
  readonly #kinds = new Map<ChannelSeen, ChannelKind>();
  readonly #endpoints = new Map<string, Endpoint>();
  /** Keys of the channels that are the outside party's. */
  readonly #outside: ReadonlySet<string>;
  /** Events that state no other direction than the call's. */
  readonly #agreeing: readonly CallEvent[];

  constructor(events: readonly CallEvent[]) {
    const { direction, placedBy } = decideDirection(events);
    this.#events = events;
    this.#direction = direction;
    this.#placedBy = placedBy;
    this.#dials = events.filter((event) => event.type === "dial");
    this.#agreeing = events.filter((event) => {
      const own = directionOf(event);
      return own === undefined || own === direction;
    });
    this.#phone = cleanNumber(this.#laterTold("Phone") || this.#told("Phone"));
    const trunks = new Set<string>();
    for (const event of events) trunks.add(event.text("Trunk")).add(event.text("ExtTrunk"));
    this.#trunks = trunks;
    this.#rung = this.#readRung();
    this.#evidence = {
      isKnownTrunk: (peer) => this.#trunks.has(peer),
      isKnownExtension: (number) => this.#rung.has(number),
    };
    this.#saidToHaveTalked = this.#readSaidToHaveTalked();
    this.#channels = channelsSeen(events);
    // A mobile that an internal call was forwarded to is one of ours.
    this.#outside = this.#direction === "internal" ? new Set() : this.#findOutside();
  }

  read(): Parties {
    const parties = new Map<string, ChannelParty>();
    for (const channel of this.#channels.values()) parties.set(channel.key, this.#partyOf(channel));
    return {
      direction: this.#direction,
      phone: this.#phone,
      callerName: this.#laterTold("CallerIDName") || this.#told("CallerIDName") || null,
      trunk: this.#readTrunk(),
      placedBy: this.#placedBy,
      rung: [...this.#rung],
      saidToHaveTalked: this.#saidToHaveTalked,
      partyOf: (channelKey) => {
        const company = companyNumber(channelKey);
        if (company !== undefined) return { kind: "extension", number: company || null };
        return parties.get(channelKey) ?? { kind: "unknown", number: null };
      },
    };
  }

  /** The first usable value of a field, that of the placing event before all others. */
  #told(field: FieldName): string {
    return this.#placedBy?.text(field) || firstText(this.#agreeing, field);
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
    const dials = this.#agreeing.filter(({ type }) => type === "dial");
    return firstText(dials.toReversed(), "Trunk") || this.#told("Trunk") || null;
  }

  /** Everyone rung on our side, in order. */
  #readRung(): Set<string> {
    const rung = new Set<string>();
    for (const dial of this.#dials) {
      const own = dial.extensions;
      const isCallers = own.length === 0 && directionOf(dial) === "outgoing";
      for (const text of isCallers ? [dial.text("Exten")] : own) {
        const number = cleanNumber(text);
        if (number !== null && !/[*#]/.test(number) && !this.#isPhone(number)) rung.add(number);
      }
    }
    return rung;
  }

  #isPhone(number: string): boolean {
    return this.#direction === "internal"
      ? number === this.#phone
      : sameNumber(number, this.#phone);
  }

  #readSaidToHaveTalked(): string[] {
    const hangups = this.#events.filter((event) => event.type === "hangup");
    const last =
      hangups.findLast((event) => event.uniqueId === this.#placedBy?.uniqueId) ?? hangups.at(-1);
    if (last === undefined || last.text("CallStatus") === "0") return [];
    return last.extensions.flatMap((text) => cleanNumber(text) ?? []);
  }

  #endpointOf(name: string): Endpoint {
    const known = this.#endpoints.get(name);
    if (known !== undefined) return known;
    const channelName = { ...readChannelName(standsFor(name)), isInner: false };
    const endpoint = endpointOf(channelName, this.#evidence);
    this.#endpoints.set(name, endpoint);
    return endpoint;
  }

  #kindOf(channel: ChannelSeen): ChannelKind {
    const known = this.#kinds.get(channel);
    if (known !== undefined) return known;
    const kind = this.#judge(channel);
    this.#kinds.set(channel, kind);
    return kind;
  }

  #judge(channel: ChannelSeen): ChannelKind {
    const { name, callerIds, extension, line } = channel;
    if (isLocal(name)) return "local";
    if (extension !== "") return "extension";
    if (line !== "") return "trunk";
    if (readChannelName(name).technology === "") return "unknown";
    const { kind, peer } = this.#endpointOf(name);
    if (kind === "extension") return "extension";
    if (this.#trunks.has(peer)) return "trunk";
    return callerIds.some((number) => isExtensionNumber(number) && this.#rung.has(number))
      ? "extension"
      : "trunk";
  }

  #showsPhone({ callerIds }: ChannelSeen): boolean {
    return callerIds.some((number) => sameNumber(number, this.#phone));
  }

  #findOutside(): Set<string> {
    const trunks = [...this.#channels.values()].filter(
      (channel) => this.#kindOf(channel) === "trunk",
    );
    const showing = trunks.filter((channel) => this.#showsPhone(channel));
    if (showing.length > 0) return new Set(showing.map(({ key }) => key));
    // A channel connected to the outside party is not that party: it is a number the call was forwarded to. The called
    // leg enters a bridge first (86 of 88 seen on Asterisk 22), so of several the later entrant is the caller's.
    const possible = trunks.filter(
      ({ connectedTo }) => !connectedTo.some((number) => sameNumber(number, this.#phone)),
    );
    const own =
      possible.find(({ key }) => key === this.#placedBy?.channelKey) ??
      (this.#direction === "incoming" ? possible[1] : undefined) ??
      possible[0];
    return new Set(own === undefined ? [] : [own.key]);
  }

  #partyOf(channel: ChannelSeen): ChannelParty {
    switch (this.#kindOf(channel)) {
      case "local":
        return { kind: "local", number: null };
      case "extension":
        return { kind: "extension", number: this.#extensionNumber(channel) };
      case "unknown":
        return this.#byCallerId(channel);
      case "trunk":
        return this.#outside.has(channel.key)
          ? { kind: "outside", number: this.#phone }
          : { kind: "far", number: this.#forwardedTo(channel) };
    }
  }

  #extensionNumber({ name, callerIds, extension }: ChannelSeen): string | null {
    if (extension !== "") return cleanNumber(extension);
    const { number } = this.#endpointOf(name);
    return number || (callerIds.find((shown) => this.#rung.has(shown)) ?? null);
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
      (number) => this.#rung.has(number) || isExtensionNumber(number),
    );
    if (extension !== undefined) return { kind: "extension", number: extension };
    if (channel.uniqueId !== this.#placedBy?.uniqueId) return { kind: "unknown", number: null };
    return this.#direction === "incoming"
      ? { kind: "outside", number: phone }
      : { kind: "extension", number: this.#placerNumber() };
  }

  #placerNumber(): string | null {
    if (this.#direction === "internal") return this.#phone;
    const dial = this.#dials.find((event) => directionOf(event) === "outgoing");
    if (dial === undefined) return null;
    return cleanNumber(dial.extensions[0] ?? dial.text("Exten"));
  }
}

/** Reads the parties of one call from its events, in order of happening. */
export const readParties = (events: readonly CallEvent[]): Parties =>
  new PartyReader(events).read();
