// `calllog demo` as a visitor runs it: the links it prints open, and it stops when told to.

import { expect, it } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { spawnBinary } from "../support/binary.ts";
import { inTempDir } from "../support/temp-dir.ts";

it("plays its calls, prints links that open, and ends with 0 on SIGTERM", async () => {
  await inTempDir(async (cwd) => {
    const demo = spawnBinary(["demo", "--port", "0", "--webhook-port", "0", "--lang", "en"], {
      cwd,
    });
    try {
      let printed = "";
      const decoder = new TextDecoder();
      const reader = demo.stdout.getReader();
      while (!printed.includes("Ctrl-C")) {
        const { done, value } = await reader.read();
        if (done) break;
        printed += decoder.decode(value, { stream: true });
      }
      const links = printed.match(/http:\S+token=\S+/g) ?? [];
      // Eight calls, and the list of them.
      expect(links.length).toBe(9);
      const pages = await Promise.all(links.map((link) => fetch(link)));
      expect(pages.map((page) => page.status)).toEqual(links.map(() => 200));
      const headings = await Promise.all(
        pages.map(async (page) => (await page.text()).match(/<h1[^>]*>(.+?)<\/h1>/s)?.[1] ?? ""),
      );
      expect(links[0]).toContain("/calls/0367?");
      expect(headings[4]).toContain("151");
      expect(headings[4]).toContain("transfer");
      const documents = await Promise.all(links.map(async (link) => (await fetch(link)).text()));
      // Seven of the eight calls were answered, and recorded.
      expect(documents.filter((page) => page.includes("<audio")).length).toBe(7);
      expect(documents[0]?.match(/aria-label="There is a recording"/g)?.length).toBe(7);
      expect(printed).toContain("called back");
      expect(printed).toMatch(
        /The day in a message.*\n📊 Sample.*\n📥 \d in: \d answered, \d missed/,
      );
      expect(printed.match(/Successful|✅/g)?.length).toBeGreaterThanOrEqual(6);
      expect(existsSync(join(cwd, "calllog-demo/call_tracer/0367/events.log"))).toBe(true);
      expect(existsSync(join(cwd, "call_tracer"))).toBe(false);
    } finally {
      demo.kill("SIGTERM");
    }
    expect(await demo.exited).toBe(0);
    expect(await new Response(demo.stderr).text()).toBe("");
  });
}, 20_000);
