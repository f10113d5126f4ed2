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
  toNum?: string,
): Promise<string> => {
  const script = new AmiScript();
  const caller = script.channel(from.name, { num: from.num, exten });
  const callee = script.channel(
    to,
    toNum === undefined ? { of: caller } : { of: caller, num: toNum },
  );
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

describe("endpoints with something before or behind the number", () => {
  for (const [own, other] of [
    ["PJSIP/0367-151", "PJSIP/0367-152"],
    ["PJSIP/151-acme", "PJSIP/152-acme"],
    ["SIP/acme_151", "SIP/acme_152"],
  ] as const) {
    it(`${own} calls ${other}: an internal call`, async () => {
      expect(await talk({ name: own, num: "151" }, "152", other, "152")).toStartWith(
        "internal answered, 151 → 152 by 152",
      );
    });
    it(`${own} calls a customer`, async () => {
      expect(await talk({ name: own, num: "151" }, CUSTOMER, "PJSIP/mts")).toStartWith(
        `outgoing answered, ${CUSTOMER} → 151 by 151`,
      );
    });
    it(`a customer calls ${own}`, async () => {
      const customer = { name: "PJSIP/0367-0001363", num: CUSTOMER };
      expect(await talk(customer, "375170000151", own, "151")).toStartWith(
        `incoming answered, ${CUSTOMER} → 151 by 151`,
      );
    });
  }

  it("a line by an address or a span stays one when the caller shows a part of it", async () => {
    for (const [name, num] of [
      ["SIP/203.0.113.10", "10"],
      ["DAHDI/i1/112", "112"],
      ["SIP/mts", "151"],
    ] as const) {
      expect(await talk({ name, num }, "375170000151", "PJSIP/152")).toStartWith(
        `incoming answered, ${num} → 152 by 152`,
      );
    }
  });
});
