// Reminders of missed calls that nobody returned: once, in working hours, never of one that is settled meanwhile.

import { describe, expect, it } from "bun:test";
import { cardText, type NotifierOptions } from "../../src/cards/index.ts";
import { NO_NAMES } from "../../src/domain/names.ts";
import { parseWorkingHours } from "../../src/domain/working-hours.ts";
import { type Row, recordsOf } from "../support/calls.ts";
import { openWorld, type World, type WorldOptions } from "../support/notifier-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PHONE = "375291112233";
const IN = { Phone: PHONE, CallType: 0, Trunk: "0001363" };

const text: NotifierOptions["cardText"] = async (assembled, card, followUp) =>
  cardText(assembled, card, { names: NO_NAMES, lang: "ru", country: "BY", followUp });

/** A Tuesday at noon, where people work from nine to six. */
const START = Date.parse("2026-11-24T12:00:00Z");
const options = (more: WorldOptions = {}): WorldOptions => ({
  chats: ["101", "102"],
  cardText: text,
  start: START,
  follow: { windowMs: 72 * HOUR, minWaitMs: 0, country: "BY" },
  remind: {
    afterMs: 15 * MINUTE,
    hours: parseWorkingHours("mon-fri 09:00-18:00") ?? null,
    timeZone: "UTC",
  },
  ...more,
});

const missed = (id: string, phone = PHONE, extensions = ["151"]): Row[] => {
  const call = { ...IN, Phone: phone };
  return [
    [0, "start", id, call],
    [1, "dial", id, { ...call, Extensions: extensions }],
    [20, "hangup", id, { ...call, CallStatus: "0", Extensions: [""] }],
  ];
};
const dialling = (id: string): Row[] => [
  [0, "dial", id, { Phone: PHONE, CallType: 1, Extensions: ["152"] }],
];
const talk = { Phone: PHONE, CallType: 1, Channel: "PJSIP/152-0000000a", CallerIDNum: "152" };
const answered = (id: string): Row[] => [
  [0, "bridge", id, { ...talk, BridgeUniqueid: `b-${id}` }],
  [60, "bridge_leave", id, { ...talk, BridgeUniqueid: `b-${id}` }],
  [60, "hangup", id, { ...talk, Extensions: ["152"], CallStatus: "2" }],
];

const play = (world: World, rows: readonly Row[]) => world.play(recordsOf(rows));
const reminders = (world: World, chat = "101"): string[] =>
  world.api
    .texts(chat)
    .filter((one) => one.startsWith("⏰"))
    .map((one) => one.replaceAll("\u00a0", " "));

describe("a reminder", () => {
  it("comes once, after the time that was set, as an answer to the card, to those who got it", async () => {
    await using world = await openWorld(
      options({
        chats: ["101", "102", "103", "104"],
        preferences: {
          "102": { lang: "en", numbers: "masked", quiet: { from: 12 * 60, to: 13 * 60 } },
          "103": { extensions: ["160"] },
          "104": { cards: "none" },
        },
      }),
    );
    await play(world, missed("1.1"));
    await world.pass(14 * MINUTE);
    expect(reminders(world)).toEqual([]);
    await world.pass(2 * MINUTE);
    expect(reminders(world)).toEqual(["⏰ Ещё не перезвонили, прошло 16 мин\n💰+375 29 111 22 33"]);
    expect(reminders(world, "102")).toEqual([
      "⏰ Not called back yet, 16 min have passed\n💰+375 29 111 •• 33",
    ]);
    const [card, reminder] = world.api.chat("101");
    expect(reminder?.replyTo).toBe(card?.messageId);
    expect(world.api.chat("102").at(-1)?.isSilent).toBe(true);
    await world.pass(3 * HOUR);
    expect(world.api.texts("101")).toHaveLength(2);
    expect(["103", "104"].flatMap((chat) => reminders(world, chat))).toEqual([]);
    expect((await world.told("1.1")).filter((line) => line.endsWith("reminder"))).toEqual([
      "send 101 reminder",
      "send 102 reminder",
    ]);
  });

  it("does not come where somebody called back, is calling back, or the caller got through", async () => {
    await using world = await openWorld(options());
    await play(world, missed("1.1"));
    await world.pass(14 * MINUTE);
    await play(world, dialling("1.2"));
    await world.pass(5 * MINUTE);
    expect(reminders(world)).toEqual([]);
    await play(world, answered("1.2"));
    await world.pass(5 * HOUR);
    expect(reminders(world)).toEqual([]);
    // He was not reached, and it is called that: the card says so.
    await play(world, missed("2.1"));
    await play(world, [
      ...dialling("2.2"),
      [5, "hangup", "2.2", { Phone: PHONE, CallType: 1, Extensions: ["152"], CallStatus: "0" }],
    ]);
    await world.pass(20 * MINUTE);
    expect(reminders(world)).toEqual([]);
  });

  it("counts from the newest call of whoever calls again and again", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(10 * MINUTE);
    await play(world, missed("1.2"));
    await world.pass(14 * MINUTE);
    expect(reminders(world)).toEqual([]);
    await world.pass(2 * MINUTE);
    expect(reminders(world)).toHaveLength(1);
  });

  it("waits for working hours: a night, a weekend; all that waits comes in one message", async () => {
    await using world = await openWorld(
      options({ chats: ["101"], start: Date.parse("2026-11-27T17:50:00Z") }),
    );
    await play(world, missed("1.1"));
    await world.pass(20 * MINUTE);
    await play(world, missed("1.2", "375291110002"));
    await world.pass(10 * HOUR);
    await play(world, missed("1.3", "375291110003"));
    await world.moveTo(Date.parse("2026-11-30T08:59:00Z"));
    expect(reminders(world)).toEqual([]);
    await world.moveTo(Date.parse("2026-11-30T09:00:30Z"));
    expect(reminders(world)).toEqual([
      [
        "⏰ Ещё не перезвонили 3 клиентам",
        "💰+375 29 111 22 33 · 2 дн. 15 ч",
        "💰+375 29 111 00 02 · 2 дн. 14 ч",
        "💰+375 29 111 00 03 · 2 дн. 4 ч",
      ].join("\n"),
    ]);
  });

  it("comes once over a restart, and not at all where it was settled while nobody was there", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(16 * MINUTE);
    expect(reminders(world)).toHaveLength(1);
    world.restart();
    await world.takeUp();
    await world.pass(HOUR);
    expect(reminders(world)).toHaveLength(1);

    await play(world, missed("2.1", "375291110002"));
    world.restart();
    for (const record of recordsOf([...dialling("2.2"), ...answered("2.2")])) {
      if (record.kind !== "AST") continue;
      const { raw: _, at: __, ...line } = record;
      await world.trace.append("0367", {
        ...line,
        body: { ...line.body, Phone: "375291110002" },
      });
      await world.pass(10_000);
    }
    await world.takeUp();
    await world.pass(HOUR);
    expect(reminders(world)).toHaveLength(1);
  });

  it("is not sent late into a chat that was limited, once he was called back meanwhile", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(14 * MINUTE);
    world.api.addFault({
      method: "sendMessage",
      text: "⏰",
      fault: { do: "limit", retryAfterS: 600 },
    });
    await world.pass(2 * MINUTE);
    await play(world, dialling("1.2"));
    await play(world, answered("1.2"));
    await world.pass(HOUR);
    expect(reminders(world)).toEqual([]);
    expect(world.log.join("\n")).not.toContain("cannot");
  });

  it("that was refused is on record, and not tried again", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    world.api.block("101");
    await world.pass(HOUR);
    expect((await world.told("1.1")).filter((line) => line.endsWith("reminder"))).toEqual([
      "fail 101 reminder",
    ]);
    const asked = world.api.requests.length;
    world.restart();
    await world.takeUp();
    await world.pass(HOUR);
    expect(world.api.requests.length).toBe(asked);
  });

  it("comes a minute later, once, where it could not be told who gets it", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(14 * MINUTE);
    world.isDirectoryDown = true;
    await world.pass(2 * MINUTE);
    expect(reminders(world)).toEqual([]);
    expect(world.log.join("\n")).toContain("cannot look which reminders are due");
    world.isDirectoryDown = false;
    await world.pass(HOUR);
    expect(reminders(world)).toHaveLength(1);
  });

  it("names ten at most, and counts the others", async () => {
    await using world = await openWorld(
      options({ chats: ["101"], start: Date.parse("2026-11-27T18:50:00Z") }),
    );
    for (let index = 0; index < 12; index += 1)
      await play(world, missed(`1.${index}`, `3752911100${10 + index}`));
    await world.moveTo(Date.parse("2026-11-30T09:00:30Z"));
    const [only = "", ...others] = reminders(world);
    expect(others).toEqual([]);
    const lines = only.split("\n");
    expect(lines[0]).toBe("⏰ Ещё не перезвонили 12 клиентам");
    expect(lines.filter((line) => line.startsWith("💰"))).toHaveLength(10);
    expect(lines.at(-1)).toBe("и ещё 2");
  });
});
