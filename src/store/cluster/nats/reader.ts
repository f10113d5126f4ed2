// Messages of the stream, in the pieces in which they came.

import type { Message, MessageReader } from "../bus.ts";
import { busError } from "./errors.ts";

/** Messages handed on at once. */
const BATCH = 500;

/** What a message is read through, whatever the library's shape of it. */
export type RawMessage = {
  readonly seq: number;
  readonly subject: string;
  readonly headers?: { get(name: string): string } | undefined;
  string(): string;
};

export const messageOf = (raw: RawMessage, at: number): Message => ({
  seq: raw.seq,
  at,
  subject: raw.subject,
  text: raw.string(),
  header: (name) => raw.headers?.get(name) ?? "",
});

/** Hands messages on in the pieces in which they came. */
export class StreamReader implements MessageReader {
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
