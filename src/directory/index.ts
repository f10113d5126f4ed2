// The folder's face: opening the directory, the cache before it, and the rules for what goes in.

import { openSqliteDirectory } from "./sqlite.ts";
import type { Directory } from "./types.ts";

export { CACHE_DEFAULTS, type CacheOptions, cacheDirectory } from "./cache.ts";
export { DirectoryError, type DirectoryErrorCode } from "./errors.ts";
export {
  botTokenRule,
  chatIdRule,
  enterpriseNumberRule,
  generateSecret,
  lineRule,
  secretRule,
  type TextRule,
  webhookTokenRule,
} from "./rules.ts";
export type { Directory, EnterpriseChange } from "./types.ts";

export type DirectoryOptions = {
  /** The embedded file; created where missing. */
  readonly sqlitePath: string;
};

/**
 * Opens the directory of enterprises and people. Nothing is cached: wrap it in `cacheDirectory` where calls depend on
 * it. Close it with `close()`.
 *
 * @throws DirectoryError `unavailable` where it cannot be opened.
 */
export const openDirectory = async ({ sqlitePath }: DirectoryOptions): Promise<Directory> =>
  openSqliteDirectory(sqlitePath);
