// Which bytes are read as which letters. The windows-1251 bytes are written out, since nothing here encodes it.

import { describe, expect, it } from "bun:test";
import { decodeText } from "./decode-text.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const join = (...parts: (Uint8Array | number[] | string)[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => [...(typeof part === "string" ? utf8(part) : part)]));

/** "ООО Роза" */
const ROZA1251 = [0xce, 0xce, 0xce, 0x20, 0xd0, 0xee, 0xe7, 0xe0];

describe("decodeText", () => {
  const cases: [string, Uint8Array, string][] = [
    ["ASCII", utf8("plain"), "plain"],
    ["UTF-8", utf8("Иван 😀 Петров"), "Иван 😀 Петров"],
    ["nothing", new Uint8Array(), ""],
    ["a byte order mark", join([0xef, 0xbb, 0xbf], "{}"), "{}"],
    ["a byte order mark before windows-1251", join([0xef, 0xbb, 0xbf], "{", ROZA1251), "{ООО Роза"],
    ["windows-1251", join('{"a":"', ROZA1251, '"}'), '{"a":"ООО Роза"}'],
    ["windows-1251 inside UTF-8", join("Имя: ", ROZA1251, "; Петров"), "Имя: ООО Роза; Петров"],
    ["one windows-1251 letter", join("a ", [0xd1], " b"), "a С b"],
    ["a UTF-8 character cut at the end", utf8("Петров").subarray(0, 11), "Петро"],
    ["a three-byte character cut at the end", utf8("5 €").subarray(0, 4), "5 "],
    ["a four-byte character cut at the end", utf8("ok 😀").subarray(0, 6), "ok "],
    ["a lone cut character after UTF-8", join("Я ", utf8("Я").subarray(0, 1)), "Я "],
    ["a lone lead byte after windows-1251", join(ROZA1251, " ", [0xd1]), "ООО Роза С"],
    [
      "a UTF-8 character cut in the middle",
      join(utf8("Петров").subarray(0, 11), '"}'),
      'Петро\ufffd"}',
    ],
    ["an overlong form is no UTF-8", join("a", [0xc0, 0xaf]), "aАЇ"],
    ["an encoded surrogate is no UTF-8", join("a", [0xed, 0xa0, 0x80], "b"), "aн\u00a0Ђb"],
  ];
  for (const [name, bytes, text] of cases) {
    it(name, () => expect(decodeText(bytes)).toBe(text));
  }

  it("is right again after bytes that are not UTF-8", () => {
    decodeText(new Uint8Array([0x61, 0xd0]));
    expect(decodeText(utf8("Да"))).toBe("Да");
  });
});
