// Pages of calls, compared with those in the repository: the words of every part, and three pages whole. When one changes on purpose:
// `UPDATE_GOLDEN=1 bun test tests/pages`, then read the diff.

import { describe, expect, it } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { callPageParts } from "../../views/call-page.tsx";
import { GOLDEN, pageOf, readable, scenarioNames, viewOf } from "./golden-call.ts";
import { pageWords } from "./page-words.ts";

const isUpdate = process.env["UPDATE_GOLDEN"] === "1";
const MAX_PAGE_BYTES = 30 * 1024;

/** Pages that are kept whole, markup and all; of the others the words, part by part. */
const WHOLE = [
  ["attended-transfer", "ru"],
  ["missed-ring-group", "en"],
  ["hostile", "en"],
] as const;

const compare = (file: string, now: string): void => {
  if (isUpdate) writeFileSync(file, now);
  const then = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (now === then) return;
  const [lines, before] = [now.split("\n"), then.split("\n")];
  const at = lines.findIndex((line, index) => line !== before[index]);
  throw new Error(
    [
      `${file}, line ${at + 1}, is not what it was.`,
      `was: ${before[at] ?? "(no such line)"}`,
      `now: ${lines[at] ?? "(no such line)"}`,
      "Where that is wanted: UPDATE_GOLDEN=1 bun test tests/pages, then read the diff.",
    ].join("\n"),
  );
};

describe("the page of a call", () => {
  for (const name of scenarioNames) {
    for (const lang of ["ru", "en"] as const) {
      it(`${name}, ${lang}: says what it said`, async () => {
        const parts = callPageParts(await viewOf(name, lang));
        compare(join(GOLDEN, name, `${lang}.txt`), pageWords(parts));
      });
    }
  }

  for (const [name, lang] of WHOLE) {
    it(`${name}, ${lang}: is what it was`, async () => {
      compare(join(GOLDEN, name, `${lang}.html`), readable(pageOf(await viewOf(name, lang))));
    });
  }
});

describe("every page of a call", () => {
  const pages = scenarioNames.flatMap((name) =>
    (["ru", "en"] as const).map((lang) => ({ name, lang })),
  );
  const each = async (check: (page: string, name: string) => void): Promise<void> => {
    for (const { name, lang } of pages) check(pageOf(await viewOf(name, lang)), `${name} ${lang}`);
  };

  it("weighs at most 30 KB gzipped, with its style sheet", async () => {
    await each((page, name) => {
      expect(`${name} ${gzipSync(page).length <= MAX_PAGE_BYTES}`).toBe(`${name} true`);
    });
    const transfer = await viewOf("attended-transfer", "ru");
    const events = transfer.assembled.records.filter(({ kind }) => kind === "AST");
    expect(events.length).toBe(45);
  });

  it("has every id once, and no link to a row that is not there", async () => {
    await each((page, name) => {
      const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
      expect([name, ids.length]).toEqual([name, new Set(ids).size]);
      const targets = [...page.matchAll(/ href="#([^"]*)"/g)].map((match) => match[1]);
      expect([name, targets.filter((target) => !ids.includes(target))]).toEqual([name, []]);
    });
  });

  it("links to telephones and its own rows alone", async () => {
    await each((page) => {
      for (const [, href] of page.matchAll(/ href="([^"]*)"/g)) {
        expect(href).toMatch(/^(tel:\+?\d{7,15}|#record-\d+)$/);
      }
    });
  });

  it("names a record's row by its place, so that the rows of a growing call stay", async () => {
    const page = pageOf(await viewOf("attended-transfer", "ru"));
    const rows = [...page.matchAll(/<li id="(record-\d+)"/g)].map((match) => match[1]);
    expect(rows).toEqual(Array.from({ length: 64 }, (_, index) => `record-${index + 1}`));
  });

  it("holds what outsiders wrote as text", async () => {
    const page = pageOf(await viewOf("hostile", "en"));
    // Between the quotes of an attribute these are text, too.
    const markup = page.replace(/="[^"]*"/g, '=""');
    expect(markup.match(/<(script|img|svg\/|b>x|b>жирный)[^>]*>/g)).toBeNull();
    for (let part = 1; part <= 11; part++)
      expect([part, page.includes(`alert(${part})`)]).toEqual([part, true]);
    for (const secret of ["375290000001", "geheim", "AAbbCC"])
      expect([secret, page.includes(secret)]).toEqual([secret, false]);
  });
});
