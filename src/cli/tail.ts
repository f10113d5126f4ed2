// `calllog tail ENT`: what happens, as it happens: a line for each record in words, and the sentence of each call when it
// has ended. Follows the files, so it works beside a running service and tells what any process wrote.

import { LRUCache } from "lru-cache";
import { secondOfDay } from "../../views/format.ts";
import { wordsOf } from "../../views/record-words.ts";
import { tell } from "../../views/sentence-facts.ts";
import { TONE } from "../../views/tone.ts";
import { type AssembledCall, findCall } from "../call/index.ts";
import type { Config } from "../config/index.ts";
import type { StoredRecord } from "../domain/record.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { maskSecrets } from "../lib/mask.ts";
import { printable } from "../lib/printable.ts";
import { callJson, recordJson } from "../pages/index.ts";
import { type FollowedLines, openFollower, openTraceReader } from "../store/index.ts";
import { textsOf } from "../texts/index.ts";
import { callOperands, hasRecords, noRecords } from "./call-operands.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { configOf } from "./enterprise-config.ts";
import { paintFor } from "./paint.ts";
import { KIND_STYLES, tagOf } from "./show.ts";
import { stopped } from "./stopped.ts";

/** Calls whose sentence was told and is not told again. */
const MAX_TOLD = 1000;
const TAG_WIDTH = 14;
const ID_WIDTH = 18;

type Teller = {
  record(record: StoredRecord): string;
  ended(assembled: AssembledCall): string;
  /** Something that is wrong with the records. */
  note(text: string): string;
};

const jsonTeller: Teller = {
  record: (record) => `${JSON.stringify({ record: recordJson(record) })}\n`,
  ended: (assembled) => `${JSON.stringify({ call: callJson(assembled).call })}\n`,
  note: (text) => `${JSON.stringify({ note: text })}\n`,
};

const textTeller = ({ stdout, env }: CliContext, config: Config): Teller => {
  const paint = paintFor(stdout, env);
  const texts = textsOf(config.lang);
  const zone = { lang: config.lang, timeZone: config.timeZone, country: config.country };
  return {
    record: (record) => {
      const time = paint("dim", secondOfDay(record.at, zone));
      const tag = paint(KIND_STYLES[record.kind], printable(tagOf(record)).padEnd(TAG_WIDTH));
      const id = paint("dim", printable(record.uniqueId).padEnd(ID_WIDTH));
      return `${time}  ${tag}  ${id}  ${printable(wordsOf(record, texts, zone))}\n`;
    },
    ended: ({ call }) => {
      const time = secondOfDay(call.endedAt ?? 0, zone);
      const status = texts.status(call.status, call.direction);
      const sentence = printable(texts.sentence(tell(call, texts, zone)));
      return `${paint("dim", time)}  ${paint(TONE[call.status], `= ${status}`)}  ${paint("strong", sentence)}\n`;
    },
    note: (text) => `${paint("warn", `! ${printable(maskSecrets(text))}`)}\n`,
  };
};

const follow = async (context: CliContext, args: CommandArgs): Promise<void> => {
  const { stdout, stderr, clock, stopSignal } = context;
  const enterprise = args.operand("ENT");
  const config = await configOf(context, args, enterprise);
  const reader = openTraceReader(config.dataDir);
  const teller = args.has("json") ? jsonTeller : textTeller(context, config);
  const told = new LRUCache<string, true>({ max: MAX_TOLD });

  const tellEnd = async ({ uniqueId }: StoredRecord): Promise<void> => {
    const assembled = await findCall((...asked) => reader.find(enterprise, ...asked), uniqueId, {
      enterprise,
      now: clock.now(),
      callTimeoutMs: config.callTimeoutMs,
    });
    if (assembled === undefined || assembled.call.endedAt === null) return;
    const key = `${assembled.call.uniqueIds[0]} ${assembled.call.startedAt}`;
    if (told.has(key)) return;
    told.set(key, true);
    stdout.write(teller.ended(assembled));
  };

  const tellLines = async ({ lines, isGap }: FollowedLines): Promise<void> => {
    if (isGap)
      stdout.write(teller.note("records may be missing here: a file was removed or merged"));
    const ended: StoredRecord[] = [];
    for (const line of lines) {
      const record = line.record();
      if (record === undefined) {
        stdout.write(teller.note(`a line cannot be read: ${line.raw.slice(0, 200)}`));
        continue;
      }
      stdout.write(teller.record(record));
      if (record.kind === "AST" && record.event === "hangup") ended.push(record);
    }
    // The files know the end already: first everything that led to it.
    for (const record of ended) await tellEnd(record);
  };

  const signal = stopSignal();
  const follower = openFollower(config.dataDir, (message) => stderr.write(`calllog: ${message}\n`));
  // Watchers alone do not keep a program running.
  const alive = setInterval(() => undefined, 2 ** 30);
  let telling = Promise.resolve();
  try {
    await follower.follow(enterprise, {
      onLines: (batch) => {
        telling = telling
          .then(() => tellLines(batch))
          .catch((error: unknown) =>
            stderr.write(`calllog: cannot tell of a call: ${String(error)}\n`),
          );
      },
    });
    if (!hasRecords(config.dataDir, enterprise)) {
      stderr.write(`calllog: ${noRecords(config.dataDir, enterprise)}; waiting for the first\n`);
    } else if (stderr.isTTY) {
      stderr.write(`calllog: following ${enterprise} in ${config.dataDir}; Ctrl-C ends\n`);
    }
    await stopped(signal);
  } finally {
    clearInterval(alive);
    await follower.close();
    await telling;
  }
};

export const tailCommand: CliCommand = {
  words: ["tail"],
  summary: "tell what happens in an enterprise, as it happens, until stopped",
  operands: callOperands.slice(0, 1),
  options: [
    { flag: "json", text: "Print a JSON object a line: a record, or a call that has ended." },
  ],
  examples: ["calllog tail 0367", "calllog tail 0367 --json | jq .call.status"],
  run: async (context, args) => {
    await follow(context, args);
    return EXIT_OK;
  },
};
