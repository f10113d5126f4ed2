// What other PBXs send, and calls that are no calls: what the call comes out as.

import { describe, expect, it } from "bun:test";
import {
  callsOf,
  mapped,
  readAll,
  recordedBlocks,
  recordedScenarios,
  recordsOfEvents,
} from "../support/ami.ts";

/** The calls of a stream as they come out, in the order of their beginning. */
const told = (scenario: string): Promise<string[]> => {
  const blocks = recordedBlocks(scenario, "field").flatMap(({ at, text }) =>
    readAll(text).map((message) => [message, at] as const),
  );
  return callsOf(recordsOfEvents(mapped(blocks)));
};

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  chansip_exten_s: [
    "incoming answered, 291234567 → 151 by 151, wait 0.9 talk 1, hung up 291234567",
  ],
  chansip_exten_s_missed: [
    "incoming cancelled, 291234567 → 151, wait 0.9 talk 0, hung up 291234567",
  ],
  click_own_phone_unanswered: ["outgoing missed, ? → 200, wait 0.6 talk 0"],
  conf_customer: [
    "incoming answered, 375295305942 → 151 152 by 151 152, wait 1.3 talk 0.7, hung up 375295305942",
    "internal answered, 151 → 152 by 152, wait 1.1 talk 1.4, hung up 151",
    "internal answered, 152 → 151 by 151, wait 1.1 talk 1.4, hung up 152",
  ],
  dahdi_fxo_33: ["incoming answered, 291234567 → 151 by 151, wait 1.6 talk 1.5, hung up 291234567"],
  dahdi_fxo_7_number_late: [
    "incoming answered, 291234567 → 151 by 151, wait 1.6 talk 1.5, hung up 291234567",
  ],
  dahdi_fxs_phone_out: [
    "outgoing answered, 80291112233 → 112 by 112, wait 0.6 talk 1.2, hung up 112",
  ],
  feature_chanspy: [
    "incoming answered, 375295305942 → 151 by 151, wait 1.1 talk 3.5, hung up 375295305942",
    "internal service, 153 → -, wait 2.5 talk 0, hung up 153",
  ],
  page_intercom: ["internal answered, 151 → 152 153 by 152 153, wait 0 talk 2, hung up 151"],
  queue_50001_missed: ["internal missed, 151 → 152, wait 0.6 talk 0"],
  trunk_5061: [
    "incoming answered, 291234567 → 7073 by 7073, wait 0.6 talk 1, hung up 291234567",
    "outgoing answered, 80447654321 → 7073 by 7073, wait 0.4 talk 1, hung up 7073",
  ],
};

describe("what other PBXs send", () => {
  it("in all streams", () => expect(recordedScenarios("field")).toEqual(Object.keys(EXPECTED)));
  for (const [scenario, calls] of Object.entries(EXPECTED)) {
    it(scenario, async () => expect(await told(scenario)).toEqual([...calls]));
  }
});
