// An index that comes of somebody else's reading is the one that reading the file for it makes.

import { describe, expect, it } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { handTime } from "../../../tests/support/hand-time.ts";
import { idKey } from "../../domain/record.ts";
import { dayFiles, type OpenTraceStore } from "../index.ts";
import { MAX_LINE_BYTES } from "../limits.ts";
import { naiveFind, openForTest, putFiles, tempFolder } from "../testing/temp-store.ts";

const CALLS = 1500;
const idOf = (call: number): string => `${1764400000 + call}.${call}`;
const LAST = "2025-11-28 23:00:00,000|AST|dial|1764400007.7|{}";

/** About 600 KB: events, messages, requests, lines that nobody can read. */
const linesOf = (date: string): string[] =>
  Array.from({ length: CALLS }, (_, call) => {
    const stamp = `${date} ${new Date(call * 1000).toISOString().slice(11, 19)},000`;
    const id = idOf(call);
    return [
      `${stamp}|AST|dial|${id}|{"Phone":"375291112233","Name":"Анна","Pad":"${"x".repeat(100)}"}`,
      `${stamp}|bridge|${id}|{"bridgeuniqueid":"b${call >> 1}","EventId":"e-${call}"}\r`,
      `${stamp}|TG|send|374573193|dial|${call}|${id}|📞 Входящий`,
      `${stamp}|HTTP|${id}|GET|http://localhost/metadata/0367/manager/151|200||{"full_name":"Анна"}`,
      call % 100 === 0 ? `${stamp}|AST|hangup|${id}|{"torn` : "",
    ].join("\n");
  });

const PATH = "0367/events.log.2025-11-28";
const INDEX = "0367/.events.log.2025-11-28.idx";
const clock = handTime("2025-11-29T20:00:00Z");

const setUp = (text: string): { dir: string; store: OpenTraceStore } => {
  const dir = tempFolder();
  putFiles(dir, { [PATH]: text, "0367/events.log": `${linesOf("2025-11-29").join("\n")}\n` });
  return { dir, store: openForTest({ dir, clock }) };
};

/** The index that the store makes by itself. */
const ownIndex = async (text: string): Promise<Buffer> => {
  const { dir, store } = setUp(text);
  await store.find("0367", [idKey("nobody.1")]);
  await store.indexed();
  return readFileSync(join(dir, INDEX));
};

const fileOf = async (dir: string, name: string) => {
  const file = (await dayFiles(dir, "0367")).find((one) => one.name === name);
  if (file === undefined) throw new Error(`no ${name}`);
  return file;
};

/** Reads a day forwards from `from`, as a list does. @returns where the reading ended */
const read = async (
  { dir, store }: { readonly dir: string; readonly store: OpenTraceStore },
  name: string,
  from = 0,
  blocks = Number.POSITIVE_INFINITY,
): Promise<number> => {
  const day = await store.days.open("0367", await fileOf(dir, name));
  if (day === undefined) throw new Error(`cannot open ${name}`);
  let to = from;
  let left = blocks;
  for await (const block of day.events(from, day.facts.size)) {
    to = block.to;
    left -= 1;
    if (left === 0) break;
  }
  await day.close();
  return to;
};

/** All of an index but the time of change and the proof of its file, which differ from copy to copy. */
const HEADER_BYTES = 64;
const tableOf = (index: Buffer): Buffer => index.subarray(HEADER_BYTES);

describe("an index of a day that somebody else reads", () => {
  const whole = `${linesOf("2025-11-28").join("\n")}\n${LAST}`;

  it("is that of the store's own reading", async () => {
    const given = setUp(whole);
    await read(given, "events.log.2025-11-28");
    await given.store.indexed();
    const made = readFileSync(join(given.dir, INDEX));
    expect(tableOf(made).equals(tableOf(await ownIndex(whole)))).toBe(true);
    for (const call of [0, 7, 100, CALLS - 1]) {
      const { records } = await given.store.find("0367", [idKey(idOf(call))]);
      expect([...records]).toEqual(naiveFind(given.dir, "0367", [idKey(idOf(call))]));
    }
  });

  it("is made of parts where the reading was broken off and went on", async () => {
    const given = setUp(whole);
    const reached = await read(given, "events.log.2025-11-28", 0, 1);
    await given.store.indexed();
    expect(existsSync(join(given.dir, INDEX))).toBe(false);
    expect(reached).toBeLessThan(whole.length);
    await read(given, "events.log.2025-11-28", reached);
    await given.store.indexed();
    const made = readFileSync(join(given.dir, INDEX));
    expect(tableOf(made).equals(tableOf(await ownIndex(whole)))).toBe(true);
  });

  it("is read by the store behind a line that is too long to be kept", async () => {
    const lines = linesOf("2025-11-28");
    const broken = [...lines.slice(0, 500), "x".repeat(3 * MAX_LINE_BYTES), ...lines.slice(500)];
    const text = `${broken.join("\n")}\n`;
    const given = setUp(text);
    await read(given, "events.log.2025-11-28");
    await given.store.find("0367", [idKey(idOf(7))]);
    await given.store.indexed();
    const made = readFileSync(join(given.dir, INDEX));
    expect(tableOf(made).equals(tableOf(await ownIndex(text)))).toBe(true);
  });

  it("waits while days are read, and is made by the store when they were not", async () => {
    const { dir, store } = setUp(whole);
    let isThere: boolean | undefined;
    await store.days.while(async () => {
      await store.find("0367", [idKey(idOf(7))]);
      await store.indexed();
      isThere = existsSync(join(dir, INDEX));
    });
    await store.indexed();
    expect([isThere, existsSync(join(dir, INDEX))]).toEqual([false, true]);
  });

  it("goes on in the running file from where somebody else has read to", async () => {
    const given = setUp(whole);
    await given.store.days.while(() => read(given, "events.log"));
    await given.store.append("0367", {
      kind: "AST",
      event: "hangup",
      uniqueId: idOf(7),
      body: { Phone: "375291112233" },
    });
    const { records } = await given.store.find("0367", [idKey(idOf(7))]);
    expect([...records]).toEqual(naiveFind(given.dir, "0367", [idKey(idOf(7))]));
  });
});
