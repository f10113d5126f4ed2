// Streams the list of calls as CSV, page by page, because a whole file is too much to hold in memory. Waits for days
// that are still being read. A file that cannot be completed is cut off, so that nobody takes it for the whole.

import type { CallCursor, CallPage } from "../call/index.ts";
import type { NumberPlan } from "../domain/phone.ts";
import { MAX_LIMIT } from "./calls-query.ts";
import { BYTE_ORDER_MARK, csvHeader, csvLine } from "./csv.ts";

export type CsvFile = {
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

/** The answer with the file; its head is sent at once. */
export const csvResponse = (file: CsvFile): Response => {
  const encoder = new TextEncoder();
  let left = file.maxRows;
  let before: CallCursor | undefined;
  let isCancelled = false;

  /** The next page, once nothing newer than it can be missing. */
  const readPage = async (): Promise<CallPage> => {
    for (let pauses = 0; !isCancelled; pauses++) {
      const page = await file.read(Math.min(left, MAX_LIMIT), before);
      if (page.isComplete) return page;
      if (pauses === MAX_PAUSES) break;
      await file.pause();
    }
    throw new Error("cannot read all calls: older days are still being read");
  };

  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(BYTE_ORDER_MARK + csvHeader())),
    pull: async (controller) => {
      try {
        const { rows, next } = await readPage();
        left -= rows.length;
        before = next;
        const text = rows.map((row) => csvLine(row, file.timeZone, file.country)).join("");
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (next === undefined || left <= 0) controller.close();
      } catch (error) {
        if (isCancelled) return;
        file.onError(error);
        controller.error(error);
      }
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${file.name}.csv"`,
    },
  });
};
