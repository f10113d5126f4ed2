// Keeps the archive: brings finished days into it, makes sure of a day once more before retention takes it, and takes out what is
// too old for it. One process does this at a time (the caller's lock). A failure is kept as a state and tried again; nothing
// here can lose a day.

import { join } from "node:path";
import { mapAtMost } from "../../lib/at-most.ts";
import type { Clock } from "../../lib/clock.ts";
import type { FileLock } from "../../lib/file-lock.ts";
import { DAY_MS } from "../../lib/time.ts";
import { finishedNames, tryParseFinishedName } from "../format/files.ts";
import { dayOf } from "../format/stamp.ts";
import { factsAt, listFolder } from "../read/open-files.ts";
import { enterprisesIn } from "../read/recent.ts";
import type { FileFacts } from "../write/trace-fs.ts";
import type { DayHead } from "./day-index.ts";
import { CHECKED_FOR_MS, holdArchiveLock, type Ledger, ledgerDayOf } from "./ledger.ts";
import { indexKey, parseObjectKey, partKey, tableKey } from "./object-names.ts";
import { ArchiveError, type ObjectStore } from "./object-store.ts";
import { type UploadOptions, type UploadOutcome, uploadDay } from "./upload-day.ts";
import { verifyDay } from "./verify-day.ts";

export type KeeperOptions = Omit<UploadOptions, "now" | "restMs"> & {
  readonly clock: Clock;
  /** Days that stay here, and days that stay in the archive (0: for ever). */
  readonly retentionDays: number;
  readonly archiveDays: number;
  readonly restMs?: number;
  /** Asked between days; false ends a pass early. */
  readonly isWanted?: () => boolean;
  /** The head of a day's index in the archive; undefined where there is none that can be used. */
  readonly headOf: (enterprise: string, name: string) => Promise<DayHead | undefined>;
  /** A day is in the archive no more: what was kept of it here goes, too. */
  readonly forget: (enterprise: string, name: string) => Promise<void>;
  /** Lets retention take what may go now. */
  readonly sweep: () => Promise<unknown>;
  readonly onUploaded?: (enterprise: string, name: string, outcome: UploadOutcome) => void;
  /** A day could not be uploaded or is not right in the archive. Must not throw. */
  readonly onFault?: (error: unknown) => void;
};

/** What is to be told of the archive. */
export type KeeperState = {
  /** Days that are here and not in the archive yet, and their bytes. */
  readonly waitingDays: number;
  readonly waitingBytes: number;
  /** Days that retention would have taken, and that stay because they are not safe in the archive. */
  readonly keptBeyond: number;
  /** Objects under the prefix that are none of ours. */
  readonly foreign: number;
  /** Why the last pass did not do everything; undefined where it did. */
  readonly failure: string | undefined;
  /** Whether the archive could not be reached or did not let us in. */
  readonly isAway: boolean;
  readonly uploadedDays: number;
  /** Another process was writing into the archive: the last pass did nothing. */
  readonly isBusy: boolean;
};

type LocalDay = {
  readonly enterprise: string;
  readonly name: string;
  readonly day: number;
  readonly facts: FileFacts;
};

/** Indexes read at the same time when an archive is learnt: years of many enterprises are a hundred thousand. */
const PARALLEL_HEADS = 16;

const isBlocking = (error: unknown): boolean =>
  !(error instanceof ArchiveError) || error.code === "away" || error.code === "denied";

export class ArchiveKeeper {
  readonly #options: KeeperOptions;
  readonly #store: ObjectStore;
  readonly #ledger: Ledger;
  #state: KeeperState = {
    waitingDays: 0,
    waitingBytes: 0,
    keptBeyond: 0,
    foreign: 0,
    failure: undefined,
    isAway: false,
    uploadedDays: 0,
    isBusy: false,
  };
  #passing: Promise<KeeperState> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#ledger = options.ledger;
  }

  get state(): KeeperState {
    return this.#state;
  }

  /** Does what there is to do; one pass at a time. Never rejects: what fails is in the state. */
  pass(): Promise<KeeperState> {
    this.#passing ??= this.#alone().finally(() => {
      this.#passing = undefined;
    });
    return this.#passing;
  }

  async #alone(): Promise<KeeperState> {
    let lock: FileLock | undefined;
    try {
      lock = holdArchiveLock(this.#options.dir);
    } catch (error) {
      this.#options.onFault?.(error);
      this.#state = { ...this.#state, failure: messageOf(error) };
      return this.#state;
    }
    this.#state = { ...this.#state, isBusy: lock === undefined };
    if (lock === undefined) return this.#state;
    try {
      return await this.#pass();
    } catch (error) {
      this.#options.onFault?.(error);
      this.#state = { ...this.#state, failure: messageOf(error) };
      return this.#state;
    } finally {
      lock.release();
    }
  }

  async #pass(): Promise<KeeperState> {
    let failure: unknown;
    const attempt = async (work: () => Promise<void>): Promise<boolean> => {
      if (this.#options.isWanted?.() === false) return false;
      try {
        await work();
      } catch (error) {
        failure ??= error;
        this.#options.onFault?.(error);
        return !isBlocking(error);
      }
      return true;
    };
    const isKnown = this.#ledger.isComplete() || (await attempt(() => this.#learn()));
    const local = await this.#local();
    const goOn =
      isKnown &&
      (await this.#each(attempt, this.#waiting(local), (day) => this.#upload(day))) &&
      (await this.#each(attempt, this.#leaving(local), (day) => this.#makeSure(day))) &&
      (await attempt(() => this.#takeOut()));
    await this.#sweep(attempt);
    await this.#measure(failure, goOn);
    return this.#state;
  }

  async #each(
    attempt: (work: () => Promise<void>) => Promise<boolean>,
    days: readonly LocalDay[],
    work: (day: LocalDay) => Promise<void>,
  ): Promise<boolean> {
    for (const day of days) if (!(await attempt(() => work(day)))) return false;
    return true;
  }

  /** The finished days that are here, oldest first. */
  async #local(): Promise<LocalDay[]> {
    const local: LocalDay[] = [];
    for (const enterprise of await enterprisesIn(this.#options.dir)) {
      const folder = join(this.#options.dir, enterprise);
      for (const name of finishedNames(await listFolder(folder))) {
        const facts = await factsAt(join(folder, name));
        const day = tryParseFinishedName(name);
        if (facts !== undefined && facts.size > 0 && day !== undefined)
          local.push({ enterprise, name, day, facts });
      }
    }
    return local.sort((a, b) => a.day - b.day);
  }

  get #today(): number {
    return dayOf(this.#options.clock.now());
  }

  /** Whether a day is too old for the archive, too. */
  #isOver(day: number): boolean {
    const { archiveDays } = this.#options;
    return archiveDays > 0 && day < this.#today - archiveDays;
  }

  #waiting(local: readonly LocalDay[]): LocalDay[] {
    return local.filter(
      ({ enterprise, name, day, facts }) =>
        !this.#isOver(day) && !this.#ledger.holds(enterprise, name, facts),
    );
  }

  /** Days that retention takes next, and whose objects were not looked at lately. */
  #leaving(local: readonly LocalDay[]): LocalDay[] {
    const { clock, retentionDays } = this.#options;
    return local.filter(({ enterprise, name, day, facts }) => {
      const checkedAt = this.#ledger.days(enterprise).get(name)?.checkedAt ?? 0;
      return (
        day < this.#today - retentionDays &&
        this.#ledger.holds(enterprise, name, facts) &&
        clock.now() - checkedAt > CHECKED_FOR_MS / 2
      );
    });
  }

  async #upload({ enterprise, name }: LocalDay): Promise<void> {
    const { clock, restMs = 0, onUploaded } = this.#options;
    const outcome = await uploadDay(enterprise, name, {
      ...this.#options,
      restMs,
      now: () => clock.now(),
    });
    if (outcome === "uploaded")
      this.#state = { ...this.#state, uploadedDays: this.#state.uploadedDays + 1 };
    onUploaded?.(enterprise, name, outcome);
  }

  /** Reads a day back once more before it leaves this disk; where it is not right, it is uploaded again. */
  async #makeSure({ enterprise, name, facts }: LocalDay): Promise<void> {
    const { head, problems } = await verifyDay(this.#store, enterprise, name);
    if (head !== undefined && problems.length === 0) {
      const about = { mtimeMs: facts.mtimeMs, checkedAt: this.#options.clock.now() };
      await this.#ledger.change(enterprise, new Map([[name, ledgerDayOf(head, about)]]));
      return;
    }
    await this.#ledger.change(enterprise, new Map([[name, undefined]]));
    throw new ArchiveError(
      "damaged",
      `cannot let go of ${enterprise}/${name}: ${problems.join("; ")}; it is uploaded again`,
    );
  }

  /** Learns what was put into the archive from elsewhere, or before this folder was lost. */
  async #learn(): Promise<void> {
    const found = new Map<string, string[]>();
    let foreign = 0;
    for await (const { key } of this.#store.list("")) {
      const object = parseObjectKey(key);
      if (object === undefined) foreign += 1;
      else if (object.kind === "index")
        found.set(object.enterprise, [...(found.get(object.enterprise) ?? []), object.name]);
    }
    for (const [enterprise, names] of found) {
      const known = this.#ledger.days(enterprise);
      const changes = new Map<string, ReturnType<typeof ledgerDayOf>>();
      await mapAtMost(PARALLEL_HEADS, names, async (name) => {
        if (known.has(name) || this.#options.isWanted?.() === false) return;
        const head = await this.#options.headOf(enterprise, name);
        if (head !== undefined) changes.set(name, ledgerDayOf(head, { mtimeMs: 0, checkedAt: 0 }));
      });
      if (changes.size > 0) await this.#ledger.change(enterprise, changes);
    }
    this.#state = { ...this.#state, foreign };
    if (this.#options.isWanted?.() !== false) await this.#ledger.setComplete();
  }

  /** The index first: without it a day is not there, whatever is left of it. */
  async #takeOut(): Promise<void> {
    for (const enterprise of await this.#ledger.enterprises()) {
      for (const { name, from } of this.#ledger.list(enterprise)) {
        if (!this.#isOver(from / DAY_MS) || this.#options.isWanted?.() === false) continue;
        await this.#store.remove(indexKey(enterprise, name));
        await this.#ledger.change(enterprise, new Map([[name, undefined]]));
        await this.#options.forget(enterprise, name);
        await this.#store.remove(tableKey(enterprise, name));
        for await (const { key } of this.#store.list(partKey(enterprise, name)))
          await this.#store.remove(key);
      }
    }
  }

  async #sweep(attempt: (work: () => Promise<void>) => Promise<boolean>): Promise<void> {
    await attempt(async () => {
      await this.#options.sweep();
    });
  }

  async #measure(failure: unknown, isDone: boolean): Promise<void> {
    const local = await this.#local();
    const waiting = this.#waiting(local);
    const oldest = this.#today - this.#options.retentionDays;
    this.#state = {
      ...this.#state,
      waitingDays: waiting.length,
      waitingBytes: waiting.reduce((sum, { facts }) => sum + facts.size, 0),
      keptBeyond: local.filter(({ day }) => day < oldest).length,
      failure: failure === undefined ? undefined : messageOf(failure),
      isAway: failure !== undefined && !isDone && isBlocking(failure),
    };
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
