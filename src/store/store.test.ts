import { describe, expect, it } from "bun:test";
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { handTime } from "../../tests/support/hand-time.ts";
import { eventIdKey, idKey } from "../domain/record.ts";
import { RecordError } from "./format/codec.ts";
import { hangup, openForTest, putFiles, readFiles, tempFolder } from "./testing/temp-store.ts";
import { onceInGap } from "./write/once.ts";
import { openRunning } from "./write/running-file.ts";
import { realFs } from "./write/trace-fs.ts";

const NOON = "2025-11-30T12:00:00.000Z";

describe("append", () => {
  it("writes one line and answers when it is in the file", async () => {
    const dir = tempFolder();
    const store = openForTest({ dir, clock: handTime("2025-11-30T09:08:42.025Z") });
    const answer = await store.append("0367", hangup("1764493655.61", { CallStatus: "0" }));
    expect(answer).toEqual({ at: Date.parse("2025-11-30T09:08:42.025Z"), duplicate: false });
    expect(readFiles(dir, "0367")).toEqual({
      "events.log": '2025-11-30 09:08:42,025|AST|hangup|1764493655.61|{"CallStatus":"0"}\n',
    });
  });

  it("refuses a record or an enterprise that cannot stand in a file", async () => {
    const dir = tempFolder();
    const store = openForTest({ dir, clock: handTime(NOON) });
    for (const enterprise of ["", "..", "a/b", "0367\n", "x".repeat(33)]) {
      expect(store.append(enterprise, hangup("1.1"))).rejects.toThrow(RecordError);
    }
    expect(store.append("0367", hangup("1|1"))).rejects.toThrow(RecordError);
    await store.close();
    expect(existsSync(join(dir, "0367"))).toBe(false);
  });

  it("closes a torn line that a crashed writer left", async () => {
    const dir = tempFolder();
    const whole = "2025-11-30 11:00:00,000|AST|hangup|1.1|{}\n";
    putFiles(dir, { "0367/events.log": `${whole}2025-11-30 11:00:01,000|AST|han` });
    const store = openForTest({ dir, clock: handTime(NOON) });
    await store.append("0367", hangup("1.2"));
    expect(readFiles(dir, "0367")["events.log"]).toBe(
      `${whole}2025-11-30 11:00:01,000|AST|han\n2025-11-30 12:00:00,000|AST|hangup|1.2|{}\n`,
    );
  });

  it("never lets the times of a file go back", async () => {
    const dir = tempFolder();
    const clock = handTime(NOON);
    const store = openForTest({ dir, clock });
    await store.append("0367", hangup("1.1"));
    clock.set("2025-11-30T11:00:00Z");
    await store.append("0367", hangup("1.2"));
    clock.set("2025-11-29T23:59:59Z");
    await store.append("0367", hangup("1.3"));
    const other = openForTest({ dir, clock });
    await other.append("0367", hangup("1.4"));
    const files = readFiles(dir, "0367");
    expect(Object.keys(files)).toEqual(["events.log"]);
    expect(files["events.log"]?.split("\n").map((line) => line.slice(0, 23))).toEqual([
      ...Array.from({ length: 4 }, () => "2025-11-30 12:00:00,000"),
      "",
    ]);
  });

  it.each([
    ["deleted", (folder: string) => rmSync(folder, { recursive: true })],
    ["moved away", (folder: string) => renameSync(folder, `${folder}-moved`)],
    ["emptied", (folder: string) => rmSync(join(folder, "events.log"))],
    [
      "replaced",
      (folder: string) => {
        renameSync(folder, `${folder}-moved`);
        mkdirSync(folder);
        writeFileSync(join(folder, "events.log"), "2025-11-30 11:00:00,000|AST|hangup|9.9|{}\n");
      },
    ],
    [
      "rotated by somebody else",
      (folder: string) => renameSync(join(folder, "events.log"), join(folder, "events.log.1")),
    ],
    ["cut to nothing", (folder: string) => writeFileSync(join(folder, "events.log"), "")],
  ])("goes on when the folder was %s", async (_name, disturb) => {
    const dir = tempFolder();
    const store = openForTest({ dir, clock: handTime(NOON) });
    await store.append("0367", hangup("1.1"));
    disturb(join(dir, "0367"));
    await store.append("0367", hangup("1.2"));
    const { records } = await store.find("0367", [idKey("1.2")]);
    expect(records.map(({ uniqueId }) => uniqueId)).toEqual(["1.2"]);
    expect(readFiles(dir, "0367")["events.log"]).toEndWith("|AST|hangup|1.2|{}\n");
  });

  it("keeps lines whole that another program adds in between", async () => {
    const dir = tempFolder();
    const clock = handTime(NOON);
    const store = openForTest({ dir, clock });
    await store.append("0367", hangup("1.1"));
    appendFileSync(
      join(dir, "0367/events.log"),
      "2025-11-30 13:00:00,000|AST|dial|1.9|{}\n2025-11-30 13:0",
    );
    await store.append("0367", hangup("1.2"));
    expect(readFiles(dir, "0367")["events.log"]?.split("\n").slice(1)).toEqual([
      "2025-11-30 13:00:00,000|AST|dial|1.9|{}",
      "2025-11-30 13:0",
      "2025-11-30 13:00:00,000|AST|hangup|1.2|{}",
      "",
    ]);
  });

  it("answers synced appends when the disk has them, many at once", async () => {
    const dir = tempFolder();
    const store = openForTest({ dir, clock: handTime(NOON), durability: "synced" });
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        store.append(`e${index % 7}`, hangup(`1.${index}`)),
      ),
    );
    expect(readFiles(dir, "e0")["events.log"]?.match(/\n/g)).toHaveLength(29);
  });
});

describe("append once", () => {
  const once = (id: string) =>
    [hangup("1.1", { EventId: id }), { onceKey: eventIdKey(id) }] as const;

  it("writes a record with a known key only once, in a turn, over midnight and after a restart", async () => {
    const dir = tempFolder();
    const clock = handTime(NOON);
    const store = openForTest({ dir, clock });
    const answers = await Promise.all([1, 2, 3].map(() => store.append("0367", ...once("a"))));
    expect(answers.filter(({ duplicate }) => duplicate)).toHaveLength(2);
    const { at } = await store.append("0367", ...once("b"));
    clock.set("2025-12-02T00:00:01Z");
    expect(await store.append("0367", ...once("b"))).toEqual({ at, duplicate: true });
    await store.append("0367", hangup("1.2"));
    expect(await store.append("0367", ...once("b"))).toEqual({ at, duplicate: true });
    await store.close();
    const again = openForTest({ dir, clock });
    expect(await again.append("0367", ...once("a"))).toMatchObject({ duplicate: true });
    expect(await again.append("0367", ...once("c"))).toMatchObject({ duplicate: false });
    expect((await again.find("0367", [eventIdKey("a")])).records).toHaveLength(1);
  });

  it("sees a line that was only half written when the files were searched", () => {
    const path = join(tempFolder(), "events.log");
    const other = `2025-11-30 12:00:00,000|AST|hangup|1.1|{"Pad":"${"x".repeat(9000)}"}\n`;
    const line = `2025-11-30 12:00:00,000|AST|hangup|1.1|{"EventId":"a"}\n`;
    writeFileSync(path, other + line);
    const fd = realFs.openAppend(path);
    const facts = realFs.facts(fd);
    const file = { ...openRunning(realFs, dirname(path)), size: facts.size };
    for (const searched of [
      0,
      10,
      other.length,
      other.length + 30,
      other.length + line.length - 1,
    ]) {
      const running = { dev: facts.dev, ino: facts.ino, mtimeMs: 0, size: searched };
      const seen = onceInGap(realFs, file, { key: eventIdKey("a"), running });
      expect([searched, seen]).toEqual([searched, { at: Date.parse(NOON), duplicate: true }]);
    }
    const all = { dev: facts.dev, ino: facts.ino, mtimeMs: 0, size: facts.size };
    expect(onceInGap(realFs, file, { key: eventIdKey("a"), running: all })).toBe("absent");
    realFs.close(fd);
    realFs.close(file.fd);
  });

  it("is decided between two writers of one folder", async () => {
    const dir = tempFolder();
    const clock = handTime(NOON);
    const stores = [openForTest({ dir, clock }), openForTest({ dir, clock })];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        stores[index % 2]?.append("0367", ...once(`e${index >> 2}`)),
      ),
    );
    expect(answers.filter((answer) => answer?.duplicate === false)).toHaveLength(25);
    expect(readFiles(dir, "0367")["events.log"]?.match(/\n/g)).toHaveLength(25);
  });
});

describe("rotation", () => {
  const line = (stamp: string, id: string): string => `${stamp}|AST|hangup|${id}|{}\n`;

  it("finishes a day at the first event of a new one, named after its own records", async () => {
    const dir = tempFolder();
    const clock = handTime("2025-11-27T23:59:59.999Z");
    const store = openForTest({ dir, clock });
    await store.append("0367", hangup("1.1"));
    clock.set("2025-11-30T00:00:00.000Z");
    await store.append("0367", hangup("1.2"));
    await store.append("0367", hangup("1.3"));
    expect(readFiles(dir, "0367")).toEqual({
      "events.log": line("2025-11-30 00:00:00,000", "1.2") + line("2025-11-30 00:00:00,000", "1.3"),
      "events.log.2025-11-27": line("2025-11-27 23:59:59,999", "1.1"),
    });
  });

  it("takes the old name from a file that has its new one already", async () => {
    const dir = tempFolder();
    const yesterday = line("2025-11-29 11:00:00,000", "1.2");
    putFiles(dir, { "0367/events.log": yesterday });
    linkSync(join(dir, "0367/events.log"), join(dir, "0367/events.log.2025-11-29"));
    const store = openForTest({ dir, clock: handTime(NOON) });
    expect((await store.find("0367", [idKey("1.2")])).records).toHaveLength(1);
    await store.append("0367", hangup("1.3"));
    expect(readFiles(dir, "0367")).toEqual({
      "events.log": line("2025-11-30 12:00:00,000", "1.3"),
      "events.log.2025-11-29": yesterday,
    });
  });

  it("adds to a finished file that has the name already, also one with a torn end", async () => {
    const dir = tempFolder();
    putFiles(dir, {
      "0367/events.log.2025-11-29": `${line("2025-11-29 10:00:00,000", "1.1")}2025-11-29 1`,
      "0367/events.log": line("2025-11-29 11:00:00,000", "1.2"),
    });
    const store = openForTest({ dir, clock: handTime(NOON) });
    await store.append("0367", hangup("1.3"));
    expect(readFiles(dir, "0367")).toEqual({
      "events.log": line("2025-11-30 12:00:00,000", "1.3"),
      "events.log.2025-11-29":
        `${line("2025-11-29 10:00:00,000", "1.1")}2025-11-29 1\n` +
        line("2025-11-29 11:00:00,000", "1.2"),
    });
    expect(
      (await store.find("0367", [idKey("1.1"), idKey("1.2"), idKey("1.3")])).records.map(
        (r) => r.uniqueId,
      ),
    ).toEqual(["1.1", "1.2", "1.3"]);
  });
});

describe("sweep", () => {
  it("removes by name what is older than 14 days, for silent enterprises too, and nothing foreign", async () => {
    const dir = tempFolder();
    const kept = [
      "0367/events.log",
      "0367/events.log.2025-11-16",
      "0367/events.log.2026-01-01",
      "0367/events.log.2025-13-01",
      "0367/events.log.2020-01-01.gz",
      "0367/notes.txt",
      "0367/.events.log.2025-11-16.idx",
      ".hidden/events.log.2020-01-01",
      "not an enterprise/events.log.2020-01-01",
    ];
    const gone = [
      "0367/events.log.2025-11-15",
      "0367/events_2025-11-15.log",
      "0367/.events.log.2025-11-15.idx",
      "0367/.events.log.2025-11-16.idx.1.tmp",
      "silent/events.log.2020-01-01",
    ];
    putFiles(dir, Object.fromEntries([...kept, ...gone].map((name) => [name, ""])));
    const store = openForTest({ dir, clock: handTime(NOON) });
    await store.sweep();
    expect(kept.filter((name) => !existsSync(join(dir, name)))).toEqual([]);
    expect(gone.filter((name) => existsSync(join(dir, name)))).toEqual([]);
  });
});

describe("check", () => {
  it("tries the folder", async () => {
    const dir = tempFolder();
    expect(await openForTest({ dir, clock: handTime(NOON) }).check()).toEqual({ ok: true });
    writeFileSync(join(dir, "file"), "");
    const blocked = openForTest({ dir: join(dir, "file"), clock: handTime(NOON) });
    expect(await blocked.check()).toMatchObject({ ok: false });
    expect(blocked.append("0367", hangup("1.1"))).rejects.toThrow(/cannot write .*ENOTDIR|EEXIST/);
  });
});
