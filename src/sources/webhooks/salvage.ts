// Broken JSON -> what can be read of it for sure. Senders do not retry, so an event is recorded with what is certain
// rather than refused. The scanner reads what dialplans break (quotes, line breaks, backslashes, a missing end);
// `jsonrepair` is asked only where the scanner finds no token or no unique id (unquoted keys, missing commas,
// comments), and believed only where it contradicts nothing that was read. What is valid is left to decode.ts.

import { jsonrepair } from "jsonrepair";
import { type Assembled, assemble } from "./assemble.ts";
import { type Pair, scanPairs, tryParse } from "./scan-pairs.ts";

/**
 * Longer texts are not repaired: bodies from a dialplan have at most 4 KB, and the cost of repairing a hostile text grows
 * with the square of its length.
 */
const MAX_REPAIR_CHARS = 4_608;

const TOKEN_PAIR = /["']token["']\s*:\s*["']?([A-Za-z0-9_+-]{1,128})(?=["'\s,}])/gi;

/** Every value written like the pair of a token, at any depth, in order. */
export const tokensIn = (text: string): string[] => {
  const found: string[] = [];
  for (const match of text.matchAll(TOKEN_PAIR)) if (match[1] !== undefined) found.push(match[1]);
  return found;
};

/** The values of the pairs that are named like a token. */
export const tokensAmong = (pairs: readonly Pair[]): string[] =>
  pairs
    .filter(({ key, source }) => key.toLowerCase() === "token" && source.trim() !== "")
    .map(({ source }) => source.trim());

/**
 * The text without backslashes that escape nothing, which `jsonrepair` leaves out anyway. It must not meet them: having
 * found a comma at which to end a string, it steps over `\,` as one, reads to the same quote again and begins anew without
 * end (3.15.0: `{"a":"\,"b` never returns).
 */
const withoutStrayBackslashes = (text: string): string =>
  text.replace(/\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}|.|$)/gs, (found) =>
    /^\\(?:["\\/bfnrt]|u.{4})$/.test(found) ? found : found.slice(1),
  );

const repair = (text: string): string | undefined => {
  if (text.length > MAX_REPAIR_CHARS) return undefined;
  try {
    return jsonrepair(withoutStrayBackslashes(text));
  } catch {
    return undefined; // also a stack overflow on deep nesting
  }
};

const agrees = (read: readonly Pair[], repaired: readonly Pair[]): boolean =>
  read.every(
    ({ key, value, source, sure }) =>
      !sure ||
      value === undefined ||
      repaired.some((other) => other.key === key && other.source === source),
  );

const isComplete = (found: Assembled, needs: SalvageNeeds): boolean =>
  (found.tokens.length > 0 || !needs.token) && (found.uniqueId !== "" || !needs.uniqueId);

export type SalvageNeeds = {
  /** False where the token came by header. */
  readonly token: boolean;
  readonly uniqueId: boolean;
};

/** What can be read of `text`, an object in broken JSON; tokens or unique id are empty where they cannot. */
export const salvage = (text: string, needs: SalvageNeeds): Assembled => {
  const pairs = scanPairs(text);
  const read = assemble(pairs, tokensIn(text));
  if (isComplete(read, needs)) return read;
  const repairedText = repair(text);
  if (repairedText === undefined || typeof tryParse(repairedText) !== "object") return read;
  const repairedPairs = scanPairs(repairedText);
  // The last value of a cut text was closed by the repair, not by the sender.
  if (!text.trimEnd().endsWith("}")) repairedPairs.pop();
  if (!agrees(pairs, repairedPairs)) return read;
  const repaired = assemble(repairedPairs, [...tokensIn(text), ...tokensAmong(repairedPairs)]);
  return isComplete(repaired, needs) ? repaired : read;
};
