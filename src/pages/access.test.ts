// The door with a hostile mind before it: what a link opens, what a refusal tells, and what guessing costs.

import { afterEach, describe, expect, it, spyOn } from "bun:test";
import { join } from "node:path";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { type LogFields, silentLog } from "../lib/log.ts";
import { cacheDirectory, openDirectory } from "../people/index.ts";
import { type AccessOptions, createAccess } from "./access.ts";
import { createFail } from "./failure.tsx";
import { callToken } from "./links.ts";

const NOW = Date.UTC(2026, 10, 22, 8);
const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";
const enterprise = (number: string, change: Partial<Enterprise> = {}): Enterprise => ({
  number,
  name: null,
  webhookToken: `tok${number}`,
  secret: SECRET,
  botToken: null,
  active: true,
  ...change,
});
const SCOPE = { enterprise: "0367", uniqueId: "1764493655.61" };

const setUp = (
  directory: AccessOptions["directory"] = {
    enterpriseByNumber: async (number) =>
      ["0367", "0368"].includes(number)
        ? enterprise(number)
        : number === "0400"
          ? enterprise(number, { active: false })
          : number === "0500"
            ? enterprise(number, { secret: "" })
            : undefined,
  },
  secretLinks: "allow" | "deny" = "allow",
  linkRecordings: "allow" | "deny" = "allow",
) => {
  const warnings: { message: string; fields: LogFields | undefined }[] = [];
  const state = { nowMs: NOW };
  const access = createAccess({
    directory,
    clock: { now: () => state.nowMs },
    log: { ...silentLog, warn: (message, fields) => void warnings.push({ message, fields }) },
    secretLinks,
    linkRecordings,
    fail: createFail("en"),
  });
  const requestOf = (token: string) =>
    new Request(`http://localhost/?token=${encodeURIComponent(token)}`);
  const toCall = (token: string, scope = SCOPE, client = "a") =>
    access.toCall(requestOf(token), scope, client);
  const toList = (token: string, number = "0367", client = "a") =>
    access.toList(requestOf(token), number, client);
  return { toCall, toList, warnings, state };
};

const statusOf = async (answer: Promise<unknown>): Promise<number> => {
  const given = await answer;
  return given instanceof Response ? given.status : 200;
};

describe("a link to one call", () => {
  const link = () => callToken(SECRET, SCOPE, NOW + 60_000);

  it("opens this call, and not the list, another call, or another enterprise with the same secret", async () => {
    const { toCall, toList } = setUp();
    const token = await link();
    expect(await statusOf(toCall(token))).toBe(200);
    expect(await statusOf(toList(token))).toBe(403);
    expect(await statusOf(toCall(token, { ...SCOPE, uniqueId: "1764493655.62" }))).toBe(403);
    expect(await statusOf(toCall(token, { ...SCOPE, enterprise: "0368" }))).toBe(403);
    expect(await statusOf(toList(token, "0368"))).toBe(403);
  });

  it("stays open where the secret is not a link; the list is the secret's alone", async () => {
    const { toCall, toList } = setUp(undefined, "deny");
    expect(await statusOf(toCall(await link()))).toBe(200);
    expect(await statusOf(toCall(SECRET))).toBe(403);
    expect(await statusOf(toList(SECRET))).toBe(200);
    expect(await statusOf(toList(await link()))).toBe(403);
  });

  it("ends with the secret it was made from, within 60 s also where the old one is remembered", async () => {
    await inTempDir(async (folder) => {
      const inner = await openDirectory({ sqlitePath: join(folder, "calllog.sqlite") });
      await inner.addEnterprise(enterprise("0367"));
      const clock = { now: () => now };
      let now = NOW;
      const { toCall, toList, state } = setUp(cacheDirectory(inner, { clock }));
      const token = await callToken(SECRET, SCOPE, NOW + 86_400_000);
      expect(await statusOf(toCall(token))).toBe(200);
      // Another process rotates it: nothing tells this one.
      await inner.changeEnterprise("0367", { secret: "f".repeat(32) });
      now += 60_000;
      state.nowMs = now;
      expect(await statusOf(toCall(token))).toBe(403);
      expect(await statusOf(toCall(SECRET))).toBe(403);
      expect(await statusOf(toList(SECRET))).toBe(403);
      expect(await statusOf(toCall("f".repeat(32)))).toBe(200);
      await inner.close();
    });
  });
});

describe("a refusal", () => {
  const wrongLink = "A".repeat(28);
  const cases: readonly (readonly [string, string, { enterprise: string; uniqueId: string }])[] = [
    ["a wrong token", "nope", SCOPE],
    ["a wrong link", wrongLink, SCOPE],
    ["an unknown enterprise", wrongLink, { ...SCOPE, enterprise: "9999" }],
    ["an inactive enterprise and its secret", SECRET, { ...SCOPE, enterprise: "0400" }],
    ["an enterprise without a secret", "", { ...SCOPE, enterprise: "0500" }],
    ["an unknown call with a wrong token", wrongLink, { ...SCOPE, uniqueId: "1.1" }],
  ];

  it("is the same to the letter, headers too", async () => {
    const answers = await Promise.all(
      cases.map(([, token, scope]) => setUp().toCall(token, scope)),
    );
    const seen = await Promise.all(
      answers.map(async (answer) =>
        answer instanceof Response
          ? [answer.status, [...answer.headers], await answer.text()]
          : "let in",
      ),
    );
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(JSON.stringify(seen[0])).toStartWith("[403,");
  });

  const spies: { mockRestore(): void }[] = [];
  afterEach(() => {
    for (const spy of spies.splice(0)) spy.mockRestore();
  });

  it("costs the same questions and the same computing", async () => {
    const works = [];
    for (const [, , scope] of cases) {
      const asked: string[] = [];
      const inner: AccessOptions["directory"] = {
        enterpriseByNumber: async (number) => {
          asked.push(number);
          return number === "9999" ? undefined : enterprise(number, { active: number !== "0400" });
        },
      };
      const derive = spyOn(crypto.subtle, "deriveKey");
      const sign = spyOn(crypto.subtle, "sign");
      spies.push(derive, sign);
      await setUp(inner).toCall(wrongLink, scope);
      works.push([asked.length, derive.mock.calls.length, sign.mock.calls.length].join());
      for (const spy of spies.splice(0)) spy.mockRestore();
    }
    expect(new Set(works)).toEqual(new Set(["1,1,1"]));
  });

  it("comes no sooner than what the directory takes for an enterprise it has to look for", async () => {
    const slow: AccessOptions["directory"] = {
      enterpriseByNumber: async (number) => {
        if (number === "9999") await Bun.sleep(20);
        return number === "9999" ? undefined : enterprise(number);
      },
    };
    const timeOf = async (number: string): Promise<number> => {
      const start = performance.now();
      await setUp(slow).toCall("nope", { ...SCOPE, enterprise: number });
      return performance.now() - start;
    };
    const times = await Promise.all([timeOf("0367"), timeOf("9999")]);
    // A timer may end a part of a millisecond early.
    expect(Math.min(...times)).toBeGreaterThan(48);
  });
});

describe("guessing", () => {
  const tries = async (count: number, toCall: ReturnType<typeof setUp>["toCall"], client: string) =>
    (
      await Promise.all(
        Array.from({ length: count }, (_, i) => statusOf(toCall(`nope${i}`, SCOPE, client))),
      )
    ).sort();

  it("is told to wait after twenty wrong tokens, each client for itself", async () => {
    const { toCall } = setUp();
    expect(await tries(21, toCall, "a")).toEqual([...Array(20).fill(403), 429]);
    expect(await tries(1, toCall, "b")).toEqual([403]);
    expect(await statusOf(toCall(SECRET, SCOPE, "a"))).toBe(200);
  });

  it("counts tokens for calls, lists and unknown enterprises together", async () => {
    const { toCall, toList } = setUp();
    await tries(10, toCall, "a");
    await Promise.all(Array.from({ length: 10 }, () => toList("nope", "9999")));
    expect(await statusOf(toList("nope"))).toBe(429);
  });

  it("is logged once a minute for each client, without the token", async () => {
    const { toCall, warnings } = setUp();
    await tries(50, toCall, "203.0.113.9");
    expect(warnings).toEqual([
      {
        message: "a client tries many wrong tokens and is told to wait",
        fields: { client: "203.0.113.9", enterprise: "0367" },
      },
    ]);
  });

  it("waits no longer than a minute, also where the clock was set back", async () => {
    const { toCall, state } = setUp();
    await tries(21, toCall, "a");
    state.nowMs -= 3_600_000;
    expect(await tries(1, toCall, "a")).toEqual([403]);
  });
});
