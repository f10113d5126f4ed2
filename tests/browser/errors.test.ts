// What readers see instead of a page: readable, in the same style, on every screen.

import { Database } from "bun:sqlite";
import { expect, it } from "bun:test";
import { join } from "node:path";
import { findA11yProblems } from "./axe.ts";
import { expectFaultless } from "./look.ts";
import { ENTERPRISE, inBrowser } from "./served.ts";

const { number, secret } = ENTERPRISE;

inBrowser("an error", (world) => {
  const pages: readonly (readonly [what: string, status: number, path: string])[] = [
    ["a malformed id", 400, `/call/${number}/%00?token=${secret}`],
    ["a wrong token", 403, `/call/${number}/1764493655.61?token=wrong`],
    ["a call that never was", 404, `/call/${number}/1764493655.61?token=${secret}`],
    ["an address that leads nowhere", 404, "/nowhere"],
  ];
  const expectReadable = async (path: string, status: number): Promise<void> => {
    const { served, browser } = world();
    const url = `${served.server.pagesUrl}${path}`;
    await expectFaultless(browser, { url, status });
    expect(await findA11yProblems(browser, url)).toEqual([]);
    await using visit = await browser.visit(url);
    expect(await visit.page.locator("h1").textContent()).toMatch(/[а-я]{5}/i);
  };

  for (const [what, status, path] of pages) {
    it(`is a readable page for ${what}: ${status}`, () => expectReadable(path, status));
  }

  it("is a readable page where the directory does not answer: 503", async () => {
    const directory = new Database(join(world().served.cwd, "calllog.sqlite"));
    try {
      directory.run("ALTER TABLE enterprises RENAME TO elsewhere");
      // Not an enterprise that is remembered: those go on.
      await expectReadable(`/call/9999/1764493655.61?token=${secret}`, 503);
    } finally {
      directory.run("ALTER TABLE elsewhere RENAME TO enterprises");
      directory.close();
    }
  });

  it("is a readable page for who guesses: 429", async () => {
    const path = `/call/${number}/1764493655.62?token=guess`;
    await Promise.all(
      Array.from({ length: 25 }, () => fetch(`${world().served.server.pagesUrl}${path}`)),
    );
    await expectReadable(path, 429);
  });
});
