// The NATS servers, as the cluster needs them: the only file that knows the client library. It is loaded when a cluster is
// opened: a machine on its own pays nothing for it. What the servers do not answer in time is told as `BusError`.

import type { JetStreamClient, JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import type { KV, KvWatchEntry } from "@nats-io/kv";
import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { errorText } from "../../lib/errors.ts";
import { pause } from "../../lib/pause.ts";
import { LEASES_BUCKET, NODES_BUCKET, STREAM, STREAM_SUBJECTS } from "./names.ts";

/** The servers cannot be asked, or refuse. `away` passes by itself, `refused` needs a hand. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly code: "away" | "refused" | "conflict";
  constructor(code: BusError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ClusterAddress = {
  /** `nats://A:4222` or `tls://…`, user and password in it where the servers ask for them. */
  readonly servers: readonly string[];
};

/** Which stream it is, and what it holds. */
export type StreamState = {
  /** When it was made, as the servers write it: a stream that was lost and made again is another one. */
  readonly epoch: string;
  /** Numbers of its first and last message; first is last + 1 where it is empty. */
  readonly first: number;
  readonly last: number;
  readonly replicas: number;
  /** Servers with a replica that is not reached, or has not caught up. */
  readonly awayServers: readonly string[];
};

export type Published = { readonly seq: number; readonly duplicate: boolean };

/** A message of the stream. */
export type Message = {
  readonly seq: number;
  /** When the stream took it, in milliseconds since the epoch. */
  readonly at: number;
  readonly subject: string;
  readonly text: string;
  readonly header: (name: string) => string;
};

export type PublishOptions = {
  /** A second message with it within two minutes is taken for the same one. */
  readonly id?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type BucketEntry = {
  readonly key: string;
  /** Undefined where it was given up. */
  readonly value: string | undefined;
  readonly revision: number;
  /** When it was written, by the servers' clocks, in milliseconds since the epoch. */
  readonly writtenAt: number;
};

/** A small table that all nodes share. */
export type Bucket = {
  /** @returns its revision, undefined where somebody has the key. */
  create(key: string, value: string): Promise<number | undefined>;
  /** @returns its new revision, undefined where it has another revision by now. */
  update(key: string, value: string, revision: number): Promise<number | undefined>;
  put(key: string, value: string): Promise<void>;
  get(key: string): Promise<BucketEntry | undefined>;
  remove(key: string, revision?: number): Promise<void>;
  /** Every entry that is there. */
  entries(): Promise<readonly BucketEntry[]>;
  /** Every entry, then every change, until the connection ends or `stop`. */
  watch(onEntry: (entry: BucketEntry) => void): Promise<{ stop(): void }>;
};

export type Bus = {
  /** The largest message, in bytes. */
  readonly maxBytes: number;
  /** The server this node talks to, and its version. */
  server(): { readonly name: string; readonly version: string; readonly isConnected: boolean };
  publish(subject: string, text: string, options?: PublishOptions): Promise<Published>;
  /** Undefined where the servers say that there is no such stream. */
  state(): Promise<StreamState | undefined>;
  /** Makes the stream and the buckets, or finds them. */
  make(options: { readonly keepMs: number; readonly replicas: number }): Promise<StreamState>;
  /** Takes the stream away, with all that is in it. */
  remove(): Promise<void>;
  /** Takes the buckets away: nobody holds a lease any more. */
  removeBuckets(): Promise<void>;
  /** Messages from a number on, in order, until `stop`; ends by itself where the stream is lost. */
  read(from: number): Promise<MessageReader>;
  /** The last message of a subject. */
  lastOf(subject: string): Promise<Message | undefined>;
  /** When the stream took the message of that number, in milliseconds since the epoch; undefined where it has none. */
  takenAt(seq: number): Promise<number | undefined>;
  /** Which buckets there are: others than before where they were lost and made again, undefined where one is lacking. */
  buckets(): Promise<string | undefined>;
  leases(): Promise<Bucket>;
  nodes(): Promise<Bucket>;
  /** Asks one node; rejects where it does not answer in time. */
  ask(subject: string, question: string, timeoutMs: number): Promise<string>;
  answer(subject: string, answer: (question: string) => Promise<string>): { stop(): void };
  /** Storage of the account, in bytes; limit -1 where there is none. */
  storage(): Promise<{ readonly used: number; readonly limit: number }>;
  close(): Promise<void>;
};

export type MessageReader = AsyncIterable<readonly Message[]> & { stop(): void };

/** How long a question to the servers may take, in milliseconds. */
const TIMEOUT_MS = 2000;
/** A message id is remembered this long by the stream, in milliseconds. */
export const DUPLICATE_WINDOW_MS = 120_000;
/** A key of the leases that is not renewed is gone after this, in milliseconds (DESIGN: 10 s). */
export const LEASE_TTL_MS = 10_000;
/** What is known of a node that does not come back is kept this long, in milliseconds. */
const NODE_TTL_MS = 7 * 86_400_000;
/** Messages read ahead. */
const READ_AHEAD = 1000;
/** Messages handed on at once. */
const BATCH = 500;
const NANOS = 1_000_000;
/** How often it is looked for messages that the stream has not answered, in milliseconds. */
const ACK_LOOK_MS = 100;
/** By which the stream knows a message when it comes again (NATS, "Message deduplication"). */
export const ID_HEADER = "Nats-Msg-Id";

type Libraries = {
  readonly transport: typeof import("@nats-io/transport-node");
  readonly jetstream: typeof import("@nats-io/jetstream");
  readonly kv: typeof import("@nats-io/kv");
};

const loadLibraries = async (): Promise<Libraries> => {
  const [transport, jetstream, kv] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/jetstream"),
    import("@nats-io/kv"),
  ]);
  return { transport, jetstream, kv };
};

const AWAY_NAMES = new Set([
  "TimeoutError",
  "NoRespondersError",
  "RequestError",
  "ConnectionError",
  "ClosedConnectionError",
  "DrainingConnectionError",
  // A publish that no stream and no leader answers.
  "JetStreamNotEnabled",
]);
/** JetStream's codes: no leader, not available, cluster not available, insufficient resources, no suitable peers, in maintenance. */
const AWAY_CODES = new Set([10_008, 10_009, 10_010, 10_023, 10_005, 10_074, 10_118]);
/** The second is what newer servers say. */
const WRONG_LAST_SEQUENCE = new Set([10_071, 10_164]);
const STREAM_NOT_FOUND = 10_059;
const STREAM_NAME_IN_USE = 10_058;
const MESSAGE_NOT_FOUND = 10_037;

const codeOf = (error: unknown): number | undefined => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "number" ? code : undefined;
};

const busError = (what: string, error: unknown): BusError => {
  if (error instanceof BusError) return error;
  const { name = "" } = (error ?? {}) as { name?: string };
  const code = codeOf(error);
  const isAway = AWAY_NAMES.has(name) || (code !== undefined && AWAY_CODES.has(code));
  const isConflict = code !== undefined && WRONG_LAST_SEQUENCE.has(code);
  return new BusError(
    isAway ? "away" : isConflict ? "conflict" : "refused",
    `cannot ${what}: ${isAway ? "the NATS servers do not answer" : errorText(error)}`,
    { cause: error },
  );
};

const orBusError = async <T>(what: string, asked: Promise<T>): Promise<T> => {
  try {
    return await asked;
  } catch (error) {
    throw busError(what, error);
  }
};

const stateOf = (info: StreamInfo): StreamState => ({
  epoch: String(info.created),
  first: info.state.first_seq,
  last: info.state.last_seq,
  replicas: info.config.num_replicas,
  awayServers: (info.cluster?.replicas ?? [])
    .filter(({ current, offline }) => !current || offline === true)
    .map(({ name }) => name),
});

/** What a message is read through, whatever the library's shape of it. */
type RawMessage = {
  readonly seq: number;
  readonly subject: string;
  readonly headers?: { get(name: string): string } | undefined;
  string(): string;
};

const messageOf = (raw: RawMessage, at: number): Message => ({
  seq: raw.seq,
  at,
  subject: raw.subject,
  text: raw.string(),
  header: (name) => raw.headers?.get(name) ?? "",
});

class KvBucket implements Bucket {
  readonly #kv: KV;
  readonly #keys: () => Promise<readonly string[]>;

  /** @param keys lists the keys */
  constructor(kv: KV, keys: () => Promise<readonly string[]>) {
    this.#kv = kv;
    this.#keys = keys;
  }

  async create(key: string, value: string): Promise<number | undefined> {
    return this.#unlessConflict(() => this.#kv.create(key, value));
  }

  async update(key: string, value: string, revision: number): Promise<number | undefined> {
    return this.#unlessConflict(() => this.#kv.update(key, value, revision));
  }

  async put(key: string, value: string): Promise<void> {
    await orBusError("write into a bucket", this.#kv.put(key, value));
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    const entry = await orBusError("read a bucket", this.#kv.get(key));
    return entry === null ? undefined : entryOf(entry);
  }

  async remove(key: string, revision?: number): Promise<void> {
    await this.#unlessConflict(async () => {
      await this.#kv.delete(key, revision === undefined ? {} : { previousSeq: revision });
      return 0;
    });
  }

  async entries(): Promise<readonly BucketEntry[]> {
    const keys = await orBusError("read a bucket", this.#keys());
    const found = await Promise.all([...keys].sort().map((key) => this.get(key)));
    return found.filter((entry) => entry !== undefined);
  }

  async watch(onEntry: (entry: BucketEntry) => void) {
    const entries = await orBusError("watch a bucket", this.#kv.watch());
    const follow = async (): Promise<void> => {
      for await (const entry of entries) onEntry(entryOf(entry));
    };
    // Ends with the connection; whoever needs it begins another one.
    follow().catch(() => undefined);
    return { stop: () => entries.stop() };
  }

  async #unlessConflict(act: () => Promise<number>): Promise<number | undefined> {
    try {
      return await act();
    } catch (error) {
      const failure = busError("write into a bucket", error);
      if (failure.code === "conflict") return undefined;
      throw failure;
    }
  }
}

const entryOf = (
  entry: Pick<KvWatchEntry, "key" | "operation" | "revision" | "created" | "string">,
): BucketEntry => ({
  key: entry.key,
  value: entry.operation === "PUT" ? entry.string() : undefined,
  revision: entry.revision,
  writtenAt: entry.created.getTime(),
});

/** Hands messages on in the pieces in which they came. */
class StreamReader implements MessageReader {
  readonly #messages: AsyncIterable<RawMessage & { readonly time: Date }> & { stop(): void };
  #isStopped = false;

  constructor(messages: AsyncIterable<RawMessage & { readonly time: Date }> & { stop(): void }) {
    this.#messages = messages;
  }

  stop(): void {
    this.#isStopped = true;
    this.#messages.stop();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Message[]> {
    const waiting: Message[] = [];
    let wake = Promise.withResolvers<void>();
    let room = Promise.withResolvers<void>();
    let isEnded = false;
    let failure: unknown;
    const pull = async (): Promise<void> => {
      try {
        for await (const raw of this.#messages) {
          waiting.push(messageOf(raw, Math.floor(raw.time.getTime())));
          wake.resolve();
          if (waiting.length >= BATCH) {
            room = Promise.withResolvers<void>();
            await room.promise;
          }
        }
      } catch (error) {
        failure = error;
      }
      isEnded = true;
      wake.resolve();
    };
    void pull();
    try {
      for (;;) {
        // In a turn of its own, so that what came together is handed on together.
        await new Promise<void>((resolve) => setImmediate(resolve));
        const batch = waiting.splice(0, BATCH);
        if (batch.length === 0) {
          if (isEnded || this.#isStopped) break;
          wake = Promise.withResolvers<void>();
          if (waiting.length === 0) await wake.promise;
          continue;
        }
        room.resolve();
        yield batch;
      }
    } finally {
      room.resolve();
      this.stop();
    }
    if (failure !== undefined) throw busError("read the stream", failure);
  }
}

/** What the stream answers to a message: JetStream's publish acknowledgement. */
type Acknowledgement = {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: {
    readonly code: number;
    readonly err_code: number;
    readonly description: string;
  };
};

type Waiting = {
  /** By `performance.now()`. */
  readonly until: number;
  readonly resolve: (published: Published) => void;
  readonly reject: (error: BusError) => void;
};

/**
 * Publishes and waits for the stream's answers, with one subscription and one timer for all: the library's own request for
 * each message costs several times as much (a timer, an error object and three promises). The answers are JetStream's
 * (docs.nats.io, "JetStream API Reference", PubAck); one without a body and with status 503 says that nobody takes it.
 */
class Acknowledgements {
  readonly #connection: NatsConnection;
  readonly #inbox: string;
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  constructor(connection: NatsConnection, inbox: string) {
    this.#connection = connection;
    this.#inbox = inbox;
    connection.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#answered(message.subject, message);
      },
    });
    const watch = setInterval(() => this.#giveUp(), ACK_LOOK_MS);
    watch.unref();
    void connection.closed().then(() => {
      clearInterval(watch);
      this.#giveUp(Number.POSITIVE_INFINITY);
    });
  }

  publish(subject: string, text: string, headers: MsgHdrs): Promise<Published> {
    const { promise, resolve, reject } = Promise.withResolvers<Published>();
    this.#last += 1;
    const reply = `${this.#inbox}.${this.#last}`;
    this.#waiting.set(reply, { until: performance.now() + TIMEOUT_MS, resolve, reject });
    try {
      this.#connection.publish(subject, text, { reply, headers });
    } catch (error) {
      this.#waiting.delete(reply);
      reject(busError("publish a record", error));
    }
    return promise;
  }

  #answered(reply: string, message: Msg): void {
    const waiting = this.#waiting.get(reply);
    if (waiting === undefined) return;
    this.#waiting.delete(reply);
    if (message.data.length === 0) {
      waiting.reject(
        new BusError("away", "cannot publish a record: the NATS servers have no stream"),
      );
      return;
    }
    const { seq, duplicate = false, error } = message.json<Acknowledgement>();
    if (error !== undefined || seq === undefined) {
      const cause = { code: error?.err_code, message: error?.description ?? "no number" };
      waiting.reject(busError("publish a record", Object.assign(new Error(cause.message), cause)));
    } else waiting.resolve({ seq, duplicate });
  }

  #giveUp(now = performance.now()): void {
    // In the order in which they were sent, so that the first one that may wait ends the look.
    for (const [reply, { until, reject }] of this.#waiting) {
      if (until > now) return;
      this.#waiting.delete(reply);
      reject(new BusError("away", "cannot publish a record: the NATS servers do not answer"));
    }
  }
}

/** A connection that stands, and what is done through it. */
type Connected = {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly acks: Acknowledgements;
};

class NatsBus implements Bus {
  readonly #libraries: Libraries;
  readonly #connected: Promise<Connected>;
  #now: Connected | undefined;
  #reader: StreamReader | undefined;
  #isConnected = false;
  #isClosed = false;

  /** @param connect tries until it succeeds, or rejects where `close` was called */
  constructor(libraries: Libraries, connect: (isClosed: () => boolean) => Promise<NatsConnection>) {
    this.#libraries = libraries;
    this.#connected = connect(() => this.#isClosed).then((connection) => this.#use(connection));
    this.#connected.catch(() => undefined);
  }

  /** Resolves when it is connected. */
  async ready(): Promise<void> {
    await this.#connected;
  }

  get maxBytes(): number {
    return this.#now?.connection.info?.max_payload ?? DEFAULT_MAX_BYTES;
  }

  server() {
    const { server_name: name = "", version = "" } = this.#now?.connection.info ?? {};
    return { name, version, isConnected: this.#isConnected };
  }

  async publish(subject: string, text: string, options: PublishOptions = {}): Promise<Published> {
    const { acks } = this.#there();
    const { id, headers: given } = options;
    const headers = this.#libraries.transport.headers();
    if (id !== undefined) headers.append(ID_HEADER, id);
    for (const name in given) headers.append(name, given[name] ?? "");
    return acks.publish(subject, text, headers);
  }

  async state(): Promise<StreamState | undefined> {
    try {
      return stateOf(await this.#there().jsm.streams.info(STREAM));
    } catch (error) {
      if (codeOf(error) === STREAM_NOT_FOUND) return undefined;
      throw busError("ask for the stream", error);
    }
  }

  async make({ keepMs, replicas }: { readonly keepMs: number; readonly replicas: number }) {
    const { jsm } = this.#there();
    const { RetentionPolicy, StorageType, DiscardPolicy } = this.#libraries.jetstream;
    try {
      await jsm.streams.add({
        name: STREAM,
        subjects: [...STREAM_SUBJECTS],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.Old,
        num_replicas: replicas,
        max_age: keepMs * NANOS,
        duplicate_window: DUPLICATE_WINDOW_MS * NANOS,
        allow_direct: true,
      });
    } catch (error) {
      // Made by another node with other settings: it is the stream all the same.
      if (codeOf(error) !== STREAM_NAME_IN_USE) throw busError("make the stream", error);
    }
    await this.#bucket(LEASES_BUCKET, LEASE_TTL_MS, replicas);
    await this.#bucket(NODES_BUCKET, NODE_TTL_MS, replicas);
    const state = await this.state();
    if (state === undefined) throw new BusError("away", "cannot find the stream just made");
    return state;
  }

  async remove(): Promise<void> {
    await orBusError("remove the stream", this.#there().jsm.streams.delete(STREAM));
  }

  async removeBuckets(): Promise<void> {
    const { jsm } = this.#there();
    for (const name of [LEASES_BUCKET, NODES_BUCKET])
      await orBusError("remove a bucket", jsm.streams.delete(`KV_${name}`));
  }

  async read(from: number): Promise<MessageReader> {
    const { DeliverPolicy } = this.#libraries.jetstream;
    const consumer = await orBusError(
      "read the stream",
      this.#there().js.consumers.get(STREAM, {
        opt_start_seq: from,
        deliver_policy: DeliverPolicy.StartSequence,
      }),
    );
    const messages = await orBusError(
      "read the stream",
      consumer.consume({ max_messages: READ_AHEAD, idle_heartbeat: 2000 }),
    );
    const reader = new StreamReader(messages);
    this.#reader = reader;
    return reader;
  }

  async lastOf(subject: string): Promise<Message | undefined> {
    try {
      const raw = await this.#there().jsm.streams.getMessage(STREAM, { last_by_subj: subject });
      if (raw === null) return undefined;
      return messageOf(
        { seq: raw.seq, subject: raw.subject, headers: raw.header, string: () => raw.string() },
        Math.floor(raw.time.getTime()),
      );
    } catch (error) {
      if (codeOf(error) === MESSAGE_NOT_FOUND) return undefined;
      throw busError("read the stream", error);
    }
  }

  async takenAt(seq: number): Promise<number | undefined> {
    try {
      const raw = await this.#there().jsm.streams.getMessage(STREAM, { seq });
      return raw === null ? undefined : Math.floor(raw.time.getTime());
    } catch (error) {
      if (codeOf(error) === MESSAGE_NOT_FOUND) return undefined;
      throw busError("read the stream", error);
    }
  }

  async buckets(): Promise<string | undefined> {
    const { jsm } = this.#there();
    try {
      const infos = await Promise.all(
        [LEASES_BUCKET, NODES_BUCKET].map((name) => jsm.streams.info(`KV_${name}`)),
      );
      return infos.map(({ created }) => String(created)).join(" ");
    } catch (error) {
      if (codeOf(error) === STREAM_NOT_FOUND) return undefined;
      throw busError("ask for the buckets", error);
    }
  }

  leases(): Promise<Bucket> {
    return this.#open(LEASES_BUCKET);
  }

  nodes(): Promise<Bucket> {
    return this.#open(NODES_BUCKET);
  }

  async ask(subject: string, question: string, timeoutMs: number): Promise<string> {
    const answer = await orBusError(
      "ask a node",
      this.#there().connection.request(subject, question, { timeout: timeoutMs }),
    );
    return answer.string();
  }

  answer(subject: string, answer: (question: string) => Promise<string>) {
    let stop = (): void => undefined;
    let isStopped = false;
    const serve = async (): Promise<void> => {
      const { connection } = await this.#connected;
      if (isStopped) return;
      const subscription = connection.subscribe(subject);
      stop = () => subscription.unsubscribe();
      for await (const asked of subscription) {
        answer(asked.string()).then(
          (text) => asked.respond(text),
          () => undefined,
        );
      }
    };
    // Ends with the connection.
    serve().catch(() => undefined);
    return {
      stop: () => {
        isStopped = true;
        stop();
      },
    };
  }

  async storage() {
    const { storage, limits } = await orBusError(
      "ask for the account",
      this.#there().jsm.getAccountInfo(),
    );
    return { used: storage, limit: limits.max_storage };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#now?.connection.close();
  }

  async #use(connection: NatsConnection): Promise<Connected> {
    const { jetstream, jetstreamManager } = this.#libraries.jetstream;
    const options = { timeout: TIMEOUT_MS };
    const js = jetstream(connection, options);
    const jsm = await jetstreamManager(connection, { ...options, checkAPI: false });
    const acks = new Acknowledgements(connection, this.#libraries.transport.createInbox());
    this.#now = { connection, js, jsm, acks };
    this.#isConnected = true;
    this.#followStatus(connection).catch(() => {
      this.#isConnected = false;
    });
    return this.#now;
  }

  async #followStatus(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === "disconnect") {
        this.#isConnected = false;
        // The library would go on by itself, also in a stream that was made anew meanwhile.
        this.#reader?.stop();
      }
      if (type === "reconnect") this.#isConnected = true;
    }
    this.#isConnected = false;
  }

  #there(): Connected {
    if (this.#now === undefined)
      throw new BusError("away", "no NATS server of --cluster has been reached yet");
    return this.#now;
  }

  async #bucket(name: string, ttl: number, replicas: number): Promise<KV> {
    const kvm = new this.#libraries.kv.Kvm(this.#there().connection);
    return orBusError(`make the bucket ${name}`, kvm.create(name, { ttl, replicas, history: 1 }));
  }

  async #open(name: string): Promise<Bucket> {
    const { connection, jsm } = this.#there();
    const kvm = new this.#libraries.kv.Kvm(connection);
    const kv = await orBusError(`open the bucket ${name}`, kvm.open(name));
    // The library lists keys through a consumer, which is slow to be made while a server is away.
    return new KvBucket(kv, async () => {
      const subjects = `$KV.${name}.`;
      const { state } = await jsm.streams.info(`KV_${name}`, { subjects_filter: `${subjects}>` });
      return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subjects.length));
    });
  }
}

/** What servers take where they have not said. */
const DEFAULT_MAX_BYTES = 1_048_576;
/** How long an attempt to connect may take, and the pause between two, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5000;
const CONNECT_AGAIN_MS = 1000;

const connectOnce = (
  { transport }: Libraries,
  { servers }: ClusterAddress,
  name: string,
): Promise<NatsConnection> => {
  const parsed = servers.map((text) => new URL(text));
  const { username = "", password = "" } = parsed.find(({ username: user }) => user !== "") ?? {};
  const isTls = parsed.some(({ protocol }) => protocol === "tls:");
  return transport.connect({
    servers: parsed.map(({ host }) => host),
    name: `calllog ${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    timeout: CONNECT_TIMEOUT_MS,
    // A connection of which nothing is heard is given up after twice this.
    pingInterval: 5000,
    maxPingOut: 2,
    // A password may be put right again.
    ignoreAuthErrorAbort: true,
    ...(username === "" ? {} : { user: decodeURIComponent(username) }),
    ...(password === "" ? {} : { pass: decodeURIComponent(password) }),
    ...(isTls ? { tls: {} } : {}),
  });
};

/**
 * Connects to one of the servers. Once connected it stays so: it goes over to another server where that one ends, for ever.
 *
 * @throws BusError where none can be reached
 */
export const connectBus = async (address: ClusterAddress, name: string): Promise<Bus> => {
  const libraries = await loadLibraries();
  const bus = new NatsBus(libraries, () => connectOnce(libraries, address, name));
  await orBusError("connect to the NATS servers", bus.ready());
  return bus;
};

/**
 * The same at once, connected or not: it tries for ever, and what is asked of it meanwhile is rejected as away.
 *
 * @param onFault why the servers cannot be reached, each time it is another reason
 */
export const connectBusPatiently = async (
  address: ClusterAddress,
  name: string,
  onFault: (error: unknown) => void,
): Promise<Bus> => {
  const libraries = await loadLibraries();
  let told = "";
  return new NatsBus(libraries, async (isClosed) => {
    for (;;) {
      try {
        return await connectOnce(libraries, address, name);
      } catch (error) {
        if (isClosed()) throw error;
        if (errorText(error) !== told) onFault(error);
        told = errorText(error);
        await pause(CONNECT_AGAIN_MS);
      }
    }
  });
};
