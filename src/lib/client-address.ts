// Whose request it is. The other end of the connection cannot be invented, X-Forwarded-For can: it is believed only as far
// as proxies of the operator's own wrote it, read from its end. Counting and allowing go by the answer.

import { type Address, isWithin, type Network, parseAddress, siteOf } from "./addresses.ts";

/** What Bun's server tells of a connection; nothing of it exists elsewhere. */
type ConnectionOf = {
  readonly requestIP?: (request: Request) => { readonly address: string } | null;
};

/** More hops than anybody has proxies: of a longer list only its end is read. */
const MAX_HOPS = 32;

/** `192.0.2.1:4711` and `[2001:db8::1]:4711`, as some proxies write them, without the port. */
const withoutPort = (text: string): string =>
  /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ??
  /^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(text)?.[1] ??
  text;

/**
 * The client's address: the nearest one that is not a trusted proxy. Where the list ends, or holds what is no address,
 * the last trusted proxy itself is the client, since nothing is known beyond it.
 *
 * @param peer the other end of the connection, undefined where the runtime does not tell
 * @param forwardedFor the header `X-Forwarded-For`, several joined by commas; null where there is none
 */
export const clientAddress = (
  peer: string | undefined,
  forwardedFor: string | null,
  trustedProxies: readonly Network[],
): Address | undefined => {
  let client = peer === undefined ? undefined : parseAddress(peer);
  if (client === undefined || forwardedFor === null) return client;
  const hops = forwardedFor.split(",").slice(-MAX_HOPS);
  while (isWithin(client, trustedProxies)) {
    const hop = hops.pop();
    const next = hop === undefined ? undefined : parseAddress(withoutPort(hop.trim()));
    if (next === undefined) break;
    client = next;
  }
  return client;
};

/** Tells the client of a request; `server` is what the runtime serves with. */
export type ClientAddressOf = (request: Request, server: unknown) => Address | undefined;

/** The rule of this service: made once from `--trust-proxy`, used by both listeners. */
export const createClientAddressOf =
  (trustedProxies: readonly Network[]): ClientAddressOf =>
  (request, server) =>
    clientAddress(
      (server as ConnectionOf | null)?.requestIP?.(request)?.address,
      trustedProxies.length === 0 ? null : request.headers.get("x-forwarded-for"),
      trustedProxies,
    );

/** The name under which a client is counted and logged; `unknown` where the runtime does not tell. */
export const clientName = (address: Address | undefined): string =>
  address === undefined ? "unknown" : siteOf(address);
