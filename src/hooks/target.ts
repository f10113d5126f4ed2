// Where a webhook may go: any public address, and private ones only as far as the operator allows. What a name means is
// asked once an attempt, and that very address is connected to, so that a name cannot mean something else a moment later.

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type Address, isWithin, type Network, parseAddress } from "../lib/addresses.ts";
import { err, ok, type Result } from "../lib/result.ts";
import type { TextRule } from "../lib/text-rule.ts";

/** Longer addresses are no addresses. */
const MAX_URL_LENGTH = 2000;

export const hookUrlRule: TextRule = {
  allows: (text) => {
    if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) return false;
    const { protocol, username, password, hash } = new URL(text);
    const isWeb = protocol === "https:" || protocol === "http:";
    return isWeb && username === "" && password === "" && hash === "";
  },
  rule: "a web address such as https://crm.example/calls, without a user, a password or a #",
};

/** An address as it may be shown: what follows the host may be a secret of whoever takes the webhook. */
export const shownTarget = (url: string): string => {
  const { origin, pathname, search } = new URL(url);
  return pathname === "/" && search === "" ? `${origin}/` : `${origin}/…`;
};

/** Whether an address is one of the public network, or of a network that the operator allows. */
export const isAllowedTarget = (address: Address, allowed: readonly Network[]): boolean =>
  address.range() === "unicast" || isWithin(address, allowed);

/** Asks what addresses a host has. @throws the system's error */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

const refusal = (host: string, addresses: readonly string[]): string => {
  if (addresses.length === 0) return `refused: ${host} has no address`;
  const which = addresses.includes(host) ? host : `${host} (${addresses.join(", ")})`;
  return `refused: ${which} is not of the public network; --hook-allow-private allows it`;
};

/** The host of a URL without the brackets of IPv6. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, "");

/** Why the target is refused as it is written; undefined where it is a name, or an address that is allowed. */
export const refusedAsWritten = (url: string, allowed: readonly Network[]): string | undefined => {
  const host = hostOf(url);
  if (isIP(host) === 0) return undefined;
  const address = parseAddress(host);
  return address !== undefined && isAllowedTarget(address, allowed)
    ? undefined
    : refusal(host, [host]);
};

/** The address to connect to; a failure says in one line why there is none. */
export const addressOf = async (
  url: string,
  allowed: readonly Network[],
  resolve: Resolve,
): Promise<Result<string, string>> => {
  const host = hostOf(url);
  let found: readonly string[];
  try {
    found = isIP(host) === 0 ? await resolve(host) : [host];
  } catch (cause) {
    const { code = "" } = cause as { code?: string };
    return err(`cannot find the address of ${host}${code === "" ? "" : ` (${code})`}`);
  }
  const good = found.find((text) => {
    const address = parseAddress(text);
    return address !== undefined && isAllowedTarget(address, allowed);
  });
  return good === undefined ? err(refusal(host, found)) : ok(good);
};
