// The bytes of a request, never more than allowed and never waited for without end: by Content-Length before a byte is
// read, and by counting where there is none (chunked). What the bytes mean is left to decode.ts.

import { within } from "../../lib/within.ts";

/** Why there are no bytes. */
export type Unread = "too large" | "late";

const readCounted = async (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<ArrayBuffer | Unread> => {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      await reader.cancel();
      return "too large";
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes.buffer;
};

/**
 * The body's bytes, or why they were not read. Rejects where the client went away.
 *
 * @param timeoutMs how long the body may take to arrive, however steadily it trickles
 */
export const readBody = (
  request: Request,
  maxBytes: number,
  timeoutMs: number,
): Promise<ArrayBuffer | Unread> | Unread => {
  const declared = request.headers.get("content-length");
  if (declared === null) {
    const reader = request.body?.getReader();
    if (reader === undefined) return Promise.resolve(new ArrayBuffer(0));
    return within(readCounted(reader, maxBytes), timeoutMs, (): Unread => {
      reader.cancel().catch(() => undefined);
      return "late";
    });
  }
  return Number(declared) > maxBytes
    ? "too large"
    : within(request.arrayBuffer(), timeoutMs, (): Unread => "late");
};

/** Encodings that hide what was sent. Others are words that senders put there by mistake, such as `utf-8`. */
const COMPRESSED = /\b(?:gzip|deflate|br|zstd|compress|bzip2|xz)\b/i;

/** Whether the body is said to be compressed: such bodies are not unpacked, since a few bytes may hold gigabytes. */
export const isCompressed = (request: Request): boolean => {
  const encoding = request.headers.get("content-encoding");
  return encoding !== null && COMPRESSED.test(encoding);
};
