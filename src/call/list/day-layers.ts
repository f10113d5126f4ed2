// The rows of an enterprise's days as questions need them, the archive's among them: what is at hand at once, other days within
// limits of bytes and time, so that nobody waits for years.

import { mapAtMost } from "../../lib/at-most.ts";
import type { Clock } from "../../lib/clock.ts";
import { DAY_MS, HOUR_MS } from "../../lib/time.ts";
import { ArchiveError } from "../../store/index.ts";
import type { Period } from "./contacts.ts";
import type { Layer } from "./day-book.ts";
import { layerOver } from "./select.ts";
import type { Shelf, ShelfFile } from "./shelf.ts";
import { StaleTableError } from "./table.ts";
import { PROMPT_BYTES, type Upkeep } from "./upkeep.ts";

export type DayLayersOptions = {
  readonly upkeep: Upkeep;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly callTimeoutMs: number;
  readonly isReadOnly: boolean;
  /** How long one answer reads days of the archive, in milliseconds. */
  readonly archiveMs: number;
};

/** What is read while somebody waits, of all files together, in bytes. */
const PROMPT_TOTAL_BYTES = 2 * PROMPT_BYTES;
/** Days of the archive that are read at the same time: a page of a small enterprise is that of many days. */
const AHEAD_DAYS = 16;
/** Bytes of their lines, all together: a hundredth of that comes. Of a large day one is enough for a page. */
const AHEAD_BYTES = 32 * 1024 * 1024;

/**
 * No call of a file began later, in milliseconds since the epoch. A day of the archive is taken at its word, with room for
 * clocks that differ, so that the days that are here can be shown without it.
 */
export const endOf = ({ from, isArchived }: ShelfFile): number =>
  from + (isArchived ? DAY_MS + HOUR_MS : 2 * DAY_MS);

export class DayLayers {
  readonly #upkeep: Upkeep;
  readonly #shelf: Shelf;
  readonly #clock: Clock;
  readonly #callTimeoutMs: number;
  readonly #isReadOnly: boolean;
  readonly #archiveMs: number;

  constructor(options: DayLayersOptions) {
    const { upkeep, shelf, clock, callTimeoutMs, isReadOnly, archiveMs } = options;
    this.#upkeep = upkeep;
    this.#shelf = shelf;
    this.#clock = clock;
    this.#callTimeoutMs = callTimeoutMs;
    this.#isReadOnly = isReadOnly;
    this.#archiveMs = archiveMs;
  }

  /** What may be read while somebody waits for one answer. */
  budget(): (bytes: number) => boolean {
    let left = this.#isReadOnly ? Number.POSITIVE_INFINITY : PROMPT_TOTAL_BYTES;
    return (bytes) => {
      if (!this.#isReadOnly && bytes > Math.min(PROMPT_BYTES, left)) return false;
      left -= bytes;
      return true;
    };
  }

  /** A limit on the time that one answer waits for the archive. */
  patience(): () => boolean {
    if (this.#isReadOnly) return () => true;
    let until: number | undefined;
    return () => {
      // The first day is read in any case, so that every answer comes further than the one before.
      if (until !== undefined) return performance.now() < until;
      until = performance.now() + this.#archiveMs;
      return true;
    };
  }

  /** Whether a day of the archive is later than all that is wanted, and than the calls that may have replaced any of it. */
  isBeyond(file: ShelfFile, upTo: number): boolean {
    return file.isArchived === true && file.from >= upTo + this.#callTimeoutMs + DAY_MS;
  }

  /**
   * Reads days of the archive that will be asked for next, at the same time, so that a page waits for a few round trips
   * whatever the number of its days. A day that cannot be read is left to whoever comes to it.
   *
   * @param files as they will be asked for; those behind the first day that is not in memory are read with it, within limits
   * @param withTexts whether rows of all of them will be shown
   */
  async readAhead(
    enterprise: string,
    files: Iterable<ShelfFile>,
    withTexts: boolean,
  ): Promise<void> {
    const wanted: ShelfFile[] = [];
    let bytes = 0;
    for (const file of files) {
      if (!file.isArchived || this.#shelf.isInMemory(enterprise, file)) continue;
      bytes += file.facts.size;
      if (wanted.length > 0 && bytes > AHEAD_BYTES) break;
      wanted.push(file);
      if (wanted.length === AHEAD_DAYS) break;
    }
    await mapAtMost(AHEAD_DAYS, wanted, async (file) => {
      try {
        const layers = await this.#upkeep.layersOf(enterprise, file, () => true);
        if (withTexts) for (const { table } of layers ?? []) await table.texts.load();
      } catch (error) {
        if (!(error instanceof ArchiveError) && !(error instanceof StaleTableError)) throw error;
      }
    });
  }

  /**
   * What is known of the calls that began in a period, newest layer first.
   *
   * @param isFetched whether days of the archive are read; else only those in memory are known
   */
  async since(
    enterprise: string,
    { from, to }: Period,
    isFetched = true,
  ): Promise<{ layers: Layer[]; isComplete: boolean }> {
    const mayRead = this.budget();
    const over = layerOver();
    const layers: Layer[] = [];
    let isComplete = true;
    const mayFetch = this.patience();
    const files = await this.#upkeep.filesOf(enterprise);
    const near = files.filter((file) => endOf(file) > from && !this.isBeyond(file, to));
    for (const [index, file] of near.entries()) {
      const isAway = file.isArchived === true && !this.#shelf.isInMemory(enterprise, file);
      const mayAsk = isFetched && (!isAway || mayFetch());
      if (isAway && mayAsk) await this.readAhead(enterprise, near.slice(index), false);
      const own = await this.#layersNear(enterprise, file, mayRead, mayAsk);
      if (own !== undefined) for (const layer of own) layers.push(await over(layer));
      else {
        this.#upkeep.order(enterprise);
        if (file.from < to + this.#callTimeoutMs) isComplete = false;
      }
    }
    return { layers, isComplete };
  }

  /** The rows of a file; a day of the archive that cannot be read is not known. */
  async #layersNear(
    enterprise: string,
    file: ShelfFile,
    mayRead: (bytes: number) => boolean,
    isFetched: boolean,
  ): Promise<readonly Layer[] | undefined> {
    if (!file.isArchived) return this.#upkeep.layersOf(enterprise, file, mayRead);
    if (!isFetched && !this.#shelf.isInMemory(enterprise, file)) return undefined;
    try {
      return await this.#upkeep.layersOf(enterprise, file, mayRead);
    } catch (error) {
      if (error instanceof ArchiveError) return undefined;
      throw error;
    }
  }

  /** The end of what is read for a period: of long ago, nothing that came much later tells of it. */
  async endFor(enterprise: string, to: number, reachMs: number): Promise<number> {
    const here = (await this.#upkeep.filesOf(enterprise)).findLast(({ isArchived }) => !isArchived);
    const end = to + 2 * reachMs;
    return end < (here?.from ?? this.#clock.now()) ? end : Number.POSITIVE_INFINITY;
  }
}
