import { expect, it } from "bun:test";
import { createBackoff } from "./backoff.ts";

const pauses = (count: number, random?: () => number): number[] => {
  const options = { firstMs: 500, longestMs: 30_000 };
  const backoff = createBackoff(random === undefined ? options : { ...options, random });
  return Array.from({ length: count }, () => backoff.nextMs());
};

it("doubles up to its limit, and stays there", () => {
  expect(pauses(9)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(pauses(2000).at(-1)).toBe(30_000);
});

it("takes up to a half off by chance", () => {
  expect(pauses(3, () => 0)).toEqual([500, 1000, 2000]);
  expect(pauses(3, () => 1)).toEqual([250, 500, 1000]);
});

it("begins anew after a reset", () => {
  const backoff = createBackoff({ firstMs: 1000, longestMs: 60_000 });
  backoff.nextMs();
  backoff.nextMs();
  backoff.reset();
  expect(backoff.nextMs()).toBe(1000);
});
