// Takes a subscriber out of the files of an enterprise and out of its archived days. A file is written anew beside the old one and
// takes its place whole; the running one under its lock, so that no event is lost. What is made from files (indexes, tables) is
// removed with them, and made again.

import { randomBytes } from "node:crypto";
import * as fsp from "node:fs/promises";
import { join } from "node:path";
import type { Subscriber } from "../../domain/erasing.ts";
import { subscriberKey } from "../../domain/phone.ts";
import { tryLock } from "../../lib/file-lock.ts";
import { pause } from "../../lib/pause.ts";
import { syncFolder } from "../../lib/replace-file.ts";
import { DAY_MS } from "../../lib/time.ts";
import { framesOf } from "../archive/frames.ts";
import type { Archive, SideBytes } from "../archive/index.ts";
import { OwedDays } from "../archive/owed.ts";
import { linesOfArchivedDay } from "../archive/restore-day.ts";
import {
  enterpriseFolder,
  finishedName,
  finishedNames,
  indexName,
  RUNNING_NAME,
  sideName,
} from "../format/files.ts";
import { dayFiles } from "../read/day-records.ts";
import { factsOf, listFolder, openIfThere, sourceOf } from "../read/open-files.ts";
import { newFileMode } from "../write/modes.ts";
import { isSameFile } from "../write/trace-fs.ts";
import { ArchivedDays } from "./archived-days.ts";
import { LineEraser, noTraces, type Traces } from "./erase-lines.ts";
import { type DayFailure, tryEach } from "./try-each.ts";

export type EraseOptions = {
  readonly dir: string;
  readonly enterprise: string;
  readonly subscriber: Subscriber;
  readonly archive: Archive | undefined;
  readonly now: () => number;
  /** The table of a day without him. */
  readonly tableWithout: (name: string) => Promise<SideBytes | undefined>;
  /** Told of each day that was gone through or written. */
  readonly onProgress?: (what: string, name: string) => void;
};

/** Where something of him is. */
export type FoundIn = { readonly name: string; readonly where: "here" | "archive" };

export type Found = { readonly traces: Traces; readonly days: readonly FoundIn[] };

export type Erased = {
  /** Lines that were changed. */
  readonly changed: number;
  /** Days that could not be written anew, or not put into the archive. */
  readonly failed: readonly DayFailure<FoundIn>[];
};

/** How long a writer is waited for that has the running file, in milliseconds. */
const LOCK_MS = 5000;
const LOCK_EVERY_MS = 5;

type Piece = AsyncGenerator<Buffer>;

export class SubscriberErasure {
  readonly #options: EraseOptions;
  readonly #folder: string;
  readonly #lines: LineEraser;
  readonly #owed: OwedDays;
  readonly #archived: ArchivedDays | undefined;

  /** @throws Error where the number is no single person's */
  constructor(options: EraseOptions) {
    this.#options = options;
    this.#folder = enterpriseFolder(options.dir, options.enterprise);
    this.#lines = new LineEraser(options.subscriber);
    const { archive } = options;
    this.#owed = new OwedDays(options.dir);
    this.#archived = archive === undefined ? undefined : new ArchivedDays({ ...options, archive });
  }

  /** Looks through everything; changes nothing. */
  async find(): Promise<Found> {
    const traces = noTraces();
    const days: FoundIn[] = [];
    for (const day of await this.#days()) {
      const before = traces.lines;
      for await (const piece of this.#piecesOf(day)) await this.#lines.look(piece, traces);
      if (traces.lines > before) days.push(day);
      this.#options.onProgress?.("looked through", day.name);
    }
    // A card tells of a call whose number stands in other lines.
    if (traces.ids.size > 0) {
      for (const day of days)
        for await (const piece of this.#piecesOf(day))
          await this.#lines.lookForCards(piece, traces);
    }
    return { traces, days };
  }

  /**
   * Takes out what was found, each day on its own. What there is to do is noted first (`OwedDays`).
   *
   * @throws Error where that cannot be noted: nothing was changed
   */
  async erase({ traces, days }: Found): Promise<Erased> {
    const { archive, dir, enterprise, subscriber, now } = this.#options;
    const { mark } = subscriber;
    const running = (await dayFiles(dir, enterprise)).find(({ isRunning }) => isRunning);
    // The running file may be a finished day by the time that somebody looks.
    const lasting = (name: string): string =>
      name === RUNNING_NAME && running !== undefined
        ? finishedName(Math.floor(running.from / DAY_MS))
        : name;
    const planned = days.map((day) => ({
      name: lasting(day.name),
      archive: this.#isArchived(day) ? (archive?.name ?? null) : null,
    }));
    await this.#owed.plan(enterprise, planned, {
      mark,
      since: new Date(now()).toISOString(),
      subscriber: subscriberKey(subscriber.number, subscriber.country),
    });
    let changed = 0;
    const writeAnew = async (day: FoundIn): Promise<void> => {
      const { name, where } = day;
      changed +=
        where === "here"
          ? await this.#rewriteHere(name, traces)
          : await this.#rewriteArchived(name, traces);
      await this.#owed.written(enterprise, { name: lasting(name), mark });
      this.#options.onProgress?.("written anew", name);
    };
    const failed = [
      // What no store can hinder comes first.
      ...(await tryEach(
        days.filter((day) => !this.#isArchived(day)),
        writeAnew,
      )),
      ...(await tryEach(
        days.filter((day) => this.#isArchived(day)),
        writeAnew,
        { away: 1, denied: 1 },
      )),
    ];
    return { changed, failed };
  }

  #isArchived({ name, where }: FoundIn): boolean {
    const { archive, enterprise } = this.#options;
    return where === "archive" || (archive?.ledger.days(enterprise).has(name) ?? false);
  }

  /** The files that are here, and the archived days that are not. */
  async #days(): Promise<FoundIn[]> {
    const { archive, enterprise } = this.#options;
    const names = await listFolder(this.#folder);
    const here = finishedNames(names);
    const known = new Set(here);
    const beyond = (archive?.days(enterprise) ?? []).filter(({ name }) => !known.has(name));
    return [
      ...beyond.map(({ name }) => ({ name, where: "archive" }) as const),
      ...here.map((name) => ({ name, where: "here" }) as const),
      ...(names.includes(RUNNING_NAME) ? [{ name: RUNNING_NAME, where: "here" } as const] : []),
    ];
  }

  async *#piecesOf({ name, where }: FoundIn): Piece {
    const { archive, enterprise } = this.#options;
    if (where === "archive") {
      if (archive !== undefined) yield* linesOfArchivedDay(archive.store, { enterprise, name });
      return;
    }
    const handle = await openIfThere(join(this.#folder, name));
    if (handle === undefined) return;
    try {
      yield* framesOf(sourceOf(handle), factsOf(handle).size);
    } finally {
      await handle.close();
    }
  }

  /** Holds the lock of the running file; that of a finished one is nobody's. */
  async #rewriteHere(name: string, traces: Traces): Promise<number> {
    const removeMade = async (): Promise<void> => {
      for (const beside of [indexName(name), sideName(name)])
        await fsp.rm(join(this.#folder, beside), { force: true });
    };
    // Before as well: a second run finds nothing in a file that was written anew, and would leave them.
    await removeMade();
    const changed = await this.#rewrite(this.#folder, name, traces);
    await removeMade();
    if (changed > 0 && this.#isArchived({ name, where: "here" }))
      await this.#archived?.putHere(name, await this.#options.tableWithout(name));
    return changed;
  }

  async #rewriteArchived(name: string, traces: Traces): Promise<number> {
    const change = (folder: string): Promise<number> => this.#rewrite(folder, name, traces);
    return (await this.#archived?.change(name, change, this.#options.tableWithout)) ?? 0;
  }

  async #rewrite(folder: string, name: string, traces: Traces): Promise<number> {
    const path = join(folder, name);
    const old = await openIfThere(path);
    if (old === undefined) return 0;
    const aside = join(folder, `.${name}.${randomBytes(6).toString("hex")}.new`);
    try {
      if (name === RUNNING_NAME) await this.#lock(old.fd);
      const there = await fsp.stat(path).catch(() => undefined);
      if (there === undefined || !isSameFile(there, factsOf(old)))
        throw new Error(`cannot erase in ${path}: it was finished meanwhile; begin again`);
      const { mode, uid, gid } = await old.stat();
      const made = await fsp.open(aside, "wx", newFileMode(aside));
      let changed = 0;
      try {
        for await (const piece of framesOf(sourceOf(old), factsOf(old).size)) {
          const { bytes, changed: more } = await this.#lines.without(piece, traces);
          changed += more;
          await made.writeFile(bytes);
        }
        await made.chmod(mode & 0o777);
        // Written by an operator's root, it must still be the service's to append to.
        if (process.getuid?.() === 0) await made.chown(uid, gid);
        await made.sync();
      } finally {
        await made.close();
      }
      if (changed > 0) {
        await fsp.rename(aside, path);
        await syncFolder(folder);
      }
      return changed;
    } finally {
      await fsp.rm(aside, { force: true });
      // Closing releases the lock.
      await old.close();
    }
  }

  async #lock(fd: number): Promise<void> {
    for (let waited = 0; !tryLock(fd); waited += LOCK_EVERY_MS) {
      if (waited >= LOCK_MS)
        throw new Error("cannot erase: another process holds the running file; begin again");
      await pause(LOCK_EVERY_MS);
    }
  }
}
