// A service that records, one that lists, and a command that looks in, all over one folder at the same time.

import { expect, it } from "bun:test";
import { join } from "node:path";
import { inTempDir } from "../support/temp-dir.ts";
import { allRows, ENTERPRISE, MIDNIGHT, open, slowRows } from "./days.ts";

const CALLS = 120;
const NOW = MIDNIGHT + 3_600_000;
const recorder = join(import.meta.dir, "recorder.ts");

it(
  "lists what another process records meanwhile, each call once, and everything in the end",
  () =>
    inTempDir(async (dir) => {
      const child = Bun.spawn(
        [process.execPath, recorder, dir, String(CALLS), String(MIDNIGHT - 5000)],
        {
          stdout: "pipe",
          stderr: "inherit",
        },
      );
      const ended = child.exited;
      let isDone = false;
      void ended.then(() => {
        isDone = true;
      });
      const list = open(dir, NOW);
      let most = 0;
      while (!isDone) {
        const rows = await allRows(list, {}, 50);
        const ids = rows.map(({ uniqueId }) => uniqueId);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBeGreaterThanOrEqual(most);
        most = ids.length;
        const command = open(dir, NOW, { isReadOnly: true });
        expect((await allRows(command, {}, 500)).length).toBeGreaterThanOrEqual(most);
        await command.close();
      }
      expect(await ended).toBe(0);
      const expected = await slowRows(dir, NOW);
      expect(expected).toHaveLength(CALLS);
      expect(await allRows(list)).toEqual(expected);
      await list.idle();
      await list.close();
      const after = open(dir, NOW, { isReadOnly: true });
      expect(await allRows(after)).toEqual(expected);
      expect((await after.calls(ENTERPRISE, {}, { limit: 1 })).isComplete).toBe(true);
      await after.close();
    }),
  60_000,
);
