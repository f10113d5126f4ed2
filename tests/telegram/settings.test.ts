// A manager chooses in the chat, through the program itself, and the next call's cards are as chosen.

import { expect, it } from "bun:test";
import { addEnterprise, runBinary, startBinary } from "../support/binary.ts";
import { startBotApi } from "../support/bot-api/server.ts";
import { post } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const BOT_TOKEN = "1234567:invented-token_of-a-test";
const TOKEN = "375290000001";
const anna = { chatId: "101", firstName: "Анна", languageCode: "ru" };
const CALL = { Token: TOKEN, Phone: "375295300001", CallType: 0 };

it("what a manager chooses by buttons is in effect with the next call, and shown by commands", async () => {
  await inTempDir(async (cwd) => {
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: [] });
    const args = ["--telegram-api-root", api.apiRoot];
    const run = async (line: string): Promise<string> => {
      const { code, stdout, stderr } = await runBinary(line.split(" "), { cwd });
      if (code !== 0) throw new Error(`${line}: ${stderr}`);
      return stdout;
    };
    const secret = "0123456789abcdef0123456789abcdef";
    await addEnterprise({ number: "0367", webhookToken: TOKEN, secret }, { cwd });
    await run(`enterprise set 0367 --bot-token ${BOT_TOKEN}`);
    await using server = await startBinary(args, { cwd });
    const invited = await run(`user invite 0367 --json ${args.join(" ")}`);
    await api.until(() => api.updates.askers() === 1);
    api.updates.openLink(anna, (JSON.parse(invited) as { link: string }).link);
    await api.until(() => api.texts("101").some((text) => text.includes("/settings")));

    // The invitation is used up, so that the bot is asked once a minute; another one has it listened to again.
    api.updates.say(anna, "/settings");
    await run(`user invite 0367 ${args.join(" ")}`);
    await api.until(() => api.texts("101").some((text) => text.startsWith("⚙️")));
    const menu = () => api.chat("101").find(({ text }) => text.startsWith("⚙️"));
    api.press(anna, "Карточки");
    await api.until(() => menu()?.edits === 1);
    const pressed = api.press(anna, "Только пропущенные");
    await api.until(() => menu()?.edits === 2 && pressed.answer?.text === "Сохранено");
    expect(JSON.parse(await run("user show 101 --json"))).toMatchObject([
      { enterprise: "0367", preferences: { cards: "missed" } },
    ]);

    const send = (path: string, body: object) =>
      fetch(post(path, { ...CALL, ...body }, { base: server.webhooksUrl }));
    const standing = api.everSent("101").length;
    const talk = { BridgeUniqueid: "b", Channel: "PJSIP/151-0000000a", CallerIDNum: "151" };
    for (const [path, body] of [
      ["/dial", { Extensions: ["151"] }],
      ["/bridge", talk],
      ["/hangup", { Extensions: ["151"], CallStatus: "2" }],
    ] as const) {
      await send(path, { UniqueId: "1764493655.0", ...body });
    }
    await send("/dial", { UniqueId: "1764493655.1", Extensions: ["151"] });
    await send("/hangup", { UniqueId: "1764493655.1", Extensions: [""], CallStatus: "0" });
    await api.until(() => api.everSent("101").length > standing);
    expect(api.everSent("101").slice(standing)).toEqual([
      expect.stringContaining("Пропущенный звонок"),
    ]);
    expect(server.log()).toContain("a chat chose in the chat what it gets");
    expect(server.errors()).toEqual([]);
  });
}, 30_000);
