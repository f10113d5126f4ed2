// The built program under bodies, addresses and connections that mean it harm. What is posted must come back as it was
// written, on one line, or be refused with a reason; the program goes on answering whatever else is tried.

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeLine } from "../../src/store/format/codec.ts";
import { addEnterprise, type RunningBinary, startBinary } from "../support/binary.ts";
import { checkFiles } from "../support/fuzz-files.ts";
import { residentBytes } from "../support/memory.ts";

const known = {
  number: "0367",
  webhookToken: "hostile-webhook-token",
  secret: "hostile-page-secret-0123456789",
};
const MIB = 1024 * 1024;

let cwd = "";
let server: RunningBinary;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "calllog-hostile-"));
  await addEnterprise(known, { cwd });
  // Room for a megabyte in one field, with every character escaped.
  server = await startBinary(["--max-body-bytes", "8MiB", "--log-level", "debug"], { cwd });
});
afterAll(async () => {
  await server.stop();
  rmSync(cwd, { recursive: true, force: true });
});

let nextId = 0;
const newId = (): string => `1764500000.${nextId++}`;

const post = (body: BodyInit, path = "/start", headers: Record<string, string> = {}) =>
  fetch(server.webhooksUrl + path, {
    method: "POST",
    body,
    headers,
    signal: AbortSignal.timeout(20_000),
  });
const page = (path: string, accept = "application/json") =>
  fetch(server.pagesUrl + path, { headers: { accept }, signal: AbortSignal.timeout(20_000) });
const pathOf = (uniqueId: string) => `/call/${known.number}/${uniqueId}?token=${known.secret}`;
const lines = (): string[] =>
  readFileSync(join(cwd, "call_tracer", known.number, "events.log"), "utf8")
    .split("\n")
    .slice(0, -1);
/** The body of the one line of a unique id, as it is read back. */
const bodyOf = (uniqueId: string): unknown => {
  const found = lines().filter((line) => line.split("|")[3] === uniqueId);
  expect(found).toHaveLength(1);
  const record = decodeLine(found[0] ?? "");
  return record.ok && record.value.kind === "AST" ? record.value.body : record;
};

const HOSTILE: readonly (readonly [string, string])[] = [
  ["bars", "a|b||c"],
  ["line breaks", "a\nb\r\nc\rd\u0085e\u000bf\fg"],
  ["a forged line", "x\n2025-11-30 09:08:42,025|AST|hangup|1.1|{}"],
  ["U+2028 and U+2029", "a\u2028b\u2029c"],
  ["NUL", "a\0b"],
  ["control characters", "\u0001\u001b[2J\u007f\u009b"],
  ["a lone high surrogate", "a\ud800b"],
  ["a lone low surrogate", "a\udfffb"],
  ["a byte order mark", "\ufeffx"],
  ["markup", '<script>alert(1)</script><img src=x onerror="alert(2)">'],
  ["SVG", '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(3)">'],
  ["quotes and backslashes", `"'\\\\"\\u0000\\`],
  ["direction marks", "\u202eabc\u2066"],
  ["a traversal", "../../../../etc/passwd"],
  ["a header", "x\r\nSet-Cookie: a=b\r\n\r\n<html>"],
];

const FIELDS = [
  "Phone",
  "Trunk",
  "CallerIDName",
  "CallerIDNum",
  "ConnectedLineName",
  "Channel",
  "Exten",
  "Context",
  "BridgeUniqueid",
  "Linkedid",
  "ChanUniqueId",
  "CallType",
  "CallStatus",
  "DateReceived",
  "StartTime",
  "EndTime",
  "EventTime",
  "Extensions",
  "constructor",
  "hasOwnProperty",
];

describe("text in the fields of a body", () => {
  for (const [name, text] of HOSTILE) {
    it(`comes back as it was sent: ${name}`, async () => {
      const UniqueId = newId();
      const body = {
        Token: known.webhookToken,
        UniqueId,
        ...Object.fromEntries(FIELDS.map((field) => [field, text])),
      };
      expect((await post(JSON.stringify(body))).status).toBe(200);
      expect(bodyOf(UniqueId)).toEqual(body);
      const html = await (await page(pathOf(UniqueId), "text/html")).text();
      expect(html).toStartWith("<!doctype html>");
      for (const live of [
        "<script>alert",
        "<img",
        '<svg xmlns="http://www.w3.org/2000/svg" onload',
      ]) {
        expect(html.replace(/="[^"]*"/g, "")).not.toContain(live);
      }
      expect(html).not.toContain(known.webhookToken);
      const json = await page(pathOf(UniqueId));
      expect(json.status).toBe(200);
      expect([...json.headers.keys()]).not.toContain("set-cookie");
    });
  }

  it("comes back as it was sent, or is refused with a reason: a megabyte in each field in turn", async () => {
    for (const field of [
      "Phone",
      "CallerIDName",
      "Extensions",
      "BridgeUniqueid",
      "Linkedid",
      "Channel",
    ]) {
      for (const char of ["x", "|", "\u0001"]) {
        const UniqueId = newId();
        const body = { Token: known.webhookToken, UniqueId, [field]: char.repeat(MIB) };
        const answer = await post(JSON.stringify(body));
        // Six characters each once escaped: longer than a line may be.
        const status = char === "\u0001" ? 413 : 200;
        expect({ field, char, status: answer.status }).toEqual({ field, char, status });
        if (status === 413) continue;
        const read = bodyOf(UniqueId) as Record<string, string>;
        expect(read[field] === body[field]).toBe(true);
        expect((await page(pathOf(UniqueId))).status).toBe(200);
      }
    }
  });

  it("takes __proto__ for a key like any other", async () => {
    const UniqueId = newId();
    const ids = `"Token":"${known.webhookToken}","UniqueId":"${UniqueId}"`;
    expect((await post(`{${ids},"__proto__":{"polluted":"yes"}}`)).status).toBe(200);
    expect(Object.hasOwn(bodyOf(UniqueId) as object, "__proto__")).toBe(true);
    // A body whose prototype would bring the token has none.
    expect((await post(`{"__proto__":{${ids}}}`)).status).toBe(400);
    const form = `Token=${known.webhookToken}&UniqueId=${newId()}&__proto__=x&constructor=y`;
    expect((await post(form)).status).toBe(200);
    expect((await post('{"polluted":1}')).status).toBe(400);
  });
});

describe("bodies that are no events", () => {
  const ids = (): string => `"Token":"${known.webhookToken}","UniqueId":"${newId()}"`;
  const bodies: readonly (readonly [string, () => BodyInit])[] = [
    ["deep arrays", () => `{${ids()},"D":${"[".repeat(2_000_000)}`],
    ["deep objects", () => `{${ids()},"D":${'{"a":'.repeat(500_000)}`],
    ["deep and closed", () => `{${ids()},"D":${"[".repeat(500_000)}${"]".repeat(500_000)}}`],
    [
      "a million keys",
      () => `{${ids()},${Array.from({ length: 400_000 }, (_, i) => `"k${i}":1`).join()}}`,
    ],
    ["a million fields of a form", () => "a=b&".repeat(1_000_000)],
    ["a million parts", () => "--x\r\n".repeat(1_000_000)],
    ["nothing but quotes", () => `{${'"'.repeat(4_000_000)}`],
    ["nothing but backslashes", () => `{"Token":"${"\\".repeat(4_000_000)}`],
    ["nothing but percent signs", () => `%7b${"%".repeat(4_000_000)}`],
    ["nothing but zero bytes", () => new Uint8Array(4_000_000)],
    [
      "UTF-16",
      () => new Uint8Array(new Uint16Array([..."\ufeff{}"].map((c) => c.charCodeAt(0))).buffer),
    ],
    [
      "overlong UTF-8",
      () => Uint8Array.from([0x7b, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xf5, 0x80, 0x7d]),
    ],
    ["a number of many digits", () => `{${ids()},"N":${"9".repeat(1_000_000)}}`],
  ];
  for (const [name, make] of bodies) {
    it(`are answered soon: ${name}`, async () => {
      const answer = await post(make());
      expect([200, 400, 413]).toContain(answer.status);
      expect((await fetch(`${server.webhooksUrl}/health`)).status).toBe(200);
    });
  }

  // A repair of broken JSON that begins again without end, in a body of a few bytes and without any token.
  for (const text of [
    '{"a":"\\,"b',
    '{"a":"\\\\\\,"b"}',
    `{'a':'\\,'b`,
    '{"a":"x\\, "b":1',
    '{a:"\\,"}',
  ]) {
    it(`are answered at all: ${text}`, async () => {
      expect((await post(text)).status).toBe(400);
    });
  }
});

describe("addresses", () => {
  const token = `token=${known.secret}`;
  const paths: readonly (readonly [path: string, statuses: readonly number[]])[] = [
    [`/call/../../etc/passwd?${token}`, [404]],
    [`/call/..%2f..%2fetc/passwd?${token}`, [400]],
    [`/call/%2e%2e/0367?${token}`, [404]],
    [`/call/0367/..%2f..%2f..%2fcalllog.sqlite?${token}`, [400]],
    [`/call/0367/%00?${token}`, [400]],
    [`/call/0367%00/1.1?${token}`, [400]],
    [`/call/0367/1.1%0d%0aSet-Cookie:%20a=b?${token}`, [400]],
    [`/call/0367/%u0031?${token}`, [400]],
    [`/call/0367/%c0%ae%c0%ae?${token}`, [400]],
    [`/call/0367/${"1".repeat(4000)}?${token}`, [400]],
    [`/call/${"0".repeat(4000)}/1.1?${token}`, [400]],
    [`/call/0367/1.1/../../0367/1.1?${token}`, [404]],
    [`/calls/..%2f0367?${token}`, [400, 404]],
    [`//0367/1.1?${token}`, [404]],
  ];
  for (const [path, statuses] of paths) {
    it(`${path.slice(0, 60)} opens nothing`, async () => {
      for (const accept of ["text/html", "application/json"]) {
        const answer = await page(path, accept);
        expect(statuses).toContain(answer.status);
        expect([...answer.headers.keys()]).not.toContain("set-cookie");
        expect(await answer.text()).not.toContain(known.secret);
      }
    });
  }

  it("and numbers out of bodies make no folder", async () => {
    for (const UniqueId of ["../../x", "a/b", "1|2", "1\n2", "\0", "x".repeat(129), "", " "]) {
      const answer = await post(JSON.stringify({ Token: known.webhookToken, UniqueId }));
      expect(answer.status).toBe(400);
    }
    const names = readdirSync(join(cwd, "call_tracer")).sort();
    expect(names.filter((name) => !name.startsWith("."))).toEqual([known.number]);
  });
});

/** Opens a connection, writes `text`, and leaves it open. */
const open = (base: string, text: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const socket = connect(Number(port), hostname, () => {
      if (text !== "") socket.write(text);
      resolve(socket);
    });
    socket.on("error", reject);
  });

const maxOpenFiles = (): number => {
  const limits = existsSync("/proc/self/limits") ? readFileSync("/proc/self/limits", "utf8") : "";
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 256);
};

describe("connections that do nothing", () => {
  it("keep nobody else from being answered, however many", async () => {
    const count = Math.min(2000, Math.floor((maxOpenFiles() - 100) / 2));
    const half = "POST /start HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{";
    const texts = ["", "GET / HT", "POST /start HTTP/1.1\r\nHost: x\r\nX-A: b\r\n", half];
    const sockets: Socket[] = [];
    try {
      for (let at = 0; at < count; at += 100) {
        const bases = [server.webhooksUrl, server.pagesUrl];
        sockets.push(
          ...(await Promise.all(
            Array.from({ length: 100 }, (_, i) => open(bases[i % 2] ?? "", texts[i % 4] ?? "")),
          )),
        );
      }
      const UniqueId = newId();
      const body = JSON.stringify({ Token: known.webhookToken, UniqueId });
      expect((await post(body)).status).toBe(200);
      expect((await page(pathOf(UniqueId))).status).toBe(200);
      expect(sockets.length).toBeGreaterThanOrEqual(Math.min(count, 100));
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});

describe("afterwards", () => {
  it("every line is readable, memory is bounded, and the log holds no secret", async () => {
    expect((await checkFiles(join(cwd, "call_tracer"), known.number)).faults).toEqual([]);
    expect(server.errors()).toEqual([]);
    expect(residentBytes(server.pid) ?? 0).toBeLessThan(1024 * MIB);
    expect(server.log()).not.toContain(known.secret);
    expect(server.log()).not.toContain(known.webhookToken);
  });
});
