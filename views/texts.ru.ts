import type { CallStatus } from "../src/call/index.ts";
import type { Texts, Told } from "./texts.ts";

const list = (numbers: readonly string[]): string =>
  numbers.length < 2
    ? (numbers[0] ?? "")
    : `${numbers.slice(0, -1).join(", ")} и ${numbers.at(-1)}`;

const seconds = (ms: number): string => {
  const total = Math.floor(ms / 1000 + 0.5);
  if (total < 60) return `${total}\u00a0с`;
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = total % 60;
  return [
    hours > 0 ? `${hours}\u00a0ч` : "",
    minutes > 0 ? `${minutes}\u00a0мин` : "",
    rest > 0 ? `${rest}\u00a0с` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
};

const plural = (count: number, one: string, few: string, many: string): string => {
  const rest = Math.abs(count) % 100;
  const last = rest % 10;
  const word =
    last === 1 && rest !== 11
      ? one
      : last >= 2 && last <= 4 && (rest < 12 || rest > 14)
        ? few
        : many;
  return `${count} ${word}`;
};

const called = (told: Told): string =>
  told.rung.length === 0
    ? "до сотрудников звонок не дошёл"
    : `${told.rung.length === 1 ? "вызывали" : "вызывали сотрудников"} ${list(told.rung)}`;

const hungUp = (told: Told): string => {
  if (told.hungUpBy === undefined) return "";
  return told.hungUpBy === "outside"
    ? " Трубку положил клиент."
    : ` Трубку положил ${told.hungUpBy.number}.`;
};

const transferred = (told: Told): string =>
  told.transfers
    .map(({ from, to, completed }) =>
      completed ? `, ${from} перевёл на ${to}` : `, ${from} перевёл на ${to}, но там не ответили`,
    )
    .join("");

const talked = (told: Told): string => (told.talk === undefined ? "" : `, разговор ${told.talk}`);

const after = (told: Told): string => (told.wait === undefined ? "" : ` через ${told.wait}`);

/** Goes with every case of «клиент». */
const shown = (told: Told): string => told.phone ?? "со скрытым номером";

const incoming = (told: Told): string => {
  const client = `Клиент ${shown(told)}`;
  const missed = `Пропущенный звонок от клиента ${shown(told)}:`;
  const waited = told.wait === undefined ? "" : ` ждал ${told.wait},`;
  switch (told.status) {
    case "ringing":
      return told.rung.length === 0
        ? `${client} звонит.`
        : `${client} звонит, вызов идёт на ${list(told.rung)}.`;
    case "talking":
      return `${client} говорит с ${told.answered.at(-1) ?? "сотрудником"}${transferred(told)}.`;
    case "answered":
      return `${client} дозвонился: ответил ${told.answered[0] ?? "сотрудник"}${after(told)}${transferred(told)}${talked(told)}.${hungUp(told)}`;
    case "missed":
      return `${missed}${waited} никто не ответил, ${called(told)}.`;
    case "cancelled":
      return `${missed}${waited} положил трубку, не дождавшись ответа, ${called(told)}.`;
    case "busy":
      return `${missed} было занято, ${called(told)}.`;
    case "failed":
      return `${missed} соединения не получилось, ${called(told)}.`;
    case "unknown":
      return `${client} звонил, ${called(told)}; чем закончилось, неизвестно.`;
  }
};

const placed = (told: Told, from: string, to: string, partner: string): string => {
  const who = `${from} звонил ${to}`;
  switch (told.status) {
    case "ringing":
      return `${from} звонит ${to}.`;
    case "talking":
      return `${from} говорит с ${partner}${transferred(told)}.`;
    case "answered":
      return `${who}: ответ${after(told)}${transferred(told)}${talked(told)}.${hungUp(told)}`;
    case "missed":
      return `${who}: никто не ответил${told.wait === undefined ? "" : ` за ${told.wait}`}.`;
    case "cancelled":
      return `${who}: не дождался ответа и положил трубку${after(told)}.`;
    case "busy":
      return `${who}: занято.`;
    case "failed":
      return `${who}: вызов не прошёл, неверный номер или сбой линии.`;
    case "unknown":
      return `${who}; чем закончилось, неизвестно.`;
  }
};

const sentence = (told: Told): string => {
  if (told.direction === "incoming") return incoming(told);
  if (told.direction === "outgoing") {
    const from = told.caller === "" ? "Сотрудник" : told.caller;
    return placed(told, from, `клиенту ${shown(told)}`, `клиентом ${shown(told)}`);
  }
  if (told.direction === "internal") {
    const colleague = list(told.rung);
    return placed(told, told.phone ?? "Сотрудник", colleague || "коллеге", colleague || "коллегой");
  }
  return "Звонок, о котором известно слишком мало: кто кому звонил, по записям не понять.";
};

const STATUS: { readonly [status in CallStatus]: string } = {
  ringing: "Звонит",
  talking: "Идёт разговор",
  answered: "Отвечен",
  missed: "Пропущен",
  busy: "Занято",
  cancelled: "Не дождался",
  failed: "Не прошёл",
  unknown: "Неизвестно",
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
  startedAt: "Начало",
  enterprise: "Предприятие",
  line: "Линия",
  callId: "Идентификатор",
  participants: "Участники",
  namesMissing: "Часть имён не показана: сервис имён сейчас не отвечает.",
  role: { outside: "клиент", caller: "звонил", callee: "вызывали" },
  rang: "вызов",
  talked: "разговор",
  notTalked: "не говорил",
  drawing: {
    title: "Ход звонка",
    waiting: "ждёт",
    ringing: "вызов",
    talking: "разговор",
    bridge: "соединение",
    bridges: "Соединения АТС",
    marks: "Telegram и запросы",
    shortened: "Этот отрезок на рисунке сокращён",
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
    "status-differs": () => "АТС сообщила, что не ответили, но по записям разговор был.",
    salvaged: (count) =>
      `${plural(count, "событие пришло", "события пришли", "событий пришло")} с ошибкой в JSON: сохранено то, что удалось прочитать.`,
    recovered: (count) =>
      `${plural(count, "событие пришло", "события пришли", "событий пришло")} с опозданием, после перерыва связи.`,
    "clock-differs": (count) =>
      count > 0 ? `Часы АТС спешат на ${count} с.` : `Часы АТС отстают на ${-count} с.`,
    "unreadable-lines": (count) =>
      `${plural(count, "строку", "строки", "строк")} об этом звонке прочитать не удалось.`,
    "earlier-call-with-this-id": () => "Тот же идентификатор раньше был у другого звонка.",
  },
  recordsTitle: (count) => `Всё по порядку: ${plural(count, "запись", "записи", "записей")}`,
  recordWords: {
    start: (phone) => `Поступил звонок от ${phone}`,
    dial: (numbers) => (numbers === "" ? "Вызов" : `Вызов: ${numbers}`),
    bridge: (who) => `${who}: соединён`,
    bridge_create: "Создано соединение",
    bridge_leave: (who) => `${who}: вышел из разговора`,
    bridge_destroy: "Соединение закрыто",
    hangup: (cause) => (cause === "" ? "Трубка положена" : `Трубка положена (код ${cause})`),
    new_callerid: "Сменился номер звонящего",
    other: (event) => `Событие ${event}`,
    send: (chat) => `Telegram: отправлено в чат ${chat}`,
    edit: (chat) => `Telegram: изменено в чате ${chat}`,
    delete: (chat) => `Telegram: удалено из чата ${chat}`,
    fail: (chat) => `Telegram: не доставлено в чат ${chat}`,
    request: (status) => `Запрос имён, ответ ${status}`,
    sql: "Запись прежней версии",
  },
  raw: "исходная запись",
  zone: (name) => `Время: ${name}`,
  error: {
    400: {
      title: "Ссылка неполная",
      text: "Адрес страницы записан с ошибкой. Откройте ссылку из Telegram целиком.",
    },
    403: {
      title: "Нет доступа",
      text: "Ссылка устарела или неверна. Откройте звонок по кнопке из свежего сообщения.",
    },
    404: {
      title: "Звонок не найден",
      text: "Такого звонка нет или его записи уже удалены по сроку хранения.",
    },
    429: { title: "Слишком много попыток", text: "Подождите минуту и откройте ссылку ещё раз." },
    500: {
      title: "Ошибка сервиса",
      text: "Страницу не удалось собрать. Запись об ошибке есть в журнале сервиса.",
    },
    503: {
      title: "Сервис временно недоступен",
      text: "Справочник предприятий не отвечает. Попробуйте через минуту.",
    },
  },
};
