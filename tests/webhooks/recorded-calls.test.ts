// Calls recorded from a real Asterisk, posted as they were: raw bodies and headers of CURL() hooks, and the events
// of the manager interface. Every one is recorded, in order, with the body it had.

import { describe, expect, it } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EventBody } from "../../src/domain/event.ts";
import type { RecordToWrite } from "../../src/domain/record.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createWebhooksApp, type RecordedEvent } from "../../src/sources/webhooks/index.ts";
import type { TraceStore } from "../../src/store/types.ts";
import { ENTERPRISE } from "../support/enterprise.ts";

const fixtures = join(import.meta.dir, "../fixtures/calls");

type Posted = {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly text: string;
};

const linesOf = async <Line>(folder: string, file: string): Promise<Line[]> =>
  (await readFile(join(fixtures, folder, file), "utf8"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

const hooksOf = async (file: string): Promise<Posted[]> => {
  type Line = { path: string; headers: { [name: string]: string }; body: string };
  return (await linesOf<Line>("curl", file)).map(({ path, headers, body }) => ({
    path,
    headers,
    text: body,
  }));
};

const eventsOf = async (file: string): Promise<Posted[]> =>
  (await linesOf<{ event: string; body: EventBody }>("webhooks", file)).map(({ event, body }) => ({
    path: `/${event}`,
    headers: { "content-type": "application/json" },
    text: JSON.stringify(body),
  }));

const listener = (trace: Pick<TraceStore, "append">) => {
  const told: RecordedEvent[] = [];
  const app = createWebhooksApp({
    directory: {
      enterpriseByWebhookToken: async (token) => (token === "tok0367" ? ENTERPRISE : undefined),
    },
    trace,
    log: silentLog,
    clock: { now: () => 1_795_333_400_000 },
    maxBodyBytes: 262_144,
    health: () => ({ status: 200, body: {} }),
    onRecorded: (event) => void told.push(event),
  });
  const post = async ({ path, headers, text }: Posted): Promise<number> => {
    const url = `http://localhost${path}`;
    return (await app.handle(new Request(url, { method: "POST", headers, body: text }))).status;
  };
  return { post, told };
};

/** What the recorded body says, whatever is broken in it. */
const uniqueIdIn = (text: string): string => /"UniqueId":"([^"]*)"/.exec(text)?.[1] ?? "none";

const tryParse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

for (const [folder, read] of [
  ["curl", hooksOf],
  ["webhooks", eventsOf],
] as const) {
  describe(`recorded calls: ${folder}`, async () => {
    for (const file of (await readdir(join(fixtures, folder))).sort()) {
      it(file, async () => {
        const records: RecordToWrite[] = [];
        const { post } = listener({
          async append(number, record) {
            expect(number).toBe("0367");
            records.push(record);
            return { at: 0, duplicate: false };
          },
        });
        const posted = await read(file);
        expect(posted.length).toBeGreaterThan(0);
        for (const one of posted) expect(await post(one)).toBe(200);
        expect(records).toHaveLength(posted.length);
        for (const [i, { path, text }] of posted.entries()) {
          const record = records[i];
          if (record?.kind !== "AST") throw new Error("no event recorded");
          expect(record.event).toBe(path.slice(1));
          expect(record.uniqueId).toBe(uniqueIdIn(text));
          const body = tryParse(text);
          if (body === undefined) expect(record.body["_raw"]).toBe(text);
          else expect(JSON.stringify(record.body)).toBe(JSON.stringify(body));
        }
      });
    }
  });
}

describe("the hook with a quoted caller name", () => {
  it("is salvaged with all it said", async () => {
    const records: RecordToWrite[] = [];
    const { post } = listener({
      async append(_, record) {
        records.push(record);
        return { at: 0, duplicate: false };
      },
    });
    for (const one of await hooksOf("name_quotes.jsonl")) await post(one);
    await new Promise((done) => setImmediate(done));
    const isSalvaged = records.map((record) => record.kind === "AST" && "_raw" in record.body);
    expect(isSalvaged).toEqual([false, true, false, false]);
    expect(records[1]).toMatchObject({
      uniqueId: "1795333366.1429",
      body: {
        Event: "start",
        CallerIDName: 'ООО "Ромашка" | a, b; c',
        Phone: "375295305942",
        Exten: "375170000210",
        Trunk: "mts",
        Token: "tok0367",
        StartTime: "2026-11-22 07:42:46",
      },
    });
  });
});
