// Who a peer is: an extension of ours or a line to the outside. The one rule for events of the manager interface and for
// calls put together from any sender's events. A peer is judged by evidence, the strongest first; each judgement says by what
// it was made, so that a weaker one made later does not undo it, and so that an operator can be told.

import { type ChannelName, isPort, readChannelName } from "./channel-name.ts";

/** `inner`: nobody's telephone. */
export type EndpointKind = "extension" | "trunk" | "inner";

/**
 * By what a peer was judged, weakest first: the digits of its name; the caller id it showed; its technology; that it was rung
 * by its own name; the dialplan context its channels begin in; a number dialled through it; what the operator said.
 */
export const EVIDENCE_KINDS = [
  "name",
  "caller-id",
  "technology",
  "rung",
  "context",
  "dialled",
  "told",
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** What else is known of the peer and its PBX, each where it is known. */
export type Evidence = {
  /** What the operator says of a peer. */
  readonly told?: (name: ChannelName) => EndpointKind | undefined;
  /** Names that are known to be lines, whatever they look like. */
  readonly isKnownTrunk?: (peer: string) => boolean;
  /** Numbers that are known to be extensions: rung or dialled as such. */
  readonly isKnownExtension?: (number: string) => boolean;
  /** What a channel of it showed as its own number when it began. */
  readonly callerId?: string;
  /** The dialplan context that a channel of it began in. */
  readonly context?: string;
  /** What was dialled to reach it. */
  readonly dialString?: string;
};

/** Whether a number is short enough to be an extension: 2 to 6 digits. */
export const isExtensionNumber = (text: string): boolean => /^\d{2,6}$/.test(text);

/** Whether it is a number as the telephone network has them, and no extension's. */
const isTelephoneNumber = (text: string): boolean => /^\+?\d{7,}$/.test(text);

/** What callers from outside show who withhold their number; a phone of ours has no reason to. */
const isWithheldWord = (text: string): boolean =>
  /^(?:anonymous|private|restricted|withheld|unavailable)$/i.test(text);

/** FreePBX and its kin: where extensions begin. */
const EXTENSION_CONTEXT = /^from-internal/;
/** And where lines do. */
const TRUNK_CONTEXT =
  /^(?:from-(?:trunk|pstn|did|dahdi|zaptel|analog|digital|sip-external)|ext-did)/;

/** Technologies that are lines by themselves: GSM gateways and cards, ISDN cards, mobiles by Bluetooth. */
const LINES = new Set([
  "Dongle",
  "Datacard",
  "Quectel",
  "GSM",
  "Mobile",
  "Celliax",
  "CAPI",
  "ISDN",
  "SS7",
]);

const isAddress = (peer: string): boolean => /:|\d\.\d/.test(peer);

/** What stands between the dashes of a name; an address is one part. */
const partsOf = (peer: string): string[] => (isAddress(peer) ? [] : peer.split(/[^0-9A-Za-z]+/));

/**
 * Whether a number other than the peer's own was dialled through it: `375296254070@mts`, `mts/375296254070`,
 * `i1/112`, `mts/sip:375296254070@203.0.113.10`. A phone is reached by its name alone (`151`), or by its name and where it
 * registered from (`151/sip:151@192.0.2.9:5060`).
 */
const isDialledThrough = (dialString: string, peer: string): boolean => {
  const contact = /\/(?:sips?|tel):([^@;]*)/.exec(dialString)?.[1];
  if (contact !== undefined) return contact !== peer && isTelephoneNumber(contact);
  // `user:secret@203.0.113.10/375296254070` of IAX2.
  const behindHost = /@[^/]*\/([^/@]+)$/.exec(dialString)?.[1];
  if (behindHost !== undefined) return /^\+?[\d*#]{2,}$/.test(behindHost);
  const [front = "", back] = dialString.split(/[/@]/, 2);
  const number = dialString.includes("@") ? front : back;
  return number !== undefined && number !== peer && /^\+?[\d*#]{2,}$/.test(number);
};

/**
 * Whether the caller id of a channel is the number of its peer: its name holds it, or it begins in a context of the dialplan
 * as the phones of a site of its own habits do (`ivanov`). A caller from outside can show any number, so that one that is
 * known to be another's says nothing.
 */
const isOwnNumber = ({ peer }: ChannelName, evidence: Evidence): boolean => {
  const { callerId = "", context = "", isKnownExtension = () => false } = evidence;
  return (
    peer.endsWith(callerId) ||
    partsOf(peer).includes(callerId) ||
    (context !== "" && !isKnownExtension(callerId))
  );
};

const judgedBy = (
  name: ChannelName,
  evidence: Evidence,
): readonly [kind: EndpointKind, by: EvidenceKind] => {
  const { peer, technology } = name;
  const { context = "", callerId = "", dialString = "" } = evidence;
  const told = evidence.told?.(name);
  if (told !== undefined) return [told, "told"];
  if (evidence.isKnownTrunk?.(peer) === true) return ["trunk", "told"];
  if (dialString !== "" && isDialledThrough(dialString, peer)) return ["trunk", "dialled"];
  if (context !== "" && EXTENSION_CONTEXT.test(context)) return ["extension", "context"];
  if (context !== "" && TRUNK_CONTEXT.test(context)) return ["trunk", "context"];
  if (dialString !== "") return ["extension", "rung"];
  const isShort = isExtensionNumber(callerId) && isOwnNumber(name, evidence);
  // A desk phone on a port of a card shows its own number, a line on one those of the network.
  if (isPort(technology) && /^\d+$/.test(peer) && isShort) return ["extension", "caller-id"];
  if (isPort(technology) || LINES.has(technology)) return ["trunk", "technology"];
  if (isAddress(peer)) return ["trunk", "name"];
  if (isShort) return ["extension", "caller-id"];
  if (isTelephoneNumber(callerId) || isWithheldWord(callerId)) return ["trunk", "caller-id"];
  const { isKnownExtension = () => false } = evidence;
  const isExtension =
    isExtensionNumber(peer) || isKnownExtension(peer) || partsOf(peer).some(isKnownExtension);
  return [isExtension ? "extension" : "trunk", "name"];
};

/**
 * The number that people dial to reach an extension: the caller id that it shows where its name holds it (151 of `0367-151`,
 * of `99151`) or is no number (`ivanov`), else the digits of its name, else its name.
 */
const numberOf = ({ technology, peer }: ChannelName, evidence: Evidence): string => {
  const { callerId = "", isKnownExtension = () => false } = evidence;
  const isShown = isExtensionNumber(callerId);
  if (isPort(technology)) return isShown ? callerId : peer;
  // `99151` of FreePBX's WebRTC phones.
  const isItsEnd = callerId.length >= 3 && /^\d+$/.test(peer) && peer.endsWith(callerId);
  if (isShown && (isItsEnd || partsOf(peer).includes(callerId))) return callerId;
  if (isExtensionNumber(peer) || isKnownExtension(peer)) return peer;
  const parts = partsOf(peer);
  return (
    parts.find(isKnownExtension) ?? parts.findLast(isExtensionNumber) ?? (isShown ? callerId : peer)
  );
};

export type Endpoint = {
  readonly kind: EndpointKind;
  readonly peer: string;
  /** What people dial to reach an extension; "" for others. */
  readonly number: string;
  readonly by: EvidenceKind;
};

/** Judges a peer by the evidence that there is. */
export const endpointOf = (name: ChannelName, evidence: Evidence = {}): Endpoint => {
  const { peer, isInner } = name;
  if (isInner) return { kind: "inner", peer, number: "", by: "technology" };
  const [kind, by] = judgedBy(name, evidence);
  return { kind, peer, number: kind === "extension" ? numberOf(name, evidence) : "", by };
};

/** The endpoint of a channel, by its name. */
export const endpointOfChannel = (name: string, evidence?: Evidence): Endpoint =>
  endpointOf(readChannelName(name), evidence);

/** Whether the first is at least as strong as the second. */
export const isAsStrong = (one: EvidenceKind, other: EvidenceKind): boolean =>
  EVIDENCE_KINDS.indexOf(one) >= EVIDENCE_KINDS.indexOf(other);
