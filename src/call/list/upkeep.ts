// Keeps the day tables current in the background: one file at a time, in slices that yield to other work, the newest
// day of an enterprise first, and only for enterprises whose calls somebody asked for.

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { HOUR_MS } from "../../lib/time.ts";
import {
  type Archive,
  type ArchivedDay,
  ArchiveError,
  type DayReading,
  dayFiles,
  type SideBytes,
} from "../../store/index.ts";
import type { Layer } from "./day-book.ts";
import type { ReadingPace, Shelf, ShelfFile } from "./shelf.ts";
import { StaleTableError } from "./table.ts";

export type UpkeepOptions = {
  readonly dir: string;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly log: Log;
  /** Knows the days that are no longer here. */
  readonly archive?: Pick<Archive, "days"> | undefined;
  /** Around work that reads day after day to their ends. */
  readonly whileReading: DayReading["while"];
  /** Nothing is done in the background. */
  readonly isReadOnly: boolean;
  /** What a running file's book knows could not be kept on the disk. Must not throw. */
  readonly onFault: (error: unknown) => void;
};

/** More than this of a running file is read in the background alone: nobody waits for it. In bytes. */
export const PROMPT_BYTES = 1024 * 1024;
/** The machine's share for others while books are made, in milliseconds between slices. */
const REST_MS = 2;
/** How often running files are read on though nobody asks, in milliseconds, and for how long after the last time. */
const FOLLOW_MS = 10_000;
const FOLLOW_FOR_MS = HOUR_MS;
type ListedFile = Omit<ShelfFile, "before">;

/** A day of the archive among the files. */
const fileOfArchive = ({ name, from, bytes, head }: ArchivedDay): ListedFile => ({
  name,
  from,
  isRunning: false,
  isArchived: true,
  // Put there anew, it is another file.
  facts: { dev: 0, ino: Number.parseInt(head.slice(0, 12), 16), size: bytes, mtimeMs: 0 },
});

/** Oldest first, an older writer's file before ours of that day, the running one last. */
const byDay = (a: ListedFile, b: ListedFile): number =>
  Number(a.isRunning) - Number(b.isRunning) || a.from - b.from || (a.name < b.name ? 1 : -1);

const patient: ReadingPace = { restMs: 0, isWanted: () => true };

/** A file has another name than when the folder was read: whoever asks begins anew. */
export class MovedFileError extends Error {
  override readonly name = "MovedFileError";
}

/** Starts the upkeep of a shelf. The caller must close it. */
export class Upkeep {
  readonly #dir: string;
  readonly #whileReading: DayReading["while"];
  readonly #archive: Pick<Archive, "days"> | undefined;
  readonly #shelf: Shelf;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #isReadOnly: boolean;
  readonly #onFault: (error: unknown) => void;
  /** When each enterprise's calls were asked for last. */
  readonly #askedAt = new Map<string, number>();
  readonly #queue = new Set<string>();
  /** Enterprises whose running day is being read at length: nobody waits for that. */
  readonly #catchingUp = new Set<string>();
  readonly #warned = new Set<string>();
  readonly #locks = new Map<string, Promise<unknown>>();
  #making: Promise<void> | undefined;
  #isClosed = false;
  readonly #follow: NodeJS.Timeout;

  constructor({
    dir,
    whileReading,
    shelf,
    clock,
    log,
    isReadOnly,
    onFault,
    archive,
  }: UpkeepOptions) {
    this.#dir = dir;
    this.#whileReading = whileReading;
    this.#archive = archive;
    this.#shelf = shelf;
    this.#clock = clock;
    this.#log = log;
    this.#isReadOnly = isReadOnly;
    this.#onFault = onFault;
    this.#follow = setInterval(() => {
      for (const [enterprise, at] of this.#askedAt) {
        if (Math.abs(this.#clock.now() - at) < FOLLOW_FOR_MS) this.order(enterprise);
        else this.#askedAt.delete(enterprise);
      }
    }, FOLLOW_MS);
    this.#follow.unref();
    if (this.#isReadOnly) clearInterval(this.#follow);
  }

  /** Newest first; those of the archive among them where they are not here. */
  async filesOf(enterprise: string): Promise<ShelfFile[]> {
    const here: ListedFile[] = await dayFiles(this.#dir, enterprise);
    const archived = this.#archive?.days(enterprise) ?? [];
    const names = new Set(here.map(({ name }) => name));
    const beyond = archived.filter(({ name }) => !names.has(name)).map(fileOfArchive);
    const files = beyond.length === 0 ? here : [...beyond, ...here].sort(byDay);
    return files.map((file, index) => ({ ...file, before: files[index - 1] })).reverse();
  }

  /** Once for each state of a file: it is tried again every time. */
  warn(enterprise: string, file: ShelfFile, error: unknown): void {
    const state = `${enterprise}/${file.name} ${file.facts.mtimeMs}`;
    if (this.#warned.has(state)) return;
    this.#warned.add(state);
    this.#log.warn("cannot read a day's calls; they are missing in the list of calls", {
      enterprise,
      file: file.name,
      error,
    });
  }

  /** The same; a day that cannot be read costs itself, and is told in the log. */
  async layersOf(
    enterprise: string,
    file: ShelfFile,
    mayRead: (bytes: number) => boolean,
  ): Promise<readonly Layer[] | undefined> {
    try {
      return await this.#knownLayers(enterprise, file, mayRead);
    } catch (error) {
      const isOurs =
        error instanceof StaleTableError ||
        error instanceof MovedFileError ||
        error instanceof ArchiveError;
      if (isOurs) throw error;
      this.warn(enterprise, file, error);
      return undefined;
    }
  }

  order(enterprise: string): void {
    if (this.#isReadOnly || this.#isClosed) return;
    this.#queue.add(enterprise);
    this.#making ??= (async () => {
      for (const next of this.#queue) {
        this.#queue.delete(next);
        if (!this.#isClosed) await this.#whileReading(() => this.#make(next));
      }
    })()
      .catch((error: unknown) => this.#log.warn("cannot read the days of an enterprise", { error }))
      .finally(() => {
        this.#making = undefined;
        const [waiting] = this.#queue;
        if (waiting !== undefined) this.order(waiting);
      });
  }

  /** Whoever asks once will look further back: everything is made ready then. */
  asked(enterprise: string): void {
    if (this.#isReadOnly || this.#isClosed) return;
    if (!this.#askedAt.has(enterprise)) this.order(enterprise);
    this.#askedAt.set(enterprise, this.#clock.now());
  }

  async idle(): Promise<void> {
    while (this.#making !== undefined || this.#locks.size > 0) {
      await this.#making;
      await Promise.all(this.#locks.values());
    }
  }

  /** Resolves when nothing is read any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#follow);
    this.#queue.clear();
    await this.idle();
  }

  /** One at a time for each file, whatever its name. */
  #alone<T>(file: ShelfFile, work: () => Promise<T>): Promise<T> {
    const name = `${file.facts.dev}.${file.facts.ino}`;
    const done = (this.#locks.get(name) ?? Promise.resolve()).then(work, work);
    const settled = done
      .catch(() => undefined)
      .finally(() => {
        if (this.#locks.get(name) === settled) this.#locks.delete(name);
      });
    this.#locks.set(name, settled);
    return done;
  }

  /** The rows of a finished day as bytes, to be put into the archive; undefined where it is gone. */
  async bytesOf(enterprise: string, name: string): Promise<SideBytes | undefined> {
    const file = (await this.filesOf(enterprise)).find((entry) => entry.name === name);
    if (file === undefined || file.isRunning || file.isArchived) return undefined;
    const reading: ReadingPace = { restMs: REST_MS, isWanted: () => !this.#isClosed };
    return await this.#alone(file, () => this.#shelf.bytesOf(enterprise, file, reading));
  }

  /** The rows of a file; undefined where they are not known and `mayRead` says that they may not be read now. */
  async #knownLayers(
    enterprise: string,
    file: ShelfFile,
    mayRead: (bytes: number) => boolean,
  ): Promise<readonly Layer[] | undefined> {
    if (file.isRunning) {
      if (this.#catchingUp.has(enterprise)) return undefined;
      if (!mayRead(await this.#shelf.behind(enterprise, file))) return undefined;
      const reading = this.#isReadOnly ? patient : { ...patient, maxBytes: 2 * PROMPT_BYTES };
      const read = await this.#alone(file, () => this.#shelf.readOn(enterprise, file, reading));
      // Midnight renamed it since the folder was read: its calls are not gone.
      if (read === undefined) throw new MovedFileError(`${file.name} is another file now`);
      return read.layers;
    }
    const known = await this.#shelf.known(enterprise, file);
    if (known !== undefined) return [known];
    if (file.isArchived) {
      this.warn(enterprise, file, new Error("the archive has no list of its calls"));
      return [];
    }
    if (!mayRead(file.facts.size)) return undefined;
    const layer = await this.#alone(file, async () => {
      return (
        (await this.#shelf.known(enterprise, file)) ??
        (await this.#shelf.finish(enterprise, file, patient))
      );
    });
    return layer === undefined ? [] : [layer];
  }

  async #followRunning(enterprise: string, file: ShelfFile, reading: ReadingPace): Promise<void> {
    const isLong = (await this.#shelf.behind(enterprise, file)) > PROMPT_BYTES;
    if (isLong) this.#catchingUp.add(enterprise);
    try {
      const read = await this.#alone(file, () => this.#shelf.readOn(enterprise, file, reading));
      await read?.keep?.().catch(this.#onFault);
    } finally {
      if (isLong) this.#catchingUp.delete(enterprise);
    }
  }

  async #make(enterprise: string): Promise<void> {
    const reading: ReadingPace = { restMs: REST_MS, isWanted: () => !this.#isClosed };
    for (const file of await this.filesOf(enterprise)) {
      if (this.#isClosed) return;
      if (file.isArchived) continue;
      try {
        if (file.isRunning) {
          if (this.#shelf.isUpToDate(enterprise, file)) continue;
          await this.#followRunning(enterprise, file, reading);
        } else if (!this.#shelf.isKnown(enterprise, file)) {
          await this.#alone(file, async () => {
            if ((await this.#shelf.known(enterprise, file)) === undefined) {
              await this.#shelf.finish(enterprise, file, reading);
            }
          });
        }
      } catch (error) {
        this.warn(enterprise, file, error);
      }
    }
  }
}
