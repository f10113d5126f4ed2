// Queries over the recent calls of an enterprise. Rows come from the tables of whole files; a page that cannot wait
// for a table is read from the end of the file.

import { LRUCache } from "lru-cache";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { DAY_MS, HOUR_MS } from "../../lib/time.ts";
import {
  type Archive,
  ArchiveError,
  createPacer,
  type DayReading,
  openTraceReader,
  plainDayReading,
  type SideBytes,
  type TraceStore,
} from "../../store/index.ts";
import { type FollowedCall, type FollowUps, followUps } from "../follow-up.ts";
import type { FindRecords } from "../index.ts";
import { contactsWith, missedTails, type Period, subscriberOf, tailOf } from "./contacts.ts";
import type { Layer } from "./day-book.ts";
import { DayLayers, endOf } from "./day-layers.ts";
import { type NewestOptions, newestCalls } from "./newest.ts";
import { createFilter, layerOver, newestOf, type Walk, walkOver, wantedRow } from "./select.ts";
import { Shelf, type ShelfFile } from "./shelf.ts";
import { summarise } from "./summary.ts";
import { StaleTableError } from "./table.ts";
import type {
  CallCursor,
  CallHistory,
  CallPage,
  CallQuery,
  CallRow,
  DaySummary,
  FollowedRow,
  ListFollowRules,
  OpenMissed,
} from "./types.ts";
import { MovedFileError, Upkeep } from "./upkeep.ts";

export type HistoryOptions = {
  /** The data folder. */
  readonly dir: string;
  readonly clock: Clock;
  /** Silence after which a call counts as over, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly log: Log;
  /** Looks records up by key; default: a reader of its own over `dir`. */
  readonly find?: TraceStore["find"];
  /** Reads whole days; default: by themselves, without a thought for their indexes. */
  readonly days?: DayReading;
  /**
   * For a command that looks in once, beside a running service or without one: writes nothing, does nothing in the
   * background, and answers when everything wanted has been read, however long that takes.
   */
  readonly isReadOnly?: boolean;
  /** What is kept beside a day could not be written: the day is read again by the next process. Must not throw. */
  readonly onTableFault?: (error: unknown) => void;
  /** Files smaller than this are read again by every process rather than kept, in bytes; default 64 KiB. */
  readonly minKeptBytes?: number;
  /** Goes on in days that are no longer here. */
  readonly archive?: Archive | undefined;
  /** Looks records up over archived days as well; default: a reader of its own over both. */
  readonly findAnywhere?: TraceStore["find"];
  /** How long one answer reads days of the archive, in milliseconds; default 2.5 s. Then the next one goes on. */
  readonly archiveMs?: number;
};

export type OpenHistory = CallHistory & {
  /** Resolves when nothing is being made in the background. */
  idle(): Promise<void>;
  /** The calls of a finished day as bytes, for the archive; undefined where the day is gone. */
  tableOf(enterprise: string, name: string): Promise<SideBytes | undefined>;
};

const MAX_SUMMARY_MS = 26 * HOUR_MS;
/** How often an answer is begun anew because what is beside the files changed in the middle. */
const MAX_ATTEMPTS = 5;
/** A count of what waits is told again for this long, in milliseconds. */
const COUNT_KEPT_MS = 2000;
const DEFAULT_ARCHIVE_MS = 2500;
/** How long pages are looked through for missed calls of one state, in milliseconds. */
const LOOKING_MS = 5000;
/** Missed calls that are looked through at once for those of one state. */
const LOOKED_THROUGH = 200;

/** Before every unique id: a place behind all calls of that moment. */
const FIRST_ID = "+";

const placeOfRow = (row: CallRow | undefined): CallCursor | undefined =>
  row === undefined ? undefined : { startedAt: row.startedAt, uniqueId: row.uniqueId };

class FileHistory implements OpenHistory {
  readonly #reading: DayReading;
  readonly #clock: Clock;
  readonly #callTimeoutMs: number;
  readonly #isReadOnly: boolean;
  readonly #days: DayLayers;
  readonly #shelf: Shelf;
  readonly #upkeep: Upkeep;
  readonly #openCounts = new LRUCache<string, { at: number; open: OpenMissed }>({ max: 1000 });

  constructor(options: HistoryOptions) {
    const { dir, clock, callTimeoutMs, log } = options;
    const {
      isReadOnly = false,
      minKeptBytes = 64 * 1024,
      onTableFault = () => undefined,
    } = options;
    const find = options.find ?? openTraceReader(dir).find;
    const { archive } = options;
    const anywhere =
      options.findAnywhere ?? (archive === undefined ? find : openTraceReader(dir, archive).find);
    this.#reading = options.days ?? plainDayReading(dir);
    this.#clock = clock;
    this.#callTimeoutMs = callTimeoutMs;
    this.#isReadOnly = isReadOnly;
    this.#shelf = new Shelf({
      dir,
      openDay: this.#reading.open,
      callTimeoutMs,
      isReadOnly,
      minKeptBytes,
      onFault: onTableFault,
      now: () => clock.now(),
      archive,
      findAnywhere:
        (enterprise): FindRecords =>
        (keys) =>
          anywhere(enterprise, keys),
      find:
        (enterprise): FindRecords =>
        (...asked) =>
          find(enterprise, ...asked),
    });
    this.#upkeep = new Upkeep({
      dir,
      whileReading: this.#reading.while,
      shelf: this.#shelf,
      clock,
      log,
      isReadOnly,
      onFault: onTableFault,
      archive: options.archive,
    });
    this.#days = new DayLayers({
      upkeep: this.#upkeep,
      shelf: this.#shelf,
      clock,
      callTimeoutMs,
      isReadOnly,
      archiveMs: options.archiveMs ?? DEFAULT_ARCHIVE_MS,
    });
  }

  tableOf(enterprise: string, name: string): Promise<SideBytes | undefined> {
    return this.#upkeep.bytesOf(enterprise, name);
  }

  calls(
    enterprise: string,
    query: CallQuery,
    page: Parameters<CallHistory["calls"]>[2],
  ): Promise<CallPage> {
    return this.#again(enterprise, () =>
      page.follow !== undefined && query.follow !== undefined
        ? this.#followed(enterprise, query, page, page.follow)
        : this.#page(enterprise, query, page),
    );
  }

  followUpsOf(
    enterprise: string,
    phone: string,
    period: Period,
    rules: ListFollowRules,
  ): Promise<FollowUps & { isComplete: boolean }> {
    return this.#again(enterprise, () =>
      // A page of an archived call must not wait for the lists of days around it.
      this.#followUpsWith(enterprise, new Set([tailOf(phone)]), period, rules, false),
    );
  }

  missedSince(
    enterprise: string,
    from: number,
    rules: ListFollowRules,
  ): ReturnType<CallHistory["missedSince"]> {
    return this.#again(enterprise, async () => {
      const period = { from, to: Number.POSITIVE_INFINITY };
      const { layers } = await this.#days.since(enterprise, period, false);
      const tails = missedTails(layers, period);
      const { ofMissed, calls, isComplete } = await this.#followUpsWith(
        enterprise,
        tails,
        period,
        rules,
        false,
      );
      const missed = calls.flatMap(({ uniqueId, startedAt, endedAt, subscriber }) => {
        const followUp = ofMissed.get(uniqueId);
        return followUp === undefined || startedAt < from
          ? []
          : [{ uniqueId, startedAt, missedAt: endedAt ?? startedAt, subscriber, followUp }];
      });
      return { missed, isComplete };
    });
  }

  async openMissed(enterprise: string, rules: ListFollowRules): Promise<OpenMissed> {
    const now = this.#clock.now();
    const known = this.#openCounts.get(enterprise);
    if (known !== undefined && Math.abs(now - known.at) < COUNT_KEPT_MS) return known.open;
    const { missed, isComplete } = await this.missedSince(enterprise, now - rules.windowMs, rules);
    const open = {
      count: missed.filter(({ followUp }) => followUp.stands && followUp.state === "open").length,
      isComplete,
    };
    this.#openCounts.set(enterprise, { at: now, open });
    return open;
  }

  summary(enterprise: string, from: number, to: number): Promise<DaySummary> {
    return this.#again(enterprise, () => this.#summaryOnce(enterprise, from, to));
  }

  idle(): Promise<void> {
    return this.#upkeep.idle();
  }

  async close(): Promise<void> {
    await this.#upkeep.close();
    await this.#shelf.keepAll();
  }

  async #newestIn(
    file: ShelfFile,
    wanted: NewestOptions,
  ): Promise<Awaited<ReturnType<typeof newestCalls>> | undefined> {
    const day = await this.#reading.open(wanted.enterprise, file);
    // Midnight renamed it since the folder was read: its calls are not gone.
    if (day === undefined) throw new MovedFileError(`${file.name} is another file now`);
    try {
      try {
        return await newestCalls(day, wanted);
      } finally {
        await day.close();
      }
    } catch (error) {
      this.#upkeep.warn(wanted.enterprise, file, error);
      return undefined;
    }
  }

  async #callsOnce(
    enterprise: string,
    query: CallQuery,
    { limit, before }: { readonly limit: number; readonly before?: CallCursor },
  ): Promise<{ rows: CallRow[]; next: CallCursor | undefined; isComplete: boolean }> {
    const moment = { now: this.#clock.now(), callTimeoutMs: this.#callTimeoutMs };
    const filter = createFilter(query);
    const upTo = Math.min(
      filter.to,
      before === undefined ? Number.POSITIVE_INFINITY : before.startedAt + 1,
    );
    const mayRead = this.#days.budget();
    const files = await this.#upkeep.filesOf(enterprise);
    const over = layerOver();
    const walks: Walk[] = [];
    const add = async (layer: Layer): Promise<void> => {
      walks.push(await walkOver(await over(layer), filter, before));
    };
    const rows: CallRow[] = [];
    const pacer = createPacer();
    let isComplete = true;
    let isMore = false;
    /** Rows that began before cannot be told. */
    let since = Number.NEGATIVE_INFINITY;
    /** The newest file that is not known. */
    let unread: ShelfFile | undefined;
    let next = 0;
    const mayFetch = this.#days.patience();
    const wantedFrom = (index: number): ShelfFile[] =>
      files
        .slice(index)
        .filter((file) => endOf(file) > filter.from && !this.#days.isBeyond(file, upTo));
    while (!isMore) {
      const best = newestOf(walks);
      const bestAt = best?.nextAt() ?? Number.NEGATIVE_INFINITY;
      const file = files[next];
      if (unread !== undefined && bestAt < unread.from + DAY_MS) {
        if (rows.length >= limit) break;
        isComplete = false;
        const wanted = { enterprise, ...moment, upTo };
        const enough = isFiltered(query) ? undefined : limit;
        const newest = await this.#newestIn(unread, { ...wanted, limit: enough });
        if (newest === undefined) break;
        await add(newest.layer);
        since = newest.since;
        unread = undefined;
        next = files.length;
        continue;
      }
      if (unread === undefined && file !== undefined && bestAt < endOf(file)) {
        // Nothing of it, or of older files, began as late as what is wanted.
        if (endOf(file) <= filter.from) {
          next = files.length;
          continue;
        }
        if (this.#days.isBeyond(file, upTo)) {
          next += 1;
          continue;
        }
        const isAtHand = !file.isArchived || this.#shelf.isInMemory(enterprise, file);
        // What began later than that has been told; the next page goes on from here.
        const reached = { startedAt: endOf(file), uniqueId: FIRST_ID };
        if (!isAtHand && !mayFetch()) return { rows, next: reached, isComplete };
        if (!isAtHand) await this.#days.readAhead(enterprise, wantedFrom(next), !isFiltered(query));
        next += 1;
        let layers: readonly Layer[] | undefined;
        try {
          layers = await this.#upkeep.layersOf(enterprise, file, mayRead);
        } catch (error) {
          if (!(error instanceof ArchiveError) || rows.length === 0) throw error;
          return { rows, next: reached, isComplete };
        }
        if (layers !== undefined) for (const layer of layers) await add(layer);
        else if (file.from < upTo) unread = file;
        // Newer than what is wanted: only a call that went on for days could be missing.
        else if (file.from < upTo + this.#callTimeoutMs) isComplete = false;
        if (layers === undefined) this.#upkeep.order(enterprise);
        continue;
      }
      if (best === undefined || bestAt < since) {
        if (since !== Number.NEGATIVE_INFINITY) isComplete = false;
        break;
      }
      const entry = best.take();
      const row = entry === undefined ? undefined : wantedRow(entry, filter, moment);
      if (row === undefined) continue;
      if (rows.length === limit) isMore = true;
      else rows.push(row);
      await pacer.pause();
    }
    const last = rows.at(-1);
    const isCut = isMore || !isComplete || unread !== undefined;
    const place =
      last === undefined ? before : { startedAt: last.startedAt, uniqueId: last.uniqueId };
    return { rows, next: isCut ? place : undefined, isComplete };
  }

  async #followUpsWith(
    enterprise: string,
    wanted: ReadonlySet<number>,
    { from, to }: Period,
    { country, windowMs, minWaitMs }: ListFollowRules,
    isFetched = true,
  ): Promise<FollowUps & { calls: readonly FollowedCall[]; isComplete: boolean }> {
    const now = this.#clock.now();
    const moment = { now, callTimeoutMs: this.#callTimeoutMs, country };
    const reachMs = windowMs + this.#callTimeoutMs;
    const end = await this.#days.endFor(enterprise, to, reachMs);
    const oldest = (await this.#upkeep.filesOf(enterprise)).at(-1)?.from ?? from;
    // A row goes on as long as its caller calls again within the window: what may have begun before is read from there.
    for (let since = from - reachMs; ; since -= reachMs) {
      const whole = { from: since, to: end };
      const { layers, isComplete } = await this.#days.since(enterprise, whole, isFetched);
      const calls = await contactsWith(layers, wanted, whole, moment);
      const found = followUps(calls, { now, windowMs, minWaitMs });
      const isAsked = ({ startedAt }: FollowedCall): boolean => startedAt >= from && startedAt < to;
      const asked = new Set(calls.filter(isAsked).map(({ uniqueId }) => uniqueId));
      const isCut = [...found.ofMissed].some(
        ([id, { call, firstMissedAt }]) =>
          firstMissedAt < since + reachMs && (asked.has(id) || (call !== null && asked.has(call))),
      );
      if (!isCut || since < oldest - reachMs) return { ...found, calls, isComplete };
    }
  }

  /** A page of rows, with what became of the missed calls among them where that is asked for. */
  async #page(
    enterprise: string,
    query: CallQuery,
    page: Parameters<CallHistory["calls"]>[2],
  ): Promise<CallPage> {
    const found = await this.#callsOnce(enterprise, query, page);
    const rules = page.follow;
    const outside = found.rows.filter((row) => rules && subscriberOf(row, rules.country) !== "");
    if (rules === undefined || outside.length === 0)
      return {
        ...found,
        rows: found.rows.map((row) => ({ ...row, followUp: null, returns: null })),
      };
    const times = outside.map(({ startedAt }) => startedAt);
    const { ofMissed, returns } = await this.#followUpsWith(
      enterprise,
      new Set(outside.map(({ phone }) => tailOf(phone ?? ""))),
      { from: Math.min(...times), to: Math.max(...times) + 1 },
      rules,
    );
    const rows = found.rows.map((row) => ({
      ...row,
      followUp: ofMissed.get(row.uniqueId) ?? null,
      returns: returns.get(row.uniqueId) ?? null,
    }));
    return { ...found, rows };
  }

  /** Missed calls of one state: pages of missed calls, looked through until there are enough. */
  async #followed(
    enterprise: string,
    query: CallQuery,
    { limit, before }: { readonly limit: number; readonly before?: CallCursor },
    follow: ListFollowRules,
  ): Promise<CallPage> {
    const rows: FollowedRow[] = [];
    const until = performance.now() + (this.#isReadOnly ? Number.POSITIVE_INFINITY : LOOKING_MS);
    let place = before;
    let isComplete = true;
    // Older ones are settled or expired.
    const isWaiting = query.follow === "open" || query.follow === "tried";
    const from = isWaiting ? this.#clock.now() - follow.windowMs - this.#callTimeoutMs : undefined;
    const wanted =
      from === undefined ? query : { ...query, from: Math.max(from, query.from ?? from) };
    for (;;) {
      const page = await this.#page(enterprise, wanted, {
        limit: LOOKED_THROUGH,
        follow,
        ...(place === undefined ? {} : { before: place }),
      });
      isComplete &&= page.isComplete;
      for (const row of page.rows) {
        const { followUp } = row;
        if (followUp?.state !== query.follow || !followUp?.stands) continue;
        if (rows.length === limit) return { rows, next: placeOfRow(rows.at(-1)), isComplete };
        rows.push(row);
      }
      place = page.next;
      if (place !== undefined && page.isComplete && performance.now() > until)
        return { rows, next: place, isComplete };
      if (place === undefined || (page.rows.length === 0 && !page.isComplete))
        return { rows, next: isComplete ? undefined : placeOfRow(rows.at(-1)), isComplete };
    }
  }

  async #summaryOnce(enterprise: string, from: number, given: number): Promise<DaySummary> {
    const to = Math.min(given, from + MAX_SUMMARY_MS);
    const { layers, isComplete } = await this.#days.since(enterprise, { from, to });
    const moment = { now: this.#clock.now(), callTimeoutMs: this.#callTimeoutMs };
    return summarise(layers, { from, to, isComplete }, moment);
  }

  /** Somebody may remove a list beside its day, or write another one, in the middle of an answer. */
  async #again<T>(enterprise: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await work();
        this.#upkeep.asked(enterprise);
        return answer;
      } catch (cause) {
        const isPassing = cause instanceof StaleTableError || cause instanceof MovedFileError;
        if (!isPassing || attempt === MAX_ATTEMPTS) throw cause;
        this.#shelf.forget(enterprise);
      }
    }
  }
}

/** Opens the history of a data folder. The caller must close it. */
export const openHistory = (options: HistoryOptions): OpenHistory => new FileHistory(options);

const isFiltered = ({
  number,
  name,
  extension,
  directions,
  statuses,
}: Parameters<typeof createFilter>[0]): boolean =>
  [number, name, extension, directions, statuses].some((given) => given !== undefined);
