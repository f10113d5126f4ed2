// Which recording belongs to which dialog of a vCon. Pure.

import type { Vcon, VconContent, VconDialog } from "./vcon.ts";

/** A recording as a vCon tells it. */
export type HeardRecording = VconContent & {
  /** When its sound begins, in milliseconds since the epoch; null where that cannot be told. */
  readonly startedAt: number | null;
  /** How long it is; null where it does not say. */
  readonly seconds: number | null;
};

type Talk = Extract<VconDialog, { type: "recording" | "incomplete" }>;

/** How long both sound at the same time, in milliseconds; what has no times is nowhere. */
const overlapOf = ({ start, duration }: Talk, { startedAt, seconds }: HeardRecording): number => {
  if (startedAt === null) return 0;
  const from = Date.parse(start);
  const to = duration === undefined ? Number.POSITIVE_INFINITY : from + duration * 1000;
  const end = seconds === null ? Number.POSITIVE_INFINITY : startedAt + seconds * 1000;
  return Math.max(0, Math.min(to, end) - Math.max(from, startedAt));
};

const contentOf = ({ url, mediatype, filename, content_hash }: HeardRecording): VconContent => ({
  url,
  mediatype,
  filename,
  content_hash,
});

/** The talk that a recording is of: the one of those without any that it shares most time with, else the first of them. */
const talkOf = (dialog: readonly VconDialog[], recording: HeardRecording): number | undefined => {
  const free = dialog.flatMap((one, at) =>
    one.type === "recording" && one.url === undefined
      ? [{ at, overlap: overlapOf(one, recording) }]
      : [],
  );
  return free.sort((a, b) => b.overlap - a.overlap || a.at - b.at)[0]?.at;
};

/**
 * The vCon with its recordings: each in the dialog of a talk, or, where there are more recordings than talks, in a dialog of
 * its own at the end, so that indices of dialogs stay.
 */
export const withRecordings = (vcon: Vcon, recordings: readonly HeardRecording[]): Vcon => {
  const dialog = [...vcon.dialog];
  const { parties, created_at } = vcon;
  if (parties.length === 0) return vcon;
  for (const recording of recordings) {
    const at = talkOf(dialog, recording);
    const talk = at === undefined ? undefined : dialog[at];
    if (at !== undefined && talk?.type === "recording") {
      dialog[at] = { ...talk, ...contentOf(recording) };
    } else {
      const { startedAt, seconds } = recording;
      dialog.push({
        type: "recording",
        start: startedAt === null ? created_at : new Date(startedAt).toISOString(),
        ...(seconds === null ? {} : { duration: seconds }),
        parties: parties.map((_, party) => party),
        ...contentOf(recording),
      });
    }
  }
  return { ...vcon, dialog };
};
