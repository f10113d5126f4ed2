// Extensions of other lengths than three digits, as other PBXs have them: who calls whom is told right.

import { describe, expect, it } from "bun:test";
import { mapped, recordsOfEvents } from "../support/ami.ts";
import { AmiScript } from "../support/ami-script.ts";
import { assembled, brief } from "../support/calls.ts";

const CUSTOMER = "375295305942";

/** Somebody calls somebody, who answers after two seconds and talks for three. */
const talk = async (
  from: { readonly name: string; readonly num: string },
  exten: string,
  to: string,
): Promise<string> => {
  const script = new AmiScript();
  const caller = script.channel(from.name, { num: from.num, exten });
  const callee = script.channel(to, { of: caller });
  script.dial(caller, callee, to.includes("mts") ? `${exten}@mts` : undefined);
  script.wait(2).connect("b-1", callee, caller).wait(3);
  script.on("HangupRequest", caller, { Cause: "16" });
  script.part("b-1", callee, caller).hangup(callee).hangup(caller);
  const events = mapped(script.messages().map((message, index) => [message, index] as const));
  const records = recordsOfEvents(events);
  return brief(await assembled(records, records[0]?.uniqueId ?? ""));
};

describe("extensions of two, five and six digits", () => {
  for (const [own, other] of [
    ["15", "16"],
    ["15001", "15002"],
    ["150001", "150002"],
  ] as const) {
    it(`${own} calls ${other}: an internal call`, async () => {
      expect(await talk({ name: `PJSIP/${own}`, num: own }, other, `PJSIP/${other}`)).toStartWith(
        `internal answered, ${own} → ${other} by ${other}`,
      );
    });
    it(`${own} calls a customer`, async () => {
      expect(await talk({ name: `SIP/${own}`, num: own }, CUSTOMER, "SIP/mts")).toStartWith(
        `outgoing answered, ${CUSTOMER} → ${own} by ${own}`,
      );
    });
    it(`a customer calls ${own}`, async () => {
      const customer = { name: "PJSIP/mts", num: CUSTOMER };
      expect(await talk(customer, "375170000151", `PJSIP/${own}`)).toStartWith(
        `incoming answered, ${CUSTOMER} → ${own} by ${own}`,
      );
    });
  }

  it("a short number over a trunk is a call to the outside", async () => {
    expect(await talk({ name: "PJSIP/15001", num: "15001" }, "112", "PJSIP/mts")).toStartWith(
      "outgoing answered, 112 → 15001 by 15001",
    );
  });
});
