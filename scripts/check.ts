// Everything that can be said about the sources without running them, in parallel:  bun run check
// A line for each tool; what a failing one wrote is shown. Exit 1 on any failure.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { bun, reportStep, root, runStep, type Step } from "./run.ts";

const tool = (name: string, ...args: string[]): string[] => [
  bun,
  join(root, "node_modules/.bin", name),
  ...args,
];

const GENERATED_DOCS = "scripts/gen-config-docs.ts";

const steps: Step[] = [
  { name: "biome", command: tool("biome", "check", ".") },
  { name: "types", command: tool("tsc", "--noEmit", "--project", ".") },
  // Values in markup without `safe`: the compiler does not see them.
  { name: "xss-scan", command: tool("xss-scan") },
];
if (existsSync(join(root, GENERATED_DOCS))) {
  steps.push({ name: "docs", command: [bun, "run", join(root, GENERATED_DOCS), "--check"] });
}

const outcomes = await Promise.all(
  steps.map(async (step) => {
    const outcome = await runStep(step);
    reportStep(outcome);
    return outcome;
  }),
);
if (outcomes.some((outcome) => !outcome.ok)) process.exitCode = 1;
