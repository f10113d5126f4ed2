// What somebody keeps beside a day's file so as not to read it again: tables bound to the bytes they were made from.
// Made to be thrown away: believed only while its checksums hold and its file is what it was. Dot-named, written aside
// and renamed, so that a crash, a second process or a reader in between does no harm. Layout (little endian):
//   64 bytes header | JSON: what its owner says, and the length of each section | sections, each from a multiple of 8

import * as fsp from "node:fs/promises";
import { join } from "node:path";
import { sideName, temporarySideName } from "./files.ts";
import { proofOf } from "./index-file.ts";
import { newFileMode } from "./modes.ts";
import { openIfThere } from "./reading.ts";
import type { FileFacts } from "./trace-fs.ts";

const magic = 0x53_49_4c_43;
const layoutVersion = 1;
const headerBytes = 64;
const checkedBytes = 44;
const step = 8;

export type SideContent = {
  /** Anything JSON can hold. */
  readonly meta: unknown;
  readonly sections: readonly Uint8Array[];
};

export type SideFile = {
  readonly meta: unknown;
  /** Each begins at a multiple of 8 bytes of its memory. */
  readonly sections: readonly Buffer[];
  /** How much of the file it was made from, in bytes. */
  readonly covered: number;
  /** It was made from all of the file, and the file has not been touched since. */
  readonly isWhole: boolean;
};

const checksum = (bytes: Uint8Array, seed = 0): number => Number(Bun.hash.xxHash32(bytes, seed));
const padded = (length: number): number => Math.ceil(length / step) * step;

/**
 * Reads what stands beside a file; undefined where there is nothing that can be read and believed. The bytes covered are
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

const readWhole = async (
  path: string,
  data: fsp.FileHandle,
  facts: FileFacts,
): Promise<SideFile | undefined> => {
  const handle = await openIfThere(path);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    if (size < headerBytes) return undefined;
    // Memory of its own: sections are looked at as tables of numbers.
    const bytes = Buffer.from(new ArrayBuffer(size));
    const { bytesRead } = await handle.read(bytes, 0, size, 0);
    if (bytesRead !== size) return undefined;
    if (bytes.readUInt32LE(0) !== magic || bytes.readUInt32LE(4) !== layoutVersion)
      return undefined;
    if (bytes.readUInt32LE(checkedBytes) !== checksum(bytes.subarray(0, checkedBytes))) {
      return undefined;
    }
    const covered = bytes.readDoubleLE(8);
    const metaLength = bytes.readUInt32LE(32);
    if (covered > facts.size || bytes.readDoubleLE(36) !== size) return undefined;
    if (bytes.readUInt32LE(28) !== checksum(bytes.subarray(headerBytes))) return undefined;
    if ((await proofOf(data, covered)) !== bytes.readUInt32LE(24)) return undefined;
    const said = JSON.parse(bytes.toString("utf8", headerBytes, headerBytes + metaLength)) as {
      readonly meta: unknown;
      readonly lengths: readonly number[];
    };
    let at = headerBytes + padded(metaLength);
    const sections = said.lengths.map((length) => {
      const section = bytes.subarray(at, at + length);
      at += padded(length);
      return section;
    });
    const isWhole = covered === facts.size && bytes.readDoubleLE(16) === facts.mtimeMs;
    return { meta: said.meta, sections, covered, isWhole };
  } finally {
    await handle.close();
  }
};

/**
 * Keeps `content` beside a file, in place of what was there.
 *
 * @param covered how much of the file it was made from, in bytes
 * @param facts the file as it was when that was read
 * @throws what the system said; what was there is still there then.
 */
export const writeSide = async (
  folder: string,
  name: string,
  data: fsp.FileHandle,
  { covered, facts }: { readonly covered: number; readonly facts: FileFacts },
  { meta, sections }: SideContent,
): Promise<void> => {
  const lengths = sections.map((section) => section.byteLength);
  const text = Buffer.from(JSON.stringify({ meta, lengths }), "utf8");
  const parts: Uint8Array[] = [];
  for (const part of [text, ...sections]) {
    parts.push(part, Buffer.alloc(padded(part.byteLength) - part.byteLength));
  }
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(layoutVersion, 4);
  header.writeDoubleLE(covered, 8);
  header.writeDoubleLE(facts.mtimeMs, 16);
  header.writeUInt32LE(await proofOf(data, covered), 24);
  header.writeUInt32LE(checksum(body), 28);
  header.writeUInt32LE(text.length, 32);
  header.writeDoubleLE(headerBytes + body.length, 36);
  header.writeUInt32LE(checksum(header.subarray(0, checkedBytes)), checkedBytes);
  const temporary = join(folder, temporarySideName(name, process.pid));
  try {
    await fsp.writeFile(temporary, Buffer.concat([header, body]), {
      flush: true,
      mode: newFileMode(temporary),
    });
    await fsp.rename(temporary, join(folder, sideName(name)));
  } catch (cause) {
    await fsp.rm(temporary, { force: true });
    throw cause;
  }
};
