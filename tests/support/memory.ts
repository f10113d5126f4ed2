// How much memory a process of this machine holds, where the system tells (Linux).

import { existsSync, readFileSync } from "node:fs";

/** Resident memory in bytes; undefined where the system does not tell. */
export const residentBytes = (pid: number): number | undefined => {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return undefined;
  const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(path, "utf8"))?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
};
