// `calllog import` as operators run it: files as the PBXs write them in, the calls as `calllog calls` and `show` tell them out.

import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsCommand } from "./calls.ts";
import { enterpriseCommands } from "./enterprise.ts";
import { importCommand } from "./import.ts";
import { showCommand } from "./show.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

const clock = { now: () => Date.UTC(2026, 10, 22, 12) };
let sandbox: CliSandbox;
beforeEach(() => {
  sandbox = openSandbox([importCommand, callsCommand, showCommand]);
});
afterEach(() => sandbox.remove());

const run = (...argv: string[]) => sandbox.run([...argv, "--timezone", "Europe/Minsk"], { clock });
const importFile = (name: string, ...flags: string[]) =>
  run("import", name, "--enterprise", "0367", ...flags);
const put = (name: string, text: string) => writeFile(join(sandbox.folder, name), text);
const dayFile = (day: string) => join(sandbox.folder, "call_tracer/0367", `events.log.${day}`);
const files = (): string[] => {
  const folder = join(sandbox.folder, "call_tracer/0367");
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};

type Told = { readonly [field: string]: unknown };
const calls = async (): Promise<Told[]> => {
  const { stdout } = await run("calls", "0367", "--json");
  return (JSON.parse(stdout) as { calls: Told[] }).calls;
};
const show = async (uniqueId: string): Promise<Told> => {
  const { stdout } = await run("show", "0367", uniqueId, "--json");
  return (JSON.parse(stdout) as { call: Told }).call;
};

const doubtsOf = async (uniqueId: string): Promise<unknown> => {
  const { stdout } = await run("show", "0367", uniqueId, "--json");
  return (JSON.parse(stdout) as { doubts: { code: string }[] }).doubts.map(({ code }) => ({
    code,
  }));
};

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A line of Master.csv; times are of 20 November 2026 in Minsk. */
type Row = {
  readonly src?: string;
  readonly dst?: string;
  readonly context?: string;
  readonly clid?: string;
  readonly channel: string;
  readonly to?: string;
  readonly app?: string;
  readonly data?: string;
  readonly at: readonly [start: string, answer: string, end: string];
  readonly result: string;
  readonly id: string;
  readonly linked?: string;
};
const secondsOf = (time: string): number =>
  time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
const master = (row: Row): string => {
  const [start, answer, end] = row.at;
  const stamp = (time: string) => (time === "" ? "" : `2026-11-20 ${time}`);
  const fields = [
    ...["", row.src ?? "", row.dst ?? "", row.context ?? "", row.clid ?? row.src ?? ""],
    ...[row.channel, row.to ?? "", row.app ?? "Dial", row.data ?? ""],
    ...[start, answer, end].map(stamp),
  ];
  const numbers = [
    secondsOf(end) - secondsOf(start),
    answer === "" ? 0 : secondsOf(end) - secondsOf(answer),
  ];
  const tail = [row.result, "DOCUMENTATION", row.id, "", "", row.linked ?? row.id, "17"];
  return [...fields.map(quoted), ...numbers, ...tail.map(quoted)].join(",");
};
const masterCsv = (...rows: Row[]): string => rows.map((row) => `${master(row)}\n`).join("");

const INCOMING: Row = {
  src: "375295305942",
  dst: "151",
  context: "from-did-direct",
  clid: '"Иван, ""Ромашка""" <375295305942>',
  channel: "PJSIP/mts-00000001",
  to: "PJSIP/151-00000002",
  data: "PJSIP/151/sip:151@192.0.2.9:5060,,tr",
  at: ["10:00:00", "10:00:07", "10:01:07"],
  result: "ANSWERED",
  id: "1795158000.1",
};
const NOBODY: Row = {
  ...INCOMING,
  at: ["11:00:00", "", "11:00:30"],
  result: "NO ANSWER",
  id: "1795161600.5",
};

describe("calllog import of Master.csv", () => {
  it("makes an answered call of a line: who, whom, waited, talked", async () => {
    await put("Master.csv", masterCsv(INCOMING));
    const { code, stdout, stderr } = await importFile("Master.csv");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe("made 1 call of 1 day, 2026-11-20 to 2026-11-20 (UTC)\nread 1 row\n");
    expect(await show("1795158000.1")).toMatchObject({
      direction: "incoming",
      status: "answered",
      phone: "375295305942",
      callerName: 'Иван, "Ромашка"',
      extensions: ["151"],
      answeredBy: ["151"],
      trunk: "mts",
      startedAt: "2026-11-20T07:00:00.000Z",
      answeredAt: "2026-11-20T07:00:07.000Z",
      endedAt: "2026-11-20T07:01:07.000Z",
      waitSeconds: 7,
      talkSeconds: 60,
      // Rows do not tell.
      hungUpBy: null,
    });
    const text = readFileSync(dayFile("2026-11-20"), "utf8");
    const lines = text.trimEnd().split("\n");
    expect(lines.map((line) => line.split("|")[2])).toEqual([
      ...["start", "dial", "bridge", "bridge", "hangup"],
    ]);
    for (const line of lines) {
      expect(line).toMatch(/^2026-11-20 07:0\d:\d\d,000\|AST\|/);
      expect(JSON.parse(line.split("|").slice(4).join("|"))).toMatchObject({
        _recovered: true,
        _imported: "cdr",
        EventId: expect.stringMatching(/^cdr\//),
      });
    }
  });

  const told = async (...rows: Row[]): Promise<Told> => {
    await put("Master.csv", masterCsv(...rows));
    expect(await importFile("Master.csv")).toMatchObject({ code: 0, stderr: "" });
    const [first, ...others] = await calls();
    expect(others).toEqual([]);
    return first ?? {};
  };

  it("tells who was rung where nobody answered, all in one call", async () => {
    const rows = ["151", "152", "153"].map((number, index) => ({
      ...NOBODY,
      dst: "600",
      context: "ext-group",
      to: `PJSIP/${number}-0000000${index}`,
      data: "PJSIP/151/sip:151@192.0.2.9&PJSIP/152/sip:152@192.0.2.9&PJSIP/153/sip:153@192.0.2.9,20,tr",
    }));
    expect(await told(...rows)).toMatchObject({
      direction: "incoming",
      status: "missed",
      extensions: ["151", "152", "153"],
      waitSeconds: 30,
      answeredBy: [],
    });
  });

  it("tells who of a group answered, and a busy one", async () => {
    const answered = { ...INCOMING, to: "PJSIP/152-00000003" };
    const rung = { ...INCOMING, at: ["10:00:00", "", "10:00:07"] as const, result: "NO ANSWER" };
    expect(await told(rung, answered)).toMatchObject({
      status: "answered",
      answeredBy: ["152"],
      extensions: ["151", "152"],
      talkSeconds: 60,
    });
    const busy = { ...NOBODY, result: "BUSY" };
    await put(
      "busy.csv",
      masterCsv({ ...busy, id: "1795071600.9", linked: "1795071600.9" }).replaceAll(
        "11-20",
        "11-19",
      ),
    );
    expect(await importFile("busy.csv")).toMatchObject({ code: 0, stderr: "" });
    expect(await show("1795071600.9")).toMatchObject({ status: "busy", direction: "incoming" });
  });

  it("follows an attended transfer over its rows, also without linkedid", async () => {
    const trunk = "PJSIP/mts-00000001";
    const first = { ...INCOMING, linked: "" };
    const consult: Row = {
      src: "151",
      dst: "152",
      context: "from-internal",
      channel: "PJSIP/151-00000003",
      to: "PJSIP/152-00000004",
      data: "PJSIP/152/sip:152@192.0.2.9",
      at: ["10:00:50", "10:00:55", "10:01:07"],
      result: "ANSWERED",
      id: "1795158050.3",
      linked: "",
    };
    const last = {
      ...first,
      channel: trunk,
      to: "PJSIP/152-00000004",
      at: ["10:01:07", "10:01:07", "10:02:07"] as const,
    };
    await told(first, consult, last);
    expect(await show("1795158000.1")).toMatchObject({
      direction: "incoming",
      answeredBy: ["151", "152"],
      talkSeconds: 120,
      endedAt: "2026-11-20T07:02:07.000Z",
      transfers: [{ kind: "attended", from: "151", to: "152", completed: true }],
      hungUpBy: null,
    });
    expect(await doubtsOf("1795158000.1")).toEqual([{ code: "imported" }]);
  });

  it("follows a blind transfer", async () => {
    const last = {
      ...INCOMING,
      dst: "152",
      to: "PJSIP/152-00000004",
      at: ["10:01:07", "10:01:12", "10:02:12"] as const,
    };
    await told(INCOMING, last);
    expect(await show("1795158000.1")).toMatchObject({
      answeredBy: ["151", "152"],
      talkSeconds: 120,
      transfers: [{ kind: "blind", from: "151", to: "152", completed: true }],
    });
  });

  it("sees through the pipes of a queue", async () => {
    const queue = {
      ...INCOMING,
      dst: "700",
      context: "ext-queues",
      app: "Queue",
      data: "700,t,,,120",
      to: "Local/152@from-queue-00000007;1",
    };
    const agent: Row = {
      ...INCOMING,
      dst: "152",
      context: "from-queue",
      channel: "Local/152@from-queue-00000007;2",
      to: "PJSIP/152-00000008",
      data: "PJSIP/152/sip:152@192.0.2.9",
      id: "1795158002.9",
      linked: INCOMING.id,
    };
    expect(await told(queue, agent)).toMatchObject({
      direction: "incoming",
      status: "answered",
      answeredBy: ["152"],
      talkSeconds: 60,
    });
  });

  const OUT: Row = {
    src: "151",
    dst: "80291234567",
    context: "from-internal",
    channel: "SIP/151-0000000a",
    to: "SIP/mts-0000000b",
    data: "SIP/mts/80291234567,300,T",
    at: ["12:00:00", "12:00:10", "12:00:40"],
    result: "ANSWERED",
    id: "1795165200.10",
  };
  it("tells outgoing, internal and service calls apart", async () => {
    const inside = {
      ...OUT,
      dst: "152",
      to: "SIP/152-0000000c",
      data: "SIP/152",
      id: "1795165300.11",
    };
    const voicemail = {
      ...OUT,
      dst: "*97",
      to: "",
      app: "VoiceMailMain",
      data: "",
      id: "1795165400.12",
    };
    const failed = {
      ...OUT,
      at: ["12:10:00", "", "12:10:01"] as const,
      result: "FAILED",
      id: "1795165800.13",
    };
    const company = { ...OUT, src: "375171234567", id: "1795165500.14" };
    const rows = [OUT, inside, voicemail, failed, company].map((row, index) => ({
      ...row,
      channel: `SIP/151-0000010${index}`,
      to: row.to === "" ? "" : `${row.to}${index}`,
    }));
    await put("Master.csv", masterCsv(...rows));
    expect(await importFile("Master.csv")).toMatchObject({ code: 0, stderr: "" });
    const common = { direction: "outgoing", phone: "80291234567", trunk: "mts" };
    expect(await show(OUT.id)).toMatchObject({
      ...common,
      status: "answered",
      extensions: ["151"],
      answeredBy: ["151"],
      waitSeconds: 10,
      talkSeconds: 30,
    });
    expect(await show(inside.id)).toMatchObject({
      direction: "internal",
      status: "answered",
      phone: "151",
      answeredBy: ["152"],
    });
    expect(await show(voicemail.id)).toMatchObject({ direction: "internal", status: "service" });
    expect(await show(failed.id)).toMatchObject({ ...common, status: "failed" });
    expect(await show(company.id)).toMatchObject({ ...common, extensions: ["151"] });
  });

  it("takes the operator's word for who is a line", async () => {
    const odd = { ...INCOMING, src: "151", channel: "SIP/gate-00000001" };
    await put("Master.csv", masterCsv(odd));
    await importFile("Master.csv", "--trunks", "gate*");
    expect(await show(INCOMING.id)).toMatchObject({ direction: "incoming", trunk: "gate" });
  });
});

describe("calllog import of other sources", () => {
  it("reads a dump of the table cdr by its columns, in any order, as mysql and spreadsheets write it", async () => {
    const names =
      "linkedid,calldate,did,cnum,cnam,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,recordingfile,uniqueid,clid";
    const values =
      "1795158000.1,2026-11-20 10:00:00,375171234567,375295305942,,375295305942,151,ext-local,SIP/mts-1a,SIP/151-1b,Dial,SIP/151,67,60,ANSWERED,q-151.wav,1795158000.1,x";
    for (const delimiter of [",", ";", "\t"]) {
      const name = `cdr${delimiter.charCodeAt(0)}.csv`;
      await put(name, `\ufeff${names}\r\n${values}\r\n`.replaceAll(",", delimiter));
      const dry = await importFile(name, "--dry-run");
      expect(dry.stdout).toStartWith("would make 1 call of 1 day, 2026-11-20");
      expect(files()).toEqual([]);
    }
    await importFile("cdr9.csv");
    expect(await show("1795158000.1")).toMatchObject({
      direction: "incoming",
      answeredBy: ["151"],
      waitSeconds: 7,
      talkSeconds: 60,
    });
    expect(readFileSync(dayFile("2026-11-20"), "utf8")).toContain('"Recording":"q-151.wav"');
  });

  it("reads MikoPBX's cdr.db", async () => {
    const database = new Database(join(sandbox.folder, "cdr.db"), { create: true });
    database.run(
      "CREATE TABLE cdr_general (id INTEGER PRIMARY KEY, start TEXT, endtime TEXT, answer TEXT, src_chan TEXT, src_num TEXT, dst_chan TEXT, dst_num TEXT, UNIQUEID TEXT, linkedid TEXT, did TEXT, disposition TEXT, recordingfile TEXT, from_account TEXT, to_account TEXT, dialstatus TEXT, appname TEXT, transfer INTEGER, is_app TEXT, duration INTEGER, billsec INTEGER)",
    );
    const insert = database.prepare(
      "INSERT INTO cdr_general (start, answer, endtime, src_chan, src_num, dst_chan, dst_num, UNIQUEID, linkedid, did, disposition, from_account, to_account, dialstatus, is_app, duration, billsec) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    );
    const id = "mikopbx-1795158000.1";
    const day = (time: string) => (time === "" ? "" : `2026-11-20 ${time}`);
    const leg = (times: readonly string[], to: string, n: number, disposition: string) =>
      insert.run(
        ...times.map(day),
        ...["PJSIP/SIP-PROVIDER-34F7CCFE-00000001", "375295305942", `PJSIP/${to}-0000000${n}`, to],
        ...[`${id}_${n}`, id, "375171234567", disposition, "SIP-PROVIDER-34F7CCFE", "", ""],
        ...["0", 67, 60],
      );
    leg(["10:00:00.100", "", "10:00:07.000"], "201", 2, "NOANSWER");
    leg(["10:00:00.150", "10:00:07.250", "10:01:07.150"], "202", 3, "ANSWERED");
    database.close();
    const { code, stdout, stderr } = await importFile("cdr.db");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("made 1 call of 1 day");
    expect(await show(id)).toMatchObject({
      direction: "incoming",
      phone: "375295305942",
      answeredBy: ["202"],
      extensions: ["201", "202"],
      startedAt: "2026-11-20T07:00:00.100Z",
      answeredAt: "2026-11-20T07:00:07.250Z",
    });
  });

  it("says what it does not know", async () => {
    await put("notes.txt", "hello\n");
    const { code, stderr } = await importFile("notes.txt");
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot import .*notes\.txt: it is not recognised; --format cdr/);
    expect((await importFile("absent.csv")).stderr).toMatch(/absent\.csv/);
    expect((await run("import", "--enterprise", "0367")).stderr).toContain("FILE");
  });
});

describe("calllog import of CEL", () => {
  it("tells calls as they were told live, over files in any order", async () => {
    const folder = join(import.meta.dir, "../../tests/fixtures/calls/cel");
    const cases = ["in_answered", "in_busy", "out_answered", "int_answered", "xfer_attended"];
    const paths = cases.map((name) => join(folder, `${name}.jsonl`)).reverse();
    const now = { clock: { now: () => Date.UTC(2026, 11, 1) } };
    const argv = ["import", ...paths, "--enterprise", "0367", "--retention-days", "60"];
    const run = await sandbox.run(argv, now);
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
    // The consultation of a transfer has a linked id of its own.
    expect(run.stdout).toStartWith("made 6 calls of 1 day");
    const told = (await calls()).map((call) => [
      call["direction"],
      call["status"],
      call["transfers"],
    ]);
    expect(told.toSorted()).toEqual(
      [
        ["incoming", "answered", 0],
        ["incoming", "answered", 1],
        ["incoming", "busy", 0],
        ["internal", "answered", 0],
        ["outgoing", "answered", 0],
      ].toSorted(),
    );
    const again = await sandbox.run(argv, now);
    expect(again.stdout).toStartWith("made 0 calls of 0 days\n");
    await put("Master.csv", masterCsv(INCOMING));
    const both = await importFile("Master.csv", paths[0] ?? "");
    expect(both.code).toBe(1);
    expect(both.stderr).toContain("it is cel, those before are cdr");
  });
});

describe("calllog import and the days that are there", () => {
  it("changes nothing the second time, and takes up where it was broken off", async () => {
    const older = masterCsv({ ...NOBODY, id: "1795075200.1" }).replaceAll("11-20", "11-19");
    await put("Master.csv", older + masterCsv(INCOMING));
    await put("new.csv", masterCsv(INCOMING));
    await importFile("new.csv");
    const before = readFileSync(dayFile("2026-11-20"), "utf8");
    const second = await importFile("Master.csv", "new.csv");
    expect(second.stdout).toBe(
      "made 1 call of 1 day, 2026-11-19 to 2026-11-19 (UTC)\n" +
        "read 3 rows, 1 of them twice\n" +
        "skipped 1 call of 1 day: of days that were imported before\n",
    );
    expect(readFileSync(dayFile("2026-11-20"), "utf8")).toBe(before);
    const third = await importFile("Master.csv");
    expect(third.stdout).toStartWith("made 0 calls of 0 days\n");
    expect(files().filter((name) => !name.startsWith("."))).toEqual([
      "events.log.2026-11-19",
      "events.log.2026-11-20",
    ]);
    expect(await calls()).toHaveLength(2);
  });

  it("leaves days with records, those after them, and today alone", async () => {
    await mkdir(join(sandbox.folder, "call_tracer/0367"), { recursive: true });
    const theirs = '2026-11-20 00:00:00,000|AST|hangup|1.1|{"Phone":"375291112233"}\n';
    await writeFile(dayFile("2026-11-20"), theirs);
    const on = (day: number, seq: number) =>
      masterCsv({ ...NOBODY, id: `17950000${seq}.1` }).replaceAll("11-20", `11-${day}`);
    await put("Master.csv", [on(18, 10), on(20, 12), on(21, 13), on(22, 14)].join(""));
    const { stdout, stderr } = await importFile("Master.csv");
    expect(stderr).toBe("");
    expect(stdout).toBe(
      "made 1 call of 1 day, 2026-11-18 to 2026-11-18 (UTC)\n" +
        "read 4 rows\n" +
        "skipped 2 calls of 2 days: of days that are not before the first record (nor before today)\n" +
        "skipped 1 call of 1 day: of days that have records\n",
    );
    expect(readFileSync(dayFile("2026-11-20"), "utf8")).toBe(theirs);
    expect(files().filter((name) => !name.startsWith("."))).toEqual([
      "events.log.2026-11-18",
      "events.log.2026-11-20",
    ]);
  });

  it("refuses what retention would remove, unless told", async () => {
    const old = masterCsv({ ...NOBODY, id: "1793000000.1" }).replaceAll("2026-11-20", "2026-10-01");
    await put("Master.csv", old + masterCsv(INCOMING));
    const refused = await importFile("Master.csv");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toBe(
      "calllog: cannot import 1 call of 1 day before 2026-11-08: the service keeps 14 days and would remove them at once; start it, and this command, with a larger --retention-days, or leave them out with --skip-old\n",
    );
    expect(files()).toEqual([]);
    const less = await importFile("Master.csv", "--skip-old");
    expect(less.stdout).toContain(
      "skipped 1 call of 1 day: of days that --retention-days would remove",
    );
    const all = await importFile("Master.csv", "--retention-days", "60");
    expect(all.stdout).toStartWith("made 1 call of 1 day, 2026-10-01 to 2026-10-01");
  });

  it("keeps a call over midnight in the file of the day in which it began", async () => {
    const at = ["23:59:30", "23:59:40", "24:00:40"] as const;
    const row = master({ ...INCOMING, at: [...at] }).replace(
      "2026-11-20 24:00:40",
      "2026-11-21 00:00:40",
    );
    await put("Master.csv", `${row}\n`);
    // 20 November 23:59 UTC.
    const argv = ["import", "Master.csv", "--enterprise", "0367", "--timezone", "UTC"];
    await sandbox.run(argv, { clock });
    expect(files()).toEqual(["events.log.2026-11-20"]);
    expect(readFileSync(dayFile("2026-11-20"), "utf8")).toContain(
      "\n2026-11-20 23:59:59,999|AST|hangup|",
    );
    expect(await show(INCOMING.id)).toMatchObject({
      talkSeconds: 60,
      endedAt: "2026-11-21T00:00:40.000Z",
    });
  });
});

describe("calllog import for an enterprise", () => {
  it("that the directory does not know is refused", async () => {
    const directory = openSandbox([...enterpriseCommands, importCommand]);
    try {
      await writeFile(join(directory.folder, "Master.csv"), masterCsv(INCOMING));
      await directory.run(["enterprise", "add", "0367", "--name", "Example"]);
      const wrong = ["import", "Master.csv", "--enterprise", "0376"];
      const { code, stderr } = await directory.run(wrong, { clock });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr:
          "calllog: cannot import for 0376: there is no such enterprise; calllog enterprise add 0376 lets it in\n",
      });
      const right = ["import", "Master.csv", "--enterprise", "0367"];
      expect(await directory.run(right, { clock })).toMatchObject({ code: 0 });
    } finally {
      directory.remove();
    }
  });
});

describe("calllog import of damaged files", () => {
  it("costs the broken lines alone, and names them", async () => {
    const torn = master({ ...NOBODY, id: "1795161600.6" }).slice(0, 60);
    const text = [
      torn,
      master(INCOMING),
      "",
      "some words",
      master({ ...NOBODY, id: "1795161600.7" }).replace("2026-11-20 11:00:00", "yesterday"),
      `${torn}"`,
      master({ ...NOBODY, clid: '"two\nlines" <1>' }),
      torn,
    ].join("\n");
    await put("Master.csv", text);
    const { code, stdout, stderr } = await importFile("Master.csv");
    expect(code).toBe(0);
    expect(stdout).toStartWith("made 2 calls of 1 day");
    expect(stderr).toBe(
      "calllog: 5 lines could not be read\n" +
        "  Master.csv, line 1: its quotes do not close\n" +
        "  Master.csv, line 4: it has too few columns\n" +
        "  Master.csv, line 5: it has too few columns\n" +
        "  Master.csv, line 6: it has too few columns\n" +
        "  Master.csv, line 9: its quotes do not close\n",
    );
  });

  it("bounds what it says", async () => {
    await put("Master.csv", `${master(INCOMING)}\n${"some words\n".repeat(1000)}`);
    const { stderr } = await importFile("Master.csv");
    expect(stderr).toStartWith("calllog: 1000 lines could not be read\n");
    expect(stderr).toEndWith("  and 980 more\n");
    expect(stderr.split("\n")).toHaveLength(23);
  });

  it("says where the zone must be another", async () => {
    for (let n = 0; n < 12; n += 1) {
      const row = { ...INCOMING, channel: `PJSIP/mts-0000010${n}`, id: `${1795168800 + n}.${n}` };
      appendFileSync(
        join(sandbox.folder, "Master.csv"),
        masterCsv({ ...row, to: `PJSIP/151-000002${n}` }),
      );
    }
    const { stderr } = await importFile("Master.csv", "--dry-run");
    expect(stderr).toBe(
      "calllog: by their unique ids most calls began 3 h later than their times in Europe/Minsk say: is --timezone right?\n",
    );
    const utc = ["import", "Master.csv", "--enterprise", "0367", "--timezone", "UTC", "--dry-run"];
    expect((await sandbox.run(utc, { clock })).stderr).toBe("");
  });

  it("tells the two hours apart that the clocks show twice", async () => {
    // 25 October 2026 in Vilnius: 03:30 at 00:30 and at 01:30 UTC.
    const rows = [1792888200, 1792891800].map((second, n) =>
      master({
        ...NOBODY,
        channel: `SIP/mts-0000001${n}`,
        to: "",
        at: ["03:30:00", "", "03:30:30"],
        id: `${second}.${n}`,
      }),
    );
    await put("Master.csv", `${rows.join("\n")}\n`.replaceAll("2026-11-20", "2026-10-25"));
    const flags = ["--timezone", "Europe/Vilnius", "--retention-days", "60"];
    await sandbox.run(["import", "Master.csv", "--enterprise", "0367", ...flags], { clock });
    const at = (await calls()).map((call) => call["startedAt"]);
    expect(at).toEqual(["2026-10-25T01:30:00.000Z", "2026-10-25T00:30:00.000Z"]);
  });
});
