// `calllog demo`: the whole service on this machine with an enterprise of its own, sample calls posted through the
// webhook listener, and the links of their pages. Serves until stopped.

import { join } from "node:path";
import { textsOf } from "../../views/texts.ts";
import type { Config } from "../config.ts";
import { sqlitePathOf } from "../config.ts";
import { generateSecret, openDirectory } from "../directory/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import { type Log, openLog } from "../lib/log.ts";
import { findScenario, type Scenario } from "../scenarios/index.ts";
import type { CliCommand } from "./command.ts";
import { EXIT_OK, type Output } from "./context.ts";
import { type Service, startService } from "./service.ts";
import { postEvent, simulateCall } from "./simulate.ts";

const DEMO_NUMBER = "0367";
const DEMO_FOLDER = "calllog-demo";

/** Sample calls with what a visitor should look for in each. */
const SHOWN = [
  "in_answered",
  "in_ringgroup_cancel",
  "out_answered",
  "xfer_attended",
  "field_transfer_attended",
  "in_forward_mobile",
  "id_html",
] as const;

/** The demo's own enterprise, made at the first run and kept for the next. */
const demoEnterprise = async (config: Config): Promise<Enterprise> => {
  const directory = await openDirectory({ sqlitePath: sqlitePathOf(config) });
  try {
    const known = await directory.enterpriseByNumber(DEMO_NUMBER);
    if (known !== undefined) return known;
    const made: Enterprise = {
      number: DEMO_NUMBER,
      name: textsOf(config.lang).demoEnterprise,
      webhookToken: generateSecret(),
      secret: generateSecret(),
      botToken: null,
      active: true,
    };
    await directory.addEnterprise(made);
    return made;
  } finally {
    await directory.close();
  }
};

const isPortTaken = (cause: unknown): boolean =>
  cause instanceof Error &&
  typeof cause.cause === "object" &&
  cause.cause !== null &&
  "code" in cause.cause &&
  cause.cause.code === "EADDRINUSE";

/** Starts on the given ports, or on free ones where those are taken. */
const startSomewhere = async (
  config: Config,
  clock: Clock,
  log: Log,
  stdout: Output,
): Promise<Service> => {
  try {
    return await startService(config, clock, log);
  } catch (cause) {
    if (!isPortTaken(cause)) throw cause;
    stdout.write(`Port ${config.webhookPort} or ${config.port} is taken: using free ones.\n`);
    return startService({ ...config, port: 0, webhookPort: 0 }, clock, log);
  }
};

/** Posts one sample call as fast as it goes and answers its unique id. */
const play = async (
  scenario: Scenario,
  service: Service,
  token: string,
  clock: Clock,
): Promise<string> => {
  const call = simulateCall(scenario, { now: clock.now(), speed: Number.POSITIVE_INFINITY, token });
  for (const { posted } of call.events) {
    const { status, reason } = await postEvent(service.webhooksUrl, posted);
    if (status !== 200) throw new Error(`cannot play ${scenario.name}: ${status} ${reason}`);
  }
  return call.uniqueId;
};

const showCalls = async (
  stdout: Output,
  service: Service,
  enterprise: Enterprise,
  clock: Clock,
): Promise<void> => {
  for (const name of SHOWN) {
    const scenario = findScenario(name);
    if (scenario === undefined) throw new Error(`cannot play ${name}: there is no such scenario`);
    const uniqueId = await play(scenario, service, enterprise.webhookToken ?? "", clock);
    const path = `/call/${enterprise.number}/${encodeURIComponent(uniqueId)}`;
    stdout.write(
      `${scenario.description}\n  ${service.pagesUrl}${path}?token=${enterprise.secret}\n`,
    );
  }
};

export const demoCommand: CliCommand = {
  words: ["demo"],
  summary: "everything on this machine: sample calls, links to their pages",
  examples: ["calllog demo", "calllog demo --port 9026 --lang en"],
  run: async ({ stdout, stderr, cwd, clock, stopSignal }, args) => {
    // Never the folder that a service of this machine writes by default.
    const isDefault = args.config.dataDir === join(cwd, "call_tracer");
    const config: Config = isDefault
      ? { ...args.config, dataDir: join(cwd, DEMO_FOLDER, "call_tracer") }
      : args.config;
    const log = openLog({
      level: config.logLevel === "info" ? "warn" : config.logLevel,
      write: (text) => stderr.write(text),
      pretty: stderr.isTTY,
    });
    const stopped = Promise.withResolvers<void>();
    const signal = stopSignal();
    signal.addEventListener("abort", () => stopped.resolve(), { once: true });

    const enterprise = await demoEnterprise(config);
    const service = await startSomewhere(config, clock, log, stdout);
    stdout.write(
      `calllog demo: invented calls of enterprise ${enterprise.number}, posted to ${service.webhooksUrl}\n\n`,
    );
    await showCalls(stdout, service, enterprise, clock);
    stdout.write(
      [
        "",
        `Records:   ${join(config.dataDir, enterprise.number, "events.log")}`,
        `One more:  calllog simulate in_answered --to ${service.webhooksUrl} --token ${enterprise.webhookToken}`,
        "Stop:      Ctrl-C",
        "",
      ].join("\n"),
    );
    if (!signal.aborted) await stopped.promise;
    await service.stop();
    return EXIT_OK;
  },
};
