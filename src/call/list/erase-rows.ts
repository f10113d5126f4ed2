// The table of an archived day without one subscriber: his calls stay rows, a mark stands for him.

import { createNumberEraser, type Subscriber } from "../../domain/erasing.ts";
import { createPacer, encodeSide, type SideBytes, type SideFile } from "../../store/index.ts";
import type { Entry } from "./row.ts";
import {
  buildTable,
  cellAt,
  cellOf,
  entryAt,
  GIVEN_SECTION,
  sortCells,
  TABLE_SECTIONS,
  tableFrom,
  tableSections,
} from "./table.ts";
import type { CallRow } from "./types.ts";

/** Undefined where the table cannot be read, or he has no row in it. */
export const tableWithout = async (
  side: SideFile,
  subscriber: Subscriber,
): Promise<SideBytes | undefined> => {
  const number = createNumberEraser(subscriber);
  const table = tableFrom(side.sections.slice(0, TABLE_SECTIONS), side.readLast, () => undefined);
  const given = side.sections[GIVEN_SECTION];
  if (number === undefined || table === undefined || given === undefined) return undefined;
  const texts = await table.texts.load();
  const pacer = createPacer();
  const marked = (text: string): string => number.erase(text).text;
  const rowWithout = (row: CallRow): CallRow => {
    const phone = row.phone === null ? null : marked(row.phone);
    return {
      ...row,
      phone,
      callerName: phone === row.phone ? row.callerName : null,
      extensions: row.extensions.map(marked),
      answeredBy: row.answeredBy.map(marked),
    };
  };
  const without = (entry: Entry): Entry =>
    "row" in entry
      ? { row: rowWithout(entry.row) }
      : {
          open: {
            ...entry.open,
            alive: rowWithout(entry.open.alive),
            over: rowWithout(entry.open.over),
          },
        };
  const cells = [];
  for (let index = 0; index < table.count; index += 1) {
    const cell = cellAt(table, texts, index);
    const isHis = number.mayStandIn(cell.text);
    cells.push(isHis ? cellOf(without(entryAt(texts, index)), cell.owner) : cell);
    await pacer.pause();
  }
  const names = given
    .toString("utf8")
    .split("\n")
    .filter((line) => number.erase(line.slice(0, Math.max(0, line.indexOf("\t")))).count === 0);
  const made = await buildTable(sortCells(cells), pacer.pause);
  const { columns, texts: last } = await tableSections(made, Buffer.from(names.join("\n"), "utf8"));
  return encodeSide({ meta: side.meta, sections: [...columns, last] });
};
