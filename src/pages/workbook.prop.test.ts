// Whatever a caller or a PBX writes, the workbook can be opened, and the cell is a text.

import { describe, expect, it } from "bun:test";
import { read } from "@e965/xlsx";
import fc from "fast-check";
import { callRow } from "../../tests/support/memory-history.ts";
import { workbookResponse } from "./workbook.ts";

describe("workbookResponse", () => {
  it("keeps every name a text, in its own row", async () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.stringMatching(/^[=+\-@]\w+$/),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 8 }), async (names) => {
        const rows = names.map((callerName, i) => ({
          ...callRow({ startedAt: Date.UTC(2026, 10, 22) + i, uniqueId: `${i}.1`, callerName }),
          followUp: null,
          returns: null,
        }));
        const response = workbookResponse(
          {
            name: "calls",
            timeZone: "UTC",
            country: undefined,
            maxRows: 100,
            read: async () => ({ rows, next: undefined, isComplete: true }),
            pause: async () => undefined,
            onError: () => undefined,
          },
          "en",
        );
        const book = read(new Uint8Array(await response.arrayBuffer()), { type: "array" });
        const sheet = book.Sheets[book.SheetNames[0] ?? ""] ?? {};
        expect(Object.keys(sheet).filter((at) => sheet[at].f !== undefined)).toEqual([]);
        for (const [i] of names.entries()) {
          expect(sheet[`Q${i + 2}`]).toMatchObject({ t: "s", v: `${i}.1` });
          expect(sheet[`E${i + 2}`]?.t ?? "s").toBe("s");
        }
      }),
      { numRuns: 60 },
    );
  }, 20_000);
});
