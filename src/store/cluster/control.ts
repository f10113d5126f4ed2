// What nodes say of a stream that was made anew, in the stream itself, and what follows from it: who has which lines, who
// fills the stream with them, and when it is open for what is new. Pure: every node that reads the same messages comes to
// the same answer.

import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import type { FileEnd } from "../write/stamped-writer.ts";
import type { Message } from "./bus.ts";

/** The ends of the files that a node has, by enterprise. */
export type Holdings = Readonly<Record<string, FileEnd>>;

/** Lines by enterprise. */
export type LineCounts = Readonly<Record<string, number>>;

export type Control =
  /** A node has come, with these files. */
  | {
      readonly kind: "call";
      readonly node: string;
      readonly have: Holdings;
      /** Whether another call follows, since not all fit into one message. */
      readonly hasMore?: boolean;
    }
  /** Who fills the stream with which enterprises; the later of two plans holds. */
  | {
      readonly kind: "plan";
      readonly number: number;
      readonly fills: Readonly<Record<string, readonly string[]>>;
    }
  /** A node has done its part of a plan; how many lines of each enterprise that was, where it tells. */
  | {
      readonly kind: "filled";
      readonly node: string;
      readonly number: number;
      readonly lines?: LineCounts;
    }
  /** What is new is taken from here on. */
  | { readonly kind: "open" };

export const controlText = (control: Control): string => JSON.stringify(control);

const isEnd = (value: unknown): value is FileEnd => {
  const { at, count } = (value ?? {}) as Partial<FileEnd>;
  return Number.isSafeInteger(at) && Number.isSafeInteger(count);
};

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const countsOf = (table: Record<string, unknown>): LineCounts =>
  Object.fromEntries(
    Object.entries(table).flatMap(([name, count]) =>
      isEnterpriseNumber(name) && typeof count === "number" ? [[name, count]] : [],
    ),
  );

/** Undefined where the text is none of these: of a newer version, or of somebody else. */
export const readControl = (text: string): Control | undefined => {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isTable(read)) return undefined;
  const { kind, node, number, have, fills, lines } = read;
  if (kind === "open") return { kind };
  if (kind === "call" && typeof node === "string" && isTable(have)) {
    const ends = Object.entries(have).filter(
      ([name, end]) => isEnterpriseNumber(name) && isEnd(end),
    );
    const call = { kind, node, have: Object.fromEntries(ends) as Holdings } as const;
    return read["hasMore"] === true ? { ...call, hasMore: true } : call;
  }
  if (typeof number !== "number") return undefined;
  if (kind === "filled" && typeof node === "string")
    return { kind, node, number, ...(isTable(lines) ? { lines: countsOf(lines) } : {}) };
  if (kind === "plan" && isTable(fills)) {
    const named = Object.entries(fills).map(([name, list]) => [
      name,
      Array.isArray(list) ? list.filter((entry) => isEnterpriseNumber(String(entry))) : [],
    ]);
    return { kind, number, fills: Object.fromEntries(named) };
  }
  return undefined;
};

/** Whether a message of the control subject opens the stream for what is new. */
export const isOpening = ({ text }: Pick<Message, "text">): boolean =>
  readControl(text)?.kind === "open";

const isMore = (one: FileEnd, other: FileEnd): boolean =>
  one.at > other.at || (one.at === other.at && one.count > other.count);

/** Each enterprise to the node whose files reach furthest; the first by name of those that have the same. */
const furthest = (
  calls: ReadonlyMap<string, Holdings>,
  enterprises: Iterable<string>,
): Record<string, string[]> => {
  const fills = new Map<string, string[]>();
  const nodes = [...calls.keys()].sort();
  for (const enterprise of enterprises) {
    let best: { readonly node: string; readonly end: FileEnd } | undefined;
    for (const node of nodes) {
      const end = calls.get(node)?.[enterprise];
      if (end !== undefined && (best === undefined || isMore(end, best.end))) best = { node, end };
    }
    if (best !== undefined) fills.set(best.node, [...(fills.get(best.node) ?? []), enterprise]);
  }
  return Object.fromEntries(fills);
};

/** What is to be said next by the one that sees to it. */
export type NextStep =
  | { readonly say: "nothing" }
  | { readonly say: "plan"; readonly plan: Extract<Control, { kind: "plan" }> }
  | { readonly say: "open" };

/** The filling of one stream, as far as its messages tell. */
export class RollCall {
  readonly #calls = new Map<string, Holdings>();
  /** Nodes that have said all. */
  readonly #called = new Set<string>();
  /** Who fills what, by the latest plan. */
  #plan: Extract<Control, { kind: "plan" }> | undefined;
  readonly #filled = new Set<string>();
  /** Enterprises that are in the stream whole. */
  readonly #done = new Set<string>();

  take(control: Control): void {
    if (control.kind === "call") {
      this.#calls.set(control.node, { ...this.#calls.get(control.node), ...control.have });
      if (control.hasMore !== true) this.#called.add(control.node);
    }
    if (control.kind === "plan" && control.number > (this.#plan?.number ?? 0)) {
      this.#plan = control;
      this.#filled.clear();
    }
    if (control.kind === "filled" && control.number === this.#plan?.number) {
      this.#filled.add(control.node);
      for (const enterprise of this.#plan.fills[control.node] ?? []) this.#done.add(enterprise);
    }
  }

  hasCalled(node: string): boolean {
    return this.#called.has(node);
  }

  /** What a node is to fill by the latest plan, and has not; undefined where there is nothing. */
  taskOf(
    node: string,
  ): { readonly number: number; readonly enterprises: readonly string[] } | undefined {
    const enterprises = this.#plan?.fills[node];
    if (this.#plan === undefined || enterprises === undefined || this.#filled.has(node))
      return undefined;
    return { number: this.#plan.number, enterprises };
  }

  /**
   * @param present the nodes that are there
   * @param waitedMs since this stream was found, in milliseconds
   */
  next(present: ReadonlySet<string>, waitedMs: number): NextStep {
    if (this.#plan === undefined) {
      const isComplete = [...present].every((node) => this.#called.has(node));
      const isTime = waitedMs >= CALL_LONGEST_MS || (isComplete && waitedMs >= CALL_SHORTEST_MS);
      return isTime ? this.#planFor(this.#calls, this.#allEnterprises()) : { say: "nothing" };
    }
    const waiting = Object.keys(this.#plan.fills).filter((node) => !this.#filled.has(node));
    if (waiting.length === 0) return { say: "open" };
    const gone = waiting.filter((node) => !present.has(node));
    if (gone.length === 0) return { say: "nothing" };
    // Those that have gone are left out: what they alone have comes when they are back, if they come before the opening.
    const there = new Map([...this.#calls].filter(([node]) => present.has(node)));
    const open = [...this.#allEnterprises()].filter((enterprise) => !this.#done.has(enterprise));
    return this.#planFor(there, open);
  }

  #allEnterprises(): Set<string> {
    return new Set([...this.#calls.values()].flatMap((have) => Object.keys(have)).sort());
  }

  #planFor(calls: ReadonlyMap<string, Holdings>, enterprises: Iterable<string>): NextStep {
    const fills = furthest(calls, enterprises);
    const number = (this.#plan?.number ?? 0) + 1;
    return { say: "plan", plan: { kind: "plan", number, fills } };
  }
}

/** How long nodes are waited for before it is settled who fills the stream, in milliseconds. */
const CALL_SHORTEST_MS = 3000;
const CALL_LONGEST_MS = 10_000;
