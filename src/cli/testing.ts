// Runs commands in-process, as tests see them: arguments in, exit code and texts out. Imported by tests only.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExitCode } from "../lib/exit-code.ts";
import type { Output } from "../lib/output.ts";
import type { CliCommand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { runCli } from "./frame.ts";

export type CliRun = { readonly code: ExitCode; readonly stdout: string; readonly stderr: string };

export type CliSandbox = {
  /** A folder of its own, the working directory of every run. */
  readonly folder: string;
  run(argv: readonly string[], change?: Partial<CliContext>): Promise<CliRun>;
  remove(): void;
};

/** An empty working directory in which `commands` can be run. Remove it afterwards. */
export const openSandbox = (commands: readonly CliCommand[]): CliSandbox => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-cli-"));
  return {
    folder,
    async run(argv, change = {}) {
      const texts = { stdout: "", stderr: "" };
      const outputTo = (name: keyof typeof texts): Output => ({
        write: (text) => {
          texts[name] += text;
        },
        isTTY: false,
      });
      const code = await runCli(commands, {
        argv,
        env: {},
        cwd: folder,
        stdout: outputTo("stdout"),
        stderr: outputTo("stderr"),
        clock: { now: () => 1_764_493_655_000 },
        stopSignal: () => new AbortController().signal,
        ...change,
      });
      return { code, ...texts };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
};
