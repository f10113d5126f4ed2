// Which build this is. scripts/build.ts sets the constants with --define; run from source they are missing, and the
// package file and the word "source" stand in.

import manifest from "../../package.json" with { type: "json" };
import type { CliCommand } from "./command.ts";
import { EXIT_OK } from "./context.ts";

declare const CALLLOG_BUILD_VERSION: string | undefined;
declare const CALLLOG_BUILD_COMMIT: string | undefined;
declare const CALLLOG_BUILD_BUN: string | undefined;

export type BuildInfo = {
  readonly version: string;
  /** The commit it was built from, or `source`. */
  readonly commit: string;
  readonly bun: string;
};

export const buildInfo: BuildInfo = {
  version: typeof CALLLOG_BUILD_VERSION === "string" ? CALLLOG_BUILD_VERSION : manifest.version,
  commit: typeof CALLLOG_BUILD_COMMIT === "string" ? CALLLOG_BUILD_COMMIT : "source",
  bun: typeof CALLLOG_BUILD_BUN === "string" ? CALLLOG_BUILD_BUN : Bun.version,
};

/** `calllog 0.1.0 (commit 1a2b3c4, Bun 1.4.5)` */
export const versionLine = ({ version, commit, bun }: BuildInfo = buildInfo): string =>
  `calllog ${version} (commit ${commit}, Bun ${bun})`;

export const versionCommand: CliCommand = {
  words: ["version"],
  summary: "print the version, the commit and the Bun version",
  settings: false,
  run: async ({ stdout }) => {
    stdout.write(`${versionLine()}\n`);
    return EXIT_OK;
  },
};
