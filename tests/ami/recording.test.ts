// Recordings that the PBX itself tells of: over the manager interface and in the CEL file the same, on record with the end of
// the call, and found by it where the file's name holds no id.

import { describe, expect, it } from "bun:test";
import { createAmiMapper } from "../../src/sources/ami/mapper.ts";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import { mapped, recordsOfEvents } from "../support/ami.ts";
import { AmiScript, SCRIPT_START_S } from "../support/ami-script.ts";
import { assembled } from "../support/calls.ts";
import { celText, eventsOfAmi, eventsOfCel } from "../support/cel.ts";
import { recordingFile, recordingsIn } from "../support/recordings.ts";
import { inTempDir } from "../support/temp-dir.ts";

type Told = readonly [event: string, fields: Readonly<Record<string, string>>];

const variable = (Value: string): Told => ["VarSet", { Variable: "MIXMONITOR_FILENAME", Value }];
const dialplan = (AppData: string): Told => ["Newexten", { Application: "MixMonitor", AppData }];

/** A call of which the PBX tells this while it is talked. */
const callWith = (...told: readonly Told[]): AgentEvent[] => {
  const script = new AmiScript();
  const customer = script.channel("PJSIP/mts", { num: "375295305942", exten: "375170000151" });
  const phone = script.wait(0.05).channel("PJSIP/151", { of: customer });
  script.dial(customer, phone).wait(2).connect("b-1", phone, customer);
  for (const [event, fields] of told) script.on(event, customer, fields);
  script.wait(3).part("b-1", customer, phone).hangup(phone).hangup(customer);
  let at = SCRIPT_START_S * 1000;
  return mapped(
    script.messages().map((message) => {
      at = Math.max(at, Number(message.fields.get("Timestamp") ?? 0) * 1000);
      return [message, at] as const;
    }),
    createAmiMapper(),
  );
};

const recordingOf = (events: readonly AgentEvent[]): unknown =>
  events.find(({ event }) => event === "hangup")?.body["Recording"];

describe("the end of a call", () => {
  const CASES: readonly [name: string, told: readonly Told[], recording: unknown][] = [
    ["nothing told", [["MixMonitorStart", {}]], undefined],
    ["the variable", [variable("/rec/2026/11/q-151.wav")], "/rec/2026/11/q-151.wav"],
    [
      "below Asterisk's own folder",
      [variable("/var/spool/asterisk/monitor/2026/11/q-151.wav")],
      "2026/11/q-151.wav",
    ],
    ["the dialplan", [dialplan("2026/11/q-151.wav,ab,/bin/true ^{X}")], "2026/11/q-151.wav"],
    [
      "both",
      [dialplan("q-151.wav49,b"), variable("/var/spool/asterisk/monitor/q-151.WAV")],
      "q-151.WAV",
    ],
    [
      "two, one of them again",
      [variable("a.wav"), variable("b.wav"), variable("a.wav")],
      ["a.wav", "b.wav"],
    ],
    ["C-escaped", [variable('q \\"151\\".wav')], 'q "151".wav'],
    ["no name", [dialplan(",r(in.wav)"), variable("")], undefined],
    ["too long", [variable(`${"x".repeat(1100)}.wav`)], undefined],
    [
      "another variable, another application",
      [
        ["VarSet", { Variable: "FILENAME", Value: "a.wav" }],
        ["Newexten", { Application: "Playback", AppData: "a.wav" }],
      ],
      undefined,
    ],
  ];
  for (const [name, told, recording] of CASES) {
    it(`names where it was recorded to: ${name}`, () => {
      expect(recordingOf(callWith(...told))).toEqual(recording as string);
    });
  }

  it("is the same event with it and without", () => {
    const idsOf = (events: readonly AgentEvent[]) => events.map(({ body }) => body["EventId"]);
    expect(idsOf(callWith(variable("a.wav")))).toEqual(idsOf(callWith()));
  });

  it("leads to files whose names hold no id", () =>
    inTempDir(async (folder) => {
      await recordingFile(folder, "2026/q-151.mp3", { content: "one" });
      await recordingFile(folder, "2026/r-151.mp3", { content: "other" });
      await recordingFile(folder, "q-7.mp3", { content: "not its own" });
      const records = recordsOfEvents(
        callWith(variable("/m/2026/q-151.mp3"), dialplan("r-151.mp3")),
      );
      const call = await assembled(records, records[0]?.uniqueId ?? "");
      if (call === undefined) throw new Error("no call");
      const found = await recordingsIn([folder]).find(call);
      expect(found.map(({ name }) => name).sort()).toEqual(["q-151.mp3", "r-151.mp3"]);
    }));
});

describe("a call recorded both ways", () => {
  it("has one name for the file", () => {
    const scenario = "in_answered";
    const [first = "", ...lines] = celText(`${scenario}.jsonl`).split("\n");
    const channel = JSON.parse(first) as Record<string, unknown>;
    const mix = JSON.stringify({
      ...channel,
      eventtype: "APP_START",
      appname: "MixMonitor",
      appdata: "2026/11/q-151.wav,b",
    });
    const told = eventsOfCel([first, mix, ...lines].join("\n"));
    expect(recordingOf(told)).toBe("2026/11/q-151.wav");
    expect(told.map(({ body }) => body["EventId"]).sort()).toEqual(
      eventsOfAmi(scenario)
        .filter(({ event }) => event !== "hold" && event !== "unhold")
        .map(({ body }) => body["EventId"])
        .sort(),
    );
    expect(recordingOf(callWith(variable("/var/spool/asterisk/monitor/2026/11/q-151.wav")))).toBe(
      recordingOf(told),
    );
  });
});
