// From the address of an archive to the store that it leads to.

import type { ArchiveAddress } from "../../config/index.ts";
import { openFolderStore } from "./folder-store.ts";
import type { ObjectStore } from "./object-store.ts";
import type { S3Environment } from "./s3-address.ts";
import { openS3Store } from "./s3-store.ts";

/**
 * Opens the store of an address; touches neither disk nor network.
 *
 * @param env holds the keys of an S3 store
 * @throws ArchiveError where its keys are missing
 */
export const openObjectStore = (address: ArchiveAddress, env: S3Environment): ObjectStore =>
  address.kind === "s3" ? openS3Store(address, env) : openFolderStore(address.path);
