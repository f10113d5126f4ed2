// What is measured, as the parts that are measured see it. Nothing here names an enterprise, a person or an address.

import type { MetricObjectWithValues, MetricValue } from "prom-client";
import type { ClusterState } from "../../store/index.ts";

/** The figures of one process, as plain JSON: they travel from a worker to whichever worker was asked. */
export type Figures = readonly MetricObjectWithValues<MetricValue<string>>[];

/** Figures that are kept elsewhere and read when somebody asks. */
export type LiveFigures = {
  /** By event type and what it was answered. */
  readonly events: () => Iterable<readonly [event: string, result: string, count: number]>;
  readonly salvaged: () => number;
  readonly repeats: () => number;
  /** Calls the notifier keeps, chats with something to do, and whether this process is the one that notifies. */
  readonly notifier: () => {
    readonly calls: number;
    readonly waitingChats: number;
    readonly isHolder: boolean;
    /** Subscribers with a missed call that nobody has returned, of enterprises that get cards. */
    readonly openMissed: number;
    /** Outgoing webhooks that wait for their target. */
    readonly waitingHooks: number;
  };
  /** Channels of PBXs that were dropped, the PBXs of which that goes on, and CEL files that are not there. */
  readonly ami: () => {
    readonly channels: number;
    readonly pbxs: number;
    readonly celMissing: number;
  };
  /** How this node of a cluster is. Not there without one. */
  readonly cluster?: () => Pick<ClusterState, "isConnected" | "waitingBytes" | "late" | "leading">;
  /** What waits for the archive; undefined where another process keeps it. Not there without an archive. */
  readonly archive?: () =>
    | {
        readonly waitingDays: number;
        readonly waitingBytes: number;
        readonly keptBeyond: number;
        readonly isFailing: boolean;
        readonly uploadedDays: number;
      }
    | undefined;
  /** Event streams that are open. */
  readonly liveStreams: () => number;
};

export type Metrics = {
  /** A record was written, or was refused. @param seconds from the call to its answer */
  readonly appended: (seconds: number, isWritten: boolean) => void;
  /** A call was looked up. @param malformedLines lines that mention it and could not be read */
  readonly lookedUp: (seconds: number, malformedLines: number) => void;
  readonly bytesWritten: (bytes: number) => void;
  readonly rotated: () => void;
  /** Something that saves reading could not be kept: `index` of a file, `table` of a day's calls, or what was read from the archive (`cache`). */
  readonly sideFileFault: (what: "index" | "table" | "cache") => void;
  /** The archive was asked. @param result `ok`, or the kind of failure */
  readonly archive: (what: string, result: string, bytes: number) => void;
  /** Old files were removed, or could not be. */
  readonly swept: (removed: number, failures: number) => void;
  /** A page, or whatever a browser asked for, was answered. @param route such as `call`, never a whole path */
  readonly answered: (route: string, status: number, seconds: number) => void;
  /** @param result `ok`, or the kind of failure */
  readonly telegram: (method: string, result: string, seconds: number) => void;
  /** Telegram told a chat to wait. */
  readonly telegramWait: (seconds: number) => void;
  /** @param status 0 where no answer came */
  readonly metadata: (status: number, seconds: number) => void;
  /** An attempt of an outgoing webhook. @param status 0 where no answer came */
  readonly hook: (status: number, seconds: number) => void;
  /** The database was asked. */
  readonly directory: (isAnswered: boolean, seconds: number) => void;
  /** A stale answer served in place of the database's. */
  readonly directoryStale: () => void;
  /** All figures of this process. */
  readonly figures: () => Promise<Figures>;
};
