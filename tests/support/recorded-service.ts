// The pages' listener with one recorded call, on a real port: for tests of what is served of its recordings.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Enterprise } from "../../src/domain/enterprise.ts";
import { recordKeys } from "../../src/domain/record.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createViewerApp } from "../../src/pages/index.ts";
import { CALL_TIMEOUT_MS, recordsOf, T0 } from "./calls.ts";
import { RECORDED_ID, recordedRows, recordingsIn } from "./recordings.ts";

export const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";
const ENTERPRISE: Enterprise = {
  number: "0367",
  name: "ООО Ромашка",
  webhookToken: "tok0367",
  secret: SECRET,
  botToken: null,
  active: true,
};
export const SCOPE = { enterprise: "0367", uniqueId: RECORDED_ID };
export const NOW = T0 + 3_600_000;

export type Started = { readonly url: string; readonly folder: string; stop(): Promise<void> };

/** Starts it on an empty folder. */
export const startRecorded = async (
  over: {
    linkRecordings?: "allow" | "deny";
    isLive?: boolean;
    none?: boolean;
    isHidden?: boolean;
    publicUrl?: string;
  } = {},
): Promise<Started> => {
  const folder = await mkdtemp(join(tmpdir(), "calllog-serving-"));
  const rows = recordedRows().slice(0, over.isLive === true ? -1 : undefined);
  const records = recordsOf(rows);
  const recordings = recordingsIn([folder]);
  const app = createViewerApp({
    directory: {
      enterpriseByNumber: async (number) =>
        number === "0367"
          ? { ...ENTERPRISE, recordings: over.isHidden === true ? "none" : null }
          : undefined,
    },
    trace: {
      find: async (_, keys) => ({
        records: records.filter((record) => recordKeys(record).some((key) => keys.includes(key))),
        faults: [],
      }),
    },
    clock: { now: () => (over.isLive === true ? T0 + 20_000 : NOW) },
    log: silentLog,
    lang: "ru",
    timeZone: "Europe/Minsk",
    callTimeoutMs: CALL_TIMEOUT_MS,
    ...(over.none === true ? {} : { recordings }),
    publicUrl: over.publicUrl ?? null,
    linkRecordings: over.linkRecordings ?? "allow",
    health: async () => ({ status: 200, body: { status: "ok" } }),
  });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => app.fetch(request),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    folder,
    stop: async () => {
      await server.stop(true);
      await recordings.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
