// The listener over the real log engine: what was posted stands in the file, one line an event, readable again.

import { afterEach, describe, expect, it } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { idKey } from "../../src/domain/record.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createWebhooksApp, type RecordedEvent } from "../../src/sources/webhooks/index.ts";
import { openTraceStore } from "../../src/store/index.ts";
import { ENTERPRISE } from "../support/enterprise.ts";

const clock = { now: () => Date.parse("2025-11-30T09:08:42.025Z") };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const setUp = () => {
  const dir = mkdtempSync(join(tmpdir(), "calllog-webhooks-"));
  const trace = openTraceStore({ dir, clock });
  closers.push(async () => {
    await trace.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const told: RecordedEvent[] = [];
  const app = createWebhooksApp({
    directory: {
      enterpriseByWebhookToken: async (token) => (token === "tok0367" ? ENTERPRISE : undefined),
    },
    trace,
    log: silentLog,
    clock,
    maxBodyBytes: 262_144,
    health: () => ({ status: 200, body: {} }),
    onRecorded: (event) => void told.push(event),
  });
  const post = async (path: string, body: string): Promise<number> =>
    (await app.handle(new Request(`http://localhost${path}`, { method: "POST", body }))).status;
  const lines = (): string[] =>
    readFileSync(join(dir, "0367", "events.log"), "utf8")
      .split("\n")
      .slice(0, -1);
  return { trace, post, lines, told };
};

describe("an answered event", () => {
  it("stands in the file as it came", async () => {
    const { post, lines } = setUp();
    const body = '{"CallStatus":"0","Phone":"375295305942","Token":"tok0367","UniqueId":"1.61"}';
    expect(await post("/hangup", body)).toBe(200);
    expect(lines()).toEqual([`2025-11-30 09:08:42,025|AST|hangup|1.61|${body}`]);
  });

  it("is one line and found again, however hostile", async () => {
    const { trace, post, lines } = setUp();
    const ids = '"Token":"tok0367","UniqueId":"1.1"';
    const hostile = [
      `{${ids},"Name":"a|b\\n2025-11-30 09:08:42,025|AST|hangup|1.1|{}\\u0000\u2028"}`,
      `{${ids},"Name":"ООО "Роза"\r\n|\u0000","Exten":"210"}`,
      `{${ids},"Name":"\\ud800"}`,
      `{${ids},"Deep":${"[".repeat(100_000)}`,
      `{${ids},"Long":"${"\u0001".repeat(260_000)}`,
      `{${ids},"Long":"${"\u0001".repeat(260_000)}"}`,
      `{${ids},"Long":"${"\\".repeat(260_000)}`,
    ];
    for (const body of hostile) expect(await post("/start", body)).toBe(200);
    expect(lines()).toHaveLength(hostile.length);
    const { records, faults } = await trace.find("0367", [idKey("1.1")]);
    expect(faults).toEqual([]);
    expect(records).toHaveLength(hostile.length);
  });

  it("with an EventId stands there once, also when it comes twice at once", async () => {
    const { post, lines, told } = setUp();
    const body = '{"Token":"tok0367","UniqueId":"1.1","EventId":12345678901234567891}';
    const other = '{"Token":"tok0367","UniqueId":"1.1","EventId":12345678901234567892}';
    const answers = await Promise.all([body, body, other, body].map((text) => post("/dial", text)));
    expect(answers).toEqual([200, 200, 200, 200]);
    expect(lines()).toHaveLength(2);
    await new Promise((done) => setImmediate(done));
    expect(told).toHaveLength(2);
  });
});
