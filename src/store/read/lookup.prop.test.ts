import { expect, it } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { handTime } from "../../../tests/support/hand-time.ts";
import { bridgeKey, eventIdKey, idKey, recordKeys } from "../../domain/record.ts";
import { naiveFind, openForTest, putFiles, tempFolder } from "../testing/temp-store.ts";

// Ids that are prefixes of one another, with and without a usable epoch, numbers, and what JSON may escape.
const id = fc.constantFrom(
  "1764493655.6",
  "1764493655.61",
  "868664.106",
  "pbx-0367.by-1795333074.0",
  "a+b@c",
  "77c13775-bede-4f37-886b-000000000001",
  "Local/152@from-internal-00000012;1",
  "ключ/1",
  'q"\\uote',
  "\ufffd",
);
/** JSON as older writers leave it: slashes and characters escaped where nothing demands it. */
const escapedSomehow = (json: string, mode: number): string => {
  if (mode === 0) return json;
  if (mode === 1) return json.replaceAll("/", "\\/");
  return json.replace(
    /(?<!\\)[+@к.]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
};
const body = fc.dictionary(
  fc.constantFrom(
    "Linkedid",
    "LINKEDID",
    "BridgeUniqueid",
    "ChanUniqueId",
    "Channel",
    "EventId",
    "Phone",
  ),
  fc.oneof(
    id,
    id.map((value) => ` ${value} `),
    fc.constantFrom(1764493655.61, 868664.106, null, true),
  ),
);
const line = fc
  .record({ id, body, mode: fc.nat(2), form: fc.nat(9), second: fc.nat(59) })
  .map(({ id: uniqueId, body: fields, mode, form, second }) => {
    const stamp = `2025-11-30 10:00:${String(second).padStart(2, "0")},000`;
    const json = escapedSomehow(JSON.stringify(fields), mode);
    switch (form) {
      case 0:
        return `${stamp}|dial|${uniqueId}|${json}`;
      case 1:
        return `${stamp}|TG|send|1|dial|2|${uniqueId}|text ${uniqueId}`;
      case 2:
        return `${stamp}|HTTP|${uniqueId}|GET|http://h/${uniqueId}|200|${json}|${json.slice(0, 9)}`;
      case 3:
        return `${stamp}|AST|dial|${uniqueId}|${json.slice(0, -2)}`;
      case 4:
        return `${stamp}|AST|dial|${uniqueId}|${json}\r`;
      case 5:
        return fields["Phone"] === undefined ? "" : "no line at all";
      default:
        return `${stamp}|AST|dial|${uniqueId}|${json}`;
    }
  });
const file = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.boolean(), fc.boolean())
  .map(([lines, isTorn, isBroken]) => {
    const text = Buffer.from(lines.join("\n") + (isTorn ? "" : "\n"));
    // Bytes that are no UTF-8, in the middle of something.
    if (isBroken && text.length > 60) text[60] = 0xff;
    return text;
  });
const name = fc.constantFrom(
  "events.log",
  "events.log.2025-11-28",
  "events.log.2025-11-29",
  "events_2025-11-28.log",
  "events_2025-11-20.log",
  "events.log.2025-11-29.gz",
  "other.log",
);

it("finds exactly what a full filter over all files finds, before and after indexes are made", async () => {
  const dir = tempFolder();
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, file, { maxKeys: 5 }),
      fc.array(fc.tuple(id, fc.constantFrom(idKey, bridgeKey, eventIdKey)), {
        minLength: 1,
        maxLength: 3,
      }),
      async (files, wanted) => {
        rmSync(dir, { recursive: true, force: true });
        putFiles(dir, {
          "0367/other": "",
          ...Object.fromEntries(Object.entries(files).map(([n, b]) => [`0367/${n}`, b])),
        });
        const keys = wanted.map(([value, kind]) => kind(value));
        const expected = naiveFind(dir, "0367", keys);
        const clock = handTime("2025-11-30T12:00:00Z");
        const store = openForTest({ dir, clock, minIndexedBytes: 1 });
        const scanned = await store.find("0367", keys);
        expect(scanned.records).toEqual(expected);
        await store.indexed();
        expect(await store.find("0367", keys)).toEqual(scanned);
        // The two parts are the whole, wherever they are parted.
        for (const day of ["2025-11-20", "2025-11-28", "2025-11-30"]) {
          const parts = [];
          for (const part of ["near", "far"] as const)
            parts.push(await store.find("0367", keys, { part, at: Date.parse(day) }));
          const found = parts.flatMap(({ records }) => records.map(({ raw }) => raw)).sort();
          expect(found).toEqual(scanned.records.map(({ raw }) => raw).sort());
          expect(parts.flatMap(({ faults }) => faults)).toHaveLength(scanned.faults.length);
        }
        for (const key of expected.flatMap(recordKeys)) {
          expect((await store.find("0367", [key])).records).toEqual(naiveFind(dir, "0367", [key]));
        }
        await store.close();
      },
    ),
    { numRuns: 150 },
  );
});

it("counts an unreadable line that names the call, and no other", async () => {
  const dir = tempFolder();
  const good = "2025-11-30 10:00:00,000|AST|dial|1764493655.61|{}";
  putFiles(dir, {
    "0367/events.log": `${good}\n2025-11-30 10:00:01,000|AST|dial|1764493655.61|{"a\nrubbish\n${good}\n`,
  });
  const store = openForTest({ dir, clock: handTime("2025-11-30T12:00:00Z") });
  const { records, faults } = await store.find("0367", [idKey("1764493655.61")]);
  expect(records).toHaveLength(2);
  expect(faults).toEqual([{ file: "events.log", reason: "the body is not JSON" }]);
  expect(readFileSync(join(dir, "0367/events.log"), "utf8")).toContain(good);
});
