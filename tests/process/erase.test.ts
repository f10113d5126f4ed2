// Erasing a subscriber beside a running service: events go on meanwhile, and each is on record once. And an erasure that is
// killed: the next one ends it, older versions in the archive included.

import { describe, expect, it } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeDayHead } from "../../src/store/archive/day-index.ts";
import { addEnterprise, runBinary, spawnBinary, startBinary } from "../support/binary.ts";
import { startBotApi } from "../support/bot-api/server.ts";
import { everyObject, everything, HIS, HIS_NUMBER, makeHisDays } from "../support/erase-world.ts";
import { post, req } from "../support/http.ts";
import { type S3Request, type S3Server, startS3 } from "../support/s3-server.ts";
import { inTempDir } from "../support/temp-dir.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};

describe("calllog erase", () => {
  it("takes a subscriber out of the running file while events come, and loses none of them", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await using server = await startBinary([], { cwd });
      const postCall = async (id: string, phone: string): Promise<number> => {
        const body = { Token: enterprise.webhookToken, UniqueId: id, Phone: phone, CallType: 0 };
        return (await fetch(post("/start", body, { base: server.webhooksUrl }))).status;
      };
      expect(await postCall("1764493655.1", HIS_NUMBER)).toBe(200);
      let isErasing = true;
      const erasing = runBinary(
        ["erase", "0367", "--number", `+${HIS_NUMBER}`, "--yes", "--force", "--act", "act"],
        { cwd },
      ).finally(() => {
        isErasing = false;
      });
      const answered: string[] = [];
      for (let call = 2; isErasing || answered.length < 20; call += 1) {
        const id = `1764493655.${call}`;
        expect(await postCall(id, "375295305942")).toBe(200);
        answered.push(id);
      }
      expect(await erasing).toMatchObject({ code: 0 });
      const file = readFileSync(join(cwd, "call_tracer/0367/events.log"), "utf8");
      const ids = [...file.matchAll(/\|start\|([\d.]+)\|/g)].map((match) => match[1]);
      expect(ids).toEqual(["1764493655.1", ...answered]);
      expect(file).not.toContain("7654321");
      const page = await fetch(
        req(`/call/0367/1764493655.1?token=${enterprise.secret}`, {
          base: server.pagesUrl,
          headers: { accept: "application/json" },
        }),
      );
      const { call } = (await page.json()) as { call: { phone: string } };
      expect(call.phone).toStartWith("erased-");
      expect(server.errors()).toEqual([]);
    });
  }, 60_000);
});

type KilledWorld = {
  readonly s3: S3Server;
  readonly data: string;
  readonly run: (...argv: string[]) => ReturnType<typeof runBinary>;
  readonly older: () => number;
  /** Erases, and is killed when such a request comes, for the second time where that is told. */
  readonly killAt: (
    is: (request: S3Request) => boolean,
    time?: number,
    more?: readonly string[],
  ) => Promise<void>;
  readonly cwd: string;
};

const ERASE = ["erase", "0367", "--number", `+${HIS_NUMBER}`, "--yes", "--act", "act"];

/** Two archived days that are no longer here, and one that is. */
const inKilledWorld = (work: (world: KilledWorld) => Promise<void>): Promise<void> =>
  inTempDir(async (cwd) => {
    const s3 = startS3();
    s3.versions = new Map();
    try {
      const data = join(cwd, "call_tracer");
      const today = Math.floor(Date.now() / 86_400_000);
      makeHisDays(data, [today - 21, today - 20, today - 3, today], today, 0.05);
      const options = { cwd, env: s3.env };
      const run = (...argv: string[]): ReturnType<typeof runBinary> =>
        runBinary([...argv, "--archive", "s3://calls/p"], options);
      expect((await run("archive", "upload")).code).toBe(0);
      const killAt: KilledWorld["killAt"] = async (is, time = 1, more = []) => {
        const child = spawnBinary([...ERASE, ...more, "--archive", "s3://calls/p"], options);
        let seen = 0;
        s3.fault = (request) => {
          if (!is(request)) return undefined;
          seen += 1;
          if (seen === time) child.kill("SIGKILL");
          return seen < time ? undefined : "hang";
        };
        await child.exited;
        expect({ seen, signal: child.signalCode }).toEqual({ seen: time, signal: "SIGKILL" });
        s3.fault = () => undefined;
      };
      const older = (): number => [...(s3.versions?.values() ?? [])].flat().length;
      await work({ cwd, s3, data, run, older, killAt });
    } finally {
      await s3.stop();
    }
  });

const isPut =
  (ending: string) =>
  ({ method, key }: S3Request): boolean =>
    method === "PUT" && key.endsWith(ending);
const isVersionList = ({ method, query }: S3Request): boolean =>
  method === "GET" && query.includes("versions");
const isVersionDelete = ({ method, query }: S3Request): boolean =>
  method === "DELETE" && query.includes("versionId");
const isIndexHead = ({ method, key }: S3Request): boolean =>
  method === "HEAD" && key.endsWith(".idx");
const isIndexDelete = ({ method, key, query }: S3Request): boolean =>
  method === "DELETE" && key.endsWith(".idx") && query === "";
/** The first that is asked for a day that is here, once its file was written anew. */
const isLocalDay = ({ method, key }: S3Request): boolean =>
  method === "GET" &&
  key.endsWith(`${new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)}.idx`);

describe("calllog erase, killed", () => {
  it.each<[string, (request: S3Request) => boolean, number]>([
    ["while it takes the index of a day away", isIndexDelete, 1],
    ["while it puts the lines of a day", isPut(".zst"), 1],
    ["while it puts the table of a day", isPut(".calls"), 1],
    ["while it puts the index of a day", isPut(".idx"), 1],
    ["when the index is there and that is not noted yet", isIndexHead, 1],
    ["between two days", isIndexDelete, 2],
    ["while it puts the second day", isPut(".idx"), 2],
    ["after a day that is here was written anew", isLocalDay, 1],
    ["before the first version is gone", isVersionList, 1],
    ["between two versions", isVersionDelete, 2],
    ["between the versions of two days", isVersionDelete, 5],
  ])("is ended by the next one: %s", async (_, is, time) => {
    await inKilledWorld(async ({ s3, data, run, older, killAt }) => {
      await killAt(is, time);
      expect(readFileSync(join(data, ".archive/owed/0367.json"), "utf8")).not.toMatch(HIS);
      const told = await run("archive", "status", "0367");
      expect(told.stdout).toMatch(/may still (be kept|hold)/);
      const second = await run(...ERASE);
      expect({ code: second.code, left: older() }).toEqual({ code: 0, left: 0 });
      expect(HIS.test(await everything(data))).toBe(false);
      expect(HIS.test(await everyObject(s3))).toBe(false);
      expect(existsSync(join(data, ".archive/owed/0367.json"))).toBe(false);
      expect((await run("archive", "verify")).stdout).toBe("3 days are whole\n");
      expect((await run("archive", "upload")).stdout).toContain("0 wait");
      const ledger = JSON.parse(readFileSync(join(data, ".archive/0367.json"), "utf8"));
      for (const [name, { head }] of Object.entries<{ head: string }>(ledger.days)) {
        const index = s3.objects.get(`p/0367/${name}.idx`) ?? new Uint8Array();
        expect({ name, head }).toEqual({
          name,
          head: decodeDayHead(index, "0367", name)?.hash ?? "",
        });
      }
    });
  });

  it("has taken the cards away before the lines that lead to them", async () => {
    await inKilledWorld(async ({ cwd, killAt }) => {
      const token = "123456:erase-test";
      await addEnterprise(enterprise, { cwd });
      await runBinary(["enterprise", "set", "0367", "--bot-token", token], { cwd });
      await using api = await startBotApi({ tokens: [token], chats: ["374573193"] });
      await killAt(isIndexDelete, 1, ["--telegram-api-root", api.apiRoot]);
      const asked = api.requests.filter(({ method }) => method === "editMessageText");
      // Four calls with two cards each; the test's Telegram knows none of them.
      expect(asked.length).toBe(8);
    });
  });

  it("keeps whoever uploads from bringing back what was erased", async () => {
    await inKilledWorld(async ({ data, run, killAt }) => {
      await killAt(isLocalDay);
      const upload = await run("archive", "upload");
      expect(upload).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("calllog erase 0367 --finish ends that"),
      });
      expect((await run("erase", "0367", "--finish")).code).toBe(0);
      expect((await run("archive", "upload")).code).toBe(0);
      expect(HIS.test(await everything(data))).toBe(false);
    });
  });

  it("is ended without the number as far as it got, which it says", async () => {
    await inKilledWorld(async ({ s3, data, run, older, killAt }) => {
      await killAt(isPut(".idx"), 2);
      const finished = await run("erase", "0367", "--finish");
      expect(finished.code).toBe(1);
      expect(finished.stderr).toMatch(
        /the erasure erased-[a-z]{8} in 0367 .* did not get to its end: events\.log\.[\d-]+ may still hold the number/,
      );
      // The others are over, one that is here waits for the number.
      expect(older()).toBe(0);
      expect((await run("archive", "verify")).stdout).toContain("3 days are whole\n");
      expect(HIS.test(await everything(data))).toBe(true);
      expect((await run(...ERASE)).code).toBe(0);
      expect({ here: HIS.test(await everything(data)), left: older() }).toEqual({
        here: false,
        left: 0,
      });
      expect(HIS.test(await everyObject(s3))).toBe(false);
    });
  });
});
