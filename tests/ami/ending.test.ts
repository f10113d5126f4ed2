// Who hung up and how it ended: the PBX by itself, a caller who gives up, phones that are busy, transfers that reach nobody.

import { describe, expect, it } from "bun:test";
import { mapped, recordsOfEvents } from "../support/ami.ts";
import { AmiScript, type ScriptChannel } from "../support/ami-script.ts";
import { assembled, brief } from "../support/calls.ts";

const CUSTOMER = "375295305942";
const DID = "375170000151";

const outcome = async (script: AmiScript): Promise<string> => {
  const events = mapped(script.messages().map((message, index) => [message, index] as const));
  const records = recordsOfEvents(events);
  return brief(await assembled(records, records[0]?.uniqueId ?? ""));
};

/** A customer is put through to 151, where the phones are given, and talks for ten seconds. */
const talking = () => {
  const script = new AmiScript();
  const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
  const phone = script.channel("PJSIP/151", { of: customer });
  script.dial(customer, phone).wait(2);
  dialEnd(script, phone, "ANSWER");
  script.connect("b-1", phone, customer).wait(10);
  return { script, customer, phone };
};

const dialEnd = (script: AmiScript, leg: ScriptChannel, status: string): void => {
  script.send("DialEnd", {
    DestChannel: leg.name,
    DestUniqueid: leg.id,
    DestLinkedid: leg.linked,
    DialStatus: status,
  });
};

describe("who hung up", () => {
  it("the PBX, where a limit of time ends the talk", async () => {
    const { script, customer, phone } = talking();
    script.part("b-1", phone, customer).hangup(phone).hangup(customer);
    expect(await outcome(script)).toEndWith("talk 10, hung up pbx");
  });

  it("the PBX, where it hangs up a channel by itself (S(), a command of its own)", async () => {
    const { script, customer, phone } = talking();
    script.on("SoftHangupRequest", customer, { Cause: "16" });
    script.part("b-1", customer, phone).hangup(phone).hangup(customer);
    expect(await outcome(script)).toEndWith("talk 10, hung up pbx");
  });

  it("whoever asked for it, though the other channel went first", async () => {
    const { script, customer, phone } = talking();
    script.on("HangupRequest", phone).part("b-1", customer, phone).hangup(customer).hangup(phone);
    expect(await outcome(script)).toEndWith("talk 10, hung up 151");
  });

  it("the PBX, where all phones are busy and the caller is refused", async () => {
    const script = new AmiScript();
    const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
    const phones = ["151", "152"].map((number) =>
      script.channel(`PJSIP/${number}`, { of: customer }),
    );
    for (const phone of phones) script.dial(customer, phone);
    script.wait(1);
    for (const phone of phones) {
      dialEnd(script, phone, "BUSY");
      script.hangup(phone, 17);
    }
    script.hangup(customer, 34);
    expect(await outcome(script)).toBe(
      `incoming busy, ${CUSTOMER} → 151 152, wait 1 talk 0, hung up pbx`,
    );
  });

  it("nobody of ours or of theirs, where a transfer leads nowhere", async () => {
    const { script, customer, phone } = talking();
    script.leave("b-1", phone);
    script.send("BlindTransfer", {
      Result: "Success",
      TransfererChannel: phone.name,
      TransfererUniqueid: phone.id,
      TransfererLinkedid: phone.linked,
      TransfereeUniqueid: customer.id,
      Extension: "199",
      Context: "from-internal",
    });
    script.on("HangupRequest", phone).hangup(phone);
    script.leave("b-1", customer).destroy("b-1").wait(0.1).hangup(customer);
    expect(await outcome(script)).toBe(
      `incoming answered, ${CUSTOMER} → 151 by 151, wait 2 talk 10, blind 151>199 untaken, hung up pbx`,
    );
  });
});

describe("a caller who gives up", () => {
  it("in a queue, with his channel up: cancelled", async () => {
    const script = new AmiScript();
    const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
    script.on("Newstate", customer, { ChannelState: "6" });
    const phone = script.channel("PJSIP/151", { of: customer });
    script.dial(customer, phone).wait(8).on("HangupRequest", customer);
    script.hangup(phone, 0).hangup(customer, 16);
    expect(await outcome(script)).toBe(
      `incoming cancelled, ${CUSTOMER} → 151, wait 8 talk 0, hung up ${CUSTOMER}`,
    );
  });

  it("in a menu, before anybody was rung: cancelled, and what he reached is told", async () => {
    const script = new AmiScript();
    const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
    script.on("Newstate", customer, { ChannelState: "6" });
    script.on("Newexten", customer, { Application: "Background", Context: "ivr-1" });
    script.wait(8).on("HangupRequest", customer).hangup(customer, 16);
    expect(await outcome(script)).toBe(
      `incoming cancelled, ${CUSTOMER} → -, wait 8 talk 0, hung up ${CUSTOMER}`,
    );
  });

  it("does not: a queue that gives up is missed", async () => {
    const script = new AmiScript();
    const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
    script.on("Newstate", customer, { ChannelState: "6" });
    const phone = script.channel("PJSIP/151", { of: customer });
    script.dial(customer, phone).wait(30);
    dialEnd(script, phone, "NOANSWER");
    script.hangup(phone, 0).hangup(customer, 16);
    expect(await outcome(script)).toBe(`incoming missed, ${CUSTOMER} → 151, wait 30 talk 0`);
  });
});

describe("phones that are busy", () => {
  for (const [ends, status] of [
    [["BUSY", "BUSY"], "busy"],
    [["BUSY", "NOANSWER"], "missed"],
  ] as const) {
    it(`${ends.join(" and ")}, the line answered with 16: ${status}`, async () => {
      const script = new AmiScript();
      const customer = script.channel("PJSIP/mts", { num: CUSTOMER, exten: DID });
      const phones = ["151", "152"].map((number) =>
        script.channel(`PJSIP/${number}`, { of: customer }),
      );
      for (const phone of phones) script.dial(customer, phone);
      script.wait(3);
      for (const [index, phone] of phones.entries()) dialEnd(script, phone, ends[index] ?? "");
      for (const phone of phones) script.hangup(phone, 0);
      script.hangup(customer, 16);
      expect(await outcome(script)).toStartWith(`incoming ${status}, ${CUSTOMER} → 151 152`);
    });
  }
});

describe("a transfer that is given up before it completes", () => {
  it("is an attended one where whoever transfers waits on the line", async () => {
    const { script, customer, phone } = talking();
    const pipe = [";1", ";2"].map((half) =>
      script.channel(`Local/152@from-internal-00000001${half}`, { of: customer }),
    ) as [ScriptChannel, ScriptChannel];
    script.leave("b-1", phone).connect("b-2", phone, pipe[0]);
    const other = script.channel("PJSIP/152", { of: customer });
    script.dial(pipe[1], other).wait(4);
    dialEnd(script, other, "NOANSWER");
    script
      .hangup(other, 0)
      .hangup(pipe[1])
      .hangup(pipe[0])
      .leave("b-2", phone)
      .destroy("b-2")
      .enter("b-1", phone)
      .wait(5);
    script
      .on("HangupRequest", customer)
      .part("b-1", customer, phone)
      .hangup(phone)
      .hangup(customer);
    expect(await outcome(script)).toBe(
      `incoming answered, ${CUSTOMER} → 151 152 by 151, wait 2 talk 15, attended 151>152 untaken, hung up ${CUSTOMER}`,
    );
  });

  it("is a blind one where whoever transferred is gone", async () => {
    const { script, customer, phone } = talking();
    script.leave("b-1", phone).on("HangupRequest", phone).hangup(phone);
    script.leave("b-1", customer).destroy("b-1");
    const other = script.channel("PJSIP/152", { of: customer });
    script.dial(customer, other).wait(10);
    dialEnd(script, other, "NOANSWER");
    script.hangup(other, 0).hangup(customer, 19);
    expect(await outcome(script)).toBe(
      `incoming answered, ${CUSTOMER} → 151 152 by 151, wait 2 talk 10, blind 151>152 untaken, hung up pbx`,
    );
  });
});
