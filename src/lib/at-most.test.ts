import { describe, expect, it } from "bun:test";
import { createAtMost } from "./at-most.ts";

describe("createAtMost", () => {
  it("runs so many at a time, in their order, also after failures", async () => {
    const atMost = createAtMost(2);
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        atMost(async () => {
          begun.push(at);
          most = Math.max(most, ++running);
          await new Promise((done) => setImmediate(done));
          running--;
          if (at % 3 === 0) throw new Error(`failed ${at}`);
          return at;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(begun).toEqual(Array.from({ length: 20 }, (_, at) => at));
    expect(results.map(({ status }) => status === "fulfilled")).toEqual(
      begun.map((at) => at % 3 !== 0),
    );
    expect(await atMost(async () => "still open")).toBe("still open");
  });
});
