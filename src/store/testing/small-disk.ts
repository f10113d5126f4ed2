// A disk that is really full: a small file system in memory. Mounting needs root, and a container may still forbid it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Mounts one of 256 KiB on a folder, which is made where none is given. @throws where this machine does not let us */
export const mountSmall = (path = mkdtempSync(join(tmpdir(), "calllog-full-"))): string => {
  try {
    const options = ["-t", "tmpfs", "-o", "size=256k", "calllog-test", path];
    execFileSync("mount", options, { stdio: "pipe" });
    return path;
  } catch (cause) {
    rmSync(path, { recursive: true });
    throw cause;
  }
};

export const unmount = (path: string): void => {
  execFileSync("umount", [path]);
  rmSync(path, { recursive: true });
};

const canMount = (): boolean => {
  try {
    unmount(mountSmall());
    return true;
  } catch {
    return false;
  }
};

/** In CI as root it must run: a machine that cannot is to be seen, not passed over. */
export const hasSmallDisk = (): boolean =>
  (process.env["CI"] === "true" && process.getuid?.() === 0) || canMount();
