// Publishing, with one subscription for all answers.

import type { Msg, MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { BusError, type Published } from "../bus.ts";
import { busError } from "./errors.ts";

/** How long the stream may take to answer, in milliseconds. */
export const TIMEOUT_MS = 2000;
/** How often it is looked for messages that the stream has not answered, in milliseconds. */
const ACK_LOOK_MS = 100;

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
export class Acknowledgements {
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
