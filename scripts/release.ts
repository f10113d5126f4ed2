// `bun run release`: an archive and a Debian package for each system in dist/, and their checksums. An archive holds what a bare host needs:
// the program, its start script and unit, the documents. The same commit gives the same archive but for the program.

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { makeDeb } from "./deb.ts";
import { bun, root } from "./run.ts";

const TARGETS = [
  { name: "linux-x64", target: "bun-linux-x64", architecture: "amd64" },
  { name: "linux-arm64", target: "bun-linux-arm64", architecture: "arm64" },
] as const;

/** Beside the program, from where in the checkout. */
const FILES: readonly (readonly [from: string, to: string])[] = [
  ["scripts/logger.sh", "logger.sh"],
  ["scripts/calllog.service", "calllog.service"],
  ["scripts/calllog.env.example", "calllog.env.example"],
  ["scripts/calllog.lnav.json", "calllog.lnav.json"],
  ["scripts/calllog-alerts.yml", "calllog-alerts.yml"],
  ["README.md", "README.md"],
  ["CHANGELOG.md", "CHANGELOG.md"],
  ["LICENSE", "LICENSE"],
  ["docs", "docs"],
];

const must = (command: readonly string[], cwd: string = root): string => {
  const run = Bun.spawnSync([...command], { cwd, stderr: "pipe" });
  if (run.success) return run.stdout.toString().trim();
  throw new Error(`cannot run ${command.slice(0, 2).join(" ")}: ${run.stderr.toString().trim()}`);
};

const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  version: string;
};
const commitSeconds = must(["git", "log", "-1", "--format=%ct"]);
const dist = join(root, "dist");
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const work = mkdtempSync(join(tmpdir(), "calllog-release-"));
const sums: string[] = [];
try {
  for (const { name, target, architecture } of TARGETS) {
    const folderName = `calllog-${version}-${name}`;
    const folder = join(work, folderName);
    mkdirSync(folder);
    const program = join(folder, "calllog");
    must([bun, "run", join(root, "scripts/build.ts"), "--target", target, "--outfile", program]);
    for (const [from, to] of FILES) cpSync(join(root, from), join(folder, to), { recursive: true });
    const archive = join(dist, `${folderName}.tar.gz`);
    const sameForAll = ["--sort=name", "--owner=0", "--group=0", `--mtime=@${commitSeconds}`];
    must(["tar", "--create", "--gzip", ...sameForAll, "--file", archive, "-C", work, folderName]);
    const deb = join(dist, `calllog_${version}_${architecture}.deb`);
    const debWork = join(work, `deb-${architecture}`);
    makeDeb({
      program,
      version,
      architecture,
      seconds: Number(commitSeconds),
      work: debWork,
      out: deb,
    });
    for (const made of [archive, deb]) {
      const bytes = readFileSync(made);
      sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${basename(made)}\n`);
      console.log(`${basename(made)}  ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
    }
    if (name === `${process.platform}-${process.arch}`) console.log(must([program, "version"]));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
writeFileSync(join(dist, "SHA256SUMS"), sums.join(""));
console.log(`checksums: dist/SHA256SUMS (sha256sum -c SHA256SUMS)`);
