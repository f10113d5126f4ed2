import { describe, expect, it } from "bun:test";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { handTime } from "../../../tests/support/hand-time.ts";
import { idKey } from "../../domain/record.ts";
import { tryLock } from "../../lib/file-lock.ts";
import { TraceWriteError } from "../errors.ts";
import { createFaultyFs, systemError } from "../testing/faulty-fs.ts";
import { hasSmallDisk, mountSmall, unmount } from "../testing/small-disk.ts";
import { hangup, openForTest, putFiles, readFiles, tempFolder } from "../testing/temp-store.ts";
import { realFs, type TraceFs } from "./trace-fs.ts";

const NOON = "2025-11-30T12:00:00.000Z";
const clock = handTime(NOON);
const line = (id: string, stamp = "2025-11-30 12:00:00,000"): string =>
  `${stamp}|AST|hangup|${id}|{}\n`;
const failureOf = async (promise: Promise<unknown>): Promise<TraceWriteError> => {
  const cause = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(cause instanceof TraceWriteError))
    throw new Error(`expected a TraceWriteError, got ${cause}`);
  return cause;
};
/** An operation that fails `times` times before it works. */
const failing = <A extends unknown[], R>(
  times: number,
  code: string,
  operation: (...args: A) => R,
): ((...args: A) => R) => {
  let left = times;
  return (...args) => {
    left -= 1;
    if (left >= 0) throw systemError(code);
    return operation(...args);
  };
};

describe("a disk that fails", () => {
  it("leaves no half line when it fills up in the middle of one, and goes on when there is room", async () => {
    const dir = tempFolder();
    let room = 70;
    const write: TraceFs["write"] = (fd, bytes, offset) => {
      const fits = Math.min(room, bytes.length - offset);
      if (fits === 0) throw systemError("ENOSPC");
      room -= fits;
      return realFs.write(fd, bytes.subarray(0, offset + fits), offset);
    };
    const store = openForTest({ dir, clock, fs: createFaultyFs({ write }) });
    await store.append("0367", hangup("1.1"));
    const failures = await Promise.all(
      ["1.2", "1.3"].map((id) => failureOf(store.append("0367", hangup(id)))),
    );
    expect(failures.map(({ code, enterprise }) => [code, enterprise])).toEqual([
      ["ENOSPC", "0367"],
      ["ENOSPC", "0367"],
    ]);
    expect(failures[0]?.message).toMatch(/^cannot write .*events\.log: .*make room/);
    expect(readFiles(dir, "0367")["events.log"]).toBe(line("1.1"));
    room = 1000;
    await store.append("0367", hangup("1.4"));
    expect(readFiles(dir, "0367")["events.log"]).toBe(line("1.1") + line("1.4"));
  });

  it("closes the half line where even cutting it off fails", async () => {
    const dir = tempFolder();
    let isBroken = false;
    const fs = createFaultyFs({
      write: (fd, bytes, offset) => {
        if (!isBroken) return realFs.write(fd, bytes, offset);
        if (offset > 0) throw systemError("EIO");
        return realFs.write(fd, bytes.subarray(0, 30), 0);
      },
      truncate: () => {
        throw systemError("EIO");
      },
    });
    const store = openForTest({ dir, clock, fs });
    isBroken = true;
    expect((await failureOf(store.append("0367", hangup("1.1")))).code).toBe("EIO");
    isBroken = false;
    await store.append("0367", hangup("1.2"));
    expect(readFiles(dir, "0367")["events.log"]).toBe(
      `${line("1.1").slice(0, 30)}\n${line("1.2")}`,
    );
  });

  it.each<[string, Partial<TraceFs>, string]>([
    ["write", { write: failing(1, "EIO", realFs.write) }, "EIO"],
    ["open", { openAppend: failing(1, "EROFS", realFs.openAppend) }, "EROFS"],
    ["stat", { factsAt: failing(1, "EIO", realFs.factsAt) }, "EIO"],
    ["read", { read: failing(1, "EIO", realFs.read) }, "EIO"],
    ["fdatasync", { sync: failing(1, "EIO", realFs.sync) }, "EIO"],
    ["folder fsync", { syncFolder: failing(1, "EIO", realFs.syncFolder) }, "EIO"],
    ["rename", { rename: failing(1, "ENOSPC", realFs.rename) }, "ENOSPC"],
  ])("says so and heals: %s", async (_name, faults, code) => {
    const dir = tempFolder();
    putFiles(dir, { "0367/events.log": line("1.0", "2025-11-29 12:00:00,000") });
    const fs = createFaultyFs(faults);
    const store = openForTest({ dir, clock, fs, durability: "synced" });
    expect((await failureOf(store.append("0367", hangup("1.1")))).code).toBe(code);
    await store.append("0367", hangup("1.2"));
    const files = readFiles(dir, "0367");
    const text = `${files["events.log.2025-11-29"]}${files["events.log"]}`;
    expect(text.match(/\|1\.0\|/g)).toHaveLength(1);
    expect(text).toEndWith(line("1.2"));
    expect(text.match(/^2025-11-\d\d 12:00:00,000\|AST\|hangup\|1\.\d\|\{\}\n/gm)).toHaveLength(
      text.split("\n").length - 1,
    );
  });

  it("is tried again where a signal came in between", async () => {
    const dir = tempFolder();
    const fs = createFaultyFs({ write: failing(2, "EAGAIN", realFs.write) });
    await openForTest({ dir, clock, fs }).append("0367", hangup("1.1"));
    expect(readFiles(dir, "0367")["events.log"]).toBe(line("1.1"));
  });

  it("lets unused files go when there are too many open, and tries again", async () => {
    const dir = tempFolder();
    let limit = 5;
    const openAppend: TraceFs["openAppend"] = (path) => {
      if (limit === 0) throw systemError("EMFILE");
      const fd = realFs.openAppend(path);
      limit -= 1;
      return fd;
    };
    const close: TraceFs["close"] = (fd) => {
      limit += 1;
      realFs.close(fd);
    };
    const store = openForTest({ dir, clock, fs: createFaultyFs({ openAppend, close }) });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => store.append(`e${index}`, hangup("1.1"))),
    );
    expect(readdirSync(dir)).toHaveLength(40);
  });

  it("does not stumble when another process makes the folder at the same moment", async () => {
    const dir = tempFolder();
    let isFirst = true;
    const openAppend: TraceFs["openAppend"] = (path) => {
      if (!isFirst) return realFs.openAppend(path);
      isFirst = false;
      mkdirSync(join(dir, "0367"));
      throw systemError("ENOENT");
    };
    await openForTest({ dir, clock, fs: createFaultyFs({ openAppend }) }).append(
      "0367",
      hangup("1.1"),
    );
    expect(readFiles(dir, "0367")["events.log"]).toBe(line("1.1"));
  });
});

describe("a death between any two steps", () => {
  const old = line("1.0", "2025-11-29 11:00:00,000");
  const yesterday = Array.from({ length: 50 }, (_, index) =>
    line(`1.${index + 1}`, "2025-11-29 12:00:00,000"),
  ).join("");
  it.each<[string, Record<string, string>, string]>([
    ["of a rotation", { "0367/events.log": yesterday }, yesterday],
    [
      "of a rotation into a file that is there",
      { "0367/events.log": yesterday, "0367/events.log.2025-11-29": old },
      old + yesterday,
    ],
  ])("%s is healed by the next append", async (_name, files, finished) => {
    const today = tempFolder();
    const counting = createFaultyFs();
    counting.dieAfter(Number.POSITIVE_INFINITY);
    putFiles(today, files);
    await openForTest({ dir: today, clock, fs: counting }).append("0367", hangup("2.1"));
    const steps = counting.steps();
    expect(steps).toBeGreaterThan(3);
    for (let died = 0; died < steps; died += 1) {
      const dir = tempFolder();
      putFiles(dir, files);
      const fs = createFaultyFs();
      fs.dieAfter(died);
      await failureOf(openForTest({ dir, clock, fs }).append("0367", hangup("2.1")));
      const store = openForTest({ dir, clock });
      const keys = Array.from({ length: 51 }, (_, index) => idKey(`1.${index}`));
      const found = async () =>
        (await store.find("0367", keys)).records.map(({ raw }) => `${raw}\n`).join("");
      expect([died, await found()]).toEqual([died, finished]);
      await store.append("0367", hangup("2.2"));
      expect([died, readFiles(dir, "0367")]).toEqual([
        died,
        { "events.log": line("2.2"), "events.log.2025-11-29": finished },
      ]);
      expect([died, await found()]).toEqual([died, finished]);
    }
  });
});

it("waits for another process that holds the file, but not for ever", async () => {
  const dir = tempFolder();
  putFiles(dir, { "0367/events.log": "" });
  const store = openForTest({ dir, clock, lockTimeoutMs: 30 });
  const held = realFs.openAppend(join(dir, "0367/events.log"));
  expect(tryLock(held)).toBe(true);
  const others = store.append("0103", hangup("1.1"));
  expect((await failureOf(store.append("0367", hangup("1.1")))).code).toBe("EBUSY");
  await others;
  const late = store.append("0367", hangup("1.2"));
  realFs.close(held);
  await late;
  expect(readFiles(dir, "0367")["events.log"]).toBe(line("1.2"));
});

it("refuses what comes after its end, and finishes what came before", async () => {
  const dir = tempFolder();
  const store = openForTest({ dir, clock, durability: "synced" });
  const before = store.append("0367", hangup("1.1"));
  await store.close();
  await before;
  expect((await failureOf(store.append("0367", hangup("1.2")))).code).toBe("ECLOSED");
});

it("keeps few descriptors open for a thousand enterprises", async () => {
  const dir = tempFolder();
  const store = openForTest({ dir, clock: handTime(NOON) });
  const openNow = (): number => readdirSync("/proc/self/fd").length;
  const before = openNow();
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(
      Array.from({ length: 1000 }, (_, index) => store.append(`e${index}`, hangup(`1.${round}`))),
    );
  }
  expect(openNow() - before).toBeLessThanOrEqual(130);
  expect(readFiles(dir, "e999")["events.log"]).toBe(line("1.0") + line("1.1") + line("1.2"));
  await store.close();
  expect(openNow()).toBeLessThanOrEqual(before + 1);
});

const isRun = hasSmallDisk();

describe("a really full disk", () => {
  it.skipIf(!isRun)(
    isRun
      ? "refuses whole lines only, and goes on when there is room"
      : "is not tried: this machine does not let us mount a tmpfs",
    async () => {
      const mounted = mountSmall();
      try {
        const dir = join(mounted, "call_tracer");
        const store = openForTest({ dir, clock });
        const written: string[] = [];
        let failure: TraceWriteError | undefined;
        for (let index = 0; index < 1000 && failure === undefined; index += 1) {
          const record = hangup(`1.${index}`, { Pad: "x".repeat(997) });
          await store.append("0367", record).then(
            () => written.push(`1.${index}`),
            (cause: TraceWriteError) => {
              failure = cause;
            },
          );
        }
        expect(failure?.code).toBe("ENOSPC");
        expect(await openForTest({ dir, clock }).check()).toMatchObject({ ok: false });
        const ids = (): string[] =>
          (readFiles(dir, "0367")["events.log"] ?? "")
            .split("\n")
            .map((text) => text.split("|")[3] ?? "");
        expect(ids()).toEqual([...written, ""]);
        rmSync(join(dir, "0367/events.log"));
        await store.append("0367", hangup("2.1"));
        expect(await store.check()).toEqual({ ok: true });
        expect(ids()).toEqual(["2.1", ""]);
        await store.close();
      } finally {
        unmount(mounted);
      }
    },
  );
});
