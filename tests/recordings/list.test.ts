// The list of calls marks those that were recorded, for whoever may hear them.

import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { openHistory } from "../../src/call/list/index.ts";
import { silentLog } from "../../src/lib/log.ts";
import { inLiveWorld } from "../live/live-world.ts";
import { CALL_TIMEOUT_MS, recordsOf, T0 } from "../support/calls.ts";
import { RECORDED_ID, recordedRows, recordingFile, recordingsIn } from "../support/recordings.ts";

const MISSED_ID = "1764504100.70";
const MARK = /aria-label="Есть запись разговора"/g;

/** The list of a service in which an answered call and a missed one have files. */
const listUnder = async (linkRecordings: "allow" | "deny"): Promise<string> => {
  let folder = "";
  let list = "";
  await inLiveWorld(
    async ({ append, base, secret, time }) => {
      await append(...recordsOf(recordedRows()));
      await append(
        ...recordsOf([
          [100, "start", MISSED_ID, { CallType: 0, Phone: "375291112244" }],
          [101, "dial", MISSED_ID, { Phone: "375291112244", Extensions: ["151"] }],
          [120, "hangup", MISSED_ID, { CallStatus: 0, Phone: "375291112244" }],
        ]),
      );
      for (const id of [RECORDED_ID, MISSED_ID]) {
        await recordingFile(folder, `2025/11/30/in-${id}.wav`);
      }
      time.set(T0 + 600_000);
      const address = `${base}/calls/0367?token=${secret}`;
      list = await (await fetch(address, { headers: { accept: "text/html" } })).text();
    },
    (dir, clock) => {
      folder = join(dir, "recordings");
      const history = openHistory({ dir, clock, callTimeoutMs: CALL_TIMEOUT_MS, log: silentLog });
      return { history, recordings: recordingsIn([folder]), linkRecordings };
    },
  );
  return list;
};

describe("the list of calls", () => {
  it("marks an answered call that has a recording, and no missed one", async () => {
    const list = await listUnder("allow");
    expect(list.match(MARK)).toHaveLength(1);
    const row = list.split("<tr").find((part) => part.includes("Есть запись")) ?? "";
    expect(row).toContain(RECORDED_ID);
  });

  it("marks none where its links lead to pages without recordings", async () => {
    const list = await listUnder("deny");
    expect(list).toContain(RECORDED_ID);
    expect(list.match(MARK)).toBeNull();
  });
});
