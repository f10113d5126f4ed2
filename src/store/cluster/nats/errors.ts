// What the client library throws, as what it means here.

import { errorText } from "../../../lib/errors.ts";
import { BusError } from "../bus.ts";

const AWAY_NAMES = new Set([
  "TimeoutError",
  "NoRespondersError",
  "RequestError",
  "ConnectionError",
  "ClosedConnectionError",
  "DrainingConnectionError",
  // A publish that no stream and no leader answers.
  "JetStreamNotEnabled",
]);
/** JetStream's codes: no leader, not available, cluster not available, insufficient resources, no suitable peers, in maintenance. */
const AWAY_CODES = new Set([10_008, 10_009, 10_010, 10_023, 10_005, 10_074, 10_118]);
/** The second is what newer servers say. */
const WRONG_LAST_SEQUENCE = new Set([10_071, 10_164]);
export const STREAM_NOT_FOUND = 10_059;
export const STREAM_NAME_IN_USE = 10_058;
export const MESSAGE_NOT_FOUND = 10_037;

/** JetStream's code of an error; undefined where it has none. */
export const codeOf = (error: unknown): number | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "number" ? code : undefined;
};

/** An error of the library as one of ours. @param what was tried: `read the stream` */
export const busError = (what: string, error: unknown): BusError => {
  if (error instanceof BusError) return error;
  const { name = "" } = (error ?? {}) as { name?: string };
  const code = codeOf(error);
  const isAway = AWAY_NAMES.has(name) || (code !== undefined && AWAY_CODES.has(code));
  const isConflict = code !== undefined && WRONG_LAST_SEQUENCE.has(code);
  return new BusError(
    isAway ? "away" : isConflict ? "conflict" : "refused",
    `cannot ${what}: ${isAway ? "the NATS servers do not answer" : errorText(error)}`,
    { cause: error },
  );
};

/** The same for what a promise is rejected with. */
export const orBusError = async <T>(what: string, asked: Promise<T>): Promise<T> => {
  try {
    return await asked;
  } catch (error) {
    throw busError(what, error);
  }
};
