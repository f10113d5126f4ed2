// `calllog archive …`: what is in the archive and what waits, whether it is whole, and bringing days there and back by hand.

import { join, resolve } from "node:path";
import { openHistory } from "../call/list/index.ts";
import type { Config } from "../config/index.ts";
import { sizeText } from "../doctor/index.ts";
import { isDay } from "../domain/zone-day.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import { openLog } from "../lib/log.ts";
import { DAY_MS } from "../lib/time.ts";
import { archiveOf, keeperOf } from "../service/archive.ts";
import {
  type Archive,
  ArchiveError,
  dayFiles,
  enterprisesIn,
  openTraceStore,
  restoreDay,
  surveyArchive,
  verifyDay,
} from "../store/index.ts";
import { auditedCommand, auditedExit } from "./audited.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand, CommandArgs, Operand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { owedIn } from "./erase-owed.ts";
import { counted, JSON_FLAG, textTable } from "./table.ts";

const [oneEnterprise] = callOperands;
if (oneEnterprise === undefined) throw new Error("commands name an enterprise by ENT");
const someEnterprise: Operand = {
  ...oneEnterprise,
  text: "one enterprise; else all",
  optional: true,
};

/** Runs a command with the archive of the settings; without one it says what to give. */
const withArchive = async (
  { env, clock, stderr }: CliContext,
  { config }: CommandArgs,
  work: (archive: Archive) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const archive = archiveOf(config, env, { clock });
  if (archive !== undefined) return await work(archive);
  stderr.write(
    "calllog: no archive was named; give --archive s3://BUCKET/PREFIX (or CALLLOG_ARCHIVE) as the service has it\n",
  );
  return EXIT_FAILED;
};

type Waiting = { readonly days: number; readonly bytes: number; readonly keptBeyond: number };

/** The finished days of an enterprise that are here and not in the archive as they are. */
const waitingOf = async (
  { dataDir, retentionDays }: Config,
  archive: Archive,
  enterprise: string,
  now: number,
): Promise<Waiting> => {
  const here = (await dayFiles(dataDir, enterprise)).filter(({ isRunning }) => !isRunning);
  const waiting = here.filter(({ name, facts }) => !archive.ledger.holds(enterprise, name, facts));
  const oldest = now - (now % DAY_MS) - retentionDays * DAY_MS;
  return {
    days: waiting.length,
    bytes: waiting.reduce((sum, { facts }) => sum + facts.size, 0),
    keptBeyond: here.filter(({ from }) => from < oldest).length,
  };
};

type StatusRow = { readonly halves: readonly string[]; readonly waiting: Waiting };

/** What the columns mean that are not 0. */
const meanings = (rows: readonly StatusRow[]): string[] => [
  ...(rows.some(({ waiting }) => waiting.days > 0)
    ? ["WAITING: finished days that are not there yet; calllog archive upload brings them now"]
    : []),
  ...(rows.some(({ waiting }) => waiting.keptBeyond > 0)
    ? ["KEPT: days past --retention-days that stay on this disk until they are safe there"]
    : []),
  ...(rows.some(({ halves }) => halves.length > 0)
    ? ["HALF: days of which objects are there and no index; those that are here are put again"]
    : []),
];

const statusCommand: CliCommand = {
  words: ["archive", "status"],
  summary: "show what is in the archive, what waits, and what in it is not as it should be",
  operands: [someEnterprise],
  options: [JSON_FLAG],
  examples: ["calllog archive status --archive s3://calls/pbx", "calllog archive status 0367"],
  run: (context, args) =>
    withArchive(context, args, async (archive) => {
      const { stdout, clock } = context;
      const only = args.option("ENT");
      const survey = await surveyArchive(archive.store, only === undefined ? "" : `${only}/`);
      const here = await enterprisesIn(args.config.dataDir);
      const all = [...new Set([...here, ...survey.enterprises.keys()])].sort();
      const rows = [];
      for (const enterprise of all.filter((number) => only === undefined || number === only)) {
        const found = survey.enterprises.get(enterprise);
        const waiting = await waitingOf(args.config, archive, enterprise, clock.now());
        const { days = [], halves = [], bytes = 0 } = found ?? {};
        rows.push({ enterprise, days, halves, bytes, waiting });
      }
      const owed = owedIn(args.config.dataDir, only, archive.name);
      if (args.has("json")) {
        const { foreign } = survey;
        const json = { archive: archive.name, enterprises: rows, foreign, owed };
        stdout.write(`${JSON.stringify(json, null, 2)}\n`);
        return EXIT_OK;
      }
      stdout.write(`${archive.name}\n`);
      const cells = rows.map(({ enterprise, days, halves, bytes, waiting }) => [
        enterprise,
        `${days.length}`,
        days[0]?.slice(-10) ?? "",
        days.at(-1)?.slice(-10) ?? "",
        sizeText(bytes),
        `${waiting.days}`,
        `${waiting.keptBeyond}`,
        `${halves.length}`,
      ]);
      const headings = ["NUMBER", "DAYS", "FIRST", "LAST", "SIZE", "WAITING", "KEPT", "HALF"];
      stdout.write(
        rows.length === 0
          ? `there is nothing of ${only ?? "any enterprise"}, there or in ${args.config.dataDir}\n`
          : textTable(headings, cells),
      );
      for (const line of meanings(rows)) stdout.write(`${line}\n`);
      if (survey.foreign.length > 0)
        stdout.write(
          `${survey.foreign.length} objects under the prefix are none of calllog's, such as ${survey.foreign[0]}; they are left alone\n`,
        );
      for (const sentence of owed) stdout.write(`${sentence}\n`);
      return EXIT_OK;
    }),
};

const verifyCommand: CliCommand = {
  words: ["archive", "verify"],
  summary: "read the archive whole and say which days are not as they were put there",
  operands: [someEnterprise],
  examples: ["calllog archive verify 0367"],
  run: (context, args) =>
    withArchive(context, args, async ({ name: address, store }) => {
      const { stdout, stderr } = context;
      const only = args.option("ENT");
      const survey = await surveyArchive(store, only === undefined ? "" : `${only}/`);
      const days = [...survey.enterprises].flatMap(([enterprise, { days }]) =>
        days.map((name) => ({ enterprise, name })),
      );
      let wrong = 0;
      for (const [index, { enterprise, name }] of days.entries()) {
        const { problems } = await verifyDay(store, enterprise, name);
        if (problems.length > 0) wrong += 1;
        for (const problem of problems) stdout.write(`${problem}\n`);
        stderr.write(`${index + 1} of ${days.length}: ${enterprise}/${name}\n`);
      }
      for (const [enterprise, { halves }] of survey.enterprises)
        for (const name of halves) stdout.write(`${enterprise}/${name} has no index: half a day\n`);
      for (const key of survey.foreign) stdout.write(`${key} is none of calllog's\n`);
      if (days.length === 0) stdout.write(`there is no whole day of ${only ?? "any enterprise"}\n`);
      else
        stdout.write(
          wrong === 0
            ? `${counted(days.length, "day")} ${days.length === 1 ? "is" : "are"} whole\n`
            : `${wrong} of ${days.length} days are not whole; days that are still here are uploaded again, others must come from a copy of the bucket\n`,
        );
      for (const sentence of owedIn(args.config.dataDir, only, address))
        stdout.write(`${sentence}\n`);
      // Nothing was looked at of an enterprise that somebody asked for.
      const isAnswered = days.length > 0 || only === undefined;
      return wrong === 0 && isAnswered ? EXIT_OK : EXIT_FAILED;
    }),
};

/** Does a pass as the service does it. */
const uploadNow = async (
  { stdout, stderr, clock }: CliContext,
  config: Config,
  archive: Archive,
): Promise<ExitCode> => {
  const { dataDir: dir, callTimeoutMs, retentionDays } = config;
  const log = openLog({ level: "warn", write: (line) => stderr.write(line), pretty: true });
  const history = openHistory({ dir, clock, callTimeoutMs, log });
  const trace = openTraceStore({ dir, clock, retentionDays, archive });
  try {
    const keeper = keeperOf(
      {
        config,
        archive,
        clock,
        tableOf: (enterprise, name) => history.tableOf(enterprise, name),
        sweep: () => trace.sweep(),
      },
      {
        onProgress: (key, bytes) => stderr.write(`${key}  ${sizeText(bytes)}\n`),
        onFault: (error) =>
          stderr.write(`calllog: ${error instanceof Error ? error.message : String(error)}\n`),
      },
    );
    const state = await keeper.pass();
    if (state.isBusy) {
      stderr.write(
        "calllog: the running service is bringing days into the archive; calllog archive status shows how far it is\n",
      );
      return EXIT_FAILED;
    }
    const isIdle = state.uploadedDays + state.waitingDays === 0 && state.failure === undefined;
    stdout.write(
      `${counted(state.uploadedDays, "day")} uploaded, ${state.waitingDays} wait (${sizeText(state.waitingBytes)})${isIdle ? "; nothing had to be asked of the archive" : ""}\n`,
    );
    return state.failure === undefined ? EXIT_OK : EXIT_FAILED;
  } finally {
    await history.close();
    await trace.close();
  }
};

const uploadCommand: CliCommand = {
  words: ["archive", "upload"],
  summary: "bring every finished day into the archive now, as the service does after midnight",
  examples: ["calllog archive upload --archive file:///mnt/archive"],
  run: (context, args) =>
    withArchive(context, args, (archive) =>
      auditedExit(context, args, { what: "archive-upload" }, () =>
        uploadNow(context, args.config, archive),
      ),
    ),
};

const restoreCommand: CliCommand = {
  words: ["archive", "restore"],
  summary: "bring a day of the archive back as the file it was",
  operands: [
    oneEnterprise,
    {
      name: "DAY",
      text: "the UTC day, such as 2026-11-22",
      check: { allows: isDay, rule: "a day such as 2026-11-22" },
    },
  ],
  options: [
    {
      flag: "to",
      placeholder: "FOLDER",
      text: "Where the file is written; else beside the other days, while --retention-days keeps it there.",
    },
  ],
  examples: ["calllog archive restore 0367 2024-11-22 --to /tmp"],
  run: (context, args) =>
    withArchive(context, args, async ({ store }) => {
      const { cwd, clock, stderr, stdout } = context;
      const { dataDir, retentionDays } = args.config;
      const [enterprise, day] = [args.operand("ENT"), args.operand("DAY")];
      const to = args.option("to");
      const isOld = Date.parse(day) < clock.now() - (retentionDays + 1) * DAY_MS;
      if (to === undefined && isOld) {
        stderr.write(
          `calllog: --retention-days ${retentionDays} would remove ${day} again; give --to FOLDER, or a larger --retention-days (to the service as well)\n`,
        );
        return EXIT_FAILED;
      }
      const folder = to === undefined ? join(dataDir, enterprise) : resolve(cwd, to);
      const restore = async (): Promise<string> => {
        try {
          return await restoreDay(store, { enterprise, name: `events.log.${day}` }, folder);
        } catch (error) {
          if (!(error instanceof ArchiveError) || error.code !== "missing") throw error;
          return restoreDay(store, { enterprise, name: `events_${day}.log` }, folder).catch(
            (second: unknown) => {
              // Of two names that are not there, the usual one says more.
              throw second instanceof ArchiveError && second.code === "missing" ? error : second;
            },
          );
        }
      };
      const entry = { what: "archive-restore", enterprise, about: day };
      stdout.write(`${await auditedCommand(context, args, entry, restore)}\n`);
      return EXIT_OK;
    }),
};

export const archiveCommands: readonly CliCommand[] = [
  statusCommand,
  verifyCommand,
  uploadCommand,
  restoreCommand,
];

/** What commands that read calls need of the archive: nothing where there is none. */
export const archiveForReading = (
  { env, clock }: Pick<CliContext, "env" | "clock">,
  config: Config,
): Archive | undefined => archiveOf(config, env, { clock });
