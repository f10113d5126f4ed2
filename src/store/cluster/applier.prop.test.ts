// However often a node dies while it takes the stream into its files, and wherever: the files are the same as those of a
// node that never died.

import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { createIndexes } from "../index/indexes.ts";
import { createLookup } from "../read/lookup.ts";
import { StampedWriter } from "../write/stamped-writer.ts";
import { realFs, type TraceFs } from "../write/trace-fs.ts";
import { Applier } from "./applier.ts";
import type { Message } from "./bus.ts";
import { controlText } from "./control.ts";
import { AGAIN_HEADER, FILL_HEADER, STAMP_HEADER } from "./message.ts";
import { CONTROL_SUBJECT, subjectOf } from "./names.ts";

const MIDNIGHT = Date.UTC(2026, 11, 1);
const EPOCH = "2026-11-30T10:00:00Z";

const message = (
  seq: number,
  at: number,
  subject: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Message => ({ seq, at, subject, text, header: (name) => headers[name] ?? "" });

type Sent = {
  readonly enterprise: string;
  readonly event: number;
  readonly isAgain: boolean;
  readonly afterMs: number;
};

const sent: fc.Arbitrary<Sent> = fc.record({
  enterprise: fc.constantFrom("0367", "0368"),
  // Few, so that some come again.
  event: fc.integer({ min: 1, max: 12 }),
  isAgain: fc.boolean(),
  afterMs: fc.integer({ min: 0, max: 400 }),
});

/** Messages around a midnight. What comes again is marked so, as publishers do. */
const stream = (all: readonly Sent[]): Message[] => {
  let at = MIDNIGHT - 2000;
  const seen = new Set<string>();
  return all.map(({ enterprise, event, isAgain, afterMs }, index) => {
    at += afterMs;
    const id = `e-${event}`;
    const isKnown = seen.has(enterprise + id);
    seen.add(enterprise + id);
    const body = { Phone: "375295305942", EventId: id };
    const text = `AST|start|1764493655.${event}|${JSON.stringify(body)}`;
    const headers = isKnown || isAgain ? { [AGAIN_HEADER]: "1" } : {};
    return message(index + 1, at, subjectOf(enterprise), text, headers);
  });
};

class Crash extends Error {}

/** Files on which the process dies at a write, with a part of it done. */
const dyingFs = (state: { left: number; share: number }): TraceFs => ({
  ...realFs,
  write: (fd, bytes, offset) => {
    if (state.left-- > 0) return realFs.write(fd, bytes, offset);
    const part = Math.floor((bytes.length - offset) * state.share);
    if (part > 0) realFs.write(fd, bytes.subarray(0, offset + part), offset);
    throw new Crash();
  },
  // Dead processes tidy nothing up.
  truncate: (fd, size) => {
    if (state.left >= 0) realFs.truncate(fd, size);
  },
});

const node = (dir: string, fs: TraceFs): Applier => {
  const lookup = createLookup(dir, createIndexes(dir, { isReadOnly: true }));
  return new Applier({
    dataDir: dir,
    writer: new StampedWriter({ dir, fs }),
    find: (enterprise, keys) => lookup.find(enterprise, keys),
    onPlace: () => undefined,
    onForeign: () => undefined,
    keepDays: 14,
    onSurplus: () => [],
  });
};

const filesIn = (dir: string): string =>
  ["0367", "0368"]
    .flatMap((enterprise) => {
      const names = readdirSync(dir).includes(enterprise) ? readdirSync(join(dir, enterprise)) : [];
      return names
        .filter((name) => name.startsWith("events.log"))
        .sort()
        .map(
          (name) => `${enterprise}/${name}\n${readFileSync(join(dir, enterprise, name), "utf8")}`,
        );
    })
    .join("\n");

/** Takes all messages, in pieces; dies and starts again as `crashes` say. */
const takeAll = async (
  dir: string,
  messages: readonly Message[],
  {
    piece,
    crashes,
  }: { readonly piece: number; readonly crashes: readonly { left: number; share: number }[] },
): Promise<void> => {
  const waiting = crashes.map((crash) => ({ ...crash }));
  for (;;) {
    const crash = waiting.shift();
    const applier = node(dir, crash === undefined ? realFs : dyingFs(crash));
    if (applier.place.epoch === "")
      applier.begin({ epoch: EPOCH, phase: "open", seq: 0, at: 0, openAt: 0 });
    try {
      let rest = messages.filter(({ seq }) => seq > applier.place.seq);
      while (rest.length > 0) {
        await applier.take(rest.slice(0, piece));
        rest = rest.slice(piece);
      }
      return;
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      if (!(error instanceof Crash) && !(cause instanceof Crash)) throw error;
    }
  }
};

describe("a node that takes the stream into its files", () => {
  it("has the same files, however often and wherever it dies", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 15 }),
        fc.array(
          fc.record({
            left: fc.integer({ min: 0, max: 6 }),
            share: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
          { maxLength: 6 },
        ),
        async (all, piece, crashes) => {
          const messages = stream(all);
          await inTempDir((whole) =>
            inTempDir(async (broken) => {
              await takeAll(whole, messages, { piece: messages.length, crashes: [] });
              await takeAll(broken, messages, { piece, crashes });
              expect(filesIn(broken)).toBe(filesIn(whole));
              const lines = filesIn(whole)
                .split("\n")
                .filter((line) => line.includes("AST"));
              const ids = all.map(({ enterprise, event }) => `${enterprise} ${event}`);
              expect(lines.length).toBe(new Set(ids).size);
            }),
          );
        },
      ),
      { numRuns: 60 },
    ));

  it("is filled with what it lacks, and with nothing twice, from any beginning of the files", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: 1, maxLength: 30 }),
        fc.nat({ max: 30 }),
        fc.nat({ max: 40 }),
        fc.boolean(),
        async (all, has, gapAt, isWhole) => {
          // Lines that differ, as those of files do; several have one stamp.
          const lines = stream(
            all.map((one, index) => ({ ...one, event: index + 1, isAgain: false })),
          );
          await inTempDir((whole) =>
            inTempDir(async (part) => {
              await takeAll(whole, lines, { piece: 7, crashes: [] });
              await takeAll(part, lines.slice(0, has), { piece: 7, crashes: [] });
              // The filling that has a gap is given up, and another one begins; what is new waits.
              const fresh = message(2, MIDNIGHT + 90_000, subjectOf("0367"), "AST|hangup|9.9|{}");
              const texts = new Map<string, number>();
              const filling = (id: string): ((line: Message) => Message) => {
                texts.clear();
                return (line) => {
                  const index = texts.get(line.subject) ?? 0;
                  texts.set(line.subject, index + 1);
                  return message(0, line.at, line.subject, line.text, {
                    [FILL_HEADER]: `${id}/${index}`,
                    [STAMP_HEADER]: String(line.at),
                  });
                };
              };
              const first = lines
                .map(filling("one"))
                .filter((_, index) => index !== gapAt || isWhole);
              const second = lines.map(filling("two"));
              const open = message(0, 0, CONTROL_SUBJECT, controlText({ kind: "open" }));
              const messages = [...first, fresh, ...second, open].map((each, index) => ({
                ...each,
                at: each === fresh ? fresh.at : MIDNIGHT + 90_000,
                seq: index + 1,
              }));
              const applier = node(part, realFs);
              applier.begin({ epoch: "another", phase: "filling", seq: 0, at: 0, openAt: 0 });
              for (let from = 0; from < messages.length; from += 9) {
                if ((await applier.take(messages.slice(from, from + 9))) === "reread") break;
              }
              expect(applier.place.phase).toBe("catching up");
              await applier.take(messages);
              expect(applier.place).toEqual({
                epoch: "another",
                phase: "open",
                seq: messages.length,
                at: MIDNIGHT + 90_000,
                openAt: messages.length,
              });
              await takeAll(whole, [{ ...fresh, seq: lines.length + 1 }], {
                piece: 1,
                crashes: [],
              });
              expect(filesIn(part)).toBe(filesIn(whole));
            }),
          );
        },
      ),
      { numRuns: 60 },
    ));
});
