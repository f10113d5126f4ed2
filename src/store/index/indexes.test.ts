import { describe, expect, it } from "bun:test";
import {
  appendFileSync,
  existsSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { handTime } from "../../../tests/support/hand-time.ts";
import { bridgeKey, idKey, type StoredRecord } from "../../domain/record.ts";
import type { OpenTraceStore } from "../index.ts";
import { hangup, naiveFind, openForTest, putFiles, tempFolder } from "../testing/temp-store.ts";
import { createIndexTable, hashOfKey } from "./index-table.ts";
import { createRunningIndex } from "./running-index.ts";

/** About 700 KB: three bodies to a call, calls a second apart, some lines broken. */
const dayOfCalls = (date: string, calls = 1000): string =>
  `${Array.from({ length: calls }, (_, call) => {
    const stamp = `${date} ${new Date(call * 1000).toISOString().slice(11, 19)},000`;
    const id = `${1764400000 + call}.${call}`;
    const bridge = `${date}-bridge-${call >> 1}`;
    return [
      `${stamp}|AST|dial|${id}|{"Phone":"375291112233","Pad":"${"x".repeat(150)}"}`,
      `${stamp}|AST|bridge|${id}|{"BridgeUniqueid":"${bridge}","Pad":"${"x".repeat(150)}"}`,
      call % 100 === 0
        ? `${stamp}|AST|hangup|${id}|{"torn`
        : `${stamp}|AST|hangup|${id}|{"Linkedid":"${id}"}`,
    ].join("\n");
  }).join("\n")}\n`;

const DATES = ["2025-11-28", "2025-11-29", "2025-11-30"];
const clock = handTime("2025-11-30T20:00:00Z");
const setUp = (): { dir: string; store: OpenTraceStore } => {
  const dir = tempFolder();
  const names = ["events.log.2025-11-28", "events_2025-11-29.log", "events.log"];
  putFiles(
    dir,
    Object.fromEntries(names.map((name, i) => [`0367/${name}`, dayOfCalls(DATES[i] ?? "")])),
  );
  return { dir, store: openForTest({ dir, clock }) };
};
const keys = (call: number): string[] => [
  idKey(`${1764400000 + call}.${call}`),
  bridgeKey(`2025-11-29-bridge-${call}`),
];
const expectSame = async (
  dir: string,
  store: OpenTraceStore,
  call: number,
): Promise<StoredRecord[]> => {
  const { records } = await store.find("0367", keys(call));
  expect([...records]).toEqual(naiveFind(dir, "0367", keys(call)));
  return [...records];
};
/** Makes the indexes and shows that they are used: a file is not scanned when the bytes between lines do not matter. */
const index = async (store: OpenTraceStore): Promise<void> => {
  await store.find("0367", keys(1));
  await store.indexed();
};

const PATH = "0367/events.log.2025-11-28";

describe("indexes", () => {
  it("are made when first needed and give the lines and faults of a scan", async () => {
    const { dir, store } = setUp();
    const scanned = await store.find("0367", keys(100));
    await store.indexed();
    expect(existsSync(join(dir, "0367/.events.log.2025-11-28.idx"))).toBe(true);
    expect(existsSync(join(dir, "0367/.events_2025-11-29.log.idx"))).toBe(true);
    expect(await store.find("0367", keys(100))).toEqual(scanned);
    expect(scanned.faults).toHaveLength(3);
    for (const call of [0, 1, 499, 998, 999, 5000]) await expectSame(dir, store, call);
  });

  it("hold the last line of a file that ends without a break", async () => {
    const { dir, store } = setUp();
    const unfinished = "2025-11-28 23:00:00,000|AST|dial|1764400007.7|{}";
    appendFileSync(join(dir, PATH), unfinished);
    await index(store);
    expect(existsSync(join(dir, "0367/.events.log.2025-11-28.idx"))).toBe(true);
    expect((await expectSame(dir, store, 7)).map(({ raw }) => raw)).toContain(unfinished);
  });

  it("follow the running file, whoever writes it", async () => {
    const { dir, store } = setUp();
    await index(store);
    await store.append("0367", hangup(`${1764400007}.7`, { by: "us" }));
    appendFileSync(
      join(dir, "0367/events.log"),
      "2025-11-30 21:00:00,000|AST|dial|1764400007.7|{}\n2025-11-30 21:0",
    );
    expect(await expectSame(dir, store, 7)).toHaveLength(9 + 2 + 2);
  });

  it("are made at rotation for the day that ended", async () => {
    const { dir } = setUp();
    const moving = handTime("2025-11-30T20:00:00Z");
    const store = openForTest({ dir, clock: moving });
    await index(store);
    moving.set("2025-12-01T00:00:01Z");
    await store.append("0367", hangup("1764400007.7"));
    await store.indexed();
    expect(existsSync(join(dir, "0367/.events.log.2025-11-30.idx"))).toBe(true);
    await expectSame(dir, store, 7);
  });

  const later = "2025-11-28 23:00:00,000|AST|dial|1764400007.7|{}\n";
  it.each<[string, (dir: string) => void]>([
    ["the file has grown", (dir) => appendFileSync(join(dir, PATH), later)],
    ["the file was cut", (dir) => truncateSync(join(dir, PATH), 300_000)],
    [
      "the file is another of the same size",
      (dir) =>
        writeFileSync(
          join(dir, PATH),
          dayOfCalls("2025-11-28").replaceAll("1764400007.7", "1764400008.8"),
        ),
    ],
    [
      "the file is another of the same size and time of change",
      (dir) => {
        const text = dayOfCalls("2025-11-28");
        writeFileSync(
          join(dir, PATH),
          text.slice(text.indexOf("\n") + 1) + text.slice(0, text.indexOf("\n") + 1),
        );
        utimesSync(join(dir, PATH), 1000, 1000);
      },
    ],
    ["the index is cut", (dir) => truncateSync(join(dir, "0367/.events.log.2025-11-28.idx"), 5000)],
    [
      "the index is empty",
      (dir) => writeFileSync(join(dir, "0367/.events.log.2025-11-28.idx"), ""),
    ],
    [
      "the index has an empty filter",
      (dir) => {
        const bytes = readFileSync(join(dir, "0367/.events.log.2025-11-28.idx"));
        writeFileSync(
          join(dir, "0367/.events.log.2025-11-28.idx"),
          bytes.fill(0, bytes.length - 8192),
        );
      },
    ],
    [
      "the index is rubbish behind its header",
      (dir) => {
        const bytes = readFileSync(join(dir, "0367/.events.log.2025-11-28.idx"));
        writeFileSync(join(dir, "0367/.events.log.2025-11-28.idx"), bytes.fill(0x77, 64));
      },
    ],
  ])("are not believed when %s, and are made anew", async (_name, disturb) => {
    const { dir, store } = setUp();
    utimesSync(join(dir, PATH), 1000, 1000);
    await index(store);
    disturb(dir);
    for (const reader of [store, openForTest({ dir, clock })]) {
      await expectSame(dir, reader, 7);
      await reader.indexed();
      await expectSame(dir, reader, 7);
    }
  });

  it("are not believed when the running file was cut and filled anew", async () => {
    const { dir, store } = setUp();
    await index(store);
    writeFileSync(
      join(dir, "0367/events.log"),
      dayOfCalls("2025-11-30", 1200).replaceAll("1764400007.7", "1764400007.8"),
    );
    await expectSame(dir, store, 7);
    await expectSame(dir, store, 1100);
  });

  it("are not needed where they cannot be written", async () => {
    const { dir, store } = setUp();
    // A folder in the place of the temporary file: creating it fails for every user.
    putFiles(dir, { [`0367/.events.log.2025-11-28.idx.${process.pid}.tmp/x`]: "" });
    await index(store);
    await expectSame(dir, store, 7);
  });
});

it("a running index is not taken for another by a search that knows less of the file", async () => {
  const bytes = Buffer.from(dayOfCalls("2025-11-30", 50));
  const read = async (into: Uint8Array, length: number, position: number): Promise<number> =>
    bytes.copy(into, 0, position, Math.min(position + length, bytes.length));
  const running = createRunningIndex();
  await running.follow({ read }, bytes.length);
  const table = running.table();
  await running.follow({ read }, bytes.length >> 1);
  expect([running.indexedTo(), running.table() === table]).toEqual([bytes.length, true]);
  bytes.fill(".", bytes.length - 10);
  await running.follow({ read }, bytes.length);
  expect(running.table() === table).toBe(false);
});

it("an index table finds every offset of a hash, over all segments", () => {
  const table = createIndexTable();
  const expected = new Map<number, number[]>();
  for (let place = 0; place < 200_000; place += 1) {
    const hash = place % 3 === 0 ? hashOfKey("same") : hashOfKey(`id:${place % 50_000}`);
    table.add(hash, place);
    if (place % 3 !== 0) expected.set(hash, [...(expected.get(hash) ?? []), place]);
  }
  expect(table.count()).toBe(200_000);
  for (const key of ["id:1", "id:49999", "id:777"]) {
    expect(table.offsetsOf(hashOfKey(key)).sort((a, b) => a - b)).toEqual(
      expected.get(hashOfKey(key)) ?? [],
    );
  }
  expect(table.offsetsOf(hashOfKey("same"))).toHaveLength(66_667);
  expect(table.offsetsOf(hashOfKey("missing"))).toEqual([]);
});
