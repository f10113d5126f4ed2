// When Telegram is asked again.

import { expect, it } from "bun:test";
import { FINAL_PATIENCE_MS, nextTryAt, SLOW_RETRY_MS } from "./retry.ts";

/** Seconds from the first try to each of the tries, where every one fails. */
const triesAfter = (isFinal: boolean): number[] => {
  const at: number[] = [0];
  for (let now = 0; ; ) {
    const next = nextTryAt({ tries: at.length, firstAt: 0 }, { isFinal, now });
    if (next === undefined) return at.map((ms) => ms / 1000);
    at.push(next);
    now = next;
  }
};

it("makes five tries in about a minute", () => {
  expect(triesAfter(false)).toEqual([0, 2, 8, 23, 58]);
});

it("goes on slowly for an hour where the card is final", () => {
  const tries = triesAfter(true);
  expect(tries.slice(0, 5)).toEqual(triesAfter(false));
  const last = tries.at(-1) ?? 0;
  expect(last * 1000).toBeGreaterThanOrEqual(FINAL_PATIENCE_MS);
  expect(last * 1000).toBeLessThan(FINAL_PATIENCE_MS + SLOW_RETRY_MS);
});
