// The agent's reader and mapper on the recorded streams, repeated with new ids and times, in chunks as a socket hands them
// out. Beside it the same bytes only turned into text and split. What comes out is counted before anything is timed.

import { createAmiMapper } from "../../src/sources/ami/mapper.ts";
import { createAmiReader } from "../../src/sources/ami/reader.ts";
import { recordedBlocks, recordedScenarios } from "../../tests/support/ami.ts";
import { table } from "./machine.ts";

const CHUNK_BYTES = 64 * 1024;
/** So many that the mapper has forgotten the channels of the first when it begins anew. */
const ROUNDS = 60;

type Stream = { readonly chunks: readonly Uint8Array[]; readonly bytes: number };

const chunksOf = (bytes: Uint8Array): Stream => {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    chunks.push(bytes.subarray(at, at + CHUNK_BYTES));
  }
  return { chunks, bytes: bytes.length };
};

/** All recorded streams one behind the other, of all classes or of `read = call` alone. */
const recorded = (isCallOnly: boolean): string =>
  recordedScenarios()
    .flatMap((scenario) => recordedBlocks(scenario))
    .map(({ text }) => text)
    .filter((text) => !isCallOnly || /^Privilege: (?:.*,)?call\b/m.test(text))
    .join("");

/** The same calls another time: Asterisk never gives a unique id twice. */
const anotherTime = (text: string, round: number): string =>
  text.replace(/\b1795(\d{6}\.\d+)/g, (_, rest: string) => `${1796 + round}${rest}`);

type Way = {
  readonly name: string;
  /** Makes what takes the chunks of one round and says how many messages and events came of them. */
  readonly start: () => (stream: Stream) => readonly [messages: number, events: number];
};

const WAYS: readonly Way[] = [
  {
    name: "text, split at empty lines",
    start: () => {
      const decoder = new TextDecoder();
      let rest = "";
      return ({ chunks }) => {
        let messages = 0;
        for (const chunk of chunks) {
          const parts = (rest + decoder.decode(chunk, { stream: true })).split("\r\n\r\n");
          rest = parts.pop() ?? "";
          messages += parts.length;
        }
        return [messages, 0];
      };
    },
  },
  {
    name: "… and every line split at its colon",
    start: () => {
      const decoder = new TextDecoder();
      let rest = "";
      return ({ chunks }) => {
        let messages = 0;
        for (const chunk of chunks) {
          const parts = (rest + decoder.decode(chunk, { stream: true })).split("\r\n\r\n");
          rest = parts.pop() ?? "";
          for (const part of parts) {
            const fields = new Map<string, string>();
            for (const line of part.split("\r\n")) {
              const [name = "", value = ""] = line.split(": ", 2);
              fields.set(name, value);
            }
            if (fields.size > 0) messages++;
          }
        }
        return [messages, 0];
      };
    },
  },
  {
    name: "the reader",
    start: () => {
      const reader = createAmiReader();
      return ({ chunks }) => [
        chunks.reduce((count, chunk) => count + reader.push(chunk).length, 0),
        0,
      ];
    },
  },
  {
    name: "the reader and the mapper",
    start: () => {
      const reader = createAmiReader();
      const mapper = createAmiMapper();
      return ({ chunks }) => {
        let messages = 0;
        let events = 0;
        for (const chunk of chunks) {
          for (const message of reader.push(chunk)) {
            messages++;
            const receivedAt = Number(message.fields.get("Timestamp") ?? 0) * 1000;
            events += mapper.take(message, receivedAt).length;
          }
        }
        return [messages, events + mapper.due(Number.MAX_SAFE_INTEGER).length];
      };
    },
  },
];

const heapMiB = (): number => {
  Bun.gc(true);
  return process.memoryUsage().heapUsed / 2 ** 20;
};

/** Runs `way` over the rounds until `seconds` have gone by. */
const measure = (way: Way, rounds: readonly Stream[], seconds: number) => {
  const warm = way.start();
  const [messages, events] = rounds.slice(0, 4).map(warm)[0] ?? [0, 0];
  const run = way.start();
  const heapBefore = heapMiB();
  let bytes = 0;
  let count = 0;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  for (let round = 0; performance.now() - start < seconds * 1000; round++) {
    const stream = rounds[round % rounds.length] as Stream;
    count += run(stream)[0];
    bytes += stream.bytes;
  }
  // Of the processor's time, not of the clock's: other work runs on the machine.
  const { user, system } = process.cpuUsage(cpuBefore);
  const took = (user + system) / 1e6;
  return {
    messages,
    events,
    perSecond: count / took,
    bytesPerSecond: bytes / took,
    grown: heapMiB() - heapBefore,
  };
};

/** Rows for all classes and for `read = call`. */
export const benchAgent = (seconds = 5, repeats = 3): Promise<string> => {
  const rows: (string | number)[][] = [];
  for (const isCallOnly of [false, true]) {
    const text = recorded(isCallOnly);
    const rounds = Array.from({ length: ROUNDS }, (_, round) =>
      chunksOf(new TextEncoder().encode(anotherTime(text, round))),
    );
    const results = WAYS.map(() => [] as ReturnType<typeof measure>[]);
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const [index, way] of WAYS.entries()) {
        results[index]?.push(measure(way, rounds, seconds));
      }
    }
    const medians = results.map(
      (own) => own.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(repeats / 2)],
    );
    const base = medians[1]?.perSecond ?? Number.NaN;
    const counts = new Set(medians.map((one) => one?.messages));
    if (counts.size !== 1) throw new Error(`cannot compare: ${[...counts].join(", ")} messages`);
    WAYS.forEach(({ name }, index) => {
      const one = medians[index];
      if (one === undefined) return;
      rows.push([
        isCallOnly ? "read = call" : "all",
        name,
        Math.round(one.perSecond),
        (one.bytesPerSecond / 1e6).toFixed(1),
        (one.perSecond / base).toFixed(2),
        one.events === 0 ? "" : one.events,
        one.grown.toFixed(1),
      ]);
    });
  }
  const head = [
    "stream",
    "what",
    "messages a CPU second",
    "MB a CPU second",
    "of split lines",
    "events a round",
    "heap grown, MiB",
  ];
  return Promise.resolve(
    `${table(head, rows)}\n\n- A round is the ${recordedScenarios().length} recorded streams; ${ROUNDS} rounds with ids of their own, over and over; medians of ${repeats} × ${seconds} s.`,
  );
};
