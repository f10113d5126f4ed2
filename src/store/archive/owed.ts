// What an erasure still owes the archive: days to be put anew, and older versions of their objects to be removed. On the disk
// before the first day is touched, taken off day by day as it is done, so that whatever ends an erasure in between, the
// next one goes on. Holds days and the mark, never the number; while a day still has the number in it, a salted hash tells
// whether a later erasure is of the same subscriber.

import { hash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import * as fsp from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "../../lib/errors.ts";
import { giveToOwner, makePrivateFolder } from "../../lib/private-file.ts";
import { replaceFileAsync, syncFolder } from "../../lib/replace-file.ts";
import { archiveFolder } from "./ledger.ts";

/** What is left to do of a day, for one erasure. */
export type OwedDay = {
  /** Of the day's file, such as `events.log.2025-11-29`. */
  readonly name: string;
  /** The address of the archive; null where the day was not in one. */
  readonly archive: string | null;
  /** What stands in place of the subscriber. */
  readonly mark: string;
  /** When the erasure began: ISO 8601, UTC. */
  readonly since: string;
  /** `lines`: it may not be written anew yet, for which the number is needed; `versions`: only older versions are left. */
  readonly left: "lines" | "versions";
  /** Why that could not be done, in a line; null where it was not tried. */
  readonly why: string | null;
  /** Whose lines may be left: a salt, and the hash of it and the subscriber's key. Goes with them. */
  readonly who?: string;
};

type OwedFile = { readonly version: number; readonly days: readonly OwedDay[] };

const VERSION = 1;
const FOLDER = "owed";
const ENDING = ".json";

/** A hash of a telephone number can be guessed through; here it lies beside the number itself. */
const whoIs = (subscriber: string, salt: string = randomUUID()): string =>
  `${salt} ${hash("sha256", `${salt} ${subscriber}`)}`;

const isOf = ({ who = "" }: OwedDay, subscriber: string): boolean =>
  who === whoIs(subscriber, who.slice(0, Math.max(0, who.indexOf(" "))));

export class OwedDays {
  readonly #dataDir: string;
  readonly #folder: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#folder = join(archiveFolder(dataDir), FOLDER);
  }

  /** Oldest day first. @throws Error where it cannot be read: then it is not known whether anything is owed */
  of(enterprise: string): readonly OwedDay[] {
    const path = this.#pathOf(enterprise);
    try {
      const file = JSON.parse(readFileSync(path, "utf8")) as OwedFile;
      if (file.version !== VERSION || !Array.isArray(file.days)) throw new Error("another format");
      return file.days;
    } catch (cause) {
      if (["ENOENT", "ENOTDIR"].includes(errorCode(cause) ?? "")) return [];
      throw new Error(
        `cannot read ${path}, which says what an erasure still owes the archive: ${(cause as Error).message}; see that its owner runs this, or remove all noncurrent versions under ${enterprise}/ in the bucket, and then that file`,
        { cause },
      );
    }
  }

  /** The enterprises of which something is owed. */
  enterprises(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => name.endsWith(ENDING))
        .map((name) => name.slice(0, -ENDING.length))
        .sort();
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return [];
      throw error;
    }
  }

  /**
   * Notes days before they are touched. An earlier erasure of the same subscriber that was cut short is taken for this one
   * where every day that it had not written anew is among them; otherwise it stays noted.
   *
   * @param about.subscriber by what every spelling of the number is one (`subscriberKey`)
   */
  async plan(
    enterprise: string,
    days: readonly Pick<OwedDay, "name" | "archive">[],
    { subscriber, ...about }: Pick<OwedDay, "mark" | "since"> & { readonly subscriber: string },
  ): Promise<void> {
    if (days.length === 0) return;
    const who = whoIs(subscriber);
    const before = this.of(enterprise);
    const isPlanned = (owed: OwedDay): boolean =>
      isOf(owed, subscriber) &&
      days.some(
        ({ name, archive }) =>
          name === owed.name && (owed.archive === null || archive === owed.archive),
      );
    const others = new Set(
      before.flatMap((day) => (day.left === "lines" && !isPlanned(day) ? [day.mark] : [])),
    );
    const kept = before.filter(({ left, mark }) => left !== "lines" || others.has(mark));
    const added = days.map(
      ({ name, archive }): OwedDay => ({ name, archive, ...about, left: "lines", why: null, who }),
    );
    await this.#write(enterprise, [...kept, ...added]);
  }

  /** A day was written anew: what is left of it are older versions, where it is in an archive. */
  async written(enterprise: string, { name, mark }: Pick<OwedDay, "name" | "mark">): Promise<void> {
    await this.#change(enterprise, (each) => {
      if (each.name !== name || each.mark !== mark) return each;
      const { who: _, ...known } = each;
      return each.archive === null ? undefined : { ...known, left: "versions", why: null };
    });
  }

  /** Older versions of a day are gone: nothing is left of those erasures that had written it anew. */
  async settled(enterprise: string, day: Pick<OwedDay, "name" | "archive">): Promise<void> {
    await this.#change(enterprise, (each) =>
      each.name === day.name && each.archive === day.archive && each.left === "versions"
        ? undefined
        : each,
    );
  }

  /** Older versions of a day could not be removed. */
  async failed(
    enterprise: string,
    day: Pick<OwedDay, "name" | "archive">,
    why: string,
  ): Promise<void> {
    await this.#change(enterprise, (each) =>
      each.name === day.name && each.archive === day.archive && each.left === "versions"
        ? { ...each, why }
        : each,
    );
  }

  async #change(enterprise: string, change: (day: OwedDay) => OwedDay | undefined): Promise<void> {
    const before = this.of(enterprise);
    const after = before.map(change).filter((day) => day !== undefined);
    if (JSON.stringify(after) !== JSON.stringify(before)) await this.#write(enterprise, after);
  }

  async #write(enterprise: string, days: readonly OwedDay[]): Promise<void> {
    const path = this.#pathOf(enterprise);
    if (days.length === 0) {
      await fsp.rm(path, { force: true });
      await syncFolder(this.#folder);
      return;
    }
    for (const folder of [dirname(this.#folder), this.#folder])
      makePrivateFolder(folder, this.#dataDir);
    const sorted = days.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const file: OwedFile = { version: VERSION, days: sorted };
    await replaceFileAsync(path, [Buffer.from(`${JSON.stringify(file)}\n`)], { isDurable: true });
    giveToOwner(path, this.#dataDir);
    // The folder's own name, where it was just made.
    await syncFolder(dirname(this.#folder));
  }

  #pathOf(enterprise: string): string {
    return join(this.#folder, `${enterprise}${ENDING}`);
  }
}

const counted = (count: number): string => (count === 1 ? "1 day" : `${count} days`);

/** Days that were not written anew are done with the number, which nobody noted. */
const unwrittenSentence = (
  days: readonly OwedDay[],
  { since, mark, name }: OwedDay,
  enterprise: string,
  finish: string,
): string => {
  const names = days.length === 1 ? name : `${name} and ${days.length - 1} more`;
  return `the erasure ${mark} in ${enterprise} (begun ${since.slice(0, 16).replace("T", " ")} UTC) did not get to its end: ${names} may still hold the number; run the same calllog erase, with that number, once more (${finish} does what can be done without it)`;
};

const versionsSentence = (
  days: readonly OwedDay[],
  { archive }: OwedDay,
  enterprise: string,
  finish: string,
): string => {
  const count = new Set(days.map(({ name }) => name)).size;
  const what = `older versions of ${counted(count)} of ${enterprise}, with what was erased, may still be kept in ${archive}`;
  const why = days.find((day) => day.why !== null)?.why ?? null;
  return why === null
    ? `${what}: the erasure was cut short; ${finish} removes them`
    : `${what}: ${why}; once that is mended, ${finish} removes them`;
};

/**
 * What is owed, in sentences for an operator, each with what to do; none where nothing is.
 *
 * @param configured the address of the archive in use; a command for another one names it
 */
export const owedSentences = (
  enterprise: string,
  days: readonly OwedDay[],
  configured: string | undefined,
): string[] => {
  const groups = Map.groupBy(days, ({ archive, left, mark }) =>
    left === "lines" ? mark : archive,
  );
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (first === undefined) return "";
    const archive = group.find((day) => day.archive !== null)?.archive ?? null;
    const flag = archive === null || archive === configured ? "" : ` --archive ${archive}`;
    const finish = `calllog erase ${enterprise} --finish${flag}`;
    const sentence = first.left === "lines" ? unwrittenSentence : versionsSentence;
    return sentence(group, first, enterprise, finish);
  });
};
