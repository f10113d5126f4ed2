// Calls recorded as Asterisk's CEL file and as the manager interface told them.

import { readdirSync, readFileSync } from "node:fs";
import { createAmiMapper } from "../../src/sources/ami/mapper.ts";
import type { AmiMessage } from "../../src/sources/ami/types.ts";
import { createCelTranslator } from "../../src/sources/cel/as-ami.ts";
import { type CelEvent, readCelLine } from "../../src/sources/cel/line.ts";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import { mapped, readAll, recordedBlocks } from "./ami.ts";

const FOLDER = new URL("../fixtures/calls/cel/", import.meta.url).pathname;

/** Names of the calls that are there both ways. */
export const celPairs = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.slice(0, -".jsonl".length))
    .sort();

export const celText = (file: string): string => readFileSync(`${FOLDER}${file}`, "utf8");

export const celEvents = (text: string): CelEvent[] =>
  text.split("\n").flatMap((line) => (line === "" ? [] : (readCelLine(line) ?? [])));

/** What the agent tells of lines of CEL. */
export const eventsOfCel = (text: string): AgentEvent[] => {
  const translator = createCelTranslator();
  const messages = celEvents(text).flatMap((event) =>
    translator
      .take(event)
      .map((message): [AmiMessage, number] => [message, Number(event.stamp) * 1000]),
  );
  return mapped(messages, createAmiMapper());
};

/** What the agent tells of the same call as the manager interface told it. */
export const eventsOfAmi = (scenario: string): AgentEvent[] =>
  mapped(
    recordedBlocks(scenario, "cel").flatMap(({ at, text }) =>
      readAll(text).map((message): [AmiMessage, number] => [message, at]),
    ),
  );
