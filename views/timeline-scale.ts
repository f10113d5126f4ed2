// Where a moment lies on the drawing, in percent of its width. A call of two hours must still show its five seconds of
// ringing, so a stretch in which nothing changes and that dwarfs the rest is drawn shorter, and marked so.

export type Scale = {
  /** 0 to 100. */
  readonly at: (ms: number) => number;
  /** Middles of the shortened stretches, in percent. */
  readonly breaks: readonly number[];
};

/** A quiet stretch is drawn at most this many times as long as everything else together. */
const MAX_DOMINANCE = 2;
/** Stretches shorter than this are never shortened, in milliseconds. */
const ALWAYS_TRUE_MS = 10_000;

/** Builds the scale from every moment at which something changed, in milliseconds since the epoch; at least one. */
export const timelineScale = (moments: readonly number[]): Scale => {
  const marks = [...new Set(moments)].sort((a, b) => a - b);
  const first = marks[0] ?? 0;
  const lengths = marks.slice(1).map((mark, index) => mark - (marks[index] as number));
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const drawn = lengths.map((length) =>
    Math.min(length, Math.max(ALWAYS_TRUE_MS, MAX_DOMINANCE * (whole - length))),
  );
  const total = drawn.reduce((sum, length) => sum + length, 0);
  if (total === 0) return { at: () => 0, breaks: [] };

  const starts: number[] = [];
  drawn.reduce((sum, length, index) => {
    starts[index] = sum;
    return sum + length;
  }, 0);
  const percent = (length: number): number => (length / total) * 100;
  const at = (ms: number): number => {
    if (ms <= first) return 0;
    const index = marks.findIndex((mark) => mark >= ms) - 1;
    if (index < 0) return 100;
    const share = (ms - (marks[index] as number)) / (lengths[index] as number);
    return percent((starts[index] as number) + share * (drawn[index] as number));
  };
  const breaks = lengths.flatMap((length, index) =>
    (drawn[index] as number) < length
      ? [percent((starts[index] as number) + (drawn[index] as number) / 2)]
      : [],
  );
  return { at, breaks };
};
