// The agents of a process, one for each PBX of the settings: whose they are, where their events go, where they wait. Invariant: of all
// processes with the same spool folder one listens to a PBX, the one that holds the lock of its part; the others wait to take
// over, so that workers and a second service never post an event twice.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Config, type Pbx, type PbxSettings, pbxsOf, spoolDirOf } from "../config/index.ts";
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
import { CelJournal, startCelAgent } from "../sources/cel/index.ts";
import type { Delivery } from "../sources/outbox/index.ts";
import type { OneOfAll } from "./cluster-node.ts";
import { type OwnLink, startLeasedLink } from "./leased-link.ts";
import { type Job, SingleHolder } from "./single-holder.ts";

export type PbxLinksOptions = {
  readonly config: PbxSettings & Pick<Config, "dataDir" | "spoolDir">;
  /** Where the events of a PBX go. @param enterprise undefined where --to names the server, which tells by the token */
  readonly deliveryFor: (enterprise: string | undefined) => Delivery;
  /** The calls of an enterprise's PBX that are open in the files; none where the files are elsewhere. */
  readonly openCallsOf?: (enterprise: string) => Promise<readonly OpenCall[]>;
  /** In a cluster one node listens to a PBX: the one with the lease. */
  readonly one?: OneOfAll | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

export type LinkFigures = {
  /** Channels that were dropped, since what the PBX says is not understood. */
  readonly channels: number;
  /** PBXs of which that goes on. */
  readonly pbxs: number;
  /** CEL files that are not there. */
  readonly celMissing: number;
};

export type PbxLinks = {
  /** Hands over what waits within that time, in milliseconds, and keeps the rest on disk. */
  stop(withinMs: number): Promise<void>;
  figures(): LinkFigures;
};

const withFields = (log: Log, fields: Readonly<Record<string, string>>): Log => ({
  debug: (message, more) => log.debug(message, { ...fields, ...more }),
  info: (message, more) => log.info(message, { ...fields, ...more }),
  warn: (message, more) => log.warn(message, { ...fields, ...more }),
  error: (message, more) => log.error(message, { ...fields, ...more }),
});

/** What a PBX is called in the log and by doctor: its address, or its file. */
export const pbxName = ({ ami, cel }: Pbx): string =>
  ami === undefined ? (cel ?? "") : `${ami.host}:${ami.port}`;

/** A part of a path that is a name of a folder. */
const nameOf = (text: string): string => text.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(-100);

/**
 * Where what a PBX told waits, and what was learned of it: one part of the spool folder, which changes with the PBX and with
 * whose it is, not with the secret.
 */
export const spoolPartOf = (config: Pick<Config, "dataDir" | "spoolDir">, pbx: Pbx): string => {
  const { ami, cel = "", enterprise } = pbx;
  const own = ami === undefined ? `cel-${nameOf(cel)}` : `${nameOf(ami.host)}-${ami.port}`;
  return join(spoolDirOf(config), `${enterprise ?? "to"}-${own}`);
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

/** The agent of a PBX, by what there is of it. */
const startPbx = (
  pbx: Pbx,
  spoolDir: string,
  { deliveryFor, openCallsOf, clock, log }: Omit<PbxLinksOptions, "config">,
): Agent => {
  const { ami: endpoint, cel: path, enterprise, rules } = pbx;
  const peers = new Peers(rules, peersBefore(spoolDir, log));
  const common = {
    delivery: deliveryFor(enterprise),
    spoolDir,
    clock,
    log,
    scheduler: systemScheduler(clock),
  };
  if (endpoint === undefined) {
    return startCelAgent({ ...common, mapper: createAmiMapper({ peers }), path: path ?? "" });
  }
  return startAgent({
    ...common,
    endpoint,
    createReader: createAmiReader,
    createMapper: () => createAmiMapper({ peers }),
    ...(path === undefined ? {} : { journal: new CelJournal({ path, spoolDir, clock, log }) }),
    ...(enterprise === undefined || openCallsOf === undefined
      ? {}
      : { openCalls: () => openCallsOf(enterprise) }),
  });
};

type OwnPbxLink = PbxLinks & OwnLink;

const startOne = (pbx: Pbx, isAlone: boolean, options: PbxLinksOptions): OwnPbxLink => {
  const { config, clock, log: wholeLog } = options;
  const { enterprise } = pbx;
  const spoolDir = spoolPartOf(config, pbx);
  const log = withFields(wholeLog, {
    pbx: pbxName(pbx),
    ...(enterprise === undefined ? {} : { enterprise }),
  });
  const { openCallsOf, deliveryFor } = options;
  let isToldBusy = false;
  const holder = new SingleHolder({
    path: join(spoolDir, ".lock"),
    start: () => {
      isToldBusy = false;
      const own = isAlone && openCallsOf !== undefined ? { openCallsOf } : {};
      return new AgentJob(startPbx(pbx, spoolDir, { deliveryFor, clock, log, ...own }));
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
    isUp: () => holder.job?.state().isUp === true,
    figures: () => {
      const state = holder.job?.state();
      return {
        channels: state?.dropped ?? 0,
        pbxs: state?.isDropping === true ? 1 : 0,
        celMissing: state?.isJournalMissing === true ? 1 : 0,
      };
    },
    stop: async (withinMs) => {
      if (holder.job !== undefined) holder.job.stopWithinMs = withinMs;
      await holder.stop();
    },
  };
};

const NONE: LinkFigures = { channels: 0, pbxs: 0, celMissing: 0 };

/** The link of a PBX while this node has its lease. */
const leased = (one: OneOfAll, pbx: Pbx, clock: Clock, start: () => OwnPbxLink): PbxLinks => {
  const { cel } = pbx;
  const isByFile = pbx.ami === undefined && cel !== undefined;
  const held = startLeasedLink({
    one,
    key: `pbx.${pbx.enterprise ?? "to"}.${nameOf(pbxName(pbx))}`,
    start,
    // A file is on one node, and no other can read it.
    ...(isByFile ? { isWanted: () => existsSync(cel) } : {}),
    clock,
  });
  return {
    figures: () => held.link?.figures() ?? NONE,
    stop: (withinMs) => held.stop(withinMs),
  };
};

/** Starts to listen to every PBX of the settings. */
export const startPbxLinks = (options: PbxLinksOptions): PbxLinks => {
  const pbxs = pbxsOf(options.config);
  const links = pbxs.map((pbx) => {
    // Of two PBXs of one enterprise neither knows whose an open call is.
    const { length } = pbxs.filter(({ enterprise }) => enterprise === pbx.enterprise);
    const start = (): OwnPbxLink => startOne(pbx, length === 1, options);
    return options.one === undefined ? start() : leased(options.one, pbx, options.clock, start);
  });
  return {
    figures: () => {
      const all = links.map((link) => link.figures());
      const sum = (name: keyof LinkFigures): number =>
        all.reduce((total, one) => total + one[name], 0);
      return { channels: sum("channels"), pbxs: sum("pbxs"), celMissing: sum("celMissing") };
    },
    stop: async (withinMs) => {
      await Promise.all(links.map((link) => link.stop(withinMs)));
    },
  };
};
