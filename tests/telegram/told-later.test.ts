// What the program tells chats besides cards: the day in a message and the reminder of a missed call, each once however
// often it is started, and what the commands that set them say.

import { expect, it } from "bun:test";
import { addEnterprise, runBinary, startBinary } from "../support/binary.ts";
import { startBotApi } from "../support/bot-api/server.ts";
import { post } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const BOT_TOKEN = "1234567:invented-token_of-a-test";
const TOKEN = "375290000001";
const SECRET = "0123456789abcdef0123456789abcdef";

it("a digest and a reminder that are due come when the program starts, once over kills, with a link that opens the list", async () => {
  await inTempDir(async (cwd) => {
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: ["101", "102"] });
    const run = async (line: string): Promise<string> => {
      const { code, stdout, stderr } = await runBinary(line.split(" "), { cwd });
      if (code !== 0) throw new Error(`${line}: ${stderr}`);
      return stdout;
    };
    await addEnterprise({ number: "0367", webhookToken: TOKEN, secret: SECRET }, { cwd });
    await run(`enterprise set 0367 --bot-token ${BOT_TOKEN} --remind-after 1m --hours always`);
    for (const chat of ["101", "102"]) await run(`user add ${chat} --enterprise 0367`);
    // At midnight: due on every day from its first minute on, and about the day before.
    await run("user set 101 --enterprise 0367 --digest 00:00 --lang en");

    const args = ["--telegram-api-root", api.apiRoot, "--public-url", "https://calls.example.org"];
    const first = await startBinary(args, { cwd });
    const digests = () => api.texts("101").filter((text) => text.startsWith("📊"));
    await api.until(() => digests().length === 1);
    expect(digests()[0]).toContain("There were no calls");
    const call = { Token: TOKEN, UniqueId: "1764493655.0", Phone: "375295300001", CallType: 0 };
    const longAgo = Math.floor(Date.now() / 1000) - 120;
    for (const [path, more] of [
      ["/start", { EventTime: longAgo }],
      ["/dial", { EventTime: longAgo + 1, Extensions: ["151"] }],
      ["/hangup", { EventTime: longAgo + 20, Extensions: [""], CallStatus: "0" }],
    ] as const) {
      await fetch(post(path, { ...call, ...more }, { base: first.webhooksUrl }));
    }
    const has = (chat: string, start: string): boolean =>
      api.texts(chat).some((text) => text.startsWith(start));
    await api.until(() => has("101", "❌") && has("102", "❌"));
    await first.stop("SIGTERM");

    const second = await startBinary(args, { cwd });
    await api.until(
      () => has("101", "⏰ Not called back yet") && has("102", "⏰ Ещё не перезвонили"),
    );
    await second.stop("SIGTERM");
    const sent = api.everSent("101").length + api.everSent("102").length;
    await using third = await startBinary(args, { cwd });
    await fetch(
      post(
        "/dial",
        { ...call, UniqueId: "1764493655.9", Phone: "375295300002", Extensions: ["151"] },
        { base: third.webhooksUrl },
      ),
    );
    // Its card is the next message after whatever the start brought.
    await api.until(() => has("101", "📞") && has("102", "📞"));
    expect(api.everSent("101").length + api.everSent("102").length).toBe(sent + 2);

    const link = api.chat("101").find(({ text }) => text.startsWith("📊"))?.button?.url ?? "";
    const { pathname, search } = new URL(link);
    const list = await fetch(`${third.pagesUrl}${pathname}${search}`, {
      headers: { accept: "text/html" },
    });
    expect(list.status).toBe(200);
    expect(await list.text()).not.toContain(SECRET);
    const digest = await run("digest 0367 --lang en");
    expect(digest).toContain("1 caller has not been called back");
    expect(third.errors()).toEqual([]);
  });
}, 60_000);
