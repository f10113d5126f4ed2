// Streams the list of calls as CSV.

import { BYTE_ORDER_MARK, csvHeader, csvLine } from "./csv.ts";
import { fileResponse, type ListFile, pagesOf } from "./list-file.ts";

/** The answer with the file; its head is sent at once. */
export const csvResponse = (file: ListFile, separator?: string): Response => {
  const encoder = new TextEncoder();
  const pages = pagesOf(file);
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) =>
      controller.enqueue(encoder.encode(BYTE_ORDER_MARK + csvHeader(separator))),
    pull: async (controller) => {
      try {
        const { value: rows, done } = await pages.next();
        if (isCancelled) return;
        const text = (done ? [] : rows)
          .map((row) => csvLine(row, file.timeZone, file.country, separator))
          .join("");
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (done) controller.close();
      } catch (error) {
        if (isCancelled) return;
        file.onError(error);
        controller.error(error);
      }
    },
    cancel: async () => {
      isCancelled = true;
      await pages.return(undefined);
    },
  });
  return fileResponse(body, {
    fileName: `${file.name}.csv`,
    type: "text/csv; charset=utf-8; header=present",
  });
};
