// Builds the one executable, ./calllog:  bun run build [--target bun-linux-arm64] [--outfile FILE]
// The file appears whole or not at all: it is built under another name and renamed, so that a running server or a test
// never meets half of it. Each flag has its reason beside it.

import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bun, root } from "./run.ts";

/** Where the executable goes unless told otherwise. */
export const binaryPath: string = join(root, "calllog");

// What can change the executable; a folder stands for everything below it.
const INPUTS = ["src", "views", "package.json", "bun.lockb", "tsconfig.json", "scripts/build.ts"];

const newestMs = (path: string): number => {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time counts too: it tells of files that were removed.
  return readdirSync(path).reduce(
    (ms, name) => Math.max(ms, newestMs(join(path, name))),
    stat.mtimeMs,
  );
};

/** Whether ./calllog is missing or older than something it is built from. */
export const isBuildStale = (): boolean =>
  !existsSync(binaryPath) ||
  INPUTS.some((input) => newestMs(join(root, input)) > statSync(binaryPath).mtimeMs);

const gitCommit = (): string | undefined => {
  // A machine with Node and npm only, or a checkout that was unpacked rather than cloned.
  if (Bun.which("git") === null) return undefined;
  const git = Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], {
    cwd: root,
    stderr: "ignore",
  });
  return git.success ? git.stdout.toString().trim() : undefined;
};

/**
 * The bundler's arguments. `src/service/version.ts` declares the two constants `CALLLOG_BUILD_VERSION` and
 * `CALLLOG_BUILD_COMMIT` (left out outside a git checkout).
 */
const buildArguments = (
  version: string,
  commit: string | undefined,
  target: string | undefined,
): string[] => [
  "build",
  join(root, "src/main.ts"),
  "--compile",
  // Halves the start; `esm` because plain bytecode is CommonJS, which has no top-level await.
  "--bytecode",
  "--format=esm",
  "--sourcemap",
  // Never any --minify: Elysia reads the source text of its handlers.
  "--define",
  'process.env.NODE_ENV="production"',
  "--define",
  `CALLLOG_BUILD_VERSION=${JSON.stringify(version)}`,
  ...(commit === undefined ? [] : ["--define", `CALLLOG_BUILD_COMMIT=${JSON.stringify(commit)}`]),
  // Otherwise the executable obeys whatever .env and bunfig.toml lie in the folder it is started from.
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  ...(target === undefined ? [] : ["--target", target]),
];

const build = async (target: string | undefined, outfile: string): Promise<number> => {
  const { version } = (await Bun.file(join(root, "package.json")).json()) as { version: string };
  // In a folder of its own: the bundler also leaves temporary files beside its output when it fails.
  const partial = join(dirname(outfile), `.calllog-build-${process.pid}.tmp`);
  try {
    const child = Bun.spawn(
      [bun, ...buildArguments(version, gitCommit(), target), "--outfile", join(partial, "calllog")],
      { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
    );
    const code = await child.exited;
    if (code !== 0) return code;
    const built = readdirSync(partial).find((name) => /^calllog(\.exe)?$/.test(name));
    if (built === undefined)
      throw new Error(`cannot build ${outfile}: the bundler wrote no executable`);
    renameSync(
      join(partial, built),
      built.endsWith(".exe") && !outfile.endsWith(".exe") ? `${outfile}.exe` : outfile,
    );
    return 0;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: { target: { type: "string" }, outfile: { type: "string" } },
  });
  process.exitCode = await build(values.target, resolve(values.outfile ?? binaryPath));
}
