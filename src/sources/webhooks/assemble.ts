// Pairs -> the body of an event, and the three things that decide: whose it is, which channel, is it in doubt.
// Invariant: text that an outsider can write (a caller's name or number) never decides which enterprise an event
// belongs to: a token that comes twice counts only where nothing of an outsider's stands before it, else all its
// values are handed on and the directory tells which of them exists. Looking up is left to intake.ts.

import type { EventBody } from "../../domain/event.ts";
import type { Pair } from "./scan-pairs.ts";

export type Assembled = {
  readonly body: EventBody;
  /** The values that may be the webhook token, in the order of the text; more than one: in doubt. */
  readonly tokens: readonly string[];
  /** As written; "" where there is none. */
  readonly uniqueId: string;
  /** Token or UniqueId comes twice with different values. */
  readonly conflict: boolean;
};

/** Keys (in lower case) whose values are a PBX's own; every other value may hold what a caller sent. */
const INSIDER_KEYS = new Set([
  "event",
  "token",
  "uniqueid",
  "chanuniqueid",
  "linkedid",
  "bridgeuniqueid",
  "bridgetechnology",
  "bridgenumchannels",
  "calltype",
  "callstatus",
  "trunk",
  "eventid",
  "eventtime",
  "datereceived",
  "starttime",
  "endtime",
]);

type Seen = {
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
  /** Nothing of an outsider's stands before it. */
  readonly trusted: boolean;
  conflict: boolean;
};

/** A string or a number as it was written; "" for anything else. */
const plainSource = (seen: Seen | undefined): string =>
  typeof seen?.value === "string" || typeof seen?.value === "number" ? seen.source.trim() : "";

/** An object whose keys are data: `__proto__` is a key like any other. */
export const objectOf = (entries: Iterable<readonly [string, unknown]>): EventBody =>
  Object.fromEntries(entries);

/**
 * @param tokensInText everything in the text that is written like a token, at any depth, in order: a forged pair can
 *   also hide the true one, by opening an object before it.
 */
export const assemble = (pairs: readonly Pair[], tokensInText: readonly string[]): Assembled => {
  const byName = new Map<string, Seen>();
  let trusted = true;
  for (const { key, value, source, sure } of pairs) {
    const name = key.toLowerCase();
    const before = byName.get(name);
    if (value !== undefined && before !== undefined) {
      before.conflict ||= before.source !== source;
    } else if (value !== undefined && sure) {
      byName.set(name, { key, value, source, trusted, conflict: false });
    }
    if (value === undefined || !INSIDER_KEYS.has(name)) trusted = false;
  }
  const token = byName.get("token");
  const trustedToken = token?.trusted === true ? plainSource(token) : "";
  const uniqueId = byName.get("uniqueid");
  const tokens = trustedToken !== "" ? [trustedToken] : [...new Set(tokensInText)];
  if (token !== undefined && tokens.length > 1) token.conflict = true;
  const entries: [string, unknown][] = [];
  for (const seen of byName.values()) {
    if (!seen.conflict || seen.trusted || seen === uniqueId) entries.push([seen.key, seen.value]);
  }
  return {
    body: objectOf(entries),
    tokens,
    uniqueId: plainSource(uniqueId),
    conflict: token?.conflict === true || uniqueId?.conflict === true,
  };
};
