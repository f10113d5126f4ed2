// Brings one finished day into the archive. The index goes last, once everything else was read back and found to be right; a
// day without a right index counts as not there. So a crash at any moment leaves a day that is simply uploaded again. A
// day of the archive that holds more than the file here, or something else, is never overwritten.

import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { SideBytes } from "../index/side-file.ts";
import { factsAt, factsOf, openIfThere, sourceOf } from "../read/open-files.ts";
import { createPacer } from "../read/turns.ts";
import { type FileFacts, isUnchanged } from "../write/trace-fs.ts";
import { type DayHead, decodeDayHead, headBytesOf } from "./day-index.ts";
import { type Ledger, ledgerDayOf } from "./ledger.ts";
import { indexKey } from "./object-names.ts";
import { ArchiveError, type ObjectStore } from "./object-store.ts";
import { OwedDays } from "./owed.ts";
import { factsOfObject, packDay } from "./pack-day.ts";
import { verifyDay } from "./verify-day.ts";

export type UploadOptions = {
  readonly dir: string;
  readonly store: ObjectStore;
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Gives a day's calls, to be put beside it. What it throws ends the upload. */
  readonly tableOf: (enterprise: string, name: string) => Promise<SideBytes | undefined>;
  /** How long to leave the machine to others between slices, in milliseconds. */
  readonly restMs: number;
  /** What the archive holds under the name gives way, whatever it is: the file here was changed on purpose. */
  readonly isReplacing?: boolean;
  /** Told of each object that is there, with its size. */
  readonly onProgress?: (key: string, bytes: number) => void;
};

/** `there`: it was in the archive already; `gone`: the file is no more, or was changed meanwhile. */
export type UploadOutcome = "uploaded" | "there" | "gone";

const CHUNK_BYTES = 1024 * 1024;

const sha256Of = async (handle: FileHandle, size: number): Promise<string> => {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const pacer = createPacer();
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, size - at), at);
    if (bytesRead === 0) break;
    hash.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
    await pacer.pause();
  }
  return hash.digest("hex");
};

/** The head of the day as it is in the archive; `other` where something is there that is no index of this day. */
const headInArchive = async (
  store: ObjectStore,
  enterprise: string,
  name: string,
): Promise<DayHead | "other" | undefined> => {
  const bytes = await store.get(indexKey(enterprise, name));
  if (bytes === undefined) return undefined;
  const isWhole = (headBytesOf(bytes) ?? Number.POSITIVE_INFINITY) <= bytes.length;
  return (isWhole ? decodeDayHead(bytes, enterprise, name) : undefined) ?? "other";
};

/** Whether the archive's day is a beginning of the file: all of it, or before lines were added. */
const isBeginningOf = async (
  head: DayHead,
  handle: FileHandle,
  { size }: FileFacts,
): Promise<boolean> =>
  head.facts.bytes <= size && (await sha256Of(handle, head.facts.bytes)) === head.facts.sha256;

const putChecked = async (store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> => {
  await store.put(key, bytes);
  const found = await store.head(key);
  const back = found?.bytes === bytes.length ? await store.get(key) : undefined;
  if (back === undefined || factsOfObject(back).sha256 !== factsOfObject(bytes).sha256)
    throw new ArchiveError(
      "damaged",
      `cannot upload ${store.name}/${key}: what was read back is not what was put; it is tried again`,
    );
};

/** To bring back what the archive has would undo an erasure, where it is that which made them differ. */
const otherDay = (
  enterprise: string,
  name: string,
  { dir, bytes, here }: { readonly dir: string; readonly bytes: number; readonly here: number },
): ArchiveError => {
  const isOwed = new OwedDays(dir).of(enterprise).some((day) => day.name === name);
  const why = isOwed
    ? `an erasure was cut short before it was there anew; calllog erase ${enterprise} --finish ends that`
    : `the archive holds another day under that name (${bytes} bytes, here ${here}); see which one is right, and remove or restore it`;
  return new ArchiveError("damaged", `cannot upload ${enterprise}/${name}: ${why}`);
};

const pack = async (
  handle: FileHandle,
  facts: FileFacts,
  day: { readonly enterprise: string; readonly name: string },
  options: UploadOptions,
): Promise<UploadOutcome> => {
  const { dir, store, ledger, restMs, now, tableOf, onProgress } = options;
  const { enterprise, name } = day;
  const table = await tableOf(enterprise, name);
  const objects = packDay(
    { ...day, source: sourceOf(handle), bytes: facts.size, table },
    { restMs },
  );
  const index = indexKey(enterprise, name);
  for await (const { key, bytes } of objects) {
    if (key === index) {
      const there = await factsAt(join(dir, enterprise, name));
      if (there === undefined || !isUnchanged(there, facts)) return "gone";
    }
    await putChecked(store, key, bytes);
    onProgress?.(key, bytes.length);
    if (key !== index) continue;
    const head = decodeDayHead(bytes, enterprise, name);
    if (head === undefined) throw new Error(`cannot read the index that was made of ${name}`);
    const about = { mtimeMs: facts.mtimeMs, checkedAt: now() };
    await ledger.change(enterprise, new Map([[name, ledgerDayOf(head, about)]]));
  }
  return "uploaded";
};

/**
 * Uploads a day unless it is in the archive as it is here.
 *
 * @throws ArchiveError where the archive does not take it, or holds another day under that name
 */
export const uploadDay = async (
  enterprise: string,
  name: string,
  options: UploadOptions,
): Promise<UploadOutcome> => {
  const { dir, store, ledger, now } = options;
  const handle = await openIfThere(join(dir, enterprise, name));
  if (handle === undefined) return "gone";
  try {
    const facts = factsOf(handle);
    const there = await headInArchive(store, enterprise, name);
    if (there !== undefined && there !== "other" && options.isReplacing !== true) {
      if (!(await isBeginningOf(there, handle, facts)))
        throw otherDay(enterprise, name, { dir, bytes: there.facts.bytes, here: facts.size });
      const isSame = there.facts.bytes === facts.size;
      const checked = isSame ? await verifyDay(store, enterprise, name) : undefined;
      if (checked?.problems.length === 0) {
        const about = { mtimeMs: facts.mtimeMs, checkedAt: now() };
        await ledger.change(enterprise, new Map([[name, ledgerDayOf(there, about)]]));
        return "there";
      }
    }
    // What is there does not prove the objects that are put now.
    if (there !== undefined) await store.remove(indexKey(enterprise, name));
    return await pack(handle, facts, { enterprise, name }, options);
  } finally {
    await handle.close();
  }
};
