// A place for objects, as the archive needs one: whole puts, reads of parts, a listing. What it cannot do it does not
// promise: no conditional puts, no metadata, no renames. Whoever reads checks what came, since a store between us and
// the disk may cut or change it.

export { ArchiveError, type ArchiveErrorCode } from "../../domain/archive-error.ts";

export type StoredObject = {
  /** Relative to the prefix, such as `0367/events.log.2025-11-29.zst`. */
  readonly key: string;
  readonly bytes: number;
};

export type RemoveOlderOptions = {
  /** How long each request may take, in milliseconds; nothing is asked for after one that took longer. Default: for ever. */
  readonly timeoutMs?: number;
  /** How often a request that failed is made, in all. Default: 1. */
  readonly attempts?: number;
  /** Told of each version that is gone. Must not throw. */
  readonly onRemoved?: () => void;
};

export type ObjectStore = {
  /** The address, such as `s3://calls/prefix`. */
  readonly name: string;
  /** The size of an object; undefined where there is none. */
  head(key: string): Promise<StoredObject | undefined>;
  /**
   * An object, or its bytes from `from` to before `to`; fewer where it ends earlier, undefined where there is none.
   */
  get(
    key: string,
    range?: { readonly from: number; readonly to: number },
  ): Promise<Uint8Array | undefined>;
  /** Puts a whole object in the place of what was there. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The objects whose keys begin with `prefix`, in the order of their keys. */
  list(prefix: string): AsyncGenerator<StoredObject>;
  /** Removes an object; one that is not there is removed already. */
  remove(key: string): Promise<void>;
  /**
   * Removes older versions of the objects whose keys begin so, where the store keeps any; answers how many there were.
   *
   * @throws ArchiveError where it cannot be told or done; what was removed by then is gone, and `onRemoved` was told.
   *   Its code is `unsupported` where the store knows no versions at all.
   */
  removeOlder(prefix: string, options?: RemoveOlderOptions): Promise<number>;
};
