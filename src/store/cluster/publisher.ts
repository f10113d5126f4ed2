// What this process records, on its way into the stream: into the outbox on the disk, to the servers, and out of the outbox
// when it is in this node's own files. Invariants: order is kept; what was answered for is on the disk or in the stream; it
// leaves the disk only when a stream that is lost would not take it along.

import type { RecordToWrite } from "../../domain/record.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { pause } from "../../lib/pause.ts";
import type { Spool, SpoolPlace } from "../../lib/spool.ts";
import { TraceWriteError } from "../errors.ts";
import { LineTooLongError } from "../format/codec.ts";
import type { AppendResult } from "../types.ts";
import type { Bus, Published } from "./bus.ts";
import {
  AGAIN_HEADER,
  fieldsAt,
  fitsMessage,
  messageId,
  type Outgoing,
  outgoing,
} from "./message.ts";
import { subjectOf } from "./names.ts";
import type { Place } from "./place.ts";

export type PublisherOptions = {
  readonly bus: Pick<Bus, "publish" | "maxBytes" | "state">;
  readonly spool: Spool;
  /** Of the spool, for messages. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How far this node's files are. */
  readonly place: () => Place;
  /**
   * Since when this process itself reads the stream into the files (by `performance.now()`), and so tells by `taken` what is in
   * them; undefined where another process does.
   */
  readonly readsSince: () => number | undefined;
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
/** How often the servers are asked which stream they have, while records are published, in milliseconds. */
const CONFIRM_MS = 1000;

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
  /** Its number in the stream, and when that was told, by `performance.now()`. */
  acked: Ack | undefined;
};

type Ack = Published & { readonly at: number };

/** A record as a line of the spool. */
const spoolLine = (record: Outgoing): string => JSON.stringify(record);

const readSpoolLine = (text: string): Outgoing | undefined => {
  try {
    const read = JSON.parse(text) as Partial<Outgoing> | null;
    const { id, enterprise, fields, isGiven, at, nth } = read ?? {};
    const isWhole =
      typeof id === "string" &&
      typeof enterprise === "string" &&
      typeof fields === "string" &&
      typeof isGiven === "boolean" &&
      typeof at === "number";
    if (!isWhole) return undefined;
    return { id, enterprise, fields, isGiven, at, ...(typeof nth === "number" ? { nth } : {}) };
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
  /** Ids of what is published and still in the spool, and of those the ones that are in the files. */
  readonly #published = new Set<string>();
  readonly #heard = new Set<string>();
  #epoch = "";
  /** Which stream it was that the servers had at a moment (by `performance.now()`): numbers told before it are of that one. */
  #confirmed = { epoch: "", at: Number.NEGATIVE_INFINITY };
  #isConfirming = false;
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
      this.#confirm();
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
    if (!fitsMessage(bus, out.fields)) {
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
      acked: undefined,
    };
    if (this.#fresh.push(entry) === 1) setImmediate(() => this.#flush());
    return promise;
  }

  /**
   * Lines of this node's files that others may lack. They are in the outbox when this returns.
   *
   * @throws the system's error where the disk does not take them; then none of them is there
   */
  give(lines: readonly Outgoing[]): void {
    if (lines.length === 0) return;
    this.#options.spool.append(lines.map(spoolLine));
    this.#mode = "draining";
    this.#drain();
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
    await Promise.race([done, pause(withinMs)]);
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
    this.#published.add(messageId(record));
    const now = clock.now();
    const { at, isGiven, nth = 1 } = record;
    // The stream knows ids for two minutes, and this process only what it has published itself.
    const isAgain = isGiven || at <= this.#doubtUntil || Math.abs(now - at) > KNOWN_MS;
    return bus.publish(subjectOf(record.enterprise), fieldsAt(record, now), {
      id: messageId(record),
      ...(isAgain ? { headers: { [AGAIN_HEADER]: String(nth) } } : {}),
    });
  }

  /** Whether servers with a smaller limit than before take a record no more: it is said, and holds up no other. */
  #isTooLong(record: Outgoing): boolean {
    const { bus, log } = this.#options;
    if (fitsMessage(bus, record.fields)) return false;
    const { enterprise, fields } = record;
    log.error(
      "a record is lost: it is longer than the NATS servers take; raise their max_payload",
      {
        enterprise,
        line: fields.slice(0, 200),
      },
    );
    return true;
  }

  #taken(entry: Entry, { seq, duplicate }: Published): void {
    entry.acked = { seq, duplicate, at: performance.now() };
    if (this.#mode === "live") this.#back();
    // What the disk did not take is kept nowhere: it is in the stream, and that must do.
    if (!entry.isForFiles || entry.end === undefined) this.#answer(entry, duplicate);
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
    const confirmedAt =
      this.#confirmed.epoch === epoch ? this.#confirmed.at : Number.NEGATIVE_INFINITY;
    if (this.#mode === "live" && phase !== "filling") {
      let done = 0;
      let end: SpoolPlace | undefined;
      for (const { record, acked, end: own } of this.#order) {
        const isByNumber =
          acked !== undefined && acked.at < confirmedAt && this.#tellsByNumber(acked, placeSeq);
        if (!isByNumber && !this.#heard.has(messageId(record))) break;
        end = own ?? end;
        done += 1;
        this.#letGo(messageId(record));
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
    this.#published.clear();
    this.#heard.clear();
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
        if (record === undefined || this.#isTooLong(record)) return { id: "", ack: NO_ACK, end };
        const ack = { ...(await this.#send(record)), at: performance.now() };
        return { id: messageId(record), ack, end };
      });
      const outcomes = await Promise.allSettled(sent);
      const taken = outcomes.flatMap((outcome) =>
        outcome.status === "fulfilled" ? [outcome.value] : [],
      );
      const last = taken.at(-1);
      if (taken.length === outcomes.length) this.#back();
      if (taken.length < outcomes.length || last === undefined) {
        this.#isAway = true;
        await pause(RETRY_MS);
        continue;
      }
      if (!(await this.#areInFiles(taken, epoch))) continue;
      for (const { id } of taken) this.#letGo(id);
      spool.advance(last.end);
    }
  }

  /** Messages are in this node's files: whoever waits for that is answered. @param ids as `messageId` makes them */
  taken(ids: Iterable<string>): void {
    let isAny = false;
    for (const id of ids) {
      if (!this.#published.has(id)) continue;
      isAny = true;
      this.#heard.add(id);
      const entry = this.#forFiles.get(id);
      this.#forFiles.delete(id);
      if (entry !== undefined) this.#answer(entry, false);
    }
    if (isAny) this.look();
  }

  #letGo(id: string): void {
    this.#published.delete(id);
    this.#heard.delete(id);
    const entry = this.#forFiles.get(id);
    this.#forFiles.delete(id);
    if (entry !== undefined) this.#answer(entry, false);
  }

  /**
   * Whether a number in the stream tells that a record is in the files. It does where this process does not read them itself, and
   * where the message was there before; else only what was read counts: servers that go back give numbers twice.
   */
  #tellsByNumber({ seq, duplicate, at }: Ack, placeSeq: number): boolean {
    const since = this.#options.readsSince();
    return seq <= placeSeq && (duplicate || since === undefined || at < since);
  }

  /** Asks which stream it is, where that is needed: streams do not come back, so what was told before is of this one. */
  #confirm(): void {
    const isNeeded = this.#order.some(
      ({ acked }) => acked !== undefined && acked.at > this.#confirmed.at,
    );
    const isTime = performance.now() - this.#confirmed.at > CONFIRM_MS;
    if (!isNeeded || !isTime || this.#isConfirming) return;
    this.#isConfirming = true;
    const at = performance.now();
    this.#options.bus
      .state()
      .then(
        (state) => {
          if (state !== undefined) this.#confirmed = { epoch: state.epoch, at };
          this.look();
        },
        // Asked again at the next look.
        () => undefined,
      )
      .finally(() => {
        this.#isConfirming = false;
      });
  }

  /** Waits until this node's files have taken what was published. @returns false where it is to be published again */
  async #areInFiles(
    taken: readonly { readonly id: string; readonly ack: Ack }[],
    epoch: string,
  ): Promise<boolean> {
    const { place, bus } = this.#options;
    for (;;) {
      const { epoch: now, phase, seq } = place();
      if (now !== epoch || this.#isClosing) return false;
      const unheard = taken.filter(({ id }) => id !== "" && !this.#heard.has(id));
      if (unheard.length === 0) return true;
      if (phase !== "filling" && unheard.every(({ ack }) => this.#tellsByNumber(ack, seq))) {
        const state = await bus.state().catch(() => undefined);
        return state?.epoch === epoch;
      }
      await pause(5);
    }
  }
}

const NO_ACK: Ack = { seq: 0, duplicate: true, at: 0 };
