// Outgoing webhooks as the service brings them, in a world of its own: the real log engine in a fresh folder, a receiver over
// real HTTP, and time that is moved by hand. Time moves only when nothing is under way.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCall } from "../../src/call/index.ts";
import { openHistory } from "../../src/call/list/index.ts";
import { MissedCalls } from "../../src/cards/index.ts";
import { cardIdOf } from "../../src/domain/card-id.ts";
import { idKey, type StoredRecord } from "../../src/domain/record.ts";
import { createPost, HookDesk, type HookStore, openHooks } from "../../src/hooks/index.ts";
import { parseNetwork } from "../../src/lib/addresses.ts";
import type { Log } from "../../src/lib/log.ts";
import { storyOf } from "../../src/pages/index.ts";
import { recentCalls } from "../../src/service/unfinished-calls.ts";
import { type OpenTraceStore, openTraceStore } from "../../src/store/index.ts";
import { CALL_TIMEOUT_MS, T0 } from "./calls.ts";
import { type HandTime, handTime } from "./hand-time.ts";

export const ENTERPRISE = "0367";
export const LOOPBACK = [parseNetwork("127.0.0.0/8")].filter((network) => network !== undefined);

export type HookWorld = AsyncDisposable & {
  readonly dir: string;
  readonly time: HandTime;
  readonly hooks: HookStore;
  readonly trace: OpenTraceStore;
  readonly log: string[];
  readonly desk: () => HookDesk;
  /** Records of attempts cannot be written while this is true. */
  isDiskFull: boolean;
  idle(): Promise<void>;
  pass(ms: number): Promise<void>;
  /** Puts events into the file and tells the desk, each at its time. */
  play(records: readonly StoredRecord[]): Promise<void>;
  /** Puts events into the file while nobody is told. */
  write(records: readonly StoredRecord[]): Promise<void>;
  /** The attempts on record of a call: `type attempt status`. */
  attempts(uniqueId: string): Promise<string[]>;
  /** The process is killed: what it remembered is gone, what it sends is cut off. Another one takes over. */
  restart(): Promise<void>;
};

export const openHookWorld = async (
  options: {
    readonly timeoutMs?: number;
    readonly start?: number;
    readonly maxWaiting?: number;
    readonly allowed?: typeof LOOPBACK;
  } = {},
): Promise<HookWorld> => {
  const dir = mkdtempSync(join(tmpdir(), "calllog-hooks-"));
  const time = handTime(options.start ?? T0 - 60_000);
  const trace = openTraceStore({ dir, clock: time });
  const hooks = openHooks(dir, time);
  const logged: string[] = [];
  const write = (message: string, fields: unknown = {}): void => {
    logged.push(
      `${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? String(value) : value))}`,
    );
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const callTimeoutMs = CALL_TIMEOUT_MS;
  const history = openHistory({ dir, clock: time, callTimeoutMs, log, find: trace.find });
  const rules = { windowMs: 72 * 3_600_000, minWaitMs: 0, country: undefined };
  const start = () => {
    let isDead = false;
    const missed = new MissedCalls({ history, rulesOf: async () => rules, clock: time, log });
    const desk = new HookDesk({
      hooks,
      clock: time,
      scheduler: time,
      log,
      random: () => 0,
      callTimeoutMs,
      ...(options.maxWaiting === undefined ? {} : { maxWaiting: options.maxWaiting }),
      post: createPost({
        allowed: options.allowed ?? LOOPBACK,
        now: time.now,
        ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      }),
      pageOf: async (enterprise, uniqueId) =>
        `https://calls.example.by/call/${enterprise}/${uniqueId}?token=signed`,
      append: (enterprise, record) =>
        isDead || world.isDiskFull
          ? Promise.reject(new Error("no room"))
          : trace.append(enterprise, record),
      recentCalls: (enterprise, since) => recentCalls(dir, enterprise, since),
      find: async (enterprise, uniqueId) => {
        const found = await findCall((...asked) => trace.find(enterprise, ...asked), uniqueId, {
          enterprise,
          now: time.now(),
          callTimeoutMs,
        });
        if (found === undefined) return undefined;
        await missed.followUpOf(found, cardIdOf(found));
        return {
          assembled: found,
          story: await storyOf(found, history, { followUp: rules, country: undefined }),
        };
      },
      concernedBy: ({ assembled }) => missed.concernedBy(assembled, cardIdOf(assembled)),
    });
    return {
      desk,
      die: () => {
        isDead = true;
        void desk.stop();
      },
    };
  };
  const idle = async (): Promise<void> => {
    do {
      await new Promise((resolve) => setImmediate(resolve));
    } while (current.desk.state().underWay > 0);
  };
  const moveTo = async (at: number): Promise<void> => {
    await idle();
    while (time.nextAt() <= at) {
      time.set(Math.max(time.nextAt(), time.now()));
      await idle();
    }
    time.set(at);
  };
  const append = async (record: StoredRecord): Promise<void> => {
    if (record.kind !== "AST") throw new Error("only events are posted");
    const { raw: _, at: __, ...line } = record;
    await trace.append(ENTERPRISE, line);
  };
  const world: HookWorld = {
    dir,
    time,
    hooks,
    trace,
    log: logged,
    isDiskFull: false,
    desk: () => current.desk,
    idle,
    pass: (ms) => moveTo(time.now() + ms),
    play: async (records) => {
      for (const record of records) {
        await moveTo(Math.max(record.at, time.now()));
        await append(record);
        if (record.kind === "AST") current.desk.changed(ENTERPRISE, record);
      }
      await moveTo(time.now() + 1000);
    },
    write: async (records) => {
      for (const record of records) {
        time.set(Math.max(record.at, time.now()));
        await append(record);
      }
    },
    attempts: async (uniqueId) =>
      (await trace.find(ENTERPRISE, [idKey(uniqueId)])).records.flatMap((record) => {
        if (record.kind !== "HTTP") return [];
        const { type, attempt } = JSON.parse(record.request);
        return [`${type} ${attempt} ${record.status}`];
      }),
    restart: async () => {
      current.die();
      current = start();
      current.desk.start();
      await idle();
    },
    [Symbol.asyncDispose]: async () => {
      await current.desk.stop();
      await history.close();
      await trace.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  let current = start();
  current.desk.start();
  return world;
};
