// The keys of a line as the archive files them. An EventId names a delivery, which only the running days are asked for.

import { idKey, recordKeys } from "../../domain/record.ts";
import { NEWLINE } from "../../lib/newline.ts";
import { decodeLine, idOfOtherLine } from "../format/codec.ts";
import { MAX_LINE_BYTES } from "../limits.ts";

export const isFiled = (key: string): boolean => !key.startsWith("event:");

/** The keys of a line; none where it cannot be read. */
export const keysOfLine = (line: string): string[] => {
  const id = idOfOtherLine(line);
  if (id !== undefined) return id === "" ? [] : [idKey(id)];
  const decoded = decodeLine(line);
  return decoded.ok ? recordKeys(decoded.value).filter(isFiled) : [];
};

/** The lines of a frame that may be read, as bounds without their breaks. */
export function* linesOf(frame: Buffer): Generator<{ start: number; end: number }> {
  for (let start = 0; start < frame.length; ) {
    const stop = frame.indexOf(NEWLINE, start);
    const end = stop < 0 ? frame.length : stop;
    if (end > start && end - start <= MAX_LINE_BYTES) yield { start, end };
    start = end + 1;
  }
}
