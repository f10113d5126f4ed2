// `calllog health`: asks the service that runs with the same settings how it is. For start scripts and container checks.

import { EXIT_FAILED, EXIT_OK } from "../lib/exit-code.ts";
import { reachableUrl } from "../service/listener.ts";
import type { CliCommand } from "./command.ts";

/** Longer than the service itself waits for its database. */
const TIMEOUT_MS = 5000;

export const healthCommand: CliCommand = {
  words: ["health"],
  summary: "ask the running service whether it can record events",
  examples: ["calllog health", "calllog health --port 8026"],
  run: async ({ stdout, stderr }, { config }) => {
    const url = `${reachableUrl(config.host, config.port)}/health`;
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      stdout.write(`${(await response.text()).trimEnd()}\n`);
      return response.ok ? EXIT_OK : EXIT_FAILED;
    } catch {
      stderr.write(
        `calllog: no answer from ${url}; does the service run, with the same --host and --port?\n`,
      );
      return EXIT_FAILED;
    }
  },
};
