// What the system and the settings let others do: files that may be open, whose events are taken, whose word on client
// addresses is believed.

import { readFileSync } from "node:fs";
import type { Network } from "../lib/addresses.ts";
import { type Check, type Finding, note, ok, wrong } from "./finding.ts";

/** Files of enterprises, connections of PBXs and of open pages, with room. */
const ENOUGH_FILES = 4096;

/** Soft limit of this process; undefined where the system does not tell. */
const openFilesLimit = (): number | undefined => {
  try {
    const line = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return line === "unlimited" ? Number.POSITIVE_INFINITY : Number(line);
  } catch {
    return undefined;
  }
};

/** How many files this user may have open. The service's own limit is in its unit file. */
export const openFiles: Check = async () => {
  const limit = openFilesLimit();
  if (limit === undefined || Number.isNaN(limit)) return [];
  const what = "open files";
  const shown = Number.isFinite(limit) ? `${limit} at most` : "no limit";
  return limit >= ENOUGH_FILES
    ? [ok(what, shown)]
    : [
        note(
          what,
          `${shown}: each connection and each enterprise that is written takes one`,
          "LimitNOFILE=65536 in the unit file, ulimit -n 65536 in a shell",
        ),
      ];
};

const isEverybody = ({ bits }: Network): boolean => bits === 0;

/** Settings that are allowed, but let in more than was probably meant. */
export const networks: Check = async ({ config: { webhookAllow, trustProxy } }) => {
  const found: Finding[] = [];
  if (trustProxy.some(isEverybody)) {
    const finding = "everybody is believed: a client can claim any address in X-Forwarded-For";
    found.push(wrong("--trust-proxy", finding, "name the addresses of your own proxies"));
  }
  if (webhookAllow?.some(isEverybody)) {
    const finding = "names all addresses: nobody is kept out";
    found.push(note("--webhook-allow", finding, "name your PBXs, or leave it out"));
  }
  return found;
};
