// The viewer on a real port over real files, with open pages: a log engine and a follower of its own, the clock and all
// long waits moved by hand. Waits under a second are the machine's.

import type { Enterprise } from "../../src/domain/enterprise.ts";
import { idKey, type StoredRecord } from "../../src/domain/record.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { openLog } from "../../src/lib/log.ts";
import { callPath, callToken, createViewerApp, type ViewerOptions } from "../../src/pages/index.ts";
import type { PageUpdate } from "../../src/pages/live-frame.ts";
import { openFollower, openTraceStore } from "../../src/store/index.ts";
import { CALL_TIMEOUT_MS, T0 } from "../support/calls.ts";
import { type EventReader, openEvents } from "../support/event-stream.ts";
import { type HandTime, handTime } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

export const ID = `${T0 / 1000}.1`;
const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";

export type LiveWorld = {
  readonly time: HandTime;
  readonly base: string;
  readonly secret: string;
  /** May be changed while the world runs. */
  readonly enterprise: { -readonly [K in keyof Enterprise]: Enterprise[K] };
  readonly directory: { isDown: boolean };
  /** How often the call of an id was read so far. */
  readonly reads: (uniqueId?: string) => number;
  /** Enterprises that are followed now. */
  readonly followed: () => number;
  readonly streams: () => number;
  readonly log: readonly string[];
  readonly stopping: AbortController;
  /** Opens the page's stream without a network between, which takes only so many connections. */
  handle(): Promise<Response>;
  /** Appends as another process would: through a log engine of its own. */
  append(...records: readonly StoredRecord[]): Promise<void>;
  page(query?: string): Promise<string>;
  open(query?: string, headers?: Readonly<Record<string, string>>): Promise<EventReader>;
  /** The path of the live page of an id, with the token of a link that opens it alone. */
  link(uniqueId: string, lastsMs: number): Promise<string>;
};

const SHORT_MS = 1000;

/** Runs `work` in a fresh world, at `T0`. */
export const inLiveWorld = (
  work: (world: LiveWorld) => Promise<void>,
  over: Partial<ViewerOptions> | ((dir: string, clock: Clock) => Partial<ViewerOptions>) = {},
): Promise<void> =>
  inTempDir(async (dir) => {
    await using closing = new AsyncDisposableStack();
    const time = handTime(T0);
    const clock = time;
    const store = openTraceStore({ dir, clock });
    closing.defer(() => store.close());
    const otherStore = openTraceStore({ dir, clock });
    closing.defer(() => otherStore.close());
    const follower = openFollower(dir);
    closing.defer(() => follower.close());
    const enterprise = {
      number: "0367",
      name: "ООО Ромашка",
      webhookToken: "375290000001",
      secret: SECRET,
      botToken: null,
      active: true,
    };
    const directory = { isDown: false };
    const found: string[] = [];
    const log: string[] = [];
    const stopping = new AbortController();
    let streams = 0;
    let followed = 0;
    const app = createViewerApp({
      directory: {
        enterpriseByNumber: async (number) => {
          if (directory.isDown) throw new Error("down");
          return number === enterprise.number ? { ...enterprise } : undefined;
        },
      },
      trace: {
        find: (number, keys, part) => {
          // A call is looked for by its id alone first, near the moment that the id tells.
          if (keys.length === 1 && part?.part !== "far") found.push(keys[0] ?? "");
          return store.find(number, keys, part);
        },
      },
      follow: async (number, options) => {
        followed += 1;
        const stop = await follower.follow(number, options);
        return () => {
          followed -= 1;
          stop();
        };
      },
      after: (delayMs, then) => {
        if (delayMs >= SHORT_MS) return time.at(clock.now() + delayMs, then);
        const timer = setTimeout(then, delayMs);
        return () => clearTimeout(timer);
      },
      clock,
      log: openLog({ level: "warn", pretty: false, write: (line) => log.push(line) }),
      lang: "ru",
      timeZone: "Europe/Minsk",
      callTimeoutMs: CALL_TIMEOUT_MS,
      stopping: stopping.signal,
      onStreams: (open) => {
        streams = open;
      },
      health: async () => ({ status: 200, body: {} }),
      ...(typeof over === "function" ? over(dir, clock) : over),
    });
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
    app.server = server;
    closing.defer(() => server.stop(true));
    const base = `http://127.0.0.1:${server.port}`;
    const pathOf = (uniqueId: string, query: string): string =>
      `${callPath({ enterprise: "0367", uniqueId }, SECRET)}${query}`;
    const live = (path: string): string => base + path.replace("?", "/live?");
    await work({
      time,
      base,
      secret: SECRET,
      enterprise,
      directory,
      stopping,
      log,
      reads: (uniqueId = ID) => found.filter((key) => key === idKey(uniqueId)).length,
      followed: () => followed,
      streams: () => streams,
      handle: () => app.handle(new Request(live(pathOf(ID, "")))),
      append: async (...records) => {
        for (const record of records) {
          if (record.kind !== "SQL") await otherStore.append("0367", record);
        }
      },
      page: async (query = "") => {
        const accept = { accept: "text/html" };
        return (await fetch(base + pathOf(ID, query), { headers: accept })).text();
      },
      open: (query = "", headers = {}) =>
        openEvents(query.startsWith("/") ? base + query : live(pathOf(ID, query)), headers),
      link: async (uniqueId, lastsMs) => {
        const scope = { enterprise: "0367", uniqueId };
        const token = await callToken(SECRET, scope, clock.now() + lastsMs);
        return live(callPath(scope, token)).slice(base.length);
      },
    });
  });

/** What an open page shows, built from nothing but what it was told. */
export type Shown = { [part: string]: string | readonly string[] };

/** Does to the page what its script does. */
export const apply = (shown: Shown, update: PageUpdate): Shown => {
  const { sections = {}, records, replaced, ...texts } = update;
  const rows = (replaced ?? shown["records"] ?? []) as readonly string[];
  return { ...shown, ...sections, ...texts, records: [...rows, ...(records ?? [])] };
};
