// Sample calls, in the executable: those recorded from a real Asterisk, and those made by hand in the way senders in the
// field post (`field_…`). Pure data and the moving of it to another time; nothing here posts or asks for the time.

import { simpleFieldScenarios } from "./field-simple.ts";
import { transferFieldScenarios } from "./field-transfers.ts";
import { recordedScenarios } from "./recorded.ts";
import type { Scenario } from "./types.ts";

export { MAX_UNIQUE_SEED as maxUniqueSeed, type RebaseOptions, rebase } from "./rebase.ts";
export type { CallFacts, Scenario, ScenarioEvent } from "./types.ts";
export { withPhone } from "./with-phone.ts";

let all: readonly Scenario[] | undefined;

/** Every scenario: first the recorded, then the hand-made ones. */
export const scenarios = (): readonly Scenario[] => {
  all ??= [...recordedScenarios(), ...simpleFieldScenarios(), ...transferFieldScenarios()];
  return all;
};

export const findScenario = (name: string): Scenario | undefined =>
  scenarios().find((scenario) => scenario.name === name);
