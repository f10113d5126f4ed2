// The recent calls of enterprises, over the files of a data folder. Rows come from books of whole files where there are
// any; a page that cannot wait for one is read from the file's end. Books are made in the background, in slices, one at
// a time, the newest day first, and only for enterprises whose calls somebody asked for.

import type { FindRecords } from "../call/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import {
  createPacer,
  dayFiles,
  openDay,
  openTraceReader,
  type TraceStore,
} from "../trace/index.ts";
import type { Layer } from "./day-book.ts";
import { newestCalls } from "./newest.ts";
import { createFilter, layerOver, newestOf, type Walk, walkOver, wantedRow } from "./select.ts";
import { createShelf, type Reading, type ShelfFile } from "./shelf.ts";
import { summarise } from "./summary.ts";
import { StaleTableError } from "./table.ts";
import type { CallHistory, CallRow } from "./types.ts";

export type HistoryOptions = {
  /** The data folder. */
  readonly dir: string;
  readonly clock: Clock;
  /** Silence after which a call counts as over, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly log: Log;
  /** Looks records up by key; default: a reader of its own over `dir`. */
  readonly find?: TraceStore["find"];
  /**
   * For a command that looks in once, beside a running service or without one: writes nothing, does nothing in the
   * background, and answers when everything wanted has been read, however long that takes.
   */
  readonly isReadOnly?: boolean;
  /** Files smaller than this are read again by every process rather than kept, in bytes; default 64 KiB. */
  readonly minKeptBytes?: number;
};

export type OpenHistory = CallHistory & {
  /** Resolves when nothing is being made in the background. */
  idle(): Promise<void>;
};

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MAX_SUMMARY_MS = 26 * HOUR_MS;
/** Up to this much of a file is read while somebody waits, and of all files together. In bytes. */
const promptBytes = 1024 * 1024;
const promptTotalBytes = 2 * promptBytes;
/** The machine's share for others while books are made, in milliseconds between slices. */
const restMs = 2;
/** How often running files are read on though nobody asks, in milliseconds, and for how long after the last time. */
const followMs = 10_000;
const followForMs = HOUR_MS;
const maxAttempts = 5;

/** Opens the history of a data folder. Whoever opens it closes it. */
export const openHistory = (options: HistoryOptions): OpenHistory => {
  const { dir, clock, callTimeoutMs, log, isReadOnly = false, minKeptBytes = 64 * 1024 } = options;
  const find = options.find ?? openTraceReader(dir).find;
  const shelf = createShelf({
    ...{ dir, callTimeoutMs, isReadOnly, minKeptBytes },
    now: () => clock.now(),
    find:
      (enterprise): FindRecords =>
      (keys) =>
        find(enterprise, keys),
  });
  /** When each enterprise's calls were asked for last. */
  const askedAt = new Map<string, number>();
  const queue = new Set<string>();
  /** Enterprises whose running day is being read at length: nobody waits for that. */
  const catchingUp = new Set<string>();
  const locks = new Map<string, Promise<unknown>>();
  let making: Promise<void> | undefined;
  let isClosed = false;

  /** One at a time for each file, whatever its name. */
  const alone = <T>(file: ShelfFile, work: () => Promise<T>): Promise<T> => {
    const name = `${file.facts.dev}.${file.facts.ino}`;
    const done = (locks.get(name) ?? Promise.resolve()).then(work, work);
    const settled = done
      .catch(() => undefined)
      .finally(() => {
        if (locks.get(name) === settled) locks.delete(name);
      });
    locks.set(name, settled);
    return done;
  };

  /** Newest first. */
  const filesOf = async (enterprise: string): Promise<ShelfFile[]> => {
    const files = await dayFiles(dir, enterprise);
    return files.map((file, index) => ({ ...file, before: files[index - 1] })).reverse();
  };

  const patient: Reading = { restMs: 0, isWanted: () => true };

  /** The rows of a file; undefined where they are not known and `mayRead` says that they may not be read now. */
  const layersOf = async (
    enterprise: string,
    file: ShelfFile,
    mayRead: (bytes: number) => boolean,
  ): Promise<readonly Layer[] | undefined> => {
    if (file.isRunning) {
      if (catchingUp.has(enterprise)) return undefined;
      if (!mayRead(shelf.behind(enterprise, file))) return undefined;
      const read = await alone(file, () => shelf.readOn(enterprise, file, patient));
      return read?.layers ?? [];
    }
    const known = await shelf.known(enterprise, file);
    if (known !== undefined) return [known];
    if (!mayRead(file.facts.size)) return undefined;
    const layer = await alone(file, async () => {
      return (
        (await shelf.known(enterprise, file)) ?? (await shelf.finish(enterprise, file, patient))
      );
    });
    return layer === undefined ? [] : [layer];
  };

  /** What may be read while somebody waits for one answer. */
  const budget = (): ((bytes: number) => boolean) => {
    let left = isReadOnly ? Number.POSITIVE_INFINITY : promptTotalBytes;
    return (bytes) => {
      if (!isReadOnly && bytes > Math.min(promptBytes, left)) return false;
      left -= bytes;
      return true;
    };
  };

  const followRunning = async (
    enterprise: string,
    file: ShelfFile,
    reading: Reading,
  ): Promise<void> => {
    const isLong = shelf.behind(enterprise, file) > promptBytes;
    if (isLong) catchingUp.add(enterprise);
    try {
      const read = await alone(file, () => shelf.readOn(enterprise, file, reading));
      await read?.keep?.().catch(() => undefined);
    } finally {
      if (isLong) catchingUp.delete(enterprise);
    }
  };

  const make = async (enterprise: string): Promise<void> => {
    const reading: Reading = { restMs, isWanted: () => !isClosed };
    for (const file of await filesOf(enterprise)) {
      if (isClosed) return;
      try {
        if (file.isRunning) {
          if (shelf.behind(enterprise, file) === 0) continue;
          await followRunning(enterprise, file, reading);
        } else if (!shelf.isKnown(enterprise, file)) {
          await alone(file, async () => {
            if ((await shelf.known(enterprise, file)) === undefined) {
              await shelf.finish(enterprise, file, reading);
            }
          });
        }
      } catch (error) {
        log.warn("cannot read a day's calls; they are missing in the list of calls", {
          ...{ enterprise, file: file.name, error },
        });
      }
    }
  };

  const order = (enterprise: string): void => {
    if (isReadOnly || isClosed) return;
    queue.add(enterprise);
    making ??= (async () => {
      for (const next of queue) {
        queue.delete(next);
        if (!isClosed) await make(next);
      }
    })()
      .catch((error: unknown) => log.warn("cannot read the days of an enterprise", { error }))
      .finally(() => {
        making = undefined;
        const [waiting] = queue;
        if (waiting !== undefined) order(waiting);
      });
  };

  const follow = setInterval(() => {
    for (const [enterprise, at] of askedAt) {
      if (Math.abs(clock.now() - at) < followForMs) order(enterprise);
      else askedAt.delete(enterprise);
    }
  }, followMs);
  follow.unref();
  if (isReadOnly) clearInterval(follow);

  const asked = (enterprise: string): void => {
    askedAt.set(enterprise, clock.now());
  };

  const callsOnce: CallHistory["calls"] = async (enterprise, query, { limit, before }) => {
    const moment = { now: clock.now(), callTimeoutMs };
    const filter = createFilter(query);
    const upTo = Math.min(
      filter.to,
      before === undefined ? Number.POSITIVE_INFINITY : before.startedAt + 1,
    );
    const mayRead = budget();
    const files = await filesOf(enterprise);
    if (files.length > 0) asked(enterprise);
    const over = layerOver();
    const walks: Walk[] = [];
    const add = async (layer: Layer): Promise<void> => {
      walks.push(await walkOver(await over(layer), filter, before));
    };
    const rows: CallRow[] = [];
    const pacer = createPacer();
    let isComplete = true;
    let isMore = false;
    /** Rows that began before cannot be told. */
    let since = Number.NEGATIVE_INFINITY;
    /** The newest file that is not known. */
    let unread: ShelfFile | undefined;
    let next = 0;
    while (!isMore) {
      const best = newestOf(walks);
      const bestAt = best?.nextAt() ?? Number.NEGATIVE_INFINITY;
      const file = files[next];
      if (unread !== undefined && bestAt < unread.from + DAY_MS) {
        if (rows.length >= limit) break;
        isComplete = false;
        const day = await openDay(dir, enterprise, unread);
        if (day === undefined) break;
        try {
          const wanted = {
            enterprise,
            ...moment,
            upTo,
            limit: isFiltered(query) ? undefined : limit,
          };
          const newest = await newestCalls(day, wanted);
          await add(newest.layer);
          since = newest.since;
        } finally {
          await day.close();
        }
        unread = undefined;
        next = files.length;
        continue;
      }
      if (unread === undefined && file !== undefined && bestAt < file.from + 2 * DAY_MS) {
        // Nothing of it, or of older files, began as late as what is wanted.
        if (file.from + 2 * DAY_MS <= filter.from) {
          next = files.length;
          continue;
        }
        next += 1;
        const layers = await layersOf(enterprise, file, mayRead);
        if (layers !== undefined) for (const layer of layers) await add(layer);
        else if (file.from < upTo) unread = file;
        // Newer than what is wanted: only a call that went on for days could be missing.
        else if (file.from < upTo + callTimeoutMs) isComplete = false;
        if (layers === undefined) order(enterprise);
        continue;
      }
      if (best === undefined || bestAt < since) {
        if (since !== Number.NEGATIVE_INFINITY) isComplete = false;
        break;
      }
      const entry = best.take();
      const row = entry === undefined ? undefined : wantedRow(entry, filter, moment);
      if (row === undefined) continue;
      if (rows.length === limit) isMore = true;
      else rows.push(row);
      await pacer.pause();
    }
    const last = rows.at(-1);
    const isCut = isMore || !isComplete || unread !== undefined;
    const place =
      last === undefined ? before : { startedAt: last.startedAt, uniqueId: last.uniqueId };
    return { rows, next: isCut ? place : undefined, isComplete };
  };

  const summaryOnce: CallHistory["summary"] = async (enterprise, from, given) => {
    const to = Math.min(given, from + MAX_SUMMARY_MS);
    const mayRead = budget();
    const over = layerOver();
    const layers: Layer[] = [];
    let isComplete = true;
    const files = await filesOf(enterprise);
    if (files.length > 0) asked(enterprise);
    for (const file of files) {
      if (file.from + 2 * DAY_MS <= from) break;
      const own = await layersOf(enterprise, file, mayRead);
      if (own !== undefined) for (const layer of own) layers.push(await over(layer));
      else {
        order(enterprise);
        if (file.from < to + callTimeoutMs) isComplete = false;
      }
    }
    return summarise(layers, from, to, { now: clock.now(), callTimeoutMs }, isComplete);
  };

  /** Somebody may remove a list beside its day, or write another one, in the middle of an answer. */
  const again = async <T>(enterprise: string, work: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (cause) {
        if (!(cause instanceof StaleTableError) || attempt === maxAttempts) throw cause;
        shelf.forget(enterprise);
      }
    }
  };

  const idle = async (): Promise<void> => {
    while (making !== undefined || locks.size > 0) {
      await making;
      await Promise.all(locks.values());
    }
  };

  return {
    calls: (enterprise, query, page) => again(enterprise, () => callsOnce(enterprise, query, page)),
    summary: (enterprise, from, to) => again(enterprise, () => summaryOnce(enterprise, from, to)),
    idle,
    close: async () => {
      isClosed = true;
      clearInterval(follow);
      queue.clear();
      await idle();
      await shelf.keepAll();
    },
  };
};

const isFiltered = ({
  number,
  extension,
  directions,
  statuses,
}: Parameters<typeof createFilter>[0]): boolean =>
  [number, extension, directions, statuses].some((given) => given !== undefined);
