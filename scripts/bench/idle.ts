// What a service costs that nobody asks anything: memory, its own apart from the pages of the program's file, processor
// time, and how often it wakes (`strace -c`, where that is installed).

import { readFileSync } from "node:fs";
import { addEnterprise, startBinary } from "../../tests/support/binary.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { isInstalled, table } from "./machine.ts";
import { processorSeconds } from "./processes.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
/** The start itself is over by then, in milliseconds. */
const SETTLED_MS = 5000;

const mib = (kib: number): string => (kib / 1024).toFixed(0);

const memoryOf = (pid: number): { readonly all: number; readonly own: number } => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  return { all: field("Rss"), own: field("Anonymous") };
};

/** The system calls of all threads, and how often the main loop waited. */
const callsOf = async (pid: number, seconds: number): Promise<string[] | undefined> => {
  if (!isInstalled("strace")) return undefined;
  const watch = Bun.spawn(["timeout", "-s", "INT", `${seconds}`, "strace", "-fc", "-p", `${pid}`], {
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = await new Response(watch.stderr).text();
  const count = (name: string): number =>
    Number(
      new RegExp(`^\\s*\\S+\\s+\\S+\\s+\\S+\\s+(\\d+).*\\b${name}$`, "m").exec(text)?.[1] ?? 0,
    );
  const each = (calls: number): string => (calls / seconds).toFixed(1);
  return [each(count("total")), each(count("epoll_pwait2") + count("epoll_pwait"))];
};

/** Looks at an idle service for so many seconds. */
export const benchIdle = async (seconds = 60): Promise<string> => {
  let rows: (string | number)[][] = [];
  await inTempDir(async (cwd) => {
    await addEnterprise(enterprise, { cwd });
    await using server = await startBinary([], { cwd });
    await Bun.sleep(SETTLED_MS);
    const before = processorSeconds(server.pid);
    await Bun.sleep(seconds * 1000);
    const cpu = processorSeconds(server.pid) - before;
    const { all, own } = memoryOf(server.pid);
    const calls = await callsOf(server.pid, seconds);
    rows = [
      ["memory, MiB", mib(all), "60"],
      ["… of that its own, not pages of the program's file", mib(own), ""],
      ["processor, ms a minute", ((cpu * 60_000) / seconds).toFixed(0), ""],
      ["system calls a second, all threads", calls?.[0] ?? "no strace", ""],
      ["… waits of its loop", calls?.[1] ?? "no strace", ""],
    ];
  });
  return `${table(["an idle service", "", "target"], rows)}\n\n- One enterprise, nobody asks; ${seconds} s each.`;
};
