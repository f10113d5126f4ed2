// Whatever nodes have in their files, and whoever fills a new stream: afterwards all have every record that one of them had,
// as often as the one that had it most often, and nothing comes twice, however often that happens.

import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { STAMP_LENGTH } from "../format/stamp.ts";
import { createIndexes } from "../index/indexes.ts";
import { createLookup } from "../read/lookup.ts";
import { type StampedLine, StampedWriter } from "../write/stamped-writer.ts";
import { realFs, type TraceFs } from "../write/trace-fs.ts";
import { Applier } from "./applier.ts";
import type { Message } from "./bus.ts";
import { controlText } from "./control.ts";
import { allLines, FileLines } from "./file-lines.ts";
import { identityOf } from "./identity.ts";
import { AGAIN_HEADER, FILL_HEADER, fieldsAt, type Outgoing, STAMP_HEADER } from "./message.ts";
import { CONTROL_SUBJECT, subjectOf } from "./names.ts";

const ENTERPRISE = "0367";
const MIDNIGHT = Date.UTC(2026, 11, 1);
const NEW_STREAM_AT = MIDNIGHT + 3_600_000;

/** One record on its way into the files of some nodes: the stream forgot it before the others had read it. */
type Written = {
  readonly kind: "event" | "plain" | "card" | "digest";
  readonly number: number;
  readonly afterMs: number;
  /** Which nodes have it, a bit each. */
  readonly nodes: number;
};

const written: fc.Arbitrary<Written> = fc.record({
  kind: fc.constantFrom("event", "plain", "card", "digest"),
  number: fc.integer({ min: 1, max: 4 }),
  afterMs: fc.constantFrom(0, 1, 700, 40_000),
  nodes: fc.constantFrom(0b111, 0b111, 0b001, 0b010, 0b100, 0b011),
});

const fieldsOf = ({ kind, number }: Written, index: number): string => {
  // No two events have one id; all others may come again.
  if (kind === "event")
    return `AST|start|1764493655.${number}|{"Phone":"375295305942","EventId":"e-${index}"}`;
  if (kind === "plain") return `AST|hangup|1764493655.${number}|{"Phone":"375295305942"}`;
  if (kind === "card") return `TG|edit|374573193|start|6315${number}|1764493655.${number}|Звонок`;
  return `TG|send|374573193|digest|6315${number}||За день`;
};

class Crash extends Error {}

/** Files on which the process dies at a write, with a half of it done. */
const dyingFs = (state: { left: number }): TraceFs => ({
  ...realFs,
  write: (fd, bytes, offset) => {
    if (state.left-- > 0) return realFs.write(fd, bytes, offset);
    realFs.write(fd, bytes.subarray(0, offset + Math.floor((bytes.length - offset) / 2)), offset);
    throw new Crash();
  },
  // Dead processes tidy nothing up.
  truncate: (fd, size) => {
    if (state.left >= 0) realFs.truncate(fd, size);
  },
});

const nodeOf = (dir: string, maxUnmatched?: number, fs: TraceFs = realFs) => {
  const lookup = createLookup(dir, createIndexes(dir, { isReadOnly: true }));
  const writer = new StampedWriter({ dir, fs });
  const surplus: Outgoing[] = [];
  const applier = new Applier({
    dataDir: dir,
    writer,
    keepDays: 14,
    ...(maxUnmatched === undefined ? {} : { maxUnmatched }),
    find: (enterprise, keys) => lookup.find(enterprise, keys),
    onPlace: () => undefined,
    onForeign: () => undefined,
    onSurplus: (lines) => {
      surplus.push(...lines);
      return [];
    },
  });
  return { dir, writer, applier, surplus };
};

type Node = ReturnType<typeof nodeOf>;

const linesIn = (dir: string): string[] =>
  readdirSync(join(dir, ENTERPRISE))
    .filter((name) => name.startsWith("events.log"))
    .sort((one, other) =>
      one === "events.log" ? 1 : other === "events.log" ? -1 : one < other ? -1 : 1,
    )
    .flatMap((name) =>
      readFileSync(join(dir, ENTERPRISE, name), "utf8")
        .split("\n")
        .slice(0, -1),
    );

const identitiesIn = (dir: string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const line of linesIn(dir)) {
    const { text } = identityOf(ENTERPRISE, line.slice(STAMP_LENGTH + 1));
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
};

const messageOf = (
  seq: number,
  at: number,
  [subject, text]: readonly [string, string],
  headers: Readonly<Record<string, string>> = {},
): Message => ({ seq, at, subject, text, header: (name) => headers[name] ?? "" });

/** A new stream, filled by one node; the others' surplus behind it, twice, since nobody knows that another has sent it. */
const makeAnew = async (
  nodes: readonly Node[],
  filler: Node,
  epoch: number,
  diesAt?: number,
): Promise<void> => {
  const at = NEW_STREAM_AT + epoch * 60_000;
  const subject = subjectOf(ENTERPRISE);
  const messages: Message[] = [];
  for await (const line of allLines(new FileLines(filler.dir, ENTERPRISE))) {
    const headers = {
      [FILL_HEADER]: `${epoch}/${messages.length}`,
      [STAMP_HEADER]: String(line.at),
    };
    messages.push(messageOf(messages.length + 1, at, [subject, line.fields], headers));
  }
  const lines = { [ENTERPRISE]: messages.length };
  const plan = controlText({ kind: "plan", number: 1, fills: { a: [ENTERPRISE] } });
  messages.push(messageOf(messages.length + 1, at, [CONTROL_SUBJECT, plan]));
  const filled = controlText({ kind: "filled", node: "a", number: 1, lines });
  messages.push(messageOf(messages.length + 1, at, [CONTROL_SUBJECT, filled]));
  const open = controlText({ kind: "open" });
  messages.push(messageOf(messages.length + 1, at, [CONTROL_SUBJECT, open]));
  const fill = async ({ applier }: Node): Promise<void> => {
    applier.begin({ epoch: String(epoch), phase: "filling", seq: 0, at: 0, openAt: 0 });
    for (let from = 0; from < messages.length; from += 5)
      await applier.take(messages.slice(from, from + 5));
    expect(applier.place.phase).toBe("open");
  };
  for (const node of nodes) {
    if (diesAt !== undefined) {
      const dying = nodeOf(node.dir, undefined, dyingFs({ left: diesAt }));
      await fill(dying).catch((error: { readonly cause?: unknown }) => {
        if (!(error.cause instanceof Crash)) throw error;
      });
      // Its outbox outlives it.
      node.surplus.push(...dying.surplus);
      dying.applier.close();
    }
    await fill(node);
  }
  const given = nodes.flatMap(({ surplus }) => surplus.splice(0));
  const again = [...given, ...given].map((line, index) =>
    messageOf(messages.length + 1 + index, at + index, [subject, fieldsAt(line, at + index)], {
      [AGAIN_HEADER]: String(line.nth),
    }),
  );
  for (const { applier } of nodes)
    for (let from = 0; from < again.length; from += 3)
      await applier.take(again.slice(from, from + 3));
};

describe("nodes that are unequal, and a new stream", () => {
  it("have all the same records afterwards, and nothing comes again", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(written, { minLength: 1, maxLength: 25 }),
        fc.nat({ max: 2 }),
        fc.nat({ max: 2 }),
        fc.option(fc.nat({ max: 4 }), { nil: undefined }),
        async (all, first, second, diesAt) => {
          await inTempDir(async (folder) => {
            const nodes = ["a", "b", "c"].map((name) => nodeOf(join(folder, name)));
            let at = MIDNIGHT - 60_000;
            const lines = all.map((one, index) => {
              at += one.afterMs;
              return { at, fields: fieldsOf(one, index), nodes: one.nodes };
            });
            for (const [index, { writer }] of nodes.entries()) {
              const own: StampedLine[] = lines.filter(({ nodes: bits }) => (bits >> index) & 1);
              await writer.write(ENTERPRISE, [
                { at: MIDNIGHT - 90_000, fields: "AST|start|1764493600.1|{}" },
                ...own,
              ]);
            }
            const wanted = new Map<string, number>();
            for (const { dir } of nodes)
              for (const [text, count] of identitiesIn(dir))
                wanted.set(text, Math.max(count, wanted.get(text) ?? 0));
            const sorted = (counts: Map<string, number>) => [...counts].sort();

            await makeAnew(nodes, nodes[first] as Node, 1, diesAt);
            const before = nodes.map(({ dir }) => linesIn(dir));
            for (const { dir } of nodes) {
              expect(sorted(identitiesIn(dir))).toEqual(sorted(wanted));
              const stamps = linesIn(dir).map((line) => line.slice(0, STAMP_LENGTH));
              expect(stamps).toEqual([...stamps].sort());
            }
            await makeAnew(nodes, nodes[second] as Node, 2);
            expect(nodes.map(({ dir }) => linesIn(dir))).toEqual(before);
            // Each file has one day.
            for (const { dir } of nodes)
              for (const name of readdirSync(join(dir, ENTERPRISE)))
                if (/^events\.log\.\d/.test(name))
                  for (const line of readFileSync(join(dir, ENTERPRISE, name), "utf8").split("\n"))
                    expect(line === "" || line.startsWith(name.slice(-10))).toBe(true);
            for (const { applier, writer } of nodes) {
              applier.close();
              writer.close();
            }
          });
        },
      ),
      { numRuns: 100 },
    ));

  it("keep what was erased on each of them, and do not give it to one another", () =>
    inTempDir(async (folder) => {
      const line = (text: string) => ({
        at: MIDNIGHT,
        fields: `TG|send|374573193|start|6315|1764493655.1|${text}`,
      });
      const nodes = ["a", "b"].map((name) => nodeOf(join(folder, name)));
      for (const { dir, writer } of nodes)
        await writer.write(ENTERPRISE, [
          line(`${dir.slice(-1)}7f3 звонит`),
          { at: MIDNIGHT + 1, fields: "AST|hangup|1764493655.1|{}" },
        ]);
      const before = nodes.map(({ dir }) => linesIn(dir));
      await makeAnew(nodes, nodes[0] as Node, 1);
      expect(nodes.map(({ dir }) => linesIn(dir))).toEqual(before);
    }));

  it("leave each other alone where too much differs, and say so until it is mended", () =>
    inTempDir(async (folder) => {
      const [a, b] = ["a", "b"].map((name) => nodeOf(join(folder, name)));
      if (a === undefined || b === undefined) throw new Error("no node");
      const event = (at: number, id: string) => ({
        at,
        fields: `AST|start|1764493655.1|{"EventId":"${id}"}`,
      });
      await a.writer.write(ENTERPRISE, [event(MIDNIGHT, "x"), event(MIDNIGHT + 9, "z")]);
      await b.writer.write(ENTERPRISE, [event(MIDNIGHT, "y"), event(MIDNIGHT + 7, "w")]);
      const strict = nodeOf(join(folder, "b"), 1);
      await makeAnew([a, strict], a, 1);
      // What comes behind its end it has all the same.
      expect(linesIn(b.dir).map((text) => /EventId":"(.)/.exec(text)?.[1])).toEqual([
        ...["y", "w", "z"],
      ]);
      expect(strict.applier.unequal.join()).toContain("differ from those of the other nodes");
      expect(nodeOf(join(folder, "b")).applier.unequal).toEqual(strict.applier.unequal);
      const mended = nodeOf(join(folder, "b"));
      await makeAnew([a, mended], a, 2);
      expect(mended.applier.unequal).toEqual([]);
      expect([...identitiesIn(b.dir)].sort()).toEqual([...identitiesIn(a.dir)].sort());
    }));

  it("are filled by one node, whatever still comes from another that was taken for gone", () =>
    inTempDir(async (folder) => {
      const node = nodeOf(join(folder, "a"));
      const event = (at: number, id: string) => `AST|start|1764493655.${at}|{"EventId":"${id}"}`;
      await node.writer.write(ENTERPRISE, [{ at: MIDNIGHT + 9, fields: event(9, "own") }]);
      const line = (id: string, index: number): readonly [string, string, object] => [
        subjectOf(ENTERPRISE),
        event(index, `e-${index}`),
        { [FILL_HEADER]: `${id}/${index}`, [STAMP_HEADER]: String(MIDNIGHT + index) },
      ];
      const say = (control: Parameters<typeof controlText>[0]): readonly [string, string] => [
        CONTROL_SUBJECT,
        controlText(control),
      ];
      const texts: readonly (readonly [string, string, object?])[] = [
        say({ kind: "plan", number: 1, fills: { b: [ENTERPRISE] } }),
        line("one", 0),
        say({ kind: "plan", number: 2, fills: { c: [ENTERPRISE] } }),
        line("two", 0),
        line("one", 1),
        line("two", 1),
        line("one", 2),
        say({ kind: "filled", node: "b", number: 1, lines: { [ENTERPRISE]: 3 } }),
        line("two", 2),
        line("two", 3),
        say({ kind: "filled", node: "c", number: 2, lines: { [ENTERPRISE]: 4 } }),
        say({ kind: "open" }),
      ];
      const messages = texts.map(([subject, text, headers = {}], index) =>
        messageOf(index + 1, NEW_STREAM_AT, [subject, text], headers as Record<string, string>),
      );
      node.applier.begin({ epoch: "1", phase: "filling", seq: 0, at: 0, openAt: 0 });
      await node.applier.take(messages);
      const ids = linesIn(node.dir).map((text) => /EventId":"([^"]+)"/.exec(text)?.[1]);
      expect(ids).toEqual(["own", "e-0", "e-1", "e-2", "e-3"]);
      expect(node.surplus.map(({ fields }) => fields)).toEqual([event(9, "own")]);
      expect(node.applier.unequal).toEqual([]);
      // One of which lines are lacking proves nothing of what this node alone has.
      node.surplus.splice(0);
      node.applier.begin({ epoch: "2", phase: "filling", seq: 0, at: 0, openAt: 0 });
      await node.applier.take(messages.filter((message) => message !== messages[8]));
      expect(node.surplus).toEqual([]);
      expect(node.applier.unequal.join()).toContain("could not be held against");
    }));
});
