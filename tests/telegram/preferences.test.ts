// What each chat gets: which cards, of whom, in which words, into which topic, with or without a sound.

import { describe, expect, it } from "bun:test";
import { cardText, type NotifierOptions } from "../../src/cards/index.ts";
import type { ChatPreferences } from "../../src/domain/chat-preferences.ts";
import { NO_NAMES } from "../../src/domain/names.ts";
import { type Row, recordsOf } from "../support/calls.ts";
import { openWorld, type World } from "../support/notifier-world.ts";

const IN = { Phone: "375291112233", CallType: 0, Trunk: "0001363" };
const GROUP = "-1001";

const text: NotifierOptions["cardText"] = async (assembled, card, followUp, variant) =>
  cardText(assembled, card, {
    names: { ...NO_NAMES, customer: "Иван Петров" },
    lang: variant?.lang ?? "ru",
    isMasked: variant?.isMasked ?? false,
    country: "BY",
    followUp,
  });

const ringing = (id: string, extensions = ["151"]): Row[] => [
  [0, "start", id, IN],
  [1, "dial", id, { ...IN, Extensions: extensions }],
];
const missed = (id: string, extensions = ["151"]): Row[] => [
  ...ringing(id, extensions),
  [20, "hangup", id, { ...IN, CallStatus: "0", Extensions: [""] }],
];
const answered = (id: string): Row[] => {
  const talk = {
    ...IN,
    BridgeUniqueid: `b-${id}`,
    Channel: "PJSIP/151-0000000a",
    CallerIDNum: "151",
  };
  return [
    ...ringing(id),
    [4, "bridge", id, talk],
    [30, "bridge_leave", id, talk],
    [30, "hangup", id, { ...IN, CallStatus: "2", Extensions: ["151"] }],
  ];
};

const worldOf = (preferences: { readonly [chat: string]: Partial<ChatPreferences> }) =>
  openWorld({ chats: Object.keys(preferences), preferences, cardText: text });
const play = (world: World, rows: readonly Row[]) => world.play(recordsOf(rows));
const everSent = (world: World, chat: string): number => world.api.everSent(chat).length;

describe("a chat", () => {
  it("gets the cards that it chose", async () => {
    await using world = await worldOf({
      "1": { cards: "all" },
      "2": { cards: "final" },
      "3": { cards: "missed" },
      "4": { cards: "none" },
    });
    await play(world, answered("1.1"));
    expect(["1", "2", "3", "4"].map((chat) => everSent(world, chat))).toEqual([3, 1, 0, 0]);
    await world.pass(60_000);
    await play(world, missed("1.2"));
    expect(["1", "2", "3", "4"].map((chat) => everSent(world, chat))).toEqual([5, 2, 1, 0]);
  });

  it("gets the calls of its extensions alone, a group call where one of them was rung", async () => {
    await using world = await worldOf({
      "1": { extensions: ["151", "152"] },
      "2": { extensions: ["160"] },
    });
    await play(world, missed("1.1", ["150", "151"]));
    expect(world.api.texts("1")).toHaveLength(1);
    expect(everSent(world, "2")).toBe(0);
  });

  it("reads its own language, and no number that it should not see", async () => {
    await using world = await worldOf({ "1": {}, "2": { lang: "en" }, "3": { numbers: "masked" } });
    await play(world, missed("1.1"));
    expect(world.api.texts("1")[0]).toContain("❌ Пропущенный звонок\n💰+375 29 111 22 33");
    expect(world.api.texts("1")[0]).toContain("Иван Петров");
    expect(world.api.texts("2")[0]).toContain("❌ Missed call\n💰+375 29 111 22 33");
    expect(world.api.texts("3")[0]).toContain("💰+375 29 111 •• 33");
    expect(world.api.texts("3")[0]).not.toContain("Иван");
    const { records } = await world.trace.find("0367", ["id:1.1"]);
    const masked = records.filter((record) => record.kind === "TG" && record.chatId === "3");
    expect(masked.every((record) => !record.raw.includes("22 33"))).toBe(true);
  });

  it("gets cards without a sound in its quiet hours, over midnight", async () => {
    await using world = await worldOf({
      "1": { quiet: { from: 11 * 60, to: 12 * 60 + 30 } },
      "2": {},
    });
    await play(world, missed("1.1"));
    expect(world.api.chat("1")[0]?.isSilent).toBe(true);
    expect(world.api.chat("2")[0]?.isSilent).toBe(false);
    await world.pass(40 * 60_000);
    await play(world, missed("1.2"));
    expect(world.api.chat("1").at(-1)?.isSilent).toBe(false);
  });

  it("gets cards into its topic, and where that is closed or gone into the group, which is on record", async () => {
    await using world = await worldOf({ [GROUP]: { topic: 7, cards: "final" } });
    world.api.openTopic(GROUP, 7);
    await play(world, missed("1.1"));
    expect(world.api.chat(GROUP)[0]?.topic).toBe(7);
    world.api.closeTopic(GROUP, 7);
    await world.pass(60_000);
    await play(world, missed("1.2"));
    expect(world.api.chat(GROUP)[1]).toMatchObject({ topic: undefined });
    expect(await world.told("1.2")).toEqual([`fail ${GROUP} hangup`, `send ${GROUP} hangup`]);
    const { records } = await world.trace.find("0367", ["id:1.2"]);
    expect(records.some(({ raw }) => raw.includes("TOPIC_CLOSED"))).toBe(true);
    expect(world.log.join("\n")).toContain("a topic takes no cards");
  });

  it("that wants no more cards keeps the final one, and none that is never finished", async () => {
    const preferences: { [chat: string]: Partial<ChatPreferences> } = { "1": {}, "2": {} };
    await using world = await worldOf(preferences);
    await play(world, missed("1.1"));
    await play(world, ringing("1.2"));
    expect(world.api.texts("1")).toHaveLength(2);
    preferences["1"] = { cards: "none" };
    const [, , hangup] = missed("1.2");
    await play(world, [hangup as Row]);
    expect(world.api.texts("1")).toEqual([world.api.texts("2")[0] as string]);
    expect(world.api.texts("2")).toHaveLength(2);
  });
});
