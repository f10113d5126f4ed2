// Who may choose what in which chat, and what they are told.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { until } from "../../../tests/support/hand-time.ts";
import {
  anna,
  GROUP,
  john,
  member,
  olga,
  openReceptionWorld,
  type ReceptionWorld,
} from "../../../tests/support/reception-world.ts";
import { DEFAULT_PREFERENCES } from "../../domain/chat-preferences.ts";

let world: ReceptionWorld;
beforeEach(async () => {
  world = await openReceptionWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

describe("/settings", () => {
  it("shows what is set, changes it by buttons in one message, and leaves a summary", async () => {
    expect(await world.say(anna, "/settings")).toStartWith(
      "⚙️ Карточки звонков: Ромашка <и Ко> & сын\n\nКарточки: на каждом шаге звонка\n",
    );
    const { messageId } = world.lastOf("101");
    expect((await world.press(anna, "Карточки")).answer).toEqual({ text: "", isAlert: false });
    expect(world.labelsOf("101")[0]).toBe("✓ На каждом шаге звонка");
    expect((await world.press(anna, "Только пропущенные")).answer).toEqual({
      text: "Сохранено",
      isAlert: false,
    });
    expect(await world.storedOf("101")).toEqual({ ...DEFAULT_PREFERENCES, cards: "missed" });
    expect(world.labelsOf("101")).toContain("✓ Только пропущенные");
    await world.press(anna, "‹ Назад");
    await world.press(anna, "Тихие часы");
    await world.press(anna, "22:00–09:00");
    await world.press(anna, "‹ Назад");
    await world.press(anna, "Готово");
    expect(await world.storedOf("101")).toMatchObject({
      cards: "missed",
      quiet: { from: 1320, to: 540 },
    });
    expect(world.api.chat("101")).toHaveLength(1);
    expect(world.lastOf("101")).toMatchObject({ messageId, keyboard: [] });
    expect(world.lastOf("101").text).toContain("Карточки: только пропущенные");
    expect(world.lastOf("101").text).toContain("Тихие часы: 22:00–09:00");
    expect(world.logged.filter((line) => line.includes("chose in the chat"))).toHaveLength(2);
    expect(world.logged.join("\n")).not.toContain("invented-bot");
  });

  it("answers in the reader's language, and each reader of a group in theirs", async () => {
    await world.joinIn("102", "0368");
    expect(await world.say(john, "/settings")).toStartWith("⚙️ Call cards: B\n\nCards: every step");
    expect((await world.press(john, "Daily digest")).answer?.text).toBe("");
    expect((await world.press(john, "18:00")).answer?.text).toBe("Saved");
    expect((await world.storedOf("102", "0368"))?.digest).toBe(1080);
    await world.say(olga, "/settings@calls_bot");
    await world.press({ ...olga, languageCode: "en" }, "Карточки");
    expect(world.labelsOf(GROUP)).toContain("Missed calls only");
  });

  it("asks which enterprise where there are several, and leads back there", async () => {
    await world.joinIn("101", "0368");
    await world.joinIn("101", "0113");
    expect(await world.say(anna, "/settings")).toContain("Для какого предприятия");
    expect(world.labelsOf("101")).toEqual(["Ромашка <и Ко> & сын", "B"]);
    await world.press(anna, "B");
    await world.press(anna, "Номера клиентов");
    await world.press(anna, "Скрыты частично");
    expect(await world.storedOf("101", "0368")).toMatchObject({ numbers: "masked" });
    expect(await world.storedOf("101")).toBeUndefined();
    await world.press(anna, "‹ Назад");
    await world.press(anna, "‹ Назад");
    expect(world.labelsOf("101")).toEqual(["Ромашка <и Ко> & сын", "B"]);
    expect(await world.say(anna, "/settings digest 18:30")).toContain(
      "/settings 0368 digest 18:30",
    );
    await world.say(anna, "/settings 0368 digest 18:30");
    expect(await world.storedOf("101", "0368")).toMatchObject({ numbers: "masked", digest: 1110 });
  });

  it("takes a preference typed, and tells the rule of one that makes no sense", async () => {
    expect(await world.say(anna, "/Settings extensions 151, 152")).toStartWith("✅ Сохранено");
    expect(world.lastOf("101").text).toContain("Сотрудники: 151, 152");
    expect((await world.storedOf("101"))?.extensions).toEqual(["151", "152"]);
    await world.press(anna, "Все");
    expect((await world.storedOf("101"))?.extensions).toBeNull();
    await world.say(anna, "/settings quiet 21:30–07:00");
    expect((await world.storedOf("101"))?.quiet).toEqual({ from: 1290, to: 420 });
    expect(await world.say(anna, "/settings quiet вечером")).toContain(
      "время от и до (21:00-08:00)",
    );
    expect(await world.say({ ...anna, languageCode: "en" }, "/settings colour <red>")).toContain(
      "There is no such setting",
    );
    expect(await world.say(anna, "/settings digest")).toContain("Когда присылать итоги дня?");
    expect((await world.storedOf("101"))?.quiet).toEqual({ from: 1290, to: 420 });
  });

  it("tells a chat that gets no cards by this bot what /start would", async () => {
    await world.joinIn("102", "0113");
    expect(await world.say(john, "/settings")).toContain("number of this chat: 102");
    expect(world.lastOf("102").keyboard).toEqual([]);
    expect(await world.say(john, "/settings cards none")).toContain("number of this chat: 102");
    expect(await world.directory.chatPreferences()).toEqual([]);
  });

  it("is another bot's where it says so, and no other word is meant", async () => {
    await world.listening();
    world.api.updates.say(olga, "/settings@another_bot");
    world.api.updates.say(anna, "/settingsx");
    world.api.updates.say(anna, "settings");
    await until(world.isHandled);
    expect([...world.api.everSent(GROUP), ...world.api.everSent("101")]).toEqual([]);
  });
});

describe("in a group", () => {
  it("administrators alone open and change", async () => {
    expect(await world.say(member, "/settings")).toContain("только её администраторы");
    expect(await world.say(member, "/settings cards none")).toContain("только её администраторы");
    world.api.setMember(GROUP, 503, "creator");
    expect(await world.say({ ...olga, userId: 503 }, "/settings")).toContain("Карточки звонков");
    const text = () => world.lastOf(GROUP).text;
    const before = text();
    expect((await world.press(member, "Карточки")).answer).toEqual({
      text: "Настройки в группе меняют только её администраторы.",
      isAlert: true,
    });
    expect(text()).toBe(before);
    await world.press(olga, "Карточки");
    expect((await world.press(member, "Не приходят")).answer?.isAlert).toBe(true);
    expect(await world.storedOf(GROUP)).toBeUndefined();
    // Who administers no more changes no more.
    world.api.setMember(GROUP, olga.userId, "left");
    expect((await world.press(olga, "Не приходят")).answer?.isAlert).toBe(true);
    expect(await world.storedOf(GROUP)).toBeUndefined();
  });

  it("an anonymous administrator writes as the group; a channel that writes there is none", async () => {
    expect(await world.say({ ...olga, isAnonymous: true, userId: 502 }, "/settings")).toContain(
      "Карточки звонков",
    );
    await world.press(olga, "Карточки");
    await world.press(olga, "Не приходят");
    expect((await world.storedOf(GROUP))?.cards).toBe("none");
    expect(await world.say({ ...olga, channel: -100777 }, "/settings cards all")).toContain(
      "только её администраторы",
    );
  });

  it("says what is wrong where Telegram does not tell who administers it", async () => {
    world.api.hideMembers(GROUP);
    expect(await world.say(olga, "/settings")).toContain("Сделайте бота администратором");
    world.api.addFault({
      method: "getChatMember",
      fault: { do: "answer", status: 502, html: true },
    });
    expect(await world.say(olga, "/settings")).toContain("Сейчас не получилось");
    expect(world.logged.join("\n")).toContain("member list is inaccessible");
  });

  it("cards can be led into the topic that it was written in, and back", async () => {
    world.api.openTopic(GROUP, 7);
    const inTopic = { ...olga, topic: 7 };
    expect(await world.say(inTopic, "/settings")).toContain("Тема: General");
    expect(world.lastOf(GROUP).topic).toBe(7);
    await world.press(inTopic, "Тема");
    await world.press(inTopic, "Эта тема");
    expect((await world.storedOf(GROUP))?.topic).toBe(7);
    expect(world.labelsOf(GROUP)).toContain("✓ Эта тема");
    // From General: another topic, with a way back.
    expect(await world.say(olga, "/settings")).toContain("Тема: другая тема (7)");
    await world.press(olga, "Тема");
    await world.press(olga, "General");
    expect((await world.storedOf(GROUP))?.topic).toBeNull();
    // A thread of replies is no topic.
    expect(await world.say({ ...olga, thread: 900 }, "/settings")).not.toContain("Тема");
    world.api.closeTopic(GROUP, 7);
    expect(await world.say(inTopic, "/settings")).toContain("Карточки звонков");
    expect(world.lastOf(GROUP).topic).toBeUndefined();
  });

  it("two administrators change what each pressed, and nothing else", async () => {
    world.api.setMember(GROUP, 503, "administrator");
    const igor = { ...olga, firstName: "Игорь", userId: 503 };
    await world.say(olga, "/settings");
    await world.press(olga, "Карточки");
    await world.say(igor, "/settings");
    await world.press(igor, "Итоги дня");
    const one = world.api.press(igor, "20:00");
    const two = world.api.press(olga, "Только итог звонка");
    await until(world.isHandled);
    expect([one.answer?.text, two.answer?.text]).toEqual(["Сохранено", "Сохранено"]);
    expect(await world.storedOf(GROUP)).toMatchObject({ cards: "final", digest: 1200 });
  });
});
