// The cards in Russian, in the words that the managers know.

import type { CardTexts } from "../types/cards.ts";

const plural = (count: number, one: string, few: string, many: string): string => {
  const last = count % 10;
  const teens = count % 100 >= 11 && count % 100 <= 14;
  if (last === 1 && !teens) return `${count} ${one}`;
  return `${count} ${last >= 2 && last <= 4 && !teens ? few : many}`;
};

export const ru: CardTexts = {
  calling: {
    incoming: "📞 Входящий звонок",
    outgoing: "📞 Исходящий звонок",
    internal: "📞 Внутренний звонок",
    unknown: "📞 Звонок",
  },
  answered: {
    incoming: "✅Успешный входящий звонок",
    outgoing: "✅Успешный звонок",
    internal: "✅Успешный внутренний звонок",
    unknown: "✅Успешный звонок",
  },
  missed: {
    incoming: "❌ Пропущенный звонок",
    outgoing: "❌ Абонент не поднял трубку",
    internal: "❌ Внутренний звонок без ответа",
    unknown: "❌ Звонок без ответа",
  },
  cancelled: {
    incoming: "❌ Пропущенный звонок: клиент не дождался ответа",
    outgoing: "❌ Звонок отменён до ответа абонента",
    internal: "❌ Внутренний звонок отменён до ответа",
    unknown: "❌ Звонок отменён до ответа",
  },
  busy: {
    incoming: "❌ Пропущенный звонок: было занято",
    outgoing: "❌ Абонент занят",
    internal: "❌ Внутренний звонок: занято",
    unknown: "❌ Занято",
  },
  failed: {
    incoming: "❌ Пропущенный звонок: соединить не удалось",
    outgoing: "❌ Вызов не прошёл: неверный номер или сбой линии",
    internal: "❌ Внутренний звонок не прошёл",
    unknown: "❌ Вызов не прошёл",
  },
  unknownEnd: "❔ Чем закончился звонок, неизвестно",
  reached: { voicemail: "Ответила голосовая почта", menu: "Ответило голосовое меню" },
  ownPhoneSilent: "❌ Заказанный звонок не состоялся: трубку не сняли",
  closed: "⚠️ Звонок закрыт: АТС не сообщила о его завершении",
  hidden: "номер скрыт",
  somebody: "сотрудник",
  numbers: (count) => plural(count, "номер", "номера", "номеров"),
  customer: (name) => `Клиент: ${name}`,
  line: (name) => `Линия: ${name}`,
  lines: (names) => `Линия: ${names.join(" → ")}`,
  waited: (time) => `⏱${time} ожидания`,
  talked: (who) => `Разговор: ${who}`,
  unanswered: (who) => `Не ответили: ${who}`,
  rung: (who) => `Вызывали: ${who}`,
  nobodyRung: "До сотрудников звонок не дошёл",
  transfer: (from, to) => `🔀 Перевод: ${from} → ${to}`,
  transferring: (from, to) => `🔀 Перевод: ${from} → ${to}, идёт вызов`,
  untaken: (from, to) => `🔀 Перевод: ${from} → ${to}, не ответили`,
  button: "📊 Детали звонка",
};
