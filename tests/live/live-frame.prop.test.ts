// Whatever is appended to a call and wherever a reader lost the connection: what it is told makes its page the one that
// is drawn anew, and nothing comes twice.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { NO_NAMES } from "../../src/domain/names.ts";
import type { StoredRecord } from "../../src/domain/record.ts";
import { createFrame, type Frame } from "../../src/pages/live-frame.ts";
import { type CallPageParts, callPageParts } from "../../views/call-page.tsx";
import { assembled, webhookRecords } from "../support/calls.ts";
import { apply, type Shown } from "./live-world.ts";

const partsAt = async (
  records: readonly StoredRecord[],
  now: number,
  lang: "ru" | "en",
): Promise<CallPageParts> => {
  const found = await assembled(records, records[0]?.uniqueId ?? "", now);
  if (found === undefined) throw new Error("there is no call");
  const zone = { lang, timeZone: "Europe/Minsk" } as const;
  return callPageParts({ assembled: found, names: NO_NAMES, recipients: [], zone, now });
};

const shownOf = ({ title, status, recordsTitle, footer, sections, records }: CallPageParts) => ({
  title,
  status,
  recordsTitle,
  footer,
  records: records.map(({ html }) => html),
  ...Object.fromEntries(sections.map(({ id, html }) => [id, html])),
});

const scenarios = ["xfer_attended", "xfer_blind"].map(webhookRecords);

describe("an open page", () => {
  it("is the page drawn anew, for any order of records and any reconnects", async () => {
    const story = fc.record({
      records: fc.constantFrom(...scenarios).chain((all) =>
        // The first stays; a late one may come anywhere among those that follow.
        fc
          .shuffledSubarray(all.slice(1), { minLength: 1 })
          .map((rest) => [all[0], ...rest] as StoredRecord[]),
      ),
      /** How many of the moments the reader sees before it looks again. */
      skips: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 30 }),
      lang: fc.constantFrom("ru" as const, "en" as const),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ records, skips, lang }) => {
        const start = records[0]?.at ?? 0;
        let shown: Shown = {};
        let seen: string | undefined;
        let rowsTold = 0;
        let upTo = 1;
        for (const [index, skip] of skips.entries()) {
          const own = records.slice(0, upTo).toSorted((a, b) => a.at - b.at);
          const parts = await partsAt(own, start + index * 700, lang);
          // Another process each time: nothing is kept between the readings but the version.
          const frame: Frame = createFrame(parts);
          const update = frame.updateSince(seen);
          if (update !== undefined) shown = apply(shown, update);
          expect(shown).toEqual(shownOf(parts));
          expect(frame.updateSince(frame.version)).toBeUndefined();
          expect(update?.records === undefined || update.replaced === undefined).toBe(true);
          rowsTold += update?.records?.length ?? 0;
          if (update?.replaced !== undefined) rowsTold = update.replaced.length;
          expect(rowsTold).toBe(parts.records.length);
          seen = frame.version;
          upTo = Math.min(records.length, upTo + skip);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("gets everything where its version says nothing, whatever it is", async () => {
    const records = scenarios[0] ?? [];
    const parts = await partsAt(records, (records.at(-1)?.at ?? 0) + 1000, "ru");
    const frame = createFrame(parts);
    const everything = frame.updateSince(undefined);
    expect(apply({}, everything ?? {})).toEqual(shownOf(parts));
    const mangled = fc
      .tuple(
        fc.integer({ min: frame.version.indexOf("."), max: frame.version.length - 1 }),
        fc.constantFrom("", "..", "%", "é", " "),
      )
      .map(([at, put]) => frame.version.slice(0, at) + put + frame.version.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), mangled), (text) => {
        const update = frame.updateSince(text);
        expect(apply({}, update ?? {})).toEqual(shownOf(parts));
        expect(frame.eventSince(text)).toBe(frame.eventSince(undefined) as Uint8Array<ArrayBuffer>);
      }),
    );
  });

  it("is told all rows again in another language, and all of it where the page has other parts", async () => {
    const records = scenarios[0] ?? [];
    const now = (records.at(-1)?.at ?? 0) + 1000;
    const [ru, en] = [await partsAt(records, now, "ru"), await partsAt(records, now, "en")];
    const update = createFrame(en).updateSince(createFrame(ru).version) ?? {};
    expect(apply(shownOf(ru), update)).toEqual(shownOf(en));
    const grown = { ...ru, sections: [{ id: "new", html: "<p>new</p>" }, ...ru.sections] };
    const told = createFrame(grown).updateSince(createFrame(ru).version) ?? {};
    expect(apply(shownOf(ru), told)).toEqual(shownOf(grown));
    expect(told.replaced ?? told.records).toBeUndefined();
  });
});
