// Whether a request came by a way that nobody can listen to or speak on: from this machine itself, or over https through a
// proxy of the operator's own. Pure decisions over what the connection and its headers say.

import { type Address, isWithin, type Network, parseNetwork } from "../lib/addresses.ts";

/** How a request came. */
export type Way = "loopback" | "https" | "open";

const LOOPBACK: readonly Network[] = ["127.0.0.0/8", "::1"].flatMap(
  (text) => parseNetwork(text) ?? [],
);

/** Whoever sends one of these speaks for somebody else: such a request from this machine is not this machine's. */
const FORWARDING = ["x-forwarded-for", "x-forwarded-proto", "x-real-ip", "forwarded", "via"];

/**
 * Whether somebody asked for this machine by its own name. A proxy that adds no header of those, and a name of an attacker's
 * that was made to lead here, both ask for another.
 */
const isLoopbackHost = (host: string | null): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host ?? "");

/** The last of several values that proxies have added: the one that the nearest wrote. */
const lastOf = (header: string | null): string =>
  (header ?? "").split(",").at(-1)?.trim().toLowerCase() ?? "";

/**
 * Which way a request came.
 *
 * @param peer the other end of the connection; undefined where the runtime does not tell
 * @param trustedProxies those of `--trust-proxy`: the others' headers say nothing, except that there is a proxy
 */
export const wayOf = (
  peer: Address | undefined,
  headers: Headers,
  trustedProxies: readonly Network[],
): Way => {
  if (peer === undefined) return "open";
  const isForwarded = FORWARDING.some((name) => headers.has(name));
  if (!isForwarded) {
    return isWithin(peer, LOOPBACK) && isLoopbackHost(headers.get("host")) ? "loopback" : "open";
  }
  const isTrusted = isWithin(peer, trustedProxies);
  return isTrusted && lastOf(headers.get("x-forwarded-proto")) === "https" ? "https" : "open";
};

/**
 * Whether a form was sent by a page of ours (RFC 6454): its `Origin` is the address that the request was sent to, or
 * `--public-url`. A request without one is refused: every browser sends it with a form.
 */
export const isOwnOrigin = (headers: Headers, way: Way, publicUrl: string | null): boolean => {
  const origin = headers.get("origin");
  if (origin === null) return false;
  const hosts = [headers.get("host"), way === "https" ? headers.get("x-forwarded-host") : null];
  const own = hosts
    .filter((host) => host !== null)
    .map((host) => `${way === "https" ? "https" : "http"}://${host}`.toLowerCase());
  // Not on loopback: what comes from there by the public address came through a proxy that does not say so.
  if (publicUrl !== null && way === "https") own.push(new URL(publicUrl).origin);
  return own.includes(origin.toLowerCase());
};
