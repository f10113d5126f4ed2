// A backlog of the CEL file, from its bytes to call events, beside JSON.parse of all its lines. The recorded calls are repeated
// with ids and times of their own; how many events come out is checked against one round before anything is told.

import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAmiMapper } from "../../src/sources/ami/index.ts";
import { createCelTranslator } from "../../src/sources/cel/as-ami.ts";
import { CelFile } from "../../src/sources/cel/file.ts";
import { readCelLine } from "../../src/sources/cel/line.ts";
import { celPairs, celText, eventsOfCel } from "../../tests/support/cel.ts";
import { table } from "./machine.ts";

/** The same calls another time: Asterisk never gives a unique id twice. */
const anotherTime = (text: string, round: number): string =>
  text.replace(/\b1795(\d{6}\.\d+)/g, (_, rest: string) => `${1796 + round}${rest}`);

type Way = { readonly name: string; readonly run: (path: string) => Promise<number> };

const readLines = async (path: string, line: (text: string) => void): Promise<void> => {
  const file = new CelFile({ path, place: "start", now: Date.now });
  await file.read(async (lines) => {
    for (const { text } of lines) line(text);
  });
  await file.close();
};

const WAYS: readonly Way[] = [
  {
    name: "the whole file in memory, JSON.parse of each line",
    run: async (path) => {
      let count = 0;
      for (const line of readFileSync(path, "utf8").split("\n")) {
        if (line !== "" && JSON.parse(line) !== null) count += 1;
      }
      return count;
    },
  },
  {
    name: "lines of the file",
    run: async (path) => {
      let count = 0;
      await readLines(path, (text) => {
        if (text !== "") count += 1;
      });
      return count;
    },
  },
  {
    name: "… and call events of them",
    run: async (path) => {
      const translator = createCelTranslator();
      const mapper = createAmiMapper();
      let count = 0;
      await readLines(path, (text) => {
        const event = readCelLine(text);
        if (event === undefined) return;
        for (const message of translator.take(event)) {
          count += mapper.take(message, Number(event.stamp) * 1000).length;
        }
      });
      return count + mapper.due(Number.MAX_SAFE_INTEGER).length;
    },
  },
];

/** @param megabytes how large the backlog is */
export const benchCel = async (megabytes = 1000): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-bench-"));
  try {
    const path = join(folder, "cel.json");
    const text = celPairs()
      .map((name) => celText(`${name}.jsonl`))
      .join("");
    const expected = eventsOfCel(text).length;
    writeFileSync(path, "");
    let rounds = 0;
    while (statSync(path).size < megabytes * 1e6) {
      const some = Array.from({ length: 20 }, (_, index) => anotherTime(text, rounds + index));
      appendFileSync(path, some.join(""));
      rounds += 20;
    }
    const { size } = statSync(path);
    const rows: string[][] = [];
    let base = 0;
    // The one that holds the whole file comes last: what it takes is not given back at once.
    for (const way of [...WAYS.slice(1), ...WAYS.slice(0, 1)]) {
      Bun.gc(true);
      let peak = 0;
      const before = process.memoryUsage().rss;
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss - before);
      }, 20);
      const cpuBefore = process.cpuUsage();
      const count = await way.run(path);
      const { user, system } = process.cpuUsage(cpuBefore);
      clearInterval(watch);
      peak = Math.max(peak, process.memoryUsage().rss - before);
      if (way === WAYS[2] && count !== expected * rounds) {
        throw new Error(`${count} events of ${rounds} rounds, and not ${expected} of each`);
      }
      const perSecond = size / ((user + system) / 1e6) / 1e6;
      if (way === WAYS[0]) base = perSecond;
      rows.push([way.name, String(count), perSecond.toFixed(1), (peak / 2 ** 20).toFixed(0)]);
    }
    const ratios = rows.map((row) => [...row, (Number(row[2]) / base).toFixed(2)]);
    const head = ["what", "count", "MB a CPU second", "memory grown, MiB", "of JSON.parse"];
    return `${table(head, ratios)}\n\n- ${Math.round(size / 1e6)} MB, ${rounds} times the ${celPairs().length} recorded calls.`;
  } finally {
    rmSync(folder, { recursive: true });
  }
};
