// The list of calls as a CSV file on its way: read and sent page by page, since what a spreadsheet takes is too much to
// keep in memory. One that cannot be read to its end breaks off, so that nobody takes it for the whole.

import type { CallCursor, CallPage } from "../history/types.ts";
import { MAX_LIMIT } from "./calls-query.ts";
import { BYTE_ORDER_MARK, csvHeader, csvLine } from "./csv.ts";

export type CsvFile = {
  readonly enterprise: string;
  /** The day asked for; undefined where the file holds every day up to today. */
  readonly day: string | undefined;
  readonly today: string;
  readonly timeZone: string;
  readonly maxRows: number;
  /** Reads the next rows; the first ones where no cursor is given. */
  readonly read: (limit: number, before?: CallCursor) => Promise<CallPage>;
  readonly onError: (error: unknown) => void;
};

const nameOf = ({ enterprise, day, today }: CsvFile, isComplete: boolean): string =>
  `calls-${enterprise}-${day ?? `until-${today}`}${isComplete ? "" : "-incomplete"}.csv`;

/** The answer with the file; its name says where older days were still being read. @throws what the first read throws */
export const csvResponse = async (file: CsvFile): Promise<Response> => {
  const encoder = new TextEncoder();
  const linesOf = ({ rows }: CallPage): string =>
    rows.map((row) => csvLine(row, file.timeZone)).join("");
  let left = file.maxRows;
  const readOn = async (before?: CallCursor): Promise<CallPage> => {
    const page = await file.read(Math.min(left, MAX_LIMIT), before);
    left -= page.rows.length;
    return page;
  };

  const first = await readOn();
  let { next } = first;
  let text = BYTE_ORDER_MARK + csvHeader() + linesOf(first);
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      controller.enqueue(encoder.encode(text));
      if (next === undefined || left <= 0) {
        controller.close();
        return;
      }
      try {
        const page = await readOn(next);
        next = page.next;
        text = linesOf(page);
      } catch (error) {
        file.onError(error);
        controller.error(error);
      }
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": `attachment; filename="${nameOf(file, first.isComplete)}"`,
    },
  });
};
