import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import type { CliCommand, CommandArgs } from "./command.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";
import { versionCommand } from "./version.ts";

/** What the commands below were run with. */
let runs: { name: string; args: CommandArgs }[];
let sandbox: CliSandbox;

const recorder = (spec: Omit<CliCommand, "run">): CliCommand => ({
  ...spec,
  run: async (_, args) => {
    runs.push({ name: spec.words.join(" "), args });
    return 0;
  },
});

const COMMANDS: readonly CliCommand[] = [
  recorder({ words: ["serve"], summary: "serve" }),
  recorder({
    words: ["box", "add"],
    summary: "add a box",
    operands: [
      { name: "ID", text: "the box", check: { allows: (t) => t !== "bad", rule: "good" } },
    ],
    options: [
      { flag: "label", placeholder: "TEXT", text: "Label.", required: true },
      {
        flag: "key",
        placeholder: "KEY",
        text: "Key.",
        secret: true,
        check: { allows: (text) => text.length === 4, rule: "4 letters" },
      },
      { flag: "json", text: "JSON." },
    ],
    examples: ["calllog box add 1 --label x"],
    conflicts: (args) => (args.option("label") === "none" ? ["a box has a label"] : []),
  }),
  {
    words: ["fail"],
    summary: "fail",
    run: async () => {
      throw new Error("cannot reach https://u:hidden@box.test:\n  refused");
    },
  },
  versionCommand,
];

beforeEach(() => {
  runs = [];
  sandbox = openSandbox(COMMANDS);
});
afterEach(() => sandbox.remove());

describe("runCli", () => {
  it("serves without a command, with flags alone, and by name", async () => {
    for (const argv of [[], ["--port", "8027"], ["--port=8027"], ["serve", "--port", "8027"]]) {
      expect(await sandbox.run(argv)).toEqual({ code: 0, stdout: "", stderr: "" });
    }
    expect(runs.map(({ name, args }) => [name, args.config.port])).toEqual([
      ["serve", 8026],
      ["serve", 8027],
      ["serve", 8027],
      ["serve", 8027],
    ]);
  });

  it("hands a command its operands, flags and settings", async () => {
    await sandbox.run([
      "box",
      "add",
      "-17",
      "--label",
      "a b",
      "--json",
      "--key=-abc",
      "--data-dir",
      "d",
    ]);
    const args = runs[0]?.args;
    expect(args?.operand("ID")).toBe("-17");
    expect(args?.option("label")).toBe("a b");
    expect(args?.option("key")).toBe("-abc");
    expect([args?.has("json"), args?.has("key"), args?.has("nothing")]).toEqual([
      true,
      true,
      false,
    ]);
    expect(args?.config.dataDir).toBe(`${sandbox.folder}/d`);
  });

  const wrong: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      "reports everything at once and runs nothing",
      ["box", "add", "bad", "more", "--key", "toolong", "--lable", "x", "--data-dir="],
      [
        "calllog: ID bad: must be good",
        "calllog: argument 2: is one too many",
        "calllog: --key: must be 4 letters",
        "calllog: --label: is needed",
        "calllog: --lable: there is no such flag; did you mean --label?",
        'calllog: --data-dir "": must be the path of a folder',
        "See: calllog help box add",
      ],
    ],
    [
      "asks for a missing value and a missing word",
      ["box", "add", "--label"],
      ["calllog: ID: is needed: the box", "calllog: --label: needs a value"],
    ],
    [
      "does not take the next flag for a value",
      ["serve", "--host", "--port", "1"],
      ["calllog: --host: needs a value"],
    ],
    [
      "refuses a value where none belongs",
      ["box", "add", "1", "--label=x", "--json=yes"],
      ["calllog: --json: takes no value"],
    ],
    [
      "tells a flag of another command",
      ["box", "add", "1", "--label=x", "--port", "1"],
      ["calllog: --port: is no flag of calllog box add"],
    ],
    [
      "asks for what is wrong only together",
      ["box", "add", "1", "--label", "none"],
      ["calllog: a box has a label"],
    ],
    ["suggests a command", ["serv"], ['calllog: there is no command "serv"; did you mean serve?']],
    [
      "suggests a command of a group",
      ["box", "ad"],
      ['calllog: there is no command "box ad"; did you mean box add?'],
    ],
    ["has no help for what there is not", ["help", "vershion"], ["did you mean version?"]],
    ["shows the commands of a group", ["box"], ["Usage: calllog box COMMAND", "add a box"]],
    [
      "takes commands only before flags",
      ["--port", "1", "version"],
      ["calllog: argument 1 version: is one too many (a command comes before its flags"],
    ],
  ];
  for (const [name, argv, lines] of wrong) {
    it(`${name}: exit 2`, async () => {
      const run = await sandbox.run(argv);
      for (const line of lines) expect(run.stderr).toContain(line);
      expect([run.code, run.stdout, runs]).toEqual([2, "", []]);
    });
  }

  it("does not ask for a word that a mistyped flag may have taken", async () => {
    const { stderr } = await sandbox.run(["box", "add", "--jsn", "1", "--label", "x"]);
    expect(stderr).toBe(
      "calllog: --jsn: there is no such flag; did you mean --json?\nSee: calllog help box add\n",
    );
  });

  it("repeats nothing that may be a secret", async () => {
    const { stderr } = await sandbox.run([
      "box",
      "add",
      "1",
      "spilt-1",
      "--label=x",
      "--key",
      "spilt-2",
      "--kye",
      "spilt-3",
      "--kez=spilt-4",
      "-spilt",
    ]);
    expect(stderr).toContain("--kye");
    expect(stderr).not.toContain("spilt");
  });

  it("reads the environment, and reports its mistakes beside the flags'", async () => {
    const env = { CALLLOG_PORT: "x", CALLLOG_PROT: "hidden" };
    const { code, stderr } = await sandbox.run(["--webhook-port", "y"], { env });
    expect(code).toBe(2);
    expect(stderr).toContain("CALLLOG_PORT=x: must be");
    expect(stderr).toContain("CALLLOG_PROT: there is no such setting; did you mean CALLLOG_PORT?");
    expect(stderr).toContain("--webhook-port y: must be");
    expect(stderr).not.toContain("hidden");
  });

  it("turns a failure into one masked line and exit 1", async () => {
    expect(await sandbox.run(["fail"])).toEqual({
      code: 1,
      stdout: "",
      stderr: "calllog: cannot reach https://***@box.test: refused\n",
    });
  });
});

describe("help", () => {
  const forms: readonly (readonly string[])[] = [
    ["help"],
    ["--help"],
    ["-h"],
    ["--port", "1", "--help"],
  ];
  for (const argv of forms) {
    it(`of the program: ${argv.join(" ")}`, async () => {
      const { code, stdout, stderr } = await sandbox.run(argv);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toContain("Usage: calllog [serve] [flags]");
      expect(stdout).toContain("--webhook-port <PORT>");
      expect(stdout).toContain("[8000]");
      expect(stdout).toContain("Commands:");
      expect(stdout).toContain("Examples:");
    });
  }

  for (const argv of [
    ["help", "box", "add"],
    ["box", "add", "--help"],
    ["box", "add", "--oops", "-h"],
  ]) {
    it(`of a command: ${argv.join(" ")}`, async () => {
      const { code, stdout } = await sandbox.run(argv);
      expect(code).toBe(0);
      for (const part of [
        "Usage: calllog box add <ID> [flags]",
        "--label <TEXT>",
        "--data-dir <FOLDER>",
        "calllog box add 1 --label x",
      ]) {
        expect(stdout).toContain(part);
      }
      expect(stdout).not.toContain("--webhook-port");
    });
  }

  it("of a group, on request", async () => {
    const { code, stdout } = await sandbox.run(["box", "--help"]);
    expect([code, stdout.includes("add a box")]).toEqual([0, true]);
  });

  it("is there although the environment is wrong", async () => {
    expect((await sandbox.run(["help"], { env: { CALLLOG_PORT: "x" } })).code).toBe(0);
  });

  it("fits a terminal of 80 columns", async () => {
    const stdout = {
      isTTY: true,
      columns: 80,
      text: "",
      write: (text: string) => {
        stdout.text += text;
      },
    };
    await sandbox.run(["help", "serve"], { stdout });
    expect(Math.max(...stdout.text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("version", () => {
  for (const argv of [["version"], ["--version"], ["-V"]]) {
    it(`names the version, the commit and Bun: ${argv[0]}`, async () => {
      const { code, stdout } = await sandbox.run(argv, { env: { CALLLOG_PORT: "x" } });
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^calllog \d+\.\d+\.\d+\S* \(commit \w+, Bun \d+\.\d+\.\d+\)\n$/),
      ]);
    });
  }
});
