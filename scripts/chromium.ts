// Chromium for the browser tests and the pictures: where it is, and how it gets onto a machine that has none. It comes
// from the system's packages and from nowhere else; on Debian `npm test` installs it, where it may.

import { existsSync } from "node:fs";
import type { Step } from "./run.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"] as const;

/** With the font of the marks on the cards (✅ ❌): without it they are empty boxes. */
const PACKAGES = ["chromium", "fonts-noto-color-emoji"] as const;

/** Half of it is enough where the packages come slowly; a mirror that hangs must not hold up the tests. */
const INSTALL_TIMEOUT_S = 150;

/**
 * The browser's executable: the one `CALLLOG_CHROMIUM` names, else the first on PATH; undefined where there is none.
 *
 * @throws Error where `CALLLOG_CHROMIUM` names no file.
 */
export const findChromium = (): string | undefined => {
  const given = process.env["CALLLOG_CHROMIUM"] ?? "";
  if (given === "")
    return NAMES.map((name) => Bun.which(name)).find((path) => path !== null) ?? undefined;
  if (existsSync(given)) return given;
  throw new Error(`cannot use CALLLOG_CHROMIUM=${given}: there is no such file`);
};

/** What is to be done about Chromium on this machine. */
export type ChromiumPlan =
  | { readonly do: "nothing" }
  | { readonly do: "install"; readonly step: Step }
  | { readonly do: "without"; readonly why: string };

/** Decides whether Chromium must be installed, and how. */
export const planChromium = (): ChromiumPlan => {
  // A wrong CALLLOG_CHROMIUM is told by the tests themselves, as a failure.
  const isNamed = (process.env["CALLLOG_CHROMIUM"] ?? "") !== "";
  if (isNamed || findChromium() !== undefined) return { do: "nothing" };
  const why = (cause: string): ChromiumPlan => ({
    do: "without",
    why: `${cause}: install Chromium (on Debian: sudo apt-get install ${PACKAGES.join(" ")}), or name one with CALLLOG_CHROMIUM`,
  });
  if (Bun.which("apt-get") === null) return why("this system has no apt-get");
  if (process.getuid?.() !== 0) return why("only root may install packages");
  const install = `apt-get -q update && apt-get -q install -y --no-install-recommends ${PACKAGES.join(" ")}`;
  // `timeout` ends the whole group: what a killed shell leaves behind would keep the package system locked.
  const limit = ["timeout", "--kill-after=10", `${INSTALL_TIMEOUT_S}`];
  return {
    do: "install",
    step: {
      name: "chromium",
      command: [...limit, "sh", "-c", install],
      env: { DEBIAN_FRONTEND: "noninteractive" },
      timeoutMs: (INSTALL_TIMEOUT_S + 15) * 1000,
    },
  };
};
