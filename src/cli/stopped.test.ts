import { expect, it } from "bun:test";
import { stopped } from "./stopped.ts";

it("resolves when the program is asked to stop, and at once where it has been", async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const waiting = stopped(stop.signal).then(() => seen.push("stopped"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual([]);
  stop.abort();
  await waiting;
  expect(seen).toEqual(["stopped"]);
  await stopped(stop.signal);
});
