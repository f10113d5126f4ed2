// Getting a card through: limits, faults, refusals. What a chat shows at the end, and what the files say of the way.

import { describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { idKey, type TgRecord } from "../../src/domain/record.ts";
import { type Row, recordsOf, webhookRecords } from "../support/calls.ts";
import { BOT_TOKEN, openWorld, type World, type WorldOptions } from "../support/notifier-world.ts";

const IN = { Phone: "375291112233", CallType: 0, Trunk: "0001363" };
const missedCall = (id: string, phone = "375291112233"): Row[] => [
  [0, "start", id, { ...IN, Phone: phone }],
  [1, "dial", id, { ...IN, Phone: phone, Extensions: ["151"] }],
  [20, "hangup", id, { ...IN, Phone: phone, CallStatus: "0", Extensions: [""] }],
];

const tgOf = async (world: World, uniqueId: string): Promise<TgRecord[]> =>
  (await world.trace.find("0367", [idKey(uniqueId)])).records.filter(
    (record) => record.kind === "TG",
  );

/** Kinds of card standing in a chat. */
const kinds = (world: World, chat = "101"): string[] =>
  world.api.texts(chat).map((text) => text.split(" ")[0] ?? "");

const sends = (world: World, text: string): number =>
  world.api.requests.filter((r) => r.method === "sendMessage" && r.text.includes(text)).length;

const one: WorldOptions = { chats: ["101"] };

describe("a chat that is limited", () => {
  it("gets the final card after the time Telegram asked for, and no earlier", async () => {
    await using world = await openWorld(one);
    world.api.addFault({
      text: "hangup",
      method: "sendMessage",
      times: 1,
      fault: { do: "limit", retryAfterS: 37 },
    });
    await world.play(recordsOf(missedCall("1.1")));
    await world.pass(36_900);
    expect(kinds(world)).toEqual([]);
    await world.pass(200);
    expect(kinds(world)).toEqual(["hangup"]);
    expect(sends(world, "hangup")).toBe(2);
  });

  it("skips cards the call has outrun while it waited", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ text: "dial", fault: { do: "limit", retryAfterS: 60 } });
    await world.play(webhookRecords("in_answered"));
    await world.pass(70_000);
    expect(kinds(world)).toEqual(["hangup"]);
    expect(world.api.everSent("101").map((text) => text.split(" ")[0])).toEqual(["hangup"]);
  });

  it("ends a burst of 60 calls in a minute with every final card and none besides", async () => {
    await using world = await openWorld({ chats: ["-1001"], isLimited: true });
    const rows = Array.from({ length: 60 }, (_, index) =>
      missedCall(`9.${index}`, `37529${1000000 + index}`).map(
        ([at, ...rest]): Row => [at + index, ...rest],
      ),
    ).flat();
    await world.play(recordsOf(rows.sort(([a], [b]) => a - b)));
    await world.pass(600_000);
    expect(kinds(world, "-1001")).toEqual(Array.from({ length: 60 }, () => "hangup"));
    expect(new Set(world.api.texts("-1001").map((text) => text.split(" ")[2])).size).toBe(60);
    const limited = world.api.requests.filter(({ status }) => status === 429).length;
    expect(limited).toBeGreaterThan(0);
    expect(limited).toBeLessThan(90);
  });

  it("keeps no other chat waiting", async () => {
    await using world = await openWorld();
    world.api.addFault({ chatId: "101", fault: { do: "limit", retryAfterS: 600 } });
    await world.play(recordsOf(missedCall("1.1")));
    expect(kinds(world, "102")).toEqual(["hangup"]);
    expect(kinds(world, "101")).toEqual([]);
  });
});

describe("Telegram failing", () => {
  it("is asked again with back-off, and the card arrives once", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ fault: { do: "answer", status: 500 }, times: 2 });
    world.api.addFault({ fault: { do: "answer", status: 502, html: true }, times: 2 });
    await world.play(recordsOf(missedCall("1.1").slice(0, 2)));
    await world.pass(61_000);
    expect(kinds(world)).toEqual(["dial"]);
    expect(sends(world, "dial")).toBe(5);
    expect(await world.told("1.1")).toEqual(["send 101 dial"]);
  });

  it("is given up for a card under way after a minute, with a record, but not for the final one", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ fault: { do: "answer", status: 500 }, times: 40 });
    const [start, dial, hangup] = missedCall("1.1") as [Row, Row, Row];
    const later: Row = [90, ...hangup.slice(1)] as unknown as Row;
    await world.play(recordsOf([start, dial, later]));
    expect(await world.told("1.1")).toEqual(["fail 101 dial"]);
    await world.pass(50 * 60_000);
    expect(kinds(world)).toEqual(["hangup"]);
    expect(await world.told("1.1")).toEqual(["fail 101 dial", "send 101 hangup"]);
  });

  it("ends in a fail record when it stays away for more than an hour", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ fault: { do: "answer", status: 500 }, times: 100_000 });
    await world.play(recordsOf(missedCall("1.1")));
    await world.pass(2 * 3600_000);
    expect(await world.told("1.1")).toEqual(["fail 101 hangup"]);
    expect(world.notifier().state()).toEqual({ calls: 0, waitingChats: 0, underWay: 0 });
  });

  it("for one card does not make the next one wait", async () => {
    await using world = await openWorld(one);
    const records = recordsOf(missedCall("1.1"));
    world.api.addFault({ fault: { do: "answer", status: 500 }, times: 4 });
    await world.play(records.slice(0, 2));
    await world.pass(24_000);
    expect(sends(world, "dial")).toBe(4);
    await world.event(records[2] as never);
    await world.idle();
    expect(kinds(world)).toEqual(["hangup"]);
  });

  it("for hours leaves no card of a call under way behind", async () => {
    await using world = await openWorld(one);
    await world.play(recordsOf(missedCall("1.1").slice(0, 2)));
    world.api.addFault({ fault: { do: "answer", status: 500 }, times: 80 });
    await world.event(recordsOf(missedCall("1.1"))[2] as never);
    await world.pass(90 * 60_000);
    expect(kinds(world)).toEqual(["dial"]);
    await world.pass(3 * 3600_000);
    expect(kinds(world)).toEqual([]);
    expect(await world.told("1.1")).toEqual([
      "send 101 dial",
      "fail 101 hangup",
      "delete 101 dial",
    ]);
    expect(world.notifier().state()).toEqual({ calls: 0, waitingChats: 0, underWay: 0 });
  });

  it("for one call does not hold up another call of the chat", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ text: "375291112233", fault: { do: "answer", status: 500 }, times: 3 });
    await world.event(recordsOf(missedCall("1.1"))[1] as never);
    await world.event(recordsOf(missedCall("2.1", "375297770000"))[1] as never);
    await world.idle();
    expect(world.api.texts("101").map((text) => text.split(" ")[2])).toEqual(["375297770000"]);
    await world.pass(30_000);
    expect(kinds(world)).toEqual(["dial", "dial"]);
  });
});

describe("a request without an answer", () => {
  /** Plays a call whose send of `kind` is held until after its time-out; `tries` of them. */
  const playHeld = async (world: World, tries: number): Promise<void> => {
    const { promise: never, resolve: letGo } = Promise.withResolvers<void>();
    world.api.addFault({
      text: "hangup",
      method: "sendMessage",
      times: tries,
      fault: { do: "hold", until: never },
    });
    const records = recordsOf(missedCall("1.1"));
    await world.play(records.slice(0, 2));
    for (let held = 0; held < tries; held++) {
      if (held === 0) await world.event(records[2] as never);
      await world.api.until(() => sends(world, "hangup") === held + 1);
      world.time.set(world.time.now() + 10_000);
      await world.idle();
      if (held + 1 < tries) world.time.set(world.time.now() + 2000);
    }
    letGo();
  };

  it("may have been carried out: it is made once more, and the record says so", async () => {
    await using world = await openWorld(one);
    await playHeld(world, 1);
    await world.pass(10_000);
    expect(sends(world, "hangup")).toBe(2);
    const records = await tgOf(world, "1.1");
    expect(records.map(({ action, messageType }) => `${action} ${messageType}`)).toEqual([
      "send dial",
      "delete dial",
      "fail hangup",
      "send hangup",
    ]);
    expect(records[2]?.text).toBe(
      "no answer within 10 s: the card may have been delivered; sent again",
    );
  });

  it("twice is not made a third time", async () => {
    await using world = await openWorld(one);
    await playHeld(world, 2);
    await world.pass(3 * 3600_000);
    expect(sends(world, "hangup")).toBe(2);
    const last = (await tgOf(world, "1.1")).at(-1);
    expect(last).toMatchObject({ action: "fail", messageType: "hangup", messageId: 0 });
    expect(last?.text).toContain("may have been delivered");
  });

  it("is not made again into a network that is still away", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ text: "hangup", fault: { do: "drop", when: "before" } });
    world.api.addFault({ method: "getMe", fault: { do: "drop", when: "before" }, times: 8 });
    await world.play(recordsOf(missedCall("1.1")));
    await world.pass(3 * 60_000);
    expect(kinds(world)).toEqual([]);
    expect(sends(world, "hangup")).toBe(1);
    await world.pass(20 * 60_000);
    expect(kinds(world)).toEqual(["hangup"]);
    expect(sends(world, "hangup")).toBe(2);
  });

  it("that was carried out before the connection broke leaves one more card at most", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ text: "hangup", fault: { do: "drop", when: "after" } });
    world.api.addFault({ method: "deleteMessage", fault: { do: "drop", when: "after" } });
    await world.play(recordsOf(missedCall("1.1")));
    await world.pass(60_000);
    expect(kinds(world)).toEqual(["hangup", "hangup"]);
  });
});

describe("a refusal", () => {
  it("by a blocked chat ends in records and blocks nobody", async () => {
    await using world = await openWorld();
    world.api.block("101");
    await world.play(recordsOf(missedCall("1.1")));
    await world.pass(3 * 3600_000);
    expect(kinds(world, "102")).toEqual(["hangup"]);
    const told = await world.told("1.1");
    expect(told.filter((line) => line.includes(" 101 "))).toEqual([
      "fail 101 dial",
      "fail 101 hangup",
    ]);
    expect(world.api.requests.filter(({ chatId }) => chatId === "101")).toHaveLength(2);
  });

  it("of one card does not keep the next from coming", async () => {
    await using world = await openWorld({
      chats: ["101"],
      cardText: async (_, { kind }) => ({ pieces: [kind === "dial" ? " " : kind], plain: kind }),
    });
    await world.play(recordsOf(missedCall("1.1")));
    expect(world.api.texts("101")).toEqual(["hangup"]);
    const [fail] = await tgOf(world, "1.1");
    expect(fail?.text).toContain("text is empty");
  });

  it("of the button brings every card without it, and is asked for once", async () => {
    await using world = await openWorld({
      chats: ["101"],
      cardText: async (_, { kind }) => ({
        pieces: [kind],
        plain: kind,
        button: { text: "Details", url: "http://localhost:8026/call" },
      }),
    });
    await world.play(recordsOf(missedCall("1.1")));
    expect(world.api.texts("101")).toEqual(["hangup"]);
    expect((await tgOf(world, "1.1")).map(({ action }) => action)).not.toContain("fail");
    expect(world.log.filter((line) => line.includes("details button"))).toHaveLength(1);
    expect(world.api.requests.filter(({ status }) => status === 400)).toHaveLength(1);
  });

  it("to delete what a manager has deleted counts as done", async () => {
    await using world = await openWorld(one);
    const records = recordsOf(missedCall("1.1"));
    await world.play(records.slice(0, 2));
    (world.api.chat("101") as unknown[]).splice(0);
    await world.event(records[2] as never);
    await world.idle();
    expect(await world.told("1.1")).toEqual([
      "send 101 dial",
      "delete 101 dial",
      "send 101 hangup",
    ]);
  });

  it("to edit what a manager has deleted brings a new message", async () => {
    await using world = await openWorld({ ...one, mode: "edit" });
    const records = webhookRecords("out_answered");
    await world.play(records.slice(0, -1));
    (world.api.chat("101") as unknown[]).splice(0);
    await world.event(records.at(-1) as never);
    await world.idle();
    expect(kinds(world)).toEqual(["hangup"]);
  });

  it("never tells the bot's token to log or files", async () => {
    await using world = await openWorld(one);
    world.api.addFault({ fault: { do: "drop", when: "before" }, times: 3 });
    await world.play(recordsOf(missedCall("1.1")));
    await world.pass(60_000);
    await world.api.stop();
    await world.play(recordsOf(missedCall("2.1")));
    await world.pass(2 * 3600_000);
    const file = readFileSync(join(world.dir, "0367/events.log"), "utf8");
    expect(file).toContain("TG|fail|101|hangup|0|2.1|");
    for (const secret of [BOT_TOKEN, BOT_TOKEN.split(":")[1] as string]) {
      expect(file).not.toContain(secret);
      expect(world.log.join("\n")).not.toContain(secret);
    }
  });
});

describe("a group that became a supergroup", () => {
  it("is followed, and stays one chat in the records", async () => {
    await using world = await openWorld({ chats: ["-55"] });
    const records = recordsOf(missedCall("1.1"));
    await world.play(records.slice(0, 2));
    world.api.migrate("-55", "-10055");
    await world.event(records[2] as never);
    await world.idle();
    expect(kinds(world, "-10055")).toEqual(["hangup"]);
    expect(await world.told("1.1")).toEqual([
      "send -55 dial",
      "delete -55 dial",
      "send -55 hangup",
    ]);
    await world.play(recordsOf(missedCall("2.1")));
    expect(kinds(world, "-10055")).toEqual(["hangup", "hangup"]);
    expect(world.api.requests.filter((r) => r.chatId === "-55" && r.status === 400)).toHaveLength(
      1,
    );
  });
});
