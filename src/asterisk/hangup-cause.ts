// Why a channel ended, by the numbers of Q.850 (ITU-T) as Asterisk uses them (Asterisk manual, "Hangup Cause Mappings"), and
// by the words of `DIALSTATUS`.

/** What a cause says of a call that nobody answered; undefined for those that say nothing, such as a normal end (16). */
export type CauseMeaning = "busy" | "failed" | "cancelled" | "answered-elsewhere";

const BUSY = new Set([17, 21]);
const FAILED = new Set([
  1, 2, 3, 5, 6, 20, 22, 25, 27, 28, 29, 34, 38, 41, 42, 44, 50, 57, 58, 65, 66, 69, 88, 95, 96, 97,
  98, 99, 100, 101, 102, 103, 111,
]);
/** Interworking: what Asterisk gives to the channels of a call whose caller cancelled it. */
const CANCELLED = 127;
/** Q.850 has none for it: given to the phones of a group that did not answer. */
const ANSWERED_ELSEWHERE = 26;

/** @param cause a number as text */
export const meaningOfCause = (cause: string): CauseMeaning | undefined => {
  const number = Number(cause);
  if (number === ANSWERED_ELSEWHERE) return "answered-elsewhere";
  if (BUSY.has(number)) return "busy";
  if (FAILED.has(number)) return "failed";
  return number === CANCELLED ? "cancelled" : undefined;
};
