// Keeping the books of a data folder up: who may read a file when, what is read in the background, and for whom. One file
// at a time is read there, in slices, the newest day of an enterprise first, and only where somebody asked for its calls.

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { HOUR_MS } from "../../lib/time.ts";
import { dayFiles } from "../../store/index.ts";
import type { Layer } from "./day-book.ts";
import type { Reading, Shelf, ShelfFile } from "./shelf.ts";
import { StaleTableError } from "./table.ts";

export type UpkeepOptions = {
  readonly dir: string;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly log: Log;
  /** Nothing is done in the background. */
  readonly isReadOnly: boolean;
  /** What a running file's book knows could not be kept on the disk. Must not throw. */
  readonly onFault: (error: unknown) => void;
};

/** More than this of a running file is read in the background alone: nobody waits for it. In bytes. */
export const PROMPT_BYTES = 1024 * 1024;
/** The machine's share for others while books are made, in milliseconds between slices. */
const REST_MS = 2;
/** How often running files are read on though nobody asks, in milliseconds, and for how long after the last time. */
const FOLLOW_MS = 10_000;
const FOLLOW_FOR_MS = HOUR_MS;
const patient: Reading = { restMs: 0, isWanted: () => true };

/** Starts the upkeep of a shelf. Whoever starts it closes it. */
export const createUpkeep = ({ dir, shelf, clock, log, isReadOnly, onFault }: UpkeepOptions) => {
  /** When each enterprise's calls were asked for last. */
  const askedAt = new Map<string, number>();
  const queue = new Set<string>();
  /** Enterprises whose running day is being read at length: nobody waits for that. */
  const catchingUp = new Set<string>();
  const warned = new Set<string>();
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

  /** Once for each state of a file: it is tried again every time. */
  const warn = (enterprise: string, file: ShelfFile, error: unknown): void => {
    const state = `${enterprise}/${file.name} ${file.facts.mtimeMs}`;
    if (warned.has(state)) return;
    warned.add(state);
    log.warn("cannot read a day's calls; they are missing in the list of calls", {
      enterprise,
      file: file.name,
      error,
    });
  };

  /** The rows of a file; undefined where they are not known and `mayRead` says that they may not be read now. */
  const knownLayers = async (
    enterprise: string,
    file: ShelfFile,
    mayRead: (bytes: number) => boolean,
  ): Promise<readonly Layer[] | undefined> => {
    if (file.isRunning) {
      if (catchingUp.has(enterprise)) return undefined;
      if (!mayRead(await shelf.behind(enterprise, file))) return undefined;
      const reading = isReadOnly ? patient : { ...patient, maxBytes: 2 * PROMPT_BYTES };
      const read = await alone(file, () => shelf.readOn(enterprise, file, reading));
      return read === undefined ? [] : read.layers;
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

  /** The same; a day that cannot be read costs itself, and is told in the log. */
  const layersOf: typeof knownLayers = async (enterprise, file, mayRead) => {
    try {
      return await knownLayers(enterprise, file, mayRead);
    } catch (error) {
      if (error instanceof StaleTableError) throw error;
      warn(enterprise, file, error);
      return undefined;
    }
  };

  const followRunning = async (
    enterprise: string,
    file: ShelfFile,
    reading: Reading,
  ): Promise<void> => {
    const isLong = (await shelf.behind(enterprise, file)) > PROMPT_BYTES;
    if (isLong) catchingUp.add(enterprise);
    try {
      const read = await alone(file, () => shelf.readOn(enterprise, file, reading));
      await read?.keep?.().catch(onFault);
    } finally {
      if (isLong) catchingUp.delete(enterprise);
    }
  };

  const make = async (enterprise: string): Promise<void> => {
    const reading: Reading = { restMs: REST_MS, isWanted: () => !isClosed };
    for (const file of await filesOf(enterprise)) {
      if (isClosed) return;
      try {
        if (file.isRunning) {
          if (shelf.isUpToDate(enterprise, file)) continue;
          await followRunning(enterprise, file, reading);
        } else if (!shelf.isKnown(enterprise, file)) {
          await alone(file, async () => {
            if ((await shelf.known(enterprise, file)) === undefined) {
              await shelf.finish(enterprise, file, reading);
            }
          });
        }
      } catch (error) {
        warn(enterprise, file, error);
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
      if (Math.abs(clock.now() - at) < FOLLOW_FOR_MS) order(enterprise);
      else askedAt.delete(enterprise);
    }
  }, FOLLOW_MS);
  follow.unref();
  if (isReadOnly) clearInterval(follow);

  /** Whoever asks once will look further back: everything is made ready then. */
  const asked = (enterprise: string): void => {
    if (isReadOnly || isClosed) return;
    if (!askedAt.has(enterprise)) order(enterprise);
    askedAt.set(enterprise, clock.now());
  };

  const idle = async (): Promise<void> => {
    while (making !== undefined || locks.size > 0) {
      await making;
      await Promise.all(locks.values());
    }
  };

  return {
    filesOf,
    layersOf,
    order,
    asked,
    warn,
    idle,
    /** Resolves when nothing is read any more. */
    close: async (): Promise<void> => {
      isClosed = true;
      clearInterval(follow);
      queue.clear();
      await idle();
    },
  };
};
