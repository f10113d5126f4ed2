// Which process of a data folder keeps its archive: the one that holds this lock.

import { join } from "node:path";

export const archiveLockPath = (dataDir: string): string => join(dataDir, ".archive.lock");
