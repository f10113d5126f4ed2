// Recordings over real HTTP: who may hear them, whole and in parts, and what becomes of a file while it is sent.

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { appendFile, readdir, readlink, truncate, unlink, utimes } from "node:fs/promises";
import { callToken } from "../../src/pages/index.ts";
import { recordingToken } from "../../src/pages/links.ts";
import { T0 } from "../support/calls.ts";
import { NOW, SCOPE, SECRET, type Started, startRecorded } from "../support/recorded-service.ts";
import { RECORDED_ID, recordingFile } from "../support/recordings.ts";
import { tone, wavFile } from "../support/wav.ts";

const CONTENT = wavFile({ seconds: 10, sound: tone(440) });
const CHANGED = T0 + 15_000;

let served: Started;
beforeAll(async () => {
  served = await startRecorded();
  await recordingFile(served.folder, `2025/11/30/a-${RECORDED_ID}.wav`, { content: CONTENT });
  await recordingFile(served.folder, `2025/11/30/b-${RECORDED_ID}.WAV`, {
    content: wavFile({ seconds: 4, tag: 49 }),
    changedAt: T0 + 20_000,
  });
});
afterAll(() => served.stop());

const pathOf = (n: number | string, token = SECRET): string =>
  `/call/0367/${RECORDED_ID}/recording/${n}?token=${token}`;

const ask = (
  path: string,
  headers: { readonly [name: string]: string } = {},
  { method = "GET", url = served.url } = {},
): Promise<Response> => fetch(`${url}${path}`, { method, headers });

const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer());

describe("GET /call/{enterprise}/{unique_id}/recording/{n}", () => {
  it("sends the whole file with what a browser needs to seek in it, save it and ask again", async () => {
    const answer = await ask(pathOf(1));
    expect(answer.status).toBe(200);
    expect((await bytesOf(answer)).equals(CONTENT)).toBe(true);
    const { headers } = answer;
    expect(headers.get("content-type")).toBe("audio/wav");
    expect(headers.get("content-length")).toBe(String(CONTENT.length));
    expect(headers.get("accept-ranges")).toBe("bytes");
    expect(headers.get("cache-control")).toBe("private");
    expect(headers.get("etag")).toMatch(/^"[\w-]+"$/);
    expect(headers.get("last-modified")).toBe(new Date(CHANGED).toUTCString());
    expect(headers.get("content-disposition")).toBe(
      `inline; filename="call 2025-11-30 15-00-05 375291112233.wav"; filename*=UTF-8''${encodeURIComponent("звонок 2025-11-30 15-00-05 375291112233.wav")}`,
    );
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("content-security-policy")).toContain("media-src 'self'");
  });

  const PARTS: readonly [range: string, from: number, to: number][] = [
    ["bytes=0-", 0, CONTENT.length - 1],
    ["bytes=0-43", 0, 43],
    ["bytes=100-199", 100, 199],
    ["bytes=-10", CONTENT.length - 10, CONTENT.length - 1],
    ["bytes=160000-999999999", 160_000, CONTENT.length - 1],
  ];
  for (const [range, from, to] of PARTS) {
    it(`206 for ${range}`, async () => {
      const answer = await ask(pathOf(1), { range });
      expect(answer.status).toBe(206);
      expect(answer.headers.get("content-range")).toBe(`bytes ${from}-${to}/${CONTENT.length}`);
      expect(answer.headers.get("content-length")).toBe(String(to - from + 1));
      expect((await bytesOf(answer)).equals(CONTENT.subarray(from, to + 1))).toBe(true);
    });
  }

  it("416 beyond the end, with the length", async () => {
    const answer = await ask(pathOf(1), { range: `bytes=${CONTENT.length}-` });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([
      416,
      `bytes */${CONTENT.length}`,
    ]);
    expect((await bytesOf(answer)).length).toBe(0);
  });

  it("304 for who has it, and the rest of it for who has a part of the same copy", async () => {
    const etag = (await ask(pathOf(1), {}, { method: "HEAD" })).headers.get("etag") ?? "";
    const known = await ask(pathOf(1), { "if-none-match": etag });
    expect([known.status, known.headers.get("etag")]).toEqual([304, etag]);
    const rest = { range: "bytes=5-", "if-range": etag };
    expect((await ask(pathOf(1), rest)).status).toBe(206);
    expect((await ask(pathOf(1), { ...rest, "if-range": '"other"' })).status).toBe(200);
  });

  it("HEAD tells the length and sends nothing, a part or not", async () => {
    for (const headers of [{}, { range: "bytes=0-9" }]) {
      const answer = await ask(pathOf(1), headers, { method: "HEAD" });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-length")).toBe(String(CONTENT.length));
      expect(answer.headers.get("content-type")).toBe("audio/wav");
      expect((await bytesOf(answer)).length).toBe(0);
    }
  });

  it("saves what browsers do not play, and whatever somebody wants saved", async () => {
    for (const path of [pathOf(2), `${pathOf(1)}&download=1`]) {
      const answer = await ask(path);
      expect(answer.headers.get("content-disposition")).toStartWith("attachment; filename=");
      await answer.body?.cancel();
    }
  });

  const REFUSED: readonly [name: string, path: () => Promise<string> | string, status: number][] = [
    ["no token", () => pathOf(1, ""), 403],
    ["a wrong one", () => pathOf(1, "nope"), 403],
    ["an expired link", async () => pathOf(1, await callToken(SECRET, SCOPE, NOW)), 403],
    [
      "another call's link",
      async () => pathOf(1, await callToken(SECRET, { ...SCOPE, uniqueId: "1.1" }, NOW + 1)),
      403,
    ],
    [
      "another call's recording link",
      async () => pathOf(1, await recordingToken(SECRET, { ...SCOPE, uniqueId: "1.1" }, NOW + 9e5)),
      403,
    ],
    ["number 0", () => pathOf(0), 404],
    ["a number too high", () => pathOf(3), 404],
    ["a path for a number", () => pathOf("..%2F..%2Fetc%2Fpasswd"), 404],
    ["a number in another spelling", () => pathOf("01"), 404],
    ["no number at all", () => pathOf("x"), 404],
    ["another call", () => `/call/0367/1764504000.6/recording/1?token=${SECRET}`, 404],
    ["a malformed id", () => `/call/0367/1%2F2/recording/1?token=${SECRET}`, 400],
  ];
  for (const [name, path, status] of REFUSED) {
    it(`${status}: ${name}`, async () => {
      const answer = await ask(await path());
      expect([answer.status, await answer.text()]).toEqual([
        status,
        expect.not.stringContaining("RIFF"),
      ]);
    });
  }

  it("opens with a link to the call, and with what its page carries", async () => {
    const tokens = [
      await callToken(SECRET, SCOPE, NOW + 60_000),
      await recordingToken(SECRET, SCOPE, NOW + 60_000),
    ];
    for (const token of tokens) {
      expect((await ask(pathOf(1, token), {}, { method: "HEAD" })).status).toBe(200);
    }
    // Which opens nothing else.
    const page = `/call/0367/${RECORDED_ID}?token=${tokens[1]}`;
    expect((await ask(page)).status).toBe(403);
  });

  it("404 while the call goes on, and where the service has no recordings", async () => {
    for (const over of [{ isLive: true }, { none: true }]) {
      const other = await startRecorded(over);
      await recordingFile(other.folder, `${RECORDED_ID}.wav`);
      expect((await ask(pathOf(1), {}, other)).status).toBe(404);
      await other.stop();
    }
  });

  it("does not open with a call's link under --link-recordings deny", async () => {
    const other = await startRecorded({ linkRecordings: "deny" });
    await recordingFile(other.folder, `${RECORDED_ID}.wav`);
    const status = async (token: string): Promise<number> =>
      (await ask(pathOf(1, token), {}, { ...other, method: "HEAD" })).status;
    expect(await status(await callToken(SECRET, SCOPE, NOW + 60_000))).toBe(403);
    expect(await status(await recordingToken(SECRET, SCOPE, NOW + 60_000))).toBe(200);
    expect(await status(SECRET)).toBe(200);
    await other.stop();
  });
});

describe("a file that changes while it is sent", () => {
  const BIG = Buffer.alloc(24 * 1024 * 1024, 7);

  /** Reads the first piece, lets something happen to the file, and reads on. */
  const across = async (change: (file: string) => Promise<unknown>): Promise<Buffer> => {
    const other = await startRecorded();
    try {
      const file = await recordingFile(other.folder, `${RECORDED_ID}.mp3`, { content: BIG });
      const answer = await ask(pathOf(1), {}, other);
      const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
      const pieces = [(await reader.read()).value ?? new Uint8Array()];
      await change(file);
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        pieces.push(next.value);
      }
      return Buffer.concat(pieces);
    } finally {
      await other.stop();
    }
  };

  it("is sent to its end when it is removed", async () => {
    expect((await across(unlink)).equals(BIG)).toBe(true);
  });

  it("is sent as far as was promised when it grows", async () => {
    const sent = await across((file) => appendFile(file, Buffer.alloc(1_000_000, 9)));
    expect(sent.equals(BIG)).toBe(true);
  });

  /** How many bytes came, and how the reading ended. */
  const cutWhile = async (file: string, url: string, range?: string): Promise<string> => {
    const headers = range === undefined ? {} : { range };
    const answer = await ask(pathOf(1), headers, { url });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let bytes = (await reader.read()).value?.length ?? 0;
    await truncate(file, 1024 * 1024);
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        bytes += next.value.length;
      }
    } catch {
      return bytes < BIG.length - 100 ? "broken off" : "late";
    }
    return `ended after ${bytes}`;
  };

  for (const range of [undefined, "bytes=100-"]) {
    it(`is broken off at once when it is cut, neither left hanging nor ended as if whole: ${range ?? "whole"}`, async () => {
      const other = await startRecorded();
      const file = await recordingFile(other.folder, `${RECORDED_ID}.mp3`, { content: BIG });
      const begun = performance.now();
      expect(await cutWhile(file, other.url, range)).toBe("broken off");
      // An idle connection is closed after two minutes; this test would have been given up long before.
      expect(performance.now() - begun).toBeLessThan(4000);
      await other.stop();
    });
  }

  it("is another copy afterwards", async () => {
    const other = await startRecorded();
    const file = await recordingFile(other.folder, `${RECORDED_ID}.wav`);
    const etag = async (): Promise<string | null> =>
      (await ask(pathOf(1), {}, { ...other, method: "HEAD" })).headers.get("etag");
    const before = await etag();
    await appendFile(file, Buffer.alloc(16));
    await utimes(file, CHANGED / 1000, CHANGED / 1000);
    expect(await etag()).not.toBe(before);
    await other.stop();
  });
});

describe("many at once", () => {
  it("are all sent, and no file stays open", async () => {
    const other = await startRecorded();
    await recordingFile(other.folder, `${RECORDED_ID}.wav`, { content: CONTENT });
    const isOpen = async (): Promise<boolean> => {
      const names = await readdir("/proc/self/fd");
      const targets = await Promise.all(
        names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
      );
      return targets.some((target) => target.startsWith(other.folder));
    };
    const sent = await Promise.all(
      Array.from(
        { length: 100 },
        async () => (await bytesOf(await ask(pathOf(1), {}, other))).length,
      ),
    );
    expect(new Set(sent)).toEqual(new Set([CONTENT.length]));
    await other.stop();
    // The server closes its own a little later; a file that stays open would time the test out.
    while (await isOpen()) await Bun.sleep(5);
  });
});
