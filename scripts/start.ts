// `npm start`: everything on this machine, with sample calls. Installs, builds where the sources are newer than the
// executable, then is `./calllog demo`: arguments (`npm start -- --port 9000`), signals and the exit code are its own.

import { binaryPath, isBuildStale } from "./build.ts";
import { bun, installStep, reportStep, root, runForeground, runStep, type Step } from "./run.ts";

const buildStep: Step = { name: "build", command: [bun, "run", `${root}/scripts/build.ts`] };

/** Runs a step and says something only where it is slow (the build) or fails. */
const prepare = async (step: Step): Promise<boolean> => {
  const outcome = await runStep(step);
  if (!outcome.ok || step === buildStep) reportStep(outcome);
  return outcome.ok;
};

const ready = (await prepare(installStep)) && (!isBuildStale() || (await prepare(buildStep)));
process.exitCode = ready ? await runForeground([binaryPath, "demo", ...process.argv.slice(2)]) : 1;
