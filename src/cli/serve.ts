// `calllog serve`: the service, until it is told to stop. One process, or with --workers a parent and several.

import type { Config } from "../config/index.ts";
import { CHECKS, diagnose } from "../doctor/index.ts";
import { EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import { openLog } from "../lib/log.ts";
import { startService } from "../service/compose.ts";
import { openLogOutput } from "../service/log-output.ts";
import { openWorkerChannel } from "../service/worker.ts";
import { workerOrder } from "../service/worker-messages.ts";
import { runWorkers } from "../service/workers.ts";
import type { CliCommand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { stopped } from "./stopped.ts";

/** A parent, which writes the log for all where it goes to a file: only one process may put a file aside. */
const runParent = async (context: CliContext, config: Config): Promise<ExitCode> => {
  const output = openLogOutput(config.logFile, context.stderr);
  try {
    return await runWorkers({
      config,
      argv: context.argv,
      env: context.env,
      signal: context.stopSignal(),
      log: openLog({ level: config.logLevel, write: output.write, pretty: output.isTTY }),
      onLogText: config.logFile === null ? undefined : output.write,
    });
  } finally {
    await output.close();
  }
};

export const serveCommand: CliCommand = {
  words: ["serve"],
  summary: "take events and serve pages, until stopped; the command where none is named",
  examples: [
    "calllog --port 8026",
    "calllog serve --data-dir /var/lib/calllog/call_tracer --timezone Europe/Minsk",
    "CALLLOG_WEBHOOK_PORT=9000 calllog",
  ],
  conflicts: ({ config: { ami, cel, amiEnterprises, cluster, node, databaseUrl } }) => [
    ...(ami.length + cel.length > 0 && amiEnterprises.length === 0
      ? ["--ami-enterprise is needed for each --ami or --cel: whose calls those are"]
      : []),
    ...(cluster !== null && node === null
      ? ["--node is needed with --cluster: what this machine is called"]
      : []),
    ...(cluster !== null && databaseUrl === null
      ? ["--database-url is needed with --cluster: the enterprises and people, for all machines"]
      : []),
    ...(cluster === null && node !== null ? ["--node means nothing without --cluster"] : []),
  ],
  run: async (context, { config }) => {
    const { stderr, clock, stopSignal, env } = context;
    const order = workerOrder(env);
    if (order === undefined && config.workers > 1) return runParent(context, config);
    const channel = order === undefined ? undefined : openWorkerChannel(config.workers);
    const output = openLogOutput(order === undefined ? config.logFile : null, stderr);
    const log = openLog({
      level: config.logLevel,
      write: output.write,
      pretty: output.isTTY,
      ...(order === undefined ? {} : { fields: { worker: order.worker } }),
    });
    const signal = stopSignal();
    try {
      const ports = order === undefined ? {} : { port: order.port, webhookPort: order.webhookPort };
      const service = await startService({ ...config, ...ports }, clock, log, {
        sharing: channel?.sharing,
        diagnose: (isAll) =>
          Array.fromAsync(
            diagnose(
              { config, clock, env },
              isAll ? CHECKS : CHECKS.filter(({ isCheap }) => isCheap),
            ),
          ),
      });
      channel?.serving(service);
      // The parent of workers says it once for all.
      if (channel === undefined) {
        log.info("listening", {
          webhooks: service.webhooksUrl,
          pages: service.pagesUrl,
          dataDir: config.dataDir,
        });
      }
      await Promise.race([stopped(signal), ...(channel === undefined ? [] : [channel.stopAsked])]);
      log.info("stopping", { within: `${config.shutdownTimeoutMs / 1000} s` });
      await service.stop();
      log.info("stopped");
      return EXIT_OK;
    } finally {
      await output.close();
    }
  },
};
