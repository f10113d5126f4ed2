// The kinds of history that can be imported, in the order in which a file is tried.

import { cdrReader } from "./cdr/reader.ts";
import { celReader } from "./cel/reader.ts";
import { headOf } from "./head.ts";
import type { HistoryReader } from "./types.ts";

export const READERS: readonly HistoryReader[] = [cdrReader, celReader];

/** The kind of a file; undefined where it is none of them. @throws the system's error where it cannot be read. */
export const readerOf = async (path: string): Promise<HistoryReader | undefined> => {
  const bytes = await headOf(path);
  return READERS.find((reader) => reader.recognises({ path, bytes }));
};
