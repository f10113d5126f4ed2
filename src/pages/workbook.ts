// The list of calls as a workbook (xlsx) for people: headings in the reader's language, numbers as texts, times as times,
// durations as durations. Streamed, so that its size does not matter to memory. Cells are texts and numbers alone: what a
// caller wrote into his name is never a formula.

import { writeXlsxStream } from "hucre/xlsx";
import type { FollowedRow } from "../call/index.ts";
import type { Lang } from "../domain/lang.ts";
import { internationalNumber, type NumberPlan } from "../domain/phone.ts";
import { clocksAt } from "../domain/zone-day.ts";
import { DAY_MS, SECOND_MS, wholeSeconds } from "../lib/time.ts";
import { listTextsOf, type Texts, textsOf } from "../texts/index.ts";
import { fileResponse, type ListFile, pagesOf } from "./list-file.ts";

export const WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const TIME = "yyyy-mm-dd hh:mm:ss";
const DURATION = "[h]:mm:ss";

/** Days from 1899-12-30, where a workbook counts from, to 1970-01-01. */
const EPOCH_DAYS = 25_569;

const DAY_SECONDS = DAY_MS / SECOND_MS;

/** What the clocks of the zone show, as a workbook has it: days and their fraction. */
const clockTime = (ms: number | null, timeZone: string): number | null =>
  ms === null ? null : Math.floor(clocksAt(ms, timeZone) / SECOND_MS) / DAY_SECONDS + EPOCH_DAYS;

/** A duration in whole seconds, as a fraction of a day. */
const durationOf = (ms: number | null): number | null =>
  ms === null ? null : wholeSeconds(ms) / DAY_SECONDS;

/** What XML cannot hold, and what would be read as the escape of a character. */
const plain = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a name may hold them.
    .replace(/[\u0000-\u001f\u007f\ufffe\uffff]+/g, " ")
    .replace(/_(?=x[0-9a-f]{4}_)/gi, "_\u200b")
    .trim();

const textOrNone = (text: string | null | undefined): string | null =>
  text === null || text === undefined || text === "" ? null : plain(text);

type Cell = string | number | null;
type Reader = { readonly lang: Lang; readonly timeZone: string; readonly country: NumberPlan };
type Column = {
  readonly header: string;
  /** In characters. */
  readonly width: number;
  readonly numFmt?: string;
  readonly cell: (row: FollowedRow, reader: Reader) => Cell;
};

const phoneOf = ({ phone }: FollowedRow, { country }: Reader): Cell =>
  phone === null ? null : plain(internationalNumber(phone, country) ?? phone);

const columnsIn = (lang: Lang): readonly Column[] => {
  const { workbook: words, follow } = listTextsOf(lang);
  const texts: Texts = textsOf(lang);
  return [
    {
      header: words.start,
      width: 20,
      numFmt: TIME,
      cell: (row, { timeZone }) => clockTime(row.startedAt, timeZone),
    },
    { header: words.direction, width: 12, cell: (row) => texts.direction[row.direction] },
    { header: texts.result, width: 14, cell: (row) => texts.status(row.status, row.direction) },
    { header: words.phone, width: 18, cell: phoneOf },
    { header: words.name, width: 26, cell: (row) => textOrNone(row.callerName) },
    { header: words.rung, width: 18, cell: (row) => textOrNone(row.extensions.join(", ")) },
    { header: words.answeredBy, width: 14, cell: (row) => textOrNone(row.answeredBy.join(", ")) },
    { header: texts.wait, width: 11, numFmt: DURATION, cell: (row) => durationOf(row.waitMs) },
    { header: texts.talk, width: 11, numFmt: DURATION, cell: (row) => durationOf(row.talkMs) },
    { header: texts.total, width: 11, numFmt: DURATION, cell: (row) => durationOf(row.totalMs) },
    { header: words.transfers, width: 11, cell: (row) => row.transfers },
    {
      header: words.end,
      width: 20,
      numFmt: TIME,
      cell: (row, { timeZone }) => clockTime(row.endedAt, timeZone),
    },
    {
      header: words.followUp,
      width: 20,
      cell: (row) => (row.followUp === null ? null : follow[row.followUp.state]),
    },
    { header: words.attempts, width: 11, cell: (row) => row.followUp?.attempts ?? null },
    { header: words.returnedBy, width: 14, cell: (row) => textOrNone(row.followUp?.returnedBy) },
    {
      header: words.after,
      width: 11,
      numFmt: DURATION,
      cell: ({ followUp }) => {
        const seconds = followUp?.afterSeconds ?? null;
        return durationOf(seconds === null ? null : seconds * 1000);
      },
    },
    { header: words.callId, width: 26, cell: (row) => plain(row.uniqueId) },
  ];
};

/** The answer with the file. */
export const workbookResponse = (file: ListFile, lang: Lang): Response => {
  const columns = columnsIn(lang);
  const reader: Reader = { lang, timeZone: file.timeZone, country: file.country };
  async function* cells(): AsyncGenerator<Cell[]> {
    try {
      for await (const rows of pagesOf(file))
        for (const row of rows) yield columns.map(({ cell }) => cell(row, reader));
    } catch (error) {
      file.onError(error);
      throw error;
    }
  }
  const body = writeXlsxStream(cells(), {
    name: listTextsOf(lang).workbook.sheet,
    columns: columns.map(({ header, width, numFmt }) => ({
      header,
      width,
      ...(numFmt === undefined ? {} : { numFmt }),
    })),
    freezePane: { rows: 1 },
    headerFilter: true,
  });
  return fileResponse(body, { fileName: `${file.name}.xlsx`, type: WORKBOOK_TYPE });
};
