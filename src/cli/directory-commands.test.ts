import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { join } from "node:path";
import { type Directory, openDirectory } from "../people/index.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";
import { userCommands } from "./user.ts";

let sandbox: CliSandbox;
/** As a running server holds it: open all the while the commands work. */
let directory: Directory;

beforeEach(async () => {
  sandbox = openSandbox([...enterpriseCommands, ...userCommands]);
  directory = await openDirectory({ sqlitePath: join(sandbox.folder, "calllog.sqlite") });
});
afterEach(async () => {
  await directory.close();
  sandbox.remove();
});

const fine = async (line: string): Promise<string> => {
  const run = await sandbox.run(line.split(" "));
  expect([line, run.code, run.stderr]).toEqual([line, 0, ""]);
  return run.stdout;
};

const CREDENTIALS =
  "--webhook-token +375290000001 --secret given-secret --bot-token 700001:given-bot";

describe("enterprise add", () => {
  it("makes up a token and a secret of 128 bits, and shows them with what to do next", async () => {
    const stdout = await fine("enterprise add 0367 --name Пример");
    const stored = await directory.enterpriseByNumber("0367");
    expect(stored).toMatchObject({ name: "Пример", botToken: null, active: true });
    expect(stored?.secret).toMatch(/^[0-9a-f]{32}$/);
    expect(stored?.webhookToken).toMatch(/^[0-9a-f]{32}$/);
    expect(stored?.webhookToken).not.toBe(stored?.secret ?? "");
    for (const part of [
      stored?.secret ?? "-",
      `-d '{"Token":"${stored?.webhookToken}"`,
      "http://127.0.0.1:8000/start",
      "http://127.0.0.1:8026/call/0367/UNIQUE_ID?token=SECRET",
      "calllog user add CHAT_ID --enterprise 0367",
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it("takes given credentials as they are, and does not repeat them", async () => {
    const stdout = await fine(`enterprise add 0367 --name A ${CREDENTIALS}`);
    expect(await directory.enterpriseByWebhookToken("+375290000001")).toMatchObject({
      number: "0367",
      secret: "given-secret",
      botToken: "700001:given-bot",
    });
    for (const hidden of ["375290000001", "given-secret", "given-bot"]) {
      expect(stdout).not.toContain(hidden);
    }
  });

  it("prints what it made as JSON", async () => {
    const made = JSON.parse(
      await fine("enterprise add 0367 --name A --secret given-secret --json"),
    );
    const stored = await directory.enterpriseByNumber("0367");
    expect(made).toEqual({ number: "0367", name: "A", webhookToken: stored?.webhookToken });
  });

  it("shows addresses that follow the settings", async () => {
    const env = { CALLLOG_WEBHOOK_PORT: "8100", CALLLOG_HOST: "::1" };
    const { stdout } = await sandbox.run(["enterprise", "add", "0367", "--name", "A"], { env });
    expect(stdout).toContain("http://127.0.0.1:8100/start");
    expect(stdout).toContain("http://[::1]:8026/call/0367/");
  });

  it("reports all bad inputs at once, without secrets, and stores nothing: exit 2", async () => {
    const argv = "enterprise add 03/67 --secret a!b --webhook-token б --bot-token abc --port 1";
    const { code, stdout, stderr } = await sandbox.run(argv.split(" "));
    expect([code, stdout]).toEqual([2, ""]);
    for (const setting of [
      "NUMBER 03/67",
      "--secret",
      "--webhook-token",
      "--bot-token",
      "--name",
      "--port",
    ]) {
      expect(stderr).toContain(`calllog: ${setting}: `);
    }
    expect(stderr).not.toContain("a!b");
    expect(await directory.enterprises()).toEqual([]);
  });

  it("refuses a taken number or token in one line: exit 1", async () => {
    await fine(`enterprise add 0367 --name A ${CREDENTIALS}`);
    for (const argv of [
      "enterprise add 0367 --name B",
      `enterprise add 0113 --name B ${CREDENTIALS}`,
    ]) {
      const { code, stdout, stderr } = await sandbox.run(argv.split(" "));
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^calllog: cannot add enterprise .*0367.*\n$/);
      expect(stderr).not.toContain("375290000001");
    }
  });
});

describe("enterprise set", () => {
  it("changes what is given and nothing else", async () => {
    await fine(`enterprise add 0367 --name A ${CREDENTIALS}`);
    await fine("enterprise set 0367 --active no --name B");
    expect(await directory.enterpriseByNumber("0367")).toEqual({
      number: "0367",
      name: "B",
      webhookToken: "+375290000001",
      secret: "given-secret",
      botToken: "700001:given-bot",
      active: false,
    });
    await fine("enterprise set 0367 --country RU");
    expect((await directory.enterpriseByNumber("0367"))?.country).toBe("RU");
    await fine("enterprise set 0367 --country none");
    expect(await directory.enterpriseByNumber("0367")).not.toHaveProperty("country");
    await fine("enterprise set 0367 --recordings none");
    expect((await directory.enterpriseByNumber("0367"))?.recordings).toBe("none");
    await fine("enterprise set 0367 --recordings all");
    expect(await directory.enterpriseByNumber("0367")).not.toHaveProperty("recordings");
    await fine("enterprise set 0367 --active yes");
    expect((await directory.enterpriseByNumber("0367"))?.active).toBe(true);
  });

  const wrong: readonly (readonly [string, number, string])[] = [
    ["enterprise set 0367", 2, "nothing to change"],
    ["enterprise set 0367 --recordings /rec", 2, "must be none or all"],
    ["enterprise set 0367 --country XX", 2, "must be a country as ISO 3166 has it"],
    ["enterprise set 0367 --active maybe", 2, "--active maybe: must be yes or no"],
    ["enterprise set 0999 --active no", 1, "cannot change enterprise 0999: there is none"],
  ];
  for (const [argv, code, text] of wrong) {
    it(`${argv}: exit ${code}`, async () => {
      const run = await sandbox.run(argv.split(" "));
      expect(run.code as number).toBe(code);
      expect(run.stderr).toContain(text);
    });
  }
});

describe("enterprise list", () => {
  it("says how to begin where there is none", async () => {
    expect(await fine("enterprise list")).toContain("calllog enterprise add");
    expect(JSON.parse(await fine("enterprise list --json"))).toEqual([]);
  });

  it("shows every enterprise with masked credentials, as a table and as JSON", async () => {
    await fine("enterprise add 0367 --name Пример");
    await fine(`enterprise add 0103 --name B ${CREDENTIALS}`);
    await fine("user add 5 --enterprise 0103");
    const stored = await directory.enterprises();
    const table = await fine("enterprise list");
    const json = await fine("enterprise list --json");
    expect(JSON.parse(json)).toMatchObject([
      { number: "0103", name: "B", active: true, botToken: "700001:***", people: 1 },
      { number: "0367", name: "Пример", botToken: null, people: 0 },
    ]);
    expect(table.split("\n")).toHaveLength(4);
    for (const { webhookToken, secret, botToken } of stored) {
      for (const hidden of [webhookToken, secret, botToken]) {
        if (hidden === null) continue;
        expect(table).not.toContain(hidden);
        expect(json).not.toContain(hidden);
      }
    }
  });
});

describe("enterprise rotate-secret", () => {
  it("replaces the secret and shows the new one once", async () => {
    await fine(`enterprise add 0367 --name A ${CREDENTIALS}`);
    const text = await fine("enterprise rotate-secret 0367");
    const first = (await directory.enterpriseByNumber("0367"))?.secret ?? "";
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(text).toContain(first);
    const { secret } = JSON.parse(await fine("enterprise rotate-secret 0367 --json"));
    expect(secret).not.toBe(first);
    expect((await directory.enterpriseByNumber("0367"))?.secret).toBe(secret);
  });
});

describe("enterprise remove", () => {
  it("removes the enterprise and its people, and says that records stay", async () => {
    await fine("enterprise add 0367 --name A");
    await fine("user add 5 --enterprise 0367");
    expect(await fine("enterprise remove 0367")).toContain("records stay");
    expect(await directory.enterprises()).toEqual([]);
    expect(await directory.users()).toEqual([]);
    expect((await sandbox.run(["enterprise", "remove", "0367"])).code).toBe(1);
  });
});

describe("user", () => {
  beforeEach(() => fine(`enterprise add 0367 --name A ${CREDENTIALS}`));

  it("add stores a person or a group", async () => {
    await fine("user add 100200300 --enterprise 0367 --first-name Анна --email anna@example.test");
    await fine("user add -1001234567890 --enterprise 0367");
    expect(await directory.users("0367")).toMatchObject([
      { chatId: "-1001234567890", firstName: null },
      { chatId: "100200300", firstName: "Анна", lastName: null, email: "anna@example.test" },
    ]);
  });

  it("add says when cards cannot leave yet", async () => {
    await fine("enterprise add 0113 --name B");
    expect(await fine("user add 5 --enterprise 0113")).toContain("no bot yet");
    expect(await fine("user add 5 --enterprise 0367")).toContain("press Start");
  });

  const wrong: readonly (readonly [string, number, readonly string[]])[] = [
    [
      "user add anna --enterprise 0/1 --email=",
      2,
      ["CHAT_ID anna", "--enterprise 0/1", '--email ""'],
    ],
    ["user add 5", 2, ["--enterprise: is needed"]],
    ["user add 5 --enterprise 0999", 1, ["there is no enterprise 0999"]],
    ["user remove 5 --enterprise 0367", 1, ["cannot remove 5 from enterprise 0367"]],
  ];
  for (const [argv, code, texts] of wrong) {
    it(`${argv}: exit ${code}`, async () => {
      const run = await sandbox.run(argv.split(" "));
      expect(run.code as number).toBe(code);
      for (const text of texts) expect(run.stderr).toContain(text);
      expect(await directory.users()).toEqual([]);
    });
  }

  it("list shows the people of one enterprise or of all, and no bot token", async () => {
    await fine("enterprise add 0113 --name B");
    await fine("user add 5 --enterprise 0367 --first-name Анна");
    await fine("user add 6 --enterprise 0113");
    const ofOne = JSON.parse(await fine("user list --enterprise 0113 --json"));
    expect(ofOne.map(({ chatId }: { chatId: string }) => chatId)).toEqual(["6"]);
    expect(await fine("user list")).toMatch(/^CHAT .*\n6 .*0113\n5 .*Анна.*0367\n$/);
    expect(await fine("user list --json")).not.toContain("otToken");
  });

  it("list shows nothing that a terminal would obey", async () => {
    await directory.addUser({
      chatId: "5",
      firstName: "a\u202Eb",
      lastName: null,
      email: null,
      botToken: null,
      enterpriseNumber: "0367",
    });
    expect(await fine("user list")).not.toContain("\u202E");
  });

  it("remove ends the cards of one enterprise", async () => {
    await fine("user add 5 --enterprise 0367");
    await fine("user remove 5 --enterprise 0367");
    expect(await directory.users()).toEqual([]);
    expect(await fine("user list")).toContain("There is nobody yet");
  });
});
