// Puts days anew into the archive for an erasure. While a day is put it is in the archive in part only: until it is there
// whole, the file that it is made from stays here, so that whatever ends the work in between, the day is put again from it.

import * as fsp from "node:fs/promises";
import { join } from "node:path";
import { makePrivateFolder } from "../../lib/private-file.ts";
import { syncFolder } from "../../lib/replace-file.ts";
import { type Archive, ArchiveError, type SideBytes } from "../archive/index.ts";
import { archiveFolder, ledgerDayOf } from "../archive/ledger.ts";
import { restoreDay } from "../archive/restore-day.ts";
import { uploadDay } from "../archive/upload-day.ts";
import { verifyDay } from "../archive/verify-day.ts";
import { finishedNames } from "../format/files.ts";
import { keepSideBytes, sideBytes } from "../index/side-file.ts";
import { listFolder } from "../read/open-files.ts";
import { type DayFailure, tryEach } from "./try-each.ts";

export type ArchivedDaysOptions = {
  readonly dir: string;
  readonly enterprise: string;
  readonly archive: Archive;
  readonly now: () => number;
};

type TableOf = (name: string) => Promise<SideBytes | undefined>;

export class ArchivedDays {
  readonly #options: ArchivedDaysOptions;
  /** What stands for the data folder while days are changed aside. */
  readonly #aside: string;
  readonly #folder: string;

  constructor(options: ArchivedDaysOptions) {
    this.#options = options;
    this.#aside = join(archiveFolder(options.dir), "erase");
    this.#folder = join(this.#aside, options.enterprise);
  }

  /** Puts a day that is here in the place of what the archive has of it. @throws ArchiveError */
  async putHere(name: string, table: SideBytes | undefined): Promise<void> {
    await this.#put(this.#options.dir, name, table);
  }

  /**
   * Brings a day aside, has it changed there, and puts it in its own place.
   *
   * @param change writes the day in that folder anew; answers how many lines are others
   * @param tableOf gives its table without the subscriber, from the one that is in the archive
   * @throws ArchiveError
   */
  async change(
    name: string,
    change: (folder: string) => Promise<number>,
    tableOf: TableOf,
  ): Promise<number> {
    const { archive, enterprise } = this.#options;
    await this.#clear(name);
    for (const folder of [this.#aside, this.#folder]) makePrivateFolder(folder, this.#options.dir);
    let changed = 0;
    let table: SideBytes | undefined;
    try {
      await restoreDay(archive.store, { enterprise, name }, this.#folder);
      changed = await change(this.#folder);
      if (changed > 0) table = await tableOf(name);
      if (table !== undefined) await keepSideBytes(this.#folder, name, table);
      for (const folder of [this.#folder, this.#aside, archiveFolder(this.#options.dir)])
        await syncFolder(folder);
    } catch (error) {
      await this.#clear(name);
      throw error;
    }
    // From here on the archive may have the day in part: what is aside stays until it is there.
    if (changed > 0) await this.#put(this.#aside, name, table);
    await this.#clear(name);
    return changed;
  }

  /**
   * Puts days again that were left in the archive in part.
   *
   * @param onProgress told of each; must not throw
   * @returns days for which that failed
   */
  async mend(onProgress: (name: string) => void): Promise<DayFailure<string>[]> {
    const { archive, enterprise } = this.#options;
    const failures = await tryEach(finishedNames(await listFolder(this.#folder)), async (name) => {
      const { problems } = await verifyDay(archive.store, enterprise, name);
      if (problems.length > 0) {
        await this.#put(this.#aside, name, await sideBytes(this.#folder, name));
        onProgress(name);
      }
      await this.#clear(name);
    });
    // What was being brought when it was cut short.
    if (failures.length === 0) await fsp.rm(this.#folder, { recursive: true, force: true });
    return failures;
  }

  /** Notes a day as it is in the archive, where the work ended between the day and what is known of it. @throws ArchiveError */
  async learn(name: string): Promise<void> {
    const { archive, enterprise, now } = this.#options;
    const { head, problems } = await verifyDay(archive.store, enterprise, name);
    if (head === undefined || problems.length > 0)
      throw new ArchiveError(
        "damaged",
        `cannot end the erasure in ${enterprise}/${name}: ${problems.join("; ")}`,
      );
    const mtimeMs = archive.ledger.days(enterprise).get(name)?.mtimeMs ?? 0;
    const day = ledgerDayOf(head, { mtimeMs, checkedAt: now() });
    await archive.ledger.change(enterprise, new Map([[name, day]]));
  }

  async #put(dir: string, name: string, table: SideBytes | undefined): Promise<void> {
    const { archive, enterprise, now } = this.#options;
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

  /** Removes a day aside with what lies beside it. */
  async #clear(name: string): Promise<void> {
    for (const file of await listFolder(this.#folder))
      if (file.includes(name)) await fsp.rm(join(this.#folder, file), { force: true });
  }
}
