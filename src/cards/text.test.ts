// Every card of calls written down by hand and of the recorded ones, and the promise that a card's key holds.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseTelegramHtml } from "../../tests/support/bot-api/html.ts";
import {
  assembled,
  CALL_TIMEOUT_MS,
  type Row,
  recordsOf,
  T0,
  webhookRecords,
} from "../../tests/support/calls.ts";
import { MAX_MESSAGE_UNITS, render } from "../channels/telegram/html.ts";
import { bodyText } from "../domain/event.ts";
import type { Lang } from "../domain/lang.ts";
import { type CallNames, NO_NAMES } from "../domain/names.ts";
import type { StoredRecord } from "../domain/record.ts";
import { scenarios } from "../scenarios/index.ts";
import { decideCard } from "./index.ts";
import { cardText } from "./text.ts";

const CUSTOMER = "375296254070";
const NAMES: CallNames = {
  customer: "Иван Петров",
  managers: new Map([
    ["151", "Анна Сидорова"],
    ["152", "Пётр <Мастер> & Ко"],
  ]),
  lines: new Map([["0001363", "Реклама"]]),
  complete: true,
};

/** The card when the last of these rows has just come, or so many seconds after the first. */
const cardOf = async (
  rows: readonly Row[],
  { names = NO_NAMES, lang = "ru" as Lang, seconds = (rows.at(-1) as Row)[0] + 0.1 } = {},
) => {
  const now = T0 + seconds * 1000;
  const found = await assembled(recordsOf(rows), (rows[0] as Row)[2], now);
  if (found === undefined) throw new Error("no call");
  const { card } = decideCard(found, { now, callTimeoutMs: CALL_TIMEOUT_MS });
  if (card === undefined) throw new Error("no card");
  return cardText(found, card, { names, lang });
};

it("tells that voicemail or a menu answered a caller whom nobody answered", async () => {
  const end = { ...IN, CallStatus: "0", Extensions: [""] };
  for (const [reached, words] of [
    ["voicemail", "Ответила голосовая почта"],
    ["menu", "Ответило голосовое меню"],
  ] as const) {
    const rows: Row[] = [
      [0, "start", "1.1", IN],
      [9, "hangup", "1.1", { ...end, Reached: reached }],
    ];
    expect((await cardOf(rows)).plain).toContain(words);
  }
});

it("tells of a call placed by click that nobody took up the own phone, and whom it was to reach", async () => {
  const body = {
    CallType: 1,
    Extensions: ["151"],
    ExternalInitiated: true,
    OwnPhone: "unanswered",
  };
  const hangup = (Phone: string): Row[] => [
    [0, "hangup", "1.1", { ...body, Phone, CallStatus: "0", Cause: "19" }],
  ];
  expect((await cardOf(hangup(CUSTOMER))).plain).toBe(
    "❌ Заказанный звонок не состоялся: трубку не сняли\n☎️151 ➡️ 💰+375 29 625 40 70",
  );
  expect((await cardOf(hangup(""))).plain).toBe(
    "❌ Заказанный звонок не состоялся: трубку не сняли\n☎️151",
  );
});

it("reads local numbers in the country's plan", async () => {
  const rows: Row[] = [[0, "dial", "1.1", { ...IN, Phone: "84951234567", Extensions: ["151"] }]];
  const now = T0 + 100;
  const found = await assembled(recordsOf(rows), "1.1", now);
  const { card } = found ? decideCard(found, { now, callTimeoutMs: CALL_TIMEOUT_MS }) : {};
  if (found === undefined || card === undefined) throw new Error("no card");
  const textIn = (country?: "RU" | "BY") =>
    cardText(found, card, { names: NO_NAMES, lang: "ru", ...(country && { country }) }).plain;
  expect(textIn("RU")).toContain("💰+7 495 123 45 67 ➡️");
  expect(textIn("BY")).toContain("💰84951234567 ➡️");
  expect(textIn()).toContain("💰84951234567 ➡️");
});

const OUT = { Phone: CUSTOMER, CallType: 1, Trunk: "0001363", Extensions: ["151"] };
const IN = { Phone: CUSTOMER, CallType: 0, Trunk: "0001363" };
const DIAL_OUT: Row = [0, "dial", "1.1", OUT];
const enter = (seconds: number, uid: string, bridge: string, channel: string, id: string): Row => [
  seconds,
  "bridge",
  uid,
  { BridgeUniqueid: bridge, Channel: channel, CallerIDNum: id },
];
const leave = (seconds: number, uid: string, bridge: string, channel: string, id: string): Row => [
  seconds,
  "bridge_leave",
  uid,
  { BridgeUniqueid: bridge, Channel: channel, CallerIDNum: id },
];
const talkOut: Row[] = [
  DIAL_OUT,
  enter(10, "1.1", "b1", "SIP/151-00000001", "151"),
  enter(10, "1.2", "b1", "SIP/0001363-00000002", CUSTOMER),
];
const START: Row = [0, "start", "1.1", IN];
const ring = (...Extensions: string[]): Row => [1, "dial", "1.1", { ...IN, Extensions }];
const unanswered = (event: Row, at: number, more: { readonly [key: string]: unknown }): Row => [
  at,
  "hangup",
  event[2],
  { ...event[3], Extensions: [""], CallStatus: "0", ...more },
];
const talkIn: Row[] = [
  START,
  ring("151"),
  enter(5, "1.1", "b1", "SIP/0001363-00000001", CUSTOMER),
  enter(5, "1.2", "b1", "SIP/151-00000002", "151"),
];
const INTERNAL = { Phone: "150", CallType: 2, Extensions: ["152"] };

describe("cardText in Russian", () => {
  const CASES: readonly [name: string, rows: readonly Row[], plain: string, names?: CallNames][] = [
    ["outgoing: dial", [DIAL_OUT], "📞 Исходящий звонок\n☎️151 ➡️ 💰+375 29 625 40 70"],
    [
      "outgoing: bridge, with names",
      talkOut,
      "☎️151 Анна Сидорова 📞➡️ 💰+375 29 625 40 70\nКлиент: Иван Петров",
      NAMES,
    ],
    [
      "outgoing: answered, the half second counted up",
      [...talkOut, [144.5, "hangup", "1.1", { ...OUT, CallStatus: "2" }]],
      "✅Успешный звонок\n💰+375 29 625 40 70 ⏱02:15\nРазговор: ☎️151",
    ],
    [
      "outgoing: nobody there",
      [DIAL_OUT, unanswered(DIAL_OUT, 25, {})],
      "❌ Абонент не поднял трубку\n☎️151 ➡️ 💰+375 29 625 40 70 ⏱00:25 ожидания",
    ],
    [
      "outgoing: busy",
      [DIAL_OUT, unanswered(DIAL_OUT, 5, { Cause: "17" })],
      "❌ Абонент занят\n☎️151 ➡️ 💰+375 29 625 40 70",
    ],
    [
      "outgoing: given up",
      [DIAL_OUT, unanswered(DIAL_OUT, 5, { DialStatus: "CANCEL" })],
      "❌ Звонок отменён до ответа абонента\n☎️151 ➡️ 💰+375 29 625 40 70 ⏱00:05 ожидания",
    ],
    [
      "outgoing: another line after the first failed",
      [DIAL_OUT, [4, "dial", "1.1", { ...OUT, Trunk: "0001364" }]],
      "📞 Исходящий звонок\n☎️151 Анна Сидорова ➡️ 💰+375 29 625 40 70\nКлиент: Иван Петров\nЛиния: Реклама → 0001364",
      NAMES,
    ],
    [
      "incoming: dial, with names",
      [START, ring("151", "153")],
      "📞 Входящий звонок\n💰+375 29 625 40 70 ➡️ ☎️151 Анна Сидорова, ☎️153\nКлиент: Иван Петров\nЛиния: Реклама",
      NAMES,
    ],
    ["incoming: bridge", talkIn, "💰+375 29 625 40 70 📞➡️ ☎️151"],
    [
      "incoming: over an hour",
      [...talkIn, [3905, "hangup", "1.1", { ...IN, Extensions: ["151"], CallStatus: "2" }]],
      "✅Успешный входящий звонок\n💰+375 29 625 40 70 ⏱1:05:00\nРазговор: ☎️151",
    ],
    [
      "incoming: missed",
      [START, ring("151", "153"), unanswered(START, 40, {})],
      "❌ Пропущенный звонок\n💰+375 29 625 40 70 ⏱00:40 ожидания\nНе ответили: ☎️151, ☎️153",
    ],
    [
      "incoming: the customer gave up",
      [START, ring("151"), unanswered(START, 8, { DialStatus: "CANCEL" })],
      "❌ Пропущенный звонок: клиент не дождался ответа\n💰+375 29 625 40 70 ⏱00:08 ожидания\nВызывали: ☎️151",
    ],
    [
      "incoming: never got to anybody",
      [START, unanswered(START, 8, {})],
      "❌ Пропущенный звонок\n💰+375 29 625 40 70 ⏱00:08 ожидания\nДо сотрудников звонок не дошёл",
    ],
    [
      "incoming: on to a mobile",
      [START, ring("151", "375291110000")],
      "📞 Входящий звонок\n💰+375 29 625 40 70 ➡️ ☎️151, 📱+375 29 111 00 00",
    ],
    [
      "incoming: the number withheld",
      [[0, "start", "1.1", { ...IN, Phone: "Anonymous" }], ring("151")],
      "📞 Входящий звонок\n💰номер скрыт ➡️ ☎️151",
    ],
    [
      "incoming: nothing known of the caller",
      [
        [0, "start", "1.1", { ...IN, Phone: "<unknown>" }],
        [1, "dial", "1.1", { ...IN, Phone: "", Extensions: ["151"] }],
      ],
      "📞 Входящий звонок\n💰номер скрыт ➡️ ☎️151",
    ],
    [
      "internal: bridge",
      [
        [0, "dial", "1.1", INTERNAL],
        enter(2, "1.1", "b1", "SIP/150-00000001", "150"),
        enter(2, "1.2", "b1", "SIP/152-00000002", "152"),
      ],
      "☎️150 📞➡️ ☎️152 Пётр <Мастер> & Ко",
      NAMES,
    ],
    [
      "internal: one hangup is all that came",
      [[3, "hangup", "1.1", { ...INTERNAL, CallStatus: "0" }]],
      "❌ Внутренний звонок без ответа\n☎️150 ➡️ ☎️152",
    ],
  ];
  for (const [name, rows, plain, names] of CASES) {
    it(name, async () => {
      expect((await cardOf(rows, { names: names ?? NO_NAMES })).plain).toStartWith(plain);
    });
  }

  it("shows a start that no dial follows", async () => {
    expect((await cardOf([START], { seconds: 3, names: NAMES })).plain).toBe(
      "📞 Входящий звонок\n💰+375 29 625 40 70\nКлиент: Иван Петров\nЛиния: Реклама",
    );
  });

  it("tells a transfer while it rings, when it is taken, and when nobody took it", async () => {
    const handedOver: Row[] = [
      ...talkIn,
      leave(20, "1.2", "b1", "SIP/151-00000002", "151"),
      leave(20, "1.1", "b1", "SIP/0001363-00000001", CUSTOMER),
      [21, "dial", "1.1", { ...IN, Extensions: ["152"] }],
    ];
    const ringing = "\n🔀 Перевод: 151 → 152, идёт вызов";
    expect((await cardOf(handedOver)).plain).toBe(`💰+375 29 625 40 70 📞➡️ ☎️151${ringing}`);

    const taken: Row[] = [
      ...handedOver,
      enter(25, "1.1", "b2", "SIP/0001363-00000001", CUSTOMER),
      enter(25, "1.3", "b2", "SIP/152-00000003", "152"),
    ];
    expect((await cardOf(taken)).plain).toBe("💰+375 29 625 40 70 📞➡️ ☎️152\n🔀 Перевод: 151 → 152");
    const done: Row[] = [
      ...taken,
      [35, "hangup", "1.1", { ...IN, Extensions: ["152"], CallStatus: "2" }],
    ];
    expect((await cardOf(done)).plain).toBe(
      "✅Успешный входящий звонок\n💰+375 29 625 40 70 ⏱00:25\nРазговор: ☎️151, ☎️152\n🔀 Перевод: 151 → 152",
    );
    const inVain: Row[] = [
      ...handedOver,
      [50, "hangup", "1.1", { ...IN, Extensions: ["151"], CallStatus: "2" }],
    ];
    expect((await cardOf(inVain)).plain).toEndWith(
      "🔀 Перевод: 151 → 152, не ответили\n⚠️ Клиент не дождался, пока его соединят",
    );
  });

  it("folds a large group under its count", async () => {
    const group = Array.from({ length: 22 }, (_, i) => String(150 + i));
    const { pieces, plain } = await cardOf([START, ring(...group)], { names: NAMES });
    const { html } = render(pieces);
    expect(plain).toContain("➡️ ☎️22 номера\n");
    expect(plain).toEndWith("☎️170\n☎️171");
    expect(html).toContain(
      "<blockquote expandable>☎️150\n☎️151 Анна Сидорова\n☎️152 Пётр &lt;Мастер&gt; &amp; Ко",
    );
    expect(html).toEndWith("</blockquote>");
  });

  it("closes a silent call with what is known, and no duration", async () => {
    const seconds = 5 * 3600;
    expect((await cardOf(talkIn, { seconds })).plain).toBe(
      "⚠️ Звонок закрыт: АТС не сообщила о его завершении\n💰+375 29 625 40 70 📞➡️ ☎️151",
    );
    expect((await cardOf([START, ring("151")], { seconds })).plain).toBe(
      "⚠️ Звонок закрыт: АТС не сообщила о его завершении\n💰+375 29 625 40 70\nВызывали: ☎️151",
    );
  });
});

it("speaks English too", async () => {
  const lang = "en";
  expect((await cardOf([START, ring("151"), unanswered(START, 40, {})], { lang })).plain).toBe(
    "❌ Missed call\n💰+375 29 625 40 70 ⏱00:40 waiting\nDid not answer: ☎️151",
  );
  expect((await cardOf(talkOut, { lang, names: NAMES })).plain).toBe(
    "☎️151 Анна Сидорова 📞➡️ 💰+375 29 625 40 70\nCustomer: Иван Петров",
  );
});

/** Every state that a sample call passes through, with its card. */
const statesOf = async (records: readonly StoredRecord[]) => {
  const uniqueId = records.find((record) => record.uniqueId !== "")?.uniqueId ?? "";
  const states = [];
  for (let count = 1; count <= records.length; count++) {
    const known = records.slice(0, count);
    for (const later of [100, 5000, CALL_TIMEOUT_MS + 10_000]) {
      const now = Math.max(...known.map((record) => record.at)) + later;
      const found = await assembled(known, uniqueId, now);
      const card = found && decideCard(found, { now, callTimeoutMs: CALL_TIMEOUT_MS }).card;
      if (found !== undefined && card !== undefined) states.push({ found, card });
    }
  }
  return states;
};

const samples = (): StoredRecord[][] =>
  scenarios().map(({ events }) =>
    events.map(({ at, event, body }) => ({
      kind: "AST",
      at,
      event,
      uniqueId: String(body["UniqueId"] ?? ""),
      body,
      raw: "",
    })),
  );

describe("every sample call", () => {
  const all = samples();

  it("has a key that changes with its text, and in order of happening only then", async () => {
    for (const records of all) {
      for (const order of [records, records.toReversed()]) {
        const trunks = order.flatMap((r) => (r.kind === "AST" ? bodyText(r.body, "Trunk") : []));
        const names = { ...NAMES, lines: new Map(trunks.map((id) => [id, `Линия ${id}`])) };
        const textOf = new Map<string, string>();
        const keyOf = new Map<string, string>();
        for (const { found, card } of await statesOf(order)) {
          const text = `${card.kind} ${cardText(found, card, { names, lang: "ru" }).plain}`;
          expect(textOf.get(card.key) ?? text).toBe(text);
          if (order === records) expect(keyOf.get(text) ?? card.key).toBe(card.key);
          textOf.set(card.key, text);
          keyOf.set(text, card.key);
        }
      }
    }
  });

  it("gives HTML that Telegram takes, whatever the names and numbers", async () => {
    const states = (await Promise.all(all.slice(0, 12).map(statesOf))).flat();
    const wild = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }).map((text) => text.repeat(500)),
      fc.constantFrom("</blockquote>", "<b>", "&lt;", "\n\n", "\u202e", "", " "),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...states),
        fc.array(wild, { minLength: 1, maxLength: 3 }),
        fc.array(wild, { maxLength: 40 }),
        ({ found, card }, names, numbers) => {
          const [name = "", other = "", third = ""] = names;
          const call = {
            ...found.call,
            phone: other,
            extensions: [...found.call.extensions, ...numbers],
            transfers: numbers.map((to) => ({
              at: 0,
              kind: "blind" as const,
              from: name,
              to,
              completed: to.length > 2,
            })),
          };
          const wildNames: CallNames = {
            customer: name,
            managers: new Map(call.extensions.map((extension) => [extension, third])),
            lines: new Map([["mts", other]]),
            complete: true,
          };
          const { pieces, plain } = cardText({ ...found, call }, card, {
            names: wildNames,
            lang: "ru",
          });
          const sent = render(pieces);
          expect(parseTelegramHtml(sent.html)).toEqual({ ok: true, text: sent.plain });
          expect(sent.plain.length).toBeLessThanOrEqual(MAX_MESSAGE_UNITS);
          // What is recorded is what is sent, but for what does not fit a message.
          if (plain.length <= MAX_MESSAGE_UNITS) expect(sent.plain).toBe(plain);
          else expect(plain).toStartWith(sent.plain.slice(0, -1));
          expect(plain.trim()).not.toBe("");
          expect(plain).not.toContain("\u202e");
        },
      ),
      { numRuns: 60 },
    );
  });
});

it("keeps a hostile name on its own line", async () => {
  const names = { ...NAMES, customer: "A\n✅Успешный звонок <b>&" };
  const { pieces, plain } = await cardOf(talkOut, { names });
  const { html } = render(pieces);
  expect(plain.split("\n")).toHaveLength(2);
  expect(html).toContain("Клиент: A ✅Успешный звонок &lt;b&gt;&amp;");
});

it("knows every recorded call's final card", async () => {
  const finals: { [scenario: string]: string } = {};
  for (const scenario of ["in_forward_mobile", "xfer_attended", "xfer_blind", "out_badnumber"]) {
    const records = webhookRecords(scenario);
    const last = (await statesOf(records)).filter(({ card }) => card.final).at(-1);
    if (last === undefined) throw new Error(`${scenario} has no final card`);
    finals[scenario] = cardText(last.found, last.card, {
      names: NO_NAMES,
      lang: "ru",
    }).plain.replaceAll("\n", " ");
  }
  expect(finals).toEqual({
    in_forward_mobile:
      "✅Успешный входящий звонок 💰+375 29 530 59 42 ⏱00:02 Разговор: 📱+375 29 111 00 00",
    xfer_attended:
      "✅Успешный входящий звонок 💰+375 29 530 59 42 ⏱00:10 Разговор: ☎️151, ☎️152 🔀 Перевод: 151 → 152",
    xfer_blind:
      "✅Успешный входящий звонок 💰+375 29 530 59 42 ⏱00:04 Разговор: ☎️151, ☎️152 🔀 Перевод: 151 → 152",
    out_badnumber: "❌ Вызов не прошёл: неверный номер или сбой линии ☎️151 ➡️ 💰+375 29 625 40 70",
  });
});
