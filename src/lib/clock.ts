// Time as an argument: everything that needs "now" is handed a Clock, so that tests move time by hand.

export type Clock = {
  /** The current time, in milliseconds since the Unix epoch. */
  now(): number;
};

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };
