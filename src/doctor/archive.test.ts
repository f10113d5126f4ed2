import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { makeVariedTree } from "../../scripts/bench/trees.ts";
import { S3_KEY_ID, type S3Server, startS3 } from "../../tests/support/s3-server.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { type Config, parseConfig } from "../config/index.ts";
import { DAY_MS } from "../lib/time.ts";
import { OwedDays } from "../store/index.ts";
import { archiveAnswers } from "./archive.ts";
import type { Finding } from "./finding.ts";

const TODAY = 20_400;
let server: S3Server;
beforeEach(() => {
  server = startS3();
});
afterEach(() => server.stop());

const configIn = (cwd: string, archive: string): Config => {
  const parsed = parseConfig({ flags: new Map([["archive", archive]]), env: {}, cwd });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};

const look = (cwd: string, archive = "s3://calls/p", env = server.env) =>
  archiveAnswers({
    config: configIn(cwd, archive),
    clock: { now: () => TODAY * DAY_MS + 1000 },
    env,
    directory: undefined,
    directoryFault: undefined,
    bot: () => {
      throw new Error("no bot is asked");
    },
  });

const levels = (findings: readonly Finding[]): string[] => findings.map(({ level }) => level);

describe("archiveAnswers", () => {
  it("says nothing where there is no archive", async () => {
    await inTempDir(async (cwd) => expect(await look(cwd, "none")).toEqual([]));
  });

  it("tries all that the service does, leaves nothing behind, and counts what waits", async () => {
    await inTempDir(async (cwd) => {
      expect(levels(await look(cwd))).toEqual(["ok", "ok"]);
      expect([...server.objects.keys()]).toEqual([]);
      makeVariedTree(`${cwd}/call_tracer`, 4, 0.1, TODAY);
      const findings = await look(cwd);
      expect(levels(findings)).toEqual(["ok", "note"]);
      expect(findings[1]?.finding).toStartWith("2 finished days");
    });
  });

  it("tells what an erasure left in it, whatever archive is set", async () => {
    await inTempDir(async (cwd) => {
      const owed = new OwedDays(`${cwd}/call_tracer`);
      const day = {
        name: "events.log.2025-11-08",
        archive: "s3://calls/p",
        mark: "erased-abcdefgh",
      };
      const about = {
        mark: day.mark,
        since: "2025-11-09T10:00:00.000Z",
        subscriber: "+375291112233",
      };
      await owed.plan("0367", [day], about);
      const told = async (archive?: string): Promise<string> => {
        const findings = await look(cwd, archive);
        expect(findings.at(-1)).toMatchObject({ level: "wrong", what: "erasures" });
        return findings.at(-1)?.finding ?? "";
      };
      expect(await told()).toContain("the erasure erased-abcdefgh in 0367 (begun 2025-11-09 10:00");
      await owed.written("0367", day);
      expect(await told()).toEndWith("calllog erase 0367 --finish removes them");
      expect(await told("none")).toContain("calllog erase 0367 --finish --archive s3://calls/p");
      await owed.settled("0367", day);
      expect(levels(await look(cwd))).toEqual(["ok", "ok"]);
    });
  });

  it("says what is wrong, without a key", async () => {
    await inTempDir(async (cwd) => {
      const missing = await look(cwd, "s3://calls", {});
      expect(missing[0]).toMatchObject({ level: "wrong" });
      expect(missing[0]?.finding).toContain("AWS_ACCESS_KEY_ID");
      for (const method of ["PUT", "GET"]) {
        server.fault = (request) =>
          request.method === method ? { status: 403, code: "AccessDenied" } : undefined;
        const [refused] = await look(cwd);
        expect(refused).toMatchObject({ level: "wrong" });
        expect(refused?.finding).toContain("AccessDenied");
        expect(JSON.stringify(refused)).not.toContain(S3_KEY_ID);
      }
      expect((await look(cwd, `file://${cwd}/nowhere`))[0]?.finding).toContain("mount it");
    });
  });
});
