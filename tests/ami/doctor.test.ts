// What the doctor says of PBXs: of one that is right, and of each thing that may be wrong with it.

import { describe, expect, it } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readChannelName } from "../../src/asterisk/index.ts";
import { amiLogins } from "../../src/doctor/ami.ts";
import type { CheckWorld } from "../../src/doctor/finding.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { Peers } from "../../src/sources/ami/index.ts";
import { writePeers } from "../../src/sources/ami/peer-file.ts";
import { type AmiServer, startAmiServer } from "../support/ami-server.ts";
import { inTempDir } from "../support/temp-dir.ts";

const findingsOf = async (
  pbx: AmiServer,
  secret = "s3cret",
  over: Partial<CheckWorld["config"]> = {},
) => {
  const ami = [{ host: "127.0.0.1", port: pbx.port, user: "calllog", secret, tls: false }];
  const config = {
    ami,
    cel: [],
    amiEnterprises: ["0367"],
    amiTrunks: [],
    amiExtensions: [],
    spoolDir: "/nowhere/at/all",
    ...over,
  };
  const world = { config, clock: systemClock } as unknown as CheckWorld;
  const findings = await amiLogins(world);
  return findings.map(({ level, finding, todo = "" }) => `${level} ${finding} ${todo}`);
};

const anEvent = (stamp: string, linked = "Linkedid: 1.1\r\n"): Uint8Array =>
  Buffer.from(`Event: Newchannel\r\nPrivilege: call,all\r\n${stamp}Uniqueid: 1.1\r\n${linked}\r\n`);

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

  it("tells of a quiet PBX what its user may not read, and that its events have no time", async () => {
    await using blind = await startAmiServer();
    await using right = await startAmiServer();
    const shown = (read: string, stamps: string) => (command: string) =>
      command === "manager show user calllog"
        ? `\n       username: calllog\n         secret: <Set>\n      read perm: ${read}\n     write perm: reporting,command\n`
        : `\nGlobal Settings:\n  Manager (AMI):             Yes\n  Timestamp events:          ${stamps}\n`;
    blind.console = shown("log", "No");
    right.console = shown("call,log", "Yes");
    const [bad, good] = await Promise.all([findingsOf(blind), findingsOf(right)]);
    expect(bad.slice(1)).toEqual([
      "wrong does not let the user read the events of calls (read = log) set read = call for the user in manager.conf, then: asterisk -rx 'manager reload'",
      "note sends events without their time set timestampevents = yes in manager.conf",
    ]);
    expect(good.slice(1)).toEqual(["ok lets the user read the events of calls "]);
  }, 15_000);

  it("tells of an Asterisk 11, by its version and by its events", async () => {
    await using old = await startAmiServer();
    await using strange = await startAmiServer();
    old.version = "1.3";
    const isIn = (actions: readonly string[]): boolean => actions.includes("CoreShowChannels");
    void strange.until(isIn).then(() => strange.send(anEvent("Timestamp: 1795333350.1\r\n", "")));
    const [eleven, unread] = await Promise.all([findingsOf(old), findingsOf(strange)]);
    expect(eleven.at(-1)).toStartWith(
      "wrong is too old (manager interface 1.3, Asterisk 11 or older)",
    );
    expect(unread.at(-1)).toStartWith("wrong is not understood: its events have no Linkedid");
  }, 15_000);

  it("lists extensions and lines as they are understood, and why", () =>
    inTempDir(async (spoolDir) => {
      await using pbx = await startAmiServer();
      const folder = join(spoolDir, `0367-127.0.0.1-${pbx.port}`);
      mkdirSync(folder);
      const peers = new Peers();
      for (const [name, evidence] of [
        ["SIP/5061-1", { dialString: "5061/80291112233" }],
        ["SIP/ivanov-1", { context: "from-internal", callerId: "151" }],
        ["PJSIP/152-1", { dialString: "152" }],
        ["SIP/33-1", {}],
      ] as const) {
        peers.judge(readChannelName(name), evidence);
      }
      writePeers(folder, peers.list());
      const told = await findingsOf(pbx, "s3cret", { spoolDir, amiTrunks: [["33"]] });
      const side = "where one is on the wrong side, name it in --ami-trunks or --ami-extensions";
      expect(told.slice(-2)).toEqual([
        `ok extensions: PJSIP/152 (since it was rung by its name), SIP/ivanov is 151 (by the context its calls begin in) ${side}`,
        `ok lines to the outside: SIP/33 (as you say), SIP/5061 (since a number was dialled through it) ${side}`,
      ]);
    }));
});
