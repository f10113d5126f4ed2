import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "./cache.ts";
import { openSnapshot, type Snapshot } from "./snapshot.ts";
import { openSqliteDirectory } from "./sqlite.ts";
import { sampleEnterprise, sampleUser } from "./suite.ts";
import type { Directory } from "./types.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let folder: string;
let path: string;
let database: Directory;
let nowMs: number;
let faults: number;
let isDown: boolean;

const snapshotOf = (name = "db1"): Snapshot =>
  openSnapshot({
    source: database,
    path,
    database: name,
    clock: { now: () => nowMs },
    onFileFault: () => {
      faults += 1;
    },
  });

/** The cache over a database that may be down, with that copy. */
const cacheOver = (snapshot: Snapshot): Directory =>
  cacheDirectory(
    new Proxy(database, {
      get:
        (target, name: keyof Directory) =>
        async (...args: never[]) => {
          if (isDown) throw new Error("the database is away");
          return (target[name] as (...args: never[]) => Promise<unknown>)(...args);
        },
    }),
    { clock: { now: () => nowMs }, snapshot, after: () => () => undefined },
  );

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "calllog-snapshot-"));
  path = join(folder, "data/.directory-cache.json");
  database = openSqliteDirectory(join(folder, "calllog.sqlite"));
  [nowMs, faults, isDown] = [1_764_493_655_000, 0, false];
  await database.addEnterprise(sampleEnterprise());
  await database.addUser(sampleUser());
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

describe("openSnapshot", () => {
  it("keeps everything for the next process, for its owner's eyes", async () => {
    await snapshotOf().refresh();
    expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
    expect(readdirSync(join(folder, "data"))).toEqual([".directory-cache.json"]);
    isDown = true;
    const cache = cacheOver(snapshotOf());
    expect(await cache.enterpriseByWebhookToken("375290000001")).toEqual(sampleEnterprise());
    expect(await cache.enterpriseByNumber("0367")).toEqual(sampleEnterprise());
    expect(await cache.usersOf(sampleEnterprise())).toEqual([sampleUser()]);
    expect(await cache.enterprises()).toEqual([sampleEnterprise()]);
    await expect(cache.enterpriseByWebhookToken("unknown")).rejects.toThrow("away");
    // Nobody to tell is an answer, too.
    const alone = sampleEnterprise({ number: "0113", botToken: null });
    nowMs += MINUTE;
    expect(await cache.usersOf(alone)).toEqual([]);
  });

  it("serves for a day, and not a copy from the future or of another database", async () => {
    await snapshotOf().refresh();
    isDown = true;
    nowMs += DAY - 1;
    expect(await cacheOver(snapshotOf()).enterpriseByNumber("0367")).toBeDefined();
    await expect(cacheOver(snapshotOf("db2")).enterpriseByNumber("0367")).rejects.toThrow("away");
    nowMs += 1;
    await expect(cacheOver(snapshotOf()).enterpriseByNumber("0367")).rejects.toThrow("away");
    nowMs -= 2 * DAY;
    expect(snapshotOf().current()).toBeUndefined();
  });

  it("takes a file that is cut, or not ours, for none, and replaces it", async () => {
    await snapshotOf().refresh();
    const whole = readFileSync(path, "utf8");
    for (const text of ["", "{}", "null", whole.slice(0, -5), '{"version":1,"at":0}']) {
      writeFileSync(path, text);
      expect(snapshotOf().current()).toBeUndefined();
    }
    await snapshotOf().refresh();
    expect(snapshotOf().current()?.enterprises).toHaveLength(1);
  });

  it("serves from memory where the file cannot be written, and says so once", async () => {
    writeFileSync(join(folder, "data"), "a file where the folder should be");
    const snapshot = snapshotOf();
    await snapshot.refresh();
    nowMs += 60 * MINUTE;
    await snapshot.refresh();
    expect([snapshot.current()?.enterprises.length, faults]).toEqual([1, 1]);
  });

  it("brings nothing back that was removed or changed since", async () => {
    const snapshot = snapshotOf();
    const cache = cacheOver(snapshot);
    await snapshot.refresh();
    await database.removeEnterprise("0367");
    nowMs += MINUTE;
    expect(await cache.enterpriseByNumber("0367")).toBeUndefined();
    isDown = true;
    nowMs += MINUTE;
    await expect(cache.enterpriseByNumber("0367")).rejects.toThrow("away");
  });

  it("ends an older answer by the newer copy", async () => {
    const snapshot = snapshotOf();
    const cache = cacheOver(snapshot);
    await cache.enterpriseByNumber("0367");
    await database.changeEnterprise("0367", { secret: "rotated-secret" });
    nowMs += MINUTE / 2;
    await snapshot.refresh();
    isDown = true;
    expect((await cache.enterpriseByNumber("0367"))?.secret).toBe("rotated-secret");
    isDown = false;
    await database.removeEnterprise("0367");
    nowMs += MINUTE / 2;
    await snapshot.refresh();
    expect(await cache.enterpriseByNumber("0367")).toBeUndefined();
  });
});
