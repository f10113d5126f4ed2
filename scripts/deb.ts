// A Debian package, made without root and without Debian's tools: an `ar` archive of two tar archives (deb(5)). The same
// content gives the same bytes.

import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./run.ts";

export type DebOptions = {
  /** The program, for the architecture of the package. */
  readonly program: string;
  readonly version: string;
  /** As Debian names it. */
  readonly architecture: "amd64" | "arm64";
  /** The time of every file, in seconds since the epoch. */
  readonly seconds: number;
  /** An empty folder to work in. */
  readonly work: string;
  /** Where the package goes. */
  readonly out: string;
};

const CONFFILES = ["/etc/calllog/calllog.env"];

type Entry = readonly [from: string, to: string, mode: number];

const entries = (program: string): readonly Entry[] => [
  [program, "opt/calllog/calllog", 0o755],
  [join(root, "scripts/debian/calllog"), "usr/bin/calllog", 0o755],
  [join(root, "scripts/calllog.env.example"), "etc/calllog/calllog.env", 0o640],
  [join(root, "scripts/calllog-alerts.yml"), "usr/share/doc/calllog/calllog-alerts.yml", 0o644],
  [join(root, "README.md"), "usr/share/doc/calllog/README.md", 0o644],
  [join(root, "CHANGELOG.md"), "usr/share/doc/calllog/CHANGELOG.md", 0o644],
  [join(root, "LICENSE"), "usr/share/doc/calllog/copyright", 0o644],
];

const control = (
  { version, architecture }: DebOptions,
  installedKiB: number,
): string => `Package: calllog
Version: ${version}
Architecture: ${architecture}
Maintainer: calllog <root@localhost>
Installed-Size: ${installedKiB}
Depends: adduser, libc6 (>= 2.31)
Recommends: systemd
Section: comm
Priority: optional
Description: call logger for Asterisk
 Takes call events of Asterisk hosts, keeps them in plain daily files, tells
 managers in Telegram what happens to each call, and serves a page for every call.
`;

/** Every file of a folder, as a path within it, in one order. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

const put = (folder: string, to: string, from: string, mode: number): void => {
  const path = join(folder, to);
  mkdirSync(dirname(path), { recursive: true });
  cpSync(from, path);
  chmodSync(path, mode);
};

const layOut = (folder: string, program: string): void => {
  for (const [from, to, mode] of entries(program)) put(folder, to, from, mode);
  const docs = join(root, "docs");
  for (const file of filesIn(docs))
    put(folder, `usr/share/doc/calllog/docs/${file}`, join(docs, file), 0o644);
  const unit = readFileSync(join(root, "scripts/calllog.service"), "utf8");
  const place = join(folder, "usr/lib/systemd/system");
  mkdirSync(place, { recursive: true });
  writeFileSync(
    join(place, "calllog.service"),
    unit.replace("/opt/calllog/README.md", "/usr/share/doc/calllog/README.md"),
    { mode: 0o644 },
  );
};

const archive = (folder: string, seconds: number): Buffer => {
  // Folders for everybody to enter, whatever the umask of whoever builds.
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  chmodSync(folder, 0o755);
  const same = ["--sort=name", "--owner=root:0", "--group=root:0", `--mtime=@${seconds}`];
  const run = Bun.spawnSync(
    ["tar", "--create", "--gzip", "--format=gnu", ...same, "--file", "-", "-C", folder, "."],
    { stderr: "pipe", maxBuffer: 2 ** 30 },
  );
  if (!run.success) throw new Error(`cannot make a tar archive: ${run.stderr.toString().trim()}`);
  return run.stdout;
};

/** A member of an `ar` archive: a head of 60 characters, the content, a line break where its size is odd. */
const member = (name: string, content: Uint8Array, seconds: number): Uint8Array[] => {
  const fields: readonly (readonly [value: string | number, width: number])[] = [
    [name, 16],
    [seconds, 12],
    [0, 6],
    [0, 6],
    ["100644", 8],
    [content.length, 10],
  ];
  const head = fields.map(([value, width]) => String(value).padEnd(width)).join("");
  return [Buffer.from(`${head}\`\n`), content, Buffer.from(content.length % 2 === 1 ? "\n" : "")];
};

/** Makes the package. @throws Error in one line */
export const makeDeb = (options: DebOptions): void => {
  const { program, seconds, work, out } = options;
  const [data, about] = [join(work, "data"), join(work, "control")];
  for (const folder of [data, about]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  layOut(data, program);
  const files = filesIn(data);
  const bytes = files.reduce((sum, file) => sum + statSync(join(data, file)).size, 0);
  const sums = files.map((file) => {
    const sum = createHash("md5")
      .update(readFileSync(join(data, file)))
      .digest("hex");
    return `${sum}  ${file}\n`;
  });
  writeFileSync(join(about, "control"), control(options, Math.ceil(bytes / 1024)));
  writeFileSync(join(about, "conffiles"), CONFFILES.map((path) => `${path}\n`).join(""));
  writeFileSync(join(about, "md5sums"), sums.join(""));
  for (const name of ["control", "conffiles", "md5sums"]) chmodSync(join(about, name), 0o644);
  for (const name of ["postinst", "prerm", "postrm"])
    put(about, name, join(root, "scripts/debian", name), 0o755);
  writeFileSync(
    out,
    Buffer.concat([
      Buffer.from("!<arch>\n"),
      ...member("debian-binary", Buffer.from("2.0\n"), seconds),
      ...member("control.tar.gz", archive(about, seconds), seconds),
      ...member("data.tar.gz", archive(data, seconds), seconds),
    ]),
  );
};
