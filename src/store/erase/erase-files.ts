// Takes a subscriber out of the files of an enterprise and out of its archived days. A file is written anew beside the old one and
// takes its place whole; the running one under its lock, so that no event is lost. What is made from files (indexes, tables) is
// removed with them, and made again.

import { randomBytes } from "node:crypto";
import * as fsp from "node:fs/promises";
import { join } from "node:path";
import type { Subscriber } from "../../domain/erasing.ts";
import { tryLock } from "../../lib/file-lock.ts";
import { pause } from "../../lib/pause.ts";
import { syncFolder } from "../../lib/replace-file.ts";
import { framesOf } from "../archive/frames.ts";
import type { Archive, SideBytes } from "../archive/index.ts";
import { archiveFolder } from "../archive/ledger.ts";
import { linesOfArchivedDay, restoreDay } from "../archive/restore-day.ts";
import { uploadDay } from "../archive/upload-day.ts";
import {
  enterpriseFolder,
  finishedNames,
  indexName,
  RUNNING_NAME,
  sideName,
} from "../format/files.ts";
import { factsOf, listFolder, openIfThere, sourceOf } from "../read/open-files.ts";
import { newFileMode } from "../write/modes.ts";
import { isSameFile } from "../write/trace-fs.ts";
import { LineEraser, noTraces, type Traces } from "./erase-lines.ts";

export type EraseOptions = {
  readonly dir: string;
  readonly enterprise: string;
  readonly subscriber: Subscriber;
  readonly archive: Archive | undefined;
  readonly now: () => number;
  /** The table of an archived day without him. */
  readonly tableWithout: (name: string) => Promise<SideBytes | undefined>;
  /** Told of each day that was gone through or written. */
  readonly onProgress?: (what: string, name: string) => void;
};

/** Where something of him is. */
export type FoundIn = { readonly name: string; readonly where: "here" | "archive" };

export type Found = { readonly traces: Traces; readonly days: readonly FoundIn[] };

/** How long a writer is waited for that has the running file, in milliseconds. */
const LOCK_MS = 5000;
const LOCK_EVERY_MS = 5;

type Piece = AsyncGenerator<Buffer>;

export class SubscriberErasure {
  readonly #options: EraseOptions;
  readonly #folder: string;
  readonly #lines: LineEraser;

  /** @throws Error where the number is no single person's */
  constructor(options: EraseOptions) {
    this.#options = options;
    this.#folder = enterpriseFolder(options.dir, options.enterprise);
    this.#lines = new LineEraser(options.subscriber);
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

  /** Takes out what was found. @returns lines that were changed */
  async erase({ traces, days }: Found): Promise<number> {
    let changed = 0;
    for (const { name, where } of days) {
      changed +=
        where === "here"
          ? await this.#rewriteHere(name, traces)
          : await this.#rewriteArchived(name, traces);
      this.#options.onProgress?.("written anew", name);
    }
    return changed;
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
    const { archive, enterprise } = this.#options;
    const changed = await this.#rewrite(this.#folder, name, traces);
    for (const beside of [indexName(name), sideName(name)])
      await fsp.rm(join(this.#folder, beside), { force: true });
    const isArchived = archive?.ledger.days(enterprise).has(name) ?? false;
    if (changed > 0 && archive !== undefined && isArchived)
      await this.#upload(archive, name, this.#options.dir);
    return changed;
  }

  /** An archived day is brought here aside, written anew, and put in its own place. */
  async #rewriteArchived(name: string, traces: Traces): Promise<number> {
    const { archive, dir, enterprise } = this.#options;
    if (archive === undefined) return 0;
    const aside = join(archiveFolder(dir), "erase");
    // What a crash left of an earlier one.
    await fsp.rm(aside, { recursive: true, force: true });
    try {
      const folder = join(aside, enterprise);
      await restoreDay(archive.store, { enterprise, name }, folder);
      const changed = await this.#rewrite(folder, name, traces);
      if (changed > 0) await this.#upload(archive, name, aside);
      return changed;
    } finally {
      await fsp.rm(aside, { recursive: true, force: true });
    }
  }

  async #upload(archive: Archive, name: string, dir: string): Promise<void> {
    const { enterprise, now, tableWithout } = this.#options;
    // Before the day that it is made from gives way.
    const table = await tableWithout(name);
    await uploadDay(enterprise, name, {
      dir,
      store: archive.store,
      ledger: archive.ledger,
      now,
      restMs: 0,
      isReplacing: true,
      tableOf: async () => table,
    });
    await archive.objects.forget({ enterprise, name });
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
      const { mode } = await old.stat();
      const made = await fsp.open(aside, "wx", newFileMode(aside));
      let changed = 0;
      try {
        for await (const piece of framesOf(sourceOf(old), factsOf(old).size)) {
          const { bytes, changed: more } = await this.#lines.without(piece, traces);
          changed += more;
          await made.writeFile(bytes);
        }
        await made.chmod(mode & 0o777);
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
