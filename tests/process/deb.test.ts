// The Debian package in a Debian of its own: installed, used, upgraded, removed and purged, with the built program.

import { describe, expect, it } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { makeDeb } from "../../scripts/deb.ts";
import { root } from "../../scripts/run.ts";
import { copyDebian, type Debian, debianBase } from "../support/debian.ts";
import { inTempDir } from "../support/temp-dir.ts";

/** As dpkg-query(1) writes a format. */
const STATE = ["Status", "Version"].map((field) => `\${${field}}`).join(", ");

const base = debianBase();
const name = "the Debian package, in a Debian of its own";
const why = "reason" in base ? ` (${base.reason})` : "";

describe.skipIf("reason" in base)(`${name}${why}`, () => {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const build = (folder: string, version: string, program: string, into: Debian): string => {
    const work = join(folder, `work-${version}`);
    mkdirSync(work);
    const file = `calllog_${version}.deb`;
    const out = join(folder, file);
    makeDeb({ program, version, architecture, seconds: 1_764_493_655, work, out });
    copyFileSync(out, join(into.path, file));
    return `/${file}`;
  };
  const stateOf = (debian: Debian): string =>
    debian.run("dpkg-query", "-W", "-f", STATE, "calllog").output;

  it("is installed, used, upgraded, removed and purged, and the records stay", async () => {
    await inTempDir(async (folder) => {
      if ("reason" in base) throw new Error(base.reason);
      using debian = copyDebian(base.path);
      const at = (path: string): string => join(debian.path, path);

      debian.must("dpkg", "--install", build(folder, "1.2.3", join(root, "calllog"), debian));
      expect(stateOf(debian)).toBe("install ok installed, 1.2.3");
      const owner = (path: string): string => debian.must("stat", "-c", "%U:%G %a", path).trimEnd();
      expect(owner("/var/lib/calllog")).toBe("calllog:calllog 750");
      expect(owner("/etc/calllog/calllog.env")).toBe("root:calllog 640");
      expect(owner("/opt/calllog/calllog")).toBe("root:root 755");
      expect(debian.must("getent", "passwd", "calllog")).toContain("/usr/sbin/nologin");
      expect(existsSync(at("usr/lib/systemd/system/calllog.service"))).toBe(true);

      // The program runs there, as its own user, with the settings of the service.
      if (debian.hasProc) {
        expect(debian.must("calllog", "version")).toContain("calllog");
        debian.must("calllog", "enterprise", "add", "0367", "--name", "Пример");
        expect(debian.must("calllog", "enterprise", "list")).toContain("Пример");
        expect(owner("/var/lib/calllog/calllog.sqlite")).toBe("calllog:calllog 600");
      }
      const made = debian.must("find", "/var/lib/calllog", "-type", "f", "!", "-user", "calllog");
      expect(made).toBe("");

      const settings = at("etc/calllog/calllog.env");
      writeFileSync(settings, `${readFileSync(settings, "utf8")}CALLLOG_TIMEZONE=Europe/Minsk\n`);
      const record = at("var/lib/calllog/call_tracer/0367/events.log");
      mkdirSync(at("var/lib/calllog/call_tracer/0367"), { recursive: true });
      writeFileSync(record, "a record\n");

      const next = join(folder, "next");
      writeFileSync(next, "#!/bin/sh\necho next\n");
      chmodSync(next, 0o755);
      debian.must("dpkg", "--install", build(folder, "1.3.0", next, debian));
      expect(stateOf(debian)).toBe("install ok installed, 1.3.0");
      expect(debian.must("calllog", "version")).toBe("next\n");
      // What the operator wrote stays, and nobody is asked.
      expect(readFileSync(settings, "utf8")).toContain("Europe/Minsk");
      expect(owner("/etc/calllog/calllog.env")).toBe("root:calllog 640");

      debian.must("dpkg", "--remove", "calllog");
      expect(stateOf(debian)).toBe("deinstall ok config-files, 1.3.0");
      for (const path of ["opt/calllog/calllog", "usr/bin/calllog"])
        expect([path, existsSync(at(path))]).toEqual([path, false]);
      expect(readFileSync(settings, "utf8")).toContain("Europe/Minsk");
      expect(readFileSync(record, "utf8")).toBe("a record\n");

      debian.must("dpkg", "--install", "/calllog_1.3.0.deb");
      expect(readFileSync(settings, "utf8")).toContain("Europe/Minsk");
      const purged = debian.must("dpkg", "--purge", "calllog");
      expect(purged).toContain("the records stay in /var/lib/calllog");
      expect(existsSync(at("etc/calllog"))).toBe(false);
      expect(statSync(record).size).toBe(9);
      expect(debian.must("dpkg", "--audit")).toBe("");
    });
  }, 240_000);
});
