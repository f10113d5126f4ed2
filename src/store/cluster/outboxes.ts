// The outboxes of a node: one for each process that records, each in a folder of its own under a lock. What a process left
// is published by whoever finds its folder without one.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type FileLock, tryHoldLock } from "../../lib/file-lock.ts";
import type { Log } from "../../lib/log.ts";
import { openSpool, type Spool } from "../../lib/spool.ts";
import { clusterFolder } from "./place.ts";

/** What waits in one process's outbox at most, in bytes. */
const MAX_BYTES = 1024 ** 3;
/** Published at once where it waited, in bytes. */
const PIECE_BYTES = 1024 ** 2;
/** More processes than that record on no machine. */
const MAX_OUTBOXES = 256;

export type OpenOutbox = { readonly dir: string; readonly spool: Spool; readonly lock: FileLock };

const outboxesFolder = (dataDir: string): string => join(clusterFolder(dataDir), "outbox");

const openOne = (dir: string, log: Log): OpenOutbox | undefined => {
  const lock = tryHoldLock(join(dir, ".lock"));
  if (lock === undefined) return undefined;
  try {
    const spool = openSpool({
      dir,
      maxBytes: MAX_BYTES,
      pieceBytes: PIECE_BYTES,
      onLost: (count, why) =>
        log.error("records were lost in the outbox", { dir, count, reason: why }),
    });
    return { dir, spool, lock };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/** @throws the system's error where the folder cannot be written */
export const openOwnOutbox = (dataDir: string, log: Log): OpenOutbox => {
  for (let number = 1; number <= MAX_OUTBOXES; number += 1) {
    const opened = openOne(join(outboxesFolder(dataDir), String(number)), log);
    if (opened !== undefined) return opened;
  }
  throw new Error(`cannot open an outbox: ${MAX_OUTBOXES} processes have one on this data folder`);
};

/** The outboxes in which something waits and that no process has. */
export const openLeftOutboxes = (dataDir: string, log: Log): OpenOutbox[] => {
  const folder = outboxesFolder(dataDir);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const opened = openOne(join(folder, name), log);
    if (opened === undefined) return [];
    if (opened.spool.waitingBytes() > 0) return [opened];
    opened.spool.close();
    opened.lock.release();
    return [];
  });
};

/** Lets an outbox go; where nothing waits in it, nothing of it is left. */
export const closeOutbox = ({ dir, spool, lock }: OpenOutbox): void => {
  spool.close();
  if (spool.waitingBytes() === 0) rmSync(dir, { recursive: true, force: true });
  lock.release();
};
