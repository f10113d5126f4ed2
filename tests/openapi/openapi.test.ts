// The OpenAPI document: valid, whole, and true of what the listeners really answer.

import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv2020 from "ajv/dist/2020";
import createClient from "openapi-fetch";
import type { CallRow } from "../../src/call/list/types.ts";
import type { Enterprise } from "../../src/domain/enterprise.ts";
import { recordKeys } from "../../src/domain/record.ts";
import { HOOK_EVENTS, hookBody } from "../../src/hooks/index.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openApiDocument } from "../../src/openapi/index.ts";
import { callJson, createViewerApp } from "../../src/pages/index.ts";
import { checkHealth } from "../../src/service/health.ts";
import { createWebhooksApp } from "../../src/sources/webhooks/index.ts";
import { assembled, CALL_TIMEOUT_MS, webhookRecords } from "../support/calls.ts";
import { callRow, memoryHistory } from "../support/memory-history.ts";
import type { paths } from "./client.gen.ts";
import { CLIENT_FILE, generateClient } from "./generate.ts";

const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";
const document = JSON.parse(JSON.stringify(openApiDocument("1.2.3")));

/** The same schemas, in which a field that is not told is a mistake. */
const strict = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const made = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, strict(value)]),
  );
  const isClosed = "properties" in schema && !("additionalProperties" in schema);
  return isClosed ? { ...made, additionalProperties: false } : made;
};

const ajv = new Ajv2020({
  strict: false,
  formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ },
});
ajv.addSchema({ $id: "calllog", components: strict(document.components) as object });
/** What is wrong with a value; nothing where it is what the schema tells. */
const mistakes = (name: string, value: unknown): unknown[] => {
  const check = ajv.getSchema(`calllog#/components/schemas/${name}`);
  if (check === undefined) throw new Error(`no schema ${name}`);
  check(JSON.parse(JSON.stringify(value)));
  return (check.errors ?? []).map(({ instancePath, message, params }) => ({
    instancePath,
    message,
    params,
  }));
};

const folder = new URL("../fixtures/calls/webhooks/", import.meta.url).pathname;
const scenarios = readdirSync(folder).map((name) => name.replace(".jsonl", ""));
const callOf = async (scenario: string) => {
  const records = webhookRecords(scenario);
  const found = await assembled(
    records,
    records.find(({ uniqueId }) => uniqueId !== "")?.uniqueId ?? "",
  );
  if (found === undefined) throw new Error(`no call in ${scenario}`);
  return found;
};

const RECORDS = webhookRecords("xfer_attended");
const UID = RECORDS[0]?.uniqueId ?? "";
const NOW = (RECORDS.at(-1)?.at ?? 0) + 1000;
const enterprise: Enterprise = {
  number: "0367",
  name: "ООО Ромашка",
  webhookToken: "tok0367",
  secret: SECRET,
  botToken: null,
  active: true,
};
const ROWS: readonly CallRow[] = [
  callRow({ startedAt: NOW - 60_000, uniqueId: "5.1", status: "talking", endedAt: null }),
  callRow({
    startedAt: NOW - 3_600_000,
    uniqueId: "4.1",
    status: "missed",
    answeredBy: [],
    talkMs: null,
  }),
  callRow({ startedAt: NOW - 7_200_000, uniqueId: "3.1", phone: null, status: "cancelled" }),
];

const health = () =>
  checkHealth({
    trace: { check: async () => ({ ok: true }) },
    directory: { check: async () => undefined },
    clock: { now: () => NOW },
    startedAt: NOW - 90_000,
    isNotifying: () => true,
    figures: async () => ({
      isTelegramDown: false,
      isMetadataDown: false,
      isArchiveFailing: false,
      archiveKept: 0,
      isArchiveUnreadable: false,
      isClusterAway: false,
      clusterLag: 0,
      isClusterFilling: false,
      isClusterStalled: false,
      isClusterUnequal: false,
      pbxsDropping: 0,
      celMissing: 0,
      queues: { calls: 0, waitingChats: 0, livePages: 0 },
    }),
  });

const viewer = createViewerApp({
  directory: { enterpriseByNumber: async (number) => (number === "0367" ? enterprise : undefined) },
  trace: {
    find: async (_, keys) => ({
      records: RECORDS.filter((record) => recordKeys(record).some((key) => keys.includes(key))),
      faults: [],
    }),
  },
  clock: { now: () => NOW },
  log: silentLog,
  lang: "ru",
  timeZone: "Europe/Minsk",
  callTimeoutMs: CALL_TIMEOUT_MS,
  history: memoryHistory(ROWS),
  health,
  metrics: async () => "",
  openapi: JSON.stringify(document),
});

const webhooks = createWebhooksApp({
  directory: {
    enterpriseByWebhookToken: async (token) => (token === "tok0367" ? enterprise : undefined),
  },
  trace: {
    append: async () => ({ at: NOW, duplicate: false }),
  },
  clock: { now: () => NOW },
  log: silentLog,
  maxBodyBytes: 1000,
  onRecorded: () => undefined,
  health,
});

/** `/call/:enterprise/:uniqueId` as the document writes it. */
const told = (path: string): string =>
  path.replace(":uniqueId", ":unique_id").replace(/:(\w+)/g, "{$1}");

describe("the document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect([result.valid, result.errors]).toEqual([true, undefined]);
    expect(validator.version).toBe("3.1");
  });

  it("has every path of both listeners, and no other", () => {
    // Not the operator's console: it is for people, stands before the pages' app, and promises programs nothing.
    expect(Object.keys(document.paths).filter((path) => path.startsWith("/console"))).toEqual([]);
    const routes = [...viewer.routes, ...webhooks.routes].filter(
      ({ method, path }) => (method === "GET" || method === "POST") && path !== "/*",
    );
    const real = new Set(routes.map(({ method, path }) => `${method} ${told(path)}`));
    const written = Object.entries<object>(document.paths).flatMap(([path, item]) =>
      ["get", "post"].flatMap((method) =>
        method in item ? [`${method.toUpperCase()} ${path}`] : [],
      ),
    );
    expect(written.sort()).toEqual([...real].sort());
  });

  it("has examples that are what its schemas tell", () => {
    const answers = (path: string) =>
      document.paths[path].get.responses[200].content["application/json"];
    for (const path of ["/call/{enterprise}/{unique_id}", "/calls/{enterprise}"]) {
      const { schema, example } = answers(path);
      expect(mistakes(schema.$ref.split("/").at(-1), example)).toEqual([]);
    }
  });

  it("is what GET /openapi.json answers", async () => {
    const answer = await viewer.handle(new Request("http://localhost/openapi.json"));
    expect(answer.headers.get("content-type")).toStartWith("application/json");
    expect(await answer.json()).toEqual(document);
  });
});

describe("what is answered", () => {
  it.each(scenarios)("the call %s", async (scenario) => {
    expect(mistakes("CallAnswer", callJson(await callOf(scenario)))).toEqual([]);
  });

  it.each(scenarios)("webhooks of %s", async (scenario) => {
    const found = await callOf(scenario);
    for (const type of HOOK_EVENTS) {
      const message = { id: "msg_1", type, uniqueId: UID, at: NOW, knownAt: NOW };
      expect(mistakes("HookBody", JSON.parse(hookBody(message, found, undefined, null)))).toEqual(
        [],
      );
    }
  });

  const get = (path: string) =>
    viewer.handle(
      new Request(`http://localhost${path}`, { headers: { accept: "application/json" } }),
    );

  it.each([
    [`/call/0367/${UID}?token=${SECRET}`, 200, "CallAnswer"],
    [`/call/0367/${UID}?token=wrong`, 403, "Error"],
    [`/call/0367/9.9?token=${SECRET}`, 404, "Error"],
    [`/call/03%2067/${UID}?token=${SECRET}`, 400, "Error"],
    [`/calls/0367?token=${SECRET}`, 200, "CallsAnswer"],
    [`/calls/0367?token=${SECRET}&result=missed&limit=1`, 200, "CallsAnswer"],
    [`/calls/0367?token=${SECRET}&result=nonsense`, 400, "Error"],
    ["/health", 200, "Health"],
  ])("GET %s: %i", async (path, status, schema) => {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    const { pathname } = new URL(path, "http://localhost");
    const name = pathname.startsWith("/calls/")
      ? "/calls/{enterprise}"
      : pathname.startsWith("/call/")
        ? "/call/{enterprise}/{unique_id}"
        : pathname;
    const { responses } = document.paths[name].get;
    expect(responses[status].content["application/json"].schema.$ref).toEndWith(`/${schema}`);
    expect(mistakes(schema, await answer.json())).toEqual([]);
  });

  const post = (path: string, body: string) =>
    webhooks.handle(new Request(`http://localhost${path}`, { method: "POST", body }));
  const event = { Token: "tok0367", UniqueId: "1.1", Phone: "375291112233" };

  it.each([
    ["/start", JSON.stringify(event), 200, "Recorded"],
    ["/events/hold", JSON.stringify(event), 200, "Recorded"],
    ["/start", JSON.stringify({ ...event, Token: "other" }), 401, "Error"],
    ["/start", "", 400, "Error"],
    ["/start", JSON.stringify({ ...event, more: "x".repeat(2000) }), 413, "Error"],
    ["/nothing", JSON.stringify(event), 404, "Error"],
  ])("POST %s %#: %i", async (path, body, status, schema) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(status);
    expect(document.paths["/start"].post.responses[status]).toBeDefined();
    expect(mistakes(schema, await answer.json())).toEqual([]);
    expect(mistakes("Event", event)).toEqual([]);
  });

  it("finds a field that the schema does not tell, and one that is missing", async () => {
    const answer = callJson(await callOf("in_answered"));
    expect(mistakes("CallAnswer", { ...answer, more: 1 })).toHaveLength(1);
    expect(
      mistakes("CallAnswer", { ...answer, call: { ...answer.call, phone: undefined } }),
    ).toHaveLength(1);
  });
});

describe("a client made of it", () => {
  it("is made of the document as it is now (bun run tests/openapi/generate.ts)", async () => {
    expect(readFileSync(CLIENT_FILE, "utf8")).toBe(await generateClient());
  }, 20_000);

  it("reads a call and the list", async () => {
    const client = createClient<paths, "application/json">({
      baseUrl: "http://localhost",
      headers: { accept: "application/json" },
      fetch: (request) => viewer.handle(request),
    });
    const path = { enterprise: "0367", unique_id: UID };
    const { data } = await client.GET("/call/{enterprise}/{unique_id}", {
      params: { path, query: { token: SECRET } },
    });
    expect([data?.call.status, data?.call.answeredBy]).toEqual(["answered", ["151", "152"]]);
    expect(data?.records.length).toBe(RECORDS.length);
    const calls = await client.GET("/calls/{enterprise}", {
      params: { path: { enterprise: "0367" }, query: { token: SECRET, result: "missed" } },
    });
    expect(calls.data?.calls.map(({ uniqueId }) => uniqueId)).toEqual(["4.1", "3.1"]);
    const refused = await client.GET("/call/{enterprise}/{unique_id}", {
      params: { path, query: { token: "wrong" } },
    });
    expect(refused.error?.error.code).toBe("forbidden");
  });
});
