// The service log: LogTape behind a small type, so that modules depend on the type and tests hand in their own.
// Every message and field passes maskSecrets first; nothing secret reaches the writer. One log a process: LogTape's
// configuration is global, and the log opened last is the one that writes.

import {
  configureSync,
  getJsonLinesFormatter,
  getLogger,
  type LogLevel as TapeLevel,
} from "@logtape/logtape";
import { getPrettyFormatter } from "@logtape/pretty";
import { maskSecrets, maskValue } from "./mask.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Facts beside the message: `{ enterprise: "0367", error }`. */
export type LogFields = { readonly [name: string]: unknown };

export type Log = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};

/** A log that drops everything. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export type LogOptions = {
  /** Messages below it are dropped. */
  readonly level: LogLevel;
  /** Takes whole lines with their line break. */
  readonly write: (text: string) => void;
  /** For people on a terminal; else one JSON object a line. */
  readonly pretty: boolean;
  /** Stand in every message. */
  readonly fields?: LogFields;
};

const tapeLevel = (level: LogLevel): TapeLevel => (level === "warn" ? "warning" : level);

/** Starts the process's log. */
export const openLog = ({ level, write, pretty, fields: common = {} }: LogOptions): Log => {
  const format = pretty
    ? getPrettyFormatter({ timestamp: "date-time-tz", properties: true, categoryWidth: 8 })
    : getJsonLinesFormatter({ properties: "nest:fields" });
  configureSync({
    reset: true,
    sinks: { out: (record) => write(format(record)) },
    loggers: [
      { category: ["calllog"], sinks: ["out"], lowestLevel: tapeLevel(level) },
      { category: ["logtape", "meta"], sinks: ["out"], lowestLevel: "error" },
    ],
  });
  const logger = getLogger(["calllog"]);
  const at =
    (name: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      // Braces would be taken for placeholders.
      const text = maskSecrets(message).replaceAll("{", "{{").replaceAll("}", "}}");
      logger[name](text, maskValue({ ...common, ...fields }) as Record<string, unknown>);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};
