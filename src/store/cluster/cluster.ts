// A node of the cluster: every process of it publishes what it records; one of them (the service says which) reads the stream
// into the files and holds the node's leases.

import { randomUUID } from "node:crypto";
import type { RecordToWrite } from "../../domain/record.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { DAY_MS } from "../../lib/time.ts";
import { dayOf } from "../format/stamp.ts";
import type { AppendResult, FindResult } from "../types.ts";
import type { StampedWriter } from "../write/stamped-writer.ts";
import { Applier } from "./applier.ts";
import {
  type Bucket,
  type Bus,
  type ClusterAddress,
  ID_HEADER,
  LEASE_TTL_MS,
  type Message,
} from "./bus.ts";
import { FileQuestions } from "./checksums.ts";
import { StreamFollower } from "./follow.ts";
import { Lease, type LeaseJob } from "./lease.ts";
import { fitsMessage, type Outgoing } from "./message.ts";
import { askSubject } from "./names.ts";
import { connectBusPatiently } from "./nats/connection.ts";
import { closeOutbox, type OpenOutbox, openLeftOutboxes, openOwnOutbox } from "./outboxes.ts";
import { NO_PLACE, type Place, readPlace } from "./place.ts";
import { type NodeStatus, Presence } from "./presence.ts";
import { Publisher, type PublisherState } from "./publisher.ts";

export type ClusterOptions = {
  readonly dataDir: string;
  readonly address: ClusterAddress;
  /** This node's name: one in the whole cluster has it. */
  readonly node: string;
  readonly version: string;
  /** How long the stream keeps what it has, in days. */
  readonly keepDays: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: to the servers of `address`. */
  readonly connect?: typeof connectBusPatiently;
};

/** The files of this node, as its leading process writes them. */
export type ClusterFiles = {
  readonly writer: StampedWriter;
  readonly find: (enterprise: string, keys: readonly string[]) => Promise<FindResult>;
};

export type ClusterState = PublisherState & {
  /** The NATS server it talks to, and whether it does. */
  readonly server: string;
  readonly serverVersion: string;
  readonly isConnected: boolean;
  /** Of the process that reads the stream; undefined in others. */
  readonly leading:
    | {
        readonly lag: number;
        readonly leases: number;
        readonly isFilling: boolean;
        readonly fault: string | undefined;
        /** Why this node's files are not those of the other nodes, and will not become so by themselves. */
        readonly unequal: readonly string[];
      }
    | undefined;
};

/** How old the place may be that another process of this node has written, in milliseconds. */
const PLACE_MS = 200;
const ADOPT_MS = 5000;
/** Messages: a node that has so many to read leaves leases to others. */
const FAR_BEHIND = 20_000;

/** The place as another process writes it. */
const placeReader = (dataDir: string): (() => Place) => {
  let place = NO_PLACE;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - readAt > PLACE_MS) {
      readAt = performance.now();
      try {
        place = readPlace(dataDir).place;
      } catch {
        // The process that reads the stream says what is wrong; until then nothing is let go.
      }
    }
    return place;
  };
};

export class Cluster {
  readonly #options: ClusterOptions;
  readonly #bus: Bus;
  readonly #outbox: OpenOutbox;
  readonly #publisher: Publisher;
  readonly #readPlace: () => Place;
  #leading: Leading | undefined;

  private constructor(options: ClusterOptions, bus: Bus) {
    this.#options = options;
    this.#bus = bus;
    this.#readPlace = placeReader(options.dataDir);
    this.#outbox = openOwnOutbox(options.dataDir, options.log);
    this.#publisher = this.#publisherOf(this.#outbox);
  }

  /**
   * Connects, and goes on trying where the servers are away: what is recorded meanwhile waits on the disk.
   *
   * @throws the system's error where the outbox cannot be opened
   */
  static async open(options: ClusterOptions): Promise<Cluster> {
    const { address, node, log, connect = connectBusPatiently } = options;
    const bus = await connect(address, node, (error) =>
      log.warn("the NATS servers cannot be reached; records wait on the disk", { error }),
    );
    return new Cluster(options, bus);
  }

  /** As a store's `append`: resolves when the stream has the record, or the outbox after a second. */
  async append(
    enterprise: string,
    record: RecordToWrite,
    { onceKey }: { readonly onceKey?: string } = {},
  ): Promise<AppendResult> {
    const isGiven = onceKey !== undefined;
    return this.#publisher.append(enterprise, record, { isGiven, isForFiles: false });
  }

  /** The same, and resolves when the record is in this node's files: for whoever reads back what he wrote. */
  async appendHere(enterprise: string, record: RecordToWrite): Promise<AppendResult> {
    return this.#publisher.append(enterprise, record, { isGiven: false, isForFiles: true });
  }

  #taken(ids: readonly string[]): void {
    this.#publisher.taken(ids);
    this.#leading?.taken(ids);
  }

  /** Begins to read the stream into the files. One process of a data folder at a time. @throws Error as `Applier` */
  lead(files: ClusterFiles): Leading {
    this.#leading = new Leading(this.#options, this.#bus, files, {
      own: () => this.#publisher.state(),
      publisherOf: (outbox) => this.#publisherOf(outbox),
      give: (lines) => this.#publisher.give(lines),
      onTaken: (messages) => this.#taken(messages.map((message) => message.header(ID_HEADER))),
      onStopped: () => {
        this.#leading = undefined;
      },
    });
    return this.#leading;
  }

  state(): ClusterState {
    const { name, version, isConnected } = this.#bus.server();
    return {
      ...this.#publisher.state(),
      server: name,
      serverVersion: version,
      isConnected,
      leading: this.#leading?.figures(),
    };
  }

  async close(withinMs: number): Promise<void> {
    await this.#publisher.close(withinMs);
    closeOutbox(this.#outbox);
    await this.#bus.close();
  }

  #publisherOf({ spool, dir }: OpenOutbox): Publisher {
    const { clock, log } = this.#options;
    return new Publisher({
      bus: this.#bus,
      spool,
      dir,
      clock,
      log,
      place: () => this.#leading?.place ?? this.#readPlace(),
      readsSince: () => this.#leading?.since,
    });
  }
}

type LeadingTools = {
  readonly own: () => PublisherState;
  readonly publisherOf: (outbox: OpenOutbox) => Publisher;
  /** Puts lines into the outbox that other nodes may lack. @throws the system's error */
  readonly give: (lines: readonly Outgoing[]) => void;
  readonly onTaken: (messages: readonly Message[]) => void;
  readonly onStopped: () => void;
};

type Adopted = { readonly outbox: OpenOutbox; readonly publisher: Publisher };

/** The part of a node that only one of its processes has. */
export class Leading {
  readonly #options: ClusterOptions;
  readonly #bus: Bus;
  readonly #tools: LeadingTools;
  readonly #applier: Applier;
  readonly #follower: StreamFollower;
  readonly #presence: Presence;
  readonly #leases = new Map<string, Lease<LeaseJob>>();
  readonly #inCharge: Lease<LeaseJob>;
  readonly #answering: { stop(): void };
  readonly #adopting: ReturnType<typeof setInterval>;
  readonly #holder: string;
  /** When this process began to read the stream into the files, by `performance.now()`. */
  readonly since = performance.now();
  #adopted: Adopted[] = [];
  #bucket: Bucket | undefined;
  /** By `performance.now()`. */
  #mayTakeAt = 0;
  #foreign = 0;

  constructor(options: ClusterOptions, bus: Bus, files: ClusterFiles, tools: LeadingTools) {
    const { dataDir, node, log, keepDays, address } = options;
    this.#options = options;
    this.#bus = bus;
    this.#tools = tools;
    this.#holder = `${node} ${randomUUID()}`;
    this.#applier = new Applier({
      ...files,
      dataDir,
      onPlace: (place) => this.#follower?.onPlace(place),
      keepDays,
      onTaken: tools.onTaken,
      onSurplus: (lines) => this.#give(lines),
      onForeign: ({ seq, subject }) => {
        this.#foreign += 1;
        log.debug("a message of the stream is no record", { seq, subject });
      },
    });
    this.#presence = new Presence(node, () => this.#status(), log);
    // Filling a stream begins before there is anything to read to its end.
    this.#inCharge = this.#leaseOf("stream", () => ({ stop: async () => undefined }), {
      readToEnd: async () => undefined,
    });
    const questions = new FileQuestions(dataDir);
    this.#answering = bus.answer(askSubject(node), (question) => questions.answer(question));
    this.#follower = new StreamFollower({
      bus,
      applier: this.#applier,
      keepMs: (keepDays + 1) * DAY_MS,
      replicas: address.servers.length >= 3 ? 3 : 1,
      filling: {
        node,
        dataDir,
        writer: files.writer,
        present: () => this.#presence.present(),
        isInCharge: () => this.#inCharge.isHeld,
      },
      onStream: () => this.#onStream(),
      log,
    });
    this.#adopting = setInterval(() => this.#adopt(), ADOPT_MS);
    this.#adopting.unref();
  }

  get place(): Place {
    return this.#applier.place;
  }

  /** Messages are in the files: outboxes that were left by others may let go of them. */
  taken(ids: readonly string[]): void {
    for (const { publisher } of this.#adopted) publisher.taken(ids);
  }

  /** Resolves when all that the stream holds now is in the files. Rejects where the servers are away. */
  readToEnd(): Promise<void> {
    return this.#follower.readToEnd();
  }

  /** The nodes that are there now. */
  present(): ReadonlySet<string> {
    return this.#presence.present();
  }

  /** The names of the leases that this node holds. */
  held(): string[] {
    return [...this.#leases].filter(([, lease]) => lease.isHeld).map(([key]) => key);
  }

  /** A job that one node of the cluster does. It is stopped with this node. */
  lease<J extends LeaseJob>(key: string, start: () => J, isWanted?: () => boolean): Lease<J> {
    // What is being made has no end to be read to, and one that is far behind would read for long.
    const isTime = (): boolean =>
      performance.now() >= this.#mayTakeAt &&
      this.place.phase !== "filling" &&
      this.#lag() < FAR_BEHIND &&
      (isWanted?.() ?? true);
    const lease = this.#leaseOf(key, start, { isWanted: isTime });
    this.#leases.set(key, lease);
    return lease;
  }

  figures(): NonNullable<ClusterState["leading"]> {
    return {
      lag: this.#lag(),
      leases: this.held().length,
      isFilling: this.place.phase === "filling",
      fault: this.#follower.fault,
      unequal: this.#applier.unequal,
    };
  }

  /** Gives the leases back, then stops reading. */
  async stop(): Promise<void> {
    clearInterval(this.#adopting);
    await Promise.all([...this.#leases.values(), this.#inCharge].map((lease) => lease.stop()));
    await this.#follower.stop();
    for (const { outbox, publisher } of this.#adopted) {
      await publisher.close(0);
      closeOutbox(outbox);
    }
    this.#answering.stop();
    await this.#presence.stop();
    this.#tools.onStopped();
  }

  #leaseOf<J extends LeaseJob>(
    key: string,
    start: () => J,
    more: Partial<ConstructorParameters<typeof Lease<J>>[0]>,
  ): Lease<J> {
    return new Lease<J>({
      key,
      start,
      holder: this.#holder,
      bucket: () => this.#bucket,
      readToEnd: () => this.#follower.readToEnd(),
      mayKeep: () => !this.#follower.isIll,
      log: this.#options.log,
      ...more,
    });
  }

  async #onStream(): Promise<void> {
    // In a bucket that was made anew a lease is free that another node may hold until it gives up.
    if (this.#bucket !== undefined) this.#mayTakeAt = performance.now() + LEASE_TTL_MS;
    this.#bucket = await this.#bus.leases();
    await this.#presence.use(await this.#bus.nodes());
  }

  #lag(): number {
    const { state } = this.#follower;
    const { epoch, phase, seq } = this.place;
    if (state === undefined || state.epoch !== epoch) return 0;
    return phase === "filling" ? state.last : Math.max(0, state.last - seq);
  }

  /** Lines that this node alone has go to the others, but for those of days that they have removed. @returns as `onSurplus` */
  #give(lines: readonly Outgoing[]): readonly string[] {
    const { clock, keepDays, log } = this.#options;
    const oldest = (dayOf(clock.now()) - keepDays) * DAY_MS;
    const wanted = lines.filter(({ at }) => at >= oldest);
    const given = wanted.filter(({ fields }) => fitsMessage(this.#bus, fields));
    const enterprise = lines[0]?.enterprise ?? "";
    const records = given.length;
    if (records > 0)
      log.warn("this node has records that the others lack; they are published again", {
        enterprise,
        records,
      });
    this.#tools.give(given);
    const tooLong = wanted.length - records;
    if (tooLong === 0) return [];
    return [
      `${tooLong} records of ${enterprise} are on this node alone, being longer than the NATS servers take: raise their max_payload`,
    ];
  }

  #status(): NodeStatus {
    const { node, version } = this.#options;
    const { epoch, phase, seq } = this.place;
    const { name, version: serverVersion } = this.#bus.server();
    const own = this.#tools.own();
    const others = this.#adopted.map(({ publisher }) => publisher.state());
    const { fault } = this.#follower;
    return {
      node,
      version,
      epoch,
      phase,
      seq,
      lag: this.#lag(),
      lastAt: this.#follower.lastAt,
      waitingBytes: [own, ...others].reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
      late: own.late,
      isAway: own.isAway,
      leases: this.held(),
      server: name,
      serverVersion,
      faults: [
        ...(fault === undefined ? [] : [fault]),
        ...this.#applier.unequal,
        ...(this.#foreign === 0 ? [] : [`${this.#foreign} messages of the stream are no records`]),
      ],
    };
  }

  /** Publishes what processes of this node left in their outboxes. */
  #adopt(): void {
    const { dataDir, log } = this.#options;
    this.#adopted = this.#adopted.filter(({ outbox, publisher }) => {
      if (publisher.state().waitingBytes > 0) return true;
      void publisher
        .close(0)
        .then(() => closeOutbox(outbox))
        .catch((error: unknown) => log.warn("cannot let an outbox go that was left", { error }));
      return false;
    });
    try {
      for (const outbox of openLeftOutboxes(dataDir, log))
        this.#adopted.push({ outbox, publisher: this.#tools.publisherOf(outbox) });
    } catch (error) {
      log.warn("cannot look for outboxes that were left", { error });
    }
  }
}
