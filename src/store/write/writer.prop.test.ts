import { expect, it } from "bun:test";
import { rmSync } from "node:fs";
import fc from "fast-check";
import { handTime } from "../../../tests/support/hand-time.ts";
import { finishedName, RUNNING_NAME, tryParseFinishedName } from "../format/files.ts";
import { dayOf, formatStamp } from "../format/stamp.ts";
import type { OpenTraceStore } from "../index.ts";
import { hangup, openForTest, readFiles, tempFolder } from "../testing/temp-store.ts";

const HOUR_MS = 3_600_000;
const RETENTION_DAYS = 3;
const ENTERPRISES = ["0367", "0103"] as const;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      where: fc.nat(1),
      store: fc.nat(1),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.oneof(fc.nat(1000), fc.nat(30 * HOUR_MS), fc.nat(200 * HOUR_MS)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("stepBack" as const), ms: fc.nat(50 * HOUR_MS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), store: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
);

/** What the files should hold: for each enterprise the lines of each name. */
type Model = Record<string, Map<string, { at: number; id: string }[]>>;

const modelAppend = (
  files: Map<string, { at: number; id: string }[]>,
  now: number,
  ids: string[],
): number => {
  const running = files.get(RUNNING_NAME) ?? [];
  const last = running.at(-1)?.at ?? 0;
  const at = Math.max(now, last);
  if (running.length > 0 && dayOf(last) < dayOf(at)) {
    const name = finishedName(dayOf(last));
    files.set(name, [...(files.get(name) ?? []), ...running]);
    files.set(RUNNING_NAME, []);
  }
  files.set(RUNNING_NAME, [...(files.get(RUNNING_NAME) ?? []), ...ids.map((id) => ({ at, id }))]);
  return at;
};

const modelSweep = (model: Model, now: number): void => {
  for (const files of Object.values(model)) {
    for (const name of [...files.keys()]) {
      const day = tryParseFinishedName(name);
      if (day !== undefined && day < dayOf(now) - RETENTION_DAYS) files.delete(name);
    }
  }
};

it("keeps every line in the file of its day, in order, through restarts, clocks and sweeps", async () => {
  const dir = tempFolder();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      rmSync(dir, { recursive: true, force: true });
      const clock = handTime("2025-11-30T12:00:00Z");
      const open = (): OpenTraceStore => openForTest({ dir, clock, retentionDays: RETENTION_DAYS });
      const stores = [open(), open()];
      const model: Model = {};
      let count = 0;
      // A store sweeps by itself at its start and when it sees a new day.
      const sweepBoth = async (): Promise<void> => {
        for (const store of stores) await store.sweep();
        modelSweep(model, clock.now());
      };
      for (const action of steps) {
        if (action.do === "wait") clock.pass(action.ms);
        else if (action.do === "stepBack") clock.pass(-action.ms);
        else if (action.do === "sweep") await sweepBoth();
        else if (action.do === "restart") {
          await stores[action.store]?.close();
          stores[action.store] = open();
          await sweepBoth();
        } else {
          await sweepBoth();
          const enterprise = ENTERPRISES[action.where] ?? "0367";
          const ids = Array.from({ length: action.times }, () => `1764400000.${count++}`);
          const answers = await Promise.all(
            ids.map((id) => stores[action.store]?.append(enterprise, hangup(id))),
          );
          const files = model[enterprise] ?? new Map();
          model[enterprise] = files;
          const at = modelAppend(files, clock.now(), ids);
          expect(answers).toEqual(ids.map(() => ({ at, duplicate: false })));
        }
      }
      await sweepBoth();
      for (const [enterprise, files] of Object.entries(model)) {
        const expected = [...files].map(([name, lines]) => [
          name,
          lines.map(({ at, id }) => `${formatStamp(at)}|AST|hangup|${id}|{}\n`).join(""),
        ]);
        expect(readFiles(dir, enterprise)).toEqual(Object.fromEntries(expected));
      }
      for (const store of stores) await store.close();
    }),
    { numRuns: 100 },
  );
});
