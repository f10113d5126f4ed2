// How the scripts run other programs: in the foreground (the terminal is the program's) or captured (silent unless it
// fails). Nothing here knows what is run. Only Bun and node: modules: the scripts start before anything is installed.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

/** The folder of the checkout, without a slash at its end. */
export const root: string = join(import.meta.dir, "..");

/** A way to start this very Bun again, whatever `bun` is on PATH. */
export const bun: string = process.execPath;

/**
 * Runs a program that owns the terminal; stop signals are passed on to it, so that it decides how to end.
 *
 * @returns its exit code; 128 + the signal's number where a signal ended it.
 */
export const runForeground = async (command: readonly string[]): Promise<number> => {
  const child = Bun.spawn([...command], {
    cwd: root,
    stdio: ["inherit", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: passing it on would reach the child twice.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  }
  await child.exited;
  if (child.exitCode !== null) return child.exitCode;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[String(child.signalCode)] ?? 0);
};

export type Step = {
  /** What the summary calls it. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** After this long the program is killed and the step has failed; 2 minutes unless given. */
  readonly timeoutMs?: number;
};

export type StepOutcome = {
  readonly name: string;
  readonly ok: boolean;
  /** Both output streams, in the order they were written. */
  readonly output: string;
  readonly seconds: number;
};

/** Runs a program to its end and keeps what it wrote. A program that cannot be started is a failed step. */
export const runStep = async (step: Step): Promise<StepOutcome> => {
  const startedAt = performance.now();
  const timeoutMs = step.timeoutMs ?? 120_000;
  const folder = mkdtempSync(join(tmpdir(), "calllog-step-"));
  const file = join(folder, "output");
  // A file, not pipes: both streams keep their order, and a left-over grandchild cannot keep us waiting for an end.
  const fd = openSync(file, "a");
  let ok = false;
  let note = "";
  try {
    const child = Bun.spawn([...step.command], {
      cwd: root,
      env: { ...process.env, ...step.env },
      stdio: ["ignore", fd, fd],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    await child.exited;
    ok = child.exitCode === 0;
    if (child.signalCode !== null) {
      note = `\n${step.command[0]} was ended by ${child.signalCode} after ${secondsSince(startedAt)} s (its limit is ${timeoutMs / 1000} s)\n`;
    }
  } catch (error) {
    note = `cannot start ${step.command[0]}: ${error instanceof Error ? error.message : String(error)}\n`;
  } finally {
    closeSync(fd);
  }
  const output = readFileSync(file, "utf8") + note;
  rmSync(folder, { recursive: true, force: true });
  return { name: step.name, ok, output, seconds: secondsSince(startedAt) };
};

const secondsSince = (startedAt: number): number =>
  Math.round((performance.now() - startedAt) / 100) / 10;

/** Prints one line for a step that passed, and everything it wrote for one that did not. */
export const reportStep = (outcome: StepOutcome): void => {
  const word = outcome.ok ? "ok    " : "FAILED";
  console.log(`${word} ${outcome.name.padEnd(12)} ${outcome.seconds.toFixed(1).padStart(6)} s`);
  if (!outcome.ok) console.log(`${outcome.output.trimEnd()}\n`);
};

/** Installs exactly what bun.lockb says. */
export const installStep: Step = {
  name: "install",
  command: [bun, "install", "--frozen-lockfile"],
  timeoutMs: 180_000,
};
