// One line of Asterisk's CEL file: JSON of cel_custom, or CSV in one of two layouts. Which of them it is, is seen at the line
// itself, so that a file whose setting was changed is read on. What is no line of a call gives undefined.

/** One event of the channel event log. Texts are as Asterisk wrote them; "" where it wrote nothing. */
export type CelEvent = {
  /** `CHAN_START`, `BRIDGE_ENTER`, … */
  readonly type: string;
  /** Seconds since the epoch with a fraction, as text. */
  readonly stamp: string;
  readonly uniqueId: string;
  readonly linkedId: string;
  readonly channel: string;
  readonly num: string;
  readonly name: string;
  readonly exten: string;
  readonly context: string;
  readonly app: string;
  readonly appData: string;
  /** Channels that it is bridged with, by name, separated by commas. */
  readonly peer: string;
  /** What the event type tells beside the channel: `bridge_id`, `hangupcause`, … */
  readonly extra: Readonly<Record<string, unknown>>;
};

type Field = Exclude<keyof CelEvent, "extra"> | "extra";

/** Names of the JSON, in small letters. */
const JSON_NAMES: Readonly<Record<Field, string>> = {
  type: "eventtype",
  stamp: "eventtime",
  uniqueId: "uniqueid",
  linkedId: "linkedid",
  channel: "channame",
  num: "num",
  name: "name",
  exten: "exten",
  context: "context",
  app: "appname",
  appData: "appdata",
  peer: "peer",
  extra: "eventextra",
};

/** The mapping of docs/asterisk.md. */
const OWN_LAYOUT: readonly (Field | undefined)[] = [
  "type",
  "stamp",
  "uniqueId",
  "linkedId",
  "channel",
  "num",
  "name",
  "exten",
  "context",
  "app",
  "appData",
  "peer",
  "extra",
];
/** `Master.csv` of the sample that comes with Asterisk (cel_custom.conf.sample); `userdeftype` may stand before the last. */
const SAMPLE_LAYOUT: readonly (Field | undefined)[] = [
  "type",
  "stamp",
  "name",
  "num",
  undefined,
  undefined,
  undefined,
  "exten",
  "context",
  "channel",
  "app",
  "appData",
  undefined,
  undefined,
  "uniqueId",
  "linkedId",
  "peer",
  undefined,
  undefined,
  "extra",
];

const TYPE = /^[A-Z][A-Z_]{2,31}$/;
const EPOCH = /^\d{9,12}(?:\.\d{1,9})?$/;
/** `dateformat` of cel.conf, as people write it: `2026-11-22 07:42:30`, with or without a fraction. */
const DATE = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d{1,9})?$/;
const MAX_COLUMNS = 32;

/** The columns of a CSV line: in quotes, quotes within doubled; undefined where a quote is not closed. */
export const csvColumns = (line: string): string[] | undefined => {
  const columns: string[] = [];
  let at = 0;
  while (at <= line.length && columns.length < MAX_COLUMNS) {
    let text = "";
    if (line[at] === '"') {
      let end = line.indexOf('"', at + 1);
      while (end !== -1 && line[end + 1] === '"') end = line.indexOf('"', end + 2);
      if (end === -1) return undefined;
      text = line.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      if (at < line.length && line[at] !== ",") return undefined;
    } else {
      const end = line.indexOf(",", at);
      text = line.slice(at, end === -1 ? line.length : end);
      at = end === -1 ? line.length : end;
    }
    columns.push(text);
    at += 1;
  }
  return columns;
};

/** Seconds since the epoch; a date is one of this host's clock, on which Asterisk runs too. "" where it is neither. */
const stampOf = (text: string): string => {
  if (EPOCH.test(text)) return text;
  const [, year, month, day, hour, minute, second, fraction = ""] = DATE.exec(text) ?? [];
  if (second === undefined) return "";
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = 0, mon = 1, d = 1, h = 0, min = 0, s = 0] = parts;
  return `${new Date(y, mon - 1, d, h, min, s).getTime() / 1000}${fraction}`;
};

/** Before Asterisk 12 a hangup tells `16,SIP/mts-0000000c,ANSWER`: cause, who asked for it, status. */
const hangupOf = (text: string): CelEvent["extra"] => {
  const [, cause, source, status] = /^(\d{1,3}),([^,]*),([A-Z]*)$/.exec(text) ?? [];
  return cause === undefined
    ? {}
    : { hangupcause: cause, hangupsource: source, dialstatus: status };
};

const extraOf = (value: unknown): CelEvent["extra"] => {
  let parsed = value;
  if (typeof value === "string") {
    if (!value.startsWith("{")) return hangupOf(value);
    try {
      parsed = JSON.parse(value);
    } catch {
      return {};
    }
  }
  return typeof parsed === "object" && parsed !== null
    ? (parsed as Readonly<Record<string, unknown>>)
    : {};
};

/** @param get the value of a field; undefined where the line has none */
const eventOf = (get: (field: Field) => unknown): CelEvent | undefined => {
  const text = (field: Field): string => {
    const value = get(field);
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  };
  const type = text("type");
  const stamp = stampOf(text("stamp"));
  const uniqueId = text("uniqueId");
  const channel = text("channel");
  if (!TYPE.test(type) || stamp === "" || uniqueId === "" || channel === "") return undefined;
  return {
    type,
    stamp,
    uniqueId,
    linkedId: text("linkedId"),
    channel,
    num: text("num"),
    name: text("name"),
    exten: text("exten"),
    context: text("context"),
    app: text("app"),
    appData: text("appData"),
    peer: text("peer"),
    extra: extraOf(get("extra")),
  };
};

const readJson = (line: string): CelEvent | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const direct = value as Readonly<Record<string, unknown>>;
  const isSmall = "eventtype" in direct;
  const values = isSmall
    ? direct
    : Object.fromEntries(Object.entries(direct).map(([name, one]) => [name.toLowerCase(), one]));
  return eventOf((field) => values[JSON_NAMES[field]]);
};

/** The layout by the number of columns. */
const layoutOf = (columns: number): readonly (Field | undefined)[] | undefined => {
  if (columns === OWN_LAYOUT.length || columns === OWN_LAYOUT.length - 1) return OWN_LAYOUT;
  if (columns === SAMPLE_LAYOUT.length) return SAMPLE_LAYOUT;
  return columns === SAMPLE_LAYOUT.length - 1
    ? [...SAMPLE_LAYOUT.slice(0, -2), "extra"]
    : undefined;
};

const readCsv = (line: string): CelEvent | undefined => {
  const columns = csvColumns(line);
  const layout = columns && layoutOf(columns.length);
  if (columns === undefined || layout === undefined) return undefined;
  return eventOf((field) => columns[layout.indexOf(field)]);
};

/** What a line of the file tells; undefined where it is no whole line of CEL. @param line without its end */
export const readCelLine = (line: string): CelEvent | undefined =>
  line.startsWith("{") ? readJson(line) : readCsv(line);
