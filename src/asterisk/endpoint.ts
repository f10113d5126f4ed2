// Who a peer is: an extension of ours or a line to the outside. The one rule for events of the manager interface and for
// calls put together from any sender's events. A peer is judged by its name, never by caller id alone: an outside caller may
// show "152", and an extension shows the company's number once it calls out.

import { type ChannelName, readChannelName } from "./channel-name.ts";

/** `inner`: nobody's telephone. */
export type EndpointKind = "extension" | "trunk" | "inner";

/** What else is known of the PBX. */
export type Evidence = {
  /** Numbers that are known to be extensions: rung or dialled as such. */
  readonly isKnownExtension?: (number: string) => boolean;
};

/** Whether a number is short enough to be an extension: 2 to 6 digits. */
export const isExtensionNumber = (text: string): boolean => /^\d{2,6}$/.test(text);

/**
 * The number that people dial to reach an endpoint: `151` for `151`, and where 151 is a known extension also for
 * `0367-151`, `151-acme` and `acme_151`; undefined where the name holds none.
 */
export const extensionOf = (peer: string, evidence: Evidence = {}): string | undefined => {
  if (isExtensionNumber(peer)) return peer;
  const { isKnownExtension = () => false } = evidence;
  return [peer, ...peer.split(/[^0-9A-Za-z]+/)].find(
    (part) => part !== "" && isKnownExtension(part),
  );
};

export type Endpoint = { readonly kind: EndpointKind; readonly peer: string };

export const endpointOf = (
  { peer, isInner }: Pick<ChannelName, "peer" | "isInner">,
  evidence?: Evidence,
): Endpoint => {
  if (isInner) return { kind: "inner", peer };
  return { kind: extensionOf(peer, evidence) === undefined ? "trunk" : "extension", peer };
};

/** The endpoint of a channel, by its name. */
export const endpointOfChannel = (name: string, evidence?: Evidence): Endpoint =>
  endpointOf(readChannelName(name), evidence);
