// The recordings of a call in its vCon: what their address gives is what their hash says, and nobody is told of them who may
// not hear them.

import { describe, expect, it } from "bun:test";
import { createHash } from "node:crypto";
import { Value } from "@sinclair/typebox/value";
import type { Vcon } from "../../src/pages/vcon.ts";
import { withRecordings } from "../../src/pages/vcon-recordings.ts";
import { T0 } from "../support/calls.ts";
import { SECRET, type Started, startRecorded } from "../support/recorded-service.ts";
import { RECORDED_ID, recordingFile } from "../support/recordings.ts";
import { VCON_RULES } from "../support/vcon-rules.ts";
import { tone, wavFile } from "../support/wav.ts";

const PUBLIC = "https://calls.example.by/";
const vconOf = async ({ url }: Started): Promise<Vcon> =>
  (
    await fetch(`${url}/call/0367/${RECORDED_ID}?token=${SECRET}&format=vcon`)
  ).json() as Promise<Vcon>;

const told = ({ dialog }: Vcon) =>
  dialog.flatMap((one) => (one.type === "recording" && one.url !== undefined ? [one] : []));

describe("the vCon of a recorded call", () => {
  it("has its recordings by addresses that give what the hash says", async () => {
    const service = await startRecorded({ publicUrl: PUBLIC });
    try {
      const content = wavFile({ seconds: 10, sound: tone(440) });
      await recordingFile(service.folder, `2025/11/30/in-${RECORDED_ID}.wav`, { content });
      await recordingFile(service.folder, `2025/11/30/late-${RECORDED_ID}.mp3`, {
        content: "ID3".padEnd(2_400_000),
        changedAt: T0 + 30_000,
      });
      const vcon = await vconOf(service);
      expect([...Value.Errors(VCON_RULES, vcon)]).toEqual([]);
      const recorded = told(vcon);
      expect(recorded.map(({ mediatype, filename }) => [mediatype, filename])).toEqual([
        ["audio/wav", `in-${RECORDED_ID}.wav`],
        ["audio/mpeg", `late-${RECORDED_ID}.mp3`],
      ]);
      for (const { url = "", content_hash = "" } of recorded) {
        expect(url).toStartWith(PUBLIC);
        expect(url).not.toContain(SECRET);
        const answer = await fetch(`${service.url}/${url.slice(PUBLIC.length)}`);
        const hash = createHash("sha512")
          .update(await answer.bytes())
          .digest("base64url");
        expect([answer.status, `sha512-${hash}`]).toEqual([200, content_hash]);
      }
      // Another content has another hash, though its name is the same.
      await recordingFile(service.folder, `2025/11/30/in-${RECORDED_ID}.wav`, {
        content: wavFile({ seconds: 11, sound: tone(220) }),
      });
      expect(told(await vconOf(service))[0]?.content_hash).not.toBe(recorded[0]?.content_hash);
    } finally {
      await service.stop();
    }
  });

  it.each([[{}], [{ publicUrl: PUBLIC, isHidden: true }], [{ publicUrl: PUBLIC, isLive: true }]])(
    "tells none where %p",
    async (over) => {
      const service = await startRecorded(over);
      try {
        const content = wavFile({ seconds: 10, sound: tone(440) });
        await recordingFile(service.folder, `2025/11/30/in-${RECORDED_ID}.wav`, { content });
        const vcon = await vconOf(service);
        expect([...Value.Errors(VCON_RULES, vcon)]).toEqual([]);
        expect(told(vcon)).toEqual([]);
        expect(JSON.stringify(vcon)).not.toContain("recording/");
      } finally {
        await service.stop();
      }
    },
  );
});

describe("withRecordings", () => {
  const at = (second: number): string => new Date(T0 + second * 1000).toISOString();
  const talk = (from: number, duration: number) =>
    ({ type: "recording", start: at(from), duration, parties: [0, 1], originator: 0 }) as const;
  const recording = (name: string, second: number | null, seconds: number | null) => ({
    url: `https://calls.example.by/${name}`,
    mediatype: "audio/wav",
    filename: name,
    content_hash: "sha512-x",
    startedAt: second === null ? null : T0 + second * 1000,
    seconds,
  });
  const names = (dialog: Vcon["dialog"]) =>
    dialog.map((one) => (one.type === "recording" ? (one.filename ?? "-") : one.type));
  const vcon = (dialog: Vcon["dialog"]): Vcon => ({
    vcon: "0.4.0",
    uuid: "",
    created_at: at(0),
    updated_at: at(0),
    subject: "",
    parties: [{}, {}],
    dialog,
    attachments: [],
  });

  it.each([
    [
      [recording("second", 21, 10), recording("first", 1, 10)],
      ["first", "second"],
    ],
    [[recording("timeless", null, null)], ["timeless", "-"]],
    [
      [recording("a", 0, 40), recording("b", 20, 10), recording("c", 0, 5)],
      ["a", "b", "c"],
    ],
  ])("puts each where it sounds: %#", (recordings, expected) => {
    const given = vcon([talk(0, 15), talk(20, 10)]);
    expect(names(withRecordings(given, recordings).dialog)).toEqual(expected);
    expect(names(given.dialog)).toEqual(["-", "-"]);
  });
});
