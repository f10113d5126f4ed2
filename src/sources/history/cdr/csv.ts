// Bytes of a CSV file to records with the numbers of their lines. A record whose quotes are open at the end of its line goes
// on in the next ones, but not for long: a line that was torn costs itself, not the rest of the file. Memory is that of
// one block of records.

import { CsvError, parse } from "csv-parse/sync";
import { linesOf } from "../lines.ts";

export type CsvRecord = {
  /** Where it begins, from 1. */
  readonly line: number;
  /** Undefined where it could not be read. */
  readonly fields: readonly string[] | undefined;
};

export type Delimiter = "," | ";" | "\t";

/** A record of a call has a dozen short texts. Further on its end is not looked for, in lines and characters. */
const MAX_RECORD_LINES = 16;
const MAX_RECORD_LENGTH = 64 * 1024;
/** Fewer columns have no call. */
export const MIN_COLUMNS = 8;
/** Records that are parsed at once: a call of the parser costs as much as a few of them. */
const BLOCK_RECORDS = 500;

const isOpen = (text: string): boolean => {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 1;
};

type Piece = { readonly line: number; readonly text: string | undefined };

/** `mysql --batch` writes what would break a line, or a column, behind a backslash. */
const unescaped = (field: string): string =>
  field === "NULL"
    ? ""
    : field.replace(/\\([tnr0\\])/g, (_, letter: string) => (letter === "\\" ? "\\" : " "));

const fieldsOf = (text: string, delimiter: Delimiter): string[][] => {
  if (delimiter === "\t") return text.split("\n").map((line) => line.split("\t").map(unescaped));
  return parse(text, {
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: false,
  });
};

const tryFields = (text: string, delimiter: Delimiter): string[][] | undefined => {
  try {
    return fieldsOf(text, delimiter);
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
};

/** The records of pieces; all at once, and one by one where one of them cannot be read. */
const recordsOf = (pieces: readonly Piece[], delimiter: Delimiter): CsvRecord[] => {
  const whole = pieces.flatMap(({ text }) => text ?? []);
  const rows = tryFields(whole.join("\n"), delimiter);
  if (rows?.length === whole.length) {
    let next = 0;
    return pieces.map(({ line, text }) => ({
      line,
      fields: text === undefined ? undefined : rows[next++],
    }));
  }
  return pieces.map(({ line, text }) => {
    const alone = text === undefined ? undefined : tryFields(text, delimiter);
    return { line, fields: alone?.length === 1 ? alone[0] : undefined };
  });
};

/** Puts lines together to the texts of records. */
class RecordTexts {
  readonly #delimiter: Delimiter;
  #line = 0;
  #open: string[] = [];
  #openedAt = 0;
  #length = 0;

  constructor(delimiter: Delimiter) {
    this.#delimiter = delimiter;
  }

  *add(line: string): Generator<Piece> {
    this.#line += 1;
    yield* this.#take(line, this.#line);
  }

  /** What is open at the end of the file is torn. */
  *end(): Generator<Piece> {
    while (this.#open.length > 0) yield* this.#giveUp();
  }

  *#take(text: string, line: number): Generator<Piece> {
    const isOdd = this.#delimiter !== "\t" && isOpen(text);
    // A whole record where the rest of a text was awaited: the one before it is torn.
    if (this.#open.length > 0 && !isOdd && text.split(this.#delimiter).length >= MIN_COLUMNS) {
      yield* this.#giveUp();
      yield* this.#take(text, line);
      return;
    }
    if (this.#open.length === 0 && !isOdd) {
      if (text.trim() !== "") yield { line, text };
      return;
    }
    if (this.#open.length === 0) this.#openedAt = line;
    this.#open.push(text);
    this.#length += text.length;
    if (this.#open.length > 1 && isOdd) {
      yield { line: this.#openedAt, text: this.#open.join("\n") };
      this.#open = [];
      this.#length = 0;
    } else if (this.#open.length > MAX_RECORD_LINES || this.#length > MAX_RECORD_LENGTH) {
      yield* this.#giveUp();
    }
  }

  /** The first of the open lines is torn; the others are looked at again without it. */
  *#giveUp(): Generator<Piece> {
    const [, ...rest] = this.#open;
    const first = this.#openedAt;
    yield { line: first, text: undefined };
    this.#open = [];
    this.#length = 0;
    for (const [index, text] of rest.entries()) yield* this.#take(text, first + 1 + index);
  }
}

/** The records of a file, in blocks. Bytes that are not UTF-8 become U+FFFD. @throws the system's error. */
export async function* csvRecords(
  path: string,
  delimiter: Delimiter,
): AsyncGenerator<readonly CsvRecord[]> {
  const texts = new RecordTexts(delimiter);
  let block: Piece[] = [];
  for await (const line of linesOf(path)) {
    for (const piece of texts.add(line)) block.push(piece);
    if (block.length < BLOCK_RECORDS) continue;
    yield recordsOf(block, delimiter);
    block = [];
  }
  for (const piece of texts.end()) block.push(piece);
  if (block.length > 0) yield recordsOf(block, delimiter);
}

/** The fields of the first line of a text. */
export const firstRecord = (text: string, delimiter: Delimiter): readonly string[] | undefined =>
  tryFields((text.split("\n")[0] ?? "").replace(/\r$/, ""), delimiter)?.[0];
