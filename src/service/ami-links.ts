// The agents of a process, one for each --ami: whose they are, where their events go, where they wait. Invariant: of all
// processes with the same spool folder one listens to a PBX, the one that holds the lock of its part; the others wait to take
// over, so that workers and a second service never post an event twice.

import { join } from "node:path";
import { type Config, spoolDirOf } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import { type Agent, createAmiMapper, createAmiReader, startAgent } from "../sources/ami/index.ts";
import type { Delivery } from "../sources/outbox/index.ts";
import { type Job, SingleHolder } from "./single-holder.ts";

export type AmiLinksOptions = {
  readonly config: Pick<Config, "ami" | "amiEnterprises" | "dataDir" | "spoolDir">;
  /** Where the events of a PBX go. @param enterprise undefined where --to names the server, which tells by the token */
  readonly deliveryFor: (enterprise: string | undefined) => Delivery;
  readonly clock: Clock;
  readonly log: Log;
};

export type AmiLinks = {
  /** Hands over what waits within that time, in milliseconds, and keeps the rest on disk. */
  stop(withinMs: number): Promise<void>;
};

const withFields = (log: Log, fields: Readonly<Record<string, string>>): Log => ({
  debug: (message, more) => log.debug(message, { ...fields, ...more }),
  info: (message, more) => log.info(message, { ...fields, ...more }),
  warn: (message, more) => log.warn(message, { ...fields, ...more }),
  error: (message, more) => log.error(message, { ...fields, ...more }),
});

/** One part of the spool folder: changes with the PBX and with whose it is, not with the secret. */
const partOf = (enterprise: string | undefined, host: string, port: number): string =>
  `${enterprise ?? "to"}-${host.replaceAll(/[^A-Za-z0-9._-]/g, "_")}-${port}`;

/** How long an agent whose spool folder was removed may take to hand over what it still has. In milliseconds. */
const LOST_STOP_MS = 2000;

class AgentJob implements Job {
  readonly #agent: Agent;
  /** How long a stop may take; set before the job is stopped. In milliseconds. */
  stopWithinMs = LOST_STOP_MS;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  stop(): Promise<void> {
    return this.#agent.stop(this.stopWithinMs);
  }
}

const startOne = (
  index: number,
  { config, deliveryFor, clock, log: wholeLog }: AmiLinksOptions,
): AmiLinks => {
  const endpoint = config.ami[index];
  if (endpoint === undefined) throw new Error(`there is no --ami number ${index + 1}`);
  const enterprise = config.amiEnterprises[index];
  const log = withFields(wholeLog, {
    pbx: `${endpoint.host}:${endpoint.port}`,
    ...(enterprise === undefined ? {} : { enterprise }),
  });
  const spoolDir = join(spoolDirOf(config), partOf(enterprise, endpoint.host, endpoint.port));
  let isToldBusy = false;
  const holder = new SingleHolder({
    path: join(spoolDir, ".lock"),
    start: () => {
      isToldBusy = false;
      return new AgentJob(
        startAgent({
          endpoint,
          createReader: createAmiReader,
          mapper: createAmiMapper(),
          delivery: deliveryFor(enterprise),
          spoolDir,
          clock,
          log,
          scheduler: systemScheduler(clock),
        }),
      );
    },
    onBusy: () => {
      if (!isToldBusy) {
        log.info("another process listens to this PBX; this one takes over when that ends");
      }
      isToldBusy = true;
    },
    onLost: () =>
      log.warn("the spool folder was removed; this process leaves the PBX and tries again", {
        spoolDir,
      }),
    onFault: (error) =>
      log.error("cannot use the folder of --spool-dir; trying again", { spoolDir, error }),
    // An agent between two attempts has nothing else that would keep its process alive.
    keepsAlive: true,
  });

  return {
    stop: async (withinMs) => {
      if (holder.job !== undefined) holder.job.stopWithinMs = withinMs;
      await holder.stop();
    },
  };
};

/** Starts to listen to every PBX of the settings. */
export const startAmiLinks = (options: AmiLinksOptions): AmiLinks => {
  const links = options.config.ami.map((_, index) => startOne(index, options));
  return {
    stop: async (withinMs) => {
      await Promise.all(links.map((link) => link.stop(withinMs)));
    },
  };
};
