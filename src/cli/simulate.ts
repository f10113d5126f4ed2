// `calllog simulate SCENARIO`: posts a sample call as a PBX would, one event after the other on the call's own clock, as
// a new call that happens now. It talks HTTP to a listener and touches neither files nor the directory.

import { randomInt } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { nearest } from "../config/index.ts";
import { bodyText } from "../domain/event.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import { printable } from "../lib/printable.ts";
import type { TextRule } from "../lib/text-rule.ts";
import {
  findScenario,
  maxUniqueSeed,
  rebase,
  type Scenario,
  type ScenarioEvent,
  scenarios,
} from "../scenarios/index.ts";
import { NoAnswerError, postJson } from "../sources/outbox/index.ts";
import type { CliCommand, CommandArgs } from "./command.ts";
import type { CliContext } from "./context.ts";
import { textTable } from "./table.ts";

const DEFAULT_TO = "http://127.0.0.1:8000";

const urlRule: TextRule = {
  allows: (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ""),
  rule: `the address of a webhook listener, such as ${DEFAULT_TO}`,
};
const tokenRule: TextRule = {
  allows: (text) => /^[A-Za-z0-9_+-]{4,128}$/.test(text),
  rule: "4 to 128 of A-Z a-z 0-9 _ + -",
};
const speedRule: TextRule = {
  allows: (text) => text === "max" || /^\d{1,6}(\.\d{1,6})?$/.test(text),
  rule: "a number such as 1 or 0.5, or max",
};

/** Events in order, each to be posted `offsetMs` after the first; a new call at every making. */
export type SimulatedCall = {
  readonly events: readonly { readonly offsetMs: number; readonly posted: ScenarioEvent }[];
  /** By which the call can be looked up. */
  readonly uniqueId: string;
};

export type SimulationOptions = {
  /** Milliseconds since the epoch: when the posting begins. */
  readonly now: number;
  /** How many times faster than life; Infinity: without waiting. */
  readonly speed: number;
  /** Integer from 0 to `maxUniqueSeed`; random unless given. */
  readonly uniqueSeed?: number;
  /** Put into every body in place of its own. */
  readonly token?: string | undefined;
};

const withToken = (event: ScenarioEvent, token: string | undefined): ScenarioEvent =>
  token === undefined ? event : { ...event, body: { ...event.body, Token: token } };

const withEventTime = (event: ScenarioEvent): ScenarioEvent =>
  bodyText(event.body, "EventTime") === ""
    ? { ...event, body: { ...event.body, EventTime: event.at / 1000 } }
    : event;

/**
 * Prepares a scenario for posting. Faster than life, every body says by `EventTime` when its event happened, the last
 * one now: so waits and talks keep their true length.
 */
export const simulateCall = (scenario: Scenario, options: SimulationOptions): SimulatedCall => {
  const { now, speed, token } = options;
  const uniqueSeed = options.uniqueSeed ?? randomInt(maxUniqueSeed);
  const original = scenario.events;
  const durationMs = (original.at(-1)?.at ?? 0) - (original[0]?.at ?? 0);
  const isFaster = speed > 1;
  const startAt = isFaster ? now - durationMs * (1 - 1 / speed) : now;
  const moved = rebase(original, { now: startAt, uniqueSeed })
    .map((event) => withToken(event, token))
    .map((event) => (isFaster ? withEventTime(event) : event));
  const firstAt = moved[0]?.at ?? 0;
  const named = moved.find(({ event }) => event === "start" || event === "dial");
  const known = named ?? moved.find(({ body }) => bodyText(body, "UniqueId") !== "");
  return {
    events: moved.map((posted) => ({ offsetMs: (posted.at - firstAt) / speed, posted })),
    uniqueId: bodyText(known?.body ?? {}, "UniqueId"),
  };
};

export type Answer = {
  readonly status: number;
  readonly tookMs: number;
  /** The reason that came with a refusal; "" otherwise. */
  readonly reason: string;
};

const TODO = {
  nobody: "; start `calllog serve`, or say where it is with --to URL",
  late: "; look into the server's log",
  other: "; check --to",
} as const;

/**
 * Posts one event as a PBX does: one attempt, three seconds.
 *
 * @throws Error, in one line with what to do, where no answer came.
 */
export const postEvent = async (to: string, { event, body }: ScenarioEvent): Promise<Answer> => {
  const startedAt = performance.now();
  try {
    const { status, reason } = await postJson(`${to.replace(/\/+$/, "")}/${event}`, body);
    return { status, reason, tookMs: performance.now() - startedAt };
  } catch (cause) {
    if (!(cause instanceof NoAnswerError)) throw cause;
    throw new Error(`cannot post ${event} to ${to}: ${cause.message}${TODO[cause.code]}`, {
      cause,
    });
  }
};

const speedOf = (args: CommandArgs): number => {
  const text = args.option("speed") ?? "1";
  return text === "max" || Number(text) === 0 ? Number.POSITIVE_INFINITY : Number(text);
};

/** Characters of a text from elsewhere that a message quotes. */
const QUOTED_LENGTH = 300;

const advice = (status: number): string => {
  if (status === 401) {
    return "The token is not known there: give the one that calllog enterprise add printed with --token, or set another with calllog enterprise set --webhook-token.";
  }
  if (status === 404) return "There is no webhook listener at that address: check --to.";
  return "Not every event was accepted.";
};

const run = async ({ stdout, stderr, clock }: CliContext, args: CommandArgs): Promise<ExitCode> => {
  if (args.has("list")) {
    const rows = scenarios().map(({ name, description }) => [name, description]);
    stdout.write(textTable(["SCENARIO", "WHAT HAPPENS"], rows));
    return EXIT_OK;
  }
  const scenario = findScenario(args.operand("SCENARIO"));
  if (scenario === undefined) throw new Error("cannot simulate: there is no such scenario");
  const to = args.option("to") ?? DEFAULT_TO;
  const now = clock.now();
  const call = simulateCall(scenario, { now, speed: speedOf(args), token: args.option("token") });
  stdout.write(`${scenario.name}: ${scenario.description}\n`);

  const startedAt = performance.now();
  let accepted = 0;
  let slowestMs = 0;
  let refusedWith = 0;
  for (const { offsetMs, posted } of call.events) {
    const waitMs = offsetMs - (performance.now() - startedAt);
    if (waitMs > 0) await delay(waitMs);
    const answer = await postEvent(to, posted);
    const at = `+${((posted.at - (call.events[0]?.posted.at ?? 0)) / 1000).toFixed(3)} s`;
    const status = `${answer.status}${answer.reason === "" ? "" : ` ${printable(answer.reason, QUOTED_LENGTH)}`}`;
    stdout.write(`${at.padStart(12)}  ${posted.event.padEnd(14)} ${status}\n`);
    slowestMs = Math.max(slowestMs, answer.tookMs);
    if (answer.status === 200) accepted++;
    else refusedWith = answer.status;
    // Every other event would be refused for the same reason.
    if (answer.status === 401 || answer.status === 404) break;
  }
  const total = call.events.length;
  stdout.write(
    `${accepted} of ${total} events accepted, slowest answer ${slowestMs.toFixed(1)} ms\n`,
  );
  if (accepted > 0) stdout.write(`call ${call.uniqueId}\n`);
  if (accepted === total) return EXIT_OK;
  stderr.write(`calllog: ${advice(refusedWith)}\n`);
  return EXIT_FAILED;
};

const mistakes = (args: CommandArgs): string[] => {
  if (args.has("list")) return [];
  const name = args.option("SCENARIO");
  if (name === undefined) return ["SCENARIO is needed: calllog simulate --list shows them"];
  if (findScenario(name) !== undefined) return [];
  const near = nearest(
    name,
    scenarios().map((scenario) => scenario.name),
  );
  const hint = near === undefined ? "calllog simulate --list shows them" : `did you mean ${near}?`;
  return [`there is no scenario ${JSON.stringify(name.slice(0, 60))}; ${hint}`];
};

export const simulateCommand: CliCommand = {
  words: ["simulate"],
  summary: "post a sample call as a PBX would",
  operands: [{ name: "SCENARIO", text: "a name that --list shows", optional: true }],
  options: [
    {
      flag: "to",
      placeholder: "URL",
      text: `The webhook listener. [${DEFAULT_TO}]`,
      check: urlRule,
    },
    {
      flag: "token",
      placeholder: "TOKEN",
      text: "The enterprise's webhook token, in place of the one recorded.",
      check: tokenRule,
      secret: true,
    },
    {
      flag: "speed",
      placeholder: "N",
      text: "How many times faster than life; 0 or max: without waiting. Above 1, every event says by EventTime when it happened, so that waits and talks keep their length. [1]",
      check: speedRule,
    },
    { flag: "list", text: "List the scenarios." },
  ],
  examples: [
    "calllog simulate --list",
    "calllog simulate in_answered --token 375290000001",
    "calllog simulate field_transfer_attended --token 375290000001 --speed max",
  ],
  settings: false,
  conflicts: mistakes,
  run,
};
