// One attempt over real sockets: where it goes, what is checked, and what it says where nothing comes of it.

import { describe, expect, it } from "bun:test";
import { selfSignedCertificate } from "../../tests/support/certificate.ts";
import { parseNetwork } from "../lib/addresses.ts";
import { createPost, type PostOptions } from "./post.ts";

const LOOPBACK = [parseNetwork("127.0.0.0/8")].filter((network) => network !== undefined);
const NOW = Date.parse("2025-11-30T12:00:00Z");
const post = (change: Partial<PostOptions> = {}) =>
  createPost({
    allowed: LOOPBACK,
    now: () => NOW,
    resolve: async () => ["127.0.0.1"],
    timeoutMs: 2000,
    ...change,
  });

const serving = (
  fetch: (request: Request) => Response | Promise<Response>,
  tls?: { cert: string; key: string },
) => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch,
    ...(tls === undefined ? {} : { tls }),
  });
  return { port: server.port, [Symbol.asyncDispose]: () => server.stop(true) };
};
const error = (why: string) => ({ status: 0, text: JSON.stringify({ error: why }) });

describe("createPost", () => {
  it("connects to the address that was looked at, and asks for the name", async () => {
    let got = "";
    await using server = serving(async (request) => {
      got = `${request.headers.get("host")} ${new URL(request.url).pathname} ${await request.text()}`;
      return new Response("thanks", { status: 202 });
    });
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      // The second answer, if anybody asked for it, would be another one.
      return [asked.length === 1 ? "127.0.0.1" : "127.0.0.2"];
    };
    const url = `http://crm.example:${server.port}/calls`;
    const answer = await post({ resolve })(url, '{"a":1}', { "content-type": "application/json" });
    expect(answer).toEqual({ status: 202, text: "thanks", retryAfterMs: undefined });
    expect(got).toBe(`crm.example:${server.port} /calls {"a":1}`);
    expect(asked).toEqual(["crm.example"]);
  });

  it("checks the certificate against the name, not the address", async () => {
    const { certificate, key } = selfSignedCertificate("crm.example");
    await using server = serving(() => new Response(null, { status: 204 }), {
      cert: certificate,
      key,
    });
    const own = post({ authority: certificate });
    expect((await own(`https://crm.example:${server.port}/`, "{}", {})).status).toBe(204);
    expect((await own(`https://other.example:${server.port}/`, "{}", {})).status).toBe(0);
    expect((await post()(`https://crm.example:${server.port}/`, "{}", {})).status).toBe(0);
  });

  it("refuses private addresses, by name and as written", async () => {
    let requests = 0;
    await using server = serving(() => {
      requests += 1;
      return new Response();
    });
    for (const host of ["crm.example", "127.0.0.1", "localhost"]) {
      const { status, text } = await post({ allowed: [] })(
        `http://${host}:${server.port}/`,
        "{}",
        {},
      );
      expect([status, text]).toEqual([0, expect.stringContaining("not of the public network")]);
    }
    expect(requests).toBe(0);
  });

  it("says in a few words that nobody listens, or that nothing came in time", async () => {
    const gone = serving(() => new Response());
    await gone[Symbol.asyncDispose]();
    const { status, text } = await post()(`http://crm.example:${gone.port}/`, "{}", {});
    expect([status, text]).toEqual([
      0,
      expect.stringMatching(/refused|ECONNREFUSED|ConnectionRefused/i),
    ]);
    await using slow = serving(() => new Promise<Response>(() => undefined));
    const late = post({ timeoutMs: 50 });
    expect(await late(`http://crm.example:${slow.port}/`, "{}", {})).toEqual(
      error("no answer within 0.05 s"),
    );
    const nowhere = post({ timeoutMs: 50, resolve: () => new Promise(() => undefined) });
    expect(await nowhere("http://crm.example/", "{}", {})).toEqual(
      error("no answer within 0.05 s"),
    );
  });

  it("takes the status of an answer whose text never ends, and no more of a long one than its beginning", async () => {
    await using endless = serving(
      () =>
        new Response(
          new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) }),
          { status: 429, headers: { "retry-after": "7" } },
        ),
    );
    const answer = await post()(`http://crm.example:${endless.port}/`, "{}", {});
    expect([answer.status, answer.retryAfterMs]).toEqual([429, 7000]);
    await using long = serving(() => new Response("я".repeat(100_000), { status: 500 }));
    const { status, text } = await post()(`http://crm.example:${long.port}/`, "{}", {});
    expect([status, Buffer.byteLength(text)]).toEqual([500, 4096]);
  });

  it.each([
    ["120", 120_000],
    ["Sun, 30 Nov 2025 12:01:30 GMT", 90_000],
    ["Sun, 30 Nov 2025 11:00:00 GMT", 0],
    ["999999999", 86_400_000],
    ["soon", undefined],
  ])("reads Retry-After: %s", async (header, retryAfterMs) => {
    await using server = serving(
      () => new Response(null, { status: 503, headers: { "retry-after": header } }),
    );
    expect(await post()(`http://crm.example:${server.port}/`, "{}", {})).toMatchObject({
      status: 503,
      retryAfterMs,
    });
  });
});
