// Which of the files that were found are shown, in which order, and when each began. Pure.

import type { Call } from "../call/index.ts";
import type { SoundFormat } from "./file-name.ts";
import type { Recording } from "./types.ts";

/** A file's last change and the call's events are told by clocks that may differ so much, in milliseconds. */
const CLOCKS_DIFFER_MS = 5000;
/** A recording of the whole call, or of the talk, is as long as that within this, in milliseconds. */
const SAME_LENGTH_MS = 2000;

/**
 * When a recording began: its end is the file's last change. A file that was copied has another; then a recording as long
 * as the call, or as its talk, began with it.
 *
 * @returns milliseconds since the epoch; null where nothing tells
 */
export const beginningOf = (
  { startedAt, answeredAt, endedAt, totalMs, talkMs }: Call,
  modifiedAt: number,
  seconds: number | null,
): number | null => {
  if (seconds === null || startedAt === null) return null;
  const begun = modifiedAt - seconds * 1000;
  const isWithin =
    begun >= startedAt - CLOCKS_DIFFER_MS &&
    (endedAt === null || modifiedAt <= endedAt + CLOCKS_DIFFER_MS);
  if (isWithin) return Math.round(begun);
  const isAsLongAs = (ms: number | null): boolean =>
    ms !== null && Math.abs(seconds * 1000 - ms) <= SAME_LENGTH_MS;
  if (isAsLongAs(totalMs)) return startedAt;
  return isAsLongAs(talkMs) ? answeredAt : null;
};

/** Of one recording in several formats the first is shown that plays; WAV says how long it is. */
const PREFERENCE: readonly SoundFormat[] = ["wav", "webm", "mp3", "m4a", "ogg", "wav49", "gsm"];

const rank = ({ isPlayable, format }: Recording): number =>
  (isPlayable ? 0 : 100) + PREFERENCE.indexOf(format);

const pathOf = ({ place }: Recording): string => `${place.root}/${place.path}`;
const withoutExtension = (path: string): string => path.slice(0, path.lastIndexOf("."));

const timeOf = ({ startedAt, modifiedAt }: Recording): number => startedAt ?? modifiedAt;

const byTime = (a: Recording, b: Recording): number =>
  timeOf(a) - timeOf(b) || (pathOf(a) < pathOf(b) ? -1 : 1);

/** Each recording once, in the best of its formats, in the order in which they began. */
export const shownOf = (found: readonly Recording[]): Recording[] => {
  const best = new Map<string, Recording>();
  for (const recording of found) {
    const key = withoutExtension(pathOf(recording));
    const other = best.get(key);
    if (other === undefined || rank(recording) < rank(other)) best.set(key, recording);
  }
  // A folder that mirrors another holds the same file again.
  const once = new Map<string, Recording>();
  for (const recording of [...best.values()].sort(byTime)) {
    const key = `${recording.bytes} ${recording.name}`;
    if (!once.has(key)) once.set(key, recording);
  }
  return [...once.values()];
};
