// What the tests need of the system's packages beside Chromium: servers that are run for real. `npm test` installs them
// where CI=true alone, on Debian and as root: a developer's machine is not given services that nobody asked for. Where one
// is missing, its tests are skipped with the reason (`missingTool`), which fails a run of CI.

import type { Step } from "./run.ts";

type Tool = {
  /** The program by which it is known to be there. */
  readonly program: string;
  readonly packages: readonly string[];
};

const TOOLS: readonly Tool[] = [
  { program: "nats-server", packages: ["nats-server"] },
  { program: "debootstrap", packages: ["debootstrap"] },
  {
    program: "swift-proxy-server",
    packages: ["swift-proxy", "swift-account", "swift-container", "swift-object", "memcached"],
  },
];

const INSTALL_TIMEOUT_S = 150;

/** Servers live where a user's PATH does not always look. */
const findTool = (program: string): string | null =>
  Bun.which(program, { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` });

/**
 * Why a tool cannot be used here, in one line for the name of a skipped test; undefined where it is there.
 *
 * @throws Error for a program that is not in the table: nobody would install it.
 */
export const missingTool = (program: string): string | undefined => {
  const tool = TOOLS.find((candidate) => candidate.program === program);
  if (tool === undefined) throw new Error(`cannot look for ${program}: it is not in the table`);
  if (findTool(program) !== null) return undefined;
  return `no ${program} (on Debian: sudo apt-get install ${tool.packages.join(" ")})`;
};

/** The step that installs what is missing; undefined where nothing is, or where it may not be installed. */
export const toolsStep = (): Step | undefined => {
  const packages = TOOLS.filter((tool) => findTool(tool.program) === null).flatMap(
    (tool) => tool.packages,
  );
  const mayInstall =
    process.env["CI"] === "true" && process.getuid?.() === 0 && Bun.which("apt-get") !== null;
  if (packages.length === 0 || !mayInstall) return undefined;
  // Packages of servers start them; a policy that says no (101) is how Debian is told not to.
  const policy = "/usr/sbin/policy-rc.d";
  const install = [
    `made=0; [ -e ${policy} ] || { printf '#!/bin/sh\\nexit 101\\n' > ${policy} && chmod +x ${policy} && made=1; }`,
    `apt-get -q update && apt-get -q install -y --no-install-recommends ${packages.join(" ")}; code=$?`,
    `[ $made = 0 ] || rm -f ${policy}; exit $code`,
  ].join("\n");
  return {
    name: "tools",
    // `timeout` ends the whole group: what a killed shell leaves behind would keep the package system locked.
    command: ["timeout", "--kill-after=10", `${INSTALL_TIMEOUT_S}`, "sh", "-c", install],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    timeoutMs: (INSTALL_TIMEOUT_S + 15) * 1000,
  };
};
