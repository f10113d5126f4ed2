// Spans of time, and how a span is told in whole seconds.

export const SECOND_MS = 1000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** A UTC day. Days of other zones may be shorter or longer: domain/zone-day.ts. */
export const DAY_MS = 86_400_000;

const whole = (ms: number): number => Math.floor(ms / SECOND_MS + 0.5);

/** Milliseconds as whole seconds, half up: 134.5 s are 135 (the user's document shows them as 02:15). Null stays null. */
export function wholeSeconds(ms: number): number;
export function wholeSeconds(ms: number | null): number | null;
export function wholeSeconds(ms: number | null): number | null {
  return ms === null ? null : whole(ms);
}

/** `2025-11-30 09:08 UTC`, for operators. */
export const utcMinute = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
