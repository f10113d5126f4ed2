// A row of call details, whoever wrote it: Asterisk's Master.csv, the table `cdr` of FreePBX, MikoPBX's `cdr_general`. Names
// of columns and notations of times exist here alone.

import { keptId } from "../../../asterisk/index.ts";
import { momentsOf } from "../../../domain/zone-day.ts";
import { err, ok, type Result } from "../../../lib/result.ts";

/** One stretch of a call: a channel, and the one that it was put through to. Times in milliseconds since the epoch. */
export type CdrRow = {
  readonly start: number;
  /** Undefined where nobody, and nothing, answered. */
  readonly answer: number | undefined;
  readonly end: number;
  readonly src: string;
  readonly dst: string;
  /** `"Name" <number>`. */
  readonly clid: string;
  readonly channel: string;
  readonly dstChannel: string;
  readonly context: string;
  readonly app: string;
  readonly appData: string;
  readonly disposition: "ANSWERED" | "NOANSWER" | "BUSY" | "FAILED" | "CANCEL";
  readonly uniqueId: string;
  readonly linkedId: string;
  readonly did: string;
  readonly recording: string;
  /** The PBX itself says that this end is a line. */
  readonly isFromLine: boolean;
  readonly isToLine: boolean;
  /** Whether a party is known by its number alone where there is no channel. */
  readonly isByNumber: boolean;
};

/** The value of a column by its name in small letters; "" where there is none. */
export type Columns = (name: string) => string;

/** Columns of Master.csv as cdr_csv writes them; what follows depends on cdr.conf. */
export const CDR_CSV_COLUMNS = [
  "accountcode",
  "src",
  "dst",
  "dcontext",
  "clid",
  "channel",
  "dstchannel",
  "lastapp",
  "lastdata",
  "start",
  "answer",
  "end",
  "duration",
  "billsec",
  "disposition",
  "amaflags",
] as const;
/** The same as the sample of cdr_custom.conf has them. */
export const CDR_CUSTOM_COLUMNS = [
  ...CDR_CSV_COLUMNS.slice(4, 5),
  ...CDR_CSV_COLUMNS.slice(1, 4),
  ...CDR_CSV_COLUMNS.slice(5),
  "accountcode",
] as const;

/** An id that Asterisk makes: it ends in the second and a count. */
export const isAsteriskId = (text: string): boolean => /\d{9,10}\.\d+$/.test(text);

const LOCAL_TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?/;

/** What the clocks showed, as if the zone were UTC; undefined where it is no time (`0000-00-00 00:00:00` is none). */
const wallOf = (text: string): number | undefined => {
  const match = LOCAL_TIME.exec(text);
  if (match === null || match[1] === "0000") return undefined;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const ms = Number((match[7] ?? "0").padEnd(3, "0").slice(0, 3));
  const wall = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms);
  return new Date(wall).getUTCDate() === day && (hour ?? 0) < 24 ? wall : undefined;
};

/** The second in which the channel was made, by its id, in milliseconds. */
export const madeAt = (id: string): number | undefined => {
  const second = /(\d{9,10})\.\d+$/.exec(id)?.[1];
  return second === undefined ? undefined : Number(second) * 1000;
};

/** In the hour that comes twice, the one that the id of the channel is nearer to. */
const momentOf = (wall: number, timeZone: string, hint: number | undefined): number => {
  const [first, ...others] = momentsOf(wall, timeZone);
  if (hint === undefined) return first;
  return others.reduce(
    (best, at) => (Math.abs(at - hint) < Math.abs(best - hint) ? at : best),
    first,
  );
};

const seconds = (text: string): number | undefined =>
  /^\d{1,7}(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined;

/** Clocks may be moved between two local times: where a duration is told, it is right. */
const DIFFERS_MS = 2000;

const span = (from: number, to: number | undefined, told: number | undefined): number => {
  const shown = to === undefined ? undefined : to - from;
  if (shown === undefined || shown < 0) return told ?? 0;
  return told === undefined || Math.abs(shown - told) < DIFFERS_MS ? shown : told;
};

const DISPOSITIONS: { readonly [text: string]: CdrRow["disposition"] } = {
  ANSWERED: "ANSWERED",
  ANSWER: "ANSWERED",
  BUSY: "BUSY",
  FAILED: "FAILED",
  CONGESTION: "FAILED",
  CHANUNAVAIL: "FAILED",
  CANCEL: "CANCEL",
};
const dispositionOf = (text: string): CdrRow["disposition"] =>
  DISPOSITIONS[text.toUpperCase().replace(/[^A-Z]/g, "")] ?? "NOANSWER";

type Span = Pick<CdrRow, "start" | "answer" | "end">;

/** @param names of the columns of the three times */
const timesOf = (
  column: Columns,
  names: { readonly start: string; readonly answer: string; readonly end: string },
  timeZone: string,
  isAnswered: boolean,
): Result<Span, string> => {
  const text = column(names.start);
  const wall = wallOf(text);
  if (wall === undefined) return err(text === "" ? "no time of its start" : "its start is no time");
  const start = momentOf(wall, timeZone, madeAt(column("uniqueid")));
  const total = span(wall, wallOf(column(names.end)), seconds(column("duration")));
  const end = start + total;
  if (!isAnswered) return ok({ start, answer: undefined, end });
  const billed = seconds(column("billsec"));
  const answered = wallOf(column(names.answer));
  const waited = span(wall, answered, billed === undefined ? undefined : total - billed);
  return ok({ start, answer: Math.min(end, start + Math.max(0, waited)), end });
};

/** A row of Master.csv or of the table `cdr`. */
export const cdrRow = (column: Columns, timeZone: string): Result<CdrRow, string> => {
  const disposition = dispositionOf(column("disposition"));
  const start = column("start") === "" ? "calldate" : "start";
  const names = { start, answer: "answer", end: "end" };
  const times = timesOf(column, names, timeZone, disposition === "ANSWERED");
  if (!times.ok) return times;
  if (column("channel") === "" && column("src") === "")
    return err("neither a channel nor a number");
  return ok({
    ...times.value,
    // The extension, where the number shown is the company's.
    src: column("cnum") || column("src"),
    dst: column("dst"),
    clid: column("clid") || column("cnam"),
    channel: column("channel"),
    dstChannel: column("dstchannel"),
    context: column("dcontext"),
    app: column("lastapp"),
    appData: column("lastdata"),
    disposition,
    uniqueId: keptId(column("uniqueid")),
    linkedId: keptId(column("linkedid")),
    did: column("did"),
    recording: column("recordingfile"),
    isFromLine: false,
    isToLine: false,
    isByNumber: false,
  });
};

/** Of the text of a channel that is none (`App:…`, an id) nothing is kept. */
const channelName = (text: string): string => (text.includes("/") ? text : "");

/** A row of MikoPBX's `cdr_general`. */
export const mikoPbxRow = (column: Columns, timeZone: string): Result<CdrRow, string> => {
  const isAnswered = wallOf(column("answer")) !== undefined;
  const names = { start: "start", answer: "answer", end: "endtime" };
  const times = timesOf(column, names, timeZone, isAnswered);
  if (!times.ok) return times;
  if (column("src_num") === "" && column("src_chan") === "") {
    return err("neither a channel nor a number");
  }
  const told = dispositionOf(column("disposition"));
  const byDial = dispositionOf(column("dialstatus"));
  const unanswered = told === "ANSWERED" || told === "NOANSWER" ? byDial : told;
  return ok({
    ...times.value,
    src: column("src_num"),
    dst: column("dst_num"),
    clid: "",
    channel: channelName(column("src_chan")),
    dstChannel: column("is_app") === "1" ? "" : channelName(column("dst_chan")),
    context: "",
    app: column("is_app") === "1" ? column("appname") || "application" : "Dial",
    appData: "",
    disposition: isAnswered ? "ANSWERED" : unanswered === "ANSWERED" ? "NOANSWER" : unanswered,
    uniqueId: keptId(column("uniqueid")),
    linkedId: keptId(column("linkedid")),
    did: column("did"),
    recording: column("recordingfile"),
    isFromLine: column("from_account") !== "",
    isToLine: column("to_account") !== "",
    isByNumber: column("is_app") !== "1",
  });
};
