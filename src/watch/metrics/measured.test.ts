import { describe, expect, it } from "bun:test";
import type { Bot } from "../../channels/telegram/index.ts";
import type { RecordToWrite } from "../../domain/record.ts";
import { err, ok } from "../../lib/result.ts";
import type { Directory } from "../../people/index.ts";
import type { TraceStore } from "../../store/index.ts";
import {
  measuredBot,
  measuredDirectory,
  measuredFetch,
  measuredPages,
  measuredTrace,
} from "./measured.ts";
import type { Metrics } from "./types.ts";

/** Metrics that keep what they were told, without the times, and the times apart. */
const recorder = () => {
  const told: string[] = [];
  const seconds: number[] = [];
  const tell =
    (name: string, timeAt?: number) =>
    (...args: readonly unknown[]): void => {
      if (timeAt !== undefined) seconds.push(Number(args[timeAt]));
      told.push([name, ...args.filter((_, at) => at !== timeAt)].join(" "));
    };
  const metrics = {
    appended: tell("appended", 0),
    lookedUp: tell("lookedUp", 0),
    telegram: tell("telegram", 2),
    telegramWait: tell("telegramWait"),
    metadata: tell("metadata", 1),
    directory: tell("directory", 1),
    answered: tell("answered", 2),
  } satisfies Partial<Metrics>;
  return { told, seconds, metrics: metrics as unknown as Metrics };
};

const RECORD: RecordToWrite = { kind: "AST", event: "start", uniqueId: "1.1", body: {} };

describe("measuredTrace", () => {
  const traceOf = (append: () => Promise<{ at: number; duplicate: boolean }>, faults = 0) => ({
    append,
    find: async () => ({
      records: [],
      faults: Array.from({ length: faults }, () => ({ file: "events.log", reason: "torn" })),
    }),
  });
  const measured = (trace: Pick<TraceStore, "append" | "find">) => {
    const { metrics, told, seconds } = recorder();
    return { trace: measuredTrace(trace, metrics), told, seconds };
  };

  it("hands on the answer of an append, and tells that it was written", async () => {
    const { trace, told, seconds } = measured(traceOf(async () => ({ at: 7, duplicate: true })));
    expect(await trace.append("0367", RECORD)).toEqual({ at: 7, duplicate: true });
    expect(told).toEqual(["appended true"]);
    expect(seconds[0]).toBeWithin(0, 1);
  });

  it("hands on the failure of an append, and tells of it", async () => {
    const { trace, told } = measured(traceOf(() => Promise.reject(new Error("disk full"))));
    await expect(trace.append("0367", RECORD)).rejects.toThrow("disk full");
    expect(told).toEqual(["appended false"]);
  });

  it("tells how many lines of a look-up could not be read", async () => {
    const { trace, told } = measured(traceOf(async () => ({ at: 0, duplicate: false }), 2));
    expect((await trace.find("0367", [])).faults).toHaveLength(2);
    expect(told).toEqual(["lookedUp 2"]);
  });
});

describe("measuredDirectory", () => {
  const over = (isThere: boolean) => {
    const { metrics, told } = recorder();
    const answer = async () => {
      if (!isThere) throw new Error("the database is away");
      return [];
    };
    const directory = new Proxy({}, { get: () => answer }) as Directory;
    return { directory: measuredDirectory(directory, metrics), told };
  };

  it("tells of every question that a call or a page asks, and how it ended", async () => {
    const { directory, told } = over(true);
    await directory.enterpriseByNumber("0367");
    await directory.enterpriseByWebhookToken("tok");
    await directory.enterprises();
    await directory.usersOf({} as Parameters<Directory["usersOf"]>[0]);
    expect(told).toEqual(Array.from({ length: 4 }, () => "directory true"));
  });

  it("hands on a failure, and tells of it", async () => {
    const { directory, told } = over(false);
    await expect(directory.enterpriseByNumber("0367")).rejects.toThrow("away");
    expect(told).toEqual(["directory false"]);
  });
});

describe("measuredBot", () => {
  const over = (answers: Partial<Bot>) => {
    const { metrics, told } = recorder();
    return { bot: measuredBot(answers as Bot, metrics), told };
  };
  const text = { pieces: ["text"], plain: "text" };

  it("tells of each request by its method and result, and hands the answer on", async () => {
    const { bot, told } = over({
      send: async () => ok(5),
      edit: async () => err({ kind: "refused", reason: "no", why: "other" }),
      remove: async () => err({ kind: "unavailable", reason: "away", unsure: false }),
    });
    expect(await bot.send("101", text)).toEqual(ok(5));
    expect((await bot.edit("101", 5, text)).ok).toBe(false);
    expect((await bot.remove("101", 5)).ok).toBe(false);
    expect(told).toEqual([
      "telegram send ok",
      "telegram edit refused",
      "telegram delete unavailable",
    ]);
  });

  it("tells how long Telegram makes a chat wait, in seconds", async () => {
    const { bot, told } = over({ send: async () => err({ kind: "limited", retryAfterMs: 3500 }) });
    await bot.send("101", text);
    expect(told).toEqual(["telegram send limited", "telegramWait 3.5"]);
  });
});

describe("measuredFetch", () => {
  it("tells the status, and 0 where no answer came", async () => {
    const { metrics, told } = recorder();
    const there = measuredFetch(async () => new Response("", { status: 404 }), metrics);
    expect((await there("http://names.test/1", {})).status).toBe(404);
    const away = measuredFetch(() => Promise.reject(new Error("away")), metrics);
    await expect(away("http://names.test/1", {})).rejects.toThrow("away");
    expect(told).toEqual(["metadata 404", "metadata 0"]);
  });
});

describe("measuredPages", () => {
  it("tells the route, and nothing of the path that names a call or a token", async () => {
    const { metrics, told } = recorder();
    const pages = measuredPages(() => new Response("", { status: 403 }), metrics);
    const answer = await pages(new Request("http://localhost/call/0367/1764493655.61?token=abcd"));
    expect(answer.status).toBe(403);
    await pages(new Request("http://localhost/wp-admin.php"));
    expect(told).toEqual(["answered call 403", "answered other 403"]);
  });
});
