// The console's forms in a real browser, of the compiled program: without JavaScript, by two operators, in two tabs, from
// another site, and past the end of a session.

import { expect, it } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { LINK_TTL_MS } from "../../src/console/store.ts";
import { runBinary } from "../support/binary.ts";
import { desk, phone } from "../support/browser.ts";
import { ENTERPRISE, inBrowser } from "./served.ts";

inBrowser("the console's forms", (world) => {
  const base = (): string => world().served.server.pagesUrl;
  const link = async (): Promise<string> => {
    const { cwd } = world().served;
    const { stdout } = await runBinary(["console", "--public-url", base()], { cwd });
    return stdout.split("\n", 1)[0] ?? "";
  };
  const begin = async (page: Page): Promise<void> => {
    await page.getByRole("button", { name: "Начать сеанс" }).click();
    await page.getByRole("button", { name: "Выйти" }).waitFor();
    await page.goto(`${base()}/console/enterprises/${ENTERPRISE.number}`);
  };
  const heading = (page: Page) => page.locator("h1").textContent();
  const stored = async (): Promise<{ readonly [name: string]: unknown }> => {
    const { cwd } = world().served;
    const { stdout } = await runBinary(["enterprise", "list", "--json"], { cwd });
    const rows = JSON.parse(stdout) as { readonly number: string }[];
    return { ...rows.find(({ number }) => number === ENTERPRISE.number) };
  };
  const audit = (): string =>
    readFileSync(join(world().served.cwd, "call_tracer/.audit.log"), "utf8");

  it("tell what is wrong beside its field, keep what was typed, and save without JavaScript", async () => {
    for (const [view, hours] of [
      [phone, "mon-fri 09:00-18:00"],
      [desk, "mon-sat 10:00-19:00"],
    ] as const) {
      await using visit = await world().browser.visit(await link(), { view, javaScript: false });
      const { page } = visit;
      await begin(page);
      await page.getByRole("link", { name: "Изменить", exact: true }).click();
      await page.getByLabel("Рабочие часы").fill("с девяти до шести");
      await page.getByLabel("Страна номеров").fill("BY");
      await page.getByRole("button", { name: "Сохранить" }).click();
      expect(await page.getByRole("alert").textContent()).toContain("Ничего не изменено");
      expect(await page.locator("#hours-error").textContent()).toContain("Нужны дни и часы");
      expect(await page.getByLabel("Рабочие часы").inputValue()).toBe("с девяти до шести");
      expect(await page.getByLabel("Страна номеров").inputValue()).toBe("BY");
      const isWide = await page
        .locator("html")
        .evaluate((html) => html.scrollWidth > html.clientWidth);
      expect(isWide).toBe(false);
      await page.getByLabel("Рабочие часы").fill(hours);
      await page.getByRole("button", { name: "Сохранить" }).click();
      expect(await heading(page)).toBe("Пример");
      expect(await stored()).toMatchObject({ hours, country: "BY" });
      expect(visit.problems.filter((problem) => !problem.includes("422"))).toEqual([]);
    }
  }, 60_000);

  it("show a secret once, and never a token", async () => {
    await using visit = await world().browser.visit(await link(), { javaScript: false });
    const { page } = visit;
    await begin(page);
    await page.getByRole("link", { name: "Добавить программу" }).click();
    await page.getByLabel("Адрес").fill("https://crm.example/calls?key=invented-key");
    await page.getByRole("button", { name: "Добавить" }).click();
    const secret = (await page.locator(".shown-once").textContent()) ?? "";
    expect(secret).toMatch(/^whsec_/);
    await page.getByRole("link", { name: "Назад к предприятию" }).click();
    expect(await page.content()).not.toContain(secret);
    expect(await page.content()).toContain("https://crm.example/…");
    await page.getByRole("link", { name: "Сменить бота" }).click();
    await page.getByLabel("Новый токен").fill("не токен");
    await page.getByRole("button", { name: "Сохранить токен" }).click();
    expect(await page.locator("#token-error").textContent()).toContain("Это не токен бота");
    expect(await page.getByLabel("Новый токен").inputValue()).toBe("");
    expect(audit()).toContain('"what":"hook-add"');
    for (const hidden of [secret, "invented-key"]) expect(audit()).not.toContain(hidden);
  }, 30_000);

  it("of two operators keep what each changed, and ask about what both did", async () => {
    const { browser } = world();
    await using anna = await browser.visit(await link());
    await using boris = await browser.visit(await link());
    for (const { page } of [anna, boris]) {
      await begin(page);
      await page.getByRole("link", { name: "Изменить", exact: true }).click();
    }
    await anna.page.getByLabel("Название").fill("Первое");
    await anna.page.getByRole("button", { name: "Сохранить" }).click();
    expect(await heading(anna.page)).toBe("Первое");
    await boris.page.getByLabel("Название").fill("Второе");
    await boris.page.getByLabel("Напоминать").fill("20m");
    await boris.page.getByRole("button", { name: "Сохранить" }).click();
    expect(await boris.page.locator("#name-error").textContent()).toContain("«Первое»");
    expect(await stored()).toMatchObject({ name: "Первое", remindAfter: null });
    await boris.page.getByLabel("Название").fill("Первое");
    await boris.page.getByRole("button", { name: "Сохранить" }).click();
    expect(await stored()).toMatchObject({ name: "Первое", remindAfter: "20m" });
  }, 30_000);

  it("do nothing in a second tab of a session that is over, nor by a link that was used", async () => {
    const used = await link();
    await using visit = await world().browser.visit(used);
    const { page } = visit;
    await begin(page);
    const second = await page.context().newPage();
    await second.goto(`${base()}/console/enterprises/${ENTERPRISE.number}/edit`);
    await second.getByLabel("Название").fill("Из второй вкладки");
    await page.getByRole("button", { name: "Выйти" }).click();
    await second.getByRole("button", { name: "Сохранить" }).click();
    expect(await heading(second)).toBe("Пульт закрыт");
    await second.goto(used);
    expect(await heading(second)).toBe("Эта ссылка больше не действует");
    expect(await stored()).not.toMatchObject({ name: "Из второй вкладки" });
  }, 30_000);

  it("are reached by no link whose five minutes are over, opened before or after", async () => {
    const { cwd } = world().served;
    /** As it stands five minutes later. */
    const age = (address: string): void => {
      const code = new URL(address).searchParams.get("code") ?? "";
      const name = `${createHash("sha256").update(code).digest("hex")}.link`;
      const path = join(cwd, "call_tracer/.console", name);
      const pass = JSON.parse(readFileSync(path, "utf8")) as { readonly expiresAt: number };
      writeFileSync(path, JSON.stringify({ ...pass, expiresAt: pass.expiresAt - LINK_TTL_MS }));
    };
    const opened = await link();
    await using visit = await world().browser.visit(opened);
    const { page } = visit;
    age(opened);
    await page.getByRole("button", { name: "Начать сеанс" }).click();
    expect(await heading(page)).toBe("Эта ссылка больше не действует");
    const late = await link();
    age(late);
    await page.goto(late);
    expect(await heading(page)).toBe("Эта ссылка больше не действует");
    expect(await page.getByRole("button", { name: "Начать сеанс" }).count()).toBe(0);
    await page.goto(`${base()}/console`);
    expect(await heading(page)).toBe("Пульт закрыт");
  }, 30_000);

  it("are not taken from another site, though the browser sends the cookie along", async () => {
    await using visit = await world().browser.visit(await link());
    const { page } = visit;
    await begin(page);
    const action = `${base()}/console/enterprises/${ENTERPRISE.number}/off`;
    // The same host on another port is the same site to the browser (RFC 6265bis): the cookie goes along.
    await using evil = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () =>
        new Response(`<form method="post" action="${action}"><button>win</button></form>`, {
          headers: { "content-type": "text/html" },
        }),
    });
    await page.goto(`http://127.0.0.1:${evil.port}/`);
    const sent = page.waitForRequest((request) => request.method() === "POST");
    await page.getByRole("button", { name: "win" }).click();
    expect((await (await sent).allHeaders())["cookie"]).toContain("calllog_console=");
    expect(await heading(page)).toBe("Ничего не изменено");
    expect(await stored()).toMatchObject({ active: true });
  }, 30_000);

  it("tell which events were refused, and what came broken", async () => {
    const { server } = world().served;
    const post = (body: string): Promise<Response> =>
      fetch(`${server.webhooksUrl}/start`, { method: "POST", body });
    const token = ENTERPRISE.webhookToken;
    expect((await post(JSON.stringify({ Token: token, UniqueId: "../x" }))).status).toBe(400);
    expect((await post(JSON.stringify({ Token: "nobody", UniqueId: "1.1" }))).status).toBe(401);
    const broken = `{"Token":"${token}","UniqueId":"1764493655.5","CallerIDName":"ООО "Ромашка""}`;
    expect((await post(broken)).status).toBe(200);
    await using visit = await world().browser.visit(await link());
    const { page } = visit;
    await begin(page);
    await page.getByRole("link", { name: "Отказы и битые события" }).click();
    const text = (await page.locator("main").textContent()) ?? "";
    for (const part of ["нет UniqueId", "127.0.0.1", 'ООО "Ромашка"']) expect(text).toContain(part);
    expect(text).not.toContain(token);
    await page.getByRole("link", { name: "Предприятия" }).click();
    expect(await page.locator("main").textContent()).toContain("события отклоняются");
    await page.getByRole("link", { name: "Состояние" }).click();
    expect(await page.locator("main").textContent()).toContain("неизвестно чьи");
    await page.getByRole("button", { name: /Проверить всё/ }).click();
    expect(await page.locator("main").textContent()).toContain("Все проверки");
  }, 90_000);
});
