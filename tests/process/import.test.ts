// `calllog import` from outside: beside a running service, killed in the middle, and with more rows than memory should hold.

import { describe, expect, it } from "bun:test";
import { createWriteStream } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addEnterprise, runBinary, spawnBinary, startBinary } from "../support/binary.ts";
import { startBotApi } from "../support/bot-api/server.ts";
import { post, req } from "../support/http.ts";
import { residentBytes } from "../support/memory.ts";
import { inTempDir } from "../support/temp-dir.ts";

const BOT_TOKEN = "1234567:invented-token_of-a-test";
const CHAT = "101";
const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const DAY_MS = 24 * 3_600_000;
const DAYS = 20;

const stamp = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace("T", " ");

/** A line of Master.csv in UTC: somebody called, and was answered after 5 s, or nobody answered. */
const row = (at: number, index: number, isAnswered: boolean): string => {
  const src = `37529${5_000_000 + index}`;
  const id = `${Math.floor(at / 1000)}.${index}`;
  const sequence = index.toString(16).padStart(8, "0");
  const from = `"","${src}","151","from-did-direct","""A"" <${src}>","PJSIP/mts-${sequence}"`;
  const to = `"PJSIP/151-${sequence}","Dial","PJSIP/151,30,tr"`;
  const answer = isAnswered ? stamp(at + 5000) : "";
  const times = `"${stamp(at)}","${answer}","${stamp(at + 65_000)}",65,${isAnswered ? 60 : 0}`;
  return `${from},${to},${times},"${isAnswered ? "ANSWERED" : "NO ANSWER"}","DOCUMENTATION","${id}","","","${id}","1"\n`;
};

const importing = (...flags: string[]): string[] => [
  ...["import", "Master.csv", "--enterprise", "0367", "--timezone", "UTC", ...flags],
];

const daysOf = async (cwd: string): Promise<string[]> =>
  (await readdir(join(cwd, "call_tracer/0367"))).filter((name) => name.startsWith("events")).sort();

describe("calllog import", () => {
  it("rings nobody while the service runs, nor when it starts, and its calls are shown at once", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await runBinary(["enterprise", "set", "0367", "--bot-token", BOT_TOKEN], { cwd });
      await runBinary(["user", "add", "--enterprise", "0367", "--", CHAT], { cwd });
      await using api = await startBotApi({ tokens: [BOT_TOKEN], chats: [CHAT] });
      const args = ["--telegram-api-root", api.apiRoot, "--catch-up-minutes", "3d"];
      const lastNight = Math.floor(Date.now() / DAY_MS) * DAY_MS - 70_000;
      await writeFile(join(cwd, "Master.csv"), row(lastNight, 1, false) + row(lastNight, 2, true));
      // The live call that follows is announced after whatever else would be.
      const callNow = async (base: string, uniqueId: string): Promise<void> => {
        const body = { Token: enterprise.webhookToken, UniqueId: uniqueId, CallType: 0 };
        const phone = { ...body, Phone: "375295305942", Extensions: ["151"] };
        for (const event of ["start", "dial"]) await fetch(post(`/${event}`, phone, { base }));
        await fetch(post("/hangup", { ...phone, CallStatus: "0" }, { base }));
      };
      const base = { base: "" };
      {
        await using server = await startBinary(args, { cwd });
        base.base = server.pagesUrl;
        const list = `/calls/0367?token=${enterprise.secret}`;
        const asJson = { base: server.pagesUrl, headers: { Accept: "application/json" } };
        expect(await (await fetch(req(list, asJson))).json()).toMatchObject({ calls: [] });
        const run = await runBinary(importing(), { cwd });
        expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
        expect(run.stdout).toStartWith("made 2 calls of 1 day");
        const { calls } = (await (await fetch(req(list, asJson))).json()) as { calls: unknown[] };
        expect(calls).toHaveLength(2);
        await callNow(server.webhooksUrl, "1764493655.61");
        await api.until(() => api.texts(CHAT).length === 1);
      }
      await using server = await startBinary(args, { cwd });
      await callNow(server.webhooksUrl, "1764493755.62");
      await api.until(() => api.texts(CHAT).length === 2);
      const sent = api.requests.filter(({ method }) => method === "sendMessage");
      expect(sent.filter(({ text }) => !text.includes("530 59 42"))).toEqual([]);
      expect(server.errors()).toEqual([]);
    });
  }, 30_000);

  /** Rows over the last 20 days. */
  const writeRows = async (cwd: string, rows: number): Promise<void> => {
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const file = createWriteStream(join(cwd, "Master.csv"));
    for (let n = 0; n < rows; n += 1) {
      const at = today - DAYS * DAY_MS + Math.floor((n * DAYS * DAY_MS) / rows);
      if (!file.write(row(at, n, n % 3 > 0))) {
        await new Promise<void>((resolve) => file.once("drain", resolve));
      }
    }
    await new Promise<void>((resolve) => file.end(resolve));
  };
  /** Ends of calls, in the files of all days. */
  const hangupsIn = async (cwd: string): Promise<number> => {
    let hangups = 0;
    for (const name of await daysOf(cwd)) {
      const text = await readFile(join(cwd, "call_tracer/0367", name), "utf8");
      hangups += text.split("|AST|hangup|").length - 1;
    }
    return hangups;
  };

  it("killed while it writes leaves whole days, and goes on where it was", async () => {
    await inTempDir(async (cwd) => {
      await writeRows(cwd, 20_000);
      const args = importing("--retention-days", "60");
      const killed = spawnBinary(args, { cwd, env: { TMPDIR: cwd } });
      const folder = join(cwd, "call_tracer/0367");
      while ((await readdir(folder).catch(() => [])).length < 3) {
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      killed.kill("SIGKILL");
      await killed.exited;
      const before = await daysOf(cwd);
      expect(before.length).toBeLessThan(DAYS);
      expect(await hangupsIn(cwd)).toBe(1000 * before.length);
      const { stdout } = await runBinary(args, { cwd });
      expect(stdout).toStartWith(`made ${1000 * (DAYS - before.length)} calls`);
      expect(await hangupsIn(cwd)).toBe(20_000);
    });
  }, 60_000);

  it("takes 200,000 rows in bounded memory", async () => {
    await inTempDir(async (cwd) => {
      await writeRows(cwd, 200_000);
      const child = spawnBinary(importing("--retention-days", "60"), { cwd, env: { TMPDIR: cwd } });
      const output = new Response(child.stdout).text();
      let most = 0;
      while (child.exitCode === null) {
        most = Math.max(most, residentBytes(child.pid) ?? 0);
        await Promise.race([child.exited, Bun.sleep(20)]);
      }
      expect(await output).toStartWith(`made 200000 calls of ${DAYS} days`);
      const mib = most / 1024 / 1024;
      console.log(`200,000 rows: ${Math.round(mib)} MiB at most`);
      expect(mib).toBeLessThan(450);
      expect(await hangupsIn(cwd)).toBe(200_000);
    });
  }, 120_000);
});
