// The Debian package, with a small program in place of ours: what is in it, with which rights, and that its scripts are whole.

import { describe, expect, it } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inTempDir } from "../tests/support/temp-dir.ts";
import { makeDeb } from "./deb.ts";

/** On a machine without Debian's tools the archive is looked at byte by byte alone. */
const hasTools = Bun.which("dpkg-deb") !== null;

const build = (folder: string, name = "calllog.deb"): string => {
  const program = join(folder, "program");
  writeFileSync(program, '#!/bin/sh\necho "program $CALLLOG_DATA_DIR $*"\n');
  chmodSync(program, 0o755);
  const work = join(folder, `work-${name}`);
  mkdirSync(work);
  const out = join(folder, name);
  makeDeb({ program, version: "1.2.3", architecture: "amd64", seconds: 1_764_493_655, work, out });
  return out;
};

const run = (...command: readonly string[]): string => {
  const { success, stdout, stderr } = Bun.spawnSync([...command], { stderr: "pipe" });
  if (!success) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
};

describe("makeDeb", () => {
  it("makes an ar archive of three members, the same bytes each time", async () => {
    await inTempDir(async (folder) => {
      const bytes = readFileSync(build(folder));
      expect(bytes.subarray(0, 8).toString()).toBe("!<arch>\n");
      expect(bytes.subarray(8, 24).toString()).toBe("debian-binary   ");
      expect(bytes.subarray(56, 72).toString()).toBe("4         `\n2.0\n");
      expect(Buffer.compare(bytes, readFileSync(build(folder, "again.deb")))).toBe(0);
    });
  });

  if (hasTools)
    it("is a package to dpkg-deb", async () => {
      await inTempDir(async (folder) => {
        const deb = build(folder);
        const info = run("dpkg-deb", "--info", deb);
        for (const line of [
          "Package: calllog",
          "Version: 1.2.3",
          "Architecture: amd64",
          "Depends: adduser, libc6",
        ])
          expect(info).toContain(line);
        for (const name of ["conffiles", "postinst", "prerm", "postrm", "md5sums"])
          expect(info).toContain(name);
        expect(run("dpkg-deb", "--info", deb, "conffiles")).toBe("/etc/calllog/calllog.env\n");

        const contents = run("dpkg-deb", "--contents", deb).trim().split("\n");
        const rights = new Map(
          contents.map((line) => [line.split(/\s+/)[5], line.split(/\s+/).slice(0, 2).join(" ")]),
        );
        expect(rights.get("./opt/calllog/calllog")).toBe("-rwxr-xr-x root/root");
        expect(rights.get("./usr/bin/calllog")).toBe("-rwxr-xr-x root/root");
        expect(rights.get("./usr/lib/systemd/system/calllog.service")).toBe("-rw-r--r-- root/root");
        expect(rights.get("./etc/calllog/calllog.env")).toBe("-rw-r----- root/root");
        expect(rights.get("./usr/share/doc/calllog/copyright")).toBe("-rw-r--r-- root/root");
        expect(rights.get("./usr/share/doc/calllog/docs/api.md")).toBe("-rw-r--r-- root/root");
        expect(rights.get("./etc/calllog/")).toBe("drwxr-xr-x root/root");
      });
    });

  if (hasTools)
    it("is taken apart into what its sums say", async () => {
      await inTempDir(async (folder) => {
        const deb = build(folder);
        const [data, about] = [join(folder, "data"), join(folder, "about")];
        run("dpkg-deb", "--extract", deb, data);
        run("dpkg-deb", "--control", deb, about);
        const checked = Bun.spawnSync(["md5sum", "--check", "--quiet", join(about, "md5sums")], {
          cwd: data,
        });
        expect(checked.success).toBe(true);
        const unit = readFileSync(join(data, "usr/lib/systemd/system/calllog.service"), "utf8");
        expect(unit).toContain("ExecStart=/opt/calllog/calllog serve\n");
        expect(unit).toContain("Documentation=file:///usr/share/doc/calllog/README.md\n");
        for (const name of readdirSync(about).filter((one) => one.startsWith("p")))
          run("sh", "-n", join(about, name));
      });
    });
});

describe("the command of the package", () => {
  it("runs the program with the settings of the service, none of them on a command line", async () => {
    await inTempDir(async (folder) => {
      const env = join(folder, "calllog.env");
      const program = join(folder, "program");
      writeFileSync(
        env,
        "# CALLLOG_LANG=en\nCALLLOG_TIMEZONE=Europe/Minsk\nDATABASE_URL=postgres://a:b c@h/d",
      );
      writeFileSync(
        program,
        '#!/bin/sh\necho "$CALLLOG_DATA_DIR|$CALLLOG_TIMEZONE|$CALLLOG_LANG|$DATABASE_URL|$1|$2"\n',
      );
      chmodSync(program, 0o755);
      const script = readFileSync(new URL("./debian/calllog", import.meta.url), "utf8")
        .replaceAll("/etc/calllog/calllog.env", env)
        .replaceAll("/opt/calllog/calllog", program)
        // Whoever runs the tests stands in for the service's user.
        .replace("$(id -un)", "calllog");
      const path = join(folder, "calllog");
      writeFileSync(path, script);
      const { HOME: _, ...bare } = process.env;
      const { stdout } = Bun.spawnSync(["sh", path, "show", "two words"], {
        env: { PATH: bare["PATH"] },
      });
      expect(stdout.toString()).toBe(
        "/var/lib/calllog/call_tracer|Europe/Minsk||postgres://a:b c@h/d|show|two words\n",
      );
    });
  });
});
