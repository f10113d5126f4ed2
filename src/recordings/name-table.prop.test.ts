import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { NameTable } from "./name-table.ts";

const keyOf = fc.integer({ min: 0, max: 40 }).map((number) => `17644936${number}.${number}`);
const entryOf = fc.record({
  name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  keys: fc.array(keyOf, { minLength: 1, maxLength: 3 }),
});

describe("NameTable", () => {
  it("finds under a key every name that was added with it, be they few or many", () => {
    fc.assert(
      fc.property(fc.array(entryOf, { maxLength: 300 }), fc.nat(300), (entries, packed) => {
        const table = new NameTable();
        const added = new Map<string, Set<string>>();
        for (const [index, { name, keys }] of entries.entries()) {
          // A folder has a name once.
          const own = `${index} ${name.toWellFormed()}`;
          table.add(own, keys);
          if (index === packed) table.settle();
          for (const key of keys) added.set(key, (added.get(key) ?? new Set()).add(own));
        }
        for (const [key, names] of added) {
          expect([...names].filter((name) => !table.candidates(key).includes(name))).toEqual([]);
        }
        expect(table.size).toBe(entries.length);
      }),
    );
  });

  it("knows what it has, packed or not", () => {
    const table = new NameTable();
    const has = (number: number): boolean => table.has(`${number}.wav`, [`${number}`]);
    for (let number = 0; number < 200; number++) {
      table.add(`${number}.wav`, [`${number}`]);
      if (number === 100) table.settle();
    }
    expect([has(7), has(150), has(200)]).toEqual([true, true, false]);
  });

  it("takes fifteen bytes a name beside its letters, and finds the last of many", () => {
    const table = new NameTable();
    const nameOf = (index: number): string =>
      `in-375172001122-375291112233-20251130-${100_000 + index}-1764493655.${index}.wav`.slice(-50);
    for (let index = 0; index < 50_000; index++) table.add(nameOf(index), [`1764493655.${index}`]);
    table.settle();
    const letters = Buffer.byteLength(Array.from({ length: 50_000 }, (_, i) => nameOf(i)).join(""));
    expect((table.bytes - letters) / 50_000).toBeLessThan(15);
    expect(table.candidates("1764493655.49999")).toContain(nameOf(49_999));
    expect(table.candidates("1764493655.50000")).not.toContain(nameOf(5000));
  });
});
