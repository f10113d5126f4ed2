// Moves a recorded call to another time as a new call: every id and every time in its bodies changes, and how they
// relate does not. Ids that were equal stay equal, different ones stay different, distances in time stay exact. Two
// runs with different seeds share no id, even within one second. Everything else in a body is left as it is.

import { createHash } from "node:crypto";
import { epochSecondOf } from "../asterisk/index.ts";
import type { EventBody } from "../domain/event.ts";
import type { ScenarioEvent } from "./types.ts";

/** As many ids of one kind as a scenario may have before two runs could share one. */
const IDS_PER_RUN = 1000;

/** Seeds are integers from 0 up to this: with it, a sequence number still fits Asterisk's 32 bits. */
export const MAX_UNIQUE_SEED = 4_000_000;

export type RebaseOptions = {
  /** Where the first event goes, in milliseconds since the epoch; it lands there or less than a second before. */
  readonly now: number;
  /** What makes this run's ids its own: an integer from 0 to `maxUniqueSeed`, usually random. */
  readonly uniqueSeed: number;
};

const CHANNEL_ID_KEY = /^(?:unique_?id|linked_?id|(?:chan|dest|swap|target|source)unique_?id)$/i;
const BRIDGE_ID_KEY = /^bridge_?unique_?id$/i;
const EVENT_ID_KEY = /^event_?id$/i;
const EVENT_TIME_KEY = /^event_?time$/i;
const STAMP_KEY = /^(?:start_?time|answer_?time|end_?time|date_?received)$/i;

const STAMP = /^(\d{4}-\d\d-\d\d)([ T])(\d\d:\d\d:\d\d)(\.\d+)?$/;
const UNIQUE_ID = /^(.*-)?(\d+)\.\d+$/s;
// `SIP/151-0000001a`, `Local/152@internal-00000012;1`: the last eight digits count the channels of a technology.
const CHANNEL_NAME = /^([A-Z][A-Za-z0-9]*\/.+-)([0-9a-f]{8})(;[12])?$/s;

type Renaming = (old: string) => string;

/** Gives each different text its own number, by order of first appearance. */
const numbering = (firstNumber: number): ((text: string) => number) => {
  const numbers = new Map<string, number>();
  return (text) => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    const next = firstNumber + numbers.size;
    numbers.set(text, next);
    return next;
  };
};

const uniqueIdRenaming = (shiftSeconds: number, firstNumber: number): Renaming => {
  const numberOf = numbering(firstNumber);
  return (old) => {
    const [, prefix = "", epoch = ""] = UNIQUE_ID.exec(old) ?? [];
    if (epoch === "") return old === "" ? "" : `${old}-${numberOf(old)}`;
    // A host that booted without a clock keeps its strange time: it is part of the scenario.
    const second = epochSecondOf(old) === undefined ? epoch : Number(epoch) + shiftSeconds;
    return `${prefix}${second}.${numberOf(old)}`;
  };
};

const channelRenaming = (firstNumber: number): Renaming => {
  const numberOf = numbering(firstNumber);
  return (old) =>
    old.replace(CHANNEL_NAME, (_, name: string, count: string, half = "") => {
      const number = numberOf(`${name}${count}`);
      return `${name}${number.toString(16).padStart(8, "0")}${half}`;
    });
};

/** UUIDs of version 4 that depend on the seed and the old id alone. */
const bridgeRenaming =
  (uniqueSeed: number): Renaming =>
  (old) => {
    if (old === "") return "";
    const hex = createHash("sha256").update(`${uniqueSeed} ${old}`).digest("hex");
    const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `${variant}${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join("-");
  };

/** A wall-clock stamp without a zone, moved by whole seconds; anything else is returned as it is. */
const shiftStamp = (stamp: string, shiftSeconds: number): string => {
  const [, day, separator = "", time, fraction = ""] = STAMP.exec(stamp) ?? [];
  const at = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(at)) return stamp;
  const moved = new Date(at + shiftSeconds * 1000).toISOString();
  return `${moved.slice(0, 10)}${separator}${moved.slice(11, 19)}${fraction}`;
};

const shiftEventTime = (value: unknown, shiftSeconds: number): unknown => {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return value;
  // Microseconds are all that senders give, and all that a double of this size holds.
  const moved = Math.round((seconds + shiftSeconds) * 1e6) / 1e6;
  return typeof value === "string" ? String(moved) : moved;
};

/**
 * The same call at another time.
 *
 * @throws RangeError where `uniqueSeed` is not an integer from 0 to `maxUniqueSeed`.
 */
export const rebase = (
  events: readonly ScenarioEvent[],
  { now, uniqueSeed }: RebaseOptions,
): ScenarioEvent[] => {
  if (!Number.isInteger(uniqueSeed) || uniqueSeed < 0 || uniqueSeed > MAX_UNIQUE_SEED) {
    throw new RangeError(`cannot rebase: the seed must be an integer from 0 to ${MAX_UNIQUE_SEED}`);
  }
  const first = Math.min(...events.map((event) => event.at));
  // Whole seconds, because the stamps in the bodies have no smaller unit: so no distance changes.
  const shiftSeconds = Math.floor((now - first) / 1000);
  const firstNumber = uniqueSeed * IDS_PER_RUN;
  const renameUniqueId = uniqueIdRenaming(shiftSeconds, firstNumber);
  const renameChannel = channelRenaming(firstNumber);
  const renameBridge = bridgeRenaming(uniqueSeed);

  const moveValue = (key: string, value: unknown): unknown => {
    if (EVENT_TIME_KEY.test(key)) return shiftEventTime(value, shiftSeconds);
    if (typeof value !== "string") return value;
    if (CHANNEL_ID_KEY.test(key)) return renameUniqueId(value);
    if (BRIDGE_ID_KEY.test(key)) return renameBridge(value);
    if (EVENT_ID_KEY.test(key)) return value === "" ? "" : `${value}-${uniqueSeed}`;
    if (STAMP_KEY.test(key)) return shiftStamp(value, shiftSeconds);
    return renameChannel(value);
  };
  const moveBody = (body: EventBody): EventBody =>
    Object.fromEntries(Object.entries(body).map(([key, value]) => [key, moveValue(key, value)]));

  return events.map(({ at, event, body }) => ({
    at: at + shiftSeconds * 1000,
    event,
    body: moveBody(body),
  }));
};
