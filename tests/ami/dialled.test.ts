// What an extension may dial, and whom that reaches: queues and groups of any length, feature codes, names, nobody.

import { describe, expect, it } from "bun:test";
import { mapped, recordsOfEvents } from "../support/ami.ts";
import { AmiScript } from "../support/ami-script.ts";
import { assembled, brief } from "../support/calls.ts";

const CUSTOMER = "375295305942";

const outcome = async (script: AmiScript): Promise<string> => {
  const events = mapped(script.messages().map((message, index) => [message, index] as const));
  const records = recordsOfEvents(events);
  return brief(await assembled(records, records[0]?.uniqueId ?? ""));
};

/** 151 dials something; the dialplan may answer, and then dials a leg. */
const dialling = (dialled: string, isUp = false) => {
  const script = new AmiScript();
  const caller = script.channel("PJSIP/151", { exten: dialled });
  if (isUp) script.wait(0.1).on("Newstate", caller, { ChannelState: "6" });
  return { script, caller };
};

describe("an extension dials something that reaches a colleague", () => {
  for (const dialled of [
    "152",
    "5",
    "600",
    "50001",
    "1234567",
    "600#",
    "**152",
    "*8152",
    "#152",
    "sales",
    "+152",
  ]) {
    for (const isUp of [false, true]) {
      it(`${dialled}${isUp ? ", through a queue" : ""}: internal, answered and not`, async () => {
        const answered = dialling(dialled, isUp);
        const callee = answered.script.channel("PJSIP/152", { of: answered.caller });
        answered.script
          .dial(answered.caller, callee)
          .wait(2)
          .connect("b-1", callee, answered.caller);
        answered.script.wait(3).on("HangupRequest", answered.caller);
        answered.script.part("b-1", callee, answered.caller).hangup(callee).hangup(answered.caller);
        expect(await outcome(answered.script)).toBe(
          "internal answered, 151 → 152 by 152, wait 2 talk 3, hung up 151",
        );
        const missed = dialling(dialled, isUp);
        const silent = missed.script.channel("PJSIP/152", { of: missed.caller });
        missed.script.dial(missed.caller, silent).wait(5);
        missed.script.hangup(silent, 0).hangup(missed.caller, 19);
        expect(await outcome(missed.script)).toBe("internal missed, 151 → 152, wait 5 talk 0");
      });
    }
  }
});

describe("an extension dials something that goes out over a line", () => {
  for (const [dialled, number] of [
    ["112", "112"],
    [CUSTOMER, CUSTOMER],
    ["980291112233", "80291112233"],
    ["*61", CUSTOMER],
    ["77", CUSTOMER],
  ] as const) {
    it(`${dialled} → ${number}: outgoing`, async () => {
      const { script, caller } = dialling(dialled);
      const leg = script.channel("PJSIP/mts", { of: caller, num: number });
      script.dial(caller, leg, `${number}@mts`).wait(2).connect("b-1", leg, caller).wait(3);
      script.on("HangupRequest", caller).part("b-1", leg, caller).hangup(leg).hangup(caller);
      expect(await outcome(script)).toBe(
        `outgoing answered, ${number} → 151 by 151, wait 2 talk 3, hung up 151`,
      );
    });
  }

  it("a number that no line takes: outgoing, and whom it was to reach is told", async () => {
    const { script, caller } = dialling(CUSTOMER);
    script.wait(1).hangup(caller, 34);
    expect(await outcome(script)).toStartWith(`outgoing failed, ${CUSTOMER} → 151, wait 1 talk 0`);
  });
});

describe("an extension dials something that reaches nobody", () => {
  for (const dialled of ["*55", "*97", "*43", "8", "600#", "600", "voicemail", "s"]) {
    it(`${dialled}, answered by the dialplan: a service call`, async () => {
      const { script, caller } = dialling(dialled, true);
      script.wait(9).on("HangupRequest", caller).hangup(caller);
      expect(await outcome(script)).toStartWith("internal service, 151 → -, wait 9.1 talk 0");
    });
  }

  it("a colleague whose phone is away is missed", async () => {
    const { script, caller } = dialling("152");
    script.wait(0.5).hangup(caller, 20);
    expect(await outcome(script)).toStartWith("internal failed, 151 → 152, wait 0.5 talk 0");
  });
});

describe("calls that the PBX was asked to place", () => {
  const ownPhone = () => {
    const script = new AmiScript();
    const own = script.channel("PJSIP/151", { state: 0 });
    script.dial(undefined, own);
    return { script, own };
  };

  it("an own phone that is not taken up: who, to whom, and no doubt", async () => {
    const { script, own } = ownPhone();
    script.wait(20).hangup(own, 19).wait(0.01);
    script.send("OriginateResponse", {
      Response: "Failure",
      Channel: "PJSIP/151",
      Exten: CUSTOMER,
      Uniqueid: "<null>",
    });
    expect(await outcome(script)).toBe(`outgoing missed, ${CUSTOMER} → 151, wait 20 talk 0`);
  });

  it("without a word of the PBX of whom it was to reach", async () => {
    const { script, own } = ownPhone();
    script.wait(20).hangup(own, 19);
    expect(await outcome(script)).toBe("outgoing missed, ? → 151, wait 20 talk 0");
  });

  it("a customer whom an autodialer calls has answered when he takes up", async () => {
    const script = new AmiScript();
    const leg = script.channel("PJSIP/mts", { state: 0, num: CUSTOMER });
    script.dial(undefined, leg, `${CUSTOMER}@mts`).wait(4);
    script.on("Newstate", leg, { ChannelState: "6" });
    script.send("DialEnd", {
      DestChannel: leg.name,
      DestUniqueid: leg.id,
      DestLinkedid: leg.linked,
      DialStatus: "ANSWER",
    });
    script.wait(30).on("HangupRequest", leg).hangup(leg);
    expect(await outcome(script)).toBe(
      `outgoing answered, ${CUSTOMER} → -, wait ? talk 30, hung up ${CUSTOMER}`,
    );
  });
});

it("an internal call that a mobile answers has its wait, its bridge and no doubt", async () => {
  const { script, caller } = dialling("152");
  const callee = script.channel("PJSIP/152", { of: caller });
  script.dial(caller, callee).wait(1).hangup(callee, 23);
  const mobile = script.channel("PJSIP/mts", { of: caller, num: "375170000100" });
  script.dial(caller, mobile, "375291112233@mts").wait(2).connect("b-1", mobile, caller).wait(3);
  script.on("HangupRequest", mobile).part("b-1", mobile, caller).hangup(mobile).hangup(caller);
  expect(await outcome(script)).toBe(
    "internal answered, 151 → 152 375291112233 by 375291112233, wait 3 talk 3, hung up 375291112233",
  );
});
