// Reads and builds the head of a line without decoding the rest, for readers that see every line and want few of them.

import { formatStamp, STAMP_LENGTH } from "./stamp.ts";

const AST = "|AST|";
const TG = "|TG|";

/** Everything of an event's line before its body: `2025-11-30 09:08:42,025|AST|hangup|1764493655.61|`. */
export const astHead = (at: number, event: string, uniqueId: string): string =>
  `${formatStamp(at)}${AST}${event}|${uniqueId}|`;

/** The same of a line as it stands in a file; undefined where it is no event's. */
export const astHeadOf = (line: string): string | undefined => {
  if (!line.startsWith(AST, STAMP_LENGTH)) return undefined;
  const eventEnd = line.indexOf("|", STAMP_LENGTH + AST.length);
  return line.slice(0, line.indexOf("|", eventEnd + 1) + 1);
};

export const isTgLine = (line: string): boolean => line.startsWith(TG, STAMP_LENGTH);
