import { expect, it } from "bun:test";
import fc from "fast-check";
import type { RecordToWrite } from "../../domain/record.ts";
import {
  decodeLine,
  encodeRecord,
  idOfOtherLine,
  normaliseRecord,
  type StampedRecord,
} from "./codec.ts";
import { canonicalJson, cutCodePoints, maskUrl } from "./plain-text.ts";

// Texts with what breaks lines, fields and code points, and any UTF-16 at all, lone surrogates included.
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom("|", "\n", "\r\n", "\u2028", "\u2029", "\u0085", "\0", '"', "\\", "\\u007c"),
      fc.constantFrom(
        "😀",
        "\ud83d",
        "\ude00",
        "ё",
        "%7C",
        "&token=",
        "/bot1:A",
        "//u:p@",
        "]",
        "}",
      ),
      fc.string({ unit: "binary" }),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));
const text = fc.oneof(
  hostile,
  hostile.map((part) => part.repeat(120)),
);
const jsonText = fc.oneof(
  text,
  fc.json(),
  text.map((value) => JSON.stringify({ name: value }, null, 1)),
);
const uniqueId = fc.stringMatching(/^[A-Za-z0-9._:@+-]{1,128}$/);
const at = fc.integer({ min: 0, max: 253_402_300_799_999 });
const record: fc.Arbitrary<RecordToWrite> = fc.oneof(
  fc.record({
    kind: fc.constant("AST" as const),
    event: fc.stringMatching(/^[a-z][a-z_]{1,31}$/),
    uniqueId,
    body: fc.dictionary(text, fc.oneof(text, fc.jsonValue(), fc.array(text))),
  }),
  fc.record({
    kind: fc.constant("TG" as const),
    action: fc.constantFrom("send" as const, "edit" as const, "delete" as const, "fail" as const),
    chatId: fc.bigInt({ min: -(2n ** 52n), max: 2n ** 52n }).map(String),
    messageType: fc.constantFrom("start", "dial", "bridge", "hangup"),
    messageId: fc.nat(),
    uniqueId,
    text,
  }),
  fc.record({
    kind: fc.constant("HTTP" as const),
    uniqueId,
    method: fc.constantFrom("GET", "POST"),
    url: text,
    status: fc.integer({ min: 0, max: 999 }),
    request: jsonText,
    response: jsonText,
  }),
);
const stamped: fc.Arbitrary<StampedRecord> = fc
  .tuple(record, at)
  .map(([r, when]) => ({ ...r, at: when }));

it("reads back what was written, whatever the text", () => {
  fc.assert(
    fc.property(stamped, (r) => {
      const normal = normaliseRecord(r);
      expect(decodeLine(encodeRecord(r))).toEqual({ ok: true, value: normal });
      expect(normaliseRecord(normal)).toEqual(normal);
      expect(encodeRecord(normal)).toBe(encodeRecord(r));
    }),
    { numRuns: 500 },
  );
});

it("never writes a second line, a further field or a torn character", () => {
  fc.assert(
    fc.property(stamped, (r) => {
      const line = encodeRecord(r);
      expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\p{Surrogate}]/u);
      if (r.kind === "HTTP") expect(line.split("|")).toHaveLength(8);
      expect(new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode(line))).toBe(
        line,
      );
    }),
    { numRuns: 500 },
  );
});

it("cuts between code points", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(20), (value, max) => {
      expect(cutCodePoints(value, max)).toBe(Array.from(value).slice(0, max).join(""));
    }),
  );
});

it("has one canonical form of a text and of a URL", () => {
  fc.assert(
    fc.property(jsonText, fc.nat(40), (value, max) => {
      const once = canonicalJson(value, max);
      expect(canonicalJson(once, max)).toBe(once);
      expect(() => JSON.parse(once)).not.toThrow();
      expect(maskUrl(maskUrl(value))).toBe(maskUrl(value));
    }),
    { numRuns: 500 },
  );
});

it("tells the unique id of any message or request that it can read, without reading it", () => {
  const head = fc.constantFrom(
    "2025-11-30 09:08:42,025|TG|send|1|dial|2|1.5|",
    "2025-11-30 09:08:42,025|TG|",
    "2025-11-30 09:08:42,025|HTTP|1.5|GET|u|200|{}|",
    "2025-11-30 09:08:42,025|HTTP|1.5|GET|",
    "2025-11-30 09:08:42,025|HTTP|",
    "2025-11-30 09:08:42,025|SQL|1.5|",
    "2025-11-30 09:08:42,025|AST|dial|1.5|",
    "",
  );
  const tail = fc.oneof(
    text,
    fc
      .array(fc.constantFrom("|", "200", "{}", '"', "1.5", "\r", " ", "|0|"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(head, tail, (begin, rest) => {
      const decoded = decodeLine(begin + rest);
      const isOther = decoded.ok && (decoded.value.kind === "TG" || decoded.value.kind === "HTTP");
      expect(idOfOtherLine(begin + rest)).toBe(isOther ? decoded.value.uniqueId : undefined);
    }),
    { numRuns: 2000 },
  );
});

it("survives any line", () => {
  fc.assert(
    fc.property(
      text,
      fc.constantFrom("", "2025-11-30 09:08:42,025|", "2025-11-30 09:08:42,025|HTTP|1|G|"),
      (tail, head) => {
        expect(typeof decodeLine(head + tail).ok).toBe("boolean");
      },
    ),
    { numRuns: 500 },
  );
});
