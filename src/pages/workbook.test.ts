// The list as a workbook, opened by another library than the one that wrote it.

import { describe, expect, it } from "bun:test";
import { read, type WorkSheet } from "@e965/xlsx";
import { callRow } from "../../tests/support/memory-history.ts";
import type { CallPage, FollowedRow } from "../call/index.ts";
import type { Lang } from "../domain/lang.ts";
import type { ListFile } from "./list-file.ts";
import { WORKBOOK_TYPE, workbookResponse } from "./workbook.ts";

const rowOf = (change: Partial<FollowedRow>): FollowedRow => ({
  ...callRow({ startedAt: Date.UTC(2026, 10, 22, 7, 25, 55, 280) }),
  followUp: null,
  returns: null,
  ...change,
});

const fileOf = (rows: readonly FollowedRow[], change: Partial<ListFile> = {}): ListFile => ({
  name: "calls-0367",
  timeZone: "Europe/Minsk",
  country: undefined,
  maxRows: 50_000,
  read: async (): Promise<CallPage> => ({ rows, next: undefined, isComplete: true }),
  pause: async () => undefined,
  onError: (error) => {
    throw error;
  },
  ...change,
});

const open = async (file: ListFile, lang: Lang = "ru"): Promise<WorkSheet> => {
  const bytes = new Uint8Array(await workbookResponse(file, lang).arrayBuffer());
  const book = read(bytes, { type: "array", cellNF: true, cellText: true });
  const [name = ""] = book.SheetNames;
  return book.Sheets[name] ?? {};
};

/** The cell under a heading, of the first call. */
const under = (sheet: WorkSheet, heading: string, row = 2) => {
  const key = Object.keys(sheet).find((at) => /^[A-Z]+1$/.test(at) && sheet[at].v === heading);
  return sheet[`${key?.slice(0, -1)}${row}`];
};

describe("workbookResponse", () => {
  it("has its headings in the reader's language, on a sheet that is named so", async () => {
    const headings = async (lang: Lang): Promise<unknown[]> => {
      const sheet = await open(fileOf([]), lang);
      return Object.keys(sheet).flatMap((at) => (/^[A-Z]+1$/.test(at) ? [sheet[at].v] : []));
    };
    expect((await headings("ru")).slice(0, 9)).toEqual([
      "Начало",
      "Вид звонка",
      "Итог",
      "Номер",
      "Имя",
      "Кому звонили",
      "Кто ответил",
      "Ожидание",
      "Разговор",
    ]);
    expect((await headings("en")).slice(0, 4)).toEqual(["Start", "Direction", "Result", "Number"]);
  });

  it("has times of the zone as times, durations as durations, numbers as texts", async () => {
    const sheet = await open(
      fileOf([
        rowOf({ phone: "80291112233", waitMs: 4400, talkMs: 3_723_000, extensions: ["0151"] }),
      ]),
    );
    expect(under(sheet, "Начало")).toMatchObject({ t: "n", w: "2026-11-22 10:25:55" });
    expect(under(sheet, "Разговор")).toMatchObject({ t: "n", w: "1:02:03" });
    expect(under(sheet, "Ожидание")).toMatchObject({ t: "n", w: "0:00:04" });
    expect(under(sheet, "Номер")).toMatchObject({ t: "s", v: "80291112233" });
    expect(under(sheet, "Кому звонили")).toMatchObject({ t: "s", v: "0151" });
  });

  it("keeps its headings in sight, and filters by each of them", async () => {
    for (const rows of [[], [rowOf({}), rowOf({})]]) {
      const bytes = await workbookResponse(fileOf(rows), "ru").bytes();
      const book = read(bytes, { type: "array", bookFiles: true });
      const sheet = book.Sheets[book.SheetNames[0] ?? ""] ?? {};
      expect(sheet["!autofilter"]?.ref).toBe(`A1:Q${rows.length + 1}`);
      expect(Object.keys(sheet)).toContain("Q1");
      expect(book.Workbook?.Names?.map(({ Name, Ref, Sheet }) => [Name, Ref, Sheet])).toEqual([
        ["_xlnm._FilterDatabase", `'Звонки'!$A$1:$Q$${rows.length + 1}`, 0],
      ]);
      const { files } = book as unknown as { files: { [path: string]: { content: Uint8Array } } };
      const xml = Buffer.from(files["xl/worksheets/sheet1.xml"]?.content ?? []).toString();
      expect(xml).toMatch(/<pane ySplit="1" topLeftCell="A2" state="frozen"/);
      // In the order that the schema wants (ECMA-376, CT_Worksheet).
      expect(xml).toEndWith(`</sheetData><autoFilter ref="A1:Q${rows.length + 1}"/></worksheet>`);
    }
  });

  it("reads a local number by the country's plan", async () => {
    const sheet = await open(fileOf([rowOf({ phone: "80291112233" })], { country: "BY" }));
    expect(under(sheet, "Номер").v).toBe("+375291112233");
  });

  it.each([
    ['=HYPERLINK("http://x","y")', '=HYPERLINK("http://x","y")'],
    ["+1+cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0"],
    ["@SUM(A1)", "@SUM(A1)"],
    ['<b>"Ромашка"</b> & Ко', '<b>"Ромашка"</b> & Ко'],
    ["a\u0000b\u0007c\r\nd", "a b c d"],
    ["x_x003D_1", "x_\u200bx003D_1"],
    ["\ud800x", "\ufffdx"],
  ])("keeps a caller's name %j a text", async (callerName, shown) => {
    const cell = under(await open(fileOf([rowOf({ callerName })])), "Имя");
    expect([cell.t, cell.v, cell.f]).toEqual(["s", shown, undefined]);
  });

  it("leaves a cell empty where nothing is known", async () => {
    const sheet = await open(
      fileOf([rowOf({ phone: null, callerName: null, endedAt: null, waitMs: null })]),
    );
    for (const heading of ["Номер", "Имя", "Окончание", "Ожидание"])
      expect(under(sheet, heading)).toBeUndefined();
  });

  it("brings 50,000 calls a page at a time, and no more than were asked for", async () => {
    let [reads, most] = [0, 0];
    const page = Array.from({ length: 500 }, (_, i) =>
      rowOf({ uniqueId: `${i}.1`, callerName: `Имя ${i}` }),
    );
    const file = fileOf([], {
      read: async (limit) => {
        reads += 1;
        most = Math.max(most, limit);
        return {
          rows: page.slice(0, limit),
          next: { startedAt: reads, uniqueId: "1.1" },
          isComplete: true,
        };
      },
    });
    const response = workbookResponse(file, "ru");
    expect(response.headers.get("content-type")).toBe(WORKBOOK_TYPE);
    let [bytes, early] = [0, 0];
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      if (bytes === 0) early = reads;
      bytes += part.value.length;
    }
    expect([reads, most]).toEqual([100, 500]);
    // The first bytes are out long before the last row is read.
    expect(early).toBeLessThan(20);
    expect(bytes).toBeGreaterThan(500_000);
    expect(bytes).toBeLessThan(10_000_000);
  }, 20_000);

  it("reads on only as fast as the reader takes it", async () => {
    let reads = 0;
    const page = Array.from({ length: 500 }, (_, i) => rowOf({ uniqueId: `${i}.1` }));
    const file = fileOf([], {
      read: async (limit) => {
        reads += 1;
        return {
          rows: page.slice(0, limit),
          next: { startedAt: reads, uniqueId: "1.1" },
          isComplete: true,
        };
      },
    });
    const reader = workbookResponse(file, "ru").body?.getReader();
    await reader?.read();
    for (let i = 0; i < 500; i += 1) await new Promise((resolve) => setImmediate(resolve));
    const first = reads;
    // Of a hundred pages a few are made ahead, into the buffers of the compression.
    expect(first).toBeLessThan(25);
    await reader?.cancel();
    for (let i = 0; i < 500; i += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(reads).toBeLessThan(first + 25);
  });

  it("is cut off where older days cannot be read, and says so to the log", async () => {
    const errors: string[] = [];
    const file = fileOf([], {
      read: async () => {
        throw new Error("no such folder");
      },
      onError: (error) => errors.push(String(error)),
    });
    expect(workbookResponse(file, "ru").arrayBuffer()).rejects.toThrow();
    await Bun.sleep(0);
    expect(errors).toEqual(["Error: no such folder"]);
  });
});
