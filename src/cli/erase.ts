// `calllog erase`: takes one subscriber out of an enterprise's records, its archive and its chats, and writes the act of it.
// Without --yes it only tells what it would do.

import { randomInt } from "node:crypto";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openHistory, tableWithout } from "../call/list/index.ts";
import type { Subscriber } from "../domain/erasing.ts";
import { internationalNumber, subscriberKey } from "../domain/phone.ts";
import { errorText } from "../lib/errors.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import { silentLog } from "../lib/log.ts";
import { archiveOf } from "../service/archive.ts";
import { archivedNames, type Found, holdArchiveLock, SubscriberErasure } from "../store/index.ts";
import { auditedExit, operatorName } from "./audited.ts";
import { callOperands, hasRecords, noRecords } from "./call-operands.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { configOf } from "./enterprise-config.ts";
import { actPage, type EraseAct } from "./erase-act.ts";
import { clearCards } from "./erase-cards.ts";
import {
  finish,
  finishOf,
  type OwedTask,
  owedOf,
  removeVersions,
  resume,
  type Tables,
  tellFailures,
  tellOwed,
} from "./erase-owed.ts";
import { noteNodeFolder } from "./node-folder.ts";
import { counted } from "./table.ts";

const LETTERS = "abcdefghjkmnpqrstuvwxyz";
const MARK_LETTERS = 8;
/** More of an enterprise than that is hardly one person. */
const MAX_SHARE = 0.01;
const MAX_CALLS = 500;
/** An enterprise with few lines is soon past the share. */
const MIN_LINES = 100;
const HALF =
  "pages of archived days that were not written anew may answer 503 until what is said above is mended";
const DIGITS_ALONE =
  "that is no whole telephone number (too few or too many digits, or no country: neither + nor --country): only those digits as they stand are looked for, no other spelling; write it such as +375291234567";

const notFound = (all: number, enterprise: string, isWhole: boolean): string =>
  `${isWhole ? "nothing of that number, in any spelling, is" : "those digits are nowhere"} in the ${counted(all, "line")} of ${enterprise}; see that the digits and the enterprise are right\n`;

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

type Task = OwedTask & { readonly subscriber: Subscriber };

/** Writes the act and its line in the journal. @returns the path of the page */
const keepAct = ({ cwd }: CliContext, { config }: Task, act: EraseAct, to: string): string => {
  const base = resolve(cwd, to);
  writeFileSync(`${base}.json`, `${JSON.stringify(act, null, 2)}\n`, { mode: 0o600 });
  writeFileSync(`${base}.html`, actPage(act, config.lang), { mode: 0o600 });
  const { days, at, by, enterprise, mark, failed, versions, ...done } = act;
  const told = { at, who: by, from: "command line", what: "erase-done", enterprise, about: mark };
  const counts = {
    days: days.length,
    failed: failed.length,
    versions: { removed: versions.removed, left: versions.left.length },
  };
  const line = JSON.stringify({ ...told, ...done, ...counts });
  appendFileSync(join(config.dataDir, ".audit.log"), `${line}\n`, { mode: 0o600 });
  return `${base}.html`;
};

/** Looks once more. @returns why it is not over; undefined where nothing is left */
const whatIsLeft = async (erasure: SubscriberErasure): Promise<string | undefined> => {
  try {
    const { traces } = await erasure.find();
    return traces.lines === 0
      ? undefined
      : `${traces.lines} lines came in meanwhile or could not be changed; run the same command once more`;
  } catch (error) {
    return `it could not be looked through once more: ${errorText(error)}; run the same command once more`;
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
  // First: once the lines are written anew, nobody could find the cards of a run that was cut short.
  const cards = await clearCards(context, args, config, [...traces.cards.values()]);
  const { changed, failed } = await erasure.erase(found);
  const named = failed.map((failure) => ({ ...failure, day: failure.day.name }));
  tellFailures(stderr, named, (name) => `${name} was not written anew`);
  const versions = await removeVersions(context, task);
  // What failed is known to be left, and may not be readable until it is mended.
  const left = failed.length === 0 ? await whatIsLeft(erasure) : HALF;
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
    linesChanged: changed,
    days,
    failed: failed.map(({ day, why }) => ({ ...day, why })),
    cards,
    archive: archive?.name ?? null,
    versions: { removed: versions.removed, left: versions.left },
    finish: failed.length + versions.left.length > 0 ? finishOf(enterprise) : null,
  };
  const to = args.option("act") ?? `erased-${enterprise}-${at.slice(0, 19).replaceAll(":", "")}`;
  stdout.write(`${changed} lines changed; the act: ${keepAct(context, task, act, to)}\n`);
  if (left !== undefined) stderr.write(`calllog: ${left}\n`);
  const isOwed = tellOwed(context, task);
  return left === undefined && failed.length === 0 && !isOwed ? EXIT_OK : EXIT_FAILED;
};

/** Looks for the subscriber, and erases where that was asked for. */
const eraseNow = async (
  context: CliContext,
  args: CommandArgs,
  task: Task,
  tables: Tables,
): Promise<ExitCode> => {
  const { stdout, stderr, clock } = context;
  const { config, enterprise, subscriber, archive } = task;
  const erasure = new SubscriberErasure({
    dir: config.dataDir,
    enterprise,
    subscriber,
    archive,
    now: () => clock.now(),
    tableWithout: async (name) => {
      const isHere = existsSync(join(config.dataDir, enterprise, name));
      if (isHere) return tables.tableOf(enterprise, name);
      const side = await archive?.table(enterprise, name);
      return side === undefined ? undefined : tableWithout(side, subscriber);
    },
    onProgress: (what, name) => stderr.write(`${what}: ${name}\n`),
  });
  if (!args.has("yes")) tellOwed(context, task);
  else if (!(await resume(context, task, tables))) return EXIT_FAILED;
  const isWhole = internationalNumber(subscriber.number, subscriber.country) !== undefined;
  if (!isWhole) {
    const isRefused = args.has("yes") && !args.has("force");
    stderr.write(`calllog: ${DIGITS_ALONE}${isRefused ? "; --force does it all the same" : ""}\n`);
    if (isRefused) return EXIT_FAILED;
  }
  const found = await erasure.find();
  const isOwed = owedOf(task).length > 0;
  if (found.traces.lines === 0) {
    stdout.write(notFound(found.traces.all, enterprise, isWhole));
    if (!isOwed) return EXIT_OK;
    return args.has("yes") ? finish(context, args, task) : EXIT_FAILED;
  }
  stdout.write(summaryOf(found));
  const refusal = tooMuch(found);
  if (refusal !== undefined && !args.has("force")) {
    stderr.write(`calllog: ${refusal}\n`);
    return EXIT_FAILED;
  }
  if (!args.has("yes")) {
    stdout.write("nothing was changed; --yes does it\n");
    return isOwed ? EXIT_FAILED : EXIT_OK;
  }
  const entry = { what: "erase", enterprise, about: subscriber.mark };
  return await auditedExit(context, args, entry, () =>
    carryOut({ erasure, found }, context, args, task),
  );
};

/** Why it cannot be done with this archive; undefined where it can. */
const obstacle = (
  args: CommandArgs,
  { archive, config, enterprise }: OwedTask,
): string | undefined => {
  const archived = archivedNames(config.dataDir, enterprise).length;
  if (archive === undefined && archived > 0)
    return `${counted(archived, "day")} of ${enterprise} ${archived === 1 ? "is" : "are"} in an archive, and none was named: give --archive as the service has it (or remove ${join(config.dataDir, ".archive")}, where that archive is no more)`;
  if (archive === undefined || args.has("finish") || archive.ledger.isComplete()) return undefined;
  const learnt = archive.ledger.learnt();
  return learnt === undefined
    ? `it is not known yet what is in ${archive.name}; calllog archive upload finds out, then run this once more`
    : `the days of this folder are in ${learnt}, and ${archive.name} was named: give --archive as the service has it; where everything was moved there, calllog archive upload learns it, then run this once more`;
};

/** Does the work while nobody else writes into the archive. */
const underLock = async (
  { stderr }: CliContext,
  { archive, config }: OwedTask,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> => {
  if (archive === undefined) return await work();
  const lock = holdArchiveLock(config.dataDir);
  if (lock === undefined) {
    stderr.write(
      "calllog: another process is just writing into the archive (the service, calllog archive upload or an erasure); run this once more in a minute\n",
    );
    return EXIT_FAILED;
  }
  try {
    return await work();
  } finally {
    lock.release();
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
      secret: true,
    },
    {
      flag: "finish",
      text: "In place of --number: remove the older versions that an erasure before had to leave in the archive.",
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
    "calllog erase 0367 --finish",
  ],
  conflicts: (args) => [
    ...(args.has("number") || args.has("finish")
      ? []
      : ["--number is needed, such as --number +375291234567 (or --finish, to end an erasure)"]),
    ...(args.has("finish")
      ? ["number", "dry-run", "force", "reason", "act"]
          .filter((flag) => args.has(flag))
          .map((flag) => `--finish and --${flag} cannot be given together`)
      : []),
    ...(args.has("yes") && args.has("dry-run")
      ? ["--yes and --dry-run cannot be given together"]
      : []),
  ],
  run: async (context, args) => {
    const { stderr, env, clock } = context;
    const enterprise = args.operand("ENT");
    const config = await configOf(context, args, enterprise);
    const task = { config, enterprise, archive: archiveOf(config, env, { clock }) };
    const isKnown = hasRecords(config.dataDir, enterprise) || owedOf(task).length > 0;
    const problem = isKnown ? obstacle(args, task) : noRecords(config.dataDir, enterprise);
    if (problem !== undefined) {
      stderr.write(`calllog: ${problem}\n`);
      return EXIT_FAILED;
    }
    noteNodeFolder(stderr, config.dataDir);
    const { dataDir: dir, callTimeoutMs } = config;
    return await underLock(context, task, async () => {
      const tables = openHistory({ dir, clock, callTimeoutMs, log: silentLog });
      try {
        if (args.has("finish")) {
          if (!(await resume(context, task, tables))) return EXIT_FAILED;
          return await finish(context, args, task);
        }
        const number = args.option("number") ?? "";
        const subscriber = { number, country: config.country, mark: newMark() };
        return await eraseNow(context, args, { ...task, subscriber }, tables);
      } finally {
        await tables.close();
      }
    });
  },
};
