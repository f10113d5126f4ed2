// The NATS servers, as the cluster needs them: what is asked of them, and what comes back. How that is done stands in `nats`, the
// only place that knows the client library. What the servers do not answer in time is told as `BusError`.

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

/** A key of the leases that is not renewed is gone after this, in milliseconds (DESIGN: 10 s). */
export const LEASE_TTL_MS = 10_000;
/** By which the stream knows a message when it comes again (NATS, "Message deduplication"). */
export const ID_HEADER = "Nats-Msg-Id";
