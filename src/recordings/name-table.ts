// The names of one folder in little memory, since a folder may hold a million: packed by the block, found by hashes of their
// keys, some ten bytes a name beside its own. Names are only added: what is gone is found out by whoever opens it, and a
// folder's next listing makes a new table.

import { Buffer } from "node:buffer";

/** Names that are packed together: few enough that packing them never holds anybody up. */
const NAMES_A_BLOCK = 2048;
/** Slots for each key: probing stays short. A name has one key, two at most as a rule. */
const SLOTS_A_KEY = 1.5;
/** What a block takes beside its bytes: some objects. */
const BLOCK_BYTES = 300;
/** What a name takes that is not packed yet, beside its letters. */
const LOOSE_BYTES = 150;

/** FNV-1a, 32 bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};

type Entry = readonly [name: string, keys: readonly string[]];

type Block = {
  readonly names: number;
  readonly bytes: Buffer;
  /** Where each name begins, and where the last one ends. */
  readonly starts: Uint32Array;
  /** The upper half of a key's hash, and the number of its name from 1; 0 is empty. */
  readonly slots: Uint32Array;
};

const nameAt = ({ bytes, starts }: Block, index: number): string =>
  bytes.toString("utf8", starts[index], starts[index + 1]);

/** Packs names, at most so many as a slot can number. */
const pack = (entries: readonly Entry[]): Block => {
  const keys = entries.reduce((sum, [, own]) => sum + own.length, 0);
  const starts = new Uint32Array(entries.length + 1);
  const slots = new Uint32Array(Math.ceil(keys * SLOTS_A_KEY) + 1);
  const bytes = Buffer.from(entries.map(([name]) => name).join(""));
  let end = 0;
  for (const [index, [name, own]] of entries.entries()) {
    end += Buffer.byteLength(name);
    starts[index + 1] = end;
    for (const key of own) {
      const hash = hashOf(key);
      let slot = hash % slots.length;
      while (slots[slot] !== 0) slot = (slot + 1) % slots.length;
      slots[slot] = ((hash & 0xffff0000) | (index + 1)) >>> 0;
    }
  }
  return { names: entries.length, bytes, starts, slots };
};

const candidatesIn = (block: Block, hash: number): string[] => {
  const { slots } = block;
  const found: string[] = [];
  for (let slot = hash % slots.length; slots[slot] !== 0; slot = (slot + 1) % slots.length) {
    const value = slots[slot] ?? 0;
    if (value >>> 16 === hash >>> 16) found.push(nameAt(block, (value & 0xffff) - 1));
  }
  return found;
};

export class NameTable {
  readonly #blocks: Block[] = [];
  #loose: Entry[] = [];
  /** Names that are not packed yet, by their keys; made when somebody asks. */
  #looseByKey: Map<string, string[]> | undefined;
  #looseBytes = 0;
  #packedBytes = 0;
  #size = 0;

  /** Names that are kept. */
  get size(): number {
    return this.#size;
  }

  /** What it takes, in bytes. */
  get bytes(): number {
    return this.#packedBytes + this.#looseBytes;
  }

  /** Adds a name under its keys. One that is there already must not be added again: see `has`. */
  add(name: string, keys: readonly string[]): void {
    if (keys.length === 0) return;
    this.#loose.push([name, keys]);
    this.#looseBytes += name.length + LOOSE_BYTES;
    this.#size += 1;
    if (this.#looseByKey !== undefined) this.#index(name, keys);
    if (this.#loose.length >= NAMES_A_BLOCK) this.settle();
  }

  /** Whether the name is there. @param keys its own */
  has(name: string, keys: readonly string[]): boolean {
    return this.candidates(keys[0] ?? "").includes(name);
  }

  /** Packs what was added: for when all names of a folder are there. */
  settle(): void {
    if (this.#loose.length === 0) return;
    const block = pack(this.#loose);
    this.#blocks.push(block);
    this.#packedBytes +=
      BLOCK_BYTES + block.bytes.length + block.starts.byteLength + block.slots.byteLength;
    this.#loose = [];
    this.#looseByKey = undefined;
    this.#looseBytes = 0;
  }

  /** The names under a key, and now and then another one: whoever asks looks at the name itself. */
  candidates(key: string): string[] {
    const hash = hashOf(key);
    const found: string[] = [];
    for (const block of this.#blocks) found.push(...candidatesIn(block, hash));
    if (this.#loose.length > 0) found.push(...(this.#looseNames().get(key) ?? []));
    return found;
  }

  #looseNames(): Map<string, string[]> {
    if (this.#looseByKey === undefined) {
      this.#looseByKey = new Map();
      for (const [name, keys] of this.#loose) this.#index(name, keys);
    }
    return this.#looseByKey;
  }

  #index(name: string, keys: readonly string[]): void {
    for (const key of keys) {
      const names = this.#looseByKey?.get(key);
      if (names === undefined) this.#looseByKey?.set(key, [name]);
      else names.push(name);
    }
  }
}
