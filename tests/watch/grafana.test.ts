// The dashboard for Grafana: every metric and label in it is one that the program has.

import { describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import { createMetrics, metricsText } from "../../src/watch/metrics/index.ts";
import { idleService } from "../support/live-figures.ts";

type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly h: number;
    readonly w: number;
    readonly x: number;
    readonly y: number;
  };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
};
type Dashboard = {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string }[];
  };
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
};

const read = (): Dashboard =>
  JSON.parse(readFileSync(new URL("../../docs/grafana.json", import.meta.url), "utf8"));

const questions = ({ panels, templating, annotations }: Dashboard): string[] => [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...templating.list.map(({ query }) => query),
  ...annotations.list.map(({ expr }) => expr),
];

/** The text of /metrics of a process to which everything has happened once. */
const metrics = async (): Promise<string> => {
  const made = createMetrics({
    version: "1.2.3",
    commit: "abc",
    live: {
      ...idleService,
      events: () => [["start", "recorded", 1]],
      salvaged: () => 1,
      repeats: () => 1,
    },
  });
  made.appended(0.001, true);
  made.answered("call", 200, 0.01);
  made.telegram("send", "ok", 0.1);
  made.hook(200, 0.1);
  made.metadata(200, 0.1);
  made.directory(true, 0.001);
  made.lookedUp(0.001, 0);
  return metricsText([await made.figures()], 1);
};

describe("docs/grafana.json", () => {
  it("asks for metrics that there are", async () => {
    const text = await metrics();
    const known = new Set([...text.matchAll(/^([a-z_]+)(?:\{| )/gm)].map(([, name]) => name));
    const asked = questions(read()).flatMap((expr) =>
      [...expr.matchAll(/\b(?:calllog|process)_[a-z_]+/g)].map(([name]) => name),
    );
    expect(asked.length).toBeGreaterThan(25);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it("asks for labels that those metrics have", async () => {
    const text = await metrics();
    /** Labels that Prometheus adds itself. */
    const added = ["job", "instance", "le"];
    for (const expr of questions(read())) {
      const named = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
        list.split(", "),
      );
      const matched = [...expr.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, label = ""]) => label);
      const metric = /\b(calllog_[a-z_]+)/.exec(expr)?.[1] ?? "";
      const lines = text.split("\n").filter((line) => line.startsWith(`${metric}{`));
      for (const label of [...named, ...matched].filter((one) => !added.includes(one)))
        expect([metric, label, lines.some((line) => line.includes(`${label}="`))]).toEqual([
          metric,
          label,
          true,
        ]);
    }
  });

  it("is laid out without overlaps, each panel with an id and a title of its own", () => {
    const { panels } = read();
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const {
      gridPos: { h, w, x, y },
    } of panels) {
      expect(x + w).toBeLessThanOrEqual(24);
      for (let row = y; row < y + h; row += 1)
        for (let column = x; column < x + w; column += 1) {
          expect(taken.has(`${row} ${column}`)).toBe(false);
          taken.add(`${row} ${column}`);
        }
    }
  });
});
