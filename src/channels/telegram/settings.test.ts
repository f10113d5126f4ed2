// What the menu says and which buttons it has, and what a button or a typed line means, whatever is sent.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { plainText } from "../../cards/message.ts";
import {
  type ChatPreferences,
  DEFAULT_PREFERENCES,
  PREFERENCE_NAMES,
  type PreferenceName,
  preferenceRule,
  preferenceText,
} from "../../domain/chat-preferences.ts";
import { settingsTextsOf } from "../../texts/index.ts";
import type { Menu } from "./bot.ts";
import {
  choiceMenu,
  correction,
  enterpriseMenu,
  mainMenu,
  type Place,
  parseTyped,
  parseWish,
  printWish,
  summary,
  type Wish,
  whichOne,
  withValue,
} from "./settings.ts";

const [ru, en] = [settingsTextsOf("ru"), settingsTextsOf("en")];
const place = (preferences: Partial<ChatPreferences> = {}, over: Partial<Place> = {}): Place => ({
  enterprise: { number: "0367", name: "Пример" },
  preferences: { ...DEFAULT_PREFERENCES, ...preferences },
  topic: null,
  isOnly: true,
  lang: "ru",
  ...over,
});
const textOf = ({ pieces }: Menu): string => plainText(pieces);
const labelsOf = ({ rows }: Menu): string[] => rows.flat().map(({ text }) => text);
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const anyNumber = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/);
const minute = fc.nat(1439);
const anyPreferences: fc.Arbitrary<ChatPreferences> = fc.record({
  cards: fc.constantFrom("all", "final", "missed", "none"),
  extensions: fc.option(
    fc.uniqueArray(fc.stringMatching(/^[\w+*#.-]{1,32}$/), { minLength: 1, maxLength: 100 }),
  ),
  topic: fc.option(fc.integer({ min: 1, max: 999_999_999_999_999 })),
  quiet: fc.option(fc.record({ from: minute, to: minute }).filter(({ from, to }) => from !== to)),
  digest: fc.option(minute),
  numbers: fc.constantFrom("full", "masked"),
  lang: fc.option(fc.constantFrom("ru", "en")),
});
const anyPlace: fc.Arbitrary<Place> = fc.record({
  enterprise: fc.record({ number: anyNumber, name: fc.option(fc.string({ maxLength: 200 })) }),
  preferences: anyPreferences,
  topic: fc.option(fc.integer({ min: 1, max: 999_999_999_999_999 })),
  isOnly: fc.boolean(),
  lang: fc.constantFrom("ru", "en"),
});

describe("buttons", () => {
  it("carry what they ask for within 64 bytes, of every menu of every chat", () => {
    fc.assert(
      fc.property(anyPlace, fc.constantFrom(ru, en), (where, texts) => {
        const menus = [
          mainMenu(where, texts),
          enterpriseMenu([where.enterprise], texts),
          ...PREFERENCE_NAMES.map((name) => choiceMenu(where, name, texts)),
        ];
        for (const { text, data } of menus.flatMap(({ rows }) => rows.flat())) {
          expect(bytesOf(data)).toBeWithin(1, 65);
          expect(text.trim()).not.toBe("");
          const wish = parseWish(data);
          if (wish === undefined) throw new Error(`nobody understands ${data}`);
          expect(printWish(wish)).toBe(data);
          if (wish.kind !== "choose") expect(wish.enterprise).toBe(where.enterprise.number);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("mean nothing where they break the rules, whatever is sent", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^s(:.{0,40})?$/)), (data) => {
        const wish = parseWish(data);
        if (wish === undefined) return;
        expect(printWish(wish)).toBe(data);
        if (wish.kind === "set") expect(preferenceRule(wish.name).allows(wish.value)).toBe(true);
      }),
    );
    const NONE = [
      "",
      "t:0367",
      "s:",
      "s:../etc",
      "s:0367:",
      "s:0367:quiet=",
      "s:0367:quiet=21:00-21:00",
      "s:0367:cards=some",
      "s:0367:done=1",
      "s:0367:constructor",
      "s:0367:__proto__=1",
      `s:${"9".repeat(33)}`,
    ];
    expect(NONE.map(parseWish)).toEqual(NONE.map(() => undefined));
  });

  const WISHES: readonly [data: string, wish: Wish][] = [
    ["s", { kind: "choose" }],
    ["s:0367", { kind: "open", enterprise: "0367" }],
    ["s:0367:done", { kind: "done", enterprise: "0367" }],
    ["s:0367:quiet", { kind: "ask", enterprise: "0367", name: "quiet" }],
    [
      "s:0367:quiet=21:00-08:00",
      { kind: "set", enterprise: "0367", name: "quiet", value: "21:00-08:00" },
    ],
  ];
  for (const [data, wish] of WISHES) {
    it(`carry ${data}`, () => {
      expect(printWish(wish)).toBe(data);
      expect(parseWish(data)).toEqual(wish);
    });
  }
});

describe("a menu", () => {
  it("says what is set, and leads to each of it", () => {
    const menu = mainMenu(
      place({ quiet: { from: 1260, to: 480 }, extensions: ["151", "152"] }),
      ru,
    );
    expect(textOf(menu)).toBe(
      [
        "⚙️ Карточки звонков: Пример",
        "",
        "Карточки: на каждом шаге звонка",
        "Сотрудники: 151, 152",
        "Тихие часы: 21:00–08:00",
        "Итоги дня: не приходят",
        "Номера клиентов: целиком",
        "Язык карточек: по умолчанию (русский)",
      ].join("\n"),
    );
    expect(labelsOf(menu)).toEqual([
      "Карточки",
      "Сотрудники",
      "Тихие часы",
      "Итоги дня",
      "Номера клиентов",
      "Язык карточек",
      "Готово",
    ]);
    expect(summary(place(), ru).rows).toEqual([]);
  });

  it("says it in English too", () => {
    expect(textOf(mainMenu(place({ digest: 1080, lang: "en" }), en))).toBe(
      [
        "⚙️ Call cards: Пример",
        "",
        "Cards: every step of a call",
        "Colleagues: all",
        "Quiet hours: none",
        "Daily digest: 18:00",
        "Customers' numbers: in full",
        "Language of cards: English",
      ].join("\n"),
    );
  });

  const CHOICES: readonly [name: PreferenceName, where: Place, labels: string[]][] = [
    [
      "cards",
      place({ cards: "missed" }),
      ["На каждом шаге звонка", "Только итог звонка", "✓ Только пропущенные", "Не приходят"],
    ],
    ["quiet", place(), ["✓ Нет", "21:00–08:00", "22:00–09:00", "20:00–07:00"]],
    [
      "quiet",
      place({ quiet: { from: 1290, to: 420 } }),
      ["Нет", "21:00–08:00", "22:00–09:00", "20:00–07:00", "✓ 21:30–07:00"],
    ],
    ["digest", place({ digest: 540 }), ["Не приходят", "✓ 09:00", "18:00", "20:00"]],
    ["numbers", place(), ["✓ Целиком", "Скрыты частично"]],
    ["lang", place({ lang: "en" }), ["Русский", "✓ Английский", "По умолчанию (русский)"]],
    ["extensions", place({ extensions: ["151"] }), ["Все"]],
    ["topic", place({ topic: 7 }), ["General"]],
    ["topic", place({ topic: 7 }, { topic: 7 }), ["General", "✓ Эта тема"]],
    ["topic", place({}, { topic: 9 }), ["✓ General", "Эта тема"]],
  ];
  for (const [name, where, labels] of CHOICES) {
    it(`of ${name}, ${preferenceText(where.preferences, name)}, marks what is chosen`, () => {
      expect(labelsOf(choiceMenu(where, name, ru))).toEqual([...labels, "‹ Назад"]);
    });
  }

  it("names the enterprise in what may be typed where the chat has several", () => {
    expect(textOf(choiceMenu(place(), "quiet", ru))).toContain("\n/settings quiet 21:30-07:00");
    const several = place({}, { isOnly: false });
    expect(textOf(choiceMenu(several, "digest", en))).toContain("\n/settings 0367 digest 18:30");
    expect(labelsOf(mainMenu(several, ru)).slice(-2)).toEqual(["‹ Назад", "Готово"]);
  });

  it("speaks of topics where there are any, and of another one by its number", () => {
    expect(textOf(mainMenu(place(), en))).not.toContain("Topic");
    expect(textOf(mainMenu(place({}, { topic: 9 }), en))).toContain("Topic: General");
    expect(textOf(mainMenu(place({ topic: 7 }, { topic: 9 }), en))).toContain("another topic (7)");
  });

  it("of enterprises tells those of one name apart, and has room for a hundred", () => {
    const same = [
      { number: "0367", name: "Пример" },
      { number: "0113", name: "Пример" },
      { number: "0114", name: "  \u202Eдлинное ".padEnd(200, "я") },
    ];
    const labels = labelsOf(enterpriseMenu(same, ru));
    expect(labels.slice(0, 2)).toEqual(["0367 Пример", "0113 Пример"]);
    expect([...(labels[2] ?? "")]).toHaveLength(60);
    expect(labels[2]).toStartWith("длинное");
    const many = Array.from({ length: 100 }, (_, at) => ({ number: `${at}`, name: null }));
    expect(labelsOf(enterpriseMenu(many, ru)).length).toBeLessThanOrEqual(100);
  });
});

describe("parseTyped", () => {
  const set = (name: PreferenceName, value: string, enterprise?: string) => ({
    kind: "set" as const,
    enterprise,
    name,
    value,
  });
  const CASES: readonly [line: string, wish: ReturnType<typeof parseTyped>][] = [
    ["", { kind: "open", enterprise: undefined }],
    ["0367", { kind: "open", enterprise: "0367" }],
    ["9999", { kind: "unknown" }],
    ["quiet", { kind: "ask", enterprise: undefined, name: "quiet" }],
    ["0367 Quiet", { kind: "ask", enterprise: "0367", name: "quiet" }],
    ["quiet 21:00-08:00", set("quiet", "21:00-08:00")],
    ["quiet 21:00 – 08:00", set("quiet", "21:00-08:00")],
    ["quiet 21:00—08:00", set("quiet", "21:00-08:00")],
    ["quiet none", set("quiet", "none")],
    ["Digest  NONE", set("digest", "none")],
    ["0367 extensions 151, 152", set("extensions", "151, 152", "0367")],
    ["extensions ALL", set("extensions", "all")],
    ["extensions 151 152", { kind: "wrong", name: "extensions" }],
    ["quiet 25:00-08:00", { kind: "wrong", name: "quiet" }],
    ["digest digest 18:00", set("digest", "18:00", "digest")],
    ["digest 18:00", set("digest", "18:00")],
    ["nonsense 1", { kind: "unknown" }],
  ];
  for (const [line, wish] of CASES) {
    it(`reads ${JSON.stringify(line)}`, () => {
      expect(parseTyped(line, ["0367", "digest"])).toEqual(wish);
    });
  }

  it("takes every value as it is shown and written, and no other", () => {
    fc.assert(
      fc.property(anyPreferences, fc.constantFrom(...PREFERENCE_NAMES), (preferences, name) => {
        const value = preferenceText(preferences, name);
        const typed = parseTyped(`${name} ${value}`, []);
        if (typed.kind !== "set") throw new Error(`not taken: ${name} ${value}`);
        expect(withValue(DEFAULT_PREFERENCES, name, typed.value)[name]).toEqual(preferences[name]);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...PREFERENCE_NAMES), fc.string(), (name, text) => {
        const typed = parseTyped(`${name} ${text}`, []);
        if (typed.kind === "set") expect(preferenceRule(name).allows(typed.value)).toBe(true);
      }),
    );
  });
});

describe("what is answered to a line that cannot be done", () => {
  it("is the rule, in the reader's language", () => {
    expect(correction({ kind: "wrong", name: "quiet" }, ru)).toContain("quiet: время от и до");
    expect(correction({ kind: "wrong", name: "quiet" }, en)).toContain("quiet: a span of the day");
  });

  it("is every preference with its rule where there is no such one", () => {
    for (const texts of [ru, en]) {
      const text = correction({ kind: "unknown" }, texts);
      for (const name of PREFERENCE_NAMES) expect(text).toContain(`\n${name}: `);
    }
  });

  it("is the line for each enterprise where it did not say which", () => {
    const text = whichOne(" quiet none ", [{ number: "0367" }, { number: "0113" }], en);
    expect(text).toContain("\n/settings 0367 quiet none\n/settings 0113 quiet none");
  });

  it("fits what Telegram shows to whoever pressed a button", () => {
    for (const texts of [ru, en]) {
      const { notAdministrator, unseen, gone, dead, cannotKeep, later, saved } = texts;
      for (const text of [notAdministrator, unseen, gone, dead, cannotKeep, later, saved]) {
        expect(text.length).toBeLessThanOrEqual(200);
      }
    }
  });
});
