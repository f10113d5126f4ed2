// What an erasure that was cut short, or that the archive did not let end, still owes: told wherever it matters, and done by
// the next erasure in that enterprise or by `calllog erase ENT --finish`, which needs no number.

import type { OpenHistory } from "../call/list/index.ts";
import type { Config } from "../config/index.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import type { Output } from "../lib/output.ts";
import {
  type Archive,
  type DayFailure,
  type OwedDay,
  OwedDays,
  owedSentences,
  removeOwedVersions,
  resumeErasures,
  type VersionsDone,
} from "../store/index.ts";
import { auditedExit } from "./audited.ts";
import type { CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { counted } from "./table.ts";

export type OwedTask = {
  readonly config: Config;
  readonly enterprise: string;
  readonly archive: Archive | undefined;
};

/** Makes the tables of days that are here. */
export type Tables = Pick<OpenHistory, "tableOf">;

/** The command that does what is left. */
export const finishOf = (enterprise: string): string => `calllog erase ${enterprise} --finish`;

/** @throws Error where it cannot be read */
export const owedOf = ({ config, enterprise }: OwedTask): readonly OwedDay[] =>
  new OwedDays(config.dataDir).of(enterprise);

/** What is owed in all enterprises, or in one, in sentences; `archive` is the address in use. @throws Error where it cannot be read */
export const owedIn = (
  dataDir: string,
  only: string | undefined,
  archive: string | undefined,
): string[] => {
  const owed = new OwedDays(dataDir);
  const enterprises = only === undefined ? owed.enterprises() : [only];
  return enterprises.flatMap((number) => owedSentences(number, owed.of(number), archive));
};

/** Says what is owed. @returns whether anything is */
export const tellOwed = ({ stderr }: CliContext, task: OwedTask): boolean => {
  const sentences = owedSentences(task.enterprise, owedOf(task), task.archive?.name);
  for (const sentence of sentences) stderr.write(`calllog: ${sentence}\n`);
  return sentences.length > 0;
};

/** Says of which days work failed, and how many were left alone then. @param what of a day, by its name */
export const tellFailures = (
  stderr: Output,
  failures: readonly DayFailure<string>[],
  what: (name: string) => string,
): void => {
  for (const { day, why, isTried } of failures)
    if (isTried) stderr.write(`calllog: ${what(day)}: ${why}\n`);
  const untried = failures.filter(({ isTried }) => !isTried).length;
  if (untried > 0)
    stderr.write(
      `calllog: ${counted(untried, "day")} after that ${untried === 1 ? "was" : "were"} not tried\n`,
    );
};

/** Goes on where an erasure was cut short. @returns whether every day is whole and it is known how far that got */
export const resume = async (
  { clock, stderr }: CliContext,
  { archive, config, enterprise }: OwedTask,
  tables: Tables,
): Promise<boolean> => {
  const failures = await resumeErasures({
    dir: config.dataDir,
    enterprise,
    archive,
    now: () => clock.now(),
    tableOf: (name) => tables.tableOf(enterprise, name),
    onPut: (name) => stderr.write(`put anew: ${name}\n`),
  });
  tellFailures(stderr, failures, (name) => `what an erasure began in ${name} was not ended`);
  if (failures.length > 0) stderr.write("calllog: once that is mended, run this once more\n");
  return failures.length === 0;
};

/** Takes away what the archive keeps of days as they were. */
export const removeVersions = async (
  { stderr }: CliContext,
  { archive, config, enterprise }: OwedTask,
): Promise<VersionsDone> => {
  if (archive === undefined) return { removed: 0, days: [], left: [] };
  return await removeOwedVersions(archive, new OwedDays(config.dataDir), enterprise, (name) => {
    stderr.write(`older versions gone: ${name}\n`);
  });
};

/** Removes the older versions that are owed, and says what is left. It must be known how far erasures got (`resume`). */
export const finish = async (
  context: CliContext,
  args: CommandArgs,
  task: OwedTask,
): Promise<ExitCode> => {
  const { enterprise } = task;
  const owed = owedOf(task);
  if (owed.length === 0) {
    context.stdout.write(`no erasure in ${enterprise} has anything left to do\n`);
    return EXIT_OK;
  }
  const marks = [...new Set(owed.map(({ mark }) => mark))].join(" ");
  const entry = { what: "erase-finish", enterprise, about: marks };
  return await auditedExit(context, args, entry, async () => {
    const { removed, days } = await removeVersions(context, task);
    if (days.length > 0)
      context.stdout.write(
        `${counted(days.length, "day")} done, ${counted(removed, "older version")} removed\n`,
      );
    return tellOwed(context, task) ? EXIT_FAILED : EXIT_OK;
  });
};
