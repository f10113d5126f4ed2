// What the outbox promises, with servers that do as they are told: the faults that real ones show when they like.

import { describe, expect, it } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { silentLog } from "../../lib/log.ts";
import { openSpool } from "../../lib/spool.ts";
import { TraceWriteError } from "../errors.ts";
import { BusError, type PublishOptions, type StreamState } from "./bus.ts";
import { AGAIN_HEADER, surplusLine } from "./message.ts";
import type { Place } from "./place.ts";
import { Publisher } from "./publisher.ts";

type Sent = { readonly subject: string; readonly text: string; readonly options: PublishOptions };

/** Servers: what was sent to them, and how they answer. */
const world = (
  dir: string,
  more: { readonly waitMs?: number; readonly now?: () => number } = {},
) => {
  const sent: Sent[] = [];
  const state = {
    epoch: "one",
    isAway: false,
    isSilent: false,
    seq: 0,
    place: { epoch: "one", phase: "open", seq: 0, at: 1, openAt: 1 } as Place,
  };
  const bus = {
    maxBytes: 100_000,
    publish: async (subject: string, text: string, options: PublishOptions = {}) => {
      if (state.isAway) throw new BusError("away", "the servers are away");
      sent.push({ subject, text, options });
      if (state.isSilent) return new Promise<never>(() => undefined);
      state.seq += 1;
      return { seq: state.seq, duplicate: false };
    },
    state: async (): Promise<StreamState> => ({
      epoch: state.epoch,
      first: 1,
      last: state.seq,
      replicas: 1,
      awayServers: [],
    }),
  };
  const spool = openSpool({ dir, maxBytes: 1e6, onLost: () => undefined });
  const publisher = new Publisher({
    bus,
    spool,
    dir,
    clock: { now: more.now ?? Date.now },
    log: silentLog,
    place: () => state.place,
    readsSince: () => 0,
    waitMs: more.waitMs ?? 20,
  });
  return { sent, state, spool, publisher };
};

const record = (number: number) => ({
  kind: "AST" as const,
  event: "start",
  uniqueId: `1764493655.${number}`,
  body: { Phone: "375295305942", Mark: String(number) },
});
const plain = { isGiven: false, isForFiles: false };
const marks = (sent: readonly Sent[]): string[] =>
  sent.map(({ text }) => /"Mark":"(\d+)"/.exec(text)?.[1] ?? text);
const idsOf = (sent: readonly Sent[]): string[] => sent.map(({ options }) => options.id ?? "");
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe("what a process records in a cluster", () => {
  it("is answered for by the stream, and stays on the disk until it is in the files", () =>
    inTempDir(async (dir) => {
      const { sent, publisher, spool } = world(dir);
      await Promise.all([1, 2, 3].map((number) => publisher.append("0367", record(number), plain)));
      expect(marks(sent)).toEqual(["1", "2", "3"]);
      expect(spool.waitingBytes()).toBeGreaterThan(0);
      // Not in the order in which it was written: only a beginning can be let go.
      publisher.taken(idsOf(sent).slice(1));
      expect(spool.waitingBytes()).toBeGreaterThan(0);
      publisher.taken(idsOf(sent).slice(0, 1));
      expect(spool.waitingBytes()).toBe(0);
      await publisher.close(0);
    }));

  it("is answered for by the outbox where the stream is silent, and at once where it is known to be away", () =>
    inTempDir(async (dir) => {
      const { state, publisher } = world(dir, { waitMs: 60 });
      state.isSilent = true;
      const began = performance.now();
      await publisher.append("0367", record(1), plain);
      expect(performance.now() - began).toBeGreaterThan(50);
      expect(publisher.state().late).toBe(1);
      await publisher.close(0);
    }).then(() =>
      inTempDir(async (dir) => {
        const { state, publisher } = world(dir, { waitMs: 60_000 });
        state.isAway = true;
        await publisher.append("0367", record(1), plain);
        expect(publisher.state().isAway).toBe(true);
        await publisher.append("0367", record(2), plain);
        await publisher.close(0);
      }),
    ));

  it("comes in its order when the servers are back, once, whatever was recorded meanwhile", () =>
    inTempDir(async (dir) => {
      const { state, sent, publisher, spool } = world(dir);
      await publisher.append("0367", record(1), plain);
      publisher.taken(idsOf(sent));
      state.isAway = true;
      for (const number of [2, 3]) await publisher.append("0367", record(number), plain);
      await publisher.append("0368", record(4), plain);
      state.isAway = false;
      await until(() => sent.length === 4);
      expect(marks(sent)).toEqual(["1", "2", "3", "4"]);
      publisher.taken(idsOf(sent));
      await until(() => spool.waitingBytes() === 0);
      await publisher.append("0367", record(5), plain);
      expect(marks(sent)).toEqual(["1", "2", "3", "4", "5"]);
      await publisher.close(0);
    }));

  it("is published by the next process, as what may be on record already", () =>
    inTempDir(async (dir) => {
      const first = world(dir);
      first.state.isAway = true;
      await first.publisher.append("0367", record(1), plain);
      await first.publisher.close(0);
      const next = world(dir, { now: () => Date.now() + 1000 });
      await until(() => next.sent.length === 1);
      expect(next.sent[0]?.options.headers).toEqual({ [AGAIN_HEADER]: "1" });
      // Its time is that of its receipt, since its stamp will be that of now.
      expect(next.sent[0]?.text).toContain('"EventTime":"');
      await next.publisher.close(0);
    }));

  it("is published again into a stream that is another one", () =>
    inTempDir(async (dir) => {
      const { state, sent, publisher, spool } = world(dir);
      await publisher.append("0367", record(1), plain);
      expect(sent.length).toBe(1);
      state.epoch = "two";
      state.place = { ...state.place, epoch: "two", seq: 99 };
      publisher.look();
      await until(() => sent.length === 2);
      expect(idsOf(sent)[1]).toBe(idsOf(sent)[0] ?? "");
      expect(sent[1]?.options.headers).toEqual({ [AGAIN_HEADER]: "1" });
      expect(spool.waitingBytes()).toBeGreaterThan(0);
      publisher.taken(idsOf(sent));
      await until(() => spool.waitingBytes() === 0);
      await publisher.close(0);
    }));

  it("is answered when it is in the files, where somebody reads it back from them", () =>
    inTempDir(async (dir) => {
      const { state, sent, publisher } = world(dir);
      let isAnswered = false;
      state.place = { ...state.place, seq: 1000 };
      void publisher.append("0367", record(1), { isGiven: false, isForFiles: true }).then(() => {
        isAnswered = true;
      });
      await until(() => sent.length === 1);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(isAnswered).toBe(false);
      publisher.taken(idsOf(sent));
      await until(() => isAnswered);
      await publisher.close(0);
    }));

  it("is refused where neither the disk nor the stream takes it, and answered where the stream alone does", () =>
    inTempDir(async (dir) => {
      const folder = join(dir, "outbox");
      const { state, publisher } = world(folder);
      // A file where the folder was: the disk takes nothing, also of root.
      rmSync(folder, { recursive: true });
      writeFileSync(folder, "");
      await publisher.append("0367", record(1), plain);
      state.isSilent = true;
      const refused = publisher.append("0367", record(2), plain);
      expect(await refused.catch((error: unknown) => error)).toBeInstanceOf(TraceWriteError);
      rmSync(folder);
      await publisher.close(0);
    }));

  it("is given to the others where they may lack it, with its time, its number, and as no news where it is old", () =>
    inTempDir(async (dir) => {
      const now = 1_764_493_655_000;
      const { sent, state, publisher, spool } = world(dir, { now: () => now });
      state.isAway = true;
      const fields = 'AST|hangup|1764493655.1|{"EventId":"e-1"}';
      publisher.give([
        surplusLine("0367", { at: now - 60_000, fields }, 1),
        surplusLine("0367", { at: now - 3_600_000, fields: fields.replace("e-1", "e-2") }, 1),
        surplusLine("0367", { at: now, fields: "TG|send|1|start|7|1764493655.1|Звонок" }, 2),
      ]);
      // What the next process finds.
      expect(spool.waitingBytes()).toBeGreaterThan(0);
      await publisher.append("0367", record(4), plain);
      state.isAway = false;
      await until(() => sent.length === 4);
      expect(sent.map(({ text }) => text)).toEqual([
        'AST|hangup|1764493655.1|{"EventId":"e-1","EventTime":"1764493595.000"}',
        'AST|hangup|1764493655.1|{"EventId":"e-2","EventTime":"1764490055.000","_recovered":true}',
        "TG|send|1|start|7|1764493655.1|Звонок",
        expect.stringContaining('"Mark":"4"'),
      ]);
      expect(sent.map(({ options }) => options.headers?.[AGAIN_HEADER])).toEqual([
        ...["1", "1", "2", "1"],
      ]);
      expect(new Set(idsOf(sent)).size).toBe(4);
      publisher.taken(idsOf(sent));
      await until(() => spool.waitingBytes() === 0);
      await publisher.close(0);
    }));
});
