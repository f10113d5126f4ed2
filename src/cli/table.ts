// Lists for people as text columns, for programs as JSON. What comes from a database is shown on one line, with nothing that a terminal would
// obey.

import type { Output } from "../lib/output.ts";
import { printable } from "../lib/printable.ts";
import type { CommandArgs, CommandOption } from "./command.ts";

/** `1 day`, `2 days`. */
export const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

export const JSON_FLAG: CommandOption = { flag: "json", text: "Print JSON instead of text." };

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

export type Listing<T> = {
  readonly rows: readonly T[];
  /** A row as programs read it. */
  readonly json: (row: T) => unknown;
  readonly headings: readonly string[];
  readonly cells: (row: T) => readonly string[];
  /** Said where there are no rows: what to do about it. */
  readonly none: string;
};

/** Prints a list as `--json` wants it. */
export const printList = <T>(
  stdout: Output,
  args: Pick<CommandArgs, "has">,
  { rows, json, headings, cells, none }: Listing<T>,
): void => {
  if (args.has(JSON_FLAG.flag)) stdout.write(`${JSON.stringify(rows.map(json), null, 2)}\n`);
  else stdout.write(rows.length === 0 ? `${none}\n` : textTable(headings, rows.map(cells)));
};
