// Whatever a caller is called: the event reaches its own enterprise under its own unique id, and simple fields are
// right or absent. The body is written as a dialplan does, by pasting the name between two quotes.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { bodyText } from "../../domain/event.ts";
import { type DecodedEvent, decode } from "./decode.ts";

const SEED = 20251130;
const runs = { seed: SEED, numRuns: 2000 };

const simple: { readonly [key: string]: string } = {
  Token: "tok0367",
  UniqueId: "1795333366.1429",
  ChanUniqueId: "1795333366.1429",
  CallType: "0",
  Phone: "375295305942",
  Exten: "375170000210",
  Trunk: "mts",
  StartTime: "2026-11-22 07:42:46",
};

/** The order of the recorded hooks: the token comes after the name. */
const HOOK_ORDER = [
  "UniqueId",
  "ChanUniqueId",
  "CallType",
  "Phone",
  "CallerIDName",
  "Exten",
  "Trunk",
  "Token",
  "StartTime",
];

const pasted = (order: readonly string[], name: string): string =>
  `{${order.map((key) => `"${key}":"${key === "CallerIDName" ? name : simple[key]}"`).join(",")}}`;

const read = (bytes: Uint8Array): DecodedEvent | undefined => {
  const decoded = decode(bytes, null, "start");
  return decoded.ok ? decoded.value : undefined;
};

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const expectRightOrAbsent = (event: DecodedEvent): void => {
  for (const [key, value] of Object.entries(simple)) {
    expect(["", value], key).toContain(bodyText(event.body, key));
  }
};

/** Anything a phone could send, thick with what breaks JSON. */
const anyName = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc
    .array(fc.constantFrom('"', "\\", ",", ":", "{", "}", "[", "]", "'", "\n", " ", "a", "Ж"), {
      maxLength: 40,
    })
    .map((parts) => parts.join("")),
  fc
    .array(
      fc.constantFrom(
        '"',
        '",',
        '":',
        '","',
        '":"',
        "\\",
        "{",
        "}",
        "[",
        " ",
        "Exten",
        "Note",
        "Ж",
        "1",
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join("")),
);

/** A name without a pair of its own: no `"key":` inside. */
const innocentName = anyName.filter((name) => !/"\s*:/.test(name));

const anyOrder = fc.shuffledSubarray(HOOK_ORDER, { minLength: HOOK_ORDER.length });

describe("a caller name pasted between quotes", () => {
  it("never loses the event, nor moves it", () => {
    fc.assert(
      fc.property(anyOrder, anyName, (order, name) => {
        const event = read(bytesOf(pasted(order, name)));
        expect(event?.tokens).toEqual(["tok0367"]);
        expect(event?.uniqueId).toBe("1795333366.1429");
        if (event !== undefined) expectRightOrAbsent(event);
      }),
      runs,
    );
  });

  it("may try to forge fields: those before it stand, and its enterprise is never the only one found", () => {
    const forgery = fc
      .array(
        fc.constantFrom(
          '","Token":"tok0999',
          '","UniqueId":"9.9',
          '","Phone":"666',
          '","Trunk":"666',
          '","A":{"B":"',
          '"},"C":"',
          '","A":["',
          "\\",
          '"',
          "x",
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(forgery, (name) => {
        const event = read(bytesOf(pasted(HOOK_ORDER, name)));
        expect(event?.tokens).toContain("tok0367");
        expect(event?.uniqueId).toBe("1795333366.1429");
        for (const key of event?.salvaged ? ["ChanUniqueId", "CallType", "Phone"] : []) {
          expect(["", simple[key]], key).toContain(event && bodyText(event.body, key));
        }
      }),
      runs,
    );
  });

  it("of an innocent kind leaves every other field readable", () => {
    fc.assert(
      fc.property(anyOrder, innocentName, (order, name) => {
        const event = read(bytesOf(pasted(order, name)));
        for (const [key, value] of Object.entries(simple)) {
          expect(event && bodyText(event.body, key), key).toBe(value);
        }
      }),
      runs,
    );
  });
});

describe("a body cut anywhere behind token and unique id", () => {
  it("is recorded with what is certain", () => {
    fc.assert(
      fc.property(anyOrder, innocentName, fc.nat(), (order, name, place) => {
        const text = pasted(order, name);
        const bytes = bytesOf(text);
        const complete = Math.max(
          ...['"Token":"tok0367"', '"UniqueId":"1795333366.1429"'].map(
            (pair) => bytesOf(text.slice(0, text.indexOf(pair) + pair.length)).length,
          ),
        );
        const event = read(bytes.subarray(0, complete + (place % (bytes.length - complete + 1))));
        expect(event?.tokens).toEqual(["tok0367"]);
        expect(event?.uniqueId).toBe("1795333366.1429");
        if (event !== undefined) expectRightOrAbsent(event);
      }),
      runs,
    );
  });

  it("or before them never gives part of one", () => {
    fc.assert(
      fc.property(anyOrder, innocentName, fc.nat(), (order, name, place) => {
        const bytes = bytesOf(pasted(order, name));
        const event = read(bytes.subarray(0, place % bytes.length));
        if (event !== undefined) {
          expect(event.tokens).toEqual(["tok0367"]);
          expect(event.uniqueId).toBe("1795333366.1429");
        }
      }),
      runs,
    );
  });
});

describe("any body", () => {
  it("of valid JSON is kept as it is, or refused", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (extra) => {
        const body = { ...extra, Token: "tok0367", UniqueId: "1.1" };
        const event = read(bytesOf(JSON.stringify(body)));
        expect(event?.tokens).toEqual(["tok0367"]);
        expect(JSON.stringify(event?.body)).toBe(JSON.stringify(body));
      }),
      runs,
    );
  });

  it("of any bytes throws nothing and writes well-formed JSON", () => {
    const withIds = fc.uint8Array({ maxLength: 300 }).map((noise) => {
      const head = bytesOf('{"Token":"tok0367","UniqueId":"1.1","Name":"');
      const bytes = new Uint8Array(head.length + noise.length);
      bytes.set(head);
      bytes.set(noise, head.length);
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), withIds), (bytes) => {
        const event = read(bytes);
        if (event !== undefined) expect(JSON.parse(JSON.stringify(event.body))).toEqual(event.body);
      }),
      runs,
    );
  });
});
