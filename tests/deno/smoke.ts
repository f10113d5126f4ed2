// The page of a recorded call under Deno, through the viewer's own `fetch`: shows that what does not need Bun has none.
// Run by scripts/test.ts with npm's packages from node_modules and without leave to write, to start programs or to use
// the network. Deno does not check types here, nor does tsc (the Deno global is unknown to it): keep it plain.

import { bodyText } from "../../src/domain/event.ts";
import { recordKeys } from "../../src/domain/record.ts";
import { createViewerApp } from "../../src/pages/index.ts";

const secret = "0123456789abcdef0123456789abcdef";
const fixtures = new URL("../fixtures/calls/webhooks/", import.meta.url);

const recordsOf = async (scenario: string) =>
  (await Deno.readTextFile(new URL(`${scenario}.jsonl`, fixtures)))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ t, event, body }) => {
      const uniqueId = bodyText(body, "UniqueId");
      const raw = `2026-11-22 07:42:30,000|AST|${event}|${uniqueId}|${JSON.stringify(body)}`;
      return { kind: "AST", at: Math.round(t * 1000), event, uniqueId, body, raw };
    });

const openApp = async (scenario: string) => {
  const records = await recordsOf(scenario);
  const enterprise = {
    number: "0367",
    name: "Test",
    secret,
    active: true,
    webhookToken: "tok0367",
    botToken: null,
  };
  const app = createViewerApp({
    directory: {
      enterpriseByNumber: async (number: string) => (number === "0367" ? enterprise : undefined),
    },
    trace: {
      find: async (_enterprise: string, keys: readonly string[]) => ({
        records: records.filter((record) => recordKeys(record).some((key) => keys.includes(key))),
        faults: [],
      }),
    },
    clock: { now: () => (records.at(-1)?.at ?? 0) + 60_000 },
    log: {
      debug() {},
      info() {},
      warn() {},
      error: (text: string, fields: unknown) => console.error(text, fields),
    },
    lang: "en",
    timeZone: "Europe/Minsk",
    callTimeoutMs: 4 * 3600 * 1000,
    health: async () => ({ status: 200, body: { status: "ok" } }),
  });
  const get = (token: string, accept: string) =>
    app.fetch(
      new Request(`http://localhost/call/0367/${records[0].uniqueId}?token=${token}`, {
        headers: { accept },
      }),
    );
  const live = (uniqueId: string, signal: AbortSignal) => {
    // The call has not ended yet.
    records.splice(2);
    const path = `/call/0367/${uniqueId}/live?token=${secret}`;
    return app.fetch(new Request(`http://localhost${path}`, { signal }));
  };
  return { records, get, live };
};

const expectEqual = (found: unknown, wanted: unknown): void => {
  if (found !== wanted) throw new Error(`expected ${String(wanted)}, found ${String(found)}`);
};
const expectPart = (text: string, part: string): void => {
  if (!text.includes(part)) throw new Error(`expected ${part} in:\n${text.slice(0, 2000)}`);
};

Deno.test("a recorded call's page", async () => {
  const { records, get } = await openApp("in_answered");
  const response = await get(secret, "text/html");
  const page = await response.text();
  expectEqual(response.status, 200);
  expectPart(response.headers.get("content-type") ?? "", "text/html");
  expectPart(page, "<!doctype html>");
  expectPart(page, "</html>");
  expectPart(page, "151");
  expectPart(page, records[0].uniqueId);
});

Deno.test("the same call as JSON", async () => {
  const { records, get } = await openApp("xfer_blind");
  const response = await get(secret, "application/json");
  const answer = await response.json();
  expectEqual(response.status, 200);
  expectEqual(answer.call.direction, "incoming");
  expectEqual(answer.call.answeredBy.join(), "151,152");
  expectEqual(answer.records.length, records.length);
});

Deno.test("the news of a call that goes on", async () => {
  const { records, live } = await openApp("in_answered");
  const gone = new AbortController();
  const response = await live(records[0].uniqueId, gone.signal);
  expectEqual(response.status, 200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("event: call")) text += (await reader?.read())?.value ?? "";
  expectPart(text, "retry: 1000");
  expectPart(text, records[0].uniqueId);
  await reader?.cancel();
  gone.abort();
});

Deno.test("a wrong token", async () => {
  const { get } = await openApp("in_missed");
  const response = await get("wrong-token-of-some-length", "text/html");
  expectEqual(response.status, 403);
  await response.body?.cancel();
});
