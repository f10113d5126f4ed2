// `calllog digest ENT`: the day in a message as a chat gets it, printed.

import { openHistory } from "../call/list/index.ts";
import { type DigestPeriod, digestOf, digestPeriod, digestText } from "../cards/index.ts";
import type { Config } from "../config/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { silentLog } from "../lib/log.ts";
import { printable } from "../lib/printable.ts";
import { callOperands, hasRecords, noRecords } from "./call-operands.ts";
import type { CliCommand } from "./command.ts";
import { dayGiven, dayOption } from "./day-option.ts";
import { configOf, followRulesOf } from "./enterprise-config.ts";

/** The digest of that stretch as a terminal shows it, read from the files. */
export const digestLines = async ({
  config,
  enterprise: { number, name },
  period,
  clock,
}: {
  readonly config: Config;
  readonly enterprise: Pick<Enterprise, "number" | "name">;
  readonly period: DigestPeriod;
  readonly clock: Clock;
}): Promise<string> => {
  const { dataDir: dir, callTimeoutMs, timeZone, lang, country } = config;
  const history = openHistory({ dir, clock, callTimeoutMs, log: silentLog, isReadOnly: true });
  try {
    const rules = followRulesOf(config);
    const world = { history, enterprise: number, rules, timeZone, now: clock.now() };
    const digest = await digestOf(world, period);
    const reader = { lang, timeZone, country, isMasked: false, name: name ?? number };
    const { plain } = digestText(digest, reader);
    return plain
      .split("\n")
      .map((line) => `${printable(line)}\n`)
      .join("");
  } finally {
    await history.close();
  }
};

export const digestCommand: CliCommand = {
  words: ["digest"],
  summary: "print an enterprise's day as its chats get it in a message",
  operands: callOperands.slice(0, 1),
  options: [dayOption("Which day; else today until now.")],
  examples: ["calllog digest 0367", "calllog digest 0367 --day yesterday --lang en"],
  run: async ({ stdout, stderr, clock }, args) => {
    const number = args.operand("ENT");
    const config = await configOf({ stderr }, args, number);
    const { dataDir: dir, timeZone } = config;
    if (!hasRecords(dir, number)) {
      stderr.write(`calllog: ${noRecords(dir, number)}\n`);
      return EXIT_FAILED;
    }
    const now = clock.now();
    const day = dayGiven(args.option("day") ?? "today", now, timeZone);
    const enterprise = { number, name: config.name ?? null };
    const period = digestPeriod(day, now, timeZone);
    stdout.write(await digestLines({ config, enterprise, period, clock }));
    return EXIT_OK;
  },
};
