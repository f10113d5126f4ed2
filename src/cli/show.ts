// `calllog show ENT UID`: one call in the terminal, the way its page tells it.

import { clockDuration, dateAndTime, offset, telephone, timeOfDay } from "../../views/format.ts";
import { textsOf } from "../../views/texts.ts";
import { tell } from "../../views/told.ts";
import { type AssembledCall, callJson, findCall } from "../call/index.ts";
import type { Config } from "../config.ts";
import { happenedAt } from "../domain/event-time.ts";
import { maskedRaw } from "../domain/masked.ts";
import { openTraceReader } from "../trace/index.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand } from "./command.ts";
import { EXIT_FAILED, EXIT_OK } from "./context.ts";

/** What comes from outside must not steer the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

const inText = ({ call, records, doubts }: AssembledCall, config: Config, now: number): string => {
  const texts = textsOf(config.lang);
  const zone = { lang: config.lang, timezone: config.timeZone };
  const from = call.startedAt ?? records[0]?.at ?? now;
  const duration = (ms: number | null): string => (ms === null ? "–" : clockDuration(ms));
  const facts: readonly (readonly [string, string])[] = [
    [texts.startedAt, call.startedAt === null ? "–" : dateAndTime(call.startedAt, zone)],
    [texts.wait, call.waitMs === null ? "–" : texts.seconds(call.waitMs)],
    [texts.talk, duration(call.talkMs)],
    [texts.total, duration(call.totalMs)],
    [
      texts.participants,
      call.participants
        .map(
          ({ number, role }) =>
            `${number === null ? texts.hidden : telephone(number)} (${texts.role[role]})`,
        )
        .join(", "),
    ],
    [texts.callId, call.uniqueIds.join(", ")],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    `${texts.direction[call.direction]}. ${texts.status(call.status, call.direction)}. ${texts.sentence(tell(call, texts))}`,
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...doubts.map((doubt) => `  ! ${texts.doubt[doubt.code](doubt.count ?? 0)}`),
    "",
    ...records.map((record) => {
      const at = happenedAt(record);
      return `${timeOfDay(at, zone)} ${offset(at - from, zone).padStart(10)}  ${maskedRaw(record).split("|").slice(1).join("|")}`;
    }),
  ]
    .map((line) => `${printable(line)}\n`)
    .join("");
};

export const showCommand: CliCommand = {
  words: ["show"],
  summary: "show one call: what happened, and every record of it",
  operands: callOperands,
  options: [{ flag: "json", text: "Print JSON, as the page gives it to machines." }],
  examples: ["calllog show 0367 1764493655.61", "calllog show 0367 1764493655.61 --json"],
  run: async ({ stdout, stderr, clock }, args) => {
    const { config } = args;
    const enterprise = args.operand("ENT");
    const reader = openTraceReader(config.dataDir);
    const now = clock.now();
    const found = await findCall((keys) => reader.find(enterprise, keys), args.operand("UID"), {
      enterprise,
      now,
      callTimeoutMs: config.callTimeoutMs,
    });
    if (found === undefined) {
      stderr.write(
        `calllog: no record of ${args.operand("UID")} in ${config.dataDir}/${enterprise}; is --data-dir right?\n`,
      );
      return EXIT_FAILED;
    }
    stdout.write(
      args.has("json")
        ? `${JSON.stringify(callJson(found), null, 2)}\n`
        : inText(found, config, now),
    );
    return EXIT_OK;
  },
};
