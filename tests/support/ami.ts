// Streams of the manager interface for tests: the recorded ones, and what the agent makes of a stream.

import { readdirSync, readFileSync } from "node:fs";
import type { StoredRecord } from "../../src/domain/record.ts";
import { createAmiMapper } from "../../src/sources/ami/mapper.ts";
import { createAmiReader } from "../../src/sources/ami/reader.ts";
import type { AmiMapper, AmiMessage } from "../../src/sources/ami/types.ts";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import { assembled, astRecord, brief } from "./calls.ts";

const FOLDERS = {
  ami: new URL("../fixtures/calls/ami/", import.meta.url).pathname,
  field: new URL("../fixtures/calls/field/", import.meta.url).pathname,
  cel: new URL("../fixtures/calls/cel/", import.meta.url).pathname,
};
/** `ami`: with the events recorded beside it; `field`: other PBXs' ways; `cel`: with the same calls as CEL. */
export type StreamFolder = keyof typeof FOLDERS;

export type RecordedBlock = {
  /** Arrival, in milliseconds since the epoch. */
  readonly at: number;
  /** As Asterisk sends it: lines ended by CRLF, an empty line at the end. */
  readonly text: string;
};

export const recordedScenarios = (folder: StreamFolder = "ami"): string[] =>
  readdirSync(FOLDERS[folder])
    .filter((name) => name.endsWith(".txt"))
    .map((name) => name.slice(0, -4))
    .sort();

/** The blocks of a recorded stream; the recording's own lines (`##`, `#!`, `#@`) are none of it. */
export const recordedBlocks = (scenario: string, folder: StreamFolder = "ami"): RecordedBlock[] => {
  const blocks: RecordedBlock[] = [];
  let at = 0;
  let lines: string[] = [];
  const end = (): void => {
    if (lines.length > 0) blocks.push({ at, text: `${lines.join("\r\n")}\r\n\r\n` });
    lines = [];
  };
  for (const line of readFileSync(
    `${FOLDERS[folder]}${scenario}${folder === "cel" ? ".ami" : ""}.txt`,
    "utf8",
  ).split("\n")) {
    const arrival = /^#@ ([\d.]+)/.exec(line)?.[1];
    if (arrival !== undefined) at = Number(arrival) * 1000;
    if (line === "" || /^#[@!#]/.test(line)) end();
    else lines.push(line);
  }
  end();
  return blocks;
};

export const readAll = (text: string | Uint8Array): AmiMessage[] =>
  createAmiReader().push(typeof text === "string" ? new TextEncoder().encode(text) : text);

/** A stream in the order of its arrival, windows ended by real time where the stream is silent, as a connection does. */
export const mapped = (
  messages: readonly (readonly [message: AmiMessage, receivedAt: number])[],
  mapper: AmiMapper = createAmiMapper(),
): AgentEvent[] => {
  const events: AgentEvent[] = [];
  let last = 0;
  for (const [message, receivedAt] of messages) {
    const due = mapper.nextDueAt();
    if (due !== undefined && due <= receivedAt) events.push(...mapper.due(due));
    events.push(...mapper.take(message, receivedAt));
    last = receivedAt;
  }
  return [...events, ...mapper.due(last + 60_000)];
};

/** What the agent tells of a recorded stream. */
export const recordedEvents = (
  scenario: string,
  keep: (message: AmiMessage) => boolean = () => true,
): AgentEvent[] =>
  mapped(
    recordedBlocks(scenario)
      .flatMap(({ at, text }) => readAll(text).map((message) => [message, at] as const))
      .filter(([message]) => keep(message)),
  );

/** The calls of records in a line each, in the order of their beginning. */
export const callsOf = async (records: readonly StoredRecord[]): Promise<string[]> => {
  const seen = new Set<string>();
  const calls: string[] = [];
  for (const { uniqueId } of records) {
    if (seen.has(uniqueId)) continue;
    const found = await assembled(records, uniqueId);
    for (const id of found?.call.uniqueIds ?? []) seen.add(id);
    calls.push(brief(found));
  }
  return calls;
};

export const eventTimeMs = ({ body }: AgentEvent): number => Number(body["EventTime"]) * 1000;

/** The records that the events leave, received when they happened. */
export const recordsOfEvents = (events: readonly AgentEvent[]): StoredRecord[] =>
  events.map((event) => astRecord(eventTimeMs(event), event.event, event.body));
