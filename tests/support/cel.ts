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

/** Calls of every kind. */
export const TEN_CALLS = [
  "in_answered",
  "in_ringgroup",
  "in_queue",
  "in_cancel",
  "in_missed",
  "in_forward_mobile",
  "out_answered",
  "out_click2call",
  "xfer_attended",
  "xfer_blind",
];

export type Said = { readonly at: number; readonly ami: string; readonly cel: string };

/** What the PBX says over the interface and writes into the file, in the order in which it happened. */
export const saidIn = (scenario: string): Said[] => {
  const blocks = recordedBlocks(scenario, "cel").map(({ at, text }) => {
    const stamp = Number(readAll(text)[0]?.fields.get("Timestamp") ?? 0) * 1000;
    return { at: stamp || at, ami: text, cel: "" };
  });
  const text = celText(`${scenario}.jsonl`);
  const lines = text.split("\n").filter((line) => line !== "");
  const written = celEvents(text).map(({ stamp }, index) => ({
    at: Number(stamp) * 1000,
    ami: "",
    cel: `${lines[index]}\n`,
  }));
  return [...blocks, ...written].sort((a, b) => a.at - b.at);
};

/** Everything that both ways tell. */
export const expectedOf = (scenario: string): AgentEvent[] =>
  eventsOfAmi(scenario).filter(({ event }) => event !== "hold" && event !== "unhold");
