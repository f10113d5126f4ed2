// The agents of a process, one for each --ami: whose they are, where their events go, where they wait. Invariant: of all
// processes with the same spool folder one listens to a PBX, the one that holds the lock of its part; the others wait to take
// over, so that workers and a second service never post an event twice.

import { join } from "node:path";
import { type Config, spoolDirOf } from "../config/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { systemScheduler } from "../lib/scheduler.ts";
import {
  type Agent,
  createAmiMapper,
  createAmiReader,
  type KnownPeer,
  type OpenCall,
  Peers,
  readPeers,
  startAgent,
} from "../sources/ami/index.ts";
import type { Delivery } from "../sources/outbox/index.ts";
import { type Job, SingleHolder } from "./single-holder.ts";

export type AmiLinksOptions = {
  readonly config: Pick<
    Config,
    "ami" | "amiEnterprises" | "amiTrunks" | "amiExtensions" | "dataDir" | "spoolDir"
  >;
  /** Where the events of a PBX go. @param enterprise undefined where --to names the server, which tells by the token */
  readonly deliveryFor: (enterprise: string | undefined) => Delivery;
  /** The calls of an enterprise's PBX that are open in the files; none where the files are elsewhere. */
  readonly openCallsOf?: (enterprise: string) => Promise<readonly OpenCall[]>;
  readonly clock: Clock;
  readonly log: Log;
};

export type AmiLinks = {
  /** Hands over what waits within that time, in milliseconds, and keeps the rest on disk. */
  stop(withinMs: number): Promise<void>;
  /** Channels that were dropped, and the PBXs of which that goes on. */
  dropped(): { readonly channels: number; readonly pbxs: number };
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

/** Where what a PBX of the settings told waits, and what was learned of its peers. @param index its place among --ami */
export const spoolPartOf = (
  config: Pick<Config, "ami" | "amiEnterprises" | "dataDir" | "spoolDir">,
  index: number,
): string | undefined => {
  const endpoint = config.ami[index];
  if (endpoint === undefined) return undefined;
  const { host, port } = endpoint;
  return join(spoolDirOf(config), partOf(config.amiEnterprises[index], host, port));
};

/** How long an agent whose spool folder was removed may take to hand over what it still has. In milliseconds. */
const LOST_STOP_MS = 2000;

class AgentJob implements Job {
  readonly #agent: Agent;
  /** How long a stop may take; set before the job is stopped. In milliseconds. */
  stopWithinMs = LOST_STOP_MS;

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  state(): ReturnType<Agent["state"]> {
    return this.#agent.state();
  }

  stop(): Promise<void> {
    return this.#agent.stop(this.stopWithinMs);
  }
}

/** What was learned of the peers of a PBX before. */
const peersBefore = (spoolDir: string, log: Log): KnownPeer[] => {
  try {
    return readPeers(spoolDir);
  } catch (error) {
    log.warn("cannot read what was learned of the peers of the PBX; it is learned again", {
      error,
    });
    return [];
  }
};

const startOne = (
  index: number,
  { config, deliveryFor, openCallsOf, clock, log: wholeLog }: AmiLinksOptions,
): AmiLinks => {
  const endpoint = config.ami[index];
  const spoolDir = spoolPartOf(config, index);
  if (endpoint === undefined || spoolDir === undefined) {
    throw new Error(`there is no --ami number ${index + 1}`);
  }
  const enterprise = config.amiEnterprises[index];
  const log = withFields(wholeLog, {
    pbx: `${endpoint.host}:${endpoint.port}`,
    ...(enterprise === undefined ? {} : { enterprise }),
  });
  // Of two PBXs of one enterprise neither knows whose an open call is.
  const isAlone =
    enterprise !== undefined &&
    config.amiEnterprises.filter((number) => number === enterprise).length === 1;
  let isToldBusy = false;
  const holder = new SingleHolder({
    path: join(spoolDir, ".lock"),
    start: () => {
      isToldBusy = false;
      const rules = {
        trunks: config.amiTrunks[index] ?? [],
        extensions: config.amiExtensions[index] ?? [],
      };
      const peers = new Peers(rules, peersBefore(spoolDir, log));
      return new AgentJob(
        startAgent({
          endpoint,
          createReader: createAmiReader,
          mapper: createAmiMapper({ peers }),
          delivery: deliveryFor(enterprise),
          ...(isAlone && openCallsOf !== undefined
            ? { openCalls: () => openCallsOf(enterprise) }
            : {}),
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
    dropped: () => {
      const state = holder.job?.state();
      return { channels: state?.dropped ?? 0, pbxs: state?.isDropping === true ? 1 : 0 };
    },
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
    dropped: () => {
      const all = links.map((link) => link.dropped());
      return {
        channels: all.reduce((sum, { channels }) => sum + channels, 0),
        pbxs: all.reduce((sum, { pbxs }) => sum + pbxs, 0),
      };
    },
    stop: async (withinMs) => {
      await Promise.all(links.map((link) => link.stop(withinMs)));
    },
  };
};
