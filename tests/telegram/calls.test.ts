// Which cards belong to which call, over restarts too: calls that must not touch each other, calls that prove to be
// one, calls that never end, and what a new process makes of what the last one left.

import { describe, expect, it } from "bun:test";
import type { StoredRecord } from "../../src/domain/record.ts";
import {
  astRecord,
  CALL_TIMEOUT_MS,
  type Row,
  recordsOf,
  webhookRecords,
} from "../support/calls.ts";
import { openWorld, type World, type WorldOptions } from "../support/notifier-world.ts";

const IN = { Phone: "375291112233", CallType: 0, Trunk: "0001363" };
const call = (id: string): [Row, Row, Row] => [
  [0, "start", id, IN],
  [1, "dial", id, { ...IN, Extensions: ["151"] }],
  [20, "hangup", id, { ...IN, CallStatus: "0", Extensions: [""] }],
];
const one: WorldOptions = { chats: ["101"] };

const kinds = (world: World, chat = "101"): string[] =>
  world.api.texts(chat).map((text) => text.split(" ")[0] ?? "");
const sendsOf = (world: World): number =>
  world.api.requests.filter(({ method }) => method === "sendMessage").length;
const uidOf = (records: readonly StoredRecord[]): string =>
  records.find(({ uniqueId }) => uniqueId !== "")?.uniqueId ?? "";

/** Tells the new process of every call, as recovery does. */
const recoverAll = async (world: World, ...uniqueIds: string[]): Promise<void> => {
  for (const uniqueId of uniqueIds) await world.notifier().recover("0367", uniqueId);
  await world.idle();
};

describe("calls", () => {
  it("of one number do not touch each other", async () => {
    await using world = await openWorld(one);
    const [first, second] = [recordsOf(call("1.1")), recordsOf(call("1.2"))];
    await world.play([...first.slice(0, 2), ...second.slice(0, 2)]);
    expect(kinds(world)).toEqual(["dial", "dial"]);
    await world.event(first[2] as StoredRecord);
    await world.idle();
    expect(kinds(world).sort()).toEqual(["dial", "hangup"]);
  });

  it("with one unique id in two enterprises do not touch each other", async () => {
    await using world = await openWorld(one);
    const records = recordsOf(call("1.1"));
    await world.play(records.slice(0, 2), "0367");
    await world.play(records.slice(0, 2), "0368");
    await world.event(records[2] as StoredRecord, "0368");
    await world.idle();
    expect(kinds(world)).toEqual(["dial", "hangup"]);
    expect(await world.told("1.1", "0367")).toEqual(["send 101 dial"]);
  });

  it("go on after an intermediate hangup", async () => {
    await using world = await openWorld(one);
    const records = webhookRecords("xfer_attended");
    const intermediate = records.findIndex(({ raw }) => raw.includes("|AST|hangup|"));
    expect(intermediate).toBeLessThan(records.length - 1);
    await world.play(records.slice(0, intermediate + 1));
    expect(kinds(world)).toContain("bridge");
  });

  it("delivered twice ring once", async () => {
    await using world = await openWorld(one);
    const records = recordsOf(call("1.1"));
    await world.play(records.flatMap((record) => [record, record]));
    await world.play(records);
    expect(kinds(world)).toEqual(["hangup"]);
    expect(sendsOf(world)).toBe(2);
  });

  it("show a start only where no dial follows within three seconds", async () => {
    await using world = await openWorld(one);
    await world.play(recordsOf(call("1.1")).slice(0, 1));
    await world.pass(2900);
    expect(kinds(world)).toEqual([]);
    await world.pass(200);
    expect(kinds(world)).toEqual(["start"]);
  });

  it("that never end are closed silently when the call time-out is over", async () => {
    await using world = await openWorld(one);
    await world.play(recordsOf(call("1.1")).slice(0, 2));
    await world.pass(CALL_TIMEOUT_MS - 60_000);
    expect(kinds(world)).toEqual(["dial"]);
    await world.pass(120_000);
    expect(kinds(world)).toEqual(["hangup"]);
    expect(sendsOf(world)).toBe(1);
    await world.pass(120_000);
    expect(world.notifier().state().calls).toBe(0);
  });

  it("that were late on purpose put a chat in order and ring nobody", async () => {
    await using world = await openWorld(one);
    const records = recordsOf(call("1.1"));
    await world.play(records.slice(0, 2));
    const [id, end] = call("1.1")[2].slice(2) as [string, object];
    const late = recordsOf([[20, "hangup", id, { ...end, _recovered: true }]]);
    await world.play(late);
    expect(kinds(world)).toEqual(["hangup"]);
    expect(sendsOf(world)).toBe(1);
    await world.play(recordsOf([[0, "start", "3.1", { ...IN, _recovered: true }]]));
    await world.pass(10_000);
    expect(sendsOf(world)).toBe(1);
  });

  it("that prove to be one leave the cards of the earlier alone", async () => {
    await using world = await openWorld(one);
    const at = world.time.now();
    const event = (ms: number, name: string, id: string, body: object): StoredRecord =>
      astRecord(at + ms, name, { Token: "375290000001", UniqueId: id, ...body });
    const bridge = "77c13775-bede-4f37-886b-000000000001";
    await world.play([
      event(0, "start", "1.1", IN),
      event(100, "dial", "1.1", { ...IN, Extensions: ["151"] }),
      event(2000, "dial", "2.1", { Phone: "151", Extensions: ["152"], CallType: 2 }),
    ]);
    expect(kinds(world)).toEqual(["dial", "dial"]);
    await world.event(event(9000, "bridge", "1.1", { BridgeUniqueid: bridge, Channel: "SIP/t-1" }));
    await world.idle();
    await world.event(
      event(9010, "bridge", "2.1", { BridgeUniqueid: bridge, Channel: "SIP/152-2" }),
    );
    await world.idle();
    expect(world.api.texts("101")).toEqual(await world.expected("1.1"));
    expect(world.api.texts("101")).toHaveLength(1);
    expect(world.notifier().state().calls).toBe(1);
  });
});

describe("a disk without room", () => {
  it("loses no card from sight: each is replaced by the next, and recorded when there is room", async () => {
    await using world = await openWorld(one);
    const records = webhookRecords("out_answered");
    world.isDiskFull = true;
    for (const record of records.slice(0, -1)) {
      await world.event(record);
      // The lane waits for the disk at most 5 s, for Telegram 10 s: time goes on where it waits for the disk.
      do {
        await new Promise((resolve) => setImmediate(resolve));
        const next = world.time.nextAt();
        if (next - world.time.now() <= 5000) world.time.set(next);
      } while (world.notifier().state().underWay > 0);
      expect(world.api.texts("101").length).toBeLessThanOrEqual(1);
    }
    world.isDiskFull = false;
    await world.event(records.at(-1) as StoredRecord);
    await world.idle();
    expect(world.api.texts("101")).toEqual(await world.expected(uidOf(records)));
    expect(world.log.join("\n")).toContain("cannot be written");
    expect(await world.told(uidOf(records))).toEqual([
      "send 101 dial",
      "delete 101 dial",
      "send 101 bridge",
      "delete 101 bridge",
      "send 101 hangup",
    ]);
  });
});

describe("a card's text", () => {
  it("is made once for what the reader sees, however many events there are", async () => {
    const made: string[] = [];
    await using world = await openWorld({
      cardText: async (_, { kind }) => {
        made.push(kind);
        return { pieces: [kind], plain: kind };
      },
    });
    await world.play(webhookRecords("in_answered"));
    expect(made).toEqual(["dial", "bridge", "hangup"]);
  });
});

describe("a new process", () => {
  it("finishes what the last one left, at whatever event that died", async () => {
    for (const scenario of ["in_answered", "out_busy", "xfer_attended", "in_ringgroup_cancel"]) {
      const records = webhookRecords(scenario);
      for (let cut = 1; cut < records.length; cut += 2) {
        await using world = await openWorld(one);
        await world.play(records.slice(0, cut));
        world.restart();
        for (const record of records.slice(cut)) {
          const { raw: _, at: __, ...line } = record;
          if (line.kind === "AST") await world.trace.append("0367", line);
        }
        await recoverAll(
          world,
          ...new Set(records.map(({ uniqueId }) => uniqueId).filter(Boolean)),
        );
        await world.pass(5000);
        expect({ scenario, cut, texts: world.api.texts("101") }).toEqual({
          scenario,
          cut,
          texts: await world.expected(uidOf(records)),
        });
      }
    }
  }, 30_000);

  it("sends nothing again that stands", async () => {
    await using world = await openWorld();
    const records = webhookRecords("in_answered");
    await world.play(records);
    const before = world.api.requests.length;
    for (let times = 0; times < 3; times++) {
      world.restart();
      await recoverAll(world, uidOf(records));
      await world.pass(5000);
    }
    expect(world.api.requests.length).toBe(before);
  });

  it("does not rewrite a final card because names are known that were not", async () => {
    let name = "+375291112233";
    await using world = await openWorld({
      ...one,
      cardText: async (_, { kind }) => ({ pieces: [`${kind} ${name}`], plain: `${kind} ${name}` }),
    });
    await world.play(recordsOf(call("1.1")));
    const before = world.api.requests.length;
    name = "Иван Петров";
    world.restart();
    await recoverAll(world, "1.1");
    expect(world.api.requests.length).toBe(before);
  });

  it("announces nothing that is older than the catch-up, but finishes what stands", async () => {
    await using world = await openWorld(one);
    await world.play(recordsOf(call("1.1")).slice(0, 2));
    world.restart();
    for (const record of recordsOf([call("1.1")[2], ...call("2.1")])) {
      const { raw: _, at: __, ...line } = record;
      if (line.kind === "AST") await world.trace.append("0367", line);
    }
    await world.pass(2 * 3600_000);
    await recoverAll(world, "1.1", "2.1");
    expect(kinds(world)).toEqual(["hangup"]);
    expect(sendsOf(world)).toBe(1);
  });

  it("does not try again what a chat refused", async () => {
    await using world = await openWorld();
    world.api.block("101");
    await world.play(recordsOf(call("1.1")));
    const before = world.api.requests.length;
    world.restart();
    await recoverAll(world, "1.1");
    expect(world.api.requests.length).toBe(before);
  });

  it("sends once more at most what the last one had sent and not yet recorded", async () => {
    await using world = await openWorld(one);
    const records = recordsOf(call("1.1"));
    await world.play(records.slice(0, 2));
    const { promise: held, resolve } = Promise.withResolvers<void>();
    world.api.addFault({ text: "hangup", fault: { do: "hold", until: held } });
    await world.event(records[2] as StoredRecord);
    await world.api.until(() => kinds(world).includes("hangup"));
    world.restart();
    resolve();
    await recoverAll(world, "1.1");
    expect(kinds(world)).toEqual(["hangup", "hangup"]);
  });
});

describe("a manager who left", () => {
  it("keeps final cards and loses those nobody will finish", async () => {
    await using world = await openWorld();
    const [done, open] = [recordsOf(call("1.1")), recordsOf(call("2.1"))];
    await world.play(done);
    await world.play(open.slice(0, 2));
    expect(kinds(world, "102")).toEqual(["hangup", "dial"]);
    world.chats.splice(1, 1);
    await world.event(open[2] as StoredRecord);
    await world.idle();
    expect(kinds(world, "101")).toEqual(["hangup", "hangup"]);
    expect(kinds(world, "102")).toEqual(["hangup"]);
  });
});
