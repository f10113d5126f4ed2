import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CacheOptions, cacheDirectory } from "./cache.ts";
import { openSqliteDirectory } from "./sqlite.ts";
import { describeDirectory, sampleEnterprise, sampleUser } from "./suite.ts";
import type { Directory } from "./types.ts";

const TOKEN = "375290000001";
const MINUTE = 60_000;

let folder: string;
/** The database behind the cache, with a switch: it answers, fails, or says nothing until it is let go on. */
let database: Directory;
let asked: number;
let state: "up" | "down" | Promise<void>;
let nowMs: number;
let stale: number;

const open = (options: CacheOptions = {}): Directory =>
  cacheDirectory(
    new Proxy(database, {
      get:
        (target, name: keyof Directory) =>
        async (...args: never[]) => {
          asked += 1;
          const gate = state === "up" || state === "down" ? undefined : state;
          if (state === "down") throw new Error("the database is away");
          const answer = await (target[name] as (...args: never[]) => Promise<unknown>)(...args);
          if (gate !== undefined) await gate;
          return answer;
        },
    }),
    {
      clock: { now: () => nowMs },
      after: (_delayMs, late) => {
        late();
        return () => undefined;
      },
      onStale: () => {
        stale += 1;
      },
      ...options,
    },
  );

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "calllog-cache-"));
  database = openSqliteDirectory(join(folder, "calllog.sqlite"));
  await database.addEnterprise(sampleEnterprise());
  [asked, state, nowMs, stale] = [0, "up", 1_764_493_655_000, 0];
});

afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** Never in the way: as long as the database takes. */
const patient = { after: () => () => undefined };

describe("cacheDirectory", () => {
  it("asks once a minute, and sees a change within 60 s", async () => {
    const cache = open(patient);
    for (let i = 0; i < 5; i++) await cache.enterpriseByWebhookToken(TOKEN);
    expect(asked).toBe(1);
    await database.changeEnterprise("0367", { active: false });
    nowMs += MINUTE - 1;
    expect((await cache.enterpriseByWebhookToken(TOKEN))?.active).toBe(true);
    nowMs += 1;
    expect((await cache.enterpriseByWebhookToken(TOKEN))?.active).toBe(false);
    expect(asked).toBe(2);
  });

  it("asks again where the clock was set back", async () => {
    const cache = open(patient);
    await cache.enterpriseByWebhookToken(TOKEN);
    nowMs -= 60 * MINUTE;
    await cache.enterpriseByWebhookToken(TOKEN);
    expect(asked).toBe(2);
  });

  it("sees a removal within 60 s, and nothing of it afterwards when the database goes away", async () => {
    const cache = open(patient);
    await cache.enterpriseByNumber("0367");
    await database.removeEnterprise("0367");
    nowMs += MINUTE;
    expect(await cache.enterpriseByNumber("0367")).toBeUndefined();
    state = "down";
    nowMs += MINUTE;
    await expect(cache.enterpriseByNumber("0367")).rejects.toThrow("away");
  });

  it("remembers that there is none, but only for 5 s", async () => {
    const cache = open(patient);
    for (let i = 0; i < 5; i++) await cache.enterpriseByNumber("0113");
    expect(asked).toBe(1);
    await database.addEnterprise(sampleEnterprise({ number: "0113", webhookToken: null }));
    nowMs += 5_000;
    expect((await cache.enterpriseByNumber("0113"))?.number).toBe("0113");
  });

  it("sees the first person of an enterprise within 5 s", async () => {
    const cache = open(patient);
    expect(await cache.usersOf(sampleEnterprise())).toEqual([]);
    await database.addUser(sampleUser());
    nowMs += 5_000;
    expect(await cache.usersOf(sampleEnterprise())).toEqual([sampleUser()]);
  });

  it("asks once where many want to know at the same time", async () => {
    const gate = Promise.withResolvers<void>();
    state = gate.promise;
    const cache = open();
    const answers = Array.from({ length: 50 }, () => cache.enterpriseByWebhookToken(TOKEN));
    gate.resolve();
    expect((await Promise.all(answers)).every((found) => found?.number === "0367")).toBe(true);
    expect(asked).toBe(1);
  });

  it("gives the last good answer for a day while the database is away, then fails", async () => {
    const cache = open(patient);
    await cache.enterpriseByWebhookToken(TOKEN);
    state = "down";
    nowMs += 24 * 60 * MINUTE - 1;
    expect((await cache.enterpriseByWebhookToken(TOKEN))?.number).toBe("0367");
    nowMs += 1;
    await expect(cache.enterpriseByWebhookToken(TOKEN)).rejects.toThrow("away");
  });

  it("leaves a failing database alone for 5 s, and takes its answer once it is back", async () => {
    const cache = open(patient);
    await cache.enterpriseByWebhookToken(TOKEN);
    state = "down";
    nowMs += MINUTE;
    for (let i = 0; i < 10; i++) await cache.enterpriseByWebhookToken(TOKEN);
    expect([asked, stale]).toEqual([2, 1]);
    state = "up";
    await database.changeEnterprise("0367", { name: "back" });
    nowMs += 5_000;
    expect((await cache.enterpriseByWebhookToken(TOKEN))?.name).toBe("back");
  });

  it("never says that there is none because the database failed", async () => {
    state = "down";
    await expect(open().enterpriseByWebhookToken(TOKEN)).rejects.toThrow("away");
  });

  it("does not wait for a silent database where it has an answer, and takes the late one", async () => {
    const cache = open();
    await cache.enterpriseByWebhookToken(TOKEN);
    await database.changeEnterprise("0367", { name: "late" });
    const gate = Promise.withResolvers<void>();
    state = gate.promise;
    nowMs += MINUTE;
    expect((await cache.enterpriseByWebhookToken(TOKEN))?.name).toBe("Пример");
    gate.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await cache.enterpriseByWebhookToken(TOKEN))?.name).toBe("late");
    expect([asked, stale]).toEqual([2, 1]);
  });

  it("takes a late failure of a silent database calmly", async () => {
    const cache = open();
    await cache.enterpriseByWebhookToken(TOKEN);
    const gate = Promise.withResolvers<void>();
    state = gate.promise;
    nowMs += MINUTE;
    await cache.enterpriseByWebhookToken(TOKEN);
    gate.reject(new Error("lost"));
    // An unhandled rejection would end the process, and fails this test.
    await new Promise((resolve) => setImmediate(resolve));
    expect((await cache.enterpriseByWebhookToken(TOKEN))?.number).toBe("0367");
  });

  it("forgets what was longest unused first", async () => {
    for (const number of ["b", "c"]) {
      await database.addEnterprise(sampleEnterprise({ number, webhookToken: null }));
    }
    const cache = open({ ...patient, maxEntries: 2 });
    for (const number of ["0367", "b", "0367", "c"]) await cache.enterpriseByNumber(number);
    expect(asked).toBe(3);
    await cache.enterpriseByNumber("0367");
    expect(asked).toBe(3);
    await cache.enterpriseByNumber("b");
    expect(asked).toBe(4);
  });

  it("keeps real answers however many invented tokens are tried, and stays bounded", async () => {
    const cache = open({ ...patient, maxEntries: 3 });
    await cache.enterpriseByWebhookToken(TOKEN);
    for (let i = 0; i < 20; i++) await cache.enterpriseByWebhookToken(`invented-${i}`);
    expect(asked).toBe(21);
    await cache.enterpriseByWebhookToken(TOKEN);
    await cache.enterpriseByWebhookToken("invented-19");
    expect(asked).toBe(21);
    await cache.enterpriseByWebhookToken("invented-0");
    expect(asked).toBe(22);
  });

  it("sees its own changes at once, also against an answer that was under way", async () => {
    const cache = open(patient);
    const gate = Promise.withResolvers<void>();
    state = gate.promise;
    const before = cache.enterpriseByNumber("0367");
    state = "up";
    await cache.changeEnterprise("0367", { name: "new" });
    expect((await cache.enterpriseByNumber("0367"))?.name).toBe("new");
    gate.resolve();
    await before;
    expect((await cache.enterpriseByNumber("0367"))?.name).toBe("new");
  });

  it("tells of an outage when the database fails, not when it is merely slow", async () => {
    const told: string[] = [];
    const directory = open({
      onBegin: () => told.push("begin"),
      onEnd: () => told.push("end"),
    });
    state = Promise.resolve();
    await directory.enterpriseByWebhookToken(TOKEN);
    for (let minute = 0; minute < 3; minute++) {
      nowMs += MINUTE;
      const slow = Promise.withResolvers<void>();
      state = slow.promise;
      // Our patience is over at once; the last answer serves.
      expect((await directory.enterpriseByWebhookToken(TOKEN))?.number).toBe("0367");
      slow.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([stale, told]).toEqual([3, []]);
    nowMs += MINUTE;
    state = "down";
    await directory.enterpriseByWebhookToken(TOKEN);
    expect(told).toEqual(["begin"]);
    nowMs += MINUTE;
    state = "up";
    await directory.enterpriseByWebhookToken(TOKEN);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(["begin", "end"]);
  });
});

describeDirectory("the cached SQLite directory", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "calllog-cached-")), "calllog.sqlite");
  const directory = cacheDirectory(openSqliteDirectory(path), {
    freshMs: 0,
    missFreshMs: 0,
    ...patient,
  });
  return {
    directory,
    openAgain: async () => openSqliteDirectory(path),
    remove: async () => {
      await directory.close();
      rmSync(join(path, ".."), { recursive: true });
    },
  };
});
