// Refused and broken events and the checks, in Russian.

import type { ConsoleFaultsTexts } from "../types/console-faults.ts";

export const ru: ConsoleFaultsTexts = {
  title: (enterprise) => `Отказы и битые события: ${enterprise}`,
  open: "Отказы и битые события",
  refusals: "Отклонённые события",
  refusalsText: (days) => `За последние ${days} дня. Отклонённое событие не записано.`,
  noRefusals: "Ни одно событие не отклонено.",
  unknownTitle: "Отклонённые события неизвестно чьи",
  unknownText: (days) =>
    `За последние ${days} дня: токен не подошёл ни одному предприятию, или его не удалось прочесть.`,
  reason: {
    unknown_token: "токен неизвестен, или предприятие выключено",
    ambiguous_token: "токены нескольких предприятий",
    compressed: "тело запроса сжато",
    timeout: "тело запроса не пришло вовремя",
    too_large: "тело запроса слишком велико",
    bad_body: "тело запроса не читается",
    missing_token: "нет токена",
    bad_unique_id: "нет UniqueId, или он недопустим",
    bad_event_id: "недопустимый EventId",
  },
  columns: {
    reason: "Причина",
    event: "Событие",
    from: "Откуда",
    count: "Сколько раз",
    last: "В последний раз",
  },
  others: "разные адреса",
  salvaged: "Битые события",
  salvagedText: (days) =>
    `За последние ${days} дня: АТС прислала неправильный JSON, записано то, что удалось прочесть. Чаще всего в dialplan не экранированы кавычки.`,
  noSalvaged: "Битых событий нет.",
  time: "Время",
  event: "Событие",
  received: "Что пришло",
  call: "Звонок",
  more: "Показано не всё.",
  checks: "Проверки",
  checksText: "Быстрые проверки этого сервера.",
  allChecksText: "Все проверки, как у calllog doctor.",
  runAll: "Проверить всё: сеть, ботов и чаты (до минуты)",
  wrong: (count) => `Неисправностей: ${count}`,
  notes: (count) => `Замечаний: ${count}`,
  nothingWrong: "Всё в порядке",
  good: (count) => `В порядке: ${count}`,
  level: { ok: "в порядке", note: "замечание", wrong: "неисправно" },
};
