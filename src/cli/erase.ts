// `calllog erase`: takes one subscriber out of an enterprise's records, its archive and its chats, and writes the act of it.
// Without --yes it only tells what it would do.

import { randomInt } from "node:crypto";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openHistory, tableWithout } from "../call/list/index.ts";
import { createBot } from "../channels/telegram/index.ts";
import { type Config, sqlitePathOf } from "../config/index.ts";
import { ANSWER_TIMEOUT_MS } from "../doctor/index.ts";
import type { Subscriber } from "../domain/erasing.ts";
import { subscriberKey } from "../domain/phone.ts";
import { errorText } from "../lib/errors.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import { tryHoldLock } from "../lib/file-lock.ts";
import { silentLog } from "../lib/log.ts";
import type { Output } from "../lib/output.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { HOUR_MS } from "../lib/time.ts";
import { archiveOf } from "../service/archive.ts";
import {
  type Archive,
  archiveWriteLockPath,
  type Found,
  type StandingCard,
  SubscriberErasure,
} from "../store/index.ts";
import { actTextsOf } from "../texts/index.ts";
import { auditedExit, operatorName } from "./audited.ts";
import { callOperands, hasRecords, noRecords } from "./call-operands.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { configOf } from "./enterprise-config.ts";
import { actPage, type EraseAct } from "./erase-act.ts";
import { noteNodeFolder } from "./node-folder.ts";
import { counted } from "./table.ts";
import { withDirectory } from "./with-directory.ts";

const LETTERS = "abcdefghjkmnpqrstuvwxyz";
const MARK_LETTERS = 8;
/** More of an enterprise than that is hardly one person. */
const MAX_SHARE = 0.01;
const MAX_CALLS = 500;
/** An enterprise with few lines is soon past the share. */
const MIN_LINES = 100;
/** Telegram deletes a bot's message no later (Bot API, `deleteMessage`). */
const DELETABLE_MS = 48 * HOUR_MS;
/** Requests to Telegram follow each other so, in milliseconds: it takes 30 a second. */
const CARD_PAUSE_MS = 50;

/** Random, and no hash of the number: a hash of a telephone number can be guessed through. */
const newMark = (): string =>
  `erased-${Array.from({ length: MARK_LETTERS }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;

/** `+375•••••••42`: tells the person concerned, and nobody else. */
const hidden = (number: string): string => {
  const key = subscriberKey(number);
  return `${key.slice(0, 4)}${"•".repeat(Math.max(0, key.length - 6))}${key.slice(-2)}`;
};

const summaryOf = ({ traces, days }: Found): string => {
  const archived = days.filter(({ where }) => where === "archive").length;
  const found = [
    counted(traces.calls.size, "call"),
    `${traces.lines} of ${traces.all} lines in ${counted(days.length, "day")} (${archived} in the archive)`,
    counted(traces.names.size, "name"),
    `${counted(traces.cards.size, "card")} in chats`,
  ];
  return `${found.join(", ")}\n`;
};

/** Why it is not done without --force; undefined where it may be. */
const tooMuch = ({ traces }: Found): string | undefined => {
  const isMuch = traces.lines > Math.max(MIN_LINES, traces.all * MAX_SHARE);
  return isMuch || traces.calls.size > MAX_CALLS
    ? "that is more than 1 % of the enterprise's lines or 500 calls: hardly one person; --force does it all the same"
    : undefined;
};

type Cards = { deleted: number; edited: number; failed: number };

/** Deletes cards that Telegram still deletes, and puts a line in the place of older ones. */
const clearCards = async (
  { clock }: CliContext,
  args: CommandArgs,
  config: Config,
  cards: readonly StandingCard[],
): Promise<Cards> => {
  const done = { deleted: 0, edited: 0, failed: 0 };
  const hasDirectory = config.databaseUrl !== null || existsSync(sqlitePathOf(config));
  const token = hasDirectory
    ? await withDirectory(args, async (directory) => {
        const enterprise = await directory.enterpriseByNumber(args.operand("ENT"));
        return enterprise?.botToken ?? undefined;
      })
    : undefined;
  if (token === undefined) return { ...done, failed: cards.length };
  const bot = createBot(token, {
    apiRoot: config.telegramApiRoot,
    scheduler: systemScheduler(clock),
    now: clock.now,
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  const text = actTextsOf(config.lang).card;
  for (const { chatId, messageId, at } of cards) {
    const isYoung = clock.now() - at < DELETABLE_MS;
    const removed = isYoung ? await bot.remove(chatId, messageId) : undefined;
    if (removed?.ok) done.deleted += 1;
    else {
      const edited = await bot.edit(chatId, messageId, { pieces: [text], plain: text });
      if (edited.ok) done.edited += 1;
      else done.failed += 1;
    }
    await new Promise((next) => setTimeout(next, CARD_PAUSE_MS));
  }
  return done;
};

type Task = {
  readonly config: Config;
  readonly enterprise: string;
  readonly subscriber: Subscriber;
  readonly archive: Archive | undefined;
};

/** Writes the act and its line in the journal. @returns the path of the page */
const keepAct = ({ cwd }: CliContext, { config }: Task, act: EraseAct, to: string): string => {
  const base = resolve(cwd, to);
  writeFileSync(`${base}.json`, `${JSON.stringify(act, null, 2)}\n`, { mode: 0o600 });
  writeFileSync(`${base}.html`, actPage(act, config.lang), { mode: 0o600 });
  const { days, at, by, enterprise, mark, ...done } = act;
  const told = { at, who: by, from: "command line", what: "erase-done", enterprise, about: mark };
  const line = JSON.stringify({ ...told, ...done, days: days.length });
  appendFileSync(join(config.dataDir, ".audit.log"), `${line}\n`, { mode: 0o600 });
  return `${base}.html`;
};

/** Takes away what the archive keeps of the days as they were. @returns what the act says of it */
const removeVersions = async (
  { archive, enterprise }: Task,
  days: Found["days"],
  stderr: Output,
): Promise<EraseAct["versions"]> => {
  let removed = 0;
  try {
    for (const { name, where } of days)
      if (where === "archive") {
        removed += (await archive?.store.removeOlder(`${enterprise}/${name}.`)) ?? 0;
      }
    return { removed, left: null };
  } catch (error) {
    const left = errorText(error);
    stderr.write(`calllog: older versions are left: ${left}\n`);
    return { removed, left };
  }
};

/** Erases what was found, and writes the act. */
const carryOut = async (
  { erasure, found }: { readonly erasure: SubscriberErasure; readonly found: Found },
  context: CliContext,
  args: CommandArgs,
  task: Task,
): Promise<ExitCode> => {
  const { stdout, stderr, clock } = context;
  const { config, enterprise, subscriber, archive } = task;
  const { traces, days } = found;
  const linesChanged = await erasure.erase(found);
  const again = await erasure.find();
  const versions = await removeVersions(task, days, stderr);
  const cards = await clearCards(context, args, config, [...traces.cards.values()]);
  const at = new Date(clock.now()).toISOString();
  const act: EraseAct = {
    enterprise,
    subscriber: hidden(subscriber.number),
    mark: subscriber.mark,
    at,
    by: operatorName(context),
    reason: args.option("reason") ?? "",
    calls: traces.calls.size,
    lines: traces.lines,
    linesInAll: traces.all,
    linesChanged,
    days,
    cards,
    archive: archive?.name ?? null,
    versions,
  };
  const to = args.option("act") ?? `erased-${enterprise}-${at.slice(0, 19).replaceAll(":", "")}`;
  stdout.write(`${linesChanged} lines changed; the act: ${keepAct(context, task, act, to)}\n`);
  if (again.traces.lines === 0) return EXIT_OK;
  stderr.write(
    `calllog: ${again.traces.lines} lines came in meanwhile or could not be changed; begin again\n`,
  );
  return EXIT_FAILED;
};

const eraseNow = async (context: CliContext, args: CommandArgs, task: Task): Promise<ExitCode> => {
  const { stdout, stderr, clock } = context;
  const { config, enterprise, subscriber, archive } = task;
  const { dataDir: dir, callTimeoutMs } = config;
  const history = openHistory({ dir, clock, callTimeoutMs, log: silentLog });
  try {
    const erasure = new SubscriberErasure({
      dir,
      enterprise,
      subscriber,
      archive,
      now: () => clock.now(),
      tableWithout: async (name) => {
        if (existsSync(join(dir, enterprise, name))) return history.tableOf(enterprise, name);
        const side = await archive?.table(enterprise, name);
        return side === undefined ? undefined : tableWithout(side, subscriber);
      },
      onProgress: (what, name) => stderr.write(`${what}: ${name}\n`),
    });
    const found = await erasure.find();
    stdout.write(summaryOf(found));

    if (found.traces.lines === 0) return EXIT_OK;
    const refusal = tooMuch(found);
    if (refusal !== undefined && !args.has("force")) {
      stderr.write(`calllog: ${refusal}\n`);
      return EXIT_FAILED;
    }
    if (!args.has("yes")) {
      stdout.write("nothing was changed; --yes does it\n");
      return EXIT_OK;
    }
    const entry = { what: "erase", enterprise, about: subscriber.mark };
    return await auditedExit(context, args, entry, () =>
      carryOut({ erasure, found }, context, args, task),
    );
  } finally {
    await history.close();
  }
};
export const eraseCommand: CliCommand = {
  words: ["erase"],
  summary: "take one subscriber's number and name out of all records of an enterprise",
  operands: callOperands.slice(0, 1),
  options: [
    {
      flag: "number",
      placeholder: "NUMBER",
      text: "Whose data it is, with the country: every spelling of it is found.",
      required: true,
      secret: true,
    },
    { flag: "yes", text: "Do it; else it is only told what would be done." },
    { flag: "dry-run", text: "Only tell what would be done: that is so without --yes, too." },
    { flag: "force", text: "Though it is more than 1 % of the lines, or 500 calls." },
    { flag: "reason", placeholder: "TEXT", text: "Why, for the act." },
    {
      flag: "act",
      placeholder: "FILE",
      text: "Where the act is written, without .json and .html.",
    },
  ],
  examples: [
    "calllog erase 0367 --number +375291234567",
    'calllog erase 0367 --number +375291234567 --yes --reason "request of 2026-11-22"',
  ],
  conflicts: (args) =>
    args.has("yes") && args.has("dry-run") ? ["--yes and --dry-run cannot be given together"] : [],
  run: async (context, args) => {
    const { stderr, env, clock } = context;
    const enterprise = args.operand("ENT");
    const config = await configOf(context, args, enterprise);
    if (!hasRecords(config.dataDir, enterprise)) {
      stderr.write(`calllog: ${noRecords(config.dataDir, enterprise)}\n`);
      return EXIT_FAILED;
    }
    noteNodeFolder(stderr, config.dataDir);
    const archive = archiveOf(config, env, { clock });
    const lock =
      archive === undefined ? undefined : tryHoldLock(archiveWriteLockPath(config.dataDir));
    if (archive !== undefined && lock === undefined) {
      stderr.write(
        "calllog: the service is just bringing days into the archive; begin again in a minute\n",
      );
      return EXIT_FAILED;
    }
    try {
      if (archive?.ledger.isComplete() === false) {
        stderr.write(
          "calllog: it is not known yet what is in the archive; calllog archive upload finds out, then begin again\n",
        );
        return EXIT_FAILED;
      }
      const number = args.option("number") ?? "";
      const subscriber = { number, country: config.country, mark: newMark() };
      return await eraseNow(context, args, { config, enterprise, subscriber, archive });
    } finally {
      lock?.release();
    }
  },
};
