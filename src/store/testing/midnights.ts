// Two processes write the same folder through many accelerated midnights and are killed at random moments. Afterwards
// every acknowledged line must be there once, in the file of its day, and every line whole and in the order of time.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bodyText } from "../../domain/event.ts";
import { DAY_MS } from "../../lib/time.ts";
import { decodeLine } from "../format/codec.ts";
import { finishedNames, RUNNING_NAME, tryParseFinishedName } from "../format/files.ts";
import { dayOf } from "../format/stamp.ts";

export type MidnightCounts = {
  readonly acknowledged: number;
  readonly lines: number;
  readonly files: number;
  readonly kills: number;
  readonly lost: number;
  readonly doubled: number;
  /** Lines that cannot be read, other than the unfinished ones. */
  readonly torn: number;
  /** The last line of a writer that was killed in the middle of `write()`: never acknowledged, ended by the next one. */
  readonly unfinished: number;
  /** Lines in the file of another day. */
  readonly misfiled: number;
  /** Lines with an earlier time than the one before. */
  readonly outOfOrder: number;
};

export type MidnightOptions = {
  readonly seconds: number;
  /** Real milliseconds a virtual UTC day takes. */
  readonly dayMs: number;
  readonly processes?: number;
};

/** Whether it is the beginning of one line, with nothing of another glued to it. */
const isBeginning = (line: string): boolean =>
  line.startsWith("20") && line.indexOf("|AST|", 24) < 0 && !line.endsWith("}");

const count = (dir: string, acks: string, kills: number): MidnightCounts => {
  const seen = new Map<string, number>();
  const once = new Map<string, number>();
  let [lines, files, torn, unfinished, misfiled, outOfOrder] = [0, 0, 0, 0, 0, 0];
  for (const enterprise of readdirSync(dir)) {
    const names = readdirSync(join(dir, enterprise));
    // A writer killed between finishing a day and its next line leaves no running file.
    for (const name of [...finishedNames(names), ...names.filter((own) => own === RUNNING_NAME)]) {
      files += 1;
      let before = 0;
      const text = readFileSync(join(dir, enterprise, name), "utf8").split("\n");
      const rest = text.pop() ?? "";
      if (rest !== "" && isBeginning(rest)) unfinished += 1;
      else if (rest !== "") torn += 1;
      for (const line of text) {
        lines += 1;
        const decoded = decodeLine(line);
        if (!decoded.ok || decoded.value.kind !== "AST") {
          if (isBeginning(line)) unfinished += 1;
          else torn += 1;
          continue;
        }
        const { at, uniqueId, body } = decoded.value;
        const day = tryParseFinishedName(name);
        if (day !== undefined && day !== dayOf(at)) misfiled += 1;
        if (at < before) outOfOrder += 1;
        before = at;
        const key = bodyText(body, "EventId");
        if (key === "")
          seen.set(
            `${enterprise} ${uniqueId} ${at}`,
            (seen.get(`${enterprise} ${uniqueId} ${at}`) ?? 0) + 1,
          );
        else once.set(key, (once.get(key) ?? 0) + 1);
      }
    }
  }
  const promised = readFileSync(acks, "utf8").split("\n").slice(0, -1);
  const isThere = (line: string): boolean => {
    const [kind, key = ""] = line.split(" ");
    return kind === "once" ? once.has(key) : seen.has(line);
  };
  const isDoubled = (times: number): boolean => times > 1;
  return {
    acknowledged: promised.length,
    lines,
    files,
    kills,
    lost: promised.filter((line) => !isThere(line)).length,
    doubled: [...seen.values(), ...once.values()].filter(isDoubled).length,
    torn,
    unfinished,
    misfiled,
    outOfOrder,
  };
};

/** Runs the processes for some seconds and counts what they left. */
export const runMidnights = async (options: MidnightOptions): Promise<MidnightCounts> => {
  const root = mkdtempSync(join(tmpdir(), "calllog-midnights-"));
  const dir = join(root, "call_tracer");
  const acks = join(root, "acks");
  const began = Date.now();
  const speed = DAY_MS / options.dayMs;
  const until = performance.now() + options.seconds * 1000;
  let kills = 0;
  const keepOneRunning = async (lane: number): Promise<void> => {
    for (let life = 0; performance.now() < until; life += 1) {
      const script = join(import.meta.dir, "midnight-writer.ts");
      const args = [dir, acks, `p${lane}x${life}`, `${began}`, `${speed}`];
      const child = Bun.spawn([process.execPath, script, ...args], {
        stdout: "inherit",
        stderr: "inherit",
      });
      const lifeMs = Math.min(300 + Math.random() * 1200, Math.max(50, until - performance.now()));
      const timer = setTimeout(() => child.kill("SIGKILL"), lifeMs);
      await child.exited;
      clearTimeout(timer);
      if (child.signalCode !== "SIGKILL")
        throw new Error(`a writer ended by itself: ${child.exitCode}`);
      kills += 1;
    }
  };
  try {
    await Promise.all(
      Array.from({ length: options.processes ?? 2 }, (_, lane) => keepOneRunning(lane)),
    );
    return count(dir, acks, kills);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};
