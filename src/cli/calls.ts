// `calllog calls ENT`: the list of recent calls in the terminal, with the filters of the page. Reads the files itself, so
// it works beside a running service and without one.

import { followFacts, repeatsInWords } from "../../views/follow-facts.ts";
import { clockDuration, secondOfDay, telephone } from "../../views/format.ts";
import { TONE } from "../../views/tone.ts";
import {
  type CallFilter,
  callQueryOf,
  FILTER_NAMES,
  FILTER_RULES,
  type FilterName,
} from "../call/index.ts";
import { type CallCursor, type FollowedRow, openHistory } from "../call/list/index.ts";
import type { Config } from "../config/index.ts";
import { isWithheld } from "../domain/phone.ts";
import { dayIn } from "../domain/zone-day.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { silentLog } from "../lib/log.ts";
import { BYTE_ORDER_MARK, callRowJson, csvHeader, csvLine, MAX_CSV_ROWS } from "../pages/index.ts";
import { followTextsOf, listTextsOf, type Texts, textsOf } from "../texts/index.ts";
import { archiveForReading } from "./archive.ts";
import { callOperands, hasRecords, noRecords } from "./call-operands.ts";
import type { CliCommand, CommandArgs, CommandOption } from "./command.ts";
import type { CliContext } from "./context.ts";
import { configOf, followRulesOf } from "./enterprise-config.ts";
import { type Paint, paintFor } from "./paint.ts";
import { textTable } from "./table.ts";

const DEFAULT_ROWS = 50;
/** Rows that are read, and printed, at a time. */
const PAGE_ROWS = 500;

const FILTER_OPTIONS: {
  readonly [name in FilterName]: Pick<CommandOption, "placeholder" | "text">;
} = {
  number: {
    placeholder: "TEXT",
    text: "Part of the outside party's number, or of a name: the caller's, or one that the names service gave.",
  },
  ext: { placeholder: "NUMBER", text: "An extension that was rung or talked." },
  result: { placeholder: "RESULT", text: "How it ended: answered, unanswered, missed, live, …" },
  direction: { placeholder: "DIRECTION", text: "incoming, outgoing or internal." },
  follow: {
    placeholder: "STATE",
    text: "Missed calls of which this became: open, tried, returned, reached or expired.",
  },
  day: { placeholder: "DAY", text: "The day it began: 2026-11-22, today or yesterday." },
};

const isRowCount = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_CSV_ROWS;

const filterOf = (args: CommandArgs): CallFilter =>
  Object.fromEntries(
    FILTER_NAMES.flatMap((name) => {
      const value = args.option(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

const followCell = ({ followUp, returns, startedAt }: FollowedRow, config: Config): string => {
  const words = followTextsOf(config.lang);
  if (followUp === null) return returns === null ? "" : words.returns;
  const again = repeatsInWords(followUp, startedAt, words);
  const told = words.short(followFacts(followUp, config));
  return again === "" ? told : `${told}, ${again}`;
};

const cellsOf = (row: FollowedRow, texts: Texts, config: Config): string[] => {
  const { lang, timeZone, country } = config;
  const zone = { lang, timeZone, country };
  const { direction, phone, callerName, answeredBy, extensions } = row;
  const staff = answeredBy.length > 0 ? answeredBy.join(row.transfers > 0 ? " → " : ", ") : "";
  const rung = extensions.length > 0 ? `(${extensions.slice(0, 4).join(", ")})` : "";
  return [
    `${dayIn(row.startedAt, timeZone)} ${secondOfDay(row.startedAt, zone)}`,
    texts.direction[direction],
    phone === null || isWithheld(phone) ? texts.hidden : telephone(phone, zone),
    callerName === null || callerName === phone ? "" : callerName,
    staff === "" ? rung : staff,
    row.waitMs === null ? "" : texts.seconds(row.waitMs),
    row.talkMs === null || row.talkMs === 0 ? "" : clockDuration(row.talkMs),
    texts.status(row.status, direction),
    followCell(row, config),
    row.uniqueId,
  ];
};

/** The table; each line in the colour of its call's result. */
const tableOf = (rows: readonly FollowedRow[], config: Config, paint: Paint): string => {
  const texts = textsOf(config.lang);
  const { column, field } = listTextsOf(config.lang);
  const headings = [
    column.time,
    field.direction,
    column.phone,
    "",
    column.staff,
    column.wait,
    column.talk,
    column.result,
    field.follow,
    texts.callId,
  ];
  const table = textTable(
    headings,
    rows.map((row) => cellsOf(row, texts, config)),
  );
  return table
    .trimEnd()
    .split("\n")
    .map((line, index) => {
      const row = rows[index - 1];
      if (row === undefined) return `${paint("dim", line)}\n`;
      const tone = TONE[row.status];
      return `${tone === "good" ? line : paint(tone, line)}\n`;
    })
    .join("");
};

const printCalls = async ({ stdout, stderr, clock, env }: CliContext, args: CommandArgs) => {
  const enterprise = args.operand("ENT");
  const config = await configOf({ stderr }, args, enterprise);
  const { dataDir: dir, callTimeoutMs, timeZone } = config;
  const history = openHistory({
    dir,
    clock,
    callTimeoutMs,
    log: silentLog,
    isReadOnly: true,
    archive: archiveForReading({ env, clock }, config),
  });
  const query = callQueryOf(filterOf(args), clock.now(), timeZone, config.country);
  const follow = followRulesOf(config);
  const isCsv = args.has("csv");
  const limit = args.option("limit");
  let left = limit === undefined ? (isCsv ? MAX_CSV_ROWS : DEFAULT_ROWS) : Number(limit);
  let before: CallCursor | undefined;
  const rows: FollowedRow[] = [];
  try {
    if (isCsv) stdout.write(BYTE_ORDER_MARK + csvHeader());
    do {
      const page = await history.calls(enterprise, query, {
        limit: Math.min(left, PAGE_ROWS),
        follow,
        ...(before === undefined ? {} : { before }),
      });
      left -= page.rows.length;
      before = page.rows.length === 0 && !page.isComplete ? undefined : page.next;
      if (isCsv)
        stdout.write(page.rows.map((row) => csvLine(row, timeZone, config.country)).join(""));
      else rows.push(...page.rows);
    } while (before !== undefined && left > 0);
  } finally {
    await history.close();
  }
  if (!hasRecords(dir, enterprise)) stderr.write(`calllog: ${noRecords(dir, enterprise)}\n`);
  if (isCsv) return;
  if (args.has("json")) {
    const calls = rows.map(callRowJson);
    stdout.write(`${JSON.stringify({ calls, more: before !== undefined }, null, 2)}\n`);
    return;
  }
  const words = listTextsOf(config.lang);
  if (rows.length === 0) stderr.write(`${words.none}\n`);
  else stdout.write(tableOf(rows, config, paintFor(stdout, env)));
  if (before !== undefined) {
    stderr.write(`${words.older}: --limit ${Math.min(MAX_CSV_ROWS, rows.length * 4)}\n`);
  }
};

export const callsCommand: CliCommand = {
  words: ["calls"],
  summary: "list the recent calls of an enterprise, newest first",
  operands: callOperands.slice(0, 1),
  options: [
    ...FILTER_NAMES.map((name) => ({
      flag: name,
      ...FILTER_OPTIONS[name],
      check: FILTER_RULES[name],
    })),
    {
      flag: "limit",
      placeholder: "ROWS",
      text: `Calls at most; else ${DEFAULT_ROWS}, with --csv ${MAX_CSV_ROWS}.`,
      check: { allows: isRowCount, rule: `a whole number from 1 to ${MAX_CSV_ROWS}` },
    },
    { flag: "json", text: "Print JSON, as the list's address gives it to machines." },
    { flag: "csv", text: "Print CSV for a spreadsheet." },
  ],
  examples: [
    "calllog calls 0367",
    "calllog calls 0367 --day yesterday --result unanswered",
    "calllog calls 0367 --follow open",
    "calllog calls 0367 --number 530-59 --csv > calls.csv",
  ],
  conflicts: (args) =>
    args.has("json") && args.has("csv") ? ["--json and --csv cannot be given together"] : [],
  run: async (context, args) => {
    await printCalls(context, args);
    return EXIT_OK;
  },
};
