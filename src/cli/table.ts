// Lists as text columns for people. What comes from a database is shown on one line, with nothing that a terminal would
// obey.

import { printable } from "../lib/printable.ts";

/** Columns under their headings, two spaces apart; widths count what a terminal shows. Ends with a line break. */
export const textTable = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string => {
  const lines = [headings, ...rows].map((row) => row.map((cell) => printable(cell)));
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => Bun.stringWidth(line[column] ?? ""))),
  );
  const padded = (text: string, column: number): string =>
    text + " ".repeat((widths[column] ?? 0) - Bun.stringWidth(text));
  return lines.map((line) => `${line.map(padded).join("  ").trimEnd()}\n`).join("");
};
