// Who a peer is: an extension of ours or a line to the outside. The one rule for events of the manager interface and for
// calls put together from any sender's events. A peer is judged by its name, never by caller id alone: an outside caller may
// show "152", and an extension shows the company's number once it calls out.

import { type ChannelName, readChannelName } from "./channel-name.ts";

/** `inner`: nobody's telephone. */
export type EndpointKind = "extension" | "trunk" | "inner";

/** What else is known of the peer and its PBX, each where it is known. A name of bare digits needs none. */
export type Evidence = {
  /** Names that are known to be lines, whatever they look like. */
  readonly isKnownTrunk?: (peer: string) => boolean;
  /** Numbers that are known to be extensions: rung or dialled as such. */
  readonly isKnownExtension?: (number: string) => boolean;
  /** What the channel shows as its own number. Tells which part of a name is the number, and nothing else. */
  readonly callerId?: string;
};

/** Whether a number is short enough to be an extension: 2 to 6 digits. */
export const isExtensionNumber = (text: string): boolean => /^\d{2,6}$/.test(text);

/** What stands between the dashes of a name. An address, or a span with what was dialled over it, is one part. */
const partsOf = (peer: string): string[] =>
  /[/:]|\d\.\d/.test(peer) ? [] : peer.split(/[^0-9A-Za-z]+/);

/**
 * The number that people dial to reach an endpoint: `151` for `151`, and where 151 is a known extension or the endpoint's own
 * caller id also for `0367-151`, `151-acme` and `acme_151`; undefined where the name holds none.
 */
export const extensionOf = (peer: string, evidence: Evidence = {}): string | undefined => {
  if (isExtensionNumber(peer)) return peer;
  const { isKnownExtension = () => false, callerId } = evidence;
  if (isKnownExtension(peer)) return peer;
  return partsOf(peer).find(
    (part) => isKnownExtension(part) || (part === callerId && isExtensionNumber(part)),
  );
};

export type Endpoint = {
  readonly kind: EndpointKind;
  readonly peer: string;
  /** The number of an extension; "" for others. */
  readonly number: string;
};

/** Judges a peer by all that is known of it. */
export const endpointOf = (
  { peer, isInner }: Pick<ChannelName, "peer" | "isInner">,
  evidence: Evidence = {},
): Endpoint => {
  if (isInner) return { kind: "inner", peer, number: "" };
  const number = evidence.isKnownTrunk?.(peer) ? undefined : extensionOf(peer, evidence);
  return { kind: number === undefined ? "trunk" : "extension", peer, number: number ?? "" };
};

/** The endpoint of a channel, by its name. */
export const endpointOfChannel = (name: string, evidence?: Evidence): Endpoint =>
  endpointOf(readChannelName(name), evidence);
