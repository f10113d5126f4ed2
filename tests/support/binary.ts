// The program as a user has it: the compiled ./calllog (`bun run build` makes it; `npm test` does so first). With
// TEST_SOURCE=1 the sources are run in its place, which saves the build while a test is being written.

import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const binary = join(root, "calllog");
const READY_WITHIN_MS = 15_000;
const END_WITHIN_MS = 15_000;

const command = (): string[] => {
  if (process.env["TEST_SOURCE"] === "1")
    return [
      process.execPath,
      "--tsconfig-override",
      join(root, "tsconfig.json"),
      join(root, "src/main.ts"),
    ];
  if (!existsSync(binary)) throw new Error(`${binary} is not built: bun run build`);
  return [binary];
};

export type BinaryOptions = {
  /** Working directory. */
  readonly cwd: string;
  /** Added to the environment, from which the settings of whoever runs the tests are taken out. */
  readonly env?: Readonly<Record<string, string>>;
};

const cleanEnvironment = (added: BinaryOptions["env"]): Record<string, string | undefined> => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith("CALLLOG_") && name !== "DATABASE_URL",
    ),
  ),
  TZ: "UTC",
  ...added,
});

/** Starts the program and leaves the rest to the caller, who must stop it. */
export const spawnBinary = (args: readonly string[], { cwd, env }: BinaryOptions) =>
  Bun.spawn([...command(), ...args], {
    cwd,
    env: cleanEnvironment(env),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });

const textOf = (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> =>
  new Response(stream).text();

export type BinaryRun = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a command to its end; killed, with the code null, after 15 seconds. */
export const runBinary = async (
  args: readonly string[],
  options: BinaryOptions,
): Promise<BinaryRun> => {
  const child = spawnBinary(args, options);
  const tooLong = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  await child.exited;
  clearTimeout(tooLong);
  return { code: child.exitCode, stdout, stderr };
};

/** One line of the service's log. */
export type LogLine = {
  readonly level: string;
  readonly message: string;
  readonly fields?: { readonly [name: string]: unknown };
};

export type RunningBinary = AsyncDisposable & {
  readonly pid: number;
  /** Such as `http://127.0.0.1:41234`. */
  readonly webhooksUrl: string;
  readonly pagesUrl: string;
  /** Everything written to standard error so far. */
  log(): string;
  /** The lines of the log that tell of errors: compared with `[]`, they explain a failure. */
  errors(): string[];
  /** Sends the signal (SIGTERM unless given), waits for the end and answers the exit code; null where it was killed. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

const parseLogLine = (line: string): LogLine | undefined => {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
};

/**
 * Starts `calllog serve` on free ports and resolves when its log says that it listens. Use it with `await using`, which
 * stops it whatever comes.
 *
 * @throws Error with what it wrote, where it ends before, or does not listen within 15 seconds.
 */
export const startBinary = async (
  args: readonly string[],
  options: BinaryOptions,
): Promise<RunningBinary> => {
  const ports = ["--host", "127.0.0.1", "--port", "0"];
  const webhookPorts = ["--webhook-host", "127.0.0.1", "--webhook-port", "0"];
  const child = spawnBinary(["serve", ...ports, ...webhookPorts, ...args], options);
  const ready = Promise.withResolvers<LogLine>();
  let log = "";
  let looked = 0;
  const reading = (async () => {
    const decoder = new TextDecoder();
    const reader = child.stderr.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      log += decoder.decode(part.value, { stream: true });
      for (let end = log.indexOf("\n", looked); end !== -1; end = log.indexOf("\n", looked)) {
        const line = parseLogLine(log.slice(looked, end));
        if (line?.message === "listening") ready.resolve(line);
        looked = end + 1;
      }
    }
    ready.reject(new Error(`calllog serve ended before it listened:\n${log}`));
  })();
  const tooLong = setTimeout(() => {
    ready.reject(new Error(`calllog serve does not listen after ${READY_WITHIN_MS} ms:\n${log}`));
    child.kill("SIGKILL");
  }, READY_WITHIN_MS);

  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> => {
    child.kill(signal);
    const stuck = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
    await child.exited;
    await reading;
    clearTimeout(stuck);
    return child.exitCode;
  };

  try {
    const { fields } = await ready.promise;
    return {
      pid: child.pid,
      webhooksUrl: String(fields?.["webhooks"]),
      pagesUrl: String(fields?.["pages"]),
      log: () => log,
      errors: () => log.split("\n").filter((line) => parseLogLine(line)?.level === "ERROR"),
      stop,
      [Symbol.asyncDispose]: async () => {
        await stop();
      },
    };
  } finally {
    clearTimeout(tooLong);
  }
};

/** Lets an enterprise in, as an operator does, with credentials that the test knows. */
export const addEnterprise = async (
  { number, webhookToken, secret }: Readonly<Record<"number" | "webhookToken" | "secret", string>>,
  options: BinaryOptions,
): Promise<void> => {
  const credentials = ["--webhook-token", webhookToken, "--secret", secret];
  const run = await runBinary(
    ["enterprise", "add", number, "--name", "Test", ...credentials],
    options,
  );
  if (run.code !== 0) throw new Error(`cannot add enterprise ${number}: ${run.stderr}`);
};
