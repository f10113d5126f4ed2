// The listener through its routes: statuses, order of checks, what reaches the trace and whom it is told. The trace
// is a list here; the real one is in tests/webhooks.

import { afterEach, describe, expect, it } from "bun:test";
import type { Enterprise } from "../../domain/enterprise.ts";
import type { RecordToWrite } from "../../domain/record.ts";
import { type LogFields, silentLog } from "../../lib/log.ts";
import { createIntakeCounters, createWebhooksApp, type RecordedEvent } from "./index.ts";

const enterprise = (number: string, webhookToken: string, active = true): Enterprise => ({
  number,
  name: null,
  webhookToken,
  secret: `secret-of-${number}`,
  botToken: null,
  active,
});

const enterprises = [
  enterprise("0367", "tok0367"),
  enterprise("0999", "tok0999"),
  enterprise("0400", "tok0400", false),
];

type Written = { readonly enterprise: string; readonly record: RecordToWrite };

const setUp = ({ maxBodyBytes = 262_144, metrics = true } = {}) => {
  const written: Written[] = [];
  const told: RecordedEvent[] = [];
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const keys = new Set<string>();
  const state = {
    nowMs: 1_764_500_000_000,
    traceError: undefined as Error | undefined,
    directoryError: undefined as Error | undefined,
    onRecorded: (event: RecordedEvent): void | Promise<void> => void told.push(event),
    gate: Promise.resolve(),
  };
  const counters = createIntakeCounters();
  const log = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const app = createWebhooksApp({
    directory: {
      async enterpriseByWebhookToken(token) {
        if (state.directoryError) throw state.directoryError;
        return enterprises.find(({ webhookToken }) => webhookToken === token);
      },
    },
    trace: {
      async append(number, record, options) {
        await state.gate;
        if (state.traceError) throw state.traceError;
        const duplicate = options?.onceKey !== undefined && keys.has(options.onceKey);
        if (options?.onceKey !== undefined) keys.add(options.onceKey);
        if (!duplicate) written.push({ enterprise: number, record });
        return { at: state.nowMs, duplicate };
      },
    },
    log: { ...silentLog, warn: log, error: log },
    clock: { now: () => state.nowMs },
    maxBodyBytes,
    counters,
    health: () => ({ status: 503, body: { status: "failing" } }),
    ...(metrics ? { metrics: () => "calllog_up 1\n" } : {}),
    onRecorded: (event) => state.onRecorded(event),
  });
  const ask = (method: string, path: string, body?: BodyInit, headers = {}): Promise<Response> =>
    app.handle(
      new Request(`http://localhost${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
    );
  const post = (path: string, body: BodyInit, headers = {}) => ask("POST", path, body, headers);
  return { app, state, written, told, logged, counters, ask, post };
};

/** Events are told behind the answer, in a later turn of the loop. */
const nextTurn = (): Promise<void> => new Promise((done) => setImmediate(done));

const errorOf = async (response: Response): Promise<string> => {
  const body = (await response.json()) as { error: { code: string; message: string } };
  expect(Object.keys(body)).toEqual(["error"]);
  expect(Object.keys(body.error)).toEqual(["code", "message"]);
  expect(body.error.message).not.toBe("");
  expect(response.headers.get("content-type")).toBe("application/json");
  return `${response.status} ${body.error.code}`;
};

const event = { Token: "tok0367", UniqueId: "1764500001.27", Phone: "375291112233" };
const text = JSON.stringify(event);
const formType = { "content-type": "application/x-www-form-urlencoded" };

describe("an event", () => {
  const paths = [
    "/start",
    "/dial",
    "/bridge",
    "/bridge_create",
    "/bridge_leave",
    "/bridge_destroy",
    "/hangup",
    "/new_callerid",
  ];
  for (const path of [...paths, ...paths.map((path) => `/events${path}`), "/events/parked_call"]) {
    it(`is recorded at ${path}`, async () => {
      const { post, written, told, counters } = setUp();
      const name = path.slice(path.lastIndexOf("/") + 1);
      const response = await post(path, text, formType);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('{"status":"ok"}');
      expect(response.headers.get("content-type")).toBe("application/json");
      const record = { kind: "AST", event: name, uniqueId: "1764500001.27", body: event } as const;
      expect(written).toEqual([{ enterprise: "0367", record }]);
      await nextTurn();
      expect(told).toEqual([
        {
          enterprise: enterprises[0] as Enterprise,
          record,
          at: 1_764_500_000_000,
        },
      ]);
      const label = name === "parked_call" ? "other" : (name as "dial");
      expect(counters.events[label].recorded).toBe(1);
    });
  }

  it("is answered only after its line is written", async () => {
    const { post, state } = setUp();
    let open = (): void => undefined;
    state.gate = new Promise((done) => {
      open = done;
    });
    let answered = false;
    const answer = post("/dial", text).then((response) => {
      answered = true;
      return response;
    });
    await nextTurn();
    expect(answered).toBe(false);
    open();
    expect((await answer).status).toBe(200);
  });

  it("takes its token from the header where the body has none, and does not add it", async () => {
    const { post, written } = setUp();
    expect((await post("/dial", '{"UniqueId":"1.1"}', { Token: "tok0999" })).status).toBe(200);
    expect(written).toEqual([
      {
        enterprise: "0999",
        record: { kind: "AST", event: "dial", uniqueId: "1.1", body: { UniqueId: "1.1" } },
      },
    ]);
  });

  it("with an EventId is recorded once", async () => {
    const { post, written, told, counters } = setUp();
    const once = JSON.stringify({ ...event, EventId: "e-1" });
    expect((await post("/dial", once)).status).toBe(200);
    const again = await post("/dial", once);
    expect(again.status).toBe(200);
    expect(await again.text()).toBe('{"status":"ok"}');
    await nextTurn();
    expect(written).toHaveLength(1);
    expect(told).toHaveLength(1);
    expect(counters.repeats).toBe(0);
    expect(counters.events.dial).toMatchObject({ recorded: 1, duplicate: 1 });
  });

  it("without one that comes twice is recorded twice and counted", async () => {
    const { post, written, counters, state } = setUp();
    await Promise.all([post("/dial", text), post("/dial", text)]);
    state.nowMs += 60_001;
    await post("/dial", text);
    await nextTurn();
    expect(written).toHaveLength(3);
    expect(counters.repeats).toBe(1);
  });

  it("in broken JSON is salvaged, marked and counted", async () => {
    const { post, written, counters } = setUp();
    const broken = `{"Token":"tok0367","UniqueId":"1.1","CallerIDName":"ООО "Роза"","Exten":"210"}`;
    expect((await post("/start", broken)).status).toBe(200);
    await nextTurn();
    expect(written[0]?.record).toMatchObject({
      uniqueId: "1.1",
      body: { CallerIDName: 'ООО "Роза"', Exten: "210", _raw: broken },
    });
    expect(counters.salvaged).toBe(1);
  });

  it("is not harmed by who is told of it", async () => {
    const { post, state, told, logged } = setUp();
    const failures = [
      (): void => {
        throw new Error("broken ear");
      },
      () => Promise.reject(new Error("broken promise")),
    ];
    for (const fail of failures) {
      state.onRecorded = fail;
      expect((await post("/dial", text)).status).toBe(200);
      await nextTurn();
    }
    expect(logged.map(({ fields }) => String(fields?.["error"]))).toEqual([
      "Error: broken ear",
      "Error: broken promise",
    ]);
    state.onRecorded = (recorded) => void told.push(recorded);
    await post("/hangup", text);
    await nextTurn();
    expect(told).toHaveLength(1);
  });
});

describe("whose an event is", () => {
  it("is somebody active, or 401", async () => {
    const { post, written } = setUp();
    for (const token of [
      "tok0001",
      "tok0400",
      "tok 0367",
      "' or 1=1",
      "../0367",
      "x".repeat(500),
    ]) {
      const response = await post("/dial", JSON.stringify({ ...event, Token: token }));
      expect(await errorOf(response)).toBe("401 unknown_token");
    }
    expect(written).toEqual([]);
  });

  it("is decided before anything else is wrong", async () => {
    const { post } = setUp();
    const wrong = { UniqueId: "a/b", EventId: "a b" };
    const of = async (token: string) =>
      errorOf(await post("/dial", JSON.stringify({ ...wrong, Token: token })));
    expect(await of("tok0001")).toBe("401 unknown_token");
    expect(await of("tok0367")).toBe("400 bad_unique_id");
    expect(await errorOf(await post("/dial", JSON.stringify(wrong)))).toBe("400 missing_token");
    expect(await errorOf(await post("/dial", "[]", { token: "tok0001" }))).toBe(
      "401 unknown_token",
    );
    expect(await errorOf(await post("/dial", "[]", { token: "tok0367" }))).toBe("400 bad_body");
  });

  it("cannot be forged by a caller's name", async () => {
    const { post, written } = setUp();
    const named = (name: string): string =>
      `{"UniqueId":"1.1","CallerIDName":"${name}","Token":"tok0367"}`;
    expect((await post("/dial", named('x","Token":"tok0001","A":"'))).status).toBe(200);
    expect(written.map((line) => line.enterprise)).toEqual(["0367"]);
    const both = await post("/dial", named('x","Token":"tok0999","A":"'));
    expect(await errorOf(both)).toBe("400 ambiguous_token");
    const many = Array.from({ length: 9 }, (_, i) => `","Token":"tok000${i}`).join("");
    expect(await errorOf(await post("/dial", named(`x${many}`)))).toMatch(/^40[01] /);
    expect(written).toHaveLength(1);
  });
});

describe("an event that cannot be recorded", () => {
  it("is answered 503 while the trace fails, and is no repeat afterwards", async () => {
    const { post, state, told, counters, logged } = setUp();
    state.traceError = new Error("no space left");
    for (let i = 0; i < 3; i++) {
      const response = await post("/dial", text);
      expect(response.headers.get("retry-after")).toBe("5");
      expect(await errorOf(response)).toBe("503 trace_unavailable");
    }
    expect(logged).toHaveLength(1);
    state.traceError = undefined;
    expect((await post("/dial", text)).status).toBe(200);
    await nextTurn();
    expect(told).toHaveLength(1);
    expect(counters.repeats).toBe(0);
    expect(counters.events.dial).toMatchObject({ recorded: 1, unavailable: 3 });
  });

  it("is answered 503 while the directory cannot be asked", async () => {
    const { post, state, written } = setUp();
    state.directoryError = new Error("postgres://user:hunter2@db refused");
    const response = await post("/dial", text);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(await response.clone().text()).not.toContain("hunter2");
    expect(await errorOf(response)).toBe("503 directory_unavailable");
    expect(written).toEqual([]);
  });
});

describe("a body", () => {
  it("over the limit is answered 413, exactly", async () => {
    const { post, written } = setUp({ maxBodyBytes: 200 });
    const sized = (size: number): string =>
      text.replace('"375', `"${" ".repeat(size - text.length)}375`);
    expect((await post("/dial", sized(200))).status).toBe(200);
    expect(await errorOf(await post("/dial", sized(201)))).toBe("413 too_large");
    expect(written).toHaveLength(1);
  });

  it("of one megabyte is not read to its end", async () => {
    const { post } = setUp();
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    expect(await errorOf(await post("/dial", endless))).toBe("413 too_large");
    expect(pulled).toBeLessThan(10);
    const declared = await post("/dial", "{}", { "content-length": "1000000" });
    expect(await errorOf(declared)).toBe("413 too_large");
  });

  it("that breaks off is answered 400", async () => {
    const { post } = setUp();
    const broken = new ReadableStream({
      start(controller) {
        controller.error(new Error("connection reset"));
      },
    });
    expect(await errorOf(await post("/dial", broken))).toBe("400 bad_body");
  });

  const marker = "s3ntinel";
  const hostile: [string, BodyInit, number][] = [
    ["control characters", JSON.stringify({ ...event, Name: "\u0000\u0007\u001b[2J\u007f" }), 200],
    ["line separators", JSON.stringify({ ...event, Name: "\u2028\u2029\u0085" }), 200],
    ["lone surrogates", `{"Token":"tok0367","UniqueId":"1.1","Name":"\\ud800","\\udfff":1}`, 200],
    [
      "raw control characters",
      `{"Token":"tok0367","UniqueId":"1.1","Name":"\u0000\u0001\n\r"}`,
      200,
    ],
    ["a pipe and a line break", JSON.stringify({ ...event, Phone: "a|b\n2025|AST|x" }), 200],
    ["a pipe in the unique id", JSON.stringify({ ...event, UniqueId: `1|${marker}` }), 400],
    ["a path in the unique id", JSON.stringify({ ...event, UniqueId: `../${marker}` }), 400],
    ["a line break in the unique id", JSON.stringify({ ...event, UniqueId: `1\n${marker}` }), 400],
    ["an array", JSON.stringify([event, marker]), 400],
    ["a string", JSON.stringify(marker), 400],
    ["a number", "12345", 400],
    ["nothing", "", 400],
    ["gzip", new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56]), 400],
    ["polluting keys", `{"__proto__":{"a":1},"Token":"tok0367","UniqueId":"1.1"}`, 200],
    ["markup", JSON.stringify({ ...event, Token: `<script>${marker}</script>` }), 401],
  ];
  for (const [name, body, status] of hostile) {
    it(`with ${name} is answered ${status}`, async () => {
      const { post, written, logged } = setUp();
      const response = await post("/dial", body);
      expect(response.status).toBe(status);
      expect(await response.text()).not.toContain(marker);
      expect(JSON.stringify(logged)).not.toContain(marker);
      expect(written).toHaveLength(status === 200 ? 1 : 0);
      for (const { record } of written) {
        const line = JSON.stringify(record);
        expect(line).not.toMatch(/[\n\r\0]/);
        expect(JSON.parse(line)).toEqual(record);
      }
    });
  }
});

describe("another path or method", () => {
  const cases: [string, string, number, string | null][] = [
    ["GET", "/start", 405, "POST"],
    ["PUT", "/hangup", 405, "POST"],
    ["DELETE", "/hangup/", 405, "POST"],
    ["OPTIONS", "/dial", 405, "POST"],
    ["GET", "/events/dial", 405, "POST"],
    ["POST", "/health", 405, "GET, HEAD"],
    ["POST", "/metrics", 405, "GET, HEAD"],
    ["GET", "/", 404, null],
    ["POST", "/", 404, null],
    ["POST", "/parked_call", 404, null],
    ["POST", "/events/", 404, null],
    ["POST", "/events/Dial", 404, null],
    ["POST", "/events/a", 404, null],
    ["POST", `/events/${"a".repeat(33)}`, 404, null],
    ["POST", "/events/a%2fb", 404, null],
    ["POST", "/events/%zz", 404, null],
    ["POST", "/events/dial/x", 404, null],
    ["POST", "/__proto__", 404, null],
    ["POST", "/start%0a", 404, null],
  ];
  for (const [method, path, status, allow] of cases) {
    it(`${method} ${path} is answered ${status}`, async () => {
      const { ask, written } = setUp();
      const response = await ask(method, path, method === "GET" ? undefined : text);
      expect(response.headers.get("allow")).toBe(allow);
      expect(await errorOf(response)).toBe(
        status === 405 ? "405 method_not_allowed" : "404 not_found",
      );
      expect(written).toEqual([]);
    });
  }

  it("GET /health says what it is told", async () => {
    const response = await setUp().ask("GET", "/health");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: "failing" });
  });

  it("GET /metrics is there where there are metrics", async () => {
    const response = await setUp().ask("GET", "/metrics");
    expect(response.headers.get("content-type")).toStartWith("text/plain");
    expect(await response.text()).toBe("calllog_up 1\n");
    expect((await setUp({ metrics: false }).ask("GET", "/metrics")).status).toBe(404);
  });
});

describe("served by Bun", () => {
  const servers: { stop(force: boolean): Promise<void> }[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop(true);
  });
  const serve = (app: { fetch: (request: Request) => Response | Promise<Response> }) => {
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      maxRequestBodySize: 1_000_000,
      fetch: (request) => app.fetch(request),
    });
    servers.push(server);
    return server.url.origin;
  };

  it("reads bodies of known and of unknown length, and refuses both when too long", async () => {
    const { app, written } = setUp();
    const origin = serve(app);
    const chunked = (body: string): ReadableStream =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(body.slice(0, 20)));
          controller.enqueue(new TextEncoder().encode(body.slice(20)));
          controller.close();
        },
      });
    const send = (body: BodyInit) => fetch(`${origin}/start`, { method: "POST", body });
    expect((await send(text)).status).toBe(200);
    expect((await send(chunked(text))).status).toBe(200);
    expect(await errorOf(await send("x".repeat(300_000)))).toBe("413 too_large");
    expect(await errorOf(await send(chunked("x".repeat(300_000))))).toBe("413 too_large");
    expect(written).toHaveLength(2);
  });
});

describe("events that are sent where none are taken", () => {
  const SENT: readonly (readonly [method: string, path: string, status: number, meant: string])[] =
    [
      ["POST", "/Start", 404, "start"],
      ["POST", "//start", 404, "start"],
      ["POST", "/start.php", 404, "start"],
      ["POST", "/api/HANGUP", 404, "hangup"],
      ["POST", "/bridge-leave", 404, "bridge_leave"],
      ["POST", "/events/Dial", 404, "dial"],
      ["POST", "/", 404, "other"],
      ["POST", "/voicemail", 404, "other"],
      ["GET", "/dial", 405, "dial"],
      ["PUT", "/events/hold", 405, "hold"],
    ];
  for (const [method, path, status, meant] of SENT) {
    it(`${method} ${path}: ${status}, counted and told as ${meant}`, async () => {
      const { app, counters, logged } = setUp();
      const answer = await app.handle(
        new Request(`http://localhost${path}?token=t0psecret`, { method }),
      );
      expect(answer.status).toBe(status);
      expect(counters.events[meant as "start"].misdirected).toBe(1);
      expect(logged.map(({ message }) => message)).toEqual([
        "an event was sent where none is taken, and is not recorded",
      ]);
      expect(logged[0]?.fields).toMatchObject({ method, path });
      expect(JSON.stringify(logged)).not.toContain("t0psecret");
    });
  }

  it("is told once a minute, and counted each time", async () => {
    const { app, counters, logged, state } = setUp();
    for (let index = 0; index < 50; index += 1) {
      await app.handle(new Request(`http://localhost/nowhere-${index}`, { method: "POST" }));
    }
    expect([logged.length, counters.events.other.misdirected]).toEqual([1, 50]);
    state.nowMs += 60_000;
    await app.handle(new Request("http://localhost/nowhere", { method: "POST" }));
    expect(logged[1]?.fields).toMatchObject({ unsaid: 49 });
  });

  it("is not what a browser that looks for something does", async () => {
    const { app, counters, logged } = setUp();
    for (const path of ["/", "/favicon.ico", "/calls/0367", "/robots.txt"]) {
      await app.handle(new Request(`http://localhost${path}`));
    }
    expect([logged.length, counters.events.other.misdirected]).toEqual([0, 0]);
  });
});
