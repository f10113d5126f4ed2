// Takes away what an archive keeps of days as they were before an erasure.

import { type Archive, ArchiveError } from "../archive/index.ts";
import type { OwedDays } from "../archive/owed.ts";
import { tryEach } from "./try-each.ts";

export type VersionsDone = {
  /** Versions that are gone. */
  readonly removed: number;
  /** Days of which none is left. */
  readonly days: readonly string[];
  /** Days of which some may be left, and why. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
};

/**
 * Removes older versions of all days of an enterprise for which they are owed to this archive. A store that keeps no
 * versions has none left.
 *
 * @param onProgress told of each day that is done; must not throw
 * @throws Error where it cannot be noted on the disk what is done
 */
export const removeOwedVersions = async (
  archive: Archive,
  owed: OwedDays,
  enterprise: string,
  onProgress: (name: string) => void = () => undefined,
): Promise<VersionsDone> => {
  const names = new Set(
    owed
      .of(enterprise)
      .filter((day) => day.archive === archive.name && day.left === "versions")
      .map(({ name }) => name),
  );
  let removed = 0;
  const done: string[] = [];
  const failures = await tryEach([...names], async (name) => {
    try {
      await archive.store.removeOlder(`${enterprise}/${name}.`, {
        onRemoved: () => {
          removed += 1;
        },
      });
    } catch (error) {
      if (!(error instanceof ArchiveError) || error.code !== "unsupported") throw error;
    }
    // What was read of it lies on this disk as well.
    await archive.objects.forget({ enterprise, name });
    await owed.settled(enterprise, { name, archive: archive.name });
    done.push(name);
    onProgress(name);
  });
  for (const { day: name, why } of failures)
    await owed.failed(enterprise, { name, archive: archive.name }, why);
  return { removed, days: done, left: failures.map(({ day: name, why }) => ({ name, why })) };
};
