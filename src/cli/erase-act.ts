// The act of an erasure: a file for programs and a page to be printed and signed. Neither holds the number.

import type { Lang } from "../domain/lang.ts";
import { actTextsOf } from "../texts/index.ts";

export type EraseAct = {
  readonly enterprise: string;
  /** With its middle hidden. */
  readonly subscriber: string;
  readonly mark: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly calls: number;
  readonly lines: number;
  readonly linesInAll: number;
  readonly linesChanged: number;
  readonly days: readonly { readonly name: string; readonly where: "here" | "archive" }[];
  readonly cards: { readonly deleted: number; readonly edited: number; readonly failed: number };
  readonly archive: string | null;
  /** Days that could not be written anew, or not put into the archive, and why. */
  readonly failed: readonly {
    readonly name: string;
    readonly where: "here" | "archive";
    readonly why: string;
  }[];
  /** Older versions in the archive: how many were removed, of which days some may be left, and why. */
  readonly versions: {
    readonly removed: number;
    readonly left: readonly { readonly name: string; readonly why: string }[];
  };
  /** The command that does what can be done without the number; null where nothing is left. */
  readonly finish: string | null;
};

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

const namesOf = (days: readonly { readonly name: string }[]): string =>
  days.map(({ name }) => name).join(", ");

/** The page, in that language. */
export const actPage = (act: EraseAct, lang: Lang): string => {
  const texts = actTextsOf(lang);
  const archived = act.days.filter(({ where }) => where === "archive").length;
  const facts: readonly (readonly [name: string, value: string])[] = [
    [texts.enterprise, act.enterprise],
    [texts.subscriber, act.subscriber],
    [texts.mark, act.mark],
    [texts.at, act.at],
    [texts.by, act.by],
    [texts.reason, act.reason],
  ];
  const left = [
    ...(act.cards.failed > 0 ? [texts.leftCards(act.cards.failed)] : []),
    ...(act.failed.length === 0 ? [] : [texts.leftDays(namesOf(act.failed))]),
    ...(act.archive === null || act.versions.left.length === 0
      ? []
      : [texts.leftVersions(act.archive, namesOf(act.versions.left), act.finish ?? "")]),
    texts.leftCopies,
    texts.leftRecordings,
  ];
  const rows = facts.map(
    ([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  );
  const told = [
    texts.found(act.calls, act.lines, act.linesInAll),
    texts.changed(act.linesChanged, act.days.length, archived),
    ...(act.versions.removed === 0 ? [] : [texts.versions(act.versions.removed)]),
    texts.cards(act.cards.deleted, act.cards.edited, act.cards.failed),
  ].map((line) => `<p>${escaped(line)}</p>`);
  return `<!doctype html>
<html lang="${lang}">
<meta charset="utf-8">
<title>${escaped(texts.title)}</title>
<style>body{font:12pt/1.5 serif;max-width:42em;margin:2em auto}th{text-align:left;padding-right:2em;vertical-align:top}</style>
<h1>${escaped(texts.title)}</h1>
<table>${rows.join("")}</table>
${told.join("\n")}
<h2>${escaped(texts.left)}</h2>
<ul>${left.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul>
<p>${escaped(texts.signature)}: ______________________</p>
</html>
`;
};
