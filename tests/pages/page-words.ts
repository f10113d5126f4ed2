// What a reader gets from a piece of a page: its words, one block a line, with where its links lead and what its drawings say
// to whoever cannot see them. Markup and style are left out, so that a change of looks changes no test of words.

import type { CallPageParts } from "../../views/call-page.tsx";

/** Elements that begin a line of their own. */
const BLOCKS = new Set(
  "article caption dd details div dl dt figcaption figure footer form g h1 h2 h3 header label li nav ol option p pre section summary svg table tbody td th thead title tr ul".split(
    " ",
  ),
);

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#34": '"',
  "#39": "'",
};

const decoded = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|#34|#39);/g, (_, name: string) => ENTITIES[name] ?? "");

/** What an element says beside its text: its name for those who listen, and where it leads. */
const saidBy = (element: HTMLRewriterTypes.Element): string => {
  const label = element.getAttribute("aria-label");
  const href = element.getAttribute("href");
  return `${label === null ? "" : `[${decoded(label)}] `}${href === null ? "" : `<${decoded(href)}> `}`;
};

/** The words of a piece of markup. */
export const wordsOf = (html: string): string => {
  let words = "";
  new HTMLRewriter()
    .on("*", {
      element: (element) => {
        const isBlock = BLOCKS.has(element.tagName);
        words += (isBlock ? "\n" : "") + saidBy(element);
        if (!isBlock) return;
        element.onEndTag(() => {
          words += "\n";
        });
      },
    })
    .onDocument({
      text: ({ text }) => {
        words += decoded(text);
      },
    })
    .transform(html);
  return words
    .split("\n")
    .map((line) => line.replaceAll(/[ \t]+/g, " ").trim())
    .filter((line) => line !== "")
    .join("\n");
};

/** A whole page as text, part by part. */
export const pageWords = (parts: CallPageParts): string =>
  [
    `# ${parts.title} | ${parts.status}`,
    ...parts.sections
      .filter(({ html }) => html !== "")
      .map(({ id, html }) => `## ${id}\n${wordsOf(html)}`),
    `## ${parts.recordsTitle}`,
    ...parts.records.map(({ id, html }) => `### ${id}\n${wordsOf(html)}`),
    `## footer\n${parts.footer}`,
    "",
  ].join("\n");
