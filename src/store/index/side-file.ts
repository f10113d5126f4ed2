// A cache file beside a day: tables bound to the bytes they were made from. Disposable: used only while its checksums
// hold and the day is unchanged. Dot-named and replaced atomically, so that crashes, other processes and readers do no
// harm. Layout (little endian):
//   64 bytes header | JSON: metadata and the length of each section | sections, each aligned to 8 bytes
// The last section is read on demand, because it may be much larger than the others.

import type * as fsp from "node:fs/promises";
import { join } from "node:path";
import { replaceFileAsync } from "../../lib/replace-file.ts";
import { sideName, temporarySideName } from "../format/files.ts";
import { openIfThere } from "../read/open-files.ts";
import { newFileMode } from "../write/modes.ts";
import type { FileFacts } from "../write/trace-fs.ts";
import { proofOf } from "./index-file.ts";

const MAGIC = 0x53_49_4c_43;
const LAYOUT_VERSION = 2;
const HEADER_BYTES = 64;
const CHECKED_BYTES = 60;
const STEP = 8;

export type SideContent = {
  /** Anything JSON can hold. */
  readonly meta: unknown;
  readonly sections: readonly Uint8Array[];
};

export type SideFile = {
  readonly meta: unknown;
  /** All but the last. Each begins at a multiple of 8 bytes of its memory. */
  readonly sections: readonly Buffer[];
  /** The last section; undefined where the file is gone or another one by now. */
  readonly readLast: () => Promise<Buffer | undefined>;
  /** How much of the file it was made from, in bytes. */
  readonly covered: number;
  /** It was made from all of the file, and the file has not been touched since. */
  readonly isWhole: boolean;
};

const checksum = (bytes: Uint8Array): number => Number(Bun.hash.xxHash32(bytes));
const padded = (length: number): number => Math.ceil(length / STEP) * STEP;

const encodeHeader = (header: {
  readonly covered: number;
  readonly mtimeMs: number;
  readonly proof: number;
  readonly metaLength: number;
  readonly front: Uint8Array;
  readonly last: Uint8Array;
}): Buffer => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(LAYOUT_VERSION, 4);
  bytes.writeDoubleLE(header.covered, 8);
  bytes.writeDoubleLE(header.mtimeMs, 16);
  bytes.writeUInt32LE(header.proof, 24);
  bytes.writeUInt32LE(header.metaLength, 28);
  bytes.writeDoubleLE(header.front.length, 32);
  bytes.writeDoubleLE(header.last.length, 40);
  bytes.writeUInt32LE(checksum(header.front), 48);
  bytes.writeUInt32LE(checksum(header.last), 52);
  bytes.writeUInt32LE(checksum(bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return bytes;
};

/** The header of an open side file; undefined where it is none. */
const readHeader = async (handle: fsp.FileHandle): Promise<Buffer | undefined> => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await handle.read(bytes, 0, HEADER_BYTES, 0);
  const isOurs =
    bytesRead === HEADER_BYTES &&
    bytes.readUInt32LE(0) === MAGIC &&
    bytes.readUInt32LE(4) === LAYOUT_VERSION &&
    bytes.readUInt32LE(CHECKED_BYTES) === checksum(bytes.subarray(0, CHECKED_BYTES)) &&
    (await handle.stat()).size === HEADER_BYTES + bytes.readDoubleLE(32) + bytes.readDoubleLE(40);
  return isOurs ? bytes : undefined;
};

/** Bytes of their own memory, so that they can be looked at as tables of numbers; undefined where they are damaged. */
const readChecked = async (
  handle: fsp.FileHandle,
  at: number,
  length: number,
  expected: number,
): Promise<Buffer | undefined> => {
  const bytes = Buffer.from(new ArrayBuffer(length));
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  return bytesRead === length && checksum(bytes) === expected ? bytes : undefined;
};

const readLastOf = async (path: string, header: Buffer): Promise<Buffer | undefined> => {
  const handle = await openIfThere(path);
  if (handle === undefined) return undefined;
  try {
    if ((await readHeader(handle))?.equals(header) !== true) return undefined;
    const at = HEADER_BYTES + header.readDoubleLE(32);
    return await readChecked(handle, at, header.readDoubleLE(40), header.readUInt32LE(52));
  } finally {
    await handle.close();
  }
};

/** What the front of a side file says; it must lie at a multiple of 8 bytes of its memory. */
const contentOf = (
  front: Buffer,
  metaLength: number,
): { readonly meta: unknown; readonly sections: readonly Buffer[] } => {
  const said = JSON.parse(front.toString("utf8", 0, metaLength)) as {
    readonly meta: unknown;
    readonly lengths: readonly number[];
  };
  let at = padded(metaLength);
  const sections = said.lengths.map((length) => {
    const section = front.subarray(at, at + length);
    at += padded(length);
    return section;
  });
  return { meta: said.meta, sections };
};

const readWhole = async (
  path: string,
  data: fsp.FileHandle,
  facts: FileFacts,
): Promise<SideFile | undefined> => {
  const handle = await openIfThere(path);
  if (handle === undefined) return undefined;
  try {
    const header = await readHeader(handle);
    if (header === undefined) return undefined;
    const covered = header.readDoubleLE(8);
    if (covered > facts.size || (await proofOf(data, covered)) !== header.readUInt32LE(24)) {
      return undefined;
    }
    const length = header.readDoubleLE(32);
    const front = await readChecked(handle, HEADER_BYTES, length, header.readUInt32LE(48));
    if (front === undefined) return undefined;
    const said = contentOf(front, header.readUInt32LE(28));
    const isWhole = covered === facts.size && header.readDoubleLE(16) === facts.mtimeMs;
    const readLast = (): Promise<Buffer | undefined> =>
      readLastOf(path, header).catch(() => undefined);
    return { ...said, readLast, covered, isWhole };
  } finally {
    await handle.close();
  }
};

/** How many bytes of the day's file its side file says it covers; 0 where there is no side file. */
export const peekSide = async (folder: string, name: string): Promise<number> => {
  try {
    const handle = await openIfThere(join(folder, sideName(name)));
    if (handle === undefined) return 0;
    try {
      return (await readHeader(handle))?.readDoubleLE(8) ?? 0;
    } finally {
      await handle.close();
    }
  } catch {
    return 0;
  }
};

/**
 * Reads a side file; undefined where there is none, or it is damaged or belongs to another file. The bytes covered are
 * compared at their beginning and end (4 KiB each).
 *
 * @param data the file `name` itself, open
 */
export const readSide = async (
  folder: string,
  name: string,
  data: fsp.FileHandle,
  facts: FileFacts,
): Promise<SideFile | undefined> => {
  try {
    return await readWhole(join(folder, sideName(name)), data, facts);
  } catch {
    return undefined;
  }
};

/** A side file as bytes, to be kept elsewhere than beside its day. */
export type SideBytes = {
  readonly metaLength: number;
  /** All sections but the last, with their description. */
  readonly front: Uint8Array;
  readonly last: Uint8Array;
};

/** The bytes of a side file, without what binds it to its day. */
export const encodeSide = ({ meta, sections }: SideContent): SideBytes => {
  const first = sections.slice(0, -1);
  const last = sections.at(-1) ?? new Uint8Array();
  const lengths = first.map((section) => section.byteLength);
  const text = Buffer.from(JSON.stringify({ meta, lengths }), "utf8");
  const parts = [text, ...first].flatMap((part) => [
    part,
    Buffer.alloc(padded(part.byteLength) - part.byteLength),
  ]);
  return { metaLength: text.length, front: Buffer.concat(parts), last };
};

/**
 * Keeps `content` beside a file, in place of what was there. Not synced: what a crash leaves is not believed.
 *
 * @param covered how much of the file it was made from, in bytes
 * @param proof of those bytes (`proofOf`)
 * @param mtimeMs of the file when it was read
 * @throws the system's error; the old side file is still there then.
 */
export const writeSide = async (
  folder: string,
  name: string,
  about: { readonly covered: number; readonly proof: number; readonly mtimeMs: number },
  { meta, sections }: SideContent,
): Promise<void> => {
  const { metaLength, front, last } = encodeSide({ meta, sections });
  const header = encodeHeader({ ...about, metaLength, front, last });
  const temporary = join(folder, temporarySideName(name, process.pid));
  await replaceFileAsync(join(folder, sideName(name)), [header, front, last], {
    aside: temporary,
    mode: newFileMode(temporary),
  });
};

/** Keeps bytes beside a day for `sideBytes` alone: nothing binds them to it. On the disk when it is done. */
export const keepSideBytes = async (
  folder: string,
  name: string,
  { metaLength, front, last }: SideBytes,
): Promise<void> => {
  const header = encodeHeader({ covered: 0, proof: 0, mtimeMs: 0, metaLength, front, last });
  const aside = join(folder, temporarySideName(name, process.pid));
  const path = join(folder, sideName(name));
  await replaceFileAsync(path, [header, front, last], {
    aside,
    mode: newFileMode(path),
    isDurable: true,
  });
};

/** The bytes of a side file that was made from all of its day; undefined where there is none. */
export const sideBytes = async (folder: string, name: string): Promise<SideBytes | undefined> => {
  const handle = await openIfThere(join(folder, sideName(name)));
  if (handle === undefined) return undefined;
  try {
    const header = await readHeader(handle);
    if (header === undefined) return undefined;
    const length = header.readDoubleLE(32);
    const front = await readChecked(handle, HEADER_BYTES, length, header.readUInt32LE(48));
    const at = HEADER_BYTES + length;
    const last = await readChecked(handle, at, header.readDoubleLE(40), header.readUInt32LE(52));
    return front === undefined || last === undefined
      ? undefined
      : { metaLength: header.readUInt32LE(28), front, last };
  } finally {
    await handle.close();
  }
};

/** Reads what `sideBytes` gave. @param covered bytes of the day that it was made from */
export const sideFrom = (
  { metaLength, front }: Omit<SideBytes, "last">,
  readLast: SideFile["readLast"],
  covered: number,
): SideFile => {
  // Tables of numbers need their bytes at a multiple of 8.
  const own = Buffer.from(new ArrayBuffer(front.length));
  own.set(front);
  return { ...contentOf(own, metaLength), readLast, covered, isWhole: true };
};
