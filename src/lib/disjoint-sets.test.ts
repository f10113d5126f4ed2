import { expect, it } from "bun:test";
import fc from "fast-check";
import { DisjointSets } from "./disjoint-sets.ts";

it("joins what is joined, transitively, and nothing else", () => {
  const pair = fc.tuple(fc.nat(30), fc.nat(30));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
      const sets = new DisjointSets<number>();
      // The plain way: labels that are all replaced at each step.
      const labels = Array.from({ length: 31 }, (_, index) => index);
      for (const [a, b] of pairs) {
        sets.join(a, b);
        const [from, to] = [labels[a], labels[b]];
        labels.forEach((label, index) => {
          if (label === from) labels[index] = to as number;
        });
      }
      for (let a = 0; a <= 30; a++) {
        for (let b = 0; b <= 30; b++) {
          expect(sets.of(a) === sets.of(b)).toBe(labels[a] === labels[b]);
        }
      }
    }),
  );
});
