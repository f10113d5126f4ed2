// The Russian catalogue.

import type { CallStatus } from "../../call/index.ts";
import type { TgAction } from "../../domain/record.ts";
import type { Texts } from "../types/page.ts";
import { sentence } from "./sentence.ts";
import { plural, seconds } from "./words.ts";

const STATUS: { readonly [status in CallStatus]: string } = {
  ringing: "Звонит",
  talking: "Идёт разговор",
  answered: "Отвечен",
  missed: "Пропущен",
  busy: "Занято",
  cancelled: "Не дождался",
  failed: "Не прошёл",
  unknown: "Неизвестно",
  service: "Служебный",
};

/** Cards by what the chat is told, as the files name them. */
const CARD: { readonly [kind: string]: string } = {
  start: "входящий",
  dial: "вызов",
  bridge: "разговор",
  hangup: "итог",
  digest: "итоги дня",
  reminder: "напоминание",
};
const card = (kind: string): string => `«${CARD[kind] ?? kind}»`;
const ACTION: { readonly [action in TgAction]: string } = {
  send: "отправлена",
  edit: "изменена",
  delete: "удалена",
  fail: "не доставлена",
};

const WHERE: { readonly [action in TgAction]: string } = {
  send: "в чат",
  edit: "в чате",
  delete: "из чата",
  fail: "в чат",
};

/** Hangup causes of Q.850 that a reader may wonder about. */
const CAUSE: { readonly [code: string]: string } = {
  "1": "такого номера нет",
  "16": "обычное завершение",
  "17": "занято",
  "18": "телефон не отвечает",
  "19": "не взяли трубку",
  "20": "телефон не в сети",
  "21": "вызов отклонён",
  "26": "ответили на другом телефоне",
  "27": "телефон недоступен",
  "28": "неверный номер",
  "31": "обычное завершение",
  "34": "нет свободных линий",
  "38": "сбой сети",
  "41": "временный сбой",
  "58": "нет общего кодека",
  "127": "вызов отменён",
};

export const ru: Texts = {
  pageTitle: (phone) => (phone === undefined ? "Звонок со скрытого номера" : `Звонок ${phone}`),
  sentence,
  status: (status, direction) => {
    if (direction !== "incoming" && status === "missed") return "Без ответа";
    if (direction !== "incoming" && status === "cancelled") return "Отменён";
    return STATUS[status];
  },
  direction: {
    incoming: "Входящий",
    outgoing: "Исходящий",
    internal: "Внутренний",
    unknown: "Звонок",
  },
  seconds,
  hidden: "номер скрыт",
  demoEnterprise: "Пробное предприятие",
  wait: "Ожидание",
  talk: "Разговор",
  total: "Всего",
  result: "Итог",
  hungUpBy: (who) => `трубку положил ${who}`,
  hungUpByPbx: "АТС завершила звонок",
  customer: "клиент",
  startedAt: "Начало",
  enterprise: "Предприятие",
  line: "Линия",
  callId: "Идентификатор",
  participants: "Участники",
  namesMissing: "Часть имён не показана: сервис имён сейчас не отвечает.",
  role: { outside: "клиент", caller: "звонил", callee: "вызывали" },
  rang: "вызывали",
  talked: "разговор",
  held: "удержание",
  notTalked: "без разговора",
  transferFrom: (numbers) => `перевод от ${numbers}`,
  transferUntaken: "перевод не принят",
  drawing: {
    title: "Ход звонка",
    waiting: "ждёт",
    ringing: "вызов",
    talking: "разговор",
    holding: "удержание",
    bridge: "соединение",
    bridges: "Соединения АТС",
    telegram: "Telegram",
    requests: "Запросы",
    request: (status) => `запрос, ответ ${status}`,
    failed: "не удалось",
    shortened: "долгий отрезок сокращён",
  },
  doubtsTitle: "На что обратить внимание",
  doubt: {
    "no-hangup": () => "Завершение звонка не записано: когда он закончился, неизвестно.",
    "no-start": () => "Начало звонка не записано: он мог начаться раньше.",
    "no-bridge": () => "АТС сообщила, что на звонок ответили, но само соединение не записано.",
    "no-enter": (count) =>
      `${plural(count, "участник вышел", "участника вышли", "участников вышли")} из разговора, хотя вход не записан.`,
    "no-leave": (count) =>
      `Для ${plural(count, "участника", "участников", "участников")} не записан выход из разговора: он посчитан до конца звонка.`,
    "status-differs": () => "АТС сообщила, что на звонок не ответили, но по записям разговор был.",
    "talk-differs": (count) =>
      `Время разговора по данным АТС отличается от посчитанного здесь на ${plural(count, "секунду", "секунды", "секунд")}.`,
    salvaged: (count) =>
      `${plural(count, "событие пришло", "события пришли", "событий пришло")} с ошибкой в JSON: сохранено то, что удалось прочитать.`,
    recovered: (count) =>
      `${plural(count, "событие пришло", "события пришли", "событий пришло")} с опозданием, после перерыва связи.`,
    imported: () => "Звонок взят из истории самой АТС: подробностей в ней меньше.",
    gap: (count) =>
      `${plural(count, "секунду", "секунды", "секунд")} не было связи с АТС: что происходило в это время, неизвестно.`,
    "clock-differs": (count) =>
      count > 0 ? `Часы АТС спешат на ${count} с.` : `Часы АТС отстают на ${-count} с.`,
    "unreadable-lines": (count) =>
      `${plural(count, "строку", "строки", "строк")} об этом звонке прочитать не удалось.`,
    "too-many-records": () =>
      "Связанных записей больше, чем бывает у одного звонка, часть не показана: не ставит ли АТС всем звонкам один Linkedid или bridge?",
    "earlier-call-with-this-id": () => "Тот же идентификатор раньше был у другого звонка.",
  },
  recordsTitle: (count) => `Всё по порядку: ${plural(count, "запись", "записи", "записей")}`,
  show: {
    title: "Какие записи показать",
    all: "Все",
    events: "События",
    telegram: "Telegram",
    requests: "Запросы",
  },
  recordWords: {
    start: (phone) => `Поступил звонок: ${phone}`,
    dial: (numbers, line) =>
      `${numbers === "" ? "Вызов" : `Вызов: ${numbers}`}${line === "" ? "" : ` · линия ${line}`}`,
    bridge: (who) => `В разговор вошёл ${who}`,
    bridge_create: "Создано соединение",
    bridge_leave: (who) => `Из разговора вышел ${who}`,
    bridge_destroy: "Соединение закрыто",
    hold: (who) => `Разговор поставил на удержание ${who}`,
    unhold: (who) => `С удержания разговор снял ${who}`,
    hangup: (who, cause) =>
      [
        who === "" ? "Завершение" : `Завершение: ${who}`,
        CAUSE[cause] ?? "",
        cause === "" ? "" : `код ${cause}`,
      ]
        .filter((part) => part !== "")
        .join(" · "),
    new_callerid: "Сменился номер звонящего",
    other: (event) => `Событие ${event}`,
    salvaged: "тело пришло с ошибкой, показано прочитанное",
    card: (action, chat, kind) =>
      `Карточка ${card(kind)} ${ACTION[action]} ${WHERE[action]} ${chat}`,
    request: (what, status) => `Запрос ${what}: ${status}`,
    noAnswer: "ответа не было",
    sql: "Запись прежней версии",
  },
  delivery: {
    title: "Доставка в Telegram",
    chat: (id) => `чат ${id}`,
    state: {
      final: "Итоговая карточка доставлена",
      current: "Карточка доставлена",
      outdated: "Итоговой карточки нет, осталась прежняя",
      failed: "Не доставлено",
      removed: "Карточек в чате не осталось",
    },
    action: (action, kind) => `${ACTION[action]} ${card(kind)}`,
    after: (delay) => `через ${delay}`,
    hint: "«Через» – сколько прошло после события АТС.",
  },
  requests: {
    title: "Запросы к другим программам",
    exchange: "запрос и ответ",
    sent: "Запрос",
    received: "Ответ",
  },
  zone: (name) => `Время: ${name}`,
  error: {
    400: {
      title: "Ссылка неполная",
      text: "Адрес страницы записан с ошибкой. Откройте ссылку из Telegram целиком.",
    },
    403: {
      title: "Нет доступа",
      text: "Ссылка устарела или неверна. Откройте звонок по кнопке из свежего сообщения или попросите новую ссылку.",
    },
    404: {
      title: "Звонок не найден",
      text: "Такого звонка нет, или его записи уже удалены по сроку хранения. Проверьте адрес.",
    },
    noPage: { title: "Страница не найдена", text: "По этому адресу ничего нет. Проверьте его." },
    noRecording: {
      title: "Запись не найдена",
      text: "У звонка нет такой записи разговора или её файл уже удалён.",
    },
    429: { title: "Слишком много попыток", text: "Подождите минуту и откройте ссылку ещё раз." },
    500: {
      title: "Ошибка сервиса",
      text: "Страницу не удалось собрать. Запись об ошибке есть в журнале сервиса.",
    },
    archive: {
      title: "Архив временно недоступен",
      text: "Этот день хранится в архиве, а архив сейчас не отвечает. Записи целы: попробуйте через минуту.",
    },
    503: {
      title: "Сервис временно недоступен",
      text: "Справочник предприятий не отвечает. Попробуйте через минуту.",
    },
  },
};
