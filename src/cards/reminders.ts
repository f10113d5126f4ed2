// Which missed calls chats are to be reminded of, and in which words. Pure.

import type { FollowedMissed } from "../call/index.ts";
import type { Lang } from "../domain/lang.ts";
import type { NumberPlan } from "../domain/phone.ts";
import { isWorking, nextWorking, type WorkingHours } from "../domain/working-hours.ts";
import { followTextsOf } from "../texts/index.ts";
import { bold, type Piece, plainText } from "./message.ts";
import type { CardText } from "./messenger.ts";
import { customerNumber } from "./preferences.ts";

/** When an enterprise's chats are reminded. */
export type ReminderRules = {
  /** How long after a call was missed, in milliseconds. */
  readonly afterMs: number;
  readonly hours: WorkingHours;
  readonly timeZone: string;
};

/**
 * Whether it is time to remind of a missed call: nobody has returned it, or is about to, so long after it was missed that in
 * working hours somebody should have; and these are working hours.
 */
export const isReminderDue = (
  { missedAt, followUp }: Pick<FollowedMissed, "missedAt" | "followUp">,
  { afterMs, hours, timeZone }: ReminderRules,
  now: number,
): boolean => {
  const isOpen = followUp.stands && followUp.state === "open" && followUp.underWayBy === null;
  if (!isOpen || !isWorking(hours, now, timeZone)) return false;
  const due = nextWorking(hours, missedAt + afterMs, timeZone);
  return due !== undefined && due <= now;
};

/** One call of which is reminded. */
export type Forgotten = {
  readonly phone: string;
  readonly missedAt: number;
};

export type ReminderReader = {
  readonly lang: Lang;
  readonly country: NumberPlan;
  readonly isMasked: boolean;
};

const MAX_LISTED = 10;

/** The reminder of one call or several, the longest forgotten first. @param now milliseconds since the epoch */
export const reminderText = (
  forgotten: readonly Forgotten[],
  reader: ReminderReader,
  now: number,
): CardText => {
  const texts = followTextsOf(reader.lang);
  const passed = ({ missedAt }: Forgotten): string => texts.span(Math.max(60_000, now - missedAt));
  const ordered = [...forgotten].sort((a, b) => a.missedAt - b.missedAt);
  const [first] = ordered;
  if (first === undefined) throw new Error("cannot remind of nothing");
  const lines = ordered.slice(0, MAX_LISTED).map((one) => {
    const number = `💰${customerNumber(one.phone, reader)}`;
    return ordered.length === 1 ? number : `${number} · ${passed(one)}`;
  });
  const rest = ordered.length - lines.length;
  if (rest > 0) lines.push(texts.more(rest));
  const pieces: Piece[] = [
    bold(`⏰ ${texts.reminder(ordered.length, passed(first))}`),
    ...lines.map((line) => `\n${line}`),
  ];
  return { pieces, plain: plainText(pieces) };
};
