// `calllog import FILE…`: the history that a PBX keeps itself, into the days before the first record.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { isPeerPattern, sqlitePathOf } from "../config/index.ts";
import { isEnterpriseNumber } from "../domain/enterprise.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import {
  type ImportReport,
  importHistory,
  READERS,
  type SkipReason,
} from "../sources/history/index.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import { noteNodeFolder } from "./node-folder.ts";
import { withDirectory } from "./with-directory.ts";

const FORMATS = READERS.map(({ format }) => format);

const patternCheck = {
  allows: (text: string): boolean => text.split(",").every(isPeerPattern),
  rule: "names, or patterns with *, separated by commas",
};

const patternsOf = (args: CommandArgs, flag: string): readonly string[] =>
  args.option(flag)?.split(",") ?? [];

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? "" : "s"}`;

const WHY: { readonly [reason in SkipReason]: string } = {
  "imported before": "of days that were imported before",
  "has records": "of days that have records",
  "not before the records": "of days that are not before the first record (nor before today)",
  "too old": "of days that --retention-days would remove",
};

const made = ({ calls, days }: ImportReport, isDryRun: boolean): string => {
  const what = `${count(calls, "call")} of ${count(days.length, "day")}`;
  const span = days.length === 0 ? "" : `, ${days[0]} to ${days.at(-1)} (UTC)`;
  return isDryRun ? `would make ${what}${span}; nothing is written\n` : `made ${what}${span}\n`;
};

const textOf = (report: ImportReport, isDryRun: boolean): string => {
  const repeated = report.repeatedRows === 0 ? "" : `, ${report.repeatedRows} of them twice`;
  const lines = [made(report, isDryRun), `read ${count(report.rows, "row")}${repeated}\n`];
  for (const [reason, { calls, days }] of report.skipped) {
    lines.push(`skipped ${count(calls, "call")} of ${count(days, "day")}: ${WHY[reason]}\n`);
  }
  for (const [reason, rows] of report.leftOut) lines.push(`left out ${rows}: ${reason}\n`);
  return lines.join("");
};

const complaintsOf = ({ unreadable, firstUnreadable, doubts }: ImportReport): string => {
  const lines = doubts.map((text) => `calllog: ${text}\n`);
  if (unreadable > 0) lines.push(`calllog: ${count(unreadable, "line")} could not be read\n`);
  for (const { file, line, reason } of firstUnreadable) {
    lines.push(`  ${file}, line ${line}: ${reason}\n`);
  }
  const more = unreadable - firstUnreadable.length;
  if (more > 0) lines.push(`  and ${more} more\n`);
  return lines.join("");
};

/** A mistyped number would make files that nobody looks for: where there is a directory, it must know it. */
const unknownEnterprise = async (
  args: CommandArgs,
  number: string,
): Promise<string | undefined> => {
  const { config } = args;
  if (config.databaseUrl === null && !existsSync(sqlitePathOf(config))) return undefined;
  const known = await withDirectory(args, (directory) => directory.enterpriseByNumber(number));
  return known === undefined
    ? `cannot import for ${number}: there is no such enterprise; calllog enterprise add ${number} lets it in`
    : undefined;
};

export const importCommand: CliCommand = {
  words: ["import"],
  summary: "take over the history that a PBX keeps itself, into the days before the first record",
  operands: [
    {
      name: "FILE",
      text: "Master.csv, a dump of the table cdr with its line of columns, or MikoPBX's cdr.db; or the CEL file",
      many: true,
    },
  ],
  options: [
    {
      flag: "enterprise",
      placeholder: "NUMBER",
      text: "Whose calls they are.",
      required: true,
      check: { allows: isEnterpriseNumber, rule: "1 to 32 of A-Z a-z 0-9 _ -" },
    },
    {
      flag: "format",
      placeholder: "FORMAT",
      text: `What the files are: ${FORMATS.join(" or ")}; else each is recognised by itself.`,
      check: { allows: (text) => FORMATS.includes(text), rule: FORMATS.join(" or ") },
    },
    { flag: "trunks", placeholder: "NAMES", text: "Peers that are lines.", check: patternCheck },
    {
      flag: "extensions",
      placeholder: "NAMES",
      text: "Peers that are extensions.",
      check: patternCheck,
    },
    { flag: "skip-old", text: "Leave out the days that --retention-days would remove." },
    { flag: "dry-run", text: "Tell what would be made, and write nothing." },
  ],
  examples: [
    "calllog import /var/log/asterisk/cdr-csv/Master.csv --enterprise 0367 --timezone Europe/Minsk --dry-run",
    "calllog import cdr.csv --enterprise 0367 --retention-days 400",
    "calllog import cdr.db --enterprise 0367 --skip-old",
  ],
  run: async ({ cwd, stdout, stderr, clock }, args) => {
    const { dataDir: dir, timeZone, retentionDays } = args.config;
    const isDryRun = args.has("dry-run");
    const enterprise = args.option("enterprise") ?? "";
    const unknown = await unknownEnterprise(args, enterprise);
    if (unknown !== undefined) {
      stderr.write(`calllog: ${unknown}\n`);
      return EXIT_FAILED;
    }
    if (!isDryRun) noteNodeFolder(stderr, dir);
    const report = await importHistory({
      dir,
      enterprise,
      files: args.operands("FILE").map((file) => resolve(cwd, file)),
      format: args.option("format"),
      timeZone,
      trunks: patternsOf(args, "trunks"),
      extensions: patternsOf(args, "extensions"),
      now: clock.now(),
      retentionDays,
      leavesOld: args.has("skip-old"),
      isDryRun,
    });
    if (!report.ok) {
      stderr.write(`calllog: ${report.error}\n`);
      return EXIT_FAILED;
    }
    stdout.write(textOf(report.value, isDryRun));
    stderr.write(complaintsOf(report.value));
    return EXIT_OK;
  },
};
