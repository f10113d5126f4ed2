// The intake of a process without listeners: events into the files of the data folder, by the same rules as webhooks. Cards
// and open pages follow the files, so that a service beside it needs to be told nothing.

import type { Config } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Directory } from "../people/index.ts";
import { createIntake, createIntakeCounters, type Intake } from "../sources/webhooks/index.ts";
import { openTraceStore } from "../store/index.ts";
import { openServiceDirectory } from "./service-directory.ts";

/** Old days are removed by the service, whose setting says how many are kept. */
const KEEP_DAYS = 36_500;

export type CliIntake = {
  readonly intake: Intake;
  readonly directory: Directory;
  close(): Promise<void>;
};

/** @throws DirectoryError where the directory cannot serve. */
export const createCliIntake = async ({
  config,
  clock,
  log,
}: {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<CliIntake> => {
  const { directory } = await openServiceDirectory({
    config,
    clock,
    log,
    onStale: () => undefined,
    measured: (asked) => asked,
  });
  const { dataDir: dir, durability, maxBodyBytes } = config;
  const trace = openTraceStore({ dir, clock, durability, retentionDays: KEEP_DAYS });
  const intake = createIntake({
    directory,
    trace,
    log,
    clock,
    maxBodyBytes,
    counters: createIntakeCounters(),
    onRecorded: () => undefined,
  });
  return {
    intake,
    directory,
    close: async () => {
      await trace.close();
      await directory.close();
    },
  };
};
