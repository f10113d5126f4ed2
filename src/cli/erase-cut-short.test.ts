// An erasure whose archive fails at some moment: what is left is known, told, and finished by the next run.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  dayName,
  everyObject,
  everything,
  HIS,
  HIS_NUMBER,
  hisCall,
  makeHisDays,
} from "../../tests/support/erase-world.ts";
import { type S3Request, type S3Server, startS3 } from "../../tests/support/s3-server.ts";
import { DAY_MS } from "../lib/time.ts";
import { archiveCommands } from "./archive.ts";
import { callsCommand } from "./calls.ts";
import { eraseCommand } from "./erase.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

const TODAY = 20_400;
/** Two that are in the archive alone, one that is here as well, and the running one. */
const DAYS = [TODAY - 21, TODAY - 20, TODAY - 3, TODAY];
const ARCHIVED = 3;

let sandbox: CliSandbox;
let s3: S3Server;
let data: string;

beforeEach(() => {
  sandbox = openSandbox([eraseCommand, ...archiveCommands, callsCommand]);
  data = join(sandbox.folder, "call_tracer");
  s3 = startS3();
  s3.versions = new Map();
});
afterEach(async () => {
  sandbox.remove();
  await s3.stop();
});

const run = (...argv: string[]) =>
  sandbox.run([...argv, "--archive", "s3://calls/p"], {
    clock: { now: () => (TODAY + 1) * DAY_MS - 1000 },
    env: s3.env,
  });
const erase = (...more: string[]) =>
  run("erase", "0367", "--number", `+${HIS_NUMBER}`, "--yes", "--act", "act", ...more);
const owedPath = (): string => join(data, ".archive/owed/0367.json");
const olderLeft = (): number => [...(s3.versions?.values() ?? [])].flat().length;
const isForVersions = ({ query }: S3Request): boolean => query.includes("version");

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

const fill = async (megabytes = 0.05): Promise<void> => {
  makeHisDays(data, DAYS, TODAY, megabytes);
  const { code, stdout } = await run("archive", "upload");
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("0 wait") });
};

describe("older versions that could not be removed", () => {
  beforeEach(() => fill());

  it("are told, noted without the number, and removed by a run that finds no line", async () => {
    s3.fault = (request) =>
      isForVersions(request) ? { status: 403, code: "AccessDenied" } : undefined;
    const first = await erase();
    expect(first.code).toBe(1);
    const told =
      "older versions of 3 days of 0367, with what was erased, may still be kept in s3://calls/p: cannot list the versions of s3://calls/p/0367/events.log.2025-10-18.: 403 AccessDenied; the key needs s3:ListBucketVersions and s3:DeleteObjectVersion; once that is mended, calllog erase 0367 --finish removes them";
    expect(first.stderr).toContain(`calllog: ${told}\n`);
    expect(statSync(owedPath()).mode & 0o777).toBe(0o600);
    expect(readFileSync(owedPath(), "utf8")).not.toMatch(HIS);
    expect(olderLeft()).toBeGreaterThan(ARCHIVED);

    // Nothing else of him is anywhere, and whoever asks is told.
    expect(HIS.test(await everything(data))).toBe(false);
    expect((await run("archive", "status", "0367")).stdout).toContain(told);
    expect((await run("archive", "verify", "0367")).stdout).toContain(told);
    const dry = await run("erase", "0367", "--number", "+375291112233");
    expect(dry).toMatchObject({ code: 1, stderr: expect.stringContaining(told) });

    s3.fault = () => undefined;
    const second = await erase();
    expect({ code: second.code, left: olderLeft() }).toEqual({ code: 0, left: 0 });
    expect(second.stdout).toMatch(/3 days done, \d+ older versions removed/);
    expect(existsSync(owedPath())).toBe(false);
    expect(HIS.test(await everyObject(s3))).toBe(false);
  });

  it("stand in the act with the days, the reason and the command", async () => {
    s3.fault = (request) =>
      isForVersions(request) && request.query.includes("2025-10-19")
        ? { status: 403, code: "AccessDenied" }
        : undefined;
    expect((await erase()).code).toBe(1);
    const act = JSON.parse(readFileSync(join(sandbox.folder, "act.json"), "utf8"));
    expect(act).toMatchObject({ failed: [], finish: "calllog erase 0367 --finish" });
    // The days on both sides of it are done, and counted.
    expect(act.versions.removed).toBeGreaterThan(2);
    expect(act.versions.left).toEqual([
      { name: "events.log.2025-10-19", why: expect.stringContaining("AccessDenied") },
    ]);
    const page = readFileSync(join(sandbox.folder, "act.html"), "utf8");
    expect(page).toContain("events.log.2025-10-19. Чтобы завершить удаление, выполните: calllog");
    const journal = readFileSync(join(data, ".audit.log"), "utf8");
    expect(journal).toMatch(/"what":"erase-done".*"versions":\{"removed":\d+,"left":1\}/);
  });

  it("are finished without the number, told when nothing is left, and not mixed with an erasure", async () => {
    s3.fault = (request) => (isForVersions(request) ? { status: 503 } : undefined);
    const first = await erase();
    expect(first).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("503 InternalError; the store failed by itself"),
    });
    s3.fault = () => undefined;
    const finished = await run("erase", "0367", "--finish");
    expect(finished).toMatchObject({ code: 0, stdout: expect.stringMatching(/^3 days done, /) });
    expect(olderLeft()).toBe(0);
    expect((await run("erase", "0367", "--finish")).stdout).toBe(
      "no erasure in 0367 has anything left to do\n",
    );
    expect(await run("erase", "0367", "--finish", "--number", "+375447654321")).toMatchObject({
      code: 2,
    });
    expect((await run("erase", "0367")).stderr).toContain("--number is needed");
  });

  it("are none where the store keeps no versions", async () => {
    s3.versions = undefined;
    const done = await erase();
    expect({ code: done.code, isOwed: existsSync(owedPath()) }).toEqual({ code: 0, isOwed: false });
    const act = JSON.parse(readFileSync(join(sandbox.folder, "act.json"), "utf8"));
    expect(act).toMatchObject({ versions: { removed: 0, left: [] }, finish: null });
  });

  it("are owed to the archive where they are, whichever is in use", async () => {
    s3.fault = (request) => (isForVersions(request) ? { status: 403 } : undefined);
    await erase();
    s3.fault = () => undefined;
    mkdirSync(join(sandbox.folder, "shelf"));
    const elsewhere = await sandbox.run(
      ["erase", "0367", "--finish", "--archive", `file://${sandbox.folder}/shelf`],
      { env: {} },
    );
    expect(elsewhere).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("calllog erase 0367 --finish --archive s3://calls/p"),
    });
    expect(olderLeft()).toBeGreaterThan(0);
    expect((await run("erase", "0367", "--finish")).code).toBe(0);
    expect(olderLeft()).toBe(0);
  });

  it("are not guessed at where the note cannot be read", async () => {
    mkdirSync(join(data, ".archive/owed"));
    writeFileSync(owedPath(), "{");
    const refused = await erase();
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot read") });
    expect(HIS.test(await everything(data))).toBe(true);
  });
});

describe("an erasure whose archive fails", () => {
  it("is told until its own number is erased, whatever else is", async () => {
    await fill();
    s3.fault = ({ key, method }) =>
      method === "PUT" && key.includes("2025-10-18") ? { status: 507 } : undefined;
    const cut = await erase();
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain(
      "calllog: events.log.2025-10-18 was not written anew: cannot write s3://calls/p/0367/events.log.2025-10-18.zst: ",
    );
    expect(cut.stderr).toContain("calllog: 2 days after that were not tried\n");
    // What is in no archive is done, other days of the archive are not begun, and the act says which.
    const act = JSON.parse(readFileSync(join(sandbox.folder, "act.json"), "utf8"));
    expect(act).toMatchObject({
      linesChanged: 6,
      failed: [
        { name: "events.log.2025-10-18", where: "archive" },
        {
          name: "events.log.2025-10-19",
          where: "archive",
          why: expect.stringMatching(/^not tried/),
        },
        { name: "events.log.2025-11-05", where: "here" },
      ],
    });
    expect(readFileSync(join(sandbox.folder, "act.html"), "utf8")).toContain(
      "Не удалось перезаписать файлы за сутки: events.log.2025-10-18, events.log.2025-10-19,",
    );
    s3.fault = ({ method }) => (method === "GET" ? { status: 500 } : undefined);
    const told = "events.log.2025-10-18 and 2 more may still hold the number";
    expect(readFileSync(owedPath(), "utf8")).toContain('"left":"lines"');
    const other = await run("erase", "0367", "--number", "+375291112233", "--yes");
    expect(other).toMatchObject({ code: 1 });
    expect((await run("erase", "0367", "--finish")).stderr).toContain("once that is mended");
    expect((await run("erase", "0367", "--number", "+375291112233")).stderr).toContain(told);
    s3.fault = () => undefined;
    // One lay aside, written anew, and needs no number.
    const finished = await run("erase", "0367", "--finish");
    expect(finished.stderr).toContain("events.log.2025-10-19 and 1 more may still hold the number");
    expect((await erase()).code).toBe(0);
    expect(HIS.test(await everyObject(s3))).toBe(false);
    expect(HIS.test(await everything(data))).toBe(false);
    expect((await erase()).stdout).toContain("nothing of that number, in any spelling, is in");
  });

  it("is not taken for done by an erasure of somebody else in the very same days", async () => {
    const other = "375291112299";
    makeHisDays(data, DAYS, TODAY, 0.05);
    for (const day of DAYS) {
      const path = join(data, "0367", dayName(day, TODAY));
      const theirs = hisCall(day).lines.replaceAll(HIS_NUMBER, other);
      writeFileSync(path, readFileSync(path, "utf8") + theirs.replaceAll(".77", ".78"));
    }
    expect((await run("archive", "upload")).code).toBe(0);
    s3.fault = ({ method }) => (method === "PUT" ? { status: 507 } : undefined);
    expect((await erase()).code).toBe(1);
    s3.fault = () => undefined;
    const theirs = await run("erase", "0367", "--number", `+${other}`, "--yes", "--act", "other");
    expect(theirs).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("may still hold the number"),
    });
    const note = readFileSync(owedPath(), "utf8");
    expect([note.includes("lines"), HIS.test(note), note.includes(other)]).toEqual([
      true,
      false,
      false,
    ]);
    // The same number, spelt otherwise.
    const again = await run("erase", "0367", "--number", "375 44 765-43-21", "--yes");
    expect({ code: again.code, stderr: again.stderr.includes("may still hold") }).toEqual({
      code: 0,
      stderr: false,
    });
    expect(existsSync(owedPath())).toBe(false);
  });

  it("is finished by the next one, whatever request failed first and everything after it", async () => {
    await fill();
    const rows = async (): Promise<number> =>
      (await run("calls", "0367", "--csv")).stdout.split("\n").length;
    const calls = await rows();
    let failed = 0;
    for (let from = 1; ; from += 3) {
      let asked = 0;
      s3.fault = () => {
        asked += 1;
        return asked >= from ? { status: 500 } : undefined;
      };
      const cut = await erase();
      s3.fault = () => undefined;
      if (cut.code === 0) break;
      failed += 1;
      const second = await erase();
      expect({ from, code: second.code, left: olderLeft() }).toEqual({ from, code: 0, left: 0 });
      const here = HIS.test(await everything(data));
      const there = HIS.test(await everyObject(s3));
      expect({ from, here, there }).toEqual({ from, here: false, there: false });
      expect({ from, calls: await rows() }).toEqual({ from, calls });
      expect((await run("archive", "verify", "0367")).stdout).toBe("3 days are whole\n");
      expect(filesIn(join(data, ".archive/erase"))).toEqual([]);
      // From the beginning, with a request more that is answered.
      sandbox.remove();
      await s3.stop();
      sandbox = openSandbox([eraseCommand, ...archiveCommands, callsCommand]);
      data = join(sandbox.folder, "call_tracer");
      s3 = startS3();
      s3.versions = new Map();
      await fill();
    }
    expect(failed).toBeGreaterThan(10);
  }, 120_000);
});
