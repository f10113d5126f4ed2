// A text file, line by line, in bounded memory.

import { createReadStream } from "node:fs";

/** A longer line is none of ours: it is cut there, and found to be none. In characters. */
const MAX_LINE_LENGTH = 1024 * 1024;

/** The lines without their ends. Bytes that are not UTF-8 become U+FFFD. @throws the system's error. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(path, {
    encoding: "utf8",
    highWaterMark: 256 * 1024,
  })) {
    const lines = (rest + String(chunk)).split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE_LENGTH);
    for (const line of lines) yield line.endsWith("\r") ? line.slice(0, -1) : line;
  }
  if (rest !== "") yield rest;
}
