// CSV that opens in a spreadsheet as what it says, whatever a caller is named.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { callRow, memoryHistory } from "../../tests/support/memory-history.ts";
import { CSV_COLUMNS, csvCell, csvHeader, csvLine } from "./csv.ts";
import { csvResponse } from "./csv-response.ts";

/** The plainest reader of RFC 4180. */
const readCsv = (text: string): string[][] => {
  const rows: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const row: string[] = [];
    for (;;) {
      const match = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
      match.lastIndex = at;
      const [whole, quoted, plain, end] = match.exec(text) ?? [];
      if (whole === undefined) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`);
      row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
      at += whole.length;
      if (end !== ",") break;
    }
    rows.push(row);
  }
  return rows;
};

describe("csvCell", () => {
  const CASES: readonly [name: string, value: string | number | null, cell: string][] = [
    ["nothing", null, ""],
    ["a number of seconds", 12, "12"],
    ["a telephone number", "375295305942", "375295305942"],
    ["one with its plus", "+375295305942", "+375295305942"],
    ["a formula", '=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ["one that begins with a plus", "+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"],
    ["one that begins with a minus", "-2+3", "'-2+3"],
    ["one that begins with an at", "@SUM(A1)", "'@SUM(A1)"],
    ["one behind a space", " =1+1", "' =1+1"],
    ["one behind a tab", "\t=1+1", "'\t=1+1"],
    ["one behind a line break", "\r\n=1", '"\'\r\n=1"'],
    ["a comma and quotes", 'Ivanov, "Vanya"', '"Ivanov, ""Vanya"""'],
    ["Cyrillic", "Иван", "Иван"],
  ];
  for (const [name, value, cell] of CASES) {
    it(name, () => expect(csvCell(value)).toBe(cell));
  }
});

describe("csvCell with another separator", () => {
  it.each([
    ["a;b", ";", '"a;b"'],
    ["a,b", ";", "a,b"],
    ["a\tb", "\t", '"a\tb"'],
    ["=1;2", ";", '"\'=1;2"'],
  ])("%j behind %j", (value, separator, cell) => expect(csvCell(value, separator)).toBe(cell));
});

describe("csvLine", () => {
  it("is read back as it was, with the time of the zone", () => {
    const row = callRow({
      startedAt: Date.UTC(2026, 10, 22, 7, 25, 55, 280),
      callerName: 'ООО "Ромашка", отдел\r\nпродаж',
      extensions: ["151", "152"],
      waitMs: null,
      endedAt: null,
      transfers: 1,
      returns: "1795332000.1",
    });
    const [header = [], cells = []] = readCsv(csvHeader() + csvLine(row, "Europe/Minsk"));
    expect(header).toEqual([...CSV_COLUMNS]);
    expect(Object.fromEntries(header.map((name, i) => [name, cells[i]]))).toEqual({
      started_at: "2026-11-22 10:25:55",
      utc_offset: "UTC+03:00",
      direction: "incoming",
      result: "answered",
      phone: "375295305942",
      name: 'ООО "Ромашка", отдел\r\nпродаж',
      extensions: "151 152",
      answered_by: "151",
      wait_seconds: "",
      talk_seconds: "16",
      total_seconds: "20",
      transfers: "1",
      ended_at: "",
      unique_id: "1795332355.1",
      follow_up: "",
      follow_up_attempts: "",
      returned_by: "",
      returned_after_seconds: "",
      returned_call: "",
      missed_in_row: "",
      returns: "1795332000.1",
    });
  });

  it("has as many cells as columns, and none that begins a formula, for any name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (callerName, phone) => {
        const row = callRow({ startedAt: Date.UTC(2026, 10, 22), callerName, phone });
        const cells = readCsv(csvLine(row, "UTC"))[0] ?? [];
        expect(cells.length).toBe(CSV_COLUMNS.length);
        expect(cells[5]?.replace(/^'/, "")).toBe(callerName.replace(/^'/, ""));
        expect(cells[5]).not.toMatch(/^[=@-]/);
        expect(cells[4]).not.toMatch(/^[=@-]/);
      }),
    );
  });
});

describe("csvResponse", () => {
  const rows = Array.from({ length: 3 }, (_, i) => callRow({ startedAt: 1000 * i + 1e12 }));
  const fileOf = (isCompleteAfter: number) => {
    let reads = 0;
    return csvResponse({
      name: "calls",
      timeZone: "UTC",
      country: undefined,
      maxRows: 100,
      read: (limit, before) => {
        reads += 1;
        const history = memoryHistory(rows, reads > isCompleteAfter);
        return history.calls("0367", {}, { limit, ...(before === undefined ? {} : { before }) });
      },
      pause: async () => undefined,
      onError: () => undefined,
    });
  };

  it("waits for days that are still being read, and holds each call once", async () => {
    expect((await fileOf(5).text()).trim().split("\r\n").length).toBe(1 + rows.length);
  });

  it("breaks off where they are not read in the end", async () => {
    await expect(fileOf(Number.POSITIVE_INFINITY).text()).rejects.toThrow("older days");
  });
});
