// People come in and leave through the program itself: `serve` in one process, `user invite` in another, Telegram a
// strict stand-in. Everything waits for what the stand-in sees.

import { describe, expect, it } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { addEnterprise, runBinary, startBinary } from "../support/binary.ts";
import { type BotApiServer, startBotApi } from "../support/bot-api/server.ts";
import { post } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const BOT_TOKEN = "1234567:invented-token_of-a-test";
const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const anna = { chatId: "101", firstName: "Анна", lastName: "Сидорова", languageCode: "ru" };
const john = { chatId: "102", firstName: "John", languageCode: "en-GB" };

type Site = {
  readonly api: BotApiServer;
  readonly args: readonly string[];
  run(line: string): Promise<string>;
  /** A new invitation's link. */
  invite(...flags: string[]): Promise<string>;
};

const inSite = (work: (site: Site, cwd: string) => Promise<void>): Promise<void> =>
  inTempDir(async (cwd) => {
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: [] });
    const args = ["--telegram-api-root", api.apiRoot];
    const run = async (words: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await runBinary(words, { cwd });
      if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}`);
      return stdout;
    };
    await addEnterprise(enterprise, { cwd });
    await run(["enterprise", "set", "0367", "--bot-token", BOT_TOKEN]);
    await work(
      {
        api,
        args,
        run: (line) => run(line.split(" ")),
        invite: async (...flags) => {
          const text = await run(["user", "invite", "0367", "--json", ...args, ...flags]);
          return (JSON.parse(text) as { link: string }).link;
        },
      },
      cwd,
    );
  });

const people = async ({ run }: Site): Promise<unknown[]> =>
  JSON.parse(await run("user list --json")) as unknown[];

const hasText = (api: BotApiServer, chat: string, part: string) => (): boolean =>
  api.texts(chat).some((text) => text.includes(part));

/** Nothing is asked, and everything that was told is confirmed. */
const isQuiet = (api: BotApiServer) => (): boolean =>
  api.updates.askers() === 0 && api.updates.waiting() === 0;

describe("an invitation", () => {
  it("lets in whoever opens it first, who gets the next card and leaves by /stop", async () => {
    await inSite(async (site, cwd) => {
      const { api, args } = site;
      await using server = await startBinary(args, { cwd });
      // Somebody else's stays open all the while: so everything is heard at once.
      await site.invite();
      const link = await site.invite();
      expect(link).toMatch(/^https:\/\/t\.me\/calls_bot\?start=[\w-]{22,64}$/);
      await api.until(() => api.updates.askers() === 1);

      api.updates.sendPhoto(john);
      api.updates.openLink(anna, link);
      await api.until(hasText(api, "101", "сюда будут приходить карточки звонков (Test)"));
      api.updates.openLink(john, link);
      await api.until(hasText(api, "102", "has been used already"));
      expect(await people(site)).toEqual([
        {
          chatId: "101",
          firstName: "Анна",
          lastName: "Сидорова",
          email: null,
          enterpriseNumber: "0367",
        },
      ]);

      const body = { Token: enterprise.webhookToken, UniqueId: "1764493655.1", CallType: 0 };
      const dial = { ...body, Phone: "375295300001", Extensions: ["151"] };
      await fetch(post("/dial", dial, { base: server.webhooksUrl }));
      await api.until(hasText(api, "101", "151"));
      expect(api.texts("102")).toHaveLength(1);

      api.updates.say(anna, "/stop");
      await api.until(hasText(api, "101", "больше не будут приходить"));
      expect(await people(site)).toEqual([]);

      await site.run("user uninvite 0367");
      await api.until(isQuiet(api));
      const log = server.log();
      expect(log).toContain("a chat was let in by invitation");
      expect(log).toContain("a chat left by /stop");
      for (const hidden of [new URL(link).searchParams.get("start") ?? "", "invented-token"]) {
        expect(log).not.toContain(hidden);
      }
      expect(server.errors()).toEqual([]);
    });
  }, 30_000);

  it("opened while no service runs lets in once one does, and the folder tells no code", async () => {
    await inSite(async (site, cwd) => {
      const { api, args } = site;
      const text = await site.run(`user invite 0367 --name Анна --ttl 2h ${args.join(" ")}`);
      expect(text).toContain("No service runs");
      const link = text.split("\n")[0] ?? "";
      const code = new URL(link).searchParams.get("start") ?? "";
      const folder = join(cwd, "call_tracer", ".invitations");
      const names = readdirSync(folder);
      expect(names).toHaveLength(1);
      expect(names.join()).not.toContain(code);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(statSync(join(folder, names[0] ?? "")).mode & 0o777).toBe(0o600);
      expect(await Bun.file(join(folder, names[0] ?? "")).text()).not.toContain(code);

      api.updates.openLink(anna, link);
      await using server = await startBinary(args, { cwd });
      await api.until(hasText(api, "101", "сюда будут приходить"));
      expect(await people(site)).toMatchObject([{ firstName: "Анна", lastName: null }]);
      await api.until(isQuiet(api));
      expect(server.log()).not.toContain(code);
    });
  }, 30_000);

  it("is handled once where the program is killed before Telegram knows", async () => {
    await inSite(async (site, cwd) => {
      const { api, args } = site;
      const first = await startBinary(args, { cwd });
      const link = await site.invite();
      await api.until(() => api.updates.askers() === 1);
      // The answer in the chat is carried out, and the program dies waiting to hear so.
      const { promise: never, resolve: letGo } = Promise.withResolvers<void>();
      api.addFault({ method: "sendMessage", fault: { do: "hold", until: never } });
      api.updates.openLink(anna, link);
      await api.until(() => api.texts("101").length === 1);
      await first.stop("SIGKILL");
      letGo();
      expect(api.updates.waiting()).toBe(1);

      api.updates.openLink(john, link);
      await using second = await startBinary(args, { cwd });
      await api.until(hasText(api, "102", "has been used already"));
      await api.until(isQuiet(api));
      expect(await people(site)).toMatchObject([{ chatId: "101" }]);
      // Told a second time at most, since nobody can know that the first answer arrived.
      expect(new Set(api.texts("101")).size).toBe(1);
      expect(second.errors()).toEqual([]);
    });
  }, 30_000);

  it("is waited for by the process that takes over, and by one alone", async () => {
    await inSite(async (site, cwd) => {
      const { api, args } = site;
      const first = await startBinary(args, { cwd });
      await using second = await startBinary(args, { cwd });
      const link = await site.invite();
      await api.until(() => api.updates.askers() === 1);
      const conflicts = () => api.requests.filter(({ status }) => status === 409).length;
      expect(conflicts()).toBe(0);
      const asked = api.requests.length;
      await first.stop("SIGKILL");
      await api.until(
        () =>
          api.requests.slice(asked).some(({ method }) => method === "getUpdates") &&
          api.updates.askers() === 1,
      );
      api.updates.openLink(anna, link);
      await api.until(hasText(api, "101", "сюда будут приходить"));
      expect(second.log()).toContain("a chat was let in by invitation");
    });
  }, 30_000);

  it("does not keep the program from stopping, and what was handled is confirmed", async () => {
    await inSite(async (site, cwd) => {
      const { api, args } = site;
      const server = await startBinary(args, { cwd });
      const link = await site.invite();
      await site.invite();
      await api.until(() => api.updates.askers() === 1);
      const { promise: never, resolve: letGo } = Promise.withResolvers<void>();
      api.addFault({ method: "sendMessage", fault: { do: "hold", until: never } });
      api.updates.openLink(anna, link);
      await api.until(() => api.texts("101").length === 1);
      const stopping = server.stop();
      letGo();
      expect(await stopping).toBe(0);
      expect(api.updates.waiting()).toBe(0);
      expect(api.updates.askers()).toBe(0);
      expect(server.errors()).toEqual([]);
    });
  }, 30_000);

  it("for a group lets a group in, with its title", async () => {
    await inSite(async (site, cwd) => {
      const { api, args } = site;
      await using server = await startBinary(args, { cwd });
      const link = await site.invite("--group");
      expect(link).toContain("?startgroup=");
      api.updates.openLink({ ...john, chatId: "-1002", title: "Sales" }, link);
      await api.until(hasText(api, "-1002", "call cards will come here"));
      expect(await people(site)).toMatchObject([
        { chatId: "-1002", firstName: "Sales", lastName: null },
      ]);
      expect(server.errors()).toEqual([]);
    });
  }, 30_000);
});
