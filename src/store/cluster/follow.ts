// Reading the stream into the files, for as long as the node runs: finds the stream or makes it, has it filled where it is
// new, reads on where the files end, and notices when it is another one or has lost its end.

import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { pause } from "../../lib/pause.ts";
import type { Applier } from "./applier.ts";
import type { Bus, MessageReader, StreamState } from "./bus.ts";
import { isOpening } from "./control.ts";
import { type FillingOptions, StreamFilling } from "./filling.ts";
import { CONTROL_SUBJECT } from "./names.ts";
import type { Place } from "./place.ts";

export type FollowStreamOptions = {
  readonly bus: Bus;
  readonly applier: Applier;
  readonly keepMs: number;
  readonly replicas: number;
  readonly filling: Omit<FillingOptions, "bus" | "log">;
  /** The stream is there, or another one than before: buckets can be opened. */
  readonly onStream: (state: StreamState) => Promise<void>;
  readonly log: Log;
};

const LOOK_MS = 1000;
const RETRY_MS = 500;
/** How often in a row the servers must say that there is no stream, or that it ends before our place. */
const SURE = 4;
/** Messages that do not come for this long are asked for anew, in milliseconds: a consumer can be lost without a word. */
const STALL_MS = 10_000;
/** What has been wrong for so long is told by giving leases back, in milliseconds. */
const ILL_MS = 5000;
/** Without messages for this long, the place is written down. In milliseconds. */
const NOTE_MS = 200;
/** Servers that elect another leader, and may go back in doing so, send nothing for longer than this, in milliseconds. */
const SILENCE_MS = 200;
/** Places to be asked for at one look; more pauses than that are not between two looks. */
const MAX_DOUBTED = 8;

export class StreamFollower {
  readonly #options: FollowStreamOptions;
  readonly #waiting = new Set<{ readonly state: StreamState; readonly resolve: () => void }>();
  #reader: MessageReader | undefined;
  #filling: StreamFilling | undefined;
  #state: StreamState | undefined;
  #isStopped = false;
  #isWatching = false;
  #running: Promise<void>;
  #fault: string | undefined;
  #complained = "";
  #lastAt = 0;
  /** The last message that was read, and when, by `performance.now()`. */
  #read = { seq: 0, at: 0 };
  /** Since when the stream is not read, by `performance.now()`; undefined while it is. */
  #faultSince: number | undefined;
  /** The buckets that are in use. */
  #buckets: string | undefined;
  /** Where messages went on after a silence, since the last look: servers may have gone back in it behind what was read. */
  #doubted: Place[] = [];

  constructor(options: FollowStreamOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** The stream as it was last seen. */
  get state(): StreamState | undefined {
    return this.#state;
  }

  /** Why the stream is not read into the files; undefined while it is. */
  get fault(): string | undefined {
    return this.#fault ?? this.#options.applier.fault;
  }

  /** Whether what is wrong has lasted for some seconds: whoever needs the files as they are now is better off elsewhere. */
  get isIll(): boolean {
    const { applier } = this.#options;
    const sinceMs = this.#faultSince === undefined ? 0 : performance.now() - this.#faultSince;
    return applier.fault !== undefined || sinceMs > ILL_MS;
  }

  /** The stamp of the last message taken, in milliseconds since the epoch. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** Resolves when all that the stream held at the call is in the files. Rejects where the servers are away. */
  async readToEnd(): Promise<void> {
    const { bus, applier } = this.#options;
    const state = await bus.state();
    if (state === undefined) throw new Error("cannot read the stream to its end: there is none");
    if (isReached(applier.place, state)) return;
    await new Promise<void>((resolve) => {
      this.#waiting.add({ state, resolve });
    });
  }

  /** Told by the applier. */
  onPlace(place: Place): void {
    for (const wait of this.#waiting) {
      if (!isReached(place, wait.state)) continue;
      this.#waiting.delete(wait);
      wait.resolve();
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#reader?.stop();
    await this.#filling?.stop();
    await this.#running;
    this.#note();
    this.#options.applier.close();
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    while (!this.#isStopped) {
      try {
        const state = await this.#findStream();
        if (state !== undefined && !this.#isStopped) await this.#readOn(state);
      } catch (error) {
        const fault = errorText(error);
        this.#ails(fault);
        if (fault !== this.#complained)
          log.warn("the stream is not read; it is tried again", { reason: fault });
        this.#complained = fault;
      }
      if (!this.#isStopped) await pause(RETRY_MS);
    }
  }

  /** The stream to read, made where the servers have none; undefined where it is to be looked for again. */
  async #findStream(): Promise<StreamState | undefined> {
    const { bus, keepMs, replicas, log, applier } = this.#options;
    let state = await bus.state();
    for (let sure = 1; state === undefined && sure < SURE; sure += 1) {
      // Servers that have just started may not know yet.
      await pause(LOOK_MS);
      if (this.#isStopped) return undefined;
      state = await bus.state();
    }
    if (state === undefined)
      log.warn("the NATS servers have no stream; it is made, and filled from the nodes' files");
    if (state === undefined || (await bus.buckets()) === undefined)
      state = await bus.make({ keepMs, replicas });
    if (await this.#hasLostItsEnd(state)) {
      log.error(
        "the stream has lost messages that are in the files; it is made anew and filled from them",
        {
          last: state.last,
          place: applier.place.seq,
        },
      );
      await bus.remove();
      return undefined;
    }
    this.#state = state;
    if (state.epoch !== applier.place.epoch) await this.#beginNew(state);
    this.#buckets = await bus.buckets();
    await this.#options.onStream(state);
    return state;
  }

  async #hasLostItsEnd(state: StreamState): Promise<boolean> {
    const { bus } = this.#options;
    let now: StreamState | undefined = state;
    for (let sure = 1; await this.#isCut(now); sure += 1) {
      if (sure >= SURE) return true;
      await pause(LOOK_MS);
      now = await bus.state();
    }
    return false;
  }

  /** Whether the servers have gone back behind what was read: they lack that message, or have another one in its stead. */
  async #isCut(state: StreamState | undefined): Promise<boolean> {
    const doubted = this.#doubted;
    for (const place of [...doubted, this.#options.applier.place])
      if (await this.#isGone(place, state)) return true;
    this.#doubted = this.#doubted.filter((place) => !doubted.includes(place));
    return false;
  }

  async #isGone({ epoch, seq, at }: Place, state: StreamState | undefined): Promise<boolean> {
    const { bus, applier } = this.#options;
    if (state?.epoch !== epoch || seq === 0) return false;
    if (state.last < seq) return true;
    const takenAt = seq < state.first || at === 0 ? undefined : await bus.takenAt(seq);
    // A message that is not there was let go, or taken out by somebody.
    return takenAt !== undefined && takenAt !== at && applier.place.epoch === epoch;
  }

  async #beginNew({ epoch, first }: StreamState): Promise<void> {
    const { bus, applier, log } = this.#options;
    this.#doubted = [];
    // Of a stream that has let go of its beginning, the opening is gone too.
    const opening = first > 1 ? await bus.lastOf(CONTROL_SUBJECT) : undefined;
    const isOpen = first > 1 && opening === undefined;
    if (isOpen && applier.place.epoch !== "")
      applier.noteUnequal(
        "this node comes from another stream, and this one no longer has what it was filled with: move this node's folder away, and it fills itself",
      );
    log.info(isOpen ? "a stream is read from its beginning" : "a new stream is read", { epoch });
    applier.begin(
      isOpen
        ? { epoch, phase: "open", seq: first - 1, at: 0, openAt: first - 1 }
        : { epoch, phase: "filling", seq: 0, at: 0, openAt: 0 },
    );
  }

  async #readOn(state: StreamState): Promise<void> {
    const { bus, applier, log } = this.#options;
    const { place } = applier;
    // The beginning of a filling is read again after every pause: it tells who does what.
    if (place.phase === "filling") applier.begin(place);
    const from = Math.max(place.seq + 1, state.first);
    if (place.phase === "open" && place.seq + 1 < state.first) {
      log.error(
        "this node was away for longer than the stream keeps messages: days are lacking here",
        {
          messages: state.first - place.seq - 1,
        },
      );
      applier.noteUnequal(
        `this node was away for longer than the stream keeps messages, and lacks ${state.first - place.seq - 1} of them: move its folder away, and it fills itself`,
      );
      applier.begin({ ...place, seq: state.first - 1, at: 0 });
    }
    const reader = await bus.read(from);
    this.#reader = reader;
    this.#read = { seq: from - 1, at: performance.now() };
    if (this.#isStopped) reader.stop();
    // Of one that was opened long ago nobody need say anything.
    const isFilling = place.phase === "filling" && !(await this.#isOpened());
    const filling = isFilling
      ? new StreamFilling({ ...this.#options.filling, bus, log })
      : undefined;
    this.#filling = filling;
    const watch = setInterval(() => void this.#watch(reader, filling), LOOK_MS);
    let note: ReturnType<typeof setTimeout> | undefined;
    try {
      void filling?.look();
      for await (const batch of reader) {
        clearTimeout(note);
        for (const message of batch) filling?.take(message);
        if (performance.now() - this.#read.at > SILENCE_MS)
          this.#doubted = [...this.#doubted, applier.place].slice(-MAX_DOUBTED);
        const outcome = await applier.take(batch);
        const last = batch.at(-1);
        this.#lastAt = last?.at ?? this.#lastAt;
        this.#read = { seq: last?.seq ?? this.#read.seq, at: performance.now() };
        if (this.#complained !== "") log.info("the stream is read again");
        this.#isWell();
        this.#complained = "";
        if (outcome === "reread") return;
        if (applier.place.phase !== "filling") this.#filling = undefined;
        note = setTimeout(() => this.#note(), NOTE_MS);
      }
    } finally {
      clearInterval(watch);
      clearTimeout(note);
      reader.stop();
      await filling?.stop();
      this.#filling = undefined;
      this.#note();
    }
  }

  async #isOpened(): Promise<boolean> {
    const last = await this.#options.bus.lastOf(CONTROL_SUBJECT);
    return last !== undefined && isOpening(last);
  }

  #ails(fault: string): void {
    this.#fault = fault;
    this.#faultSince ??= performance.now();
  }

  #isWell(): void {
    this.#fault = undefined;
    this.#faultSince = undefined;
  }

  /** Buckets that were lost are made again, and used. */
  async #watchBuckets(state: StreamState): Promise<void> {
    const { bus, keepMs, replicas, log } = this.#options;
    const buckets = await bus.buckets();
    if (buckets !== undefined && buckets === this.#buckets) return;
    if (buckets === undefined) {
      log.warn("the buckets of the leases and nodes are gone; they are made again");
      await bus.make({ keepMs, replicas });
    }
    this.#buckets = await bus.buckets();
    await this.#options.onStream(state);
  }

  /** While the stream is read: is it still the same, does it reach as far? */
  async #watch(reader: MessageReader, filling: StreamFilling | undefined): Promise<void> {
    const { bus, applier, log } = this.#options;
    if (this.#isWatching) return;
    this.#isWatching = true;
    try {
      if (this.#filling !== undefined) await filling?.look();
      const state = await bus.state();
      const isSame = state?.epoch === applier.place.epoch && !(await this.#isCut(state));
      this.#state = state ?? this.#state;
      if (state !== undefined) await this.#watchBuckets(state);
      this.#isWell();
      const isStalled =
        isSame && state.last > this.#read.seq && performance.now() - this.#read.at > STALL_MS;
      if (isSame && !isStalled) return;
      if (isStalled)
        log.warn("the servers have sent nothing more of the stream; it is asked for anew");
      else log.warn("the stream is gone, or not the one that was read; it is looked for again");
      reader.stop();
    } catch (error) {
      this.#ails(errorText(error));
    } finally {
      this.#isWatching = false;
    }
  }

  #note(): void {
    try {
      this.#options.applier.note();
    } catch (error) {
      this.#options.log.debug("cannot write down the place in the stream", {
        reason: errorText(error),
      });
    }
  }
}

/** Whether all that a stream held then is in the files; another stream than this holds all of it too, once it is open. */
const isReached = (place: Place, { epoch, last }: StreamState): boolean =>
  place.phase !== "filling" && (place.epoch !== epoch || place.seq >= last);
