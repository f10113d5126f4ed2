// Brings a day of the archive back as the file it was: proven by its checksums, and in its place whole or not at all. Nothing
// that is there is overwritten.

import { createHash, randomBytes } from "node:crypto";
import * as fsp from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../../lib/replace-file.ts";
import { systemCode } from "../errors.ts";
import { newFileMode, newFolderMode } from "../write/modes.ts";
import { type DayHead, decodeDayHead } from "./day-index.ts";
import { decompress } from "./frames.ts";
import { indexKey, partKey } from "./object-names.ts";
import { ArchiveError, type ObjectStore } from "./object-store.ts";
import { factsOfObject } from "./pack-day.ts";

/** The lines of a day, a frame at a time. @throws ArchiveError where an object is gone or not what was put there */
async function* linesOfDay(store: ObjectStore, head: DayHead): AsyncGenerator<Uint8Array> {
  const { facts } = head;
  let frame = 0;
  for (const [part, expected] of facts.parts.entries()) {
    const key = partKey(facts.enterprise, facts.name, part);
    const bytes = await store.get(key);
    if (bytes === undefined)
      throw new ArchiveError("missing", `cannot restore: ${store.name}/${key} is gone`);
    if (factsOfObject(bytes).sha256 !== expected.sha256)
      throw new ArchiveError("damaged", `cannot restore: ${store.name}/${key} is damaged`);
    let at = 0;
    for (let left = facts.framesInPart[part] ?? 0; left > 0; left -= 1) {
      const length = head.frames[frame]?.packedBytes ?? 0;
      yield await decompress(bytes.subarray(at, at + length));
      at += length;
      frame += 1;
    }
  }
}

const headInStore = async (
  store: ObjectStore,
  enterprise: string,
  name: string,
): Promise<DayHead> => {
  const index = indexKey(enterprise, name);
  const bytes = await store.get(index);
  if (bytes === undefined)
    throw new ArchiveError(
      "missing",
      `cannot restore: there is no ${store.name}/${index}; calllog archive status ${enterprise} says from when to when there are days`,
    );
  const head = decodeDayHead(bytes, enterprise, name);
  if (head === undefined)
    throw new ArchiveError("damaged", `cannot restore: ${store.name}/${index} is damaged`);
  return head;
};

/** The lines of a day in pieces of whole ones, as they are in the archive. @throws ArchiveError */
export async function* linesOfArchivedDay(
  store: ObjectStore,
  { enterprise, name }: { readonly enterprise: string; readonly name: string },
): AsyncGenerator<Buffer> {
  const head = await headInStore(store, enterprise, name);
  for await (const lines of linesOfDay(store, head)) yield Buffer.from(lines);
}

/**
 * Writes a day into a folder, under its own name.
 *
 * @returns the path of the file
 * @throws ArchiveError where the archive does not have it whole; Error where a file of that name is there
 */
export const restoreDay = async (
  store: ObjectStore,
  { enterprise, name }: { readonly enterprise: string; readonly name: string },
  folder: string,
): Promise<string> => {
  const head = await headInStore(store, enterprise, name);
  await fsp.mkdir(folder, { recursive: true, mode: newFolderMode(folder) });
  const path = join(folder, name);
  const aside = join(folder, `.${name}.${randomBytes(6).toString("hex")}.new`);
  try {
    const file = await fsp.open(aside, "wx", newFileMode(aside));
    const hash = createHash("sha256");
    try {
      for await (const lines of linesOfDay(store, head)) {
        hash.update(lines);
        await file.writeFile(lines);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (hash.digest("hex") !== head.facts.sha256)
      throw new ArchiveError("damaged", `cannot restore ${name}: its lines are not what they were`);
    // A link does not take the place of a file that is there.
    await fsp.link(aside, path);
  } catch (cause) {
    if (systemCode(cause) === "EEXIST")
      throw new Error(
        `cannot restore ${name}: ${path} is there already; move it away, or name another folder`,
        { cause },
      );
    throw cause;
  } finally {
    await fsp.rm(aside, { force: true });
  }
  await syncFolder(folder);
  return path;
};
