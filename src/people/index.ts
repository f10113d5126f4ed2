// The folder's face: opening the directory, the cache before it, and the rules for what goes in.

import type { DatabaseAddress } from "../config/index.ts";
import { openPostgresDirectory } from "./postgres.ts";
import { openSqliteDirectory } from "./sqlite.ts";
import type { Directory } from "./types.ts";

export { CACHE_DEFAULTS, type CacheOptions, cacheDirectory } from "./cache.ts";
export { DirectoryError, type DirectoryErrorCode } from "./errors.ts";
export { migratePostgres } from "./postgres-migrate.ts";
export {
  botTokenRule,
  chatIdRule,
  countryRule,
  enterpriseNumberRule,
  generateSecret,
  lineRule,
  remindAfterRule,
  secretRule,
  webhookTokenRule,
} from "./rules.ts";
export { openSnapshot, type Snapshot } from "./snapshot.ts";
export type { Directory, EnterpriseChange } from "./types.ts";

export type DirectoryOptions = {
  /** The embedded file, where there is no other database; created where missing. */
  readonly sqlitePath: string;
  /** An operator's PostgreSQL. */
  readonly address?: DatabaseAddress | null;
};

/**
 * Opens the directory of enterprises and people. Nothing is cached: wrap it in `cacheDirectory` where calls depend on
 * it. PostgreSQL is asked nothing yet (`check` does). Close it with `close()`.
 *
 * @throws DirectoryError `unavailable` where the embedded file cannot be opened.
 */
export const openDirectory = async (options: DirectoryOptions): Promise<Directory> =>
  options.address
    ? openPostgresDirectory({ address: options.address })
    : openSqliteDirectory(options.sqlitePath);
export type { InvitationStore } from "./invitations/types.ts";
export { overDirectory } from "./over-directory.ts";
