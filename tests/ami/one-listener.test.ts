// Of all that share a spool folder one listens to a PBX, also after somebody removed the folder under it.

import { expect, it } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { type PbxLinks, startPbxLinks } from "../../src/service/pbx-links.ts";
import { startAmiServer } from "../support/ami-server.ts";
import { until } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

it("leaves the PBX when its spool folder was removed, so that two never listen", async () => {
  await inTempDir(async (dir) => {
    await using server = await startAmiServer();
    server.channels = [];
    const spoolDir = join(dir, "spool");
    const told: string[][] = [[], []];
    const links = told.map(
      (own): PbxLinks =>
        startPbxLinks({
          config: {
            ami: [
              {
                host: "127.0.0.1",
                port: server.port,
                user: "calllog",
                secret: "s3cret",
                tls: false,
              },
            ],
            cel: [],
            amiEnterprises: ["0367"],
            amiTrunks: [],
            amiExtensions: [],
            dataDir: join(dir, "call_tracer"),
            spoolDir,
          },
          deliveryFor: () => ({ deliver: async () => ({ kind: "taken" }) }),
          clock: systemClock,
          log: {
            ...silentLog,
            info: (message) => void own.push(message),
            warn: (message) => void own.push(message),
          },
        }),
    );
    await until(() => server.connections() === 1);
    expect(told[1]).toContain(
      "another process listens to this PBX; this one takes over when that ends",
    );
    rmSync(spoolDir, { recursive: true });
    // Whoever looks first takes the new lock; the one that lost the old one must be gone within its next look.
    await until(() => told.flat().some((line) => line.startsWith("the spool folder was removed")));
    await until(() => server.actions.filter((action) => action === "Login").length === 2);
    await until(() => server.connections() === 1);
    await Promise.all(links.map((link) => link.stop(1000)));
    await until(() => server.connections() === 0);
  });
});
