// The operator's console in a real browser, of the compiled program: a session begun by the button, without JavaScript, on a
// phone and a desk, for axe and for the policy.

import { expect, it } from "bun:test";
import { join } from "node:path";
import { openHooks } from "../../src/hooks/index.ts";
import { runBinary } from "../support/binary.ts";
import { desk, phone } from "../support/browser.ts";
import { findA11yProblems } from "./axe.ts";
import { ENTERPRISE, inBrowser, playHostile } from "./served.ts";

inBrowser("the console", (world) => {
  /** A link of `calllog console`, to the listener that runs. */
  const link = async (): Promise<string> => {
    const { cwd, server } = world().served;
    const { code, stdout, stderr } = await runBinary(["console", "--public-url", server.pagesUrl], {
      cwd,
    });
    expect([code, stderr]).toEqual([0, ""]);
    return stdout.split("\n", 1)[0] ?? "";
  };

  it("is begun, used and left without JavaScript, and nothing is stopped by its policy", async () => {
    const { browser, served } = world();
    await playHostile(served, "1764493655.77");
    for (const view of [phone, desk]) {
      await using visit = await browser.visit(await link(), { view, javaScript: false });
      const { page } = visit;
      await page.getByRole("button", { name: "Начать сеанс" }).click();
      expect(new URL(page.url()).pathname).toBe("/console");
      await page.getByRole("link", { name: "Пример", exact: true }).click();
      expect(await page.locator("h1").textContent()).toBe("Пример");
      await page.getByRole("link", { name: "Убрать: Павел Жук" }).click();
      expect(await page.locator("h1").textContent()).toBe("Убрать Павел Жук?");
      await page.getByRole("link", { name: "Отмена" }).click();
      await page.getByRole("link", { name: "Поиск номера" }).click();
      await page.getByLabel("Номер или его часть").fill("29 666");
      await page.keyboard.press("Enter");
      expect(await page.locator("h2").textContent()).toContain("Найдено звонков");
      const isWide = await page
        .locator("html")
        .evaluate((html) => html.scrollWidth > html.clientWidth);
      expect(isWide).toBe(false);
      await page.getByRole("button", { name: "Выйти" }).click();
      expect(await page.locator("h1").textContent()).toBe("Пульт закрыт");
      expect(visit.problems.filter((problem) => !problem.includes("403"))).toEqual([]);
    }
  }, 60_000);

  it("has pages without a fault for axe", async () => {
    const { browser, served } = world();
    const base = served.server.pagesUrl;
    expect(await findA11yProblems(browser, await link())).toEqual([]);
    expect(await findA11yProblems(browser, `${base}/console`)).toEqual([]);
    const begun = await fetch(`${base}/console/begin`, {
      method: "POST",
      redirect: "manual",
      headers: { origin: base },
      body: new URLSearchParams({ code: (await link()).split("code=")[1] ?? "" }),
    });
    const cookie = (begun.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
    const begunPage = await (await fetch(`${base}/console`, { headers: { cookie } })).text();
    const token = /name="form_token" value="([^"]+)"/.exec(begunPage)?.[1] ?? "";
    const hook = openHooks(join(served.cwd, "call_tracer"), { now: () => 0 });
    const { id } = hook.add(ENTERPRISE.number, "https://crm.example/calls");
    // What the browser is shown is what the session is shown, without its cookie in the browser.
    await using proxy = Object.assign(
      Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        fetch: (request) => {
          const { pathname, search, searchParams } = new URL(request.url);
          const typed = searchParams.get("typed");
          const language = request.headers.get("accept-language") ?? "";
          const headers = { cookie, origin: base, "accept-language": language };
          return fetch(`${base}${pathname}${search}`, {
            headers,
            ...(typed === null
              ? {}
              : { method: "POST", body: new URLSearchParams(`${typed}&form_token=${token}`) }),
          });
        },
      }),
    );
    for (const path of [
      "",
      `/enterprises/${ENTERPRISE.number}`,
      `/enterprises/${ENTERPRISE.number}/rotate`,
      ...["edit", "bot", "unbot", "add", "hook", "faults", "person?chat=101"].map(
        (act) => `/enterprises/${ENTERPRISE.number}/${act}`,
      ),
      `/enterprises/${ENTERPRISE.number}/rehook?hook=${id}`,
      `/enterprises/${ENTERPRISE.number}/edit?typed=${encodeURIComponent("hours=x&was_hours=&country=q")}`,
      "/health?typed=",
      "/search?number=2966",
      "/search?number=1",
      "/health",
    ]) {
      const url = `http://127.0.0.1:${proxy.port}/console${path}`;
      expect([path, (await fetch(url)).status]).toEqual([
        path,
        path.includes("typed=hours") ? 422 : 200,
      ]);
      expect([path, await findA11yProblems(browser, url)]).toEqual([path, []]);
    }
  }, 120_000);
});
