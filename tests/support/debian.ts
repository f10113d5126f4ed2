// A small Debian in a folder, made by debootstrap once and kept in build/: whoever wants to change it takes a copy.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root as repository } from "../../scripts/run.ts";
import { missingTool } from "../../scripts/tools.ts";

/** It takes half a minute where the mirror is near, once. In milliseconds. */
const BOOTSTRAP_TIMEOUT_MS = 120_000;
const COMMAND_TIMEOUT_MS = 60_000;

/** The tools of system administrators are not in every PATH. */
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

const codename = (): string => {
  const path = "/etc/os-release";
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] ?? "stable";
};

export type Ran = { readonly code: number; readonly output: string };

const run = (command: readonly string[], timeout: number): Ran => {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    env: { PATH, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" },
    timeout,
    stderr: "pipe",
  });
  return { code: exitCode ?? -1, output: `${stdout}${stderr}` };
};

/** The kept Debian, made where it is not there; else why there is none, in one line. */
export const debianBase = (): { readonly path: string } | { readonly reason: string } => {
  const reason = process.getuid?.() === 0 ? missingTool("debootstrap") : "needs root";
  if (reason !== undefined) return { reason };
  const path = join(repository, "build", `debian-${codename()}-${process.arch}`);
  if (existsSync(path)) return { path };
  const unfinished = `${path}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(join(repository, "build"), { recursive: true });
  const flags = ["--variant=minbase", "--include=adduser", codename(), unfinished];
  const made = run(["debootstrap", ...flags], BOOTSTRAP_TIMEOUT_MS);
  if (made.code !== 0) {
    const last = made.output.trimEnd().split("\n").at(-1) ?? "";
    return { reason: `debootstrap cannot make a Debian here: ${last}` };
  }
  renameSync(unfinished, path);
  return { path };
};

export type Debian = Disposable & {
  readonly path: string;
  /** Whether commands see /proc, which our program needs: a container may forbid it. */
  readonly hasProc: boolean;
  /** Runs a command in it, as root. */
  run(...command: readonly string[]): Ran;
  /** The same, and it must succeed. */
  must(...command: readonly string[]): string;
};

/** A copy of it to be changed; nothing of it is left. */
export const copyDebian = (base: string): Debian => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-debian-"));
  const path = join(folder, "root");
  const copied = run(["cp", "--archive", "--reflink=auto", base, path], COMMAND_TIMEOUT_MS);
  if (copied.code !== 0) throw new Error(`cannot copy ${base}: ${copied.output}`);
  // Mounts of a namespace of their own end with the command: nothing of them is left to be removed by mistake.
  const own = ["unshare", "--mount", "sh", "-c"];
  const enter = `mount -t proc proc '${path}/proc' && exec chroot '${path}' "$@"`;
  const hasProc = run([...own, enter, "sh", "true"], COMMAND_TIMEOUT_MS).code === 0;
  const way = hasProc ? [...own, enter, "sh"] : ["chroot", path];
  const inside = (...command: readonly string[]): Ran =>
    run([...way, ...command], COMMAND_TIMEOUT_MS);
  return {
    path,
    hasProc,
    run: inside,
    must: (...command) => {
      const { code, output } = inside(...command);
      if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${output}`);
      return output;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
};
