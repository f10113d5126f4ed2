// The forms of an enterprise over real HTTP: what they change is what the command changes, a wrong value is told beside its
// field with what was typed, two who change the same are told, and nothing that opens anything is shown or told.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { openHooks } from "../hooks/index.ts";
import { enterprise, openConsole } from "./testing.ts";

const BOT = "1234567:invented-token_of-a-forms-test";
const OTHER_BOT = "7654321:invented-token_of-another-bot";

type World = Awaited<ReturnType<typeof openConsole>>;
let world: World;
let cookie: string;
let token: string;

beforeEach(async () => {
  world = await openConsole();
  await world.directory.addEnterprise(
    enterprise({ number: "0367", name: "ООО Ромашка", botToken: BOT, hours: "always" }),
  );
  const person = { lastName: null, email: null, enterpriseNumber: "0367" };
  await world.directory.addUser({ ...person, chatId: "101", firstName: "Анна", botToken: null });
  ({ cookie, token } = await world.begin("anna"));
});
afterEach(() => world.close());

const PAGE = "/console/enterprises/0367";
const page = async (path = ""): Promise<string> =>
  (await world.get(`${PAGE}${path}`, { cookie })).text();
const send = (act: string, fields: Readonly<Record<string, string>> = {}): Promise<Response> =>
  world.send(`${PAGE}/${act}`, { form_token: token, ...fields }, { cookie });
/** What a browser sends of a form: what it was filled with, but for what was typed. */
const fieldsOf = (html: string): Record<string, string> => {
  const fields: Record<string, string> = {};
  for (const [input] of html.split('action="/console/enterprises')[1]?.matchAll(/<input[^>]*>/g) ??
    [])
    if (!input.includes('type="checkbox"'))
      fields[/name="([^"]*)"/.exec(input)?.[1] ?? ""] = /value="([^"]*)"/.exec(input)?.[1] ?? "";
  for (const [, name = "", options = ""] of html.matchAll(
    /<select name="(\w+)".*?>(.*?)<\/select>/gs,
  ))
    fields[name] = /value="([^"]*)" selected/.exec(options)?.[1] ?? "";
  return fields;
};
const type = async (path: string, typed: Readonly<Record<string, string>>): Promise<Response> => {
  const [act = ""] = path.split("?");
  return send(act, { ...fieldsOf(await page(`/${path}`)), ...typed });
};
const stored = async () => world.directory.enterpriseByNumber("0367");
const changes = (): string[] =>
  world
    .audit()
    .filter(({ what }) => what !== "console-begin")
    .map(({ what, about }) => [what, about].filter(Boolean).join(" "));

describe("the form of an enterprise", () => {
  it("changes what was typed over, and tells the audit which", async () => {
    const answer = await type("edit", {
      name: "ООО «Лютик»",
      country: "BY",
      hours: "",
      "remind-after": "15m",
      recordings: "none",
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, PAGE]);
    expect(await stored()).toMatchObject({
      name: "ООО «Лютик»",
      country: "BY",
      remindAfter: "15m",
      recordings: "none",
      botToken: BOT,
      active: true,
    });
    expect((await stored())?.hours ?? null).toBeNull();
    expect(changes()).toEqual(["enterprise-set name, country, remind-after, hours, recordings"]);
    await type("edit", {});
    expect(changes()).toHaveLength(1);
  });

  it.each([
    ["name", "я".repeat(201), "До 200 знаков"],
    ["name", "две\nстроки", "До 200 знаков"],
    ["country", "Беларусь", "Нужен код страны"],
    ["remind-after", "1 час", "Нужно время от 1m до 3d"],
    ["hours", "круглосуточно", "Нужны дни и часы"],
    ["recordings", "some", "Выберите из списка"],
  ])(
    "says beside %s what is wrong with %p, keeps what was typed, changes nothing",
    async (name, text, why) => {
      const before = await stored();
      const answer = await type("edit", { "remind-after": "2h", [name]: text });
      const html = await answer.text();
      expect(answer.status).toBe(422);
      expect(html).toMatch(new RegExp(`id="${name}-error"[^>]*>${why}`));
      expect(html).toContain("Ничего не изменено");
      if (name !== "recordings") expect(fieldsOf(html)[name]).toBe(text);
      if (name !== "remind-after") expect(fieldsOf(html)["remind-after"]).toBe("2h");
      expect(await stored()).toEqual(before);
      expect(changes()).toEqual([]);
    },
  );

  it("of two operators asks the second, and only about what both changed", async () => {
    const mine = fieldsOf(await page("/edit"));
    await type("edit", { name: "Их название", country: "RU" });
    const answer = await send("edit", {
      ...mine,
      name: "Моё название",
      hours: "mon-fri 09:00-18:00",
    });
    const html = await answer.text();
    expect(answer.status).toBe(422);
    expect(html).toContain("значение изменили на «Их название»");
    expect(await stored()).toMatchObject({ name: "Их название", country: "RU", hours: "always" });
    expect((await send("edit", fieldsOf(html))).status).toBe(303);
    expect(await stored()).toMatchObject({
      name: "Моё название",
      country: "RU",
      hours: "mon-fri 09:00-18:00",
    });
  });

  it("leaves alone what nobody touched, however it was written", async () => {
    await world.directory.changeEnterprise("0367", { name: " Имя с пробелами " });
    await type("edit", { country: "BY" });
    expect(await stored()).toMatchObject({ name: " Имя с пробелами ", country: "BY" });
    expect(changes()).toEqual(["enterprise-set country"]);
  });

  it("says that a form with a book in it is too long", async () => {
    const answer = await type("edit", { name: "a".repeat(20_000) });
    expect([answer.status, await answer.text()]).toEqual([
      413,
      expect.stringContaining("слишком много текста"),
    ]);
    expect((await stored())?.name).toBe("ООО Ромашка");
  });
});

describe("the form of the bot", () => {
  it("takes another token, says who must do what, and shows no token", async () => {
    const html = await (await type("bot", { token: OTHER_BOT })).text();
    expect((await stored())?.botToken).toBe(OTHER_BOT);
    expect(html).toContain("Получат карточки, когда нажмут «Старт» у нового бота");
    expect(html).toContain("Анна");
    for (const text of [html, await page(), await page("/bot"), JSON.stringify(world.audit())])
      for (const hidden of [BOT, OTHER_BOT]) expect(text).not.toContain(hidden.split(":")[1]);
    expect(changes()).toEqual(["enterprise-set bot-token"]);
  });

  it("does not repeat a wrong one, and does nothing where the bot is another by now", async () => {
    const wrong = await type("bot", { token: "нет, это не токен" });
    expect([wrong.status, (await wrong.text()).includes("нет, это не токен")]).toEqual([
      422,
      false,
    ]);
    const old = fieldsOf(await page("/bot"));
    await type("bot", { token: OTHER_BOT });
    const answer = await send("bot", { ...old, token: BOT });
    expect([answer.status, await answer.text()]).toEqual([
      409,
      expect.stringContaining("уже изменили"),
    ]);
    expect((await stored())?.botToken).toBe(OTHER_BOT);
  });

  it("is taken away when asked twice", async () => {
    const asked = fieldsOf(await page("/unbot"));
    expect((await send("unbot", { ...asked, mark: "" })).status).toBe(409);
    expect(await (await send("unbot", asked)).text()).toContain(
      "пока у предприятия нет бота: Анна",
    );
    expect((await stored())?.botToken).toBeNull();
  });
});

describe("people", () => {
  it("choose what they get", async () => {
    const typed = {
      cards: "missed",
      extensions: "151, 152",
      topic: "42",
      quiet: "21:00-08:00",
      digest: "18:00",
      numbers: "masked",
      lang: "en",
    };
    expect((await type("person?chat=101", typed)).status).toBe(303);
    const [chat] = await world.directory.chatPreferences("0367");
    expect(chat?.preferences).toEqual({
      cards: "missed",
      extensions: ["151", "152"],
      topic: 42,
      quiet: { from: 1260, to: 480 },
      digest: 1080,
      numbers: "masked",
      lang: "en",
    });
    const html = await (await type("person?chat=101", { quiet: "ночью", extensions: "" })).text();
    expect(html).toMatch(/id="quiet-error"[^>]*>Время от и до/);
    expect(fieldsOf(html)).toMatchObject({ quiet: "ночью", extensions: "", topic: "42" });
    await type("person?chat=101", { extensions: "", topic: "", quiet: "", digest: "" });
    expect((await world.directory.chatPreferences("0367"))[0]?.preferences).toMatchObject({
      extensions: null,
      topic: null,
      quiet: null,
      digest: null,
      cards: "missed",
    });
    expect(changes()).toEqual(["user-set 101", "user-set 101"]);
    expect((await world.get(`${PAGE}/person?chat=999`, { cookie })).status).toBe(404);
  });

  it("are added by their chat, once", async () => {
    expect((await type("add", { chat: "", "first-name": "Ольга" })).status).toBe(422);
    expect((await type("add", { chat: "@olga" })).status).toBe(422);
    expect((await type("add", { chat: "-1001234567890", "first-name": "Отдел" })).status).toBe(303);
    expect(
      (await world.directory.users("0367")).map(({ chatId, firstName }) => [chatId, firstName]),
    ).toContainEqual(["-1001234567890", "Отдел"]);
    const again = await type("add", { chat: "101", "first-name": "Анна" });
    expect([again.status, fieldsOf(await again.text())["first-name"]]).toEqual([409, "Анна"]);
    expect(changes()).toEqual(["user-add -1001234567890", "user-add 101", "user-add-failed 101"]);
  });
});

describe("webhooks", () => {
  const hooks = () => openHooks(world.dataDir, { now: () => 0 }).of("0367");
  const linkOf = (html: string, act: string): string =>
    new RegExp(`${act}\\?hook=h[0-9a-f]{8}`).exec(html)?.[0] ?? "none";

  it("are added with the secret shown once, rotated, tried and removed", async () => {
    const heard: string[] = [];
    await using target = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        heard.push((await request.json()).type);
        return new Response(null, { status: heard.length === 1 ? 204 : 500 });
      },
    });
    const url = `http://127.0.0.1:${target.port}/calls?key=invented-key`;
    const added = await (await type("hook", { url })).text();
    const secret = hooks()[0]?.secret ?? "?";
    expect(added).toContain(secret);
    const known = await type("hook", { url });
    expect([known.status, await known.text()]).toEqual([
      422,
      expect.stringContaining("уже сообщается"),
    ]);
    const id = hooks()[0]?.id ?? "";
    expect(await (await send("hooktest", { hook: id })).text()).toContain("приняла проверочное");
    expect(await (await send("hooktest", { hook: id })).text()).toContain("ответила: 500");
    expect(heard).toEqual(["calllog.test", "calllog.test"]);
    const asked = fieldsOf(await page(`/${linkOf(await page(), "rehook")}`));
    const rotated = await (await send("rehook", asked)).text();
    const next = hooks()[0]?.secret ?? "?";
    expect([next === secret, rotated.includes(next)]).toEqual([false, true]);
    expect((await send("rehook", asked)).status).toBe(409);
    expect(hooks()[0]?.secret).toBe(next);
    for (const text of [await page(), JSON.stringify(world.audit())])
      for (const hidden of [secret, next, "invented-key"]) expect(text).not.toContain(hidden);
    await send("unhook", fieldsOf(await page(`/${linkOf(await page(), "unhook")}`)));
    expect(hooks()).toEqual([]);
    const shown = `http://127.0.0.1:${target.port}/…`;
    expect(changes()).toEqual([
      `hook-add ${shown}`,
      `hook-add ${shown}`,
      `hook-add-failed ${shown}`,
      `hook-test ${id}`,
      `hook-test ${id}`,
      `hook-rotate ${id}`,
      `hook-remove ${id}`,
    ]);
  });

  it.each([
    [{ url: "" }, "Это поле нужно заполнить"],
    [{ url: "ftp://crm.example/" }, "Нужен адрес вида"],
    [{ url: `https://crm.example/${"a".repeat(2000)}` }, "Нужен адрес вида"],
    [{ url: "http://10.0.0.5/" }, "не из общедоступной сети"],
    [{ url: "https://crm.example/", secret: "whsec_c2hvcnQ=" }, "Нужны whsec_"],
  ])("%p adds none and says why", async (typed, why) => {
    const answer = await type("hook", typed);
    const html = await answer.text();
    expect([answer.status, html]).toEqual([422, expect.stringContaining(why)]);
    expect(fieldsOf(html)["url"]).toBe(typed.url);
    expect(html).not.toContain("c2hvcnQ");
    expect(hooks()).toEqual([]);
  });
});
