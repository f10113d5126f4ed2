// From an appended line to the data in the readers of open pages, through the compiled program as a process of its own.
// The line is appended by this process, so that the program hears of it as it would of another worker's. Half of the
// readers of each call read Russian, half English. Nothing counts unless every reader was told every line once.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { openTraceStore } from "../../src/store/index.ts";
import { addEnterprise, type RunningBinary, startBinary } from "../../tests/support/binary.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { percentile, table } from "./machine.ts";
import { memoryMib, processorSeconds } from "./processes.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const CALLS = 20;

type Told = { readonly rows: number; readonly at: number };

/** Opens a page's stream and notes when how many rows were there. `fetch` would share too few connections. */
const openReader = (url: string, told: Told[]): Promise<() => void> =>
  new Promise((resolve, reject) => {
    const asked = httpRequest(url, { agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
      let text = "";
      let rows = 0;
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        for (let end = text.indexOf("\n\n"); end !== -1; end = text.indexOf("\n\n")) {
          const data = /^data: (\{.*)$/m.exec(text.slice(0, end))?.[1];
          text = text.slice(end + 2);
          if (data === undefined) continue;
          const { records = [], replaced } = JSON.parse(data);
          rows = (replaced?.length ?? rows) + records.length;
          if (records.length + (replaced?.length ?? 0) === 0) continue;
          told.push({ rows, at: performance.now() });
          resolve(() => asked.destroy());
        }
      });
      response.on("error", () => undefined);
    });
    asked.on("error", reject);
    asked.end();
  });

const descriptorsOf = (pid: number): { all: number; watches: number } => {
  const folder = `/proc/${pid}/fd`;
  const names = readdirSync(folder);
  const inotify = names.filter((name) => {
    try {
      return readlinkSync(join(folder, name)).includes("inotify");
    } catch {
      return false;
    }
  });
  const watches = inotify.flatMap((name) =>
    readFileSync(`/proc/${pid}/fdinfo/${name}`, "utf8").split("\n"),
  );
  return {
    all: names.length,
    watches: watches.filter((line) => line.startsWith("inotify")).length,
  };
};

type Row = readonly (string | number)[];

const measure = async (
  server: RunningBinary,
  dir: string,
  readers: number,
  seconds: number,
  everyMs: number,
): Promise<Row> => {
  const calls = Math.min(CALLS, readers);
  const store = openTraceStore({ dir });
  const epoch = Math.floor(Date.now() / 1000);
  const bodyOf = (call: number) => ({
    Token: enterprise.webhookToken,
    UniqueId: `${epoch}.${readers}${call}`,
    Phone: `${375295300000 + call}`,
    CallType: 0,
    Trunk: "mts",
    Extensions: ["151"],
  });
  const append = (call: number, event: string) => {
    const body = bodyOf(call);
    return store.append("0367", { kind: "AST", event, uniqueId: body.UniqueId, body });
  };
  for (let call = 0; call < calls; call++) await append(call, "start");

  const before = descriptorsOf(server.pid);
  const told = Array.from({ length: readers }, (): Told[] => []);
  const opened = told.map((own, index) => {
    const id = bodyOf(index % calls).UniqueId;
    const lang = Math.floor(index / calls) % 2 === 0 ? "ru" : "en";
    const path = `/call/0367/${id}/live?token=${enterprise.secret}&lang=${lang}`;
    return openReader(server.pagesUrl + path, own);
  });
  const leave = await Promise.all(opened);
  const { all, watches } = descriptorsOf(server.pid);

  const appendedAt: number[][] = Array.from({ length: calls }, () => []);
  const began = performance.now();
  const cpuBefore = processorSeconds(server.pid);
  const rounds = Math.round((seconds * 1000) / everyMs);
  for (let round = 0; round < rounds; round++) {
    const due = began + round * everyMs;
    while (performance.now() < due) await Bun.sleep(1);
    const call = round % calls;
    // A page with more rows than people look at is no page of a call: the row that comes is what counts.
    await append(call, round % 2 === 0 ? "dial" : "new_callerid");
    appendedAt[call]?.push(performance.now());
  }
  const isDone = (): boolean =>
    told.every((own, index) => own.at(-1)?.rows === 1 + (appendedAt[index % calls]?.length ?? 0));
  const endsBy = performance.now() + 10_000;
  while (!isDone()) {
    if (performance.now() > endsBy) throw new Error("a reader was not told every line");
    await Bun.sleep(5);
  }
  const cpu = (processorSeconds(server.pid) - cpuBefore) / ((performance.now() - began) / 1000);
  const waits = told.flatMap((own, index) =>
    (appendedAt[index % calls] ?? []).map((at, line) => {
      const seen = own.find(({ rows }) => rows >= line + 2);
      return Math.max(0, (seen?.at ?? Number.POSITIVE_INFINITY) - at);
    }),
  );
  const rss = memoryMib(server.pid);
  for (const close of leave) close();
  await store.close();
  const fault = server.errors()[0];
  if (fault !== undefined) throw new Error(`the service says: ${fault}`);
  return [
    readers,
    calls,
    waits.length,
    ...[0.5, 0.9, 0.99, 1].map((share) => percentile(waits, share).toFixed(1)),
    all - before.all,
    watches,
    Math.round(rss),
    `${Math.round(cpu * 100)} %`,
  ];
};

/** Measures 1, 100 and 500 open pages, of up to 20 calls, ten lines a second, then fifty a second for 500. */
export const benchLive = async (seconds = 20): Promise<string> => {
  const rows: Row[] = [];
  await inTempDir(async (cwd) => {
    await addEnterprise(enterprise, { cwd });
    await using server = await startBinary([], { cwd });
    const dir = join(cwd, "call_tracer");
    const plans = [
      { readers: 1, everyMs: 100 },
      { readers: 100, everyMs: 100 },
      { readers: 500, everyMs: 100 },
      { readers: 500, everyMs: 20 },
    ];
    for (const { readers, everyMs } of plans) {
      const row = await measure(server, dir, readers, seconds, everyMs);
      rows.push([row[0] ?? "", 1000 / everyMs, ...row.slice(1), "p99 300"]);
    }
  });
  const head = [
    "open pages",
    "lines/s",
    "calls",
    "told",
    "p50 ms",
    "p90",
    "p99",
    "max",
    "descriptors more",
    "watches in all",
    "RSS MiB",
    "CPU of one core",
    "target",
  ];
  return [
    table(head, rows),
    "",
    `- From the line in the file to the event read whole by each reader; ${seconds} s each; every reader was told every line once.`,
  ].join("\n");
};
