// Network addresses as values: written in many ways (IPv4-mapped, with a zone, with leading zeros), they are compared
// as what they mean. Parsing is ipaddr.js's; what is not clearly one address is none.

import ipaddr from "ipaddr.js";

/** One address; an IPv4-mapped IPv6 address is the IPv4 one. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** All addresses that begin with the same bits. */
export type Network = { readonly address: Address; readonly bits: number };

/**
 * The address that `text` writes; undefined where it writes none. A zone (`fe80::1%eth0`) is left out. Numbers, octal
 * and short forms, which programs read differently, are refused: `010.0.0.1`, `127.1`, `2130706433`.
 */
export const parseAddress = (text: string): Address | undefined => {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const zoneless = text.replace(/%[A-Za-z0-9._-]{1,32}$/, "");
  if (!zoneless.includes(":") || zoneless.length > 45 || !ipaddr.IPv6.isValid(zoneless)) {
    return undefined;
  }
  const address = ipaddr.IPv6.parse(zoneless);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
};

const MAPPED_BITS = 96;

/** A network in CIDR notation, or a single address; undefined where `text` is neither. Bits behind the prefix are left out. */
export const parseNetwork = (text: string): Network | undefined => {
  const [written = "", prefix, ...rest] = text.split("/");
  const address = parseAddress(written);
  if (address === undefined || rest.length > 0) return undefined;
  const most = address.kind() === "ipv4" ? 32 : 128;
  if (prefix === undefined) return { address, bits: most };
  if (!/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  // `::ffff:10.0.0.0/104` counts its bits from the front of the IPv6 address.
  const isMapped = most === 32 && written.includes(":");
  const bits = Number(prefix) - (isMapped ? MAPPED_BITS : 0);
  return bits >= 0 && bits <= most ? { address, bits } : undefined;
};

/** Whether one of the networks holds the address. IPv4 and IPv6 networks hold addresses of their own kind alone. */
export const isWithin = (address: Address, networks: readonly Network[]): boolean =>
  networks.some(
    (network) =>
      network.address.kind() === address.kind() && address.match(network.address, network.bits),
  );

/** Bits of an IPv6 address that name a household or a machine; the rest is chosen by whoever sits there. */
const SITE_BITS = 64;

/** Who is counted as one: an IPv4 address, or the /64 that an IPv6 address is in, as text. */
export const siteOf = (address: Address): string => {
  if (address.kind() === "ipv4") return address.toString();
  const bytes = address.toByteArray().map((byte, at) => (at < SITE_BITS / 8 ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${SITE_BITS}`;
};
