import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  dayName,
  everything,
  HIS,
  HIS_NUMBER,
  hisCall,
  makeHisDays,
} from "../../tests/support/erase-world.ts";
import { DAY_MS } from "../lib/time.ts";
import { archiveCommands } from "./archive.ts";
import { callsCommand } from "./calls.ts";
import { eraseCommand } from "./erase.ts";
import { showCommand } from "./show.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

const TODAY = 20_400;
let sandbox: CliSandbox;
let data: string;
let shelf: string;

const days = [TODAY - 20, TODAY - 3, TODAY];
const nameOf = (day: number): string => dayName(day, TODAY);

beforeEach(() => {
  sandbox = openSandbox([eraseCommand, ...archiveCommands, callsCommand, showCommand]);
  data = join(sandbox.folder, "call_tracer");
  shelf = join(sandbox.folder, "shelf");
  mkdirSync(shelf);
  makeHisDays(data, days, TODAY);
});
afterEach(() => sandbox.remove());

const run = (...argv: string[]) =>
  sandbox.run(argv, { clock: { now: () => (TODAY + 1) * DAY_MS - 1000 } });
const withArchive = (...argv: string[]) => run(...argv, "--archive", `file://${shelf}`);

describe("calllog erase", () => {
  it("tells what it would do, and does nothing without --yes", async () => {
    const before = readFileSync(join(data, "0367/events.log"), "utf8");
    const told = await run("erase", "0367", "--number", "+375447654321");
    expect(told.stdout).toContain("3 calls, 15 of ");
    expect(told.stdout).toContain("nothing was changed");
    expect(readFileSync(join(data, "0367/events.log"), "utf8")).toBe(before);
  });

  it("leaves nothing of the subscriber, here and in the archive, and every call", async () => {
    expect((await withArchive("archive", "upload")).code).toBe(0);
    expect(readdirSync(join(data, "0367"))).not.toContain(nameOf(TODAY - 20));
    const rows = async (): Promise<string[]> =>
      (await withArchive("calls", "0367", "--csv")).stdout
        .split("\n")
        .map((line) => line.replaceAll(/375447654321|erased-[a-z]+|Пелагея Тестова/g, "X"));
    const before = await rows();
    expect(await everything(sandbox.folder)).toMatch(HIS);
    const done = await withArchive(
      "erase",
      "0367",
      "--number",
      "80447654321",
      "--country",
      "BY",
      "--yes",
      "--reason",
      "просьба абонента",
    );
    expect({ code: done.code, stderr: done.stderr.includes("calllog:") }).toEqual({
      code: 0,
      stderr: false,
    });
    expect(done.stdout).toContain("in 3 days (1 in the archive)");
    expect(await everything(sandbox.folder)).not.toMatch(HIS);
    expect((await rows()).length).toBe(before.length);
    expect((await withArchive("archive", "verify")).stdout).toBe("2 days are whole\n");
    const { id } = hisCall(TODAY - 20);
    const shown = await withArchive("show", "0367", id, "--json");
    const { call, records } = JSON.parse(shown.stdout);
    expect(call).toMatchObject({ status: "missed", phone: expect.stringMatching(/^erased-/) });
    expect(records.length).toBe(6);
    // The service goes on with the days as they are now.
    expect((await withArchive("archive", "upload")).stdout).toContain("0 wait");
  });

  it("writes an act without the number, and a line in the journal", async () => {
    await run("erase", "0367", "--number", HIS_NUMBER, "--yes", "--act", "act", "--reason", "<b>");
    const act = JSON.parse(readFileSync(join(sandbox.folder, "act.json"), "utf8"));
    expect(act).toMatchObject({
      enterprise: "0367",
      calls: 3,
      lines: 15,
      linesChanged: 18,
      reason: "<b>",
    });
    expect(act.cards.failed).toBe(6);
    const page = readFileSync(join(sandbox.folder, "act.html"), "utf8");
    expect(page).toContain("Акт об уничтожении персональных данных");
    expect(page).toContain("&#60;b&#62;");
    const journal = readFileSync(join(data, ".audit.log"), "utf8");
    const told = journal
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const common = { from: "command line", enterprise: "0367", about: act.mark };
    expect(told).toMatchObject([
      { ...common, what: "erase" },
      { ...common, what: "erase-done", lines: 15, who: act.by },
    ]);
    for (const text of [JSON.stringify(act), page, journal]) expect(text).not.toContain("7654321");
  });

  it("asks for --force where that is hardly one person, and takes no extension for one", async () => {
    const path = join(data, "0367/events.log");
    const many = Array.from({ length: 200 }, () => hisCall(TODAY).lines).join("");
    writeFileSync(path, readFileSync(path, "utf8") + many);
    const refused = await run("erase", "0367", "--number", HIS_NUMBER, "--yes");
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain("--force");
    expect(readFileSync(path, "utf8")).toContain(HIS_NUMBER);
    expect((await run("erase", "0367", "--number", "151")).stderr).toContain("no telephone number");
  });

  it("says how it reads a number without its country, and erases no half of one", async () => {
    const path = join(data, "0367/events.log");
    const before = readFileSync(path, "utf8");
    for (const number of ["80447654321", "447654321", "+37544765432"]) {
      const told = await run("erase", "0367", "--number", number);
      expect(told).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("no whole telephone number"),
      });
      const refused = await run("erase", "0367", "--number", number, "--yes");
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("--force does it"),
      });
    }
    expect(readFileSync(path, "utf8")).toBe(before);
    const inBelarus = await run("erase", "0367", "--number", "80447654321", "--country", "BY");
    expect(inBelarus.stderr).not.toContain("no whole");
    expect(inBelarus.stdout).toContain("3 calls, 15 of ");
    const nobody = await run("erase", "0367", "--number", "+375291110099", "--yes");
    expect(nobody).toMatchObject({ code: 0, stdout: expect.stringContaining("in any spelling") });
  });

  it("does nothing where it is not told in which archive the other days are", async () => {
    expect((await withArchive("archive", "upload")).code).toBe(0);
    const argv = ["erase", "0367", "--number", `+${HIS_NUMBER}`, "--yes"];
    const none = await run(...argv);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("2 days of 0367 are in an archive, and none was named"),
    });
    const other = await run(...argv, "--archive", `file://${sandbox.folder}`);
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `are in file://${shelf}, and file://${sandbox.folder} was named`,
      ),
    });
    expect(HIS.test(readFileSync(join(data, "0367/events.log"), "utf8"))).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "leaves the service its files, where root runs it",
    async () => {
      const all = (folder: string): string[] =>
        readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
          join(folder, name),
        );
      for (const path of [data, ...all(data)]) chownSync(path, 1234, 1234);
      expect((await withArchive("archive", "upload")).code).toBe(0);
      const argv = ["erase", "0367", "--number", `+${HIS_NUMBER}`, "--yes"];
      expect((await withArchive(...argv)).code).toBe(0);
      // A table of calls is made anew by whoever cannot read it.
      const foreign = all(data).filter(
        (path) => statSync(path).uid !== 1234 && !path.endsWith(".calls"),
      );
      expect(foreign.map((path) => path.slice(data.length))).toEqual([]);
    },
  );
});
