import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeVariedTree } from "../../scripts/bench/trees.ts";
import { DAY_MS } from "../lib/time.ts";
import { holdArchiveLock } from "../store/index.ts";
import { archiveCommands } from "./archive.ts";
import { callsCommand } from "./calls.ts";
import { showCommand } from "./show.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

const TODAY = 20_400;
const FIRST = TODAY - 20;
const day = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

let sandbox: CliSandbox;
let data: string;
let shelf: string;
beforeEach(() => {
  sandbox = openSandbox([...archiveCommands, callsCommand, showCommand]);
  data = join(sandbox.folder, "call_tracer");
  shelf = join(sandbox.folder, "shelf");
  mkdirSync(shelf);
  makeVariedTree(data, 3, 0.2, FIRST + 2);
});
afterEach(() => sandbox.remove());

const run = (...argv: string[]) =>
  sandbox.run([...argv, "--archive", `file://${shelf}`], {
    clock: { now: () => TODAY * DAY_MS + 3_600_000 },
  });

const files = (): string[] =>
  readdirSync(join(data, "0367")).filter((name) => !name.startsWith("."));

describe("calllog archive", () => {
  it("needs an archive, and says how to name one", async () => {
    const { code, stderr } = await sandbox.run(["archive", "status"]);
    expect(code).toBe(1);
    expect(stderr).toContain("--archive s3://BUCKET/PREFIX");
  });

  it("uploads what is finished, tells what is there, and brings it back as it was", async () => {
    const before = readFileSync(join(data, `0367/events.log.${day(FIRST)}`));
    const waiting = JSON.parse((await run("archive", "status", "--json")).stdout);
    expect(waiting.enterprises[0].waiting.days).toBe(2);
    const uploaded = await run("archive", "upload");
    expect(uploaded).toMatchObject({ code: 0 });
    expect(uploaded.stdout).toContain("2 days uploaded, 0 wait");
    expect(uploaded.stderr).toContain(`0367/events.log.${day(FIRST)}.idx`);
    expect(files()).toEqual(["events.log"]);
    const status = (await run("archive", "status", "0367")).stdout;
    expect(status).toMatch(new RegExp(`0367 +2 +${day(FIRST)} +${day(FIRST + 1)}`));
    const refused = await run("archive", "restore", "0367", day(FIRST));
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain("--to FOLDER");
    const journal = readFileSync(join(data, ".audit.log"), "utf8").trimEnd().split("\n");
    expect(journal.map((line) => JSON.parse(line).what)).toEqual(["archive-upload"]);
    const to = join(sandbox.folder, "back");
    const restored = await run("archive", "restore", "0367", day(FIRST), "--to", to);
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(restored.stdout.trim()).equals(before)).toBe(true);
    const again = await run("archive", "restore", "0367", day(FIRST), "--to", to);
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toContain("is there already");
  });

  it("finds what is wrong in it", async () => {
    await run("archive", "upload");
    expect(await run("archive", "verify")).toMatchObject({ code: 0, stdout: "2 days are whole\n" });
    const object = join(shelf, `0367/events.log.${day(FIRST)}.zst`);
    const bytes = readFileSync(object);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    writeFileSync(object, bytes);
    writeFileSync(join(shelf, "0367/events.log.2020-01-01.zst"), "half");
    writeFileSync(join(shelf, "readme.txt"), "somebody's");
    const verified = await run("archive", "verify", "0367");
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain(`events.log.${day(FIRST)}.zst is not what was put there`);
    expect(verified.stdout).toContain("events.log.2020-01-01 has no index: half a day");
    expect((await run("archive", "status")).stdout).toContain("such as readme.txt");
    const to = join(sandbox.folder, "back");
    const restored = await run("archive", "restore", "0367", day(FIRST), "--to", to);
    expect(restored.stderr).toContain("is damaged");
    expect(readdirSync(to)).toEqual([]);
  });

  it("leaves uploading to the service that runs", async () => {
    const lock = holdArchiveLock(data);
    const { code, stderr } = await run("archive", "upload");
    lock?.release();
    expect(code).toBe(1);
    expect(stderr).toContain("the running service is bringing days into the archive");
  });

  it("lets calls and show look into archived days", async () => {
    const [id = ""] =
      /\|start\|(\d+\.\d+)\|/
        .exec(readFileSync(join(data, `0367/events.log.${day(FIRST)}`), "utf8"))
        ?.slice(1) ?? [];
    const listed = (await run("calls", "0367", "--csv")).stdout;
    const shown = (await run("show", "0367", id, "--raw")).stdout;
    expect(shown).toContain(id);
    await run("archive", "upload");
    expect(files()).toEqual(["events.log"]);
    expect((await run("calls", "0367", "--csv")).stdout).toBe(listed);
    expect((await run("show", "0367", id, "--raw")).stdout).toBe(shown);
  });
});
