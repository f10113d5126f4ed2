// A folder of recordings for a test, and a call that they may belong to.

import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AssembledCall } from "../../src/call/index.ts";
import {
  parseRecordingPattern,
  type RecordingPattern,
} from "../../src/domain/recording-pattern.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { type Log, silentLog } from "../../src/lib/log.ts";
import { openRecordings, type Recordings } from "../../src/recordings/index.ts";
import { assembled, type Row, recordsOf, T0 } from "./calls.ts";
import { wavFile } from "./wav.ts";

export const RECORDED_ID = "1764504000.61";
export const OTHER_ID = "1764504010.62";

/** Rings for 5 s and talks for 10, of two channels; the second event bears `more`. */
export const recordedRows = (more: { readonly [key: string]: unknown } = {}): Row[] => [
  [0, "start", RECORDED_ID, { CallType: 0, Phone: "375291112233", Trunk: "mts" }],
  [1, "dial", RECORDED_ID, { Phone: "375291112233", Extensions: ["151"], ...more }],
  [
    5,
    "bridge",
    RECORDED_ID,
    { ChanUniqueId: RECORDED_ID, Channel: "PJSIP/mts-00000001", BridgeUniqueid: "b1" },
  ],
  [
    5,
    "bridge",
    RECORDED_ID,
    {
      ChanUniqueId: OTHER_ID,
      Channel: "PJSIP/151-00000002",
      BridgeUniqueid: "b1",
      Extension: "151",
    },
  ],
  [15, "hangup", RECORDED_ID, { ChanUniqueId: RECORDED_ID, CallStatus: 2, Phone: "375291112233" }],
];

export const recordedCall = async (
  more: { readonly [key: string]: unknown } = {},
): Promise<AssembledCall> => {
  const found = await assembled(recordsOf(recordedRows(more)), RECORDED_ID);
  if (found === undefined) throw new Error("the rows are no call");
  return found;
};

/** Makes a file; by default ten seconds of silence that ended when the call did. */
export const recordingFile = async (
  folder: string,
  path: string,
  {
    content = wavFile({ seconds: 10 }),
    changedAt = T0 + 15_000,
  }: { readonly content?: Uint8Array | string; readonly changedAt?: number } = {},
): Promise<string> => {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  await utimes(file, changedAt / 1000, changedAt / 1000);
  return file;
};

const patternOf = (text: string): RecordingPattern => {
  const parsed = parseRecordingPattern(text);
  if (parsed === undefined) throw new Error(`no pattern: ${text}`);
  return parsed;
};

/** The default of `--recording-pattern`. */
export const BY_ID = patternOf("{uniqueId}");

/** A clock by which whatever was read was read before its last change: it is read again whenever somebody asks. */
const DOUBTING: Clock = { now: () => 0 };

export const recordingsIn = (
  folders: readonly string[],
  {
    pattern = "{uniqueId}",
    clock = DOUBTING,
    log = silentLog,
  }: { readonly pattern?: string; readonly clock?: Clock; readonly log?: Log } = {},
): Recordings => openRecordings({ folders, pattern: patternOf(pattern), clock, log });
