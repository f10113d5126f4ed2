import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { type Sent, sentOf } from "./ranges.ts";

const CHANGED = Date.UTC(2026, 10, 22, 7, 15, 0, 250);
const FILE = { bytes: 1000, etag: '"abc"', modifiedAt: CHANGED };
const SAME_DATE = new Date(CHANGED).toUTCString();
const EARLIER = new Date(CHANGED - 60_000).toUTCString();

const sent = (headers: { readonly [name: string]: string }, method = "GET"): Sent =>
  sentOf(method, new Headers(headers), FILE);
const part = (from: number, to: number): Sent => ({ status: 206, from, to });
const whole: Sent = { status: 200 };

describe("sentOf", () => {
  const RANGES: readonly [range: string, sent: Sent][] = [
    ["bytes=0-", part(0, 999)],
    ["bytes=0-0", part(0, 0)],
    ["bytes=500-99999", part(500, 999)],
    ["bytes=999-", part(999, 999)],
    ["bytes=-1", part(999, 999)],
    ["bytes=-5000", part(0, 999)],
    ["bytes=1000-", { status: 416 }],
    ["bytes=99999999999999999999-", { status: 416 }],
    ["bytes=-0", { status: 416 }],
    ["bytes=5-4", whole],
    ["bytes=-", whole],
    ["bytes=a-b", whole],
    ["bytes=0-1,5-6", whole],
    ["lines=0-1", whole],
    ["", whole],
  ];
  for (const [range, answer] of RANGES) {
    it(`Range: ${range}`, () => expect(sent({ range })).toEqual(answer));
  }

  const CONDITIONS: readonly [name: string, headers: { [name: string]: string }, sent: Sent][] = [
    ["the tag is known", { "if-none-match": '"abc"' }, { status: 304 }],
    ["it is among those known, weakly", { "if-none-match": '"x", W/"abc"' }, { status: 304 }],
    ["another is known", { "if-none-match": '"x"' }, whole],
    [
      "the tag counts before the date",
      { "if-none-match": '"x"', "if-modified-since": SAME_DATE },
      whole,
    ],
    ["not changed since", { "if-modified-since": SAME_DATE }, { status: 304 }],
    ["changed since", { "if-modified-since": EARLIER }, whole],
    ["a date that is none", { "if-modified-since": "yesterday" }, whole],
    ["wanted only as it was", { "if-match": '"x"' }, { status: 412 }],
    ["and it is", { "if-match": '"abc"' }, whole],
    ["wanted only if unchanged", { "if-unmodified-since": EARLIER }, { status: 412 }],
    ["a part of this copy", { range: "bytes=0-9", "if-range": '"abc"' }, part(0, 9)],
    ["a part of another", { range: "bytes=0-9", "if-range": '"x"' }, whole],
    ["a part of one that is weakly the same", { range: "bytes=0-9", "if-range": 'W/"abc"' }, whole],
    ["a part of a copy of that date", { range: "bytes=0-9", "if-range": SAME_DATE }, part(0, 9)],
    ["a part of an earlier one", { range: "bytes=0-9", "if-range": EARLIER }, whole],
    ["a part that is not there, of another", { range: "bytes=5000-", "if-range": '"x"' }, whole],
    ["a part of what is known", { range: "bytes=0-9", "if-none-match": '"abc"' }, { status: 304 }],
  ];
  for (const [name, headers, answer] of CONDITIONS) {
    it(name, () => expect(sent(headers)).toEqual(answer));
  }

  it("sends no part for HEAD", () => expect(sent({ range: "bytes=0-9" }, "HEAD")).toEqual(whole));

  it("never sends what is not there, whatever is asked for", () => {
    const numbers = fc.oneof(
      fc.nat(2000).map(String),
      fc.constant(""),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.nat(1500), numbers, numbers, (bytes, first, last) => {
        const headers = new Headers();
        const range = `bytes=${first}-${last}`;
        if (/^[\x20-\x7e]*$/.test(range)) headers.set("range", range);
        const answer = sentOf("GET", headers, { ...FILE, bytes });
        if (answer.status !== 206) return;
        expect(answer.from).toBeGreaterThanOrEqual(0);
        expect(answer.from).toBeLessThanOrEqual(answer.to);
        expect(answer.to).toBeLessThan(bytes);
      }),
    );
  });
});
