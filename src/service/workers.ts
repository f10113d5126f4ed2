// The supervisor of the workers: starts and restarts them with back-off, kills one that hangs, passes a stop on, and
// collects their figures. It serves nothing itself, so that no request can end it.

import type { Subprocess } from "bun";
import type { Config } from "../config/index.ts";
import { type Backoff, createBackoff } from "../lib/backoff.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import type { Log } from "../lib/log.ts";
import { within } from "../lib/within.ts";
import type { Figures } from "../watch/metrics/index.ts";
import { claimPort } from "./listener.ts";
import {
  COLLECT_TIMEOUT_MS,
  type FromWorker,
  type ToWorker,
  WORKER_VARIABLE,
  type WorkerOrder,
} from "./worker-messages.ts";

export type WorkersOptions = {
  readonly config: Pick<
    Config,
    "workers" | "host" | "port" | "webhookHost" | "webhookPort" | "shutdownTimeoutMs"
  >;
  /** What this program was started with, behind its name. */
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly log: Log;
  /** Aborted when the program is asked to stop. */
  readonly signal: AbortSignal;
  /** Takes what the workers log, in whole lines; undefined where they write to standard error themselves. */
  readonly onLogText: ((text: string) => void) | undefined;
};

/** Before a worker that ended is started again, in milliseconds. */
const RESTARTS = { firstMs: 100, longestMs: 5000 } as const;
/** After a worker that lived this long the shortest pause comes again, in milliseconds. */
const STEADY_MS = 60_000;
/** How much longer than its own limit a worker may take to stop before it is killed, in milliseconds. */
const KILL_AFTER_MS = 2000;

/** How often a worker is asked for a sign of life, and after how long a silence it counts as hanging. */
const LOOK_EVERY_MS = 5000;
const HANGS_AFTER_MS = 30_000;

type Child = {
  readonly process: Subprocess;
  isListening: boolean;
  /** When it last said something, by `performance.now()`. */
  heardAt: number;
};

/** The command that starts this very program again, from source or compiled. */
const ownCommand = (argv: readonly string[]): string[] =>
  Bun.main.startsWith("/$bunfs/") || Bun.main.startsWith("B:\\~BUN")
    ? [process.execPath, ...argv]
    : [process.execPath, ...process.execArgv, Bun.main, ...argv];

/** Forwards a stream line by line, including an unterminated last line. */
const passLines = async (
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<void> => {
  const decoder = new TextDecoder();
  let rest = "";
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const text = rest + decoder.decode(read.value, { stream: true });
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    if (end > 0) onText(text.slice(0, end));
  }
  if (rest !== "") onText(`${rest}\n`);
};

type Ports = { readonly port: number; readonly webhookPort: number };

class Supervisor {
  readonly #options: WorkersOptions;
  readonly #ports: Ports;
  readonly #children = new Map<number, Child>();
  /** Who waits for figures, by the number of the question. */
  readonly #collecting = new Map<number, (worker: number, figures: Figures) => void>();
  readonly #ended = Promise.withResolvers<ExitCode>();
  #lastCollect = 0;
  #isStopping = false;
  #isUp = false;
  #lookedAt = performance.now();

  constructor(options: WorkersOptions, ports: Ports) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Resolves when every worker has ended. */
  async run(): Promise<ExitCode> {
    const { config, signal } = this.#options;
    const watch = setInterval(() => this.#lookForHanging(), LOOK_EVERY_MS);
    watch.unref();
    for (let worker = 1; worker <= config.workers; worker++) {
      this.#start(worker, createBackoff(RESTARTS));
    }
    const stop = (): void => this.#stop();
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const code = await this.#ended.promise;
    clearInterval(watch);
    return code;
  }

  #start(worker: number, backoff: Backoff): void {
    const { env, argv, onLogText, log } = this.#options;
    const order: WorkerOrder = { worker, ...this.#ports };
    const startedAt = performance.now();
    const child: Child = {
      isListening: false,
      heardAt: startedAt,
      process: Bun.spawn(ownCommand(argv), {
        env: { ...env, [WORKER_VARIABLE]: JSON.stringify(order) },
        stdio: ["ignore", "inherit", onLogText === undefined ? "inherit" : "pipe"],
        ipc: (message: FromWorker) => this.#onMessage(worker, message),
        onExit: (_process, code, by) => {
          this.#children.delete(worker);
          if (this.#isStopping) this.#endIfAlone(EXIT_OK);
          else if (!this.#isUp && !child.isListening) this.#giveUp(worker, code);
          else {
            if (performance.now() - startedAt > STEADY_MS) backoff.reset();
            this.#replace(worker, backoff, { code, signal: by });
          }
        },
      }),
    };
    this.#children.set(worker, child);
    const { stderr } = child.process;
    if (onLogText !== undefined && stderr instanceof ReadableStream) {
      passLines(stderr, onLogText).catch((error: unknown) =>
        log.error("cannot read what a worker logs", { worker, error }),
      );
    }
  }

  /** A worker that ends before it listens would end again: nothing is served. */
  #giveUp(worker: number, code: number | null): void {
    this.#options.log.error("a worker ended before it listened; nothing is served", {
      worker,
      code,
    });
    this.#isStopping = true;
    for (const { process } of this.#children.values()) process.kill("SIGTERM");
    this.#ended.resolve(EXIT_FAILED);
  }

  #replace(
    worker: number,
    backoff: Backoff,
    end: { readonly code: number | null; readonly signal: number | NodeJS.Signals | null },
  ): void {
    const waitMs = backoff.nextMs();
    this.#options.log.error("a worker ended; another takes its place", {
      worker,
      ...end,
      in: `${waitMs / 1000} s`,
    });
    setTimeout(() => {
      if (!this.#isStopping) this.#start(worker, backoff);
    }, waitMs);
  }

  #endIfAlone(code: ExitCode): void {
    if (this.#children.size === 0) this.#ended.resolve(code);
  }

  #onMessage(worker: number, message: FromWorker): void {
    const child = this.#children.get(worker);
    if (child === undefined) return;
    child.heardAt = performance.now();
    switch (message.kind) {
      case "figures":
        this.#collecting.get(message.id)?.(worker, message.figures);
        break;
      case "scrape":
        this.#answerScrape(child, message.id);
        break;
      default:
        child.isListening = true;
        this.#tellListening(message);
    }
  }

  #tellListening({ webhooksUrl, pagesUrl }: Extract<FromWorker, { kind: "listening" }>): void {
    const areAll = [...this.#children.values()].every(({ isListening }) => isListening);
    if (this.#isUp || !areAll) return;
    this.#isUp = true;
    const { log, config } = this.#options;
    const { workers } = config;
    log.info("listening", { webhooks: webhooksUrl, pages: pagesUrl, workers });
  }

  #answerScrape(child: Child, id: number): void {
    const { log, config } = this.#options;
    this.#collect().then(
      (answered) => say(child, { kind: "scraped", id, answered, workers: config.workers }),
      (error: unknown) => log.error("cannot gather the workers' figures", { error }),
    );
  }

  /** The figures of all workers that answer in time. */
  async #collect(): Promise<Figures[]> {
    const id = ++this.#lastCollect;
    const asked = [...this.#children.values()].filter(({ isListening }) => isListening);
    const answers = new Map<number, Figures>();
    const { promise: all, resolve } = Promise.withResolvers<void>();
    this.#collecting.set(id, (worker, figures) => {
      answers.set(worker, figures);
      if (answers.size === asked.length) resolve();
    });
    for (const child of asked) say(child, { kind: "collect", id });
    await within(all, COLLECT_TIMEOUT_MS, () => undefined);
    this.#collecting.delete(id);
    return [...answers.values()];
  }

  /** A worker that hangs keeps its share of the connections: it is killed, and replaced like any other. */
  #lookForHanging(): void {
    const now = performance.now();
    // The parent itself stood still, as a machine does that is put to sleep: nobody else is to blame.
    const isOnTime = now - this.#lookedAt < 2 * LOOK_EVERY_MS;
    this.#lookedAt = now;
    for (const [worker, child] of this.#children) {
      if (!isOnTime) child.heardAt = now;
      say(child, { kind: "collect", id: 0 });
      const isHanging = child.isListening && now - child.heardAt >= HANGS_AFTER_MS;
      if (!isHanging || this.#isStopping) continue;
      const silent = `${HANGS_AFTER_MS / 1000} s`;
      this.#options.log.error("a worker hangs and is killed", { worker, silent });
      child.process.kill("SIGKILL");
    }
  }

  #stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    const { log, config } = this.#options;
    log.info("stopping", { within: `${config.shutdownTimeoutMs / 1000} s` });
    this.#endIfAlone(EXIT_OK);
    for (const child of this.#children.values()) say(child, { kind: "stop" });
    setTimeout(() => {
      for (const { process } of this.#children.values()) process.kill("SIGKILL");
    }, config.shutdownTimeoutMs + KILL_AFTER_MS).unref();
  }
}

const say = ({ process }: Child, message: ToWorker): void => {
  try {
    process.send(message);
  } catch {
    // It has just ended; that is told by its exit.
  }
};

/** Runs the workers until the program is asked to stop; 1 where they do not even start. */
export const runWorkers = async (options: WorkersOptions): Promise<ExitCode> => {
  const { config, log } = options;
  const { host, webhookHost } = config;
  const port = await claimPort({ host, port: config.port, flag: "--port" });
  const webhookPort = await claimPort({
    host: webhookHost,
    port: config.webhookPort,
    flag: "--webhook-port",
  });
  const code = await new Supervisor(options, { port, webhookPort }).run();
  if (code === EXIT_OK) log.info("stopped");
  return code;
};
