// The CEL file as a kind of history: its lines are understood as they are when an agent reads them, by the same translator and the
// same mapper, and give the same events. Files are read in the order of their first lines, for a call may go over from one
// to the next.

import { basename } from "node:path";
import { createAmiMapper, Peers } from "../../ami/index.ts";
import { type CelEvent, createCelTranslator, readCelLine } from "../../cel/index.ts";
import { headOf } from "../head.ts";
import { linesOf } from "../lines.ts";
import type { FileHead, HistoryReader, ReaderOptions, ReadingNotes } from "../types.ts";

/** Lines at the head of a file among which one of CEL is looked for: the first may be a torn one. */
const HEAD_LINES = 20;

const isCel = (event: CelEvent | undefined): event is CelEvent =>
  event !== undefined &&
  /^[A-Z][A-Z_]+$/.test(event.type) &&
  /^\d{9,11}(?:\.\d+)?$/.test(event.stamp);

const firstOf = (head: Buffer): CelEvent | undefined =>
  head.toString("utf8").split("\n").slice(0, HEAD_LINES).map(readCelLine).find(isCel);

const beginningOf = async (path: string): Promise<number> =>
  Number(firstOf(await headOf(path))?.stamp ?? 0);

const inOrder = async (files: readonly string[]): Promise<string[]> => {
  const dated = await Promise.all(
    files.map(async (path) => ({ path, at: await beginningOf(path) })),
  );
  return dated.sort((a, b) => a.at - b.at).map(({ path }) => path);
};

async function* readCel(
  files: readonly string[],
  { trunks, extensions }: ReaderOptions,
  notes: ReadingNotes,
): ReturnType<HistoryReader["read"]> {
  const mapper = createAmiMapper({ peers: new Peers({ trunks, extensions }) });
  const translator = createCelTranslator();
  for (const path of await inOrder(files)) {
    let number = 0;
    for await (const line of linesOf(path)) {
      number += 1;
      if (line.trim() === "") continue;
      const event = readCelLine(line);
      if (!isCel(event)) {
        notes.onUnreadable(basename(path), number, "it is no line of CEL");
        continue;
      }
      notes.onRow();
      const at = Math.round(Number(event.stamp) * 1000);
      yield* mapper.due(at);
      for (const message of translator.take(event)) yield* mapper.take(message, at);
    }
  }
  yield* mapper.due(Number.MAX_SAFE_INTEGER);
}

const recognises = ({ bytes }: FileHead): boolean => firstOf(bytes) !== undefined;

export const celReader: HistoryReader = { format: "cel", recognises, read: readCel };
