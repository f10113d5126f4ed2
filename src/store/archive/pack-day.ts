// A finished day as the objects of the archive, in the order in which they are put: its lines, its table of calls, and the
// index that proves them. Holds one object in memory at a time.

import { createHash } from "node:crypto";
import { tryParseFinishedName } from "../format/files.ts";
import type { SideBytes } from "../index/side-file.ts";
import type { ByteSource } from "../read/reverse-lines.ts";
import { createPacer } from "../read/turns.ts";
import { type DayFacts, encodeDayIndex, type PartFacts, type TableFacts } from "./day-index.ts";
import {
  compress,
  decompress,
  type Frame,
  framesOf,
  hashOf,
  seekTableBytes,
  seekTableOf,
} from "./frames.ts";
import { KeyGatherer } from "./key-places.ts";
import { keysOfLine, linesOf } from "./line-keys.ts";
import { indexKey, partKey, tableKey } from "./object-names.ts";

export type PackedObject = { readonly key: string; readonly bytes: Uint8Array };

export type DayToPack = {
  readonly enterprise: string;
  readonly name: string;
  readonly source: ByteSource;
  readonly bytes: number;
  /** The day's calls; without them the day can be read, and is missing in lists. */
  readonly table: SideBytes | undefined;
};

export type PackOptions = {
  /** How long to leave the machine to others between slices, in milliseconds. */
  readonly restMs?: number;
  /** An object is no larger than that, in bytes; default 64 MiB: a store takes it in one put. */
  readonly maxPartBytes?: number;
};

const MAX_PART_BYTES = 64 * 1024 * 1024;

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Proves an object. */
export const factsOfObject = (bytes: Uint8Array): PartFacts => ({
  bytes: bytes.length,
  sha256: sha256(bytes),
});

const packTable = async ({
  metaLength,
  front,
  last,
}: SideBytes): Promise<{ bytes: Buffer; facts: TableFacts }> => {
  const [first, second] = [await compress(front), await compress(last)];
  const bytes = Buffer.concat([first, second]);
  const stretch = (at: number, packed: Uint8Array, raw: Uint8Array) => ({
    at,
    packedBytes: packed.length,
    rawBytes: raw.length,
    hash: hashOf(packed),
  });
  return {
    bytes,
    facts: {
      ...factsOfObject(bytes),
      metaLength,
      front: stretch(0, first, front),
      last: stretch(first.length, second, last),
    },
  };
};

/** The parts of a day: frames until one is full. */
class Parts {
  readonly facts: PartFacts[] = [];
  readonly framesInPart: number[] = [];
  readonly #maxBytes: number;
  #packed: Uint8Array[] = [];
  #frames: Frame[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a frame of that size has no room beside those before it. */
  isFullFor(bytes: number): boolean {
    const after = this.#bytes + bytes + seekTableBytes(this.#frames.length + 1);
    return this.#frames.length > 0 && after > this.#maxBytes;
  }

  add(packed: Uint8Array, frame: Frame): void {
    this.#packed.push(packed);
    this.#frames.push(frame);
    this.#bytes += packed.length;
  }

  /** The part as an object; a new one begins. */
  end(): Buffer {
    const bytes = Buffer.concat([...this.#packed, seekTableOf(this.#frames)]);
    this.facts.push(factsOfObject(bytes));
    this.framesInPart.push(this.#frames.length);
    this.#packed = [];
    this.#frames = [];
    this.#bytes = 0;
    return bytes;
  }
}

/**
 * The objects of a day, the index last.
 *
 * @throws Error where the file becomes shorter meanwhile
 */
export async function* packDay(
  { enterprise, name, source, bytes, table }: DayToPack,
  { restMs = 0, maxPartBytes = MAX_PART_BYTES }: PackOptions = {},
): AsyncGenerator<PackedObject> {
  const pacer = createPacer(restMs);
  const gatherer = new KeyGatherer(tryParseFinishedName(name) ?? 0);
  const parts = new Parts(maxPartBytes);
  const frames: Frame[] = [];
  const hash = createHash("sha256");
  let lines = 0;
  for await (const raw of framesOf(source, bytes)) {
    hash.update(raw);
    for (const { start, end } of linesOf(raw)) {
      lines += 1;
      gatherer.add(keysOfLine(raw.toString("utf8", start, end)), frames.length);
      await pacer.pause();
    }
    const packed = await compress(raw);
    // The file goes one day, and this is all that is left of it.
    if (!raw.equals(await decompress(packed)))
      throw new Error(`cannot pack ${enterprise}/${name}: a frame does not give its lines back`);
    const frame = { packedBytes: packed.length, rawBytes: raw.length, hash: hashOf(packed) };
    if (parts.isFullFor(packed.length))
      yield { key: partKey(enterprise, name, parts.facts.length), bytes: parts.end() };
    parts.add(packed, frame);
    frames.push(frame);
  }
  yield { key: partKey(enterprise, name, parts.facts.length), bytes: parts.end() };
  const packedTable = table === undefined ? undefined : await packTable(table);
  if (packedTable !== undefined)
    yield { key: tableKey(enterprise, name), bytes: packedTable.bytes };
  const facts: DayFacts = {
    enterprise,
    name,
    bytes,
    sha256: hash.digest("hex"),
    lines,
    parts: parts.facts,
    framesInPart: parts.framesInPart,
    table: packedTable?.facts ?? null,
  };
  const keys = await gatherer.finish(pacer.pause);
  yield {
    key: indexKey(enterprise, name),
    bytes: await encodeDayIndex(facts, frames, keys, pacer.pause),
  };
}
