// The CEL file of a PBX: is it there, is it written, do its lines have what is needed. Reads its end alone.

import { open, stat } from "node:fs/promises";
import type { Clock } from "../lib/clock.ts";
import { errorCode, errorText } from "../lib/errors.ts";
import { type CelEvent, readCelLine } from "../sources/cel/index.ts";
import { type Finding, note, ok, wrong } from "./finding.ts";

const END_BYTES = 256 * 1024;
/** Without a line for so long a PBX is quiet, or writes elsewhere. In milliseconds. */
const QUIET_MS = 24 * 3600 * 1000;

/** The columns that are asked of an Asterisk that writes CSV. */
const COLUMNS = [
  "eventtype",
  "eventtime",
  "CHANNEL(uniqueid)",
  "CHANNEL(linkedid)",
  "CHANNEL(channame)",
  "CALLERID(num)",
  "CALLERID(name)",
  "CHANNEL(exten)",
  "CHANNEL(context)",
  "CHANNEL(appname)",
  "CHANNEL(appdata)",
  "BRIDGEPEER",
  "eventextra",
];
const quoted = COLUMNS.map((column) => `\${CSV_QUOTE(\${${column}})}`).join(",");
/** What to write for CSV, which every version of Asterisk reads. */
const CONF = `in cel_custom.conf, [mappings]: calllog.csv => ${quoted}`;

const linesAtEnd = async (path: string, size: number): Promise<string[]> => {
  const handle = await open(path, "r");
  try {
    const from = Math.max(0, size - END_BYTES);
    const { bytesRead, buffer } = await handle.read(
      Buffer.alloc(size - from),
      0,
      size - from,
      from,
    );
    const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
    // The first may be half of one.
    return lines.slice(from === 0 ? 0 : 1).filter((line) => line !== "");
  } finally {
    await handle.close();
  }
};

/** What the events lack that are needed. */
const lackOf = (events: readonly CelEvent[]): string | undefined => {
  if (events.every(({ linkedId }) => linkedId === "")) return "no linkedid";
  const types = new Set(events.map(({ type }) => type));
  const enters = events.filter(({ type }) => type === "BRIDGE_ENTER");
  if (enters.length > 0 && enters.every(({ extra }) => extra["bridge_id"] === undefined)) {
    return "no eventextra, which names the bridges";
  }
  return types.has("HANGUP") && !types.has("CHAN_START") ? "no CHAN_START" : undefined;
};

/** What there is to say of the file. @param path as the settings name it */
export const celFile = async (path: string, clock: Clock): Promise<Finding[]> => {
  const what = `CEL file ${path}`;
  let lines: string[];
  let mtimeMs: number;
  try {
    const file = await stat(path);
    mtimeMs = file.mtimeMs;
    lines = await linesAtEnd(path, file.size);
  } catch (error) {
    const isMissing = errorCode(error) === "ENOENT";
    const why = isMissing ? "is not there" : `cannot be read: ${errorText(error)}`;
    const todo = isMissing
      ? `enable it: cel.conf with enable=yes, apps=all, events=ALL; ${CONF}; then asterisk -rx 'module reload cel_custom'; or mend --cel`
      : "let the user of calllog read it";
    return [wrong(what, why, todo)];
  }
  if (lines.length === 0) return [note(what, "is empty so far", "run this again after a call")];
  const events = lines.flatMap((line) => readCelLine(line) ?? []);
  if (events.length === 0) {
    return [wrong(what, "has no line that is understood as CEL", CONF)];
  }
  const lack = lackOf(events);
  if (lack !== undefined) return [wrong(what, `has lines that lack something: ${lack}`, CONF)];
  const findings = [
    ok(what, `has lines that are understood (${events.length} of the last ${lines.length})`),
  ];
  if (clock.now() - mtimeMs > QUIET_MS) {
    findings.push(
      note(
        what,
        "had no line for a day",
        "see that Asterisk writes there: asterisk -rx 'cel show status'",
      ),
    );
  }
  return findings;
};
