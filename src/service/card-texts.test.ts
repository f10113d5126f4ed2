// A card as it is sent: names from a real service on record, and a button whose address opens the call's page.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assembled, CALL_TIMEOUT_MS, type Row, recordsOf, T0 } from "../../tests/support/calls.ts";
import { decideCard } from "../cards/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { recordKeys } from "../domain/record.ts";
import { silentLog } from "../lib/log.ts";
import { createMetadata } from "../metadata/index.ts";
import { createViewerApp } from "../pages/index.ts";
import { openTraceStore } from "../store/index.ts";
import { createButtons } from "./buttons.ts";
import { type CardWriterOptions, createCardWriter } from "./card-texts.ts";

const ENTERPRISE: Enterprise = {
  number: "0367",
  name: "Test",
  webhookToken: "tok0367",
  secret: "698c81fe16124c2e805f3a3a2ddedae0",
  botToken: null,
  active: true,
};
const DIAL: Row = [
  0,
  "dial",
  "1764500001.5",
  { Phone: "375296254070", CallType: 1, Trunk: "0001363", Extensions: ["151"] },
];
const PUBLIC_URL = "https://calls.example.test";
const clock = { now: () => T0 };
const directory = {
  enterpriseByNumber: async (number: string) => (number === "0367" ? ENTERPRISE : undefined),
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "calllog-cards-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const buttonsTo = (publicUrl: string | null, log = silentLog) =>
  createButtons({ config: { publicUrl, linkTtlMs: 86_400_000, lang: "ru" }, clock, log });

const writeCard = async (rows: readonly Row[], change: Partial<CardWriterOptions> = {}) => {
  const found = await assembled(recordsOf(rows), (rows[0] as Row)[2], T0);
  if (found === undefined) throw new Error("no call");
  const { card } = decideCard(found, { now: T0, callTimeoutMs: CALL_TIMEOUT_MS });
  if (card === undefined) throw new Error("no card");
  const trace = openTraceStore({ dir, clock });
  try {
    const write = createCardWriter({
      config: { lang: "ru", country: undefined },
      buttons: buttonsTo(PUBLIC_URL),
      directory,
      trace,
      metadata: undefined,
      log: silentLog,
      ...change,
    });
    return await write(found, card);
  } finally {
    await trace.close();
  }
};

describe("createCardWriter", () => {
  it("puts the names in and the requests for them on record", async () => {
    const service = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) =>
        url.includes("/customer-name/")
          ? Response.json({ name: "Иван | Петров" })
          : new Response(null, { status: 404 }),
    });
    try {
      const url = service.url.origin;
      const { plain } = await writeCard([DIAL], { metadata: createMetadata({ url, clock }) });
      expect(plain).toContain("Клиент: Иван | Петров");
      const lines = readFileSync(join(dir, "0367", "events.log"), "utf8")
        .trim()
        .split("\n");
      expect(lines.toSorted()).toEqual([
        `2025-11-30 12:00:00,000|HTTP|1764500001.5|GET|${url}/customer-name/0367/375296254070|200|{"phone":"375296254070"}|{"name":"Иван \\u007c Петров"}`,
        `2025-11-30 12:00:00,000|HTTP|1764500001.5|GET|${url}/metadata/0367/line/0001363|404|{"line":"0001363"}|""`,
        `2025-11-30 12:00:00,000|HTTP|1764500001.5|GET|${url}/metadata/0367/manager/151|404|{"extension":"151"}|""`,
      ]);
    } finally {
      await service.stop(true);
    }
  });

  it("has a button that opens the page of this call, and no secret in it", async () => {
    const { button } = await writeCard([DIAL]);
    expect(button?.text).toBe("📊 Детали звонка");
    expect(button?.url).toStartWith(`${PUBLIC_URL}/call/0367/1764500001.5?token=`);
    expect(button?.url).not.toContain(ENTERPRISE.secret);

    const records = recordsOf([DIAL]);
    const viewer = createViewerApp({
      directory,
      clock,
      log: silentLog,
      lang: "ru",
      timeZone: "UTC",
      callTimeoutMs: CALL_TIMEOUT_MS,
      secretLinks: "deny",
      trace: {
        find: async (_enterprise, keys) => ({
          records: records.filter((record) => recordKeys(record).some((key) => keys.includes(key))),
          faults: [],
        }),
      },
      health: async () => ({ status: 200, body: {} }),
    });
    const path = (button?.url ?? "").slice(PUBLIC_URL.length);
    expect((await viewer.handle(new Request(`http://localhost${path}`))).status).toBe(200);
  });

  it("gives internal calls no button", async () => {
    const internal: Row = [0, "dial", "1.1", { Phone: "150", CallType: 2, Extensions: ["151"] }];
    expect((await writeCard([internal])).button).toBeUndefined();
  });

  it("sends the card without what it cannot have", async () => {
    const away = {
      enterpriseByNumber: async () => {
        throw new Error("the database is away");
      },
    };
    const metadata = createMetadata({ url: "http://127.0.0.1:1", clock });
    const full = { append: () => Promise.reject(new Error("disk full")) };
    const card = await writeCard([DIAL], { directory: away, metadata, trace: full });
    expect(card.button).toBeUndefined();
    expect(card.plain).toBe("📞 Исходящий звонок\n☎️151 ➡️ 💰+375 29 625 40 70");
  });
});
