// The doctor against a Bot API server, a metadata service and a directory of its own.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type BotApiServer, startBotApi } from "../../tests/support/bot-api/server.ts";
import { selfSignedCertificate } from "../../tests/support/certificate.ts";
import { recordingFile } from "../../tests/support/recordings.ts";
import { systemClock } from "../lib/clock.ts";
import { DAY_MS } from "../lib/time.ts";
import { openTraceStore } from "../store/index.ts";
import { doctorCommand } from "./doctor.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";
import { userCommands } from "./user.ts";

const BOT = "700001:made-up-token-of-a-bot";
const REVOKED = "700002:made-up-revoked-token";

let box: CliSandbox;
let api: BotApiServer;
beforeEach(async () => {
  box = openSandbox([doctorCommand, ...enterpriseCommands, ...userCommands]);
  api = await startBotApi({ tokens: [BOT], chats: ["374573193", "-1001234567890"] });
  mkdirSync(join(box.folder, "call_tracer"), { mode: 0o700 });
});
afterEach(async () => {
  box.remove();
  await api.stop();
});

const setUp = async (...commands: readonly string[]) => {
  for (const command of commands) {
    const run = await box.run(command.split(" "));
    if (run.code !== 0) throw new Error(run.stderr);
  }
};
/** The real time, since others' clocks are compared; ports that nobody has, on this machine alone. */
const doctor = (...flags: string[]) =>
  box.run(
    [
      "doctor",
      "--telegram-api-root",
      api.apiRoot,
      "--host",
      "127.0.0.1",
      "--webhook-host",
      "127.0.0.1",
      ...(flags.includes("--port") ? [] : ["--port", "0"]),
      ...(flags.includes("--webhook-port") ? [] : ["--webhook-port", "0"]),
      ...flags,
    ],
    { clock: systemClock },
  );

/** Without what differs from machine to machine. */
const lines = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => !/open files:|free inodes/.test(line))
    .map((line) => line.replace(/^(?: {2})?/, "").replace(/ by user \d+| of user \d+/, ""));
const startingWith = (text: string, word: string): string[] =>
  lines(text).filter((line) => line.startsWith(word));

type Found = { readonly check: string; readonly level: string; readonly finding: string };
const found = async (...flags: string[]): Promise<Found[]> =>
  (JSON.parse((await doctor("--json", ...flags)).stdout) as { checks: Found[] }).checks;

const HEALTH = { status: "ok", reasons: [], version: "0.1.0", uptimeSeconds: 93_600 };
const answering = (answer: () => Response) =>
  Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });

const matching = ({ level, finding }: { level: string; finding: RegExp }) => ({
  level,
  finding: expect.stringMatching(finding) as string,
});

/** A finished or running day of an enterprise, of that many bytes. */
const writeDay = (name: string, at: Date, bytes = 0): string => {
  const folder = join(box.folder, "call_tracer", "0367");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stamp = at.toISOString().replace("T", " ").replace(".", ",").slice(0, 23);
  const line = `${stamp}|AST|start|1764493655.61|{"Phone":"375290000001"}\n`;
  writeFileSync(join(folder, name), line.padEnd(bytes, "x"), { mode: 0o600 });
  return join(folder, name);
};
const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
const dayName = (days: number): string => `events.log.${daysAgo(days).toISOString().slice(0, 10)}`;

describe("calllog doctor", () => {
  it("is content where everything is there, and sends nothing", async () => {
    const metadata = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response(null, { status: 404 }),
    });
    const pages = answering(() => Response.json(HEALTH));
    try {
      await setUp(
        `enterprise add 0367 --name Test --bot-token ${BOT}`,
        "user add 374573193 --enterprise 0367",
        "user add -1001234567890 --enterprise 0367",
      );
      const run = await doctor(
        "--public-url",
        pages.url.origin,
        "--metadata-url",
        metadata.url.origin,
      );
      expect(run).toMatchObject({ code: 0, stderr: "" });
      expect(lines(run.stdout)).toEqual([
        expect.stringMatching(/^calllog .*; settings can be read$/),
        "Files and disk",
        `ok     data folder ${join(box.folder, "call_tracer")}: can be written`,
        "ok     owner and modes: 1 entry, closed to others",
        expect.stringMatching(/^ok {5}free disk: .* free; no finished day yet/),
        "This machine",
        `ok     clock: agrees with ${new URL(api.apiRoot).host}, the metadata service`,
        "ok     events on 127.0.0.1:0: any free port is taken",
        "ok     pages on 127.0.0.1:0: any free port is taken",
        "Services",
        "ok     directory of enterprises and people: answers",
        `ok     public address ${pages.url.origin}: leads to calllog 0.1.0`,
        `ok     metadata service ${metadata.url.origin}: answers`,
        "Bots and chats",
        "ok     bot 700001 of 0367: is @calls_bot",
        "ok     chat -1001234567890 of 0367: may be written to",
        "ok     chat 374573193 of 0367: may be written to",
        "Nothing is wrong.",
        "",
      ]);
      expect(new Set(api.requests.map(({ method }) => method))).toEqual(
        // The one without a method asks for the time.
        new Set(["", "getMe", "getChat", "sendChatAction"]),
      );
      // The commands that set it up are in the audit; the doctor leaves nothing.
      expect(readdirSync(join(box.folder, "call_tracer"))).toEqual([".audit.log"]);
    } finally {
      await metadata.stop(true);
      await pages.stop(true);
    }
  });

  it("names everything that is wrong, with what to do, and no token", async () => {
    await setUp(
      `enterprise add 0367 --name Test --bot-token ${BOT}`,
      "user add 374573193 --enterprise 0367",
      "user add 5550001 --enterprise 0367",
      `enterprise add 0368 --name Test --bot-token ${REVOKED}`,
      "user add 374573193 --enterprise 0368",
      "enterprise add 0369 --name Test",
      "user add 374573193 --enterprise 0369",
      "enterprise add 0370 --name Closed",
      "user add 374573193 --enterprise 0370",
      "enterprise set 0370 --active no",
    );
    api.block("374573193");
    const run = await doctor("--public-url", "http://pbx", "--metadata-url", "http://127.0.0.1:1");
    expect(run.code).toBe(1);
    const wrong = startingWith(run.stdout, "WRONG");
    expect(wrong.map((line) => line.slice(7))).toEqual([
      expect.stringMatching(/^public address http:\/\/pbx: .*--public-url/),
      expect.stringMatching(/^metadata service http:\/\/127\.0\.0\.1:1: does not answer/),
      expect.stringMatching(/^enterprise 0369: .*enterprise set 0369 --bot-token TOKEN$/),
      expect.stringMatching(/^chat 5550001 of 0367: 400 .*user remove 5550001 --enterprise 0367$/),
      expect.stringMatching(/^chat 374573193 of 0367: 403 .*blocked.*@calls_bot/),
      expect.stringMatching(/^bot 700002 of 0368: 401 .*enterprise set 0368 --bot-token TOKEN$/),
    ]);
    expect(run.stdout + run.stderr).not.toContain("made-up");
    expect(run.stdout).not.toContain("0370");
  });

  it("finds a group that took the right to write, and cards that did not arrive, and writes nothing", async () => {
    await setUp(
      `enterprise add 0367 --name Test --bot-token ${BOT}`,
      "user add 374573193 --enterprise 0367",
      "user add -1001234567890 --enterprise 0367",
    );
    api.mute("-1001234567890");
    const path = writeDay("events.log", new Date());
    const failed = (minutesAgo: number, chat: string, why: string): string => {
      const at = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      return `${at.replace("T", " ").replace(".", ",").slice(0, 23)}|TG|fail|${chat}|hangup|0|1764493655.61|${why}\n`;
    };
    appendFileSync(
      path,
      failed(30 * 60, "374573193", "too long ago") +
        failed(20, "374573193", "400 an older reason") +
        failed(10, "374573193", "403 Forbidden: bot was blocked by the user"),
    );
    const run = await doctor();
    expect(startingWith(run.stdout, "WRONG").map((line) => line.slice(7))).toEqual([
      expect.stringMatching(/^chat -1001234567890 of 0367: 400 .*not enough rights.*let it send/),
    ]);
    expect(run.stdout).toContain(
      "chat 374573193 of 0367: 2 cards of the last day did not arrive: 403 Forbidden: bot was blocked by the user",
    );
    expect(api.requests.map(({ method }) => method)).not.toContain("sendMessage");
    expect(["374573193", "-1001234567890"].flatMap((chat) => api.everSent(chat))).toEqual([]);
  });

  it("tells what is merely not set up as notes", async () => {
    const run = await doctor();
    expect(run.code).toBe(0);
    const notes = startingWith(run.stdout, "note").filter((line) => !line.includes("open files"));
    expect(notes).toHaveLength(3);
    expect(readdirSync(box.folder)).toEqual(["call_tracer"]);
    expect(run.stdout).toContain("calllog enterprise add NUMBER");
  });

  it("tells Telegram out of reach from a wrong token", async () => {
    await setUp(`enterprise add 0367 --name Test --bot-token ${BOT}`);
    await api.stop();
    const run = await doctor();
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/WRONG {2}bot 700001 of 0367: the connection .*--telegram-api-root/);
    expect(run.stdout).not.toContain("@BotFather");
  });

  it("goes on where a folder or the directory fails", async () => {
    writeFileSync(join(box.folder, "plain"), "");
    const run = await doctor("--data-dir", "plain/call_tracer", "--json");
    const { ok, checks } = JSON.parse(run.stdout);
    expect([run.code, ok]).toEqual([1, false]);
    const wrong = checks.filter(({ level }: { level: string }) => level === "wrong");
    expect(wrong.map(({ check }: { check: string }) => check)).toEqual(["data", "directory"]);
    expect(checks.map(({ check }: { check: string }) => check)).toContain("metadata");
  });

  it("tells a port that is free, that calllog has, and that another program has", async () => {
    const ours = answering(() =>
      Response.json({ ...HEALTH, status: "failing", reasons: ["no room"] }),
    );
    const others = answering(() => new Response("<html>"));
    const free = answering(() => new Response());
    const freePort = String(free.port);
    await free.stop(true);
    try {
      const told = async (port: number | string | undefined) =>
        (await found("--port", String(port))).filter(
          ({ check, finding }) => check === "ports" && !/any free/.test(finding),
        );
      expect(await told(freePort)).toMatchObject([{ level: "ok", finding: /^free/ }].map(matching));
      expect(await told(others.port)).toMatchObject(
        [{ level: "wrong", finding: /another program answers/ }].map(matching),
      );
      expect(await told(ours.port)).toMatchObject(
        [
          { level: "wrong", finding: /cannot record: no room/ },
          { level: "note", finding: /does not work on/ },
        ].map(matching),
      );
    } finally {
      await ours.stop(true);
      await others.stop(true);
    }
  });

  it("tells files of others' eyes and of other owners", async () => {
    const open = writeDay(dayName(1), daysAgo(1));
    chmodSync(open, 0o644);
    const closed = (await found()).filter(({ check }) => check === "rights");
    // Nobody else may enter the folder above it.
    expect(closed).toMatchObject([{ level: "ok" }]);
    chmodSync(join(box.folder, "call_tracer"), 0o755);
    // Nor this one.
    expect((await found()).filter(({ check }) => check === "rights")).toMatchObject([
      { level: "ok" },
    ]);
    chmodSync(join(box.folder, "call_tracer", "0367"), 0o755);
    const told = (await found()).filter(({ check }) => check === "rights");
    expect(told).toMatchObject([
      { level: "note", finding: expect.stringMatching(/every user of this machine can read 2 /) },
    ]);
    if (process.geteuid?.() !== 0) return;
    chownSync(open, 1234, 1234);
    expect((await found()).filter(({ check }) => check === "rights")[0]).toMatchObject({
      level: "wrong",
      finding: expect.stringContaining(`${open} of user 1234`),
    });
  });

  it("judges the disk by what the last days wrote, and names days that should be gone", async () => {
    const { bavail, bsize } = statfsSync(box.folder);
    for (const day of [1, 2, 3, 20]) writeDay(dayName(day), daysAgo(day), 1024 * 1024);
    const disk = async (...flags: string[]) =>
      (await found(...flags)).filter(
        ({ check, finding }) => check === "disk" && !/inodes/.test(finding),
      );
    expect(await disk()).toMatchObject(
      [
        { level: "ok", finding: /1\.0 MiB a day \(3\.0 MiB from .* enough for the 14 days/ },
        { level: "note", finding: /^1 file .* before the last 14/ },
      ].map(matching),
    );
    // More days than the disk has room for.
    const days = Math.min(3650, Math.ceil((bavail * bsize) / 1024 / 1024) + 100);
    if (days < 3650) expect((await disk("--retention-days", String(days)))[0]?.level).toBe("note");
  });

  it("finds a clock that differs, and records of the future", async () => {
    const ahead = { now: () => Date.now() + 7 * 60_000 };
    const run = await box.run(
      ["doctor", "--telegram-api-root", api.apiRoot, "--port", "0", "--webhook-port", "0"],
      { clock: ahead },
    );
    expect(startingWith(run.stdout, "WRONG")).toEqual([
      expect.stringMatching(/clock: [67] minutes ahead of 127\.0\.0\.1.*timedatectl/),
    ]);
    writeDay("events.log", new Date(Date.now() + 3_600_000));
    const told = (await found()).filter(({ level }) => level === "wrong");
    expect(told).toMatchObject([
      { check: "disk", finding: expect.stringContaining("in the future") },
    ]);
  });

  it("tells a public address that leads elsewhere, and a certificate that nobody trusts", async () => {
    const others = answering(() => new Response("<html>", { status: 200 }));
    const { certificate, key } = selfSignedCertificate("127.0.0.1");
    const secure = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      tls: { cert: certificate, key },
      fetch: () => Response.json(HEALTH),
    });
    const silent = Bun.listen({
      port: 0,
      hostname: "127.0.0.1",
      socket: { data: () => undefined },
    });
    try {
      const told = async (url: string) =>
        (await found("--public-url", url)).filter(({ check }) => check === "public-url");
      expect(await told(others.url.origin)).toMatchObject(
        [{ level: "wrong", finding: /not calllog/ }].map(matching),
      );
      expect(await told(secure.url.origin)).toMatchObject(
        [
          { level: "ok", finding: /leads to calllog/ },
          { level: "wrong", finding: /signs itself|not trusted|does not know/ },
        ].map(matching),
      );
      const began = performance.now();
      expect(await told(`http://127.0.0.1:${silent.port}`)).toMatchObject(
        [{ level: "note", finding: /no answer in time/ }].map(matching),
      );
      expect(performance.now() - began).toBeLessThan(9000);
    } finally {
      await others.stop(true);
      await secure.stop(true);
      silent.stop(true);
    }
  }, 20_000);

  it("names settings that say more than they were meant to, and a log that cannot be written", async () => {
    mkdirSync(join(box.folder, "log"));
    const told = await found(
      "--trust-proxy",
      "0.0.0.0/0",
      "--webhook-allow",
      "10.0.0.0/8,::/0",
      "--log-file",
      "log",
    );
    expect(told.filter(({ check }) => check === "networks").map(({ level }) => level)).toEqual([
      "wrong",
      "note",
    ]);
    expect(told.find(({ check }) => check === "log")).toMatchObject({ level: "wrong" });
  });
});

describe("doctor on recordings", () => {
  const told = async (...flags: string[]): Promise<string[]> =>
    (await doctor(...flags)).stdout.split("\n").filter((line) => line.includes(" recordings "));

  /** Two answered calls of yesterday, one of them recorded. */
  const yesterday = async (folder: string): Promise<void> => {
    const from = systemClock.now() - DAY_MS;
    let now = from;
    const dir = join(box.folder, "call_tracer");
    const store = openTraceStore({ dir, clock: { now: () => now } });
    for (const [index, id] of ["1764504000.1", "1764504000.2"].entries()) {
      const base = { UniqueId: id, CallType: 0, Phone: `37529111220${index}` };
      const talk = { ...base, BridgeUniqueid: `b${index}` };
      const events: [string, object][] = [
        ["start", base],
        ["dial", { ...base, Extensions: ["151"] }],
        ["bridge", { ...talk, Channel: "PJSIP/mts-1" }],
        ["bridge", { ...talk, Channel: "PJSIP/151-2", ChanUniqueId: `${id}9` }],
        ["hangup", { ...base, CallStatus: 2 }],
      ];
      for (const [event, body] of events) {
        now += 1000;
        await store.append("0367", { kind: "AST", event, uniqueId: id, body: { ...body } });
      }
    }
    await store.close();
    await recordingFile(folder, "in-1764504000.1.wav");
  };

  it("says nothing where none are set", async () => expect(await told()).toEqual([]));

  it("says which folder is missing, and how many of yesterday's calls have one", async () => {
    const folder = join(box.folder, "monitor");
    await yesterday(folder);
    const missing = join(box.folder, "gone");
    expect(await told("--recordings", `${folder} ${missing}`, "--timezone", "UTC")).toEqual([
      `  ok     recordings ${folder}: can be read`,
      `  WRONG  recordings ${missing}: is not there; mount it, or mend --recordings`,
      "  ok     recordings of 0367: 1 of yesterday's 2 answered calls have one by its name",
    ]);
    expect(
      await told("--recordings", box.folder, "--recording-pattern", "x{uniqueId}"),
    ).toContainEqual(
      expect.stringMatching(
        /note {3}recordings of 0367: 0 of yesterday's 2 .* compare a file's name/,
      ),
    );
  });
});
