// The rows of the list for a file, page by page, because a whole file is too much to hold in memory. Waits for days that are
// still being read; a file that cannot be completed is cut off, so that nobody takes it for the whole.

import type { CallCursor, CallPage } from "../call/index.ts";
import type { NumberPlan } from "../domain/phone.ts";
import { MAX_LIMIT } from "./calls-query.ts";

export type ListFile = {
  /** Without the ending. */
  readonly name: string;
  readonly timeZone: string;
  readonly country: NumberPlan;
  readonly maxRows: number;
  /** Reads the next rows; the first ones where no cursor is given. */
  readonly read: (limit: number, before: CallCursor | undefined) => Promise<CallPage>;
  /** Resolves when it is worth looking again whether older days have been read. */
  readonly pause: () => Promise<unknown>;
  readonly onError: (error: unknown) => void;
};

/** Pauses in a row after which older days are given up. */
const MAX_PAUSES = 180;

/** Pages of the list, the newest first. @throws where older days cannot be read in time, or not at all */
export async function* pagesOf(file: ListFile): AsyncGenerator<CallPage["rows"]> {
  let left = file.maxRows;
  let before: CallCursor | undefined;
  for (;;) {
    const { rows, next } = await readPage(file, Math.min(left, MAX_LIMIT), before);
    left -= rows.length;
    before = next;
    yield rows;
    if (next === undefined || left <= 0) return;
  }
}

/** The next page, once nothing newer than it can be missing. */
const readPage = async (
  { read, pause }: ListFile,
  limit: number,
  before: CallCursor | undefined,
): Promise<CallPage> => {
  for (let pauses = 0; ; pauses++) {
    const page = await read(limit, before);
    if (page.isComplete) return page;
    if (pauses === MAX_PAUSES) break;
    await pause();
  }
  throw new Error("cannot read all calls: older days are still being read");
};

/** The answer that brings a file. */
export const fileResponse = (
  body: ReadableStream<Uint8Array>,
  { fileName, type }: { readonly fileName: string; readonly type: string },
): Response =>
  new Response(body, {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${fileName}"`,
    },
  });
