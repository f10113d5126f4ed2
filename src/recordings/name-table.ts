// The names of one folder in little memory, since a folder may hold a million: their bytes in blocks, found by hashes of
// their keys, some 30 bytes a name beside its own. Names are only added: what is gone is found out by whoever opens it, and
// a folder's next listing makes a new table.

import { Buffer } from "node:buffer";

/** Names that share one block: small enough that growing never holds anybody up. */
const NAMES_A_BLOCK = 4096;
/** Twice the keys at least: probing stays short. A name has one key, two at most as a rule. */
const SLOTS = 16_384;
const MAX_KEYS = SLOTS / 2;

/** FNV-1a, 32 bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
};

type Block = {
  bytes: Buffer;
  used: number;
  names: number;
  keys: number;
  /** Where each name begins. */
  readonly starts: Uint32Array;
  /** For each slot, the hash and the name's number plus one; 0 is empty. */
  readonly hashes: Uint32Array;
  readonly owners: Uint16Array;
};

const openBlock = (): Block => ({
  bytes: Buffer.allocUnsafeSlow(64 * 1024),
  used: 0,
  names: 0,
  keys: 0,
  starts: new Uint32Array(NAMES_A_BLOCK + 1),
  hashes: new Uint32Array(SLOTS),
  owners: new Uint16Array(SLOTS),
});

const nameAt = ({ bytes, starts }: Block, index: number): string =>
  bytes.toString("utf8", starts[index], starts[index + 1]);

const candidatesIn = (block: Block, hash: number): string[] => {
  const found: string[] = [];
  for (let slot = hash % SLOTS; block.owners[slot] !== 0; slot = (slot + 1) % SLOTS) {
    if (block.hashes[slot] === hash) found.push(nameAt(block, (block.owners[slot] ?? 1) - 1));
  }
  return found;
};

const put = (block: Block, name: string, keys: readonly string[]): void => {
  const length = Buffer.byteLength(name);
  while (block.used + length > block.bytes.length) {
    const larger = Buffer.allocUnsafeSlow(block.bytes.length * 2);
    block.bytes.copy(larger, 0, 0, block.used);
    block.bytes = larger;
  }
  block.bytes.write(name, block.used);
  block.used += length;
  block.names += 1;
  block.starts[block.names] = block.used;
  for (const key of keys) {
    const hash = hashOf(key);
    let slot = hash % SLOTS;
    while (block.owners[slot] !== 0) slot = (slot + 1) % SLOTS;
    block.hashes[slot] = hash;
    block.owners[slot] = block.names;
    block.keys += 1;
  }
};

export class NameTable {
  readonly #blocks: Block[] = [];
  #small: [name: string, keys: readonly string[]][] | undefined = [];

  /** Names that are kept. */
  get size(): number {
    return this.#small?.length ?? this.#blocks.reduce((sum, { names }) => sum + names, 0);
  }

  /** What it takes, in bytes. */
  get bytes(): number {
    const small = (this.#small ?? []).reduce((sum, [name]) => sum + 2 * name.length + 100, 0);
    const fixed = 4 * (NAMES_A_BLOCK + 1) + 6 * SLOTS;
    return this.#blocks.reduce((sum, { bytes }) => sum + bytes.length + fixed, small);
  }

  /** Adds a name under its keys; one that is there already is not added again. */
  add(name: string, keys: readonly string[]): void {
    if (keys.length === 0 || this.candidates(keys[0] ?? "").includes(name)) return;
    if (this.#small !== undefined) {
      this.#small.push([name, keys]);
      if (this.#small.length > 64) this.#toBlocks();
      return;
    }
    const last = this.#blocks.at(-1);
    const isFull =
      last === undefined ||
      last.names === NAMES_A_BLOCK ||
      last.keys + keys.length > MAX_KEYS ||
      keys.length > MAX_KEYS;
    const block = isFull ? openBlock() : last;
    if (isFull) this.#blocks.push(block);
    put(block, name, keys.slice(0, MAX_KEYS));
  }

  /** The names under a key, and now and then another one: whoever asks looks at the name itself. */
  candidates(key: string): string[] {
    if (this.#small !== undefined) {
      return this.#small.filter(([, keys]) => keys.includes(key)).map(([name]) => name);
    }
    const hash = hashOf(key);
    return this.#blocks.flatMap((block) => candidatesIn(block, hash));
  }

  /** A block costs a hundred kilobytes: most folders have no need of one. */
  #toBlocks(): void {
    const small = this.#small ?? [];
    this.#small = undefined;
    for (const [name, keys] of small) this.add(name, keys);
  }
}
