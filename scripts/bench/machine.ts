// What the numbers were measured on: without it a number says nothing.

import { cpus, loadavg, totalmem } from "node:os";

const versionOf = (command: readonly string[]): string => {
  try {
    return (
      Bun.spawnSync([...command])
        .stdout.toString()
        .split("\n")[0]
        ?.trim() ?? ""
    );
  } catch {
    return "not installed";
  }
};

/** Whether a program is installed. */
export const isInstalled = (program: string): boolean => Bun.which(program) !== null;

/** The machine and the versions, as lines of Markdown. */
export const describeMachine = (): string => {
  const [first] = cpus();
  return [
    `- ${cpus().length} × ${first?.model ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
    `- Bun ${Bun.version}; ${versionOf(["rg", "--version"])}; ${versionOf(["grep", "--version"])}; ${versionOf(["wrk", "-v"])}`,
    `- load before: ${loadavg()[0]?.toFixed(2)} (client and server share the machine)`,
  ].join("\n");
};

/** A Markdown table. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** The value below which a share of the sorted values lies. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
