import { describe, expect, it } from "bun:test";
import { idKey } from "../../domain/record.ts";
import { needlesOf } from "./needles.ts";

describe("isMentionedIn", () => {
  const CASES: readonly [line: string, isMentioned: boolean][] = [
    ['2025-11-30 09:08:42,025|AST|hangup|1764493655.6|{"cut', true],
    ['2025-11-30 09:08:42,025|AST|hangup|1764493655.61|{"cut', false],
    ['2025-11-30 09:08:42,025|AST|hangup|pbx-1764493655.6|{"cut', false],
    ['2025-11-30 09:08:42,025|AST|hangup|1.1|{"Linkedid":"1764493655.6"', true],
    ['2025-11-30 09:08:42,025|AST|hangup|1764493655.61|{"Linkedid":"1764493655.6"', true],
    ["2025-11-30 09:08:42,025|AST|hangup|1764493655.6", true],
  ];
  const { isMentionedIn } = needlesOf([idKey("1764493655.6")]);
  for (const [line, isMentioned] of CASES) {
    it(`${isMentioned}: ${line}`, () => expect(isMentionedIn(line)).toBe(isMentioned));
  }
});
