// The viewer over HTTP semantics: who gets in, what each reader gets, and what must not appear.

import { describe, expect, it } from "bun:test";
import { astRecord, CALL_TIMEOUT_MS, webhookRecords } from "../../tests/support/calls.ts";
import { LIVE_SCRIPT } from "../../views/live-script.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { type CallNames, NO_NAMES } from "../domain/names.ts";
import { recordKeys, type StoredRecord } from "../domain/record.ts";
import { silentLog } from "../lib/log.ts";
import { callPath, callToken, createViewerApp } from "./index.ts";

const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";
const ENTERPRISE: Enterprise = {
  number: "0367",
  name: "ООО Ромашка",
  webhookToken: "tok0367",
  secret: SECRET,
  botToken: null,
  active: true,
};
const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const MACHINE = { accept: "application/json" };
const ATTENDED = "1795332355.296";

const hostile = astRecord(Date.UTC(2026, 10, 22, 7), "start", {
  UniqueId: "1795332457.383",
  Token: "tok0367",
  CallType: 0,
  Phone: "375295305942",
  CallerIDName: '<b>x</b><script>alert(1)</script>" onmouseover="alert(2)',
  Trunk: '"><img src=x onerror=alert(3)>',
});

const viewer = (
  over: {
    enterprise?: Partial<Enterprise>;
    down?: boolean;
    now?: () => number;
    secretLinks?: "allow" | "deny";
    names?: CallNames;
  } = {},
) => {
  const records: StoredRecord[] = [...webhookRecords("xfer_attended"), hostile];
  return createViewerApp({
    directory: {
      enterpriseByNumber: async (number) => {
        if (over.down === true) throw new Error("down");
        return number === "0367" ? { ...ENTERPRISE, ...over.enterprise } : undefined;
      },
    },
    trace: {
      find: async (_enterprise, keys) => ({
        records: records.filter((record) => recordKeys(record).some((key) => keys.includes(key))),
        faults: [],
      }),
    },
    clock: { now: over.now ?? (() => Date.UTC(2026, 10, 22, 8)) },
    log: silentLog,
    lang: "ru",
    timeZone: "Europe/Minsk",
    callTimeoutMs: CALL_TIMEOUT_MS,
    ...(over.secretLinks === undefined ? {} : { secretLinks: over.secretLinks }),
    ...(over.names === undefined ? {} : { names: async () => over.names ?? NO_NAMES }),
    health: async () => ({ status: 200, body: { status: "ok" } }),
  });
};

const get = (path: string, headers: { [name: string]: string } = {}, app = viewer()) =>
  app.handle(new Request(`http://localhost${path}`, { headers }));

describe("GET /call/{enterprise}/{unique_id}", () => {
  const CASES: readonly [name: string, path: string, status: number][] = [
    ["the secret opens it", `/call/0367/${ATTENDED}?token=${SECRET}`, 200],
    ["so does the other id of the call", `/call/0367/1795332358.298?token=${SECRET}`, 200],
    [
      "an id with an escaped character",
      `/call/0367/${ATTENDED.replace(".", "%2E")}?token=${SECRET}`,
      200,
    ],
    ["no token", `/call/0367/${ATTENDED}`, 403],
    ["an empty token", `/call/0367/${ATTENDED}?token=`, 403],
    ["a wrong token", `/call/0367/${ATTENDED}?token=nope`, 403],
    ["the secret with something behind it", `/call/0367/${ATTENDED}?token=${SECRET}0`, 403],
    ["another enterprise", `/call/0368/${ATTENDED}?token=${SECRET}`, 403],
    ["a wrong token for a call that is not there", "/call/0367/1.1?token=nope", 403],
    ["a call that is not there", `/call/0367/1795332355.29?token=${SECRET}`, 404],
    ["an enterprise number with a dot", `/call/03.67/${ATTENDED}?token=${SECRET}`, 400],
    ["a path in the enterprise", `/call/..%2F0367/${ATTENDED}?token=${SECRET}`, 400],
    ["a slash in the id", `/call/0367/1%2F2?token=${SECRET}`, 400],
    ["a line break in the id", `/call/0367/1%0A2?token=${SECRET}`, 400],
    ["a bar in the id", `/call/0367/1%7C2?token=${SECRET}`, 400],
    ["an id of 129 characters", `/call/0367/${"1".repeat(129)}?token=${SECRET}`, 400],
    ["a broken escape", `/call/0367/%zz?token=${SECRET}`, 400],
    ["another path", "/calls", 404],
  ];
  for (const [name, path, status] of CASES) {
    it(`${status}: ${name}`, async () => {
      for (const headers of [BROWSER, MACHINE]) {
        const response = await get(path, headers);
        const text = await response.text();
        expect(response.status).toBe(status);
        expect(text).not.toContain(SECRET);
        expect(text).not.toContain("tok0367");
        expect(response.headers.get("cache-control")).toBe("private, no-store");
        expect(response.headers.get("referrer-policy")).toBe("no-referrer");
        expect(response.headers.get("content-security-policy")).toStartWith("default-src 'none'");
        if (status === 200) continue;
        if (headers === MACHINE) expect(JSON.parse(text).error.code).toBeString();
        else expect(text).toStartWith("<!doctype html><html");
      }
    });
  }

  it("tells a wrong token, an unknown enterprise and an inactive one in the same words", async () => {
    const answers = await Promise.all([
      get(`/call/0367/${ATTENDED}?token=nope`, MACHINE),
      get(`/call/9999/${ATTENDED}?token=${SECRET}`, MACHINE),
      get(
        `/call/0367/${ATTENDED}?token=${SECRET}`,
        MACHINE,
        viewer({ enterprise: { active: false } }),
      ),
    ]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect(answers.map((answer) => answer.status)).toEqual([403, 403, 403]);
  });

  it("503 while the directory cannot be asked", async () => {
    const response = await get(
      `/call/0367/${ATTENDED}?token=${SECRET}`,
      BROWSER,
      viewer({ down: true }),
    );
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("30");
  });

  it("429 after twenty wrong tokens in a minute; a right token always passes", async () => {
    let now = Date.UTC(2026, 10, 22, 8);
    const app = viewer({ now: () => now });
    const wrong = () => get(`/call/0367/${ATTENDED}?token=nope`, MACHINE, app);
    for (let tried = 0; tried < 20; tried++) expect((await wrong()).status).toBe(403);
    const slowed = await wrong();
    expect(slowed.status).toBe(429);
    expect(slowed.headers.get("retry-after")).toBe("60");
    expect((await get(`/call/0367/${ATTENDED}?token=${SECRET}`, MACHINE, app)).status).toBe(200);
    now += 60_000;
    expect((await wrong()).status).toBe(403);
  });

  it("gives the whole call as JSON, from either id", async () => {
    const ids = [ATTENDED, "1795332358.298"];
    const [one, other] = await Promise.all(
      ids.map(async (id) => (await get(`/call/0367/${id}?token=${SECRET}`, MACHINE)).json()),
    );
    expect(one).toEqual(other);
    expect(one.call).toMatchObject({
      enterprise: "0367",
      uniqueIds: ["1795332355.296", "1795332358.298"],
      direction: "incoming",
      status: "answered",
      phone: "375295305942",
      extensions: ["151", "152"],
      answeredBy: ["151", "152"],
      startedAt: "2026-11-22T07:25:55.280Z",
      waitSeconds: 1,
      talkSeconds: 10,
      totalSeconds: 11,
      hungUpBy: "375295305942",
      transfers: [{ kind: "attended", from: "151", to: "152", completed: true }],
    });
    expect(one.call.bridgeIds).toHaveLength(2);
    expect(one.records).toHaveLength(17);
    expect(one.records[0]).toMatchObject({ kind: "AST", event: "start", uniqueId: ATTENDED });
    expect(one.records[0].raw).toContain('"Token":"***"');
    expect(one.doubts).toEqual([]);
  });

  it("shows what a caller wrote into his name as text", async () => {
    const response = await get(`/call/0367/1795332457.383?token=${SECRET}`, BROWSER);
    const text = await response.text();
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    const foreign = text.replace(`<script>${LIVE_SCRIPT}</script>`, "");
    for (const live of ["<script", "<b>x", "<img"]) expect(foreign).not.toContain(live);
  });

  it("shows names beside the numbers, as text", async () => {
    const names = {
      customer: "Иван <i>Петров</i>",
      managers: new Map([
        ["151", "Анна Сидорова"],
        ["152", "<script>alert(4)</script>"],
      ]),
      lines: new Map([["mts", "Реклама & Ко"]]),
      complete: true,
    };
    const page = async (shown: CallNames) =>
      (
        await get(`/call/0367/${ATTENDED}?token=${SECRET}`, BROWSER, viewer({ names: shown }))
      ).text();
    const text = await page(names);
    expect(text).toContain(
      '<a href="tel:+375295305942">+375\u00a0(29)\u00a0530-59-42</a><span> (Иван &lt;i&gt;Петров&lt;/i&gt;) говорил 0:10, ответил 152 (&lt;script&gt;',
    );
    expect(text).toContain("<b>Анна Сидорова</b>");
    expect(text).toContain("Реклама &amp; Ко (mts)");
    // Between the quotes of an attribute these are text, too.
    const markup = text.replace(/ aria-label="[^"]*"/g, "");
    for (const live of ["<script", "<i>"]) expect(markup).not.toContain(live);
    expect(text).not.toContain("имён");

    const numbersOnly = await page({ ...NO_NAMES, complete: false });
    expect(numbersOnly).toContain("сервис имён сейчас не отвечает");
    expect(numbersOnly).toContain("ответил 152 после перевода от 151");
  });

  it("speaks the reader's language", async () => {
    const path = `/call/0367/${ATTENDED}?token=${SECRET}`;
    const heading = async (suffix: string, headers = {}) =>
      (await (await get(path + suffix, { ...BROWSER, ...headers })).text())
        .match(/<h1>(.*?)<\/h1>/s)?.[1]
        ?.replace(/<[^>]*>/g, "");
    expect(await heading("")).toBe(
      "Клиент +375\u00a0(29)\u00a0530-59-42 говорил 0:10, ответил 152 после перевода от 151, ждал 1\u00a0с; трубку положил клиент.",
    );
    const english =
      "Customer +375\u00a0(29)\u00a0530-59-42 talked for 0:10, 152 answered after a transfer from 151, the wait was 1\u00a0s; the customer hung up.";
    expect(await heading("&lang=en")).toBe(english);
    expect(await heading("", { "accept-language": "en-US,en;q=0.9,ru;q=0.5" })).toBe(english);
    expect(await heading("", { "accept-language": "be,ru;q=0.9" })).toStartWith("Клиент");
  });
});

describe("a link to one call", () => {
  const NOW = Date.UTC(2026, 10, 22, 8);
  const OTHER_ID = "1795332358.298";
  const link = async (scope = { enterprise: "0367", uniqueId: ATTENDED }, secret = SECRET) =>
    callPath(scope, await callToken(secret, scope, NOW + 60_000));
  const statusOf = async (path: string, app = viewer()) => (await get(path, MACHINE, app)).status;

  it("opens that page, also where the secret opens none", async () => {
    const path = await link();
    expect(await statusOf(path)).toBe(200);
    const denying = viewer({ secretLinks: "deny" });
    expect(await statusOf(path, denying)).toBe(200);
    expect(await statusOf(`/call/0367/${ATTENDED}?token=${SECRET}`, denying)).toBe(403);
  });

  it("opens it however the address spells the id", async () => {
    expect(await statusOf((await link()).replace(ATTENDED, ATTENDED.replace(".", "%2E")))).toBe(
      200,
    );
  });

  it("opens nothing else, with the same answer as any wrong token", async () => {
    const own = await link();
    const answers = [
      await get(own.replace(ATTENDED, OTHER_ID), MACHINE),
      await get(own.replace(ATTENDED, "1.1"), MACHINE),
      await get(own.replace("0367", "0368"), MACHINE),
      await get(`${own.slice(0, -1)}${own.endsWith("A") ? "B" : "A"}`, MACHINE),
      await get(await link(undefined, "another-secret"), MACHINE),
      await get(own, MACHINE, viewer({ now: () => NOW + 60_000 })),
      await get(own, MACHINE, viewer({ enterprise: { active: false } })),
      await get(own, MACHINE, viewer({ enterprise: { secret: "rotated-secret" } })),
      await get(await link(undefined, ""), MACHINE, viewer({ enterprise: { secret: "" } })),
      await get(`/call/0367/${ATTENDED}?token=nope`, MACHINE),
    ];
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
  });

  it("opens a call that is not there as what it is: nothing", async () => {
    expect(await statusOf(await link({ enterprise: "0367", uniqueId: "1.1" }))).toBe(404);
  });
});

it("GET /health answers what the service says of itself", async () => {
  const response = await get("/health");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

describe("GET /call/{enterprise}/{unique_id}/live", () => {
  it("keeps a silent connection of a stream, never that of somebody who is refused", async () => {
    const neverIdle: string[] = [];
    const app = viewer();
    const server = {
      requestIP: () => null,
      timeout: ({ url }: Request, seconds: number) => neverIdle.push(`${seconds} ${url}`),
    };
    app.server = server as unknown as NonNullable<typeof app.server>;
    const ask = (path: string) => get(path, {}, app);
    expect((await ask(`/call/0367/${ATTENDED}/live?token=nope`)).status).toBe(403);
    expect((await ask(`/call/0367/1.1/live?token=${SECRET}`)).status).toBe(404);
    const head = new Request(`http://localhost/call/0367/${ATTENDED}/live?token=${SECRET}`, {
      method: "HEAD",
    });
    const { headers } = await app.handle(head);
    expect(headers.get("content-type")).toStartWith("text/event-stream");
    expect(neverIdle).toEqual([]);
    const path = `/call/0367/${ATTENDED}/live?token=${SECRET}&since=0`;
    const { status, body } = await ask(path);
    expect(status).toBe(200);
    await body?.cancel();
    expect(neverIdle).toEqual([`0 http://localhost${path}`]);
  });
});
