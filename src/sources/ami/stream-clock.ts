// The clock of the stream: the newest `Timestamp`, extrapolated while no message comes. Time windows use it, so that a
// replay at any speed gives the same events.

import type { AmiMessage } from "./types.ts";

/** When something happened. */
export type Moment = {
  /** Milliseconds since the epoch, with fraction, by the PBX's clock. */
  readonly at: number;
  /** `Timestamp` as it was sent; undefined where there was none. */
  readonly stamp: string | undefined;
  /** Found out after a gap: when it happened is not known. */
  readonly isRecovered: boolean;
};

export type StreamClock = {
  /** When the message's matter happened; moves the stream's time. */
  read(message: AmiMessage, receivedAt: number): Moment;
  /** The stream's time, in milliseconds since the epoch. */
  now(): number;
  /** What the stream's time is at `receivedAt` if nothing came since. */
  estimate(receivedAt: number): number;
  /** When the stream's time will be `at` if nothing comes until then, in our own time. */
  receiptOf(at: number): number;
};

const TIMESTAMP = /^\d{9,12}(?:\.\d{1,9})?$/;
/** Neighbours are out of order by less than 1 ms; further back the host's clock was set. */
const CLOCK_SET_BACK_MS = 2000;

const stampOf = ({ fields }: AmiMessage): string | undefined => {
  const text = fields.get("Timestamp") ?? "";
  return TIMESTAMP.test(text) ? text : undefined;
};

/** When a message was sent, in milliseconds since the epoch; its receipt where it does not say. */
export const momentOf = (message: AmiMessage, receivedAt: number): number => {
  const stamp = stampOf(message);
  return stamp === undefined ? receivedAt : Number(stamp) * 1000;
};

export const createStreamClock = (): StreamClock => {
  let now = Number.NEGATIVE_INFINITY;
  let receivedAtNow = 0;
  const estimate = (receivedAt: number): number =>
    Number.isFinite(now) ? now + Math.max(0, receivedAt - receivedAtNow) : receivedAt;
  return {
    read: (message, receivedAt) => {
      const stamp = stampOf(message);
      const at = stamp === undefined ? estimate(receivedAt) : Number(stamp) * 1000;
      now = at < now - CLOCK_SET_BACK_MS ? at : Math.max(now, at);
      receivedAtNow = receivedAt;
      return { at, stamp, isRecovered: false };
    },
    now: () => now,
    estimate,
    receiptOf: (at) => Math.ceil(receivedAtNow + Math.max(0, at - now)),
  };
};
