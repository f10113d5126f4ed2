// One enterprise in the console, over real HTTP and a strict Bot API: each change is asked about first, done once, and told
// to the audit without a secret.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { type BotApiServer, startBotApi } from "../../tests/support/bot-api/server.ts";
import { openInvitations } from "../people/invitations/index.ts";
import { enterprise, openConsole, SECRET } from "./testing.ts";

const BOT = "1234567:invented-token_of-a-console-test";
const HOSTILE = `<img src=x onerror="alert(1)">`;

type World = Awaited<ReturnType<typeof openConsole>>;
let world: World;
let api: BotApiServer;
let cookie: string;
let token: string;

beforeEach(async () => {
  api = await startBotApi({ tokens: [BOT], chats: [] });
  world = await openConsole([], api.apiRoot);
  await world.directory.addEnterprise(
    enterprise({
      number: "0367",
      name: "ООО Ромашка",
      botToken: BOT,
      hours: "mon-fri 09:00-18:00",
    }),
  );
  const person = { lastName: null, email: null, enterpriseNumber: "0367" };
  await world.directory.addUser({ ...person, chatId: "101", firstName: HOSTILE, botToken: null });
  await world.directory.addUser({ ...person, chatId: "-100", firstName: "Отдел", botToken: null });
  const begun = await world.begin("anna");
  ({ cookie, token } = begun);
});
afterEach(async () => {
  await world.close();
  await api[Symbol.asyncDispose]();
});

const PAGE = "/console/enterprises/0367";
const page = async (path = ""): Promise<string> =>
  (await world.get(`${PAGE}${path}`, { cookie })).text();
const send = (act: string, fields: Readonly<Record<string, string>> = {}): Promise<Response> =>
  world.send(`${PAGE}/${act}`, { form_token: token, ...fields }, { cookie });
const fieldIn = (html: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";
const changes = (): string[] =>
  world
    .audit()
    .filter(({ what }) => what !== "console-begin")
    .map(({ who, from, what, enterprise: number, about }) =>
      [who, from, what, number, about].filter(Boolean).join(" "),
    );

describe("the page of an enterprise", () => {
  it("shows what it is and who gets its cards, and nothing that opens it", async () => {
    await world.directory.setChatPreferences({
      chatId: "-100",
      enterpriseNumber: "0367",
      preferences: {
        cards: "missed",
        extensions: ["151", "152"],
        topic: null,
        quiet: null,
        digest: null,
        numbers: "full",
        lang: null,
      },
    });
    const html = await page();
    for (const part of ["mon-fri 09:00-18:00", "1234567", "Отдел", "только пропущенные", "151,152"])
      expect(html).toContain(part);
    for (const hidden of [SECRET, BOT, "token-of-0367", HOSTILE])
      expect(html).not.toContain(hidden);
  });

  it.each(["/console/enterprises/0999", "/console/enterprises/0367/nothing", "/console/nothing"])(
    "%s is not there",
    async (path) => {
      expect((await world.get(path, { cookie })).status).toBe(404);
      expect((await world.send(path, { form_token: token }, { cookie })).status).toBe(404);
    },
  );

  it("changes nothing by being looked at, nor without the session's token", async () => {
    for (const act of ["rotate", "off", "uninvite", "remove?chat=101"]) {
      expect((await world.get(`${PAGE}/${act}`, { cookie })).status).toBe(200);
      expect((await send(act, { form_token: "" })).status).toBe(403);
    }
    const stored = await world.directory.enterpriseByNumber("0367");
    expect([stored?.secret, stored?.active]).toEqual([SECRET, true]);
    expect(await world.directory.users("0367")).toHaveLength(2);
    expect(changes()).toEqual([]);
  });
});

describe("a change", () => {
  it("of the secret is asked about, shown once, and not done twice", async () => {
    const asked = await page("/rotate");
    expect(asked).toContain("Все ссылки, сделанные раньше");
    const mark = fieldIn(asked, "mark");
    const told = await (await send("rotate", { mark })).text();
    const stored = await world.directory.enterpriseByNumber("0367");
    expect(stored?.secret).not.toBe(SECRET);
    expect(told).toContain(stored?.secret ?? "?");
    expect(await page()).not.toContain(stored?.secret ?? "?");
    expect((await send("rotate", { mark })).status).toBe(409);
    expect((await world.directory.enterpriseByNumber("0367"))?.secret).toBe(stored?.secret);
    expect(changes()).toEqual(["anna 127.0.0.1 enterprise-rotate-secret 0367"]);
    expect(JSON.stringify(world.audit())).not.toContain(stored?.secret ?? "?");
  });

  it("switches the enterprise off and on", async () => {
    expect((await send("off")).headers.get("location")).toBe(PAGE);
    expect((await world.directory.enterpriseByNumber("0367"))?.active).toBe(false);
    expect(await page("/on")).toContain("снова будут приниматься");
    await send("on");
    expect((await world.directory.enterpriseByNumber("0367"))?.active).toBe(true);
    expect(changes()).toEqual([
      "anna 127.0.0.1 enterprise-set 0367 active off",
      "anna 127.0.0.1 enterprise-set 0367 active on",
    ]);
  });

  it("removes one person, who is named first; twice says that nobody is there", async () => {
    const asked = await page("/remove?chat=-100");
    expect(asked).toContain("Убрать Отдел?");
    await send("remove", { chat: fieldIn(asked, "chat") });
    expect((await world.directory.users("0367")).map(({ chatId }) => chatId)).toEqual(["101"]);
    expect((await world.get(`${PAGE}/remove?chat=-100`, { cookie })).status).toBe(404);
    expect((await send("remove", { chat: "-100" })).status).toBe(409);
    expect(changes()).toEqual([
      "anna 127.0.0.1 user-remove 0367 -100",
      "anna 127.0.0.1 user-remove 0367 -100",
      "anna 127.0.0.1 user-remove-failed 0367 -100",
    ]);
  });

  it("invites by a link that is shown once, and ends all invitations", async () => {
    const told = await send("invite", { name: "Ольга", days: "1" });
    const html = await told.text();
    const code = /https:\/\/t\.me\/\w+\?start=([0-9a-f]{32})/.exec(html)?.[1] ?? "";
    const store = openInvitations(world.dataDir, { now: () => 0 });
    expect(store.find(code)?.invitation).toMatchObject({ enterprise: "0367", name: "Ольга" });
    const after = await page();
    expect(after).toContain("для человека (Ольга)");
    expect(after).not.toContain(code);
    expect(await page("/uninvite")).toContain("Открытых приглашений: 1");
    await send("uninvite");
    expect(store.find(code)).toBeUndefined();
    expect(JSON.stringify(world.audit())).not.toContain(code);
    expect(changes()).toEqual([
      "anna 127.0.0.1 user-invite 0367",
      "anna 127.0.0.1 user-uninvite 0367",
    ]);
  });

  it("that Telegram does not allow says why", async () => {
    api.updates.setWebhook(true);
    const answer = await send("invite", { days: "7" });
    expect([answer.status, await answer.text()]).toEqual([
      409,
      expect.stringContaining("has a webhook"),
    ]);
  });
});
