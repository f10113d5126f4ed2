import { expect, it } from "bun:test";
import { runMidnights } from "../testing/midnights.ts";

it("loses, doubles, tears and misfiles nothing: two processes, many midnights, kill -9", async () => {
  // The long form is `bun run bench midnights`.
  const counts = await runMidnights({ seconds: 6, dayMs: 150 });
  expect(counts).toMatchObject({ lost: 0, doubled: 0, torn: 0, misfiled: 0, outOfOrder: 0 });
  expect(counts.acknowledged).toBeGreaterThan(1000);
  expect(counts.files).toBeGreaterThan(20);
  expect(counts.kills).toBeGreaterThan(4);
}, 30_000);
