// The parent of several workers: starts them, replaces one that ends, passes a stop on, and gathers their figures. It
// serves nothing itself, so that nothing that a request does can end it.

import type { Subprocess } from "bun";
import type { Config } from "../config/index.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import type { Log } from "../lib/log.ts";
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

/** How long a worker that ended is waited for before it is started again: doubles from the first to the last. */
const RESTART_FROM_MS = 100;
const RESTART_TO_MS = 5000;
/** A worker that lived this long starts from the shortest wait again, in milliseconds. */
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

/** Hands on what comes in lines, the last one too where it has no end. */
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

/** Runs the workers until the program is asked to stop; 1 where they do not even start. */
export const runWorkers = async (options: WorkersOptions): Promise<ExitCode> => {
  const { config, log, signal } = options;
  const { host, webhookHost, workers } = config;
  const port = await claimPort({ host, port: config.port, flag: "--port" });
  const webhookPort = await claimPort({
    host: webhookHost,
    port: config.webhookPort,
    flag: "--webhook-port",
  });
  const children = new Map<number, Child>();
  const collecting = new Map<number, (worker: number, figures: Figures) => void>();
  const ended = Promise.withResolvers<ExitCode>();
  let lastCollect = 0;
  let isStopping = false;
  let isUp = false;

  const say = (child: Child, message: ToWorker): void => {
    try {
      child.process.send(message);
    } catch {
      // It has just ended; that is told by its exit.
    }
  };

  const collect = async (): Promise<Figures[]> => {
    const id = ++lastCollect;
    const asked = [...children].filter(([, { isListening }]) => isListening);
    const answers = new Map<number, Figures>();
    const { promise: all, resolve } = Promise.withResolvers<void>();
    collecting.set(id, (worker, figures) => {
      answers.set(worker, figures);
      if (answers.size === asked.length) resolve();
    });
    const timer = setTimeout(resolve, COLLECT_TIMEOUT_MS);
    for (const [, child] of asked) say(child, { kind: "collect", id });
    await all;
    clearTimeout(timer);
    collecting.delete(id);
    return [...answers.values()];
  };

  const onMessage = (worker: number, message: FromWorker): void => {
    const child = children.get(worker);
    if (child === undefined) return;
    child.heardAt = performance.now();
    if (message.kind === "figures") {
      collecting.get(message.id)?.(worker, message.figures);
    } else if (message.kind === "scrape") {
      collect().then(
        (answered) => say(child, { kind: "scraped", id: message.id, answered, workers }),
        (error: unknown) => log.error("cannot gather the workers' figures", { error }),
      );
    } else {
      child.isListening = true;
      if (isUp || ![...children.values()].every(({ isListening }) => isListening)) return;
      isUp = true;
      const { webhooksUrl, pagesUrl } = message;
      log.info("listening", { webhooks: webhooksUrl, pages: pagesUrl, workers });
    }
  };

  const start = (worker: number, waitMs: number): void => {
    const order: WorkerOrder = { worker, port, webhookPort };
    const startedAt = performance.now();
    const child: Child = {
      isListening: false,
      heardAt: startedAt,
      process: Bun.spawn(ownCommand(options.argv), {
        env: { ...options.env, [WORKER_VARIABLE]: JSON.stringify(order) },
        stdio: ["ignore", "inherit", options.onLogText === undefined ? "inherit" : "pipe"],
        ipc: (message: FromWorker) => onMessage(worker, message),
        onExit: (_process, code, by) => {
          children.delete(worker);
          if (isStopping) {
            if (children.size === 0) ended.resolve(EXIT_OK);
            return;
          }
          if (!isUp && !child.isListening) {
            log.error("a worker ended before it listened; nothing is served", { worker, code });
            isStopping = true;
            if (children.size === 0) ended.resolve(EXIT_FAILED);
            for (const other of children.values()) other.process.kill("SIGTERM");
            ended.resolve(EXIT_FAILED);
            return;
          }
          const lived = performance.now() - startedAt;
          const wait = lived > STEADY_MS ? RESTART_FROM_MS : waitMs;
          log.error("a worker ended; another takes its place", {
            worker,
            code,
            signal: by,
            in: `${wait / 1000} s`,
          });
          setTimeout(() => {
            if (!isStopping) start(worker, Math.min(wait * 2, RESTART_TO_MS));
          }, wait);
        },
      }),
    };
    children.set(worker, child);
    const { stderr } = child.process;
    if (options.onLogText !== undefined && stderr instanceof ReadableStream) {
      passLines(stderr, options.onLogText).catch((error: unknown) =>
        log.error("cannot read what a worker logs", { worker, error }),
      );
    }
  };

  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    log.info("stopping", { within: `${config.shutdownTimeoutMs / 1000} s` });
    if (children.size === 0) ended.resolve(EXIT_OK);
    for (const child of children.values()) say(child, { kind: "stop" });
    setTimeout(() => {
      for (const child of children.values()) child.process.kill("SIGKILL");
    }, config.shutdownTimeoutMs + KILL_AFTER_MS).unref();
  };

  // One that hangs keeps its share of the connections: it must go.
  let lookedAt = performance.now();
  const look = setInterval(() => {
    const now = performance.now();
    // The parent itself stood still, as a machine does that is put to sleep: nobody else is to blame.
    const isOnTime = now - lookedAt < 2 * LOOK_EVERY_MS;
    lookedAt = now;
    for (const [worker, child] of children) {
      if (!isOnTime) child.heardAt = now;
      say(child, { kind: "collect", id: 0 });
      if (!child.isListening || isStopping || now - child.heardAt < HANGS_AFTER_MS) continue;
      log.error("a worker hangs and is killed", { worker, silent: `${HANGS_AFTER_MS / 1000} s` });
      child.process.kill("SIGKILL");
    }
  }, LOOK_EVERY_MS);
  look.unref();

  for (let worker = 1; worker <= workers; worker++) start(worker, RESTART_FROM_MS);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const code = await ended.promise;
  clearInterval(look);
  if (code === EXIT_OK) log.info("stopped");
  return code;
};
