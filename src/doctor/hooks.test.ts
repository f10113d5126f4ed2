// What the doctor says of outgoing webhooks.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, parseConfig } from "../config/index.ts";
import { openHooks } from "../hooks/index.ts";
import type { CheckWorld, Finding } from "./finding.ts";
import { hookTargets } from "./hooks.ts";

const clock = { now: () => 1_764_493_655_000 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "calllog-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const configOf = (flags: readonly (readonly [string, string])[]): Config => {
  const all = new Map([["data-dir", join(folder, "call_tracer")], ...flags] as [string, string][]);
  const parsed = parseConfig({ flags: all, env: {}, cwd: folder });
  if (!parsed.ok) throw new Error("wrong flags");
  return parsed.value;
};
const look = (...flags: readonly (readonly [string, string])[]): Promise<readonly Finding[]> =>
  hookTargets({ config: configOf(flags), clock } as CheckWorld);
const store = () => openHooks(join(folder, "call_tracer"), clock);

describe("hookTargets", () => {
  it("says nothing where there are none", async () => {
    expect(await look()).toEqual([]);
  });

  it("tells targets that take connections from those that do not, are refused, or are gone", async () => {
    const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const url = `http://127.0.0.1:${server.port}/calls?key=invented-key`;
    try {
      store().add("0367", url);
      expect(await look()).toMatchObject([
        { level: "wrong", finding: expect.stringContaining("--hook-allow-private") },
      ]);
      const allowed = ["hook-allow-private", "127.0.0.0/8"] as const;
      const [finding] = await look(allowed);
      expect(finding).toMatchObject({ level: "ok", finding: "takes connections" });
      expect(JSON.stringify(finding)).not.toContain("invented-key");
      await server.stop(true);
      expect(await look(allowed)).toMatchObject([
        { level: "wrong", finding: "takes no connection" },
      ]);
      const [hook] = store().of("0367");
      if (hook !== undefined) store().markGone(hook);
      expect(await look(allowed)).toMatchObject([
        {
          level: "wrong",
          finding: expect.stringContaining("answered 410"),
          todo: expect.stringContaining("hook add 0367"),
        },
      ]);
    } finally {
      await server.stop(true);
    }
  });
});
