// The kinds of history that can be imported, in the order in which a file is tried.

import { open } from "node:fs/promises";
import { cdrReader } from "./cdr/reader.ts";
import { celReader } from "./cel/reader.ts";
import type { HistoryReader } from "./types.ts";

export const READERS: readonly HistoryReader[] = [cdrReader, celReader];

/** Bytes at the head of a file by which it is recognised. */
const HEAD_BYTES = 64 * 1024;

/** The kind of a file; undefined where it is none of them. @throws the system's error where it cannot be read. */
export const readerOf = async (path: string): Promise<HistoryReader | undefined> => {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    const bytes = head.subarray(0, bytesRead);
    return READERS.find((reader) => reader.recognises({ path, bytes }));
  } finally {
    await file.close();
  }
};
