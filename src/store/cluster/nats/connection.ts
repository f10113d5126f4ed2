// A connection to the servers. The library is loaded when a cluster is opened: a machine on its own pays nothing for it.

import type { JetStreamClient, JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { errorText } from "../../../lib/errors.ts";
import { pause } from "../../../lib/pause.ts";
import {
  type Bucket,
  type Bus,
  BusError,
  type ClusterAddress,
  ID_HEADER,
  LEASE_TTL_MS,
  type Message,
  type MessageReader,
  type Published,
  type PublishOptions,
  type StreamState,
} from "../bus.ts";
import { LEASES_BUCKET, NODES_BUCKET, STREAM, STREAM_SUBJECTS } from "../names.ts";
import { Acknowledgements, TIMEOUT_MS } from "./acknowledgements.ts";
import { KvBucket } from "./bucket.ts";
import {
  busError,
  codeOf,
  MESSAGE_NOT_FOUND,
  orBusError,
  STREAM_NAME_IN_USE,
  STREAM_NOT_FOUND,
} from "./errors.ts";
import { messageOf, StreamReader } from "./reader.ts";

/** A message id is remembered this long by the stream, in milliseconds. */
const DUPLICATE_WINDOW_MS = 120_000;
/** What is known of a node that does not come back is kept this long, in milliseconds. */
const NODE_TTL_MS = 7 * 86_400_000;
/** Messages read ahead. */
const READ_AHEAD = 1000;
const NANOS = 1_000_000;

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

const stateOf = (info: StreamInfo): StreamState => ({
  epoch: String(info.created),
  first: info.state.first_seq,
  last: info.state.last_seq,
  replicas: info.config.num_replicas,
  awayServers: (info.cluster?.replicas ?? [])
    .filter(({ current, offline }) => !current || offline === true)
    .map(({ name }) => name),
});

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
