// What waits on disk: order, crashes at any moment, a full spool, a full disk, answers that mean different things.

import { describe, expect, it } from "bun:test";
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { silentLog } from "../../src/lib/log.ts";
import { openSpool, type Spool } from "../../src/lib/spool.ts";
import { answerOf, type Delivery, type DeliveryAnswer } from "../../src/sources/outbox/delivery.ts";
import { createOutbox } from "../../src/sources/outbox/outbox.ts";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import { handTime, until } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const MIB = 1024 * 1024;
const away: DeliveryAnswer = { kind: "later", reason: "nothing listens there", needsHelp: false };
const taken: DeliveryAnswer = { kind: "taken" };

const event = (number: number, more = ""): AgentEvent => ({
  event: "dial",
  body: { UniqueId: `1795333350.${number}`, EventId: `e-${number}`, ...(more && { more }) },
});

/** A spool whose lines do not get to the disk while `isFull` says so. */
const fullSpool = (spool: Spool, isFull: () => boolean): Spool => ({
  append: (lines) => {
    if (isFull()) throw new Error("ENOSPC: no space left on device");
    return spool.append(lines);
  },
  peek: () => spool.peek(),
  advance: (place) => spool.advance(place),
  save: () => spool.save(),
  waitingBytes: () => spool.waitingBytes(),
  close: () => spool.close(),
});

const open = (dir: string, maxBytes = 256 * MIB, wrap = (spool: Spool): Spool => spool) => {
  const time = handTime();
  const state: { answer: DeliveryAnswer; offered: number; fault?: Error | undefined } = {
    answer: away,
    offered: 0,
  };
  const got: AgentEvent[] = [];
  const logged: string[] = [];
  const say = (message: string, fields = {}): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const delivery: Delivery = {
    deliver: async (offered) => {
      state.offered += 1;
      if (state.fault !== undefined) throw state.fault;
      if (state.answer.kind === "taken") got.push(offered);
      return state.answer;
    },
  };
  const outbox = createOutbox({
    openSpool: (onLost) => wrap(openSpool({ dir, maxBytes, onLost })),
    delivery,
    clock: time,
    scheduler: time,
    random: () => 0,
    log: { ...silentLog, info: say, warn: say, error: say },
  });
  const ids = (): unknown[] => got.map(({ body }) => body["EventId"]);
  return { outbox, time, state, got, ids, logged };
};

const expectedIds = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, number) => `e-${number + from}`);

describe("the outbox", () => {
  it("keeps the order while the server comes and goes, and tells of it once each", async () => {
    await inTempDir(async (dir) => {
      const { outbox, time, state, ids, logged } = open(dir);
      for (let number = 0; number < 50; number++) await outbox.put(event(number));
      await until(() => state.offered === 1);
      time.pass(400);
      expect(state.offered).toBe(1);
      time.pass(100);
      await until(() => state.offered === 2);
      state.answer = taken;
      time.pass(1000);
      for (let number = 50; number < 100; number++) await outbox.put(event(number));
      await until(() => ids().length === 100);
      expect(ids()).toEqual(expectedIds(100));
      await until(() => logged.length === 2);
      expect(logged[0]).toContain("events wait on disk");
      expect(logged[1]).toContain("caught up");
      await outbox.close(0);
    });
  });

  it("marks what waited longer than half a minute, and only that", async () => {
    await inTempDir(async (dir) => {
      const { outbox, time, state, got } = open(dir);
      await outbox.put(event(1));
      await until(() => state.offered === 1);
      time.pass(31_000);
      await outbox.put(event(2));
      state.answer = taken;
      await until(() => {
        time.pass(100);
        return got.length === 2;
      });
      expect(got.map(({ body }) => body["_recovered"])).toEqual([true, undefined]);
      await outbox.close(0);
    });
  });

  it("goes on when somebody takes its files or its folder away", async () => {
    await inTempDir(async (dir) => {
      const { outbox, time, state, ids, logged } = open(dir);
      await outbox.put(event(0));
      await until(() => state.offered === 1);
      rmSync(join(dir, "0000000001.jsonl"));
      state.answer = taken;
      await until(() => {
        time.pass(1000);
        return logged.some((line) => line.includes("are damaged"));
      });
      await outbox.put(event(1));
      await until(() => ids().includes("e-1"));
      rmSync(dir, { recursive: true });
      await outbox.put(event(2));
      await outbox.put(event(3));
      await until(() => ids().includes("e-3"));
      expect(ids()).toEqual(["e-1", "e-2", "e-3"]);
      await outbox.close(0);
    });
  });

  it("takes more when it is full and somebody made room by hand", async () => {
    await inTempDir(async (dir) => {
      const { outbox, state, ids, time } = open(dir, 16 * 1024);
      for (let number = 0; number < 25; number++) await outbox.put(event(number, "x".repeat(500)));
      const segments = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
      expect(segments.length).toBeGreaterThan(3);
      for (const name of segments.slice(0, 2)) rmSync(join(dir, name));
      let put = 25;
      void (async () => {
        for (; put < 50; put++) await outbox.put(event(put, "x".repeat(500)));
      })();
      await until(() => put === 50);
      state.answer = taken;
      await until(() => {
        time.pass(1000);
        return ids().includes("e-49");
      });
      await outbox.close(0);
    });
  });

  it("is not ended by a delivery that throws, or by a line without a body", async () => {
    await inTempDir(async (dir) => {
      writeFileSync(join(dir, "0000000001.jsonl"), '{"at":1,"event":"dial","body":null}\n');
      const { outbox, time, state, ids, logged } = open(dir);
      await until(() => logged.some((line) => line.includes("are damaged")));
      state.answer = taken;
      state.fault = new Error("a fault");
      await outbox.put(event(1));
      await until(() => state.offered === 1);
      state.fault = undefined;
      await until(() => {
        time.pass(1000);
        return ids().length > 0;
      });
      expect(ids()).toEqual(["e-1"]);
      await outbox.close(0);
    });
  });

  it("hands over what an earlier process left, whatever of it was torn", async () => {
    await inTempDir(async (dir) => {
      const first = open(dir);
      for (let number = 0; number < 30; number++) await first.outbox.put(event(number));
      // As it stands on disk at a kill -9: nothing is closed, a line is half there, the place is torn.
      const segment = join(dir, "0000000001.jsonl");
      appendFileSync(segment, '{"at":1,"event":"dia');
      writeFileSync(join(dir, "position.new"), "1 4");
      const second = open(dir);
      second.state.answer = taken;
      for (let number = 30; number < 40; number++) await second.outbox.put(event(number));
      await until(() => {
        second.time.pass(100);
        return second.ids().length === 40;
      });
      expect(second.ids()).toEqual(expectedIds(40));
      await second.outbox.close(0);
      const third = open(dir);
      third.state.answer = taken;
      await third.outbox.put(event(99));
      await until(() => third.ids().length > 0);
      expect(third.ids()).toEqual(["e-99"]);
      await third.outbox.close(0);
    });
  });

  it("drops the oldest when it is full, never grows beyond its size, and counts", async () => {
    await inTempDir(async (dir) => {
      const { outbox, time, state, ids, logged } = open(dir, 64 * 1024);
      const long = "x".repeat(500);
      for (let number = 0; number < 1000; number++) await outbox.put(event(number, long));
      const size = readdirSync(dir)
        .filter((name) => name.endsWith(".jsonl"))
        .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
      expect(size).toBeLessThanOrEqual(64 * 1024);
      state.answer = taken;
      await until(() => {
        time.pass(500);
        return ids().at(-1) === "e-999";
      });
      const kept = ids().length;
      expect(kept).toBeGreaterThan(50);
      expect(ids()).toEqual(expectedIds(kept, 1000 - kept));
      await until(() => logged.some((line) => line.includes("caught up")));
      expect(logged.filter((line) => line.includes("spool is full"))).toHaveLength(1);
      expect(logged.at(-1)).toContain(`"dropped":${1000 - kept}`);
      await outbox.close(0);
    });
  });

  it("keeps its sender waiting while the disk is full, and loses nothing", async () => {
    await inTempDir(async (dir) => {
      let isFull = true;
      const { outbox, time, state, ids, logged } = open(dir, MIB, (spool) =>
        fullSpool(spool, () => isFull),
      );
      state.answer = taken;
      let isPut = false;
      const putting = outbox.put(event(0)).then(() => {
        isPut = true;
      });
      await until(() => logged.length === 1);
      time.pass(5000);
      expect(isPut).toBe(false);
      isFull = false;
      await until(() => {
        time.pass(1000);
        return isPut;
      });
      await putting;
      await until(() => ids().length === 1);
      await outbox.close(0);
    });
  });

  /** An outbox whose disk takes nothing while `disk.isFull`. */
  const openFull = (dir: string) => {
    const disk = { isFull: true };
    const opened = open(dir, MIB, (spool) => fullSpool(spool, () => disk.isFull));
    return { ...opened, disk };
  };
  /** Five events that wait for room on the disk, and how many of their senders were let go. */
  const putFive = (outbox: ReturnType<typeof open>["outbox"]): { settled: number } => {
    const puts = { settled: 0 };
    for (let number = 0; number < 5; number++) {
      void outbox.put(event(number)).then(() => {
        puts.settled += 1;
      });
    }
    return puts;
  };
  const lost = (logged: readonly string[]): string[] =>
    logged.filter((line) => line.startsWith("events are lost"));

  it("hands over from memory what a full disk did not take before the stop", async () => {
    await inTempDir(async (dir) => {
      const { outbox, state, ids, logged } = openFull(dir);
      state.answer = taken;
      const puts = putFive(outbox);
      await until(() => logged.length === 1);
      await outbox.close(1000);
      expect(ids()).toEqual(expectedIds(5));
      expect(puts.settled).toBe(5);
      expect(lost(logged)).toEqual([]);
    });
  });

  it("tells how many events are lost where neither the disk nor the server took them", async () => {
    await inTempDir(async (dir) => {
      const { outbox, logged, ids } = openFull(dir);
      const puts = putFive(outbox);
      await until(() => logged.length === 1);
      await outbox.close(1000);
      expect(puts.settled).toBe(5);
      expect(ids()).toEqual([]);
      expect(lost(logged)).toHaveLength(1);
      expect(lost(logged)[0]).toContain('"events":5');
      expect(lost(logged)[0]).toContain("ENOSPC");
      expect(lost(logged)[0]).toContain("make room");
    });
  });

  it("keeps on the disk what there is room for again at the stop", async () => {
    await inTempDir(async (dir) => {
      const full = openFull(dir);
      const puts = putFive(full.outbox);
      await until(() => full.logged.length === 1);
      full.disk.isFull = false;
      await full.outbox.close(0);
      expect(puts.settled).toBe(5);
      expect(lost(full.logged)).toEqual([]);
      const next = open(dir);
      next.state.answer = taken;
      await until(() => {
        next.time.pass(1000);
        return next.ids().length === 5;
      });
      expect(next.ids()).toEqual(expectedIds(5));
      await next.outbox.close(0);
    });
  });

  it("does not let what is held in memory overtake what waits on the disk", async () => {
    await inTempDir(async (dir) => {
      const { outbox, state, ids, disk, logged } = openFull(dir);
      disk.isFull = false;
      await outbox.put(event(100));
      await until(() => state.offered === 1);
      disk.isFull = true;
      putFive(outbox);
      await until(() => logged.length === 2);
      state.answer = taken;
      await outbox.close(1000);
      expect(ids()).toEqual(["e-100", ...expectedIds(5)]);
    });
  });

  it("goes on after an event that is refused for good, and says which", async () => {
    await inTempDir(async (dir) => {
      const { outbox, state, ids, logged } = open(dir);
      state.answer = answerOf(400, "UniqueId is missing");
      await outbox.put(event(1));
      await until(() => logged.length === 1);
      state.answer = taken;
      await outbox.put(event(2));
      await until(() => ids().length === 1);
      expect(ids()).toEqual(["e-2"]);
      expect(logged[0]).toContain("1795333350.1");
      expect(logged[0]).toContain("UniqueId is missing");
      await outbox.close(0);
    });
  });

  it("keeps everything and tries slowly where the token is not known", async () => {
    await inTempDir(async (dir) => {
      const { outbox, time, state, ids } = open(dir);
      state.answer = answerOf(401, "no active enterprise has this token");
      await outbox.put(event(1));
      await until(() => state.offered === 1);
      time.pass(29_000);
      expect(state.offered).toBe(1);
      state.answer = taken;
      time.pass(1000);
      await until(() => ids().length === 1);
      await outbox.close(0);
    });
  });

  it("takes its files away when everything is handed over and they are long", async () => {
    await inTempDir(async (dir) => {
      const { outbox, state, ids } = open(dir, 64 * 1024);
      state.answer = taken;
      for (let number = 0; number < 500; number++) {
        await outbox.put(event(number, "x".repeat(500)));
        // The server keeps up: fewer wait than fit the spool.
        await until(() => ids().length > number - 20);
      }
      await until(() => ids().length === 500);
      expect(ids()).toEqual(expectedIds(500));
      expect(outbox.waitingBytes()).toBe(0);
      expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl")).length).toBeLessThan(3);
      await outbox.close(0);
      expect(readFileSync(join(dir, "position"), "utf8")).toMatch(/^\d+ \d+\n$/);
    });
  });
});
