// What GET /health says: can events be recorded now, and what else is wrong. Asked, not remembered.

import type { Directory } from "../directory/types.ts";
import type { Clock } from "../lib/clock.ts";
import type { TraceStore } from "../trace/types.ts";
import { buildInfo } from "./version.ts";

export type HealthAnswer = {
  /** 200 while events can be recorded (`ok`, or `degraded` with the reasons), else 503. */
  readonly status: 200 | 503;
  readonly body: {
    readonly status: "ok" | "degraded" | "failing";
    readonly reasons: readonly string[];
    readonly version: string;
    readonly uptimeSeconds: number;
  };
};

export type HealthOf = {
  readonly trace: Pick<TraceStore, "check">;
  /** The database itself, not the cache before it. */
  readonly directory: Pick<Directory, "check">;
  readonly clock: Clock;
  /** Start of the service, in milliseconds since the epoch. */
  readonly startedAt: number;
};

/** How long the directory may take to answer before it counts as away, in milliseconds. */
const DIRECTORY_TIMEOUT_MS = 2000;

const directoryReason = async (directory: HealthOf["directory"]): Promise<string | undefined> => {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => resolve("the directory does not answer; enterprises known before are still served"),
    DIRECTORY_TIMEOUT_MS,
  );
  try {
    return await Promise.race([directory.check().then(() => undefined), late]);
  } catch {
    return "the directory cannot be asked; enterprises known before are still served";
  } finally {
    clearTimeout(timer);
  }
};

/** Looks at everything the service needs. Never rejects. */
export const checkHealth = async (of: HealthOf): Promise<HealthAnswer> => {
  const [written, directory] = await Promise.all([of.trace.check(), directoryReason(of.directory)]);
  const reasons = [written.ok ? undefined : written.reason, directory].filter(
    (reason) => reason !== undefined,
  );
  return {
    status: written.ok ? 200 : 503,
    body: {
      status: written.ok ? (reasons.length === 0 ? "ok" : "degraded") : "failing",
      reasons,
      version: buildInfo.version,
      uptimeSeconds: Math.max(0, Math.round((of.clock.now() - of.startedAt) / 1000)),
    },
  };
};
