// The NATS servers of a cluster, and what this machine is called in it.

import { err, ok } from "../lib/result.ts";
import { wordsIn } from "../lib/words.ts";
import type { ValueKind } from "./values.ts";

const SERVERS_RULE =
  "nats://HOST:PORT or tls://HOST:PORT, with USER:PASSWORD@ before HOST where the servers ask for it, several separated by commas, or none";
const DEFAULT_PORT = "4222";

const readServer = (text: string): string | undefined => {
  if (!/^(?:nats|tls):\/\/[^\s/?#]+\/?$/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === "") return undefined;
  if (url.port === "") url.port = DEFAULT_PORT;
  return url.href.replace(/\/$/, "");
};

/** Addresses of NATS servers; null for `none`. */
export const serversOrNone: ValueKind<readonly string[] | null> = {
  placeholder: "URLS",
  rule: SERVERS_RULE,
  parse: (text) => {
    if (text === "none") return ok(null);
    const servers = wordsIn(text).map(readServer);
    const read = servers.filter((server) => server !== undefined);
    return read.length > 0 && read.length === servers.length ? ok(read) : err(SERVERS_RULE);
  },
};

const NODE_RULE = "1 to 32 of A-Z a-z 0-9 _ -, another one on each machine, or none";

/** What a machine is called; null for `none`. */
export const nodeNameOrNone: ValueKind<string | null> = {
  placeholder: "NAME",
  rule: NODE_RULE,
  parse: (text) => {
    if (text === "none") return ok(null);
    return /^[A-Za-z0-9_-]{1,32}$/.test(text) ? ok(text) : err(NODE_RULE);
  },
};
