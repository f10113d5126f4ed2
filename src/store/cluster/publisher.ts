// What this process records, on its way into the stream: into the outbox on the disk, to the servers, and out of the outbox
// when it is in this node's own files. Invariants: order is kept; what was answered for is on the disk or in the stream; it
// leaves the disk only when a stream that is lost would not take it along.

import type { RecordToWrite } from "../../domain/record.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Spool, SpoolPlace } from "../../lib/spool.ts";
import { TraceWriteError } from "../errors.ts";
import { LineTooLongError } from "../format/codec.ts";
import type { AppendResult } from "../types.ts";
import type { Bus, Published } from "./bus.ts";
import { MESSAGE_ROOM } from "./filling.ts";
import { AGAIN_HEADER, fieldsAt, messageId, type Outgoing, outgoing } from "./message.ts";
import { subjectOf } from "./names.ts";
import type { Place } from "./place.ts";

export type PublisherOptions = {
  readonly bus: Pick<Bus, "publish" | "maxBytes">;
  readonly spool: Spool;
  /** Of the spool, for messages. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How far this node's files are. */
  readonly place: () => Place;
  /** How long a sender waits for the stream, in milliseconds. Default: a second. */
  readonly waitMs?: number;
};

export type PublisherState = {
  /** Bytes in the outbox. */
  readonly waitingBytes: number;
  /** Whether the stream takes records now. */
  readonly isAway: boolean;
  /** Records answered for by the outbox alone, since the start. */
  readonly late: number;
};

/** DESIGN: "or after 1 s when the outbox alone has it". */
const WAIT_MS = 1000;
/** Records on their way at the same time. */
const WINDOW = 512;
/** Records kept in memory; where more wait, they come from the disk again. */
const MAX_KEPT = 50_000;
/** Half of what the stream remembers ids for, in milliseconds. */
const KNOWN_MS = 60_000;
const RETRY_MS = 250;
const LOOK_MS = 250;

type Entry = {
  readonly record: Outgoing;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
  /** Where the spool goes on behind it; undefined where the disk did not take it. */
  end: SpoolPlace | undefined;
  isAnswered: boolean;
  /** Whether it is answered when it is in this node's files, and not before. */
  readonly isForFiles: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Its number in the stream. */
  seq: number | undefined;
};

/** A record as a line of the spool. */
const spoolLine = (record: Outgoing): string => JSON.stringify(record);

const readSpoolLine = (text: string): Outgoing | undefined => {
  try {
    const read = JSON.parse(text) as Partial<Outgoing> | null;
    const { id, enterprise, fields, isGiven, at } = read ?? {};
    const isWhole =
      typeof id === "string" &&
      typeof enterprise === "string" &&
      typeof fields === "string" &&
      typeof isGiven === "boolean" &&
      typeof at === "number";
    return isWhole ? { id, enterprise, fields, isGiven, at } : undefined;
  } catch {
    return undefined;
  }
};

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #waitMs: number;
  readonly #watch: ReturnType<typeof setInterval>;
  /** Taken in this turn, not in the spool yet. */
  #fresh: Entry[] = [];
  /** In the spool and not on its way. */
  #queue: Entry[] = [];
  /** In the order of the spool: on its way, or not in this node's files yet. */
  #order: Entry[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #mode: "live" | "draining" = "live";
  #draining: Promise<void> | undefined;
  /** Records that are answered when they are in the files, by their ids in the stream. */
  readonly #forFiles = new Map<string, Entry>();
  #epoch = "";
  /** Records taken before may be in the files already: another process, or another stream, had them. */
  #doubtUntil: number;
  #isAway = false;
  #isClosing = false;
  #late = 0;
  #fault = "";

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#waitMs = options.waitMs ?? WAIT_MS;
    this.#epoch = options.place().epoch;
    this.#doubtUntil = options.clock.now();
    // What an earlier process left comes first.
    if (options.spool.waitingBytes() > 0) this.#drain();
    this.#watch = setInterval(() => {
      this.look();
      this.#save();
    }, LOOK_MS);
    this.#watch.unref();
  }

  /**
   * Resolves when the stream has the record, or after a second when the outbox alone has it.
   *
   * @param options.isGiven whether it is an event whose sender gave it its `EventId`
   * @param options.isForFiles resolves when it is in this node's files, however long that takes: for what is read back from them
   * @throws RecordError where it cannot be a line, TraceWriteError where neither the stream nor the disk takes it
   */
  append(
    enterprise: string,
    record: RecordToWrite,
    { isGiven, isForFiles }: { readonly isGiven: boolean; readonly isForFiles: boolean },
  ): Promise<AppendResult> {
    const { bus, clock } = this.#options;
    const out = outgoing(enterprise, record, { isGiven, at: clock.now() });
    if (Buffer.byteLength(out.fields) > bus.maxBytes - MESSAGE_ROOM) {
      throw new LineTooLongError(
        `cannot record: the line is longer than the NATS servers take (max_payload ${bus.maxBytes})`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<AppendResult>();
    const entry: Entry = {
      record: out,
      resolve,
      reject,
      end: undefined,
      isAnswered: false,
      isForFiles,
      timer: undefined,
      seq: undefined,
    };
    if (this.#fresh.push(entry) === 1) setImmediate(() => this.#flush());
    return promise;
  }

  state(): PublisherState {
    return {
      waitingBytes: this.#options.spool.waitingBytes(),
      isAway: this.#isAway,
      late: this.#late,
    };
  }

  /** Waits that long at most, in milliseconds, for what is on its way; the rest stays on the disk. */
  async close(withinMs: number): Promise<void> {
    clearInterval(this.#watch);
    this.#isClosing = true;
    if (this.#fresh.length > 0) this.#flush();
    const done = Promise.all([...this.#underWay, this.#draining]);
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, withinMs))]);
    this.look();
    this.#save();
    this.#options.spool.close();
    const left = [...this.#queue, ...this.#order, ...this.#forFiles.values()];
    this.#forFiles.clear();
    for (const entry of left) this.#answerFromOutbox(entry);
  }

  #flush(): void {
    const entries = this.#fresh;
    this.#fresh = [];
    try {
      const ends = this.#options.spool.append(entries.map(({ record }) => spoolLine(record)));
      entries.forEach((entry, index) => {
        entry.end = ends[index];
      });
      this.#fault = "";
    } catch (error) {
      if (errorText(error) !== this.#fault)
        this.#options.log.error(
          "cannot write the outbox: records are answered for by the stream alone",
          {
            error,
          },
        );
      this.#fault = errorText(error);
    }
    for (const entry of entries) {
      if (entry.isForFiles && entry.end !== undefined)
        this.#forFiles.set(messageId(entry.record), entry);
      if (this.#mode === "draining") {
        // While it is known that the stream is away, no sender waits for it.
        this.#answerFromOutbox(entry);
        continue;
      }
      if (!entry.isForFiles)
        entry.timer = setTimeout(() => this.#answerFromOutbox(entry), this.#waitMs);
      this.#queue.push(entry);
    }
    this.#pump();
  }

  #pump(): void {
    let count = 0;
    while (this.#mode === "live" && count < this.#queue.length && this.#underWay.size < WINDOW) {
      const entry = this.#queue[count];
      count += 1;
      if (entry === undefined) continue;
      this.#order.push(entry);
      const sent: Promise<void> = this.#send(entry.record)
        .then(
          (published) => this.#taken(entry, published),
          (error: unknown) => this.#failed(error),
        )
        .finally(() => {
          this.#underWay.delete(sent);
          this.#pump();
        });
      this.#underWay.add(sent);
    }
    if (count > 0) this.#queue = this.#queue.slice(count);
    if (this.#queue.length + this.#order.length > MAX_KEPT) this.#drain();
  }

  #send(record: Outgoing): Promise<Published> {
    const { bus, clock } = this.#options;
    const now = clock.now();
    const { at, isGiven } = record;
    // The stream knows ids for two minutes, and this process only what it has published itself.
    const isAgain = isGiven || at <= this.#doubtUntil || Math.abs(now - at) > KNOWN_MS;
    return bus.publish(subjectOf(record.enterprise), fieldsAt(record, now), {
      id: messageId(record),
      ...(isAgain ? { headers: { [AGAIN_HEADER]: "1" } } : {}),
    });
  }

  #taken(entry: Entry, { seq, duplicate }: Published): void {
    entry.seq = seq;
    if (this.#mode === "live") this.#back();
    // What the disk did not take is kept nowhere: it is in the stream, and that must do.
    if (!entry.isForFiles || entry.end === undefined) this.#answer(entry, duplicate);
    else this.look();
  }

  #failed(error: unknown): void {
    if (!this.#isAway)
      this.#options.log.warn("records wait on the disk: the stream does not take them", {
        reason: errorText(error),
      });
    this.#isAway = true;
    this.#drain();
  }

  #back(): void {
    if (this.#isAway) this.#options.log.info("the stream takes records again");
    this.#isAway = false;
  }

  #answer(entry: Entry, duplicate: boolean): void {
    if (entry.isAnswered) return;
    entry.isAnswered = true;
    clearTimeout(entry.timer);
    entry.resolve({ at: entry.record.at, duplicate });
  }

  #answerFromOutbox(entry: Entry): void {
    if (entry.isAnswered || this.#forFiles.has(messageId(entry.record))) return;
    if (entry.end !== undefined) {
      this.#late += 1;
      this.#answer(entry, false);
      return;
    }
    entry.isAnswered = true;
    clearTimeout(entry.timer);
    const cause = new Error(`neither the stream nor the outbox took it: ${this.#fault}`);
    entry.reject(new TraceWriteError(entry.record.enterprise, this.#options.dir, cause));
  }

  /** Lets go of what is in this node's files; begins anew where the stream is another one. Told where the place has moved. */
  look(): void {
    const { place, spool } = this.#options;
    const { epoch, seq: placeSeq, phase } = place();
    if (epoch !== this.#epoch) {
      const isFirst = this.#epoch === "";
      this.#epoch = epoch;
      this.#doubtUntil = this.#options.clock.now();
      if (!isFirst && spool.waitingBytes() > 0) this.#drain();
    }
    if (this.#mode === "live" && phase !== "filling") {
      let done = 0;
      let end: SpoolPlace | undefined;
      for (const entry of this.#order) {
        if (entry.seq === undefined || entry.seq > placeSeq) break;
        end = entry.end ?? end;
        done += 1;
        this.#inFiles(entry.record);
      }
      if (done > 0) this.#order = this.#order.slice(done);
      if (end !== undefined) spool.advance(end);
    }
  }

  #save(): void {
    const { spool, log } = this.#options;
    try {
      spool.save();
    } catch (error) {
      // What is not noted is published again after a crash, and known by its id.
      log.debug("cannot write down how far the outbox is published", { error: errorText(error) });
    }
  }

  /** From the disk, in order, until nothing waits there. What comes meanwhile goes behind it. */
  #drain(): void {
    if (this.#draining !== undefined) return;
    this.#mode = "draining";
    this.#draining = this.#drainAll()
      .catch((error: unknown) => this.#options.log.error("cannot publish the outbox", { error }))
      .finally(() => {
        this.#draining = undefined;
        if (this.#mode === "draining" && !this.#isClosing)
          setTimeout(() => this.#drain(), RETRY_MS);
      });
  }

  async #drainAll(): Promise<void> {
    // What is on its way settles first: it must not overtake.
    await Promise.all(this.#underWay);
    for (const entry of [...this.#order, ...this.#queue]) this.#answerFromOutbox(entry);
    this.#order = [];
    this.#queue = [];
    const { spool, place } = this.#options;
    for (;;) {
      if (this.#isClosing) return;
      const lines = spool.peek();
      if (lines.length === 0) {
        this.#mode = "live";
        this.#back();
        return;
      }
      const { epoch } = place();
      const sent = lines.map(async ({ text, end }) => {
        const record = readSpoolLine(text);
        return { seq: record === undefined ? 0 : (await this.#send(record)).seq, end };
      });
      const outcomes = await Promise.allSettled(sent);
      const failed = outcomes.find((outcome) => outcome.status === "rejected");
      if (failed === undefined) this.#back();
      const last = outcomes.findLast((outcome) => outcome.status === "fulfilled");
      if (failed !== undefined || last === undefined) {
        this.#isAway = true;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      if (!(await this.#isInFiles(last.value.seq, epoch))) continue;
      for (const { text } of lines) {
        const record = readSpoolLine(text);
        if (record !== undefined) this.#inFiles(record);
      }
      spool.advance(last.value.end);
    }
  }

  #inFiles(record: Outgoing): void {
    if (this.#forFiles.size === 0) return;
    const id = messageId(record);
    const entry = this.#forFiles.get(id);
    this.#forFiles.delete(id);
    if (entry !== undefined) this.#answer(entry, false);
  }

  /** Waits until this node's files have taken a message. @returns false where the stream became another one meanwhile */
  async #isInFiles(seq: number, epoch: string): Promise<boolean> {
    const { place } = this.#options;
    for (;;) {
      const now = place();
      if (now.epoch !== epoch) return false;
      if (now.phase !== "filling" && now.seq >= seq) return true;
      if (this.#isClosing) return false;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
