// `calllog show ENT UID`: one call in the terminal, the way its page tells it: the sentence, a drawing, what is doubtful,
// every record in words.

import { join } from "node:path";
import { followFacts, repeatsInWords } from "../../views/follow-facts.ts";
import { clockDuration, dateAndTime, offset, telephone, timeOfDay } from "../../views/format.ts";
import { wordsOf } from "../../views/record-words.ts";
import { tell } from "../../views/sentence-facts.ts";
import { TONE } from "../../views/tone.ts";
import { type AssembledCall, type CallStory, findCall, isLive, isOwed } from "../call/index.ts";
import { openHistory } from "../call/list/index.ts";
import type { Config } from "../config/index.ts";
import { happenedAt } from "../domain/event-time.ts";
import { maskedRaw } from "../domain/masked.ts";
import type { StoredRecord } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { openLog, silentLog } from "../lib/log.ts";
import { printable } from "../lib/printable.ts";
import { callJson, storyOf } from "../pages/index.ts";
import { openRecordings, type Recording } from "../recordings/index.ts";
import { openTraceReader } from "../store/index.ts";
import { followTextsOf, soundTextsOf, type Texts, textsOf } from "../texts/index.ts";
import { archiveForReading } from "./archive.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { configOf, followRulesOf } from "./enterprise-config.ts";
import { isUnicode, type Paint, paintFor, type Style } from "./paint.ts";
import { textDrawing } from "./text-drawing.ts";

const DEFAULT_WIDTH = 80;
/** Wider drawings are harder to read, not easier. */
const MAX_WIDTH = 120;

export const KIND_STYLES: { readonly [kind in StoredRecord["kind"]]: Style } = {
  AST: "good",
  TG: "live",
  HTTP: "warn",
  SQL: "dim",
};

/** What stands before a record's words: `bridge`, `TG send`, `HTTP 200`. */
export const tagOf = (record: StoredRecord): string => {
  switch (record.kind) {
    case "AST":
      return record.event;
    case "TG":
      return `TG ${record.action}`;
    case "HTTP":
      return `HTTP ${record.status}`;
    case "SQL":
      return "SQL";
  }
};

type Look = {
  readonly config: Config;
  readonly story: CallStory | undefined;
  readonly recordings: readonly Recording[];
  readonly now: number;
  readonly width: number;
  readonly isUnicode: boolean;
  readonly withRaw: boolean;
  readonly paint: Paint;
};

const factsOf = (
  { call }: AssembledCall,
  texts: Texts,
  zone: Parameters<typeof dateAndTime>[1],
) => {
  const duration = (ms: number | null): string => (ms === null ? "–" : clockDuration(ms));
  const facts: readonly (readonly [name: string, value: string])[] = [
    [texts.startedAt, call.startedAt === null ? "–" : dateAndTime(call.startedAt, zone)],
    [texts.wait, call.waitMs === null ? "–" : texts.seconds(call.waitMs)],
    [texts.talk, duration(call.talkMs)],
    [texts.total, duration(call.totalMs)],
    [
      texts.participants,
      call.participants
        .map(
          ({ number, role }) =>
            `${number === null ? texts.hidden : telephone(number, zone)} (${texts.role[role]})`,
        )
        .join(", "),
    ],
    ...(call.trunk === null ? [] : [[texts.line, call.trunk] as const]),
    [texts.callId, call.uniqueIds.join(", ")],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return facts.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`);
};

const followLines = ({ call }: AssembledCall, { story, config }: Look): string[] => {
  const words = followTextsOf(config.lang);
  const followUp = story?.followUp ?? null;
  const told = followUp === null ? [] : [words.long(followFacts(followUp, config))];
  const again =
    followUp === null
      ? ""
      : repeatsInWords(followUp, call.startedAt ?? followUp.firstMissedAt, words);
  const line = [...(call.isLost ? [words.lost] : []), ...told, again].filter((part) => part !== "");
  return line.length === 0 ? [] : [`${line.join(". ")}.`];
};

/** Where each lies, with its length where that is known. */
const recordingLines = ({ recordings }: Look): string[] =>
  recordings.map(({ place, seconds }) => {
    const length = seconds === null ? "" : `  ${clockDuration(seconds * 1000)}`;
    return `  ${printable(join(place.root, place.path))}${length}`;
  });

const inText = (assembled: AssembledCall, look: Look): string => {
  const { call, records, doubts } = assembled;
  const { config, now, paint } = look;
  const texts = textsOf(config.lang);
  const zone = { lang: config.lang, timeZone: config.timeZone, country: config.country };
  const from = call.startedAt ?? records[0]?.at ?? now;
  const status = paint(TONE[call.status], texts.status(call.status, call.direction));
  const sentence = paint("strong", printable(texts.sentence(tell(call, texts, zone))));
  const drawing = textDrawing(assembled, { ...look, texts, zone });
  const tagWidth = Math.max(...records.map((record) => tagOf(record).length));
  const recordLines = records.flatMap((record) => {
    const at = happenedAt(record);
    const when = `${timeOfDay(at, zone)} ${offset(at - from, zone).padStart(10)}`;
    const tag = paint(KIND_STYLES[record.kind], printable(tagOf(record)).padEnd(tagWidth));
    const words = `${paint("dim", when)}  ${tag}  ${printable(wordsOf(record, texts, zone))}`;
    return look.withRaw ? [words, paint("dim", `    ${printable(maskedRaw(record))}`)] : [words];
  });
  const titled = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", paint("strong", title), ...lines];
  return [
    `${texts.direction[call.direction]}. ${status}. ${sentence}`,
    ...followLines(assembled, look),
    ...factsOf(assembled, texts, zone),
    ...titled(texts.drawing.title, drawing),
    ...titled(soundTextsOf(config.lang).title(look.recordings.length), recordingLines(look)),
    ...titled(
      texts.doubtsTitle,
      doubts.map(({ code, count }) => `${paint("warn", "!")} ${texts.doubt[code](count ?? 0)}`),
    ),
    ...titled(
      `${texts.recordsTitle(records.length)} (${texts.zone(config.timeZone)})`,
      recordLines,
    ),
  ]
    .map((line) => `${line}\n`)
    .join("");
};

const storyFromFiles = async (
  assembled: AssembledCall,
  config: Config,
  clock: Clock,
): Promise<CallStory> => {
  const { dataDir: dir, callTimeoutMs } = config;
  const history = openHistory({ dir, clock, callTimeoutMs, log: silentLog, isReadOnly: true });
  try {
    const { country, ...followUp } = followRulesOf(config);
    return await storyOf(assembled, history, { followUp, country });
  } finally {
    await history.close();
  }
};

const recordingsOf = async (
  assembled: AssembledCall,
  config: Config,
  { clock, stderr }: Pick<CliContext, "clock" | "stderr">,
): Promise<readonly Recording[]> => {
  if (config.recordings.length === 0 || isLive(assembled.call.status)) return [];
  const log = openLog({ level: "warn", write: (text) => stderr.write(text), pretty: true });
  const { recordings: folders, recordingPattern: pattern } = config;
  const recordings = openRecordings({ folders, pattern, clock, log });
  try {
    return await recordings.find(assembled);
  } finally {
    await recordings.close();
  }
};

export const showCommand: CliCommand = {
  words: ["show"],
  summary: "show one call: what happened, drawn and told, and every record of it",
  operands: callOperands,
  options: [
    { flag: "json", text: "Print JSON, as the page gives it to machines." },
    { flag: "raw", text: "Print each record as it is stored, too." },
  ],
  examples: ["calllog show 0367 1764493655.61", "calllog show 0367 1764493655.61 --json"],
  run: async ({ stdout, stderr, clock, env }, args) => {
    const enterprise = args.operand("ENT");
    const config = await configOf({ stderr }, args, enterprise);
    const archive = archiveForReading({ env, clock }, config);
    const reader = openTraceReader(config.dataDir, archive);
    const now = clock.now();
    const found = await findCall(
      (...asked) => reader.find(enterprise, ...asked),
      args.operand("UID"),
      {
        enterprise,
        now,
        callTimeoutMs: config.callTimeoutMs,
      },
    );
    if (found === undefined) {
      stderr.write(
        `calllog: no record of ${args.operand("UID")} in ${config.dataDir}/${enterprise}; is --data-dir right?\n`,
      );
      return EXIT_FAILED;
    }
    // Reading the days around a call takes long where nobody asked for the list before.
    const isStoryWanted = args.has("json") || isOwed(found.call);
    const story = isStoryWanted ? await storyFromFiles(found, config, clock) : undefined;
    const recordings = await recordingsOf(found, config, { clock, stderr });
    stdout.write(
      args.has("json")
        ? `${JSON.stringify(callJson(found, story, recordings), null, 2)}\n`
        : inText(found, {
            config,
            story,
            recordings,
            now,
            width: Math.min(MAX_WIDTH, stdout.columns || DEFAULT_WIDTH),
            isUnicode: isUnicode(env),
            withRaw: args.has("raw"),
            paint: paintFor(stdout, env),
          }),
    );
    return EXIT_OK;
  },
};
