// Which build this is. scripts/build.ts sets the two constants with --define; a program run from source has neither, and
// the package file stands in.

import manifest from "../../package.json" with { type: "json" };

declare const CALLLOG_BUILD_VERSION: string | undefined;
declare const CALLLOG_BUILD_COMMIT: string | undefined;

export type BuildInfo = {
  readonly version: string;
  /** The commit it was built from; `unknown` for a build outside git, `source` where it was not built at all. */
  readonly commit: string;
  /** The Bun inside the executable, or the one that runs the source. */
  readonly bun: string;
};

const isBuilt = typeof CALLLOG_BUILD_VERSION === "string";

export const buildInfo: BuildInfo = {
  version: typeof CALLLOG_BUILD_VERSION === "string" ? CALLLOG_BUILD_VERSION : manifest.version,
  commit:
    typeof CALLLOG_BUILD_COMMIT === "string"
      ? CALLLOG_BUILD_COMMIT
      : isBuilt
        ? "unknown"
        : "source",
  bun: Bun.version,
};

/** `calllog 0.1.0 (commit 1a2b3c4d5e6f, Bun 1.4.5)` */
export const versionLine = ({ version, commit, bun }: BuildInfo = buildInfo): string =>
  `calllog ${version} (commit ${commit}, Bun ${bun})`;
