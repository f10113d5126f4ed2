// What the doctor says of PBXs: of one that is right, and of each thing that may be wrong with it.

import { describe, expect, it } from "bun:test";
import { amiLogins } from "../../src/doctor/ami.ts";
import type { CheckWorld } from "../../src/doctor/finding.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { type AmiServer, startAmiServer } from "../support/ami-server.ts";

const findingsOf = async (pbx: AmiServer, secret = "s3cret") => {
  const ami = [{ host: "127.0.0.1", port: pbx.port, user: "calllog", secret, tls: false }];
  const world = { config: { ami }, clock: systemClock } as unknown as CheckWorld;
  const findings = await amiLogins(world);
  return findings.map(({ level, finding, todo = "" }) => `${level} ${finding} ${todo}`);
};

const anEvent = (stamp: string): Uint8Array =>
  Buffer.from(`Event: Newchannel\r\nPrivilege: call,all\r\n${stamp}Uniqueid: 1.1\r\n\r\n`);

describe("calllog doctor --ami", () => {
  it("tells what is right and what is missing", async () => {
    await using right = await startAmiServer();
    await using stampless = await startAmiServer();
    await using quiet = await startAmiServer();
    await using mean = await startAmiServer();
    await using gone = await startAmiServer();
    mean.channels = undefined;
    const port = gone.port;
    await gone[Symbol.asyncDispose]();
    const isIn = (actions: readonly string[]): boolean => actions.includes("CoreShowChannels");
    void right.until(isIn).then(() => right.send(anEvent("Timestamp: 1795333350.1\r\n")));
    void stampless.until(isIn).then(() => stampless.send(anEvent("")));
    const [good, without, nothing, refused, denied, away] = await Promise.all([
      findingsOf(right),
      findingsOf(stampless),
      findingsOf(quiet),
      findingsOf(quiet, "t0psecret"),
      findingsOf(mean),
      findingsOf({ ...gone, port }),
    ]);
    expect(good.map((line) => line.split(" ")[0])).toEqual(["ok", "ok"]);
    expect(without.at(-1)).toContain("timestampevents = yes");
    expect(nothing.at(-1)).toContain("read = call");
    expect(refused).toHaveLength(1);
    expect(refused[0]).toStartWith("wrong cannot log in: Authentication failed");
    expect(refused.join()).not.toContain("t0psecret");
    expect(denied.join()).toContain("write = reporting");
    expect(away[0]).toContain("nothing listens there");
  }, 15_000);
});
