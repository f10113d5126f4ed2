// Colour for people on a terminal, and nothing in what they read that the terminal would obey. Colours only add: what
// they tell stands in the words too.

import type { Output } from "../lib/output.ts";
import type { CliContext } from "./context.ts";

const CODES = {
  good: "32",
  bad: "31",
  warn: "33",
  live: "36",
  dim: "2",
  strong: "1",
} as const;
export type Style = keyof typeof CODES;

export type Paint = (style: Style, text: string) => string;

/** Colours for a terminal; none for a file or a pipe, with NO_COLOR set (no-color.org), or on a dumb terminal. */
export const paintFor = (output: Output, env: CliContext["env"]): Paint => {
  const isPlain = !output.isTTY || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return isPlain ? (_, text) => text : (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`;
};

/** Whether blocks and arrows can be shown: not where the locale is a narrower one. */
export const isUnicode = (env: CliContext["env"]): boolean => {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return locale === "" || /utf-?8/i.test(locale);
};
