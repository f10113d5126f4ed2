// The page and the JSON of a call that was recorded: what they show, to whom, and what an open page is told.

import { describe, expect, it } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { callToken } from "../../src/pages/index.ts";
import { apply, ID, inLiveWorld, type Shown } from "../live/live-world.ts";
import { wordsOf } from "../pages/page-words.ts";
import { recordsOf, T0 } from "../support/calls.ts";
import { NOW, SCOPE, SECRET, type Started, startRecorded } from "../support/recorded-service.ts";
import { RECORDED_ID, recordingFile, recordingsIn } from "../support/recordings.ts";
import { tone, wavFile } from "../support/wav.ts";

const HTML = { accept: "text/html" };
const JSON_TYPE = { accept: "application/json" };

const inService = async (
  over: Parameters<typeof startRecorded>[0],
  work: (service: Started) => Promise<void>,
): Promise<void> => {
  const service = await startRecorded(over);
  try {
    await work(service);
  } finally {
    await service.stop();
  }
};

const pageOf = async ({ url }: Started, token = SECRET, more = ""): Promise<string> =>
  (await fetch(`${url}/call/0367/${RECORDED_ID}?token=${token}${more}`, { headers: HTML })).text();

const recordingsOf = async ({ url }: Started, token = SECRET): Promise<unknown> => {
  const answer = await fetch(`${url}/call/0367/${RECORDED_ID}?token=${token}`, {
    headers: JSON_TYPE,
  });
  return ((await answer.json()) as { call: { recordings: unknown } }).call.recordings;
};

const soundsOf = (page: string): string =>
  /<div id="recordings">(.*?)<\/div>/s.exec(page)?.[1] ?? "no recordings";

const fill = async ({ folder }: Started): Promise<void> => {
  const content = wavFile({ seconds: 10, sound: tone(440) });
  await recordingFile(folder, `2025/11/30/in-${RECORDED_ID}.wav`, { content });
  await recordingFile(folder, `2025/11/30/late-${RECORDED_ID}.mp3`, {
    content: "ID3".padEnd(2_400_000),
    changedAt: T0 + 30_000,
  });
  await recordingFile(folder, `2025/11/30/old-${RECORDED_ID}.gsm`, {
    content: "gsm".padEnd(33_000),
    changedAt: T0 + 40_000,
  });
};

describe("the page of a recorded call", () => {
  it("plays what plays, in order, and says why the rest is only saved", () =>
    inService({}, async (service) => {
      await fill(service);
      const page = await pageOf(service);
      expect(wordsOf(soundsOf(page)).replaceAll(/<[^>]*>/g, "<>")).toBe(
        [
          "Записи разговора",
          "[Запись 1, с 15:00:05]",
          "Запись 1 · 15:00:05 · 0:10 · 0,2\u00a0МБ[Скачать запись 1] <> Скачать",
          "[Запись 2]",
          "Запись 2 · 2,4\u00a0МБ[Скачать запись 2] <> Скачать",
          "Запись 3 · 0,1\u00a0МБ[Скачать запись 3] <> Скачать",
          "Запись в формате GSM, браузеры его не воспроизводят: скачайте её и откройте в проигрывателе.",
          "Нажмите на волну, на полосу в ходе звонка или на время события, чтобы слушать с этого места.",
        ].join("\n"),
      );
      expect(page.match(/<audio /g)).toHaveLength(2);
      expect(page.match(/preload="none"/g)).toHaveLength(1);
      expect(page.match(/<svg class="wave"/g)).toHaveLength(1);
      expect(gzipSync(page).length).toBeLessThan(30 * 1024);
    }));

  it("links to what the service serves, with a token of its own", () =>
    inService({}, async (service) => {
      await fill(service);
      const page = await pageOf(service);
      expect(page).not.toContain(SECRET);
      const [, source = ""] = /<audio [^>]*src="([^"]*)"/.exec(page) ?? [];
      const address = new URL(source.replaceAll("&amp;", "&"), `${service.url}/call/0367/x`);
      const answer = await fetch(address, { headers: { range: "bytes=0-3" } });
      expect([answer.status, await answer.text()]).toEqual([206, "RIFF"]);
    }));

  it("allows by its policy exactly the player and its script", () =>
    inService({}, async ({ url }) => {
      const answer = await fetch(`${url}/call/0367/x`, { headers: HTML });
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("media-src 'self';");
      expect(/script-src ([^;]*);/.exec(policy)?.[1]?.split(" ")).toHaveLength(2);
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
    }));

  it("has no player and no script for it where nothing was recorded", () =>
    inService({}, async (service) => {
      const page = await pageOf(service);
      expect(soundsOf(page)).toBe("");
      expect(page).not.toContain("<script");
      expect(await recordingsOf(service)).toEqual([]);
    }));

  it("is as it was where the service has no recordings", () =>
    inService({ none: true }, async (service) => {
      await fill(service);
      expect(soundsOf(await pageOf(service))).toBe("no recordings");
      expect(await recordingsOf(service)).toEqual([]);
      const answer = await fetch(`${service.url}/call/0367/x`, { headers: HTML });
      expect(answer.headers.get("content-security-policy")).not.toContain("media-src");
    }));

  it("shows none to the link of a call under --link-recordings deny, and all to the secret", () =>
    inService({ linkRecordings: "deny" }, async (service) => {
      await fill(service);
      const link = await callToken(SECRET, SCOPE, NOW + 60_000);
      expect(soundsOf(await pageOf(service, link))).toBe("no recordings");
      expect(await recordingsOf(service, link)).toEqual([]);
      expect(soundsOf(await pageOf(service))).toContain("<audio");
      expect(await recordingsOf(service)).toHaveLength(3);
    }));

  it("shows none to anybody where the enterprise's are hidden", () =>
    inService({ isHidden: true }, async (service) => {
      await fill(service);
      expect(soundsOf(await pageOf(service))).toBe("no recordings");
      expect(await recordingsOf(service)).toEqual([]);
      const address = `${service.url}/call/0367/${RECORDED_ID}/recording/1?token=${SECRET}`;
      expect((await fetch(address)).status).toBe(404);
    }));

  it("holds names of files as little as anything that outsiders wrote", () =>
    inService({}, async (service) => {
      await recordingFile(service.folder, `"><img src=x onerror=alert(1)> ${RECORDED_ID}.wav`);
      const page = await pageOf(service);
      expect(page).toContain("<audio");
      expect(page).not.toContain("onerror");
    }));
});

describe("the JSON of a recorded call", () => {
  it("lists its recordings", () =>
    inService({}, async (service) => {
      await fill(service);
      expect(await recordingsOf(service)).toEqual([
        {
          n: 1,
          seconds: 10,
          bytes: 160_044,
          type: "audio/wav",
          startedAt: new Date(T0 + 5000).toISOString(),
        },
        { n: 2, seconds: null, bytes: 2_400_000, type: "audio/mpeg", startedAt: null },
        { n: 3, seconds: null, bytes: 33_000, type: "audio/x-gsm", startedAt: null },
      ]);
    }));
});

describe("an open page", () => {
  it("gets the recording that comes after the call, and none while the call goes on", async () => {
    let folder = "";
    await inLiveWorld(
      async ({ append, open, page, time }) => {
        const rows = recordsOf([
          [0, "start", ID, { CallType: 0, Phone: "375291112233", Trunk: "mts" }],
          [1, "dial", ID, { Phone: "375291112233", Extensions: ["151"] }],
          [2, "bridge", ID, { Channel: "PJSIP/mts-1", BridgeUniqueid: "b" }],
          [2, "bridge", ID, { ChanUniqueId: "1.2", Channel: "PJSIP/151-2", BridgeUniqueid: "b" }],
        ]);
        await append(...rows);
        await recordingFile(folder, `${ID}.wav`, { changedAt: T0 + 12_000 });
        expect(soundsOf(await page())).toBe("");
        await rm(join(folder, `${ID}.wav`));
        const reader = await open();
        let shown: Shown = {};
        const next = async (): Promise<void> => {
          const event = await reader.next();
          if (event === undefined) throw new Error("the page is told nothing more");
          shown = apply(shown, JSON.parse(event.data));
        };
        await next();
        time.pass(12_000);
        await append(...recordsOf([[12, "hangup", ID, { CallStatus: 2, Phone: "375291112233" }]]));
        const { status } = shown;
        while (shown["status"] === status) await next();
        expect(shown["recordings"]).toBe("");
        // The PBX converts it for a minute.
        time.pass(60_000);
        await recordingFile(folder, `${ID}.wav`, { changedAt: T0 + 12_000 });
        time.pass(5000);
        while (shown["recordings"] === "") await next();
        expect(shown["recordings"]).toContain("<audio");
        reader.leave();
      },
      (dir) => {
        folder = join(dir, "recordings");
        return { recordings: recordingsIn([folder]) };
      },
    );
  });
});
