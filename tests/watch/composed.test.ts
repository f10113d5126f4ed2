// The operator's watch as the service puts it together: real files, the real disk.

import { expect, it } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createBot } from "../../src/channels/telegram/index.ts";
import { silentLog } from "../../src/lib/log.ts";
import { operatorOf } from "../../src/service/operator.ts";
import { handTime } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const settings = { lang: "en", timeZone: "UTC" } as const;
const directory = { enterprises: async () => [], enterpriseByNumber: async () => undefined };

it("looks at the disk under the data folder, and remembers beside the records", () =>
  inTempDir(async (dataDir) => {
    const time = handTime("2026-03-18T11:00:00Z");
    const world = { directory, clock: time, log: silentLog };
    expect(operatorOf({ ...world, config: { ...settings, dataDir, operatorChat: null } })).toBe(
      undefined,
    );
    const operatorChat = { enterprise: "ops", chatId: "374573193" };
    const start = operatorOf({ ...world, config: { ...settings, dataDir, operatorChat } });
    const apiRoot = "http://127.0.0.1:1";
    const operator = start?.({
      bot: (token) => createBot(token, { apiRoot, scheduler: time, now: time.now }),
      scheduler: time,
    });
    await operator?.look();
    await operator?.stop();
    const path = join(dataDir, ".operator-told");
    const { room } = JSON.parse(readFileSync(path, "utf8")) as { room: { freeBytes: number }[] };
    expect(room[0]?.freeBytes).toBeGreaterThan(0);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }));
