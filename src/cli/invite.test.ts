// The commands around invitations, and what a new bot does to an enterprise's people, against a real directory and the
// stand-in Bot API server.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { join } from "node:path";
import { type BotApiServer, startBotApi } from "../../tests/support/bot-api/server.ts";
import { type Directory, openDirectory } from "../people/index.ts";
import { openInvitations } from "../people/invitations/index.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";
import { userCommands } from "./user.ts";

const BOT = "700001:made-up-token-of-a-bot";
/** The same bot with the token that @BotFather gave next. */
const RENEWED = "700001:made-up-renewed-token";
const NEXT = "700002:made-up-token-of-another";

let box: CliSandbox;
let api: BotApiServer;
let directory: Directory;
beforeEach(async () => {
  box = openSandbox([...enterpriseCommands, ...userCommands]);
  api = await startBotApi({ tokens: [BOT], chats: [] });
  directory = await openDirectory({ sqlitePath: join(box.folder, "calllog.sqlite") });
  await fine(`enterprise add 0367 --name Test --bot-token ${BOT}`);
});
afterEach(async () => {
  await directory.close();
  await api.stop();
  box.remove();
});

const fine = async (line: string): Promise<string> => {
  const run = await box.run(line.split(" "));
  expect([line, run.code, run.stderr]).toEqual([line, 0, ""]);
  return run.stdout;
};
const invite = (flags = "") =>
  box.run(
    `user invite 0367 --telegram-api-root ${api.apiRoot} ${flags}`.split(" ").filter(Boolean),
  );
const openOnes = () =>
  openInvitations(join(box.folder, "call_tracer"), { now: () => 1_764_493_655_000 }).open();

describe("user invite", () => {
  it("prints a link that nothing else tells, and says until when it works", async () => {
    const { code, stdout } = await invite("--name=Анна --ttl 2h");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^https:\/\/t\.me\/calls_bot\?start=[0-9a-f]{32}\n\n/);
    expect(stdout).toContain("until 2025-11-30 11:07 UTC");
    expect(openOnes()).toMatchObject([{ enterprise: "0367", name: "Анна", isGroup: false }]);
    const list = await fine("user invitations");
    expect(list).toMatch(/0367 +a person +Анна/);
    expect(list).not.toContain(new URL(stdout.split("\n")[0] ?? "").searchParams.get("start"));
    expect(JSON.parse((await invite("--group --json")).stdout)).toEqual({
      enterprise: "0367",
      link: expect.stringMatching(/\?startgroup=/),
      expiresAt: "2025-12-07T09:07:35.000Z",
    });
    expect(JSON.parse(await fine("user invitations --enterprise 0367 --json"))).toHaveLength(2);
    expect(await fine("user uninvite 0367")).toContain("2");
    expect(await fine("user invitations")).toContain("There are no open invitations");
  });

  const wrong: readonly [name: string, setUp: () => unknown, said: RegExp][] = [
    ["no bot", () => fine("enterprise set 0367 --bot-token none"), /no bot.*@BotFather.*set 0367/],
    ["a closed one", () => fine("enterprise set 0367 --active no"), /not active.*--active yes/],
    ["none", () => fine("enterprise remove 0367"), /there is none/],
    ["a revoked token", () => fine(`enterprise set 0367 --bot-token ${NEXT}`), /@BotFather/],
    ["a webhook", () => api.updates.setWebhook(true), /@calls_bot has a webhook/],
    ["no network", () => api.stop(), /cannot be asked \(the connection.*--telegram-api-root/],
  ];
  for (const [name, setUp, said] of wrong) {
    it(`into an enterprise with ${name} fails in one line with what to do`, async () => {
      await setUp();
      const run = await invite();
      expect([run.code, run.stdout]).toEqual([1, ""]);
      expect(run.stderr).toMatch(said);
      expect(run.stderr.split("\n")).toHaveLength(2);
      expect(run.stderr).not.toContain("made-up");
      expect(openOnes()).toEqual([]);
    });
  }

  it("refuses times and names out of bounds: exit 2", async () => {
    for (const flag of ["--ttl 31d", "--ttl 1s", "--name="]) {
      expect((await invite(flag)).code).toBe(2);
    }
  });
});

describe("enterprise set with another bot", () => {
  const person = (chatId: string, botToken: string | null, enterpriseNumber: string | null) =>
    directory.addUser({
      chatId,
      firstName: `P${chatId}`,
      lastName: null,
      email: null,
      botToken,
      enterpriseNumber,
    });
  beforeEach(async () => {
    await person("11", null, "0367");
    await person("12", BOT, "0367");
    await person("13", BOT, null);
    await person("14", NEXT, "0367");
    await person("15", NEXT, null);
  });
  /** The chats named under each heading. */
  const named = (text: string): string[][] =>
    text
      .split("\n\n")
      .filter((part) => /^.*: \d+\n {2}/.test(part))
      .map((part) => [...part.matchAll(/^ {2}(\d+) {2}P/gm)].map(([, chat = ""]) => chat));

  it("says who is lost, who stays on the old token, and who must press Start", async () => {
    await invite();
    const text = await fine(`enterprise set 0367 --bot-token ${NEXT}`);
    expect(named(text)).toEqual([["13"], ["12"], ["11"]]);
    expect(text).toContain("get no more cards");
    expect(text).toContain("press Start");
    expect(text).toContain("--move-people");
    expect(text).toContain("led to the old bot and are ended: 1");
    expect(openOnes()).toEqual([]);
    expect(text).not.toContain("made-up");
  });

  it("names no more than twenty of many", async () => {
    for (let chat = 100; chat < 130; chat++) await person(String(chat), BOT, null);
    const text = await fine(`enterprise set 0367 --bot-token ${NEXT}`);
    expect(text).toContain("get no more cards of this enterprise: 31\n");
    expect(text).toContain("and 11 more");
  });

  it("with --move-people loses nobody", async () => {
    const text = await fine(`enterprise set 0367 --bot-token ${NEXT} --move-people`);
    expect(named(text)).toEqual([["11", "12", "13"]]);
    const enterprise = await directory.enterpriseByNumber("0367");
    if (enterprise === undefined) throw new Error("gone");
    const rows = await directory.usersOf(enterprise);
    expect(rows.map(({ chatId, botToken }) => [chatId, botToken])).toEqual([
      ["11", null],
      ["12", null],
      ["13", null],
      ["14", NEXT],
      ["15", NEXT],
    ]);
  });

  it("that is the same bot with a new token keeps chats and links", async () => {
    await invite();
    const text = await fine(`enterprise set 0367 --bot-token ${RENEWED}`);
    expect(named(text)).toEqual([["13"], ["12"]]);
    expect(text).not.toContain("press Start");
    expect(openOnes()).toHaveLength(1);
  });

  it("taken away says who gets no cards; the first one, who must press Start", async () => {
    const text = await fine("enterprise set 0367 --bot-token none");
    expect((await directory.enterpriseByNumber("0367"))?.botToken).toBeNull();
    expect(text).toContain("Get no cards while the enterprise has no bot: 1\n  11  P11\n");
    const first = await fine(`enterprise set 0367 --bot-token ${NEXT}`);
    expect(named(first)).toEqual([["11"]]);
  });

  it("says nothing where nothing changes", async () => {
    for (const flags of [`--bot-token ${BOT}`, "--name New"]) {
      expect((await fine(`enterprise set 0367 ${flags}`)).split("\n")).toHaveLength(2);
    }
    const run = await box.run("enterprise set 0367 --name B --move-people".split(" "));
    expect([run.code as number, run.stderr.includes("goes with --bot-token")]).toEqual([2, true]);
  });

  it("leaves an enterprise of the same number, later, no old invitations", async () => {
    await invite();
    await fine("enterprise remove 0367");
    expect(openOnes()).toEqual([]);
  });
});
