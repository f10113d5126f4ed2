// Who gets into the console, over real HTTP: what a link opens, what ends a session, and what others try.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { enterprise, openConsole, SECRET } from "./testing.ts";

type World = Awaited<ReturnType<typeof openConsole>>;
let world: World;

beforeEach(async () => {
  world = await openConsole();
});
afterEach(() => world.close());

describe("a link", () => {
  it("is not used up by looking at it, and opens the console by a button", async () => {
    const code = world.store.createLink("anna");
    for (let look = 0; look < 3; look++) {
      const page = await world.get(`/console?code=${code}`);
      expect([page.status, page.headers.get("set-cookie")]).toEqual([200, null]);
      expect(await page.text()).toContain(`value="${code}"`);
    }
    const begun = await world.send("/console/begin", { code });
    expect([begun.status, begun.headers.get("location")]).toEqual([303, "/console"]);
    expect(begun.headers.get("set-cookie")).toMatch(
      /^calllog_console=[0-9a-f]{32}; Path=\/console; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
  });

  it("opens it once: of many who press at the same time one is in", async () => {
    const code = world.store.createLink("anna");
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.send("/console/begin", { code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(7).fill(403)]);
    expect((await world.get(`/console?code=${code}`)).status).toBe(403);
  });

  it("works for five minutes", async () => {
    const code = world.store.createLink("anna");
    world.wait(300_000 - 1);
    expect((await world.get(`/console?code=${code}`)).status).toBe(200);
    world.wait(1);
    expect((await world.get(`/console?code=${code}`)).status).toBe(403);
    expect((await world.send("/console/begin", { code })).status).toBe(403);
  });

  it.each(["", "0".repeat(32), "../../etc/passwd", "A".repeat(32)])("is not %p", async (code) => {
    world.store.createLink("anna");
    expect((await world.get(`/console?code=${encodeURIComponent(code)}`)).status).toBe(403);
    expect((await world.send("/console/begin", { code })).status).toBe(403);
  });
});

describe("a session", () => {
  it("is not there without a link, and nothing is told", async () => {
    await world.directory.addEnterprise(enterprise({ number: "0367", name: "ООО Ромашка" }));
    const answer = await world.get("/console");
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain("Ромашка");
  });

  it("lasts 12 hours", async () => {
    const { cookie } = await world.begin();
    world.wait(12 * 3_600_000 - 1);
    expect((await world.get("/console", { cookie })).status).toBe(200);
    world.wait(1);
    expect((await world.get("/console", { cookie })).status).toBe(403);
  });

  it("is a new one, whatever the browser brought (session fixation)", async () => {
    const known = "calllog_console=0123456789abcdef0123456789abcdef";
    const answer = await world.send(
      "/console/begin",
      { code: world.store.createLink("anna") },
      { cookie: known },
    );
    expect(answer.headers.get("set-cookie")).not.toContain(known);
    expect((await world.get("/console", { cookie: known })).status).toBe(403);
  });

  it("ends with the button, in every tab, and leaves the other operator's", async () => {
    const [anna, boris] = [await world.begin("anna"), await world.begin("boris")];
    expect(anna.token).not.toBe(boris.token);
    expect(boris.page).toContain("boris");
    const second = await world.get("/console", { cookie: anna.cookie });
    expect(second.status).toBe(200);
    const end = await world.send(
      "/console/end",
      { form_token: anna.token },
      { cookie: anna.cookie },
    );
    expect([end.status, end.headers.get("set-cookie")]).toEqual([
      303,
      "calllog_console=; Path=/console; Max-Age=0; HttpOnly; SameSite=Strict",
    ]);
    expect((await world.get("/console", { cookie: anna.cookie })).status).toBe(403);
    expect((await world.get("/console", { cookie: boris.cookie })).status).toBe(200);
    expect(world.audit().map(({ who, from, what }) => `${who} ${from} ${what}`)).toEqual([
      "anna 127.0.0.1 console-begin",
      "boris 127.0.0.1 console-begin",
      "anna 127.0.0.1 console-end",
    ]);
  });

  it("is ended from the command line with all others, links too", async () => {
    const { cookie } = await world.begin();
    const code = world.store.createLink("anna");
    expect(world.store.endAll()).toBe(1);
    expect((await world.get("/console", { cookie })).status).toBe(403);
    expect((await world.get(`/console?code=${code}`)).status).toBe(403);
  });

  it("is kept so that nobody can take it from the folder", async () => {
    const { cookie } = await world.begin();
    const code = world.store.createLink("anna");
    const folder = join(world.dataDir, ".console");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      const text = name + readFileSync(join(folder, name), "utf8");
      for (const secret of [cookie.split("=")[1] ?? "?", code]) expect(text).not.toContain(secret);
    }
    expect(statSync(join(world.dataDir, ".audit.log")).mode & 0o777).toBe(0o600);
  });
});

describe("a form", () => {
  const tries: readonly (readonly [what: string, (token: string, base: string) => object])[] = [
    ["without a token", (_, base) => ({ token: "", origin: base })],
    ["with another's token", (token, base) => ({ token: `${token}x`, origin: base })],
    ["from another site", (token) => ({ token, origin: "https://evil.example" })],
    ["from another port of this machine", (token) => ({ token, origin: "http://127.0.0.1:1" })],
    ["from a page without an origin", (token) => ({ token, origin: "null" })],
  ];
  it.each(tries)("%s does nothing", async (_, of) => {
    const { cookie, token } = await world.begin();
    const tried = of(token, world.base) as { token: string; origin: string };
    const answer = await world.send(
      "/console/end",
      { form_token: tried.token },
      { cookie, origin: tried.origin },
    );
    expect(answer.status).toBe(403);
    expect((await world.get("/console", { cookie })).status).toBe(200);
  });

  it("of another kind, or as long as a book, does nothing", async () => {
    const { cookie, token } = await world.begin();
    const headers = { cookie, origin: world.base, "content-type": "text/plain" };
    const url = `${world.base}/console/end`;
    const plain = await fetch(url, { method: "POST", headers, body: `form_token=${token}` });
    expect(plain.status).toBe(403);
    const long = { form_token: token, more: "x".repeat(20_000) };
    expect((await world.send("/console/end", long, { cookie })).status).toBe(413);
    expect((await world.get("/console", { cookie })).status).toBe(200);
  });

  it("does not begin a session from another site either", async () => {
    const code = world.store.createLink("anna");
    const answer = await world.send("/console/begin", { code }, { origin: "https://evil.example" });
    expect(answer.status).toBe(403);
    expect(world.store.linkOf(code)).toBeDefined();
  });
});

describe("a way that others can listen to", () => {
  it.each([
    { "x-forwarded-for": "203.0.113.7" },
    { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" },
    { via: "1.1 proxy" },
  ])("is refused: a proxy that nobody trusts, %p", async (headers) => {
    const code = world.store.createLink("anna");
    const answer = await world.get(`/console?code=${code}`, headers);
    expect(answer.status).toBe(403);
    expect(await answer.text()).not.toContain(code);
  });

  it("is one through a trusted proxy without https; with it the cookie says so", async () => {
    const behind = await openConsole(["127.0.0.1"]);
    try {
      const client = { "x-forwarded-for": "203.0.113.7" };
      const code = behind.store.createLink("anna");
      const open = { ...client, "x-forwarded-proto": "http" };
      expect((await behind.get(`/console?code=${code}`, open)).status).toBe(403);
      expect((await behind.get(`/console?code=${code}`, client)).status).toBe(403);
      const secure = { ...client, "x-forwarded-proto": "https" };
      expect((await behind.get(`/console?code=${code}`, secure)).status).toBe(200);
      const begun = await behind.send(
        "/console/begin",
        { code },
        { ...secure, origin: "https://calls.example.by" },
      );
      expect(begun.status).toBe(303);
      expect(begun.headers.get("set-cookie")).toEndWith("; SameSite=Strict; Secure");
      expect(behind.audit()[0]).toMatchObject({ who: "anna", from: "203.0.113.7" });
    } finally {
      await behind.close();
    }
  });
});

describe("the table of enterprises", () => {
  it("has those that need a look on top, in words, and a link to each list without the secret", async () => {
    await world.directory.addEnterprise(
      enterprise({ number: "0113", name: "Тихое", botToken: "700001:token-of-a-test" }),
    );
    await world.directory.addEnterprise(
      enterprise({ number: "0367", name: "ООО Ромашка", botToken: "700002:token-of-a-test" }),
    );
    await world.directory.addEnterprise(enterprise({ number: "0001", active: false }));
    await world.directory.addUser({
      chatId: "101",
      firstName: "Анна",
      lastName: null,
      email: null,
      botToken: null,
      enterpriseNumber: "0367",
    });
    const { page } = await world.begin();
    const order = ["Тихое", "ООО Ромашка", "0001"].map((name) =>
      page.search(new RegExp(`>\\s*${name}\\s*<`)),
    );
    expect(order.every((at) => at > 0)).toBe(true);
    expect([...order].sort((a, b) => a - b)).toEqual(order);
    const [quiet = "", well = "", off = ""] = page.split("<tr").slice(2);
    expect(quiet).toContain("звонков ещё не было");
    expect(quiet).toContain("карточки никто не получает");
    expect(well).toContain("в порядке");
    expect(well).toMatch(/Не перезвонили"[^>]*>1</);
    expect(off).toContain("выключено");
    expect(page).toMatch(/href="\/calls\/0367\?token=[\w-]{28}"/);
    expect(page).not.toContain(SECRET);
    expect(page).not.toContain("token-of-a-test");
  });

  it("is in the reader's language", async () => {
    const { cookie } = await world.begin();
    const answer = await world.get("/console", { cookie, "accept-language": "en-GB" });
    expect(await answer.text()).toContain("There are no enterprises yet");
    expect(answer.headers.get("cache-control")).toContain("no-store");
  });
});
