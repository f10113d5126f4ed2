// That every pressed button is answered, and sets what was pressed and nothing else. And how long a bot is listened to.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { until } from "../../../tests/support/hand-time.ts";
import {
  anna,
  BOT,
  john,
  member,
  openReceptionWorld,
  type ReceptionWorld,
} from "../../../tests/support/reception-world.ts";
import { DirectoryError } from "../../people/index.ts";
import { GLANCE_EVERY_MS } from "./inbox.ts";

const MINUTE_MS = 60_000;

let world: ReceptionWorld;
beforeEach(async () => {
  world = await openReceptionWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

describe("a pressed button", () => {
  it("changes on top of what is stored now, not of what the menu showed", async () => {
    await world.say(anna, "/settings");
    await world.press(anna, "Итоги дня");
    await world.set("101", { cards: "missed", quiet: "20:00-07:00" });
    await world.press(anna, "09:00");
    expect(await world.storedOf("101")).toMatchObject({ cards: "missed", digest: 540 });
    await world.press(anna, "‹ Назад");
    expect(world.lastOf("101").text).toContain("Карточки: только пропущенные");
  });

  it("that was pressed twice does what it does once, and is answered twice", async () => {
    await world.say(anna, "/settings");
    await world.press(anna, "Итоги дня");
    const data = "s:0367:digest=18:00";
    const both = [
      world.api.pressData(anna, data, world.lastOf("101").messageId),
      world.api.pressData(anna, data, world.lastOf("101").messageId),
    ];
    await until(world.isHandled);
    expect(both.map(({ answer }) => answer?.text)).toEqual(["Сохранено", "Сохранено"]);
    expect(world.logged.filter((line) => line.includes("chose in the chat"))).toHaveLength(1);
    expect(world.logged.filter((line) => line.includes("cannot"))).toEqual([]);
  });

  it("of an enterprise that the chat left, or never was in, changes nothing and says so", async () => {
    await world.joinIn("101", "0368");
    await world.say(anna, "/settings 0368");
    await world.directory.removeUser("101", "0368");
    const gone = {
      text: "Карточки этого предприятия сюда больше не приходят. Отправьте /settings ещё раз.",
      isAlert: true,
    };
    expect((await world.press(anna, "Карточки")).answer).toEqual(gone);
    for (const data of ["s:0368:cards=none", "s:0113:cards=none", "s:9999", "s:0113:done"]) {
      expect((await world.pressData(anna, data)).answer).toEqual(gone);
    }
    await world.directory.removeUser("101", "0367");
    expect((await world.pressData(anna, "s:0367:cards=none")).answer).toEqual(gone);
    expect((await world.pressData(anna, "s")).answer).toEqual(gone);
    expect(await world.directory.chatPreferences()).toEqual([]);
  });

  it("that is not ours, or says what no button says, is answered and does nothing", async () => {
    await world.say(anna, "/settings");
    const before = world.lastOf("101").edits;
    for (const data of [
      "vote:1",
      "s:0367:cards=some",
      "s:0367:topic=-1",
      "s:../x",
      "я".repeat(32),
    ]) {
      expect((await world.pressData(anna, data)).answer?.text).toContain("больше не действует");
    }
    const inline = await world.handled(world.api.pressData(anna, "s:0367:cards=none", undefined));
    expect(inline.answer?.text).toContain("больше не действует");
    expect(world.lastOf("101").edits).toBe(before);
    expect(await world.directory.chatPreferences()).toEqual([]);
  });

  it("under a message that is gone sets what it says, once, and is answered", async () => {
    await world.say(anna, "/settings");
    expect((await world.pressData(anna, "s:0367:cards=final", 5)).answer?.text).toBe("Сохранено");
    expect((await world.storedOf("101"))?.cards).toBe("final");
    expect(world.logged.join("\n")).toContain("message to edit not found");
  });

  it("of before a restart does what it says, on top of what is stored by then", async () => {
    await world.say(anna, "/settings");
    await world.press(anna, "Карточки");
    await world.restart();
    await world.set("101", { digest: "09:00" });
    expect((await world.press(anna, "Только итог звонка")).answer?.text).toBe("Сохранено");
    expect(await world.storedOf("101")).toMatchObject({ cards: "final", digest: 540 });
    await world.press(anna, "‹ Назад");
    expect(world.lastOf("101").text).toContain("Итоги дня: 09:00");
    expect(world.api.chat("101")).toHaveLength(1);
  });

  it("that waited longer than Telegram does still counts, and the menu shows it", async () => {
    await world.say(anna, "/settings");
    await world.press(anna, "Карточки");
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    world.api.addFault({ method: "sendMessage", fault: { do: "hold", until: held } });
    world.api.updates.say(john, "/start");
    const late = world.api.press(anna, "Не приходят");
    world.api.expirePresses();
    letGo();
    await until(world.isHandled);
    expect(late.answer).toBeUndefined();
    expect((await world.storedOf("101"))?.cards).toBe("none");
    expect(world.labelsOf("101")).toContain("✓ Не приходят");
    expect(world.logged.filter((line) => line.includes("cannot"))).toEqual([]);
  });

  it("is answered where the directory fails, and nothing is said to be saved", async () => {
    await world.say(anna, "/settings");
    await world.press(anna, "Карточки");
    const edits = world.lastOf("101").edits;
    world.fault = new DirectoryError("unavailable", "cannot set it: the database is away");
    expect((await world.press(anna, "Не приходят")).answer).toEqual({
      text: "Сейчас не получилось. Попробуйте ещё раз через несколько минут.",
      isAlert: true,
    });
    world.fault = new DirectoryError("misconfigured", "cannot set it: no table calllog_chats");
    expect((await world.press(anna, "Не приходят")).answer?.text).toContain("calllog migrate");
    expect(await world.say(anna, "/settings cards none")).toContain("calllog migrate");
    expect(world.logged.join("\n")).toContain("calllog_chats");
    // The menu stands as it was, for another try.
    world.fault = undefined;
    expect(world.api.chat("101")[0]?.edits).toBe(edits);
    expect((await world.press(anna, "Не приходят")).answer?.text).toBe("Сохранено");
    expect((await world.storedOf("101"))?.cards).toBe("none");
  });

  it("waits for Telegram where it says so, and the menu follows", async () => {
    await world.say(anna, "/settings");
    world.api.addFault({ method: "editMessageText", fault: { do: "limit", retryAfterS: 3 } });
    const pressed = world.api.press(anna, "Карточки");
    await until(() => world.time.nextAt() === world.time.now() + 3000);
    expect(pressed.answer).toBeDefined();
    world.time.pass(3000);
    await until(world.isHandled);
    expect(world.labelsOf("101")).toContain("✓ На каждом шаге звонка");
  });
});

describe("a bot whose settings somebody uses", () => {
  const glancing = async (): Promise<void> => {
    world.store.addBot("700001");
    world.store.cancel("0367");
    await world.reception.look();
    await until(() => world.time.nextAt() === world.time.now() + GLANCE_EVERY_MS);
  };
  const look = () => world.reception.look();

  it("is seen within a minute where it is glanced at, and listened to for five from then on", async () => {
    await glancing();
    world.api.updates.say(anna, "/settings");
    world.time.pass(GLANCE_EVERY_MS);
    await until(() => world.api.texts("101").length === 1);
    const openedAt = world.time.now();
    await look();
    await until(world.isHandled);
    world.time.pass(4 * MINUTE_MS);
    await look();
    expect((await world.press(anna, "Карточки")).answer).toBeDefined();
    // The press keeps it for five more.
    world.time.set(openedAt + 8 * MINUTE_MS);
    await look();
    expect(world.isListening()).toBe(true);
    world.time.set(openedAt + 9 * MINUTE_MS);
    await look();
    await until(
      () => !world.isListening() && world.time.nextAt() === world.time.now() + GLANCE_EVERY_MS,
    );
  });

  it("is left alone again where it had let nobody in", async () => {
    await world.say(anna, "/settings");
    world.store.cancel("0367");
    await look();
    expect(world.isListening()).toBe(true);
    world.time.pass(5 * MINUTE_MS);
    await look();
    await until(() => !world.isListening() && world.time.nextAt() === Number.POSITIVE_INFINITY);
    expect(world.api.requests.every(({ status }) => status === 200)).toBe(true);
  });

  it("is not kept awake by those who may not", async () => {
    await glancing();
    world.api.updates.say(member, "/settings");
    world.api.updates.say(john, "/settings");
    world.time.pass(GLANCE_EVERY_MS);
    await until(() => world.api.texts("102").length === 1 && world.api.updates.waiting(BOT) === 0);
    await look();
    await until(
      () => !world.isListening() && world.time.nextAt() === world.time.now() + GLANCE_EVERY_MS,
    );
  });
});
