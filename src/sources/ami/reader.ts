// Bytes of the manager interface -> messages. A message is whole at its empty line; nothing becomes text before that.
// Whoever calls can put line breaks into a number, so where a message has its lines ended by CRLF, what follows a bare LF
// is part of a value: it makes no header and ends no message. Time is linear in the bytes, memory bounded whatever comes.
// What the messages mean is left to the mapper.

import { parseBlock } from "./block.ts";
import type { AmiMessage, AmiReader } from "./types.ts";

/** Bytes of a line that are kept; the rest of a longer one is dropped. */
export const MAX_LINE_BYTES = 64 * 1024;
/** Headers of a message that are kept; further ones are dropped. */
export const MAX_HEADERS = 512;
/** Bytes of one message that are kept. Asterisk's own are below 8 KiB; only a broken peer comes here. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

const INITIAL_BYTES = 4 * 1024;
const LF = 10;
const CR = 13;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const BANNER = bytesOf("Asterisk Call Manager/");
const STARTS = [bytesOf("Event:"), bytesOf("Response:")];

/**
 * `none`: between messages. `message`: within one. `garbage`: within a block whose first line is neither `Event:` nor
 * `Response:`; it is dropped up to its empty line.
 */
type Inside = "none" | "message" | "garbage";

/** A reader of one connection; a new connection needs a new one. */
export const createAmiReader = (): AmiReader => {
  /** Lines of the message under way, each ended by LF, and the line under way. */
  let kept = new Uint8Array(INITIAL_BYTES);
  let filled = 0;
  let lineStart = 0;
  /** Whether bytes of the line under way were dropped. */
  let isCut = false;
  /** Bytes of the line under way, kept or not. */
  let lineBytes = 0;
  let lastByte = 0;
  let inside: Inside = "none";
  /** Whether the message's first line was ended by CRLF. */
  let isCrlf = false;
  /** Whether the line under way began after a bare LF of such a message. */
  let isContinuation = false;
  let headers = 0;

  const startLine = (): void => {
    lineStart = filled;
    isCut = false;
    lineBytes = 0;
    lastByte = 0;
  };

  const dropLine = (): void => {
    filled = lineStart;
    startLine();
  };

  const reset = (): void => {
    if (kept.length > MAX_LINE_BYTES) kept = new Uint8Array(INITIAL_BYTES);
    filled = 0;
    inside = "none";
    isContinuation = false;
    headers = 0;
    startLine();
  };

  const append = (bytes: Uint8Array, from: number, to: number): void => {
    if (from === to) return;
    lineBytes += to - from;
    lastByte = bytes[to - 1] as number;
    // One byte is left free for the LF that ends the line.
    const room = Math.min(
      MAX_LINE_BYTES - (filled - lineStart),
      MAX_MESSAGE_BYTES - 1 - filled,
      isCut ? 0 : to - from,
    );
    if (room < to - from) isCut = true;
    if (room <= 0) return;
    const needed = filled + room + 1;
    if (needed > kept.length) {
      const grown = new Uint8Array(Math.max(needed, kept.length * 2));
      grown.set(kept.subarray(0, filled));
      kept = grown;
    }
    // Most lines are short: a view made for each of them would cost more than the copying.
    if (room > 256) kept.set(bytes.subarray(from, from + room), filled);
    else for (let i = 0; i < room; i++) kept[filled + i] = bytes[from + i] as number;
    filled += room;
  };

  const begins = (start: Uint8Array): boolean =>
    filled - lineStart >= start.length &&
    start.every((byte, index) => kept[lineStart + index] === byte);

  const keepLine = (): void => {
    if (headers === MAX_HEADERS || filled === lineStart) {
      dropLine();
      return;
    }
    headers++;
    if (isCut) {
      // The cut may have gone through a character.
      while (filled > lineStart && ((kept[filled - 1] as number) & 0xc0) === 0x80) filled--;
      if (filled > lineStart && (kept[filled - 1] as number) >= 0xc0) filled--;
    } else if (lastByte === CR) filled--;
    kept[filled++] = LF;
    startLine();
  };

  const endLine = (messages: AmiMessage[]): void => {
    const endsWithCr = lastByte === CR;
    const isEmpty = lineBytes === 0 || (lineBytes === 1 && endsWithCr);
    if (inside === "none") {
      if (isEmpty || begins(BANNER)) dropLine();
      else if (STARTS.some(begins)) {
        inside = "message";
        isCrlf = endsWithCr;
        keepLine();
      } else {
        inside = "garbage";
        dropLine();
      }
    } else if (inside === "garbage") {
      if (isEmpty) reset();
      else dropLine();
    } else if (isContinuation || (isEmpty && isCrlf && !endsWithCr)) {
      isContinuation = !endsWithCr;
      dropLine();
    } else if (isEmpty) {
      messages.push(parseBlock(kept.subarray(0, lineStart)));
      reset();
    } else {
      isContinuation = isCrlf && !endsWithCr;
      keepLine();
    }
  };

  return {
    push: (bytes) => {
      const messages: AmiMessage[] = [];
      let from = 0;
      for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, from)) {
        append(bytes, from, end);
        endLine(messages);
        from = end + 1;
      }
      append(bytes, from, bytes.length);
      return messages;
    },
  };
};
