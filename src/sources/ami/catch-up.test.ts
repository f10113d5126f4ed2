// What the PBX says while the journal is read is held, and not without bounds.

import { expect, it } from "bun:test";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAll, recordedBlocks } from "../../../tests/support/ami.ts";
import { celText, expectedOf } from "../../../tests/support/cel.ts";
import { handTime } from "../../../tests/support/hand-time.ts";
import { inTempDir } from "../../../tests/support/temp-dir.ts";
import { silentLog } from "../../lib/log.ts";
import { createSleeper } from "../../lib/scheduler.ts";
import { CelJournal } from "../cel/index.ts";
import { CatchUp } from "./catch-up.ts";
import { EventFeed } from "./feed.ts";
import { createAmiMapper } from "./mapper.ts";

it("reads on in the journal where more came meanwhile than is held", () =>
  inTempDir(async (dir) => {
    const time = handTime(1_795_800_000_000);
    const path = join(dir, "cel.json");
    writeFileSync(path, "");
    const told: string[] = [];
    const log = silentLog;
    const feed = new EventFeed({
      mapper: createAmiMapper(),
      delivery: {
        deliver: async ({ body }) => {
          told.push(String(body["EventId"]));
          return { kind: "taken" };
        },
      },
      spoolDir: join(dir, "spool"),
      clock: time,
      scheduler: time,
      random: () => 0,
      log,
    });
    const journal = new CelJournal({ path, spoolDir: join(dir, "spool"), clock: time, log });
    await journal.read(async () => undefined);
    const sleeper = createSleeper(time, time);
    const catchUp = new CatchUp({
      journal,
      createMapper: () => createAmiMapper(),
      feed,
      clock: time,
      sleeper,
      log,
      maxHeld: 10,
    });
    // A whole call passes while the journal is read; ten of its messages fit.
    catchUp.begin(time.now());
    for (const { text, at } of recordedBlocks("xfer_attended", "cel")) {
      catchUp.hold(readAll(text), at);
    }
    appendFileSync(path, celText("xfer_attended.jsonl"));
    let outcome = "";
    void catchUp.run().then(async (how) => {
      await catchUp.release();
      outcome = how;
    });
    while (outcome === "") {
      await new Promise<void>((resolve) => setImmediate(resolve));
      time.pass(50);
    }
    expect(outcome).toBe("all");
    expect(catchUp.isOn).toBe(false);
    await feed.stop(1000, true);
    await journal.close(false);
    const ids = expectedOf("xfer_attended").map(({ body }) => String(body["EventId"]));
    expect([...new Set(told)].sort()).toEqual([...new Set(ids)].sort());
  }));
