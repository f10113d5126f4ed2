// A data folder with an archive for tests: days of calls, the server that takes them, and time that is moved by hand.

import { onTestFinished } from "bun:test";
import { type S3Server, startS3 } from "../../../tests/support/s3-server.ts";
import { DAY_MS } from "../../lib/time.ts";
import { type Archive, type ArchiveOptions, openArchive } from "../archive/index.ts";
import { ArchiveKeeper, type KeeperOptions } from "../archive/keeper.ts";
import type { OpenTraceStore } from "../index.ts";
import { openForTest, tempFolder } from "./temp-store.ts";

/** UTC, in days since the epoch. */
export const TODAY = 20_000;

export type ArchivedWorld = {
  readonly dir: string;
  readonly server: S3Server;
  readonly clock: { now: () => number; at: number };
  readonly archive: Archive;
  readonly store: OpenTraceStore;
  readonly keeper: ArchiveKeeper;
  /** Another process on the same folder, or on another one. */
  readonly openAgain: (more?: Partial<ArchiveOptions>) => Archive;
};

/** Ends with the test. @param dir default: a new folder */
export const archivedWorld = (
  more: Partial<ArchiveOptions> & Partial<KeeperOptions> = {},
): ArchivedWorld => {
  const dir = more.dir ?? tempFolder();
  const server = startS3();
  onTestFinished(() => server.stop());
  const clock = {
    at: TODAY * DAY_MS + 3_600_000,
    now: (): number => clock.at,
  };
  const openAgain = (other: Partial<ArchiveOptions> = {}): Archive =>
    openArchive({
      dir,
      address: { kind: "s3", bucket: server.bucket, prefix: "p" },
      env: server.env,
      clock,
      ...more,
      ...other,
    });
  const archive = openAgain();
  const store = openForTest({ dir, clock, archive, minIndexedBytes: 1024 });
  const keeper = keeperOf({ dir, clock, archive, store }, more);
  return { dir, server, clock, archive, store, keeper, openAgain };
};

export const keeperOf = (
  { dir, clock, archive, store }: Pick<ArchivedWorld, "dir" | "clock" | "archive" | "store">,
  more: Partial<KeeperOptions> = {},
): ArchiveKeeper =>
  new ArchiveKeeper({
    dir,
    store: archive.store,
    ledger: archive.ledger,
    forget: (enterprise, name) => archive.objects.forget({ enterprise, name }),
    headOf: async (enterprise, name) => (await archive.objects.head({ enterprise, name }))?.head,
    tableOf: async () => undefined,
    clock,
    retentionDays: 14,
    archiveDays: 0,
    sweep: () => store.sweep(),
    ...more,
  });
