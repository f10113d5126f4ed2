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
/** Several of them (an hour before a transfer, an hour after it) are, together, where they dwarf the rest by far. */
const MAX_DOMINANCE_TOGETHER = 6;
const DWARFS = 20;
/** Stretches shorter than this are never shortened, in milliseconds. */
const ALWAYS_TRUE_MS = 45_000;

/** How long a stretch may be drawn, in milliseconds. */
const longestDrawn = (lengths: readonly number[]): number => {
  const sorted = lengths.toSorted((a, b) => b - a);
  const whole = sorted.reduce((sum, length) => sum + length, 0);
  const limitOne = MAX_DOMINANCE * (whole - (sorted[0] ?? 0));
  let rest = whole;
  const limits = sorted.map((length, index) => {
    rest -= length;
    const isDwarfing = index > 0 && rest > 0 && length > DWARFS * rest;
    return isDwarfing ? (MAX_DOMINANCE_TOGETHER * rest) / (index + 1) : limitOne;
  });
  return Math.max(ALWAYS_TRUE_MS, Math.min(...limits, limitOne));
};

/** Builds the scale from every moment at which something changed, in milliseconds since the epoch; at least one. */
export const timelineScale = (moments: readonly number[]): Scale => {
  const marks = [...new Set(moments)].sort((a, b) => a - b);
  const first = marks[0] ?? 0;
  const lengths = marks.slice(1).map((mark, index) => mark - (marks[index] as number));
  const longest = longestDrawn(lengths);
  const drawn = lengths.map((length) => Math.min(length, longest));
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
