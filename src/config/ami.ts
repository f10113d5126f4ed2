// Where Asterisk's manager interfaces are, and for whom: lists, since a flag may repeat and a variable holds several. Reads
// text alone; whether anybody listens there is found out by the agent. The text holds secrets and is never repeated.

import { resolve } from "node:path";
import { isEnterpriseNumber } from "../domain/enterprise.ts";
import { err, ok } from "../lib/result.ts";
import { wordsIn } from "../lib/words.ts";
import type { ValueKind } from "./values.ts";

export type AmiAddress = {
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
  readonly tls: boolean;
};

const ADDRESS_RULE =
  "tcp://USER:SECRET@HOST:PORT or tls://… (characters such as @ / ? # % , in a secret are written %40 %2F %3F %23 %25 %2C), several separated by commas or spaces, or none";
const NUMBERS_RULE =
  "numbers of enterprises, 1 to 32 of A-Z a-z 0-9 _ -, several separated by commas or spaces, or none";
const PLAIN_PORT = 5038;
const TLS_PORT = 5039;

const decode = (text: string): string | undefined => {
  try {
    const decoded = decodeURIComponent(text);
    // A line break would add another header to the login.
    return /[\p{Cc}]/u.test(decoded) || decoded === "" ? undefined : decoded;
  } catch {
    return undefined;
  }
};

const readAddress = (text: string): AmiAddress | undefined => {
  const match =
    /^(tcp|tls):\/\/([^:@/?#]+):([^@/?#]+)@(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?\/?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, scheme, userText = "", secretText = "", ipv6, name, portText] = match;
  const [user, secret, host] = [decode(userText), decode(secretText), ipv6 ?? name];
  const tls = scheme === "tls";
  const port = portText === undefined ? (tls ? TLS_PORT : PLAIN_PORT) : Number(portText);
  if (user === undefined || secret === undefined || host === undefined) return undefined;
  return port < 1 || port > 65_535 ? undefined : { host, port, user, secret, tls };
};

const PEERS_RULE =
  "names of peers or patterns with * that leave something out (mts*, 5061, DAHDI/*), of A-Z a-z 0-9 _ . + @ : / - and *, separated by commas; one list or none for each --ami, separated by spaces";
const PEER_PATTERN = /^[A-Za-z0-9_.+@:/*-]{1,64}$/;

/** One that leaves nothing out says nothing of any peer. */
/** Whether it is a name of a peer, or a pattern of names with `*`. */
export const isPeerPattern = (text: string): boolean =>
  PEER_PATTERN.test(text) && /[^*/]/.test(text);

/** What an operator says of the peers of each PBX: a list for each `--ami`, in their order; `none` is an empty one. */
export const peerPatterns: ValueKind<readonly (readonly string[])[]> = {
  placeholder: "NAMES",
  rule: PEERS_RULE,
  parse: (text) => {
    if (text === "none") return ok([]);
    const lists = text
      .trim()
      .replaceAll(/\s*,\s*/g, ",")
      .split(/\s+/)
      .map((list) => (list === "none" ? [] : list.split(",")));
    return lists.flat().every(isPeerPattern) ? ok(lists) : err(PEERS_RULE);
  },
};

/** Addresses of manager interfaces, in their order; `none` is the empty list. */
export const amiAddresses: ValueKind<readonly AmiAddress[]> = {
  placeholder: "URL",
  rule: ADDRESS_RULE,
  parse: (text) => {
    if (text === "none") return ok([]);
    const addresses = wordsIn(text).map(readAddress);
    const read = addresses.filter((address) => address !== undefined);
    return read.length > 0 && read.length === addresses.length ? ok(read) : err(ADDRESS_RULE);
  },
};

/** Numbers of enterprises, in their order; `none` is the empty list. */
export const enterpriseNumbers: ValueKind<readonly string[]> = {
  placeholder: "NUMBER",
  rule: NUMBERS_RULE,
  parse: (text) => {
    if (text === "none") return ok([]);
    const numbers = wordsIn(text);
    return numbers.length > 0 && numbers.every(isEnterpriseNumber)
      ? ok(numbers)
      : err(NUMBERS_RULE);
  },
};

const FILES_RULE =
  "paths of files without spaces or commas, several separated by spaces, none for an --ami without one, or none";

/** CEL files, in their order; null for an `--ami` without one. `none` is the empty list. */
export const celFiles: ValueKind<readonly (string | null)[]> = {
  placeholder: "FILE",
  rule: FILES_RULE,
  parse: (text, cwd) => {
    if (text === "none") return ok([]);
    const files = wordsIn(text);
    const isFile = (file: string): boolean => !file.endsWith("/") && !file.includes("\0");
    if (files.length === 0 || !files.every(isFile)) return err(FILES_RULE);
    return ok(files.map((file) => (file === "none" ? null : resolve(cwd, file))));
  },
};
