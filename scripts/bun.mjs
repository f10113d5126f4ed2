// Runs Bun at the version pinned in package.json (engines.bun), on a machine that may have nothing but Node and npm:
//   node scripts/bun.mjs run scripts/test.ts …
// Plain Node 18, no dependencies: it runs before anything is installed. A `bun` on PATH is used if it is exactly that
// version; otherwise npm fetches that version into build/bun, once. Arguments, standard streams, signals and the exit
// code pass through; what the scripts do is theirs.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const fail = (message) => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const pinnedVersion = () => {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = engines?.bun;
  if (!/^\d+\.\d+\.\d+$/.test(version ?? "")) {
    fail(
      'cannot choose a Bun: package.json must pin one exact version, such as "engines": {"bun": "1.4.5"}',
    );
  }
  return version;
};

const versionOf = (command) => {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};

// The npm package `bun` finds its binary in an install script, which npm may be told not to run. The binary itself
// comes in a platform package (@oven/bun-…) that npm selects by system and processor, so we take it from there.
const binaryUnder = (folder, version) => {
  const packages = join(folder, "node_modules", "@oven");
  if (!existsSync(packages)) return undefined;
  const name = process.platform === "win32" ? "bun.exe" : "bun";
  return readdirSync(packages)
    .map((entry) => join(packages, entry, "bin", name))
    .find((binary) => existsSync(binary) && versionOf(binary) === version);
};

const npmCommand = () => {
  const cli = process.env.npm_execpath;
  return cli !== undefined && /npm-cli\.[cm]?js$/.test(cli) && existsSync(cli)
    ? [process.execPath, cli]
    : ["npm"];
};

const fetchBun = (version, folder) => {
  process.stderr.write(
    `Bun ${version} is not on PATH: fetching it with npm, once, into ${folder}\n`,
  );
  // Beside the final folder and then renamed, so that an interrupted download never looks like a finished one.
  const partial = `${folder}.${process.pid}.tmp`;
  mkdirSync(partial, { recursive: true });
  const [command, ...prefix] = npmCommand();
  const flags = [
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
    "--include=optional",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
  ];
  const npm = spawnSync(
    command,
    [...prefix, "install", "--prefix", partial, "--loglevel=error", ...flags, `bun@${version}`],
    {
      cwd: partial,
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32" && command === "npm",
    },
  );
  try {
    if (npm.status === 0) renameSync(partial, folder);
  } catch (cause) {
    if (!existsSync(folder)) throw cause; // otherwise another run was first: its copy is as good
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const reason =
    npm.error?.message ??
    (npm.status === 0 ? undefined : `npm install ended with ${npm.status ?? npm.signal}`);
  if (reason !== undefined) {
    fail(
      `cannot fetch Bun ${version}: ${reason}; check that npm reaches its registry, or install that version yourself (npm install -g bun@${version})`,
    );
  }
};

const findBun = (version) => {
  if (versionOf("bun") === version) return { command: "bun", folder: undefined };
  const folder = join(root, "build", "bun", version);
  let binary = binaryUnder(folder, version);
  if (binary === undefined) {
    rmSync(folder, { recursive: true, force: true });
    fetchBun(version, folder);
    binary = binaryUnder(folder, version);
  }
  if (binary === undefined) {
    fail(
      `cannot run Bun ${version} on ${process.platform} ${process.arch}: no package of it runs here; install that version yourself and put it on PATH`,
    );
  }
  return { command: binary, folder: dirname(binary) };
};

const { command, folder } = findBun(pinnedVersion());
const path = process.env.PATH ?? "";
const child = spawn(command, process.argv.slice(2), {
  stdio: "inherit",
  env: { ...process.env, PATH: folder === undefined ? path : `${folder}${delimiter}${path}` },
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the whole group: passing it on would reach the child twice.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  });
}

// npm runs us through a shell that does not pass signals on: where npm is told to stop, all we notice is that we have
// another parent, and nobody else would stop the child.
if (process.env.npm_lifecycle_event !== undefined) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 250);
  watch.unref();
}

child.on("error", (error) => fail(`cannot start Bun: ${error.message}`));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
});
