// The directory of the running service: cached and, over PostgreSQL, with a snapshot file beside the records, so that
// neither events nor pages of known enterprises stop while the database is away, at the start too.

import { join } from "node:path";
import { type Config, sqlitePathOf } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import {
  type CacheOptions,
  cacheDirectory,
  type Directory,
  DirectoryError,
  openDirectory,
  openSnapshot,
  overDirectory,
  type Snapshot,
} from "../people/index.ts";

/** In the folder of the records, where only the service writes. */
const SNAPSHOT_FILE = ".directory-cache.json";
/** How often the copy is taken, in milliseconds: what it has is never older than an answer may be. */
const SNAPSHOT_EVERY_MS = 30_000;

export type ServiceDirectoryOptions = {
  readonly config: Pick<Config, "dataDir" | "databaseUrl">;
  readonly clock: Clock;
  readonly log: Log;
  readonly onStale: NonNullable<CacheOptions["onStale"]>;
  /** Wraps what is asked, such as to measure it. */
  readonly measured: (directory: Directory) => Directory;
};

export type ServiceDirectory = {
  /** The database itself: asked each time. */
  readonly inner: Directory;
  /** What calls and pages ask. Close it with `close()`. */
  readonly directory: Directory;
};

/** Begins to keep the copy; `stop` ends that. */
const keepCopy = (snapshot: Snapshot, log: Log): { stop(): void } => {
  const refresh = (): void => {
    // An outage is told by the questions of calls and pages.
    snapshot
      .refresh()
      .catch((error: unknown) => log.debug("no new copy of the directory", { error }));
  };
  refresh();
  const timer = setInterval(refresh, SNAPSHOT_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};

/**
 * Opens the directory of the service. A database that cannot be reached is told in the log, and asked again later.
 *
 * @throws DirectoryError, in one line with what to do, where the database answers but cannot serve: wrong login, missing
 *   rights, tables or columns.
 */
export const openServiceDirectory = async (
  options: ServiceDirectoryOptions,
): Promise<ServiceDirectory> => {
  const { config, clock, log, onStale, measured } = options;
  const { databaseUrl: address } = config;
  const inner = await openDirectory({ sqlitePath: sqlitePathOf(config), address });
  if (address === null) {
    return { inner, directory: cacheDirectory(measured(inner), { clock, onStale }) };
  }
  const { hosts, database, user, session } = address;
  const snapshot = openSnapshot({
    source: inner,
    path: join(config.dataDir, SNAPSHOT_FILE),
    clock,
    database: JSON.stringify([hosts, database, user, session]),
    onFileFault: (error) =>
      log.warn("the copy of the directory cannot be kept for the next start", { error }),
  });
  const knows = (): { readonly enterprises: number } => ({
    enterprises: snapshot.current()?.enterprises.length ?? 0,
  });
  try {
    await inner.check();
    for (const remark of await inner.remarks()) log.warn(remark);
  } catch (error) {
    if (error instanceof DirectoryError && error.code === "misconfigured") {
      await inner.close();
      throw error;
    }
    log.error("the database is away: what it last said serves, for a day", {
      reason: errorText(error),
      ...knows(),
    });
  }
  const directory = cacheDirectory(measured(inner), {
    clock,
    onStale,
    snapshot,
    onBegin: (error) =>
      log.error("the directory does not answer: what it last said serves, for a day", {
        reason: errorText(error),
        ...knows(),
      }),
    onEnd: () => log.info("the directory answers again"),
  });
  const copy = keepCopy(snapshot, log);
  return {
    inner,
    directory: overDirectory(directory, {
      close: async () => {
        copy.stop();
        await directory.close();
      },
    }),
  };
};
