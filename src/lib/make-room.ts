// Bounds a map in bytes where its entries grow after they were put in, or where the one in use must stay whatever it
// weighs: a cache that weighs an entry once, as lru-cache does, fits neither.

export type Room<K, V> = {
  /** Bytes of all entries together. */
  readonly most: number;
  /** The entry in use: it stays, and so does what was used after it. */
  readonly newest: K;
  /** What an entry weighs now, in bytes. */
  readonly bytesOf: (value: V) => number;
  readonly onRemoved?: (key: K) => void;
};

/** Removes entries until the rest fits. The map is in the order of use: the least recently used first: its user deletes an entry and sets it anew at each use. */
export const makeRoom = <K, V>(
  kept: Map<K, V>,
  { most, newest, bytesOf, onRemoved }: Room<K, V>,
): void => {
  let bytes = 0;
  for (const value of kept.values()) bytes += bytesOf(value);
  for (const [oldest, value] of kept) {
    if (bytes <= most || oldest === newest) break;
    kept.delete(oldest);
    bytes -= bytesOf(value);
    onRemoved?.(oldest);
  }
};
