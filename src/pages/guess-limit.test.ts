// Counting wrong tokens in bounded memory.

import { describe, expect, it } from "bun:test";
import { createGuessLimit, MAX_WRONG_TOKENS } from "./guess-limit.ts";

describe("createGuesses", () => {
  it("says how long is left of the minute", () => {
    let now = 1_000_000;
    const { wrong } = createGuessLimit({ now: () => now });
    for (let tried = 0; tried < MAX_WRONG_TOKENS; tried++) {
      expect(wrong("a").waitSeconds).toBeUndefined();
    }
    now += 20_500;
    expect(wrong("a")).toEqual({ waitSeconds: 40, isFirstTooMany: true });
    now += 39_499;
    expect(wrong("a")).toEqual({ waitSeconds: 1, isFirstTooMany: false });
    now += 1;
    expect(wrong("a")).toEqual({ waitSeconds: undefined, isFirstTooMany: false });
  });

  it("forgets the longest silent of too many clients, not the one that goes on", () => {
    const { wrong } = createGuessLimit({ now: () => 0 });
    for (let tried = 0; tried < 15; tried++) wrong("once");
    for (let tried = 0; tried < 15; tried++) wrong("busy");
    for (let client = 0; client < 9_999; client++) {
      wrong(`client ${client}`);
      if (client % 1000 === 0) wrong("busy");
    }
    // 10 001 clients were seen: "once" is a stranger again, "busy" has been counted all the time.
    for (let tried = 0; tried < 6; tried++) expect(wrong("once").waitSeconds).toBeUndefined();
    expect(wrong("busy").waitSeconds).toBe(60);
  });
});
