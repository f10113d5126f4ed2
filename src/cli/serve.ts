// `calllog serve`: the service, until it is told to stop.

import { openLog } from "../lib/log.ts";
import type { CliCommand } from "./command.ts";
import { EXIT_OK } from "./context.ts";
import { startService } from "./service.ts";

export const serveCommand: CliCommand = {
  words: ["serve"],
  summary: "take events and serve pages, until stopped; the command where none is named",
  examples: [
    "calllog --port 8026",
    "calllog serve --data-dir /var/lib/calllog/call_tracer --timezone Europe/Minsk",
    "CALLLOG_WEBHOOK_PORT=9000 calllog",
  ],
  run: async ({ stderr, clock, stopSignal }, { config }) => {
    const log = openLog({
      level: config.logLevel,
      write: (text) => stderr.write(text),
      pretty: stderr.isTTY,
    });
    const stopped = Promise.withResolvers<void>();
    const signal = stopSignal();
    signal.addEventListener("abort", () => stopped.resolve(), { once: true });
    const service = await startService(config, clock, log);
    log.info("listening", {
      webhooks: service.webhooksUrl,
      pages: service.pagesUrl,
      dataDir: config.dataDir,
    });
    if (signal.aborted) stopped.resolve();
    await stopped.promise;
    log.info("stopping", { within: `${config.shutdownTimeoutMs / 1000} s` });
    await service.stop();
    log.info("stopped");
    return EXIT_OK;
  },
};
