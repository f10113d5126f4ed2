// The cards of missed calls, to their end: edited in place and silently when somebody calls back, when the caller gets
// through himself, when he calls again; over a crash, days later, in both ways of bringing cards.

import { describe, expect, it } from "bun:test";
import { cardText, type NotifierOptions } from "../../src/cards/index.ts";
import { NO_NAMES } from "../../src/domain/names.ts";
import { type Row, recordsOf } from "../support/calls.ts";
import { openWorld, type World, type WorldOptions } from "../support/notifier-world.ts";

const HOUR = 3_600_000;
const PHONE = "375291112233";
const IN = { Phone: PHONE, CallType: 0, Trunk: "0001363" };
const OUT = { Phone: "80291112233", CallType: 1 };

const names = { ...NO_NAMES, managers: new Map([["152", "Анна"]]) };
const text: NotifierOptions["cardText"] = async (assembled, card, followUp) =>
  cardText(assembled, card, { names, lang: "ru", country: "BY", followUp });

const options = (more: WorldOptions = {}): WorldOptions => ({
  chats: ["101", "102"],
  cardText: text,
  follow: { windowMs: 72 * HOUR, minWaitMs: 0, country: "BY" },
  ...more,
});

const missed = (id: string, at = 0): Row[] => [
  [at, "start", id, IN],
  [at + 1, "dial", id, { ...IN, Extensions: ["151"] }],
  [at + 20, "hangup", id, { ...IN, CallStatus: "0", Extensions: [""] }],
];
const bridge = (id: string, extension: string) => ({
  BridgeUniqueid: `b-${id}`,
  Channel: `PJSIP/${extension}-0000000a`,
  CallerIDNum: extension,
});
const callBack = (id: string, talkS = 80): Row[] => [
  [0, "dial", id, { ...OUT, Extensions: ["152"] }],
  ...(talkS === 0
    ? []
    : ([
        [5, "bridge", id, { ...OUT, ...bridge(id, "152") }],
        [5 + talkS, "bridge_leave", id, { ...OUT, ...bridge(id, "152") }],
      ] as Row[])),
  [5 + talkS, "hangup", id, { ...OUT, Extensions: ["152"], CallStatus: talkS === 0 ? "0" : "2" }],
];
const answered = (id: string): Row[] => [
  [0, "start", id, IN],
  [1, "dial", id, { ...IN, Extensions: ["152"] }],
  [3, "bridge", id, { ...IN, ...bridge(id, "152") }],
  [30, "bridge_leave", id, { ...IN, ...bridge(id, "152") }],
  [30, "hangup", id, { ...IN, Extensions: ["152"], CallStatus: "2" }],
];

const play = (world: World, rows: readonly Row[]) => world.play(recordsOf(rows));
/** The last line of each missed call's card in a chat. */
const ends = (world: World, chat = "101"): string[] =>
  world.api
    .texts(chat)
    .filter((card) => card.startsWith("❌ Пропущенный"))
    .map((card) => (card.split("\n").at(-1) ?? "").replaceAll("\u00a0", " "));
const editsOf = (world: World): number =>
  world.api.requests.filter(({ method }) => method === "editMessageText").length;
const sendsOf = (world: World): number =>
  world.api.requests.filter(({ method }) => method === "sendMessage").length;

describe("the card of a missed call", () => {
  for (const mode of ["replace", "edit"] as const) {
    it(`says who calls back, and who did, in every chat (${mode})`, async () => {
      await using world = await openWorld(options({ mode }));
      await play(world, missed("1.1"));
      await world.pass(4 * 60_000);
      const before = sendsOf(world);
      const rows = callBack("1.2");
      await play(world, rows.slice(0, 1));
      for (const chat of ["101", "102"])
        expect(ends(world, chat)).toEqual(["📞 Перезванивает 152 Анна"]);
      await world.pass(5000);
      await play(world, rows.slice(1));
      for (const chat of ["101", "102"])
        expect(ends(world, chat)).toEqual(["↩️ Перезвонил(а) 152 Анна через 4 мин, говорили 01:20"]);
      // The call-back has cards of its own; the missed one is edited twice in each chat, and rings nobody.
      const own = await world.told("1.1");
      expect(own.filter((line) => line === "edit 101 hangup")).toHaveLength(2);
      expect(own.filter((line) => line.startsWith("send 101 hangup"))).toHaveLength(1);
      expect(sendsOf(world)).toBeGreaterThan(before);
    });
  }

  it("says that nobody was reached, how often, and that he got through himself", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(60_000);
    await play(world, callBack("1.2", 0));
    expect(ends(world)).toEqual(["☎️ Звонили 1 раз, не отвечает"]);
    await world.pass(60_000);
    await play(world, callBack("1.3", 2));
    expect(ends(world)).toEqual(["☎️ Звонили 2 раза, не отвечает"]);
    await world.pass(60_000);
    await play(world, answered("1.4"));
    expect(ends(world)[0]).toStartWith("📲 Дозвонился сам через");
    expect(ends(world)[0]).toEndWith("ответил(а) 152 Анна");
  });

  it("counts his calls on the newest one, and says on the one before that he called again", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    for (const id of ["1.1", "1.2", "1.3"]) {
      await play(world, missed(id));
      await world.pass(10 * 60_000);
    }
    expect(ends(world)).toEqual([
      "↪️ Позже звонил снова",
      "↪️ Позже звонил снова",
      "🔁 3-й раз за 21 мин",
    ]);
    const edits = editsOf(world);
    expect(edits).toBe(2);
    await play(world, callBack("1.4"));
    expect(ends(world).at(-1)).toStartWith("↩️ Перезвонил(а) 152 Анна");
    expect(ends(world).slice(0, 2)).toEqual(["↪️ Позже звонил снова", "↪️ Позже звонил снова"]);
    expect(editsOf(world) - edits).toBe(2);
  });

  it("is put in order after a crash, and edited no second time", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(60_000);
    // Nobody hears of the call-back: the process is dead, and others take the events.
    world.restart();
    for (const record of recordsOf(callBack("1.2"))) {
      if (record.kind !== "AST") continue;
      const { raw: _, at: __, ...line } = record;
      await world.trace.append("0367", line);
      await world.pass(10_000);
    }
    expect(ends(world)).toEqual(["Не ответили: ☎️151"]);
    await world.takeUp();
    expect(ends(world)[0]).toStartWith("↩️ Перезвонил(а) 152 Анна");
    const edits = editsOf(world);
    world.restart();
    await world.takeUp();
    expect(editsOf(world)).toBe(edits);
  });

  it("is edited again where the record of the edit was lost, and stands as it should", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(60_000);
    const edited = Promise.withResolvers<void>();
    // Carried out, and the process dies before it hears of that.
    world.api.addFault({ method: "editMessageText", fault: { do: "hold", until: edited.promise } });
    for (const record of recordsOf(callBack("1.2"))) await world.event(record);
    await world.api.until(() => editsOf(world) > 0);
    world.restart();
    edited.resolve();
    await world.takeUp();
    expect(ends(world)[0]).toStartWith("↩️ Перезвонил(а) 152");
    expect((await world.told("1.1")).filter((line) => line === "edit 101 hangup")).toHaveLength(1);
  });

  it("is edited after two days and more, when nothing can be deleted any more", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(50 * HOUR);
    await play(world, callBack("1.2"));
    expect(ends(world)).toEqual(["↩️ Перезвонил(а) 152 Анна через 2 дн. 2 ч, говорили 01:20"]);
  });

  it("stays as it is when the time for it is over, and says nothing of calls that began before", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, callBack("1.1"));
    await world.pass(60_000);
    await play(world, missed("1.2"));
    await world.pass(73 * HOUR);
    await play(world, callBack("1.3"));
    expect(ends(world)).toEqual(["Не ответили: ☎️151"]);
    expect(editsOf(world)).toBe(0);
  });

  it("waits where Telegram says so, and then says what is true by then", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    await play(world, missed("1.1"));
    await world.pass(60_000);
    world.api.addFault({ method: "editMessageText", fault: { do: "limit", retryAfterS: 30 } });
    await play(world, callBack("1.2"));
    await world.pass(40_000);
    expect(ends(world)[0]).toStartWith("↩️ Перезвонил(а) 152 Анна");
  });

  it("says of a caller who was answered and lost that he waits", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    const id = "1.1";
    const sent: Row[] = [
      ...answered(id).slice(0, 4),
      [30, "dial", id, { ...IN, Extensions: ["153"] }],
      [60, "hangup", id, { ...IN, CallStatus: "2" }],
    ];
    await play(world, sent);
    expect(world.api.texts("101")[0]).toContain("⚠️ Клиент не дождался, пока его соединят");
    await world.pass(60_000);
    await play(world, callBack("1.2"));
    expect(world.api.texts("101")[0]).toContain("↩️ Перезвонил(а) 152 Анна");
  });

  it("of a withheld number, or of another subscriber, is left alone", async () => {
    await using world = await openWorld(options({ chats: ["101"] }));
    const hidden = missed("1.1").map(
      ([s, event, id, body]): Row => [s, event, id, { ...body, Phone: "anonymous" }],
    );
    await play(world, hidden);
    await play(world, missed("1.2"));
    const other = callBack("1.3").map(
      ([s, event, id, body]): Row => [s, event, id, { ...body, Phone: "375296254070" }],
    );
    await play(world, other);
    expect(editsOf(world)).toBe(0);
  });
});
