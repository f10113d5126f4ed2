// A sample call of another customer.

import { bodyText } from "../domain/event.ts";
import type { Scenario } from "./types.ts";

/** The scenario with that number in place of its own outside party's, wherever it stands in an event. */
export const withPhone = (scenario: Scenario, phone: string): Scenario => {
  const own = scenario.events
    .map(({ body }) => bodyText(body, "Phone"))
    .find((text) => text !== "");
  if (own === undefined) return scenario;
  const events = JSON.stringify(scenario.events).replaceAll(own, phone);
  return { ...scenario, events: JSON.parse(events) as Scenario["events"] };
};
