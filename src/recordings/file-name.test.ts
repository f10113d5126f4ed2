import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseRecordingPattern, recordingRule } from "../domain/recording-pattern.ts";
import { keyOfId, keysOfStem, parseName } from "./file-name.ts";

const ID = "1764493655.61";
const belongs = (path: string, ids: readonly string[], pattern = "{uniqueId}"): boolean => {
  const parsedPattern = parseRecordingPattern(pattern);
  if (parsedPattern === undefined) throw new Error(`no pattern: ${pattern}`);
  const rule = recordingRule(parsedPattern, "0367", ids);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const parsed = parseName(name);
  if (parsed === undefined) return false;
  const isFound = ids.some((id) => keysOfStem(parsed.stem).includes(keyOfId(id)));
  return isFound && rule(path.slice(0, path.lastIndexOf(".")));
};

describe("a name of a recording", () => {
  const OURS: readonly [name: string, path: string, id?: string][] = [
    ["plain MixMonitor", "1764493655.61.wav"],
    [
      "FreePBX, incoming",
      "2026/11/22/in-375172001122-375291112233-20261122-101500-1764493655.61.wav",
    ],
    ["FreePBX, a group", "2026/11/22/g601-601-375291112233-20261122-101500-1764493655.61.mp3"],
    ["MikoPBX", "mikopbx/2026/11/22/10/mikopbx-1764493655.61_Tq8fWz.mp3", "mikopbx-1764493655.61"],
    ["MikoPBX, by the bare id", "2026/11/22/10/mikopbx-1764493655.61_Tq8fWz.mp3"],
    ["a system name before it", "pbx1-1764493655.61.wav", "pbx1-1764493655.61"],
    ["the system name that the call does not have", "pbx1-1764493655.61.wav"],
    ["one side", "1764493655.61-in.wav"],
    ["two ids", "1764493650.60-1764493655.61.wav"],
    ["wav49, in capitals as Asterisk writes it", "1764493655.61.WAV"],
    ["an id that is no epoch and number", "call-abc.wav", "call-abc"],
    ["brackets and blanks", "запись [1764493655.61] (2).mp3"],
  ];
  for (const [name, path, id = ID] of OURS) {
    it(`is the call's: ${name}`, () => expect(belongs(path, [id])).toBe(true));
  }

  const NOT_OURS: readonly [name: string, path: string, id?: string][] = [
    ["a longer sequence", "1764493655.610.wav"],
    ["a shorter one", "1764493655.6.wav"],
    ["digits before", "11764493655.61.wav"],
    ["letters before", "x1764493655.61.wav"],
    ["letters behind", "1764493655.61a.wav"],
    ["a number with a dot before", "7.1764493655.61.wav"],
    ["a number with a dot behind", "1764493655.61.7.wav"],
    ["another system's", "pbx2-1764493655.61.wav", "pbx1-1764493655.61"],
    ["no system where the call has one", "1764493655.61.wav", "pbx1-1764493655.61"],
    ["the end of another system's name", "mypbx1-1764493655.61.wav", "pbx1-1764493655.61"],
    ["an id in the folder alone", "1764493655.61/other.wav"],
    ["no sound", "1764493655.61.json"],
    ["no extension", "1764493655.61"],
    ["a part of a name without ids", "call-abc-2.wav", "call-abc"],
  ];
  for (const [name, path, id = ID] of NOT_OURS) {
    it(`is not: ${name}`, () => expect(belongs(path, [id])).toBe(false));
  }

  const idOf = fc
    .tuple(
      fc.constantFrom("", "pbx1-", "pbx-0367.by-", "mikopbx-"),
      fc.integer({ min: 1_000_000_000, max: 1_999_999_999 }),
      fc.integer({ min: 0, max: 99_999 }),
    )
    .map(([system, epoch, sequence]) => `${system}${epoch}.${sequence}`);
  const around = fc.constantFrom("", "in-375291112233-151-20261122-101500-", "q-", "_", "x y ");
  const behind = fc.constantFrom("", "-in", "_Tq8fWz", " (2)", "-1764493000.5");

  it("holds the id that it was made of, and no other", () => {
    fc.assert(
      fc.property(idOf, idOf, around, behind, (id, other, before, after) => {
        const path = `2026/11/22/${before}${id}${after}.wav`;
        expect(belongs(path, [id])).toBe(true);
        const holdsBoth = id === other || id.endsWith(`-${other}`) || after.endsWith(other);
        expect(belongs(path, [other])).toBe(holdsBoth);
      }),
    );
  });

  it("never holds an id of which it has one digit more or less", () => {
    fc.assert(
      fc.property(idOf, fc.nat(9), around, (id, digit, before) => {
        expect(belongs(`${before}${id}${digit}.wav`, [id])).toBe(false);
        const bare = id.slice(id.lastIndexOf("-") + 1);
        expect(belongs(`${digit}${bare}.wav`, [bare])).toBe(false);
        if (!/\.\d$/.test(id)) expect(belongs(`${before}${id.slice(0, -1)}.wav`, [id])).toBe(false);
      }),
    );
  });

  it("is decided for whatever name a folder may hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 255 }), (name) => {
        expect(typeof belongs(`${name}.wav`, [ID])).toBe("boolean");
      }),
    );
  });
});

describe("--recording-pattern", () => {
  const READ: readonly [pattern: string, path: string, isOurs: boolean][] = [
    ["{enterprise}/*{uniqueId}*", "0367/in-1764493655.61.wav", true],
    ["{enterprise}/*{uniqueId}*", "0368/in-1764493655.61.wav", false],
    ["{enterprise}/*{uniqueId}*", "10367/in-1764493655.61.wav", false],
    ["{enterprise}/*{uniqueId}*", "0367/more/in-1764493655.61.wav", false],
    ["{enterprise}/*/*{uniqueId}*", "0367/more/in-1764493655.61.wav", true],
    ["{YYYY}/{MM}/{DD}/*-{uniqueId}", "a/2026/11/22/in-1764493655.61.wav", true],
    ["{YYYY}/{MM}/{DD}/*-{uniqueId}", "a/2026/11/in-1764493655.61.wav", false],
    ["call{uniqueId}", "call1764493655.61.wav", true],
    ["call{uniqueId}", "call1764493655.610.wav", false],
    ["*-{uniqueId}", "x1764493655.61.wav", false],
    ["rec (1) [{uniqueId}]", "rec (1) [1764493655.61].wav", true],
  ];
  for (const [pattern, path, isOurs] of READ) {
    it(`${pattern} ${isOurs ? "takes" : "leaves"} ${path}`, () => {
      expect(belongs(path, [ID], pattern)).toBe(isOurs);
    });
  }

  for (const broken of [
    "",
    "x",
    "{uniqueId}{uniqueId}",
    "{uniqueid}",
    "{uniqueId",
    "../{uniqueId}",
  ]) {
    it(`refuses ${JSON.stringify(broken)}`, () =>
      expect(parseRecordingPattern(broken)).toBeUndefined());
  }
  for (const broken of ["/{uniqueId}", "{uniqueId}/", "a//{uniqueId}", "*******{uniqueId}"]) {
    it(`refuses ${broken}`, () => expect(parseRecordingPattern(broken)).toBeUndefined());
  }
});
