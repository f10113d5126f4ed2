// axe-core on one of our pages. It adds itself to the page, which the page's policy forbids: so it has a visit of its
// own, past the policy, and what it sees is the same markup.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AxeResults, RunOptions } from "axe-core";
import { type OpenBrowser, type VisitOptions, views } from "../support/browser.ts";

const axeSource = readFileSync(
  join(import.meta.dir, "../../node_modules/axe-core/axe.min.js"),
  "utf8",
);

const ON_SCREEN: RunOptions = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
};

/** Paper has no targets. */
const ON_PAPER: RunOptions = { ...ON_SCREEN, rules: { "target-size": { enabled: false } } };

type WithAxe = { readonly axe: { run(options: RunOptions): Promise<AxeResults> } };

/** A rule a line, with the first element that breaks it. */
const shorten = ({ violations }: AxeResults): string[] =>
  violations.map(({ id, nodes }) => {
    const why = nodes[0]?.failureSummary?.split("\n")[1]?.trim() ?? "";
    return `${id}, ${nodes.length} times: ${nodes[0]?.html.slice(0, 160)} (${why})`;
  });

/** Each width and each theme once: widths move things, themes colour them, and neither does the other's work. */
const CORNERS = views.filter(({ name }) => name === "phone, dark" || name === "desk, light");

export type A11yOptions = Pick<VisitOptions, "locale"> & {
  /** All four views, not two of them. */
  readonly everyView?: boolean;
};

/**
 * The violations of a page on a phone, on a desk and on paper, as `view: rule, how often: an element (what is wrong)`. One
 * visit sees them all: sizes and themes change under the page, as they do under a reader who turns the phone.
 */
export const findA11yProblems = async (
  browser: OpenBrowser,
  url: string,
  { everyView = false, ...options }: A11yOptions = {},
): Promise<string[]> => {
  await using visit = await browser.visit(url, { ...options, bypassPolicy: true });
  const { page } = visit;
  // What is folded away is read as well, once it is opened.
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  await page.evaluate(axeSource);
  const problems: string[] = [];
  const judge = async (name: string, rules = ON_SCREEN): Promise<void> => {
    const results = await page.evaluate(
      (runOptions) => (globalThis as unknown as WithAxe).axe.run(runOptions),
      rules,
    );
    problems.push(...shorten(results).map((problem) => `${name}: ${problem}`));
  };
  for (const { name, width, height, theme } of everyView ? views : CORNERS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme });
    await judge(name);
  }
  // Paper is white, whatever the reader's theme.
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await judge("print, dark", ON_PAPER);
  return problems;
};
