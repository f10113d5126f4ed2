// Whether the disk will be full within a day, by what its free room did in the last hours, whoever fills it. Pure. Both
// the last hours and the last of them must show it, so that one large file that came and stays is no alarm.

import { HOUR_MS } from "../../lib/time.ts";

export type FreeRoom = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly freeBytes: number;
};

/** Samples of free space, one in ten minutes, are kept for this long. */
const REMEMBERED_MS = 6 * HOUR_MS;
const SAMPLE_EVERY_MS = 600_000;
/** Below this the disk is as good as full, whatever the growth. In bytes. */
const NEARLY_FULL = 64 * 1024 * 1024;
const TELL_BELOW_HOURS = 24;
/** Once reported, it is over only with this margin. */
const OVER_ABOVE_HOURS = 36;

/** The samples that are kept, with the newest, oldest first. */
export const withSample = (samples: readonly FreeRoom[], now: FreeRoom): readonly FreeRoom[] => {
  const kept = samples.filter(({ at }) => at <= now.at && now.at - at <= REMEMBERED_MS);
  const last = kept.at(-1);
  return last !== undefined && now.at - last.at < SAMPLE_EVERY_MS ? kept : [...kept, now];
};

/** Bytes an hour that went between the first sample not older than `spanMs` and now; undefined below half of that time. */
const rate = (samples: readonly FreeRoom[], now: FreeRoom, spanMs: number): number | undefined => {
  const first = samples.find(({ at }) => now.at - at <= spanMs && at < now.at);
  if (first === undefined || now.at - first.at < spanMs / 2) return undefined;
  return ((first.freeBytes - now.freeBytes) * HOUR_MS) / (now.at - first.at);
};

export type DiskOutlook = {
  readonly freeBytes: number;
  /** Hours until it is full, 0 where it nearly is; undefined where that is far off or unknown. */
  readonly hours: number | undefined;
};

/**
 * The trouble with the disk; undefined where there is none.
 *
 * @param isTold whether it was in trouble before
 */
export const decideDisk = (
  samples: readonly FreeRoom[],
  now: FreeRoom,
  isTold: boolean,
): DiskOutlook | undefined => {
  const { freeBytes } = now;
  if (freeBytes < NEARLY_FULL * (isTold ? 2 : 1)) return { freeBytes, hours: 0 };
  const long = rate(samples, now, 2 * HOUR_MS) ?? 0;
  const longest = rate(samples, now, REMEMBERED_MS) ?? long;
  const short = rate(samples, now, HOUR_MS) ?? 0;
  const goes = Math.min(long, longest, short);
  if (goes <= 0) return undefined;
  const hours = freeBytes / goes;
  return hours < (isTold ? OVER_ABOVE_HOURS : TELL_BELOW_HOURS) ? { freeBytes, hours } : undefined;
};
