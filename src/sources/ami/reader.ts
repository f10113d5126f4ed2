// Parses the byte stream of the manager interface into messages. A message ends at an empty line. A caller can put
// line breaks into a number, so in a message whose lines end in CRLF a bare LF belongs to the value: it starts no
// header and ends no message. Linear time, bounded memory.

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

class BlockReader implements AmiReader {
  /** Lines of the message under way, each ended by LF, and the line under way. */
  #kept = new Uint8Array(INITIAL_BYTES);
  #filled = 0;
  #lineStart = 0;
  /** Whether bytes of the line under way were dropped. */
  #isCut = false;
  /** Bytes of the line under way, kept or not. */
  #lineBytes = 0;
  #lastByte = 0;
  #inside: Inside = "none";
  /** Whether the message's first line was ended by CRLF. */
  #isCrlf = false;
  /** Whether the line under way began after a bare LF of such a message. */
  #isContinuation = false;
  #headers = 0;

  push(bytes: Uint8Array<ArrayBufferLike>): AmiMessage[] {
    const messages: AmiMessage[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, from)) {
      this.#append(bytes, from, end);
      this.#endLine(messages);
      from = end + 1;
    }
    this.#append(bytes, from, bytes.length);
    return messages;
  }

  #startLine(): void {
    this.#lineStart = this.#filled;
    this.#isCut = false;
    this.#lineBytes = 0;
    this.#lastByte = 0;
  }

  #dropLine(): void {
    this.#filled = this.#lineStart;
    this.#startLine();
  }

  #reset(): void {
    if (this.#kept.length > MAX_LINE_BYTES) this.#kept = new Uint8Array(INITIAL_BYTES);
    this.#filled = 0;
    this.#inside = "none";
    this.#isContinuation = false;
    this.#headers = 0;
    this.#startLine();
  }

  #append(bytes: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    this.#lineBytes += to - from;
    this.#lastByte = bytes[to - 1] as number;
    // One byte is left free for the LF that ends the line.
    const room = Math.min(
      MAX_LINE_BYTES - (this.#filled - this.#lineStart),
      MAX_MESSAGE_BYTES - 1 - this.#filled,
      this.#isCut ? 0 : to - from,
    );
    if (room < to - from) this.#isCut = true;
    if (room <= 0) return;
    const needed = this.#filled + room + 1;
    if (needed > this.#kept.length) {
      const grown = new Uint8Array(Math.max(needed, this.#kept.length * 2));
      grown.set(this.#kept.subarray(0, this.#filled));
      this.#kept = grown;
    }
    // Most lines are short: a view made for each of them would cost more than the copying.
    if (room > 256) this.#kept.set(bytes.subarray(from, from + room), this.#filled);
    else for (let i = 0; i < room; i++) this.#kept[this.#filled + i] = bytes[from + i] as number;
    this.#filled += room;
  }

  #begins(start: Uint8Array): boolean {
    return (
      this.#filled - this.#lineStart >= start.length &&
      start.every((byte, index) => this.#kept[this.#lineStart + index] === byte)
    );
  }

  #keepLine(): void {
    if (this.#headers === MAX_HEADERS || this.#filled === this.#lineStart) {
      this.#dropLine();
      return;
    }
    this.#headers++;
    if (this.#isCut) {
      // The cut may have gone through a character.
      while (
        this.#filled > this.#lineStart &&
        ((this.#kept[this.#filled - 1] as number) & 0xc0) === 0x80
      )
        this.#filled--;
      if (this.#filled > this.#lineStart && (this.#kept[this.#filled - 1] as number) >= 0xc0)
        this.#filled--;
    } else if (this.#lastByte === CR) this.#filled--;
    this.#kept[this.#filled++] = LF;
    this.#startLine();
  }

  #endLine(messages: AmiMessage[]): void {
    const endsWithCr = this.#lastByte === CR;
    const isEmpty = this.#lineBytes === 0 || (this.#lineBytes === 1 && endsWithCr);
    if (this.#inside === "none") {
      if (isEmpty || this.#begins(BANNER)) this.#dropLine();
      else if (STARTS.some((start) => this.#begins(start))) {
        this.#inside = "message";
        this.#isCrlf = endsWithCr;
        this.#keepLine();
      } else {
        this.#inside = "garbage";
        this.#dropLine();
      }
    } else if (this.#inside === "garbage") {
      if (isEmpty) this.#reset();
      else this.#dropLine();
    } else if (this.#isContinuation || (isEmpty && this.#isCrlf && !endsWithCr)) {
      this.#isContinuation = !endsWithCr;
      this.#dropLine();
    } else if (isEmpty) {
      messages.push(parseBlock(this.#kept.subarray(0, this.#lineStart)));
      this.#reset();
    } else {
      this.#isContinuation = this.#isCrlf && !endsWithCr;
      this.#keepLine();
    }
  }
}

/** A reader of one connection; a new connection needs a new one. */
export const createAmiReader = (): AmiReader => new BlockReader();
