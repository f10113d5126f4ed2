// `npm test`: install, check, build, Chromium and other packages, all tests, the smoke test under Deno. The last line,
// alone, is `N passed, N failed, N skipped`. A step that fails counts as one failure, and the steps after it run all the
// same (except after a failed install). Not zero on any failure, when no test ran, and, where CI=true, when any was
// skipped: there a missing tool must be noticed. The time limits of the steps add up to less than half an hour.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planChromium } from "./chromium.ts";
import { countJunit, type TestCounts } from "./junit.ts";
import { bun, installStep, reportStep, root, runStep, type Step } from "./run.ts";
import { toolsStep } from "./tools.ts";

const reports = mkdtempSync(join(tmpdir(), "calllog-test-"));
const inCi = process.env["CI"] === "true";

const total = { passed: 0, failed: 0, skipped: 0 };
const skippedNames: string[] = [];

const run = async (step: Step): Promise<boolean> => {
  const outcome = await runStep(step);
  reportStep(outcome);
  return outcome.ok;
};

/** Runs a step that is not itself a test. */
const mustPass = async (step: Step): Promise<boolean> => {
  const ok = await run(step);
  if (!ok) total.failed++;
  return ok;
};

/** Runs a test runner and adds what its report says. */
const runTests = async (step: Step, report: string): Promise<void> => {
  const ok = await run(step);
  const none: TestCounts = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };
  const counts = existsSync(report) ? countJunit(readFileSync(report, "utf8")) : none;
  total.passed += counts.passed;
  // A file that throws while it is loaded, or a runner that dies, appears in no report: only in the exit code.
  total.failed += ok ? counts.failed : Math.max(1, counts.failed);
  total.skipped += counts.skipped;
  skippedNames.push(...counts.skippedNames);
};

/** The program in the npm package `deno`, whose own install script (which Bun does not run) would only link it. */
const findDeno = (): string | undefined => {
  const packages = join(root, "node_modules/@deno");
  if (!existsSync(packages)) return undefined;
  return readdirSync(packages)
    .flatMap((name) => [join(packages, name, "deno"), join(packages, name, "deno.exe")])
    .find((file) => existsSync(file));
};

const runDenoTests = async (): Promise<void> => {
  const smokeTest = join(root, "tests/deno/smoke.ts");
  if (!existsSync(smokeTest)) return;
  const deno = findDeno();
  if (deno === undefined) {
    total.skipped++;
    skippedNames.push("tests/deno > all (no package @deno/… for this system in node_modules)");
    return;
  }
  const report = join(reports, "deno.xml");
  // No permission to write, to run or to use the network: the smoke test shows that the pages need none of them.
  const flags = [
    "--no-check",
    "--no-remote",
    "--no-lock",
    "--no-prompt",
    "--node-modules-dir=manual",
  ];
  const config = ["--config", join(root, "tests/deno/deno.json")];
  const permissions = [`--allow-read=${root}`, "--allow-env"];
  const command = [
    deno,
    "test",
    ...flags,
    ...config,
    ...permissions,
    `--junit-path=${report}`,
    smokeTest,
  ];
  const env = { DENO_DIR: join(reports, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  await runTests({ name: "deno", command, env, timeoutMs: 60_000 }, report);
};

const checkAndBuild = async (): Promise<void> => {
  await mustPass({ name: "check", command: [bun, "run", join(root, "scripts/check.ts")] });
  await mustPass({ name: "build", command: [bun, "run", join(root, "scripts/build.ts")] });
};

/** Not a failure by itself: without Chromium the browser tests are skipped, which only CI does not accept. */
const prepareChromium = async (): Promise<void> => {
  const plan = planChromium();
  if (plan.do === "install") await run(plan.step);
  if (plan.do === "without") console.log(`no Chromium, no browser tests: ${plan.why}`);
};

/** One behind the other: the package system has one lock. */
const preparePackages = async (): Promise<void> => {
  await prepareChromium();
  const tools = toolsStep();
  if (tools !== undefined) await run(tools);
};

try {
  if (await mustPass(installStep)) {
    await Promise.all([checkAndBuild(), preparePackages()]);
    const report = join(reports, "bun.xml");
    const reporter = ["--reporter=junit", `--reporter-outfile=${report}`];
    // Bun gives a test five seconds; on a loaded machine those that start processes need more.
    const limits = ["--no-orphans", "--timeout", "30000"];
    const command = [bun, "test", ...limits, "--only-failures", ...reporter];
    await runTests({ name: "bun test", command, timeoutMs: 1_440_000 }, report);
    await runDenoTests();
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
}

const ranNone = total.passed + total.failed === 0;
const skippedInCi = inCi && total.skipped > 0;
if (ranNone) console.log("FAILED: no test ran");
if (skippedNames.length > 0) {
  console.log(skippedInCi ? "FAILED: with CI=true no test may be skipped:" : "skipped:");
  for (const name of skippedNames) console.log(`  ${name}`);
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (total.failed > 0 || ranNone || skippedInCi) process.exitCode = 1;
