import { describe, expect, it } from "bun:test";
import { nearest } from "./nearest.ts";

const FLAGS = ["--port", "--host", "--webhook-port", "--data-dir", "--log-level"];

describe("nearest", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["--prot", "--port"],
    ["--PORT", "--port"],
    ["--webhok-port", "--webhook-port"],
    ["--webhookport", "--webhook-port"],
    ["--datadir", "--data-dir"],
    ["--colour", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ];
  for (const [word, expected] of cases) {
    it(`${word.slice(0, 20)} → ${expected}`, () =>
      expect(nearest(word, FLAGS)).toBe(expected as string));
  }
});
