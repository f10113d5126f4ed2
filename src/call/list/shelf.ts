// The cache of day tables of a data folder, in memory (LRU, bounded in bytes) and in side files beside the days. The
// only place that reads and writes those side files. Losing any of it costs time, never a row.

import { join } from "node:path";
import { makeRoom } from "../../lib/make-room.ts";
import {
  type Archive,
  ArchiveError,
  type DayFile,
  type DayReading,
  type FileFacts,
  isUnchanged,
  type OpenDay,
  peekSide,
  proofOf,
  readSide,
  type SideBytes,
  sideBytes,
  writeSide,
} from "../../store/index.ts";
import type { FindRecords } from "../index.ts";
import type { BookNotes } from "./book-notes.ts";
import { createDayBook, type DayBook, type Layer } from "./day-book.ts";
import {
  type CallTable,
  GIVEN_SECTION,
  StaleTableError,
  TABLE_SECTIONS,
  type Texts,
  tableFrom,
  tableSections,
} from "./table.ts";
import type { CallCursor } from "./types.ts";

export type ShelfOptions = {
  readonly dir: string;
  readonly openDay: DayReading["open"];
  readonly find: (enterprise: string) => FindRecords;
  readonly callTimeoutMs: number;
  readonly now: () => number;
  /** Nothing is written. */
  readonly isReadOnly: boolean;
  /** Files smaller than this are read again rather than kept on the disk, in bytes. */
  readonly minKeptBytes: number;
  /** What is kept beside a file could not be written or read: the file itself is read. Must not throw. */
  readonly onFault: (error: unknown) => void;
  /** Holds the tables of days that are no longer here, and what their last calls were. */
  readonly archive?: Pick<Archive, "table" | "keysSince"> | undefined;
  /** The same as `find`, over archived days as well: where the day before is not here. */
  readonly findAnywhere: (enterprise: string) => FindRecords;
};

/** A file with the one before it: a call may have begun there, so its rows hold while both are what they were. */
export type ShelfFile = DayFile & {
  readonly before: (DayFile & { readonly isArchived?: true }) | undefined;
  /** It is in the archive alone; `facts` say which upload of it. */
  readonly isArchived?: true;
};

export type ReadingPace = {
  /** How long to leave the machine to others between slices, in milliseconds. */
  readonly restMs: number;
  readonly isWanted: () => boolean;
  /** Where more is to be read, nothing is: somebody waits. In bytes. */
  readonly maxBytes?: number;
};

const RUNNING = "events.log";
/** The meaning of side files: another one is not read. */
const VERSION = 4;
type Meta = {
  readonly version: number;
  readonly callTimeoutMs: number;
  readonly before: string;
  readonly replaces: readonly CallCursor[];
  /** Of a running file alone. */
  readonly book?: BookNotes;
};

/** Memory for columns, for texts of rows, and for books; the least recently used go first. */
const MAX_TABLE_BYTES = 48 * 1024 * 1024;
const MAX_TEXT_BYTES = 24 * 1024 * 1024;
const MAX_BOOK_BYTES = 48 * 1024 * 1024;
/** New bytes of a running file after which its book is kept on the disk. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

type Shelved = {
  readonly book: DayBook;
  readonly file: ShelfFile;
  /** Proves that the file is the one that was read, up to where it was read. */
  proof: number;
  /** Bytes that the side file covers. */
  keptTo: number;
};

const beforeText = ({ before }: ShelfFile): string =>
  before === undefined ? "" : `${before.name} ${before.facts.size}`;

/** Whether the file before is what it was; retention may have taken it. */
const isBeforeTheSame = (said: string, file: ShelfFile): boolean =>
  file.before === undefined || said === beforeText(file);

export class Shelf {
  readonly #options: ShelfOptions;
  readonly #dir: string;
  readonly #find: (enterprise: string) => FindRecords;
  readonly #callTimeoutMs: number;
  readonly #now: () => number;
  readonly #isReadOnly: boolean;
  readonly #minKeptBytes: number;
  readonly #onFault: (error: unknown) => void;
  /** In the order of use, the least recently used first; so are the books. */
  readonly #tables = new Map<string, { facts: FileFacts; before: string; layer: Layer }>();
  readonly #books = new Map<string, Shelved>();
  readonly #ready = new Map<string, FileFacts>();
  readonly #distrusted = new Set<string>();
  readonly #textsInMemory = new Map<Texts, number>();

  constructor(options: ShelfOptions) {
    this.#options = options;
    const { dir, find, callTimeoutMs, now, isReadOnly, minKeptBytes, onFault } = this.#options;
    this.#dir = dir;
    this.#find = find;
    this.#callTimeoutMs = callTimeoutMs;
    this.#now = now;
    this.#isReadOnly = isReadOnly;
    this.#minKeptBytes = minKeptBytes;
    this.#onFault = onFault;
  }

  /** The rows of a finished file where they are known: in memory, or beside it. */
  async known(enterprise: string, file: ShelfFile): Promise<Layer | undefined> {
    const entry = this.#tables.get(this.#nameOf(enterprise, file));
    if (entry !== undefined && isUnchanged(entry.facts, file.facts)) {
      if (isBeforeTheSame(entry.before, file)) return this.#remember(enterprise, file, entry.layer);
    }
    if (file.isArchived) return this.#archived(enterprise, file);
    this.#ready.delete(this.#nameOf(enterprise, file));
    const day = await this.#options.openDay(enterprise, file);
    if (day === undefined) return undefined;
    try {
      const side = await this.#fromSide(enterprise, file, day, {
        name: file.name,
        onTexts: (texts, length) => this.#onTexts(texts, length),
      });
      if (side?.isWhole !== true) return undefined;
      // Damage in the texts shows when they are read: once it has, they are read at once.
      if (this.#distrusted.has(enterprise)) await side.table.texts.load();
      return this.#remember(enterprise, file, {
        table: side.table,
        replaces: side.meta.replaces,
        given: side.given,
      });
    } catch (cause) {
      if (cause instanceof StaleTableError) return undefined;
      throw cause;
    } finally {
      await day.close();
    }
  }

  /** Whether the rows of a file are in memory: asked without reading. */
  isInMemory(enterprise: string, file: ShelfFile): boolean {
    const entry = this.#tables.get(this.#nameOf(enterprise, file));
    return entry !== undefined && isUnchanged(entry.facts, file.facts);
  }

  /** The rows of a finished file as they are kept beside it, made where they are not there yet; undefined where it is gone. */
  async bytesOf(
    enterprise: string,
    file: ShelfFile,
    reading: ReadingPace,
  ): Promise<SideBytes | undefined> {
    const folder = this.#folderOf(enterprise);
    const isKept = (await this.known(enterprise, file)) !== undefined;
    const there = isKept ? await sideBytes(folder, file.name) : undefined;
    if (there !== undefined) return there;
    const layer = await this.finish(enterprise, file, reading, { isKept: true });
    return layer === undefined ? undefined : await sideBytes(folder, file.name);
  }

  /** Reads a file on from where its book ends; undefined where it is gone. */
  async readOn(
    enterprise: string,
    file: ShelfFile,
    { restMs, isWanted, maxBytes = Number.POSITIVE_INFINITY }: ReadingPace,
  ): Promise<
    | {
        readonly entry: Shelved;
        /** Undefined where there is too much to read. */
        readonly layers: readonly Layer[] | undefined;
        /** Keeps what was read, for the next process: not while somebody waits. */
        readonly keep: (() => Promise<void>) | undefined;
      }
    | undefined
  > {
    const day = await this.#options.openDay(enterprise, file);
    if (day === undefined) return undefined;
    try {
      const entry = await this.#openBook(enterprise, file, day);
      const { book } = entry;
      if (day.facts.size - book.readTo() > maxBytes) {
        return { entry, layers: undefined, keep: undefined };
      }
      try {
        await book.readOn(day, day.facts.size, restMs, isWanted);
        entry.proof = await proofOf(day.handle, book.readTo());
      } catch (cause) {
        this.#books.delete(this.#bookName(enterprise, file));
        throw cause;
      }
      const isDue = book.readTo() - entry.keptTo >= CHECKPOINT_BYTES;
      let keep: (() => Promise<void>) | undefined;
      if (file.isRunning && isDue && restMs > 0 && isWanted() && !this.#isReadOnly) {
        entry.keptTo = book.readTo();
        keep = await this.#notesOf(enterprise, file.name, entry, day.facts);
      }
      makeRoom(this.#books, {
        most: MAX_BOOK_BYTES,
        newest: this.#bookName(enterprise, file),
        bytesOf: (shelved) => shelved.book.bytes(),
      });
      return { entry, keep, layers: file.isRunning ? await book.layers() : [] };
    } finally {
      await day.close();
    }
  }

  /** Reads a finished file to its end and keeps its rows; undefined where it is gone or reading was broken off. */
  async finish(
    enterprise: string,
    file: ShelfFile,
    reading: ReadingPace,
    { isKept = file.facts.size >= this.#minKeptBytes }: { readonly isKept?: boolean } = {},
  ): Promise<Layer | undefined> {
    const read = await this.readOn(enterprise, file, reading);
    if (read === undefined || !reading.isWanted()) return undefined;
    const sealed = await read.entry.book.seal(reading.restMs);
    const { dead: _, ...layer } = sealed;
    const day = await this.#options.openDay(enterprise, file);
    if (day === undefined) return undefined;
    try {
      if (!isUnchanged(day.facts, file.facts)) return undefined;
      this.#books.delete(this.#bookName(enterprise, file));
      if (!this.#isReadOnly && isKept) {
        try {
          const kept = await this.#notesOf(
            enterprise,
            file.name,
            { ...read.entry, file },
            day.facts,
          );
          await kept?.();
          const again = await this.known(enterprise, file);
          if (again !== undefined) return again;
        } catch (error) {
          // A disk that is full or read-only costs the next process time.
          this.#onFault(error);
        }
      }
      return this.#remember(enterprise, file, layer);
    } finally {
      await day.close();
    }
  }

  /** Whether the rows of a finished file were known when they were looked for last: asked without reading. */
  isKnown(enterprise: string, file: ShelfFile): boolean {
    const facts = this.#ready.get(this.#nameOf(enterprise, file));
    return facts !== undefined && isUnchanged(facts, file.facts);
  }

  /** Bytes of the running file that its book, in memory or on the disk, has not read; a guess until it is opened. */
  async behind(enterprise: string, file: ShelfFile): Promise<number> {
    const entry = this.#books.get(this.#bookName(enterprise, file));
    const known = entry?.book.readTo() ?? (await peekSide(this.#folderOf(enterprise), RUNNING));
    return known > file.facts.size ? file.facts.size : file.facts.size - known;
  }

  /** Whether the book of a file is in memory and has read all of it. */
  isUpToDate(enterprise: string, file: ShelfFile): boolean {
    return this.#books.get(this.#bookName(enterprise, file))?.book.readTo() === file.facts.size;
  }

  /** Keeps what the running files' books know, for the next process. */
  async keepAll(): Promise<void> {
    for (const [name, entry] of this.#books) {
      const { file, book, keptTo } = entry;
      if (this.#isReadOnly || !file.isRunning || book.readTo() - keptTo < this.#minKeptBytes)
        continue;
      const enterprise = name.slice(0, name.indexOf("/"));
      const day = await this.#options.openDay(enterprise, file);
      try {
        const kept =
          day === undefined
            ? undefined
            : await this.#notesOf(enterprise, RUNNING, entry, day.facts);
        await kept?.();
      } catch (error) {
        // Not kept: the next process reads the file.
        this.#onFault(error);
      } finally {
        await day?.close();
      }
    }
    this.#books.clear();
    this.#tables.clear();
  }

  /** Forgets the tables of an enterprise: what is beside its files has changed. */
  forget(enterprise: string): void {
    this.#distrusted.add(enterprise);
    for (const name of this.#tables.keys())
      if (name.startsWith(`${enterprise}/`)) this.#tables.delete(name);
  }

  /**
   * The rows of a day of the archive, as they were when it was put there; undefined where it has none that can be read.
   *
   * @throws ArchiveError where the archive does not answer
   */
  async #archived(enterprise: string, file: ShelfFile): Promise<Layer | undefined> {
    const side = await this.#options.archive?.table(enterprise, file.name);
    const meta = side?.meta as Meta | undefined;
    if (side === undefined || meta?.version !== VERSION) return undefined;
    const onTexts = (texts: Texts, length: number): void => this.#onTexts(texts, length);
    const table = tableFrom(side.sections.slice(0, TABLE_SECTIONS), side.readLast, onTexts);
    const given = side.sections[GIVEN_SECTION];
    if (table === undefined || given === undefined) return undefined;
    return this.#remember(enterprise, file, { table, replaces: meta.replaces, given });
  }

  #folderOf(enterprise: string): string {
    return join(this.#dir, enterprise);
  }

  #nameOf(enterprise: string, { name }: DayFile): string {
    return `${enterprise}/${name}`;
  }

  #bookName(enterprise: string, { facts }: DayFile): string {
    return `${enterprise}/${facts.dev}.${facts.ino}`;
  }

  #remember(enterprise: string, file: ShelfFile, layer: Layer): Layer {
    const name = this.#nameOf(enterprise, file);
    // What is not kept beside its file is lost when it goes from memory.
    if (this.#isReadOnly || file.facts.size >= this.#minKeptBytes)
      this.#ready.set(name, file.facts);
    this.#tables.delete(name);
    this.#tables.set(name, { facts: file.facts, before: beforeText(file), layer });
    makeRoom(this.#tables, {
      most: MAX_TABLE_BYTES,
      newest: name,
      bytesOf: ({ layer }) => layer.table.bytes,
    });
    return layer;
  }

  #onTexts(texts: Texts, length: number): void {
    this.#textsInMemory.delete(texts);
    this.#textsInMemory.set(texts, length);
    makeRoom(this.#textsInMemory, {
      most: MAX_TEXT_BYTES,
      newest: texts,
      bytesOf: (bytes) => bytes,
      onRemoved: (oldest) => {
        oldest.column = undefined;
      },
    });
  }

  async #fromSide(
    enterprise: string,
    file: ShelfFile,
    day: OpenDay,
    side: {
      /** Of the file that it stands beside. */
      readonly name: string;
      readonly onTexts: (texts: Texts, bytes: number) => void;
    },
  ): Promise<
    | {
        meta: Meta;
        table: CallTable;
        given: Buffer;
        sections: readonly Buffer[];
        readLast: () => Promise<Buffer | undefined>;
        covered: number;
        isWhole: boolean;
      }
    | undefined
  > {
    const folder = this.#folderOf(enterprise);
    const content = await readSide(folder, side.name, day.handle, day.facts);
    const meta = content?.meta as Meta | undefined;
    if (content === undefined || meta?.version !== VERSION) return undefined;
    if (meta.callTimeoutMs !== this.#callTimeoutMs || !isBeforeTheSame(meta.before, file))
      return undefined;
    const sections = content.sections.slice(0, TABLE_SECTIONS);
    const table = tableFrom(sections, content.readLast, side.onTexts);
    const given = sections[GIVEN_SECTION];
    return table === undefined || given === undefined
      ? undefined
      : { ...content, meta, table, given };
  }

  async #restored(
    enterprise: string,
    file: ShelfFile,
    day: OpenDay,
  ): Promise<
    | {
        table: CallTable;
        given: Buffer;
        meta: BookNotes;
        sections: Buffer<ArrayBufferLike>[];
        readTo: number;
      }
    | undefined
  > {
    // A day that was finished while nobody looked may still have its book under the running file's name.
    const side = await this.#fromSide(enterprise, file, day, {
      name: RUNNING,
      onTexts: () => undefined,
    });
    if (side?.meta.book === undefined) return undefined;
    const { table, given, covered, meta, sections } = side;
    // Its texts stay in memory: what is beside a running file is soon replaced.
    const texts = await table.texts.load().catch(() => undefined);
    if (texts === undefined) return undefined;
    return {
      table,
      given,
      meta: meta.book as BookNotes,
      sections: sections.slice(TABLE_SECTIONS),
      readTo: covered,
    };
  }

  /**
   * How a book learns of calls that began the day before. Where that day is archived and the archive is away, the file goes
   * without: a list of recent calls does not wait for it.
   */
  #before(
    enterprise: string,
    { before }: ShelfFile,
  ): { find: FindRecords; archivedBefore?: (since: number) => Promise<ReadonlySet<number>> } {
    const here = this.#find(enterprise);
    const { archive, findAnywhere } = this.#options;
    if (archive === undefined || before?.isArchived !== true) return { find: here };
    const orElse = async <T>(work: Promise<T>, instead: () => Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        if (!(error instanceof ArchiveError)) throw error;
        this.#onFault(error);
        return await instead();
      }
    };
    return {
      find: (keys) => orElse(findAnywhere(enterprise)(keys), () => here(keys)),
      archivedBefore: (since) =>
        orElse(archive.keysSince(enterprise, before.name, since), async () => new Set<number>()),
    };
  }

  async #openBook(enterprise: string, file: ShelfFile, day: OpenDay): Promise<Shelved> {
    const name = this.#bookName(enterprise, file);
    const shelved = this.#books.get(name);
    this.#books.delete(name);
    if (shelved !== undefined && shelved.book.readTo() <= day.facts.size) {
      const isSame = (await proofOf(day.handle, shelved.book.readTo())) === shelved.proof;
      if (isSame && isBeforeTheSame(beforeText(shelved.file), file)) {
        this.#books.set(name, shelved);
        return shelved;
      }
    }
    const notes = await this.#restored(enterprise, file, day);
    const entry: Shelved = {
      book: await createDayBook(
        {
          dir: this.#dir,
          enterprise,
          file,
          callTimeoutMs: this.#callTimeoutMs,
          now: this.#now,
          ...this.#before(enterprise, file),
        },
        notes,
      ),
      file,
      proof: await proofOf(day.handle, notes?.readTo ?? 0),
      keptTo: notes?.readTo ?? 0,
    };
    this.#books.set(name, entry);
    return entry;
  }

  /** What is to be kept of a book as it is now: to be written later, while it may go on. */
  async #notesOf(
    enterprise: string,
    name: string,
    { book, file, proof }: Shelved,
    { mtimeMs }: FileFacts,
  ): Promise<(() => Promise<void>) | undefined> {
    const covered = book.readTo();
    const layer = await book.seal();
    const notes = name === RUNNING ? await book.notes() : undefined;
    if (name === RUNNING && notes === undefined) return undefined;
    const meta: Meta = {
      version: VERSION,
      callTimeoutMs: this.#callTimeoutMs,
      before: beforeText(file),
      replaces: layer.replaces,
      ...(notes === undefined ? {} : { book: notes.meta }),
    };
    const { columns, texts } = await tableSections(layer.table, layer.given);
    const content = { meta, sections: [...columns, ...(notes?.sections ?? []), texts] };
    return () => writeSide(this.#folderOf(enterprise), name, { covered, proof, mtimeMs }, content);
  }
}
