// What `calllog doctor` looks at: a list of checks, each a question to the real thing. A check reads and asks; it sends
// no message and changes nothing. Every finding that is wrong says what to do.

import { randomUUID } from "node:crypto";
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../config.ts";
import { type Directory, DirectoryError } from "../directory/index.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { type Bot, isButtonUrl, type TelegramFailure } from "../telegram/index.ts";

export type Finding = {
  /** `note`: works, but less than it could. */
  readonly level: "ok" | "note" | "wrong";
  /** What was looked at, such as `chat 374573193 of 0367`. */
  readonly what: string;
  readonly finding: string;
  /** What to do about it. */
  readonly todo?: string;
};

export type CheckWorld = {
  readonly config: Config;
  /** Undefined where it could not be opened; `directoryFault` says why. */
  readonly directory: Directory | undefined;
  readonly directoryFault: string | undefined;
  readonly bot: (token: string) => Bot;
};

export type Check = (world: CheckWorld) => Promise<readonly Finding[]>;

const ok = (what: string, finding: string): Finding => ({ level: "ok", what, finding });
const note = (what: string, finding: string, todo: string): Finding => ({
  ...{ level: "note", what, finding, todo },
});
const wrong = (what: string, finding: string, todo: string): Finding => ({
  ...{ level: "wrong", what, finding, todo },
});

/** What an error says, as a finding. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const dataFolder: Check = async ({ config: { dataDir } }) => {
  const what = `data folder ${dataDir}`;
  const todo = "run calllog as the user that owns it, or give another --data-dir";
  try {
    if (!existsSync(dataDir)) {
      let above = dirname(dataDir);
      while (!existsSync(above)) above = dirname(above);
      if (!statSync(above).isDirectory()) return [wrong(what, `${above} is a file`, todo)];
      accessSync(above, constants.W_OK);
      return [note(what, "not there yet", "it is made when the service starts")];
    }
    if (!statSync(dataDir).isDirectory()) return [wrong(what, "is a file", "move it away")];
    const file = join(dataDir, `.doctor-${randomUUID()}`);
    writeFileSync(file, "");
    rmSync(file);
    return [ok(what, "can be written")];
  } catch (error) {
    return [wrong(what, messageOf(error), todo)];
  }
};

const directoryAnswers: Check = async ({ directory, directoryFault }) => {
  const what = "directory of enterprises and people";
  const todo = "see that its database is there and may be read by this user";
  if (directory === undefined) return [wrong(what, directoryFault ?? "cannot be opened", todo)];
  try {
    await directory.check();
    const remarks = await directory.remarks();
    return [
      ok(what, "answers"),
      ...remarks.map((remark): Finding => ({ level: "note", what, finding: remark })),
    ];
  } catch (error) {
    // What PostgreSQL says comes with what to do.
    return [
      error instanceof DirectoryError
        ? { level: "wrong", what, finding: error.message }
        : wrong(what, messageOf(error), todo),
    ];
  }
};

const publicUrl: Check = async ({ config }) => {
  const url = config.publicUrl;
  if (url === null) {
    const todo = "give --public-url, the address at which people reach the pages";
    return [note("public address", "not set: cards have no button", todo)];
  }
  return isButtonUrl(url)
    ? [ok(`public address ${url}`, "can stand in a button")]
    : [
        wrong(
          `public address ${url}`,
          "Telegram takes no address whose host has no dot: cards have no button",
          "give a --public-url with a name that people can reach",
        ),
      ];
};

const METADATA_TIMEOUT_MS = 2000;

const metadata: Check = async ({ config: { metadataUrl } }) => {
  if (metadataUrl === null) {
    const todo = "give --metadata-url where there is such a service";
    return [note("metadata service", "not set: numbers stand instead of names", todo)];
  }
  const what = `metadata service ${metadataUrl}`;
  const todo = "see that it runs and that this machine may reach it";
  try {
    const signal = AbortSignal.timeout(METADATA_TIMEOUT_MS);
    const response = await fetch(`${metadataUrl}/`, { redirect: "manual", signal });
    await response.body?.cancel();
    // It has no page of its own: whatever it says of one, it is there.
    return response.status < 500
      ? [ok(what, "answers")]
      : [wrong(what, `answers HTTP ${response.status}`, todo)];
  } catch {
    return [wrong(what, "does not answer", todo)];
  }
};

const reasonOf = (failure: TelegramFailure): string => {
  if (failure.kind === "limited") return "Telegram asks to wait: too many requests";
  if (failure.kind === "migrated") return `the group has become chat ${failure.chatId}`;
  return failure.reason;
};

/** Digits before the colon: the bot's public id. */
const botId = (token: string): string => token.split(":", 1)[0] ?? "";

type BotUse = {
  readonly token: string;
  readonly enterprises: Set<string>;
  readonly chats: Map<string, string>;
};

/** Which bots there are, and whom each writes to; and the enterprises whose cards reach nobody. */
const botUses = async (
  directory: Directory,
  enterprises: readonly Enterprise[],
): Promise<{ readonly uses: readonly BotUse[]; readonly findings: readonly Finding[] }> => {
  const uses = new Map<string, BotUse>();
  const findings: Finding[] = [];
  const useOf = (token: string, number: string): BotUse => {
    const use = uses.get(token) ?? { token, enterprises: new Set(), chats: new Map() };
    uses.set(token, use);
    use.enterprises.add(number);
    return use;
  };
  for (const enterprise of enterprises) {
    const { number, botToken } = enterprise;
    const what = `enterprise ${number}`;
    if (botToken !== null) useOf(botToken, number);
    const users: readonly TelegramUser[] = await directory.usersOf(enterprise);
    for (const user of users) {
      const token = user.botToken ?? botToken;
      if (token !== null) useOf(token, number).chats.set(user.chatId, number);
    }
    if (users.length === 0) {
      const todo = `calllog user invite ${number}`;
      findings.push(note(what, "nobody gets its cards", todo));
    } else if (botToken === null && users.some((user) => user.botToken === null)) {
      const todo = `calllog enterprise set ${number} --bot-token TOKEN`;
      findings.push(wrong(what, "has people to tell but no bot", todo));
    }
  }
  return { uses: [...uses.values()], findings };
};

const checkBot = async (bot: Bot, use: BotUse): Promise<Finding[]> => {
  const numbers = [...use.enterprises];
  const what = `bot ${botId(use.token)} of ${numbers.join(", ")}`;
  const name = await bot.whoAmI();
  if (!name.ok) {
    const todo =
      name.error.kind === "refused"
        ? `take the token from @BotFather: calllog enterprise set ${numbers[0]} --bot-token TOKEN`
        : "see that this machine reaches --telegram-api-root, then try again";
    return [wrong(what, reasonOf(name.error), todo)];
  }
  const findings = [ok(what, `is @${name.value}`)];
  for (const [chatId, number] of use.chats) {
    const chat = `chat ${chatId} of ${number}`;
    const known = await bot.knows(chatId);
    const todo = `press Start in the chat with @${name.value} (a group must let the bot in), or: calllog user remove ${chatId} --enterprise ${number}`;
    findings.push(
      known.ok
        ? ok(chat, "is known to its bot")
        : wrong(
            chat,
            reasonOf(known.error),
            known.error.kind === "refused" || known.error.kind === "migrated"
              ? todo
              : "try again later",
          ),
    );
  }
  return findings;
};

/** Bots asked at the same time; the chats of one bot are asked about one after the other. */
const BOTS_AT_ONCE = 8;

const bots: Check = async ({ directory, bot }) => {
  if (directory === undefined) return [];
  const enterprises = (await directory.enterprises()).filter(({ active }) => active);
  if (enterprises.length === 0) {
    const todo = "calllog enterprise add NUMBER --name NAME";
    return [note("enterprises", "there are none that are active", todo)];
  }
  const { uses, findings } = await botUses(directory, enterprises);
  const found: Finding[][] = uses.map(() => []);
  const left = uses.entries();
  const lane = async (): Promise<void> => {
    for (const [i, use] of left) found[i] = await checkBot(bot(use.token), use);
  };
  await Promise.all(Array.from({ length: BOTS_AT_ONCE }, lane));
  return [...findings, ...found.flat()];
};

/** In the order in which they are told. */
export const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["data", dataFolder],
  ["directory", directoryAnswers],
  ["public-url", publicUrl],
  ["metadata", metadata],
  ["telegram", bots],
];
