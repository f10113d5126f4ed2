// The words of the list of calls, in each language; what it shares with the page of a call is in texts.ts.

import type { FilterName, ResultFilter } from "../pages/index.ts";
import type { Lang } from "./page.ts";

export type ListTexts = {
  /** `name` is the enterprise's. */
  readonly title: (name: string) => string;
  readonly callsOf: (day: string) => string;
  readonly recent: string;
  readonly found: string;
  readonly today: string;
  readonly yesterday: string;
  readonly dayBefore: string;
  readonly dayAfter: string;
  readonly sums: {
    readonly calls: string;
    readonly incoming: string;
    readonly outgoing: string;
    readonly internal: string;
    readonly answered: string;
    readonly missed: string;
    readonly meanWait: string;
    readonly talk: string;
  };
  readonly chart: {
    readonly title: (day: string) => string;
    readonly answered: string;
    readonly unanswered: string;
    readonly hour: (from: string, answered: number, unanswered: number) => string;
    readonly none: string;
    readonly table: string;
    readonly hourHeading: string;
  };
  readonly field: { readonly [name in FilterName]: string };
  readonly placeholder: { readonly number: string; readonly ext: string };
  readonly anyValue: string;
  readonly result: { readonly [result in ResultFilter]: string };
  readonly search: string;
  readonly reset: string;
  readonly wrong: { readonly [name in FilterName]: string };
  readonly wrongAddress: string;
  readonly column: {
    readonly time: string;
    readonly call: string;
    readonly staff: string;
    readonly wait: string;
    readonly talk: string;
    readonly result: string;
  };
  readonly open: string;
  readonly rung: (numbers: string) => string;
  readonly andMore: (count: number) => string;
  readonly transferred: string;
  /** Before a duration, on narrow screens. */
  readonly waited: string;
  readonly talked: string;
  /** Shorter than the status of the call page. */
  readonly talking: string;
  readonly none: string;
  readonly noneYet: string;
  readonly older: string;
  readonly newest: string;
  readonly incomplete: string;
  readonly reload: string;
  readonly download: string;
  readonly downloadHint: string;
};

const ru: ListTexts = {
  title: (name) => `Звонки: ${name}`,
  callsOf: (day) => `Звонки: ${day}`,
  recent: "Последние звонки",
  found: "Найденные звонки",
  today: "Сегодня",
  yesterday: "Вчера",
  dayBefore: "Предыдущий день",
  dayAfter: "Следующий день",
  sums: {
    calls: "Звонков",
    incoming: "Входящих",
    outgoing: "Исходящих",
    internal: "Внутренних",
    answered: "Отвечено",
    missed: "Пропущено",
    meanWait: "Ср. ожидание",
    talk: "Разговоры",
  },
  chart: {
    title: (day) => `Звонки по часам, ${day}`,
    answered: "отвечено",
    unanswered: "без ответа",
    hour: (from, answered, unanswered) => `${from}: отвечено ${answered}, без ответа ${unanswered}`,
    none: "В этот день звонков не было.",
    table: "По часам, в цифрах",
    hourHeading: "Час",
  },
  field: {
    number: "Номер",
    ext: "Сотрудник",
    result: "Результат",
    direction: "Направление",
    day: "День",
  },
  placeholder: { number: "часть номера", ext: "добавочный" },
  anyValue: "Все",
  result: {
    answered: "Отвеченные",
    unanswered: "Все без ответа",
    missed: "Никто не ответил",
    cancelled: "Не дождались",
    busy: "Занято",
    failed: "Не прошли",
    live: "Идут сейчас",
    unknown: "Неизвестно",
  },
  search: "Найти",
  reset: "Сбросить",
  wrong: {
    number: "Номер: нужна хотя бы одна цифра, всего не больше 32 знаков.",
    ext: "Сотрудник: нужен добавочный целиком, например 151.",
    result: "Результат: выберите из списка.",
    direction: "Направление: выберите из списка.",
    day: "День: нужна дата, например 2026-11-22.",
  },
  wrongAddress: "Адрес страницы записан с ошибкой. Начните с последних звонков.",
  column: {
    time: "Время",
    call: "Звонок",
    staff: "Сотрудник",
    wait: "Ожидание",
    talk: "Разговор",
    result: "Результат",
  },
  open: "открыть звонок",
  rung: (numbers) => `вызывали ${numbers}`,
  andMore: (count) => `и ещё ${count}`,
  transferred: "переведён",
  waited: "ждал",
  talked: "разговор",
  talking: "Разговор",
  none: "Таких звонков нет.",
  noneYet: "Звонков пока нет. Они появятся здесь, как только АТС о них сообщит.",
  older: "Более ранние",
  newest: "К последним звонкам",
  incomplete: "Более ранние дни ещё читаются, часть звонков может не показываться.",
  reload: "Обновить",
  download: "Скачать CSV",
  downloadHint: "для Excel, не больше 50 000 звонков",
};

const en: ListTexts = {
  title: (name) => `Calls: ${name}`,
  callsOf: (day) => `Calls of ${day}`,
  recent: "Recent calls",
  found: "Calls found",
  today: "Today",
  yesterday: "Yesterday",
  dayBefore: "Previous day",
  dayAfter: "Next day",
  sums: {
    calls: "Calls",
    incoming: "Incoming",
    outgoing: "Outgoing",
    internal: "Internal",
    answered: "Answered",
    missed: "Missed",
    meanWait: "Mean wait",
    talk: "Talk",
  },
  chart: {
    title: (day) => `Calls an hour, ${day}`,
    answered: "answered",
    unanswered: "unanswered",
    hour: (from, answered, unanswered) => `${from}: ${answered} answered, ${unanswered} unanswered`,
    none: "There were no calls on this day.",
    table: "By hour, in numbers",
    hourHeading: "Hour",
  },
  field: {
    number: "Number",
    ext: "Staff",
    result: "Result",
    direction: "Direction",
    day: "Day",
  },
  placeholder: { number: "part of a number", ext: "extension" },
  anyValue: "All",
  result: {
    answered: "Answered",
    unanswered: "All unanswered",
    missed: "Nobody answered",
    cancelled: "Gave up",
    busy: "Busy",
    failed: "Failed",
    live: "Under way",
    unknown: "Unknown",
  },
  search: "Search",
  reset: "Reset",
  wrong: {
    number: "Number: a digit or more is needed, 32 characters at most.",
    ext: "Staff: a whole extension is needed, such as 151.",
    result: "Result: choose one of the list.",
    direction: "Direction: choose one of the list.",
    day: "Day: a date is needed, such as 2026-11-22.",
  },
  wrongAddress: "The address of this page is malformed. Begin with the recent calls.",
  column: {
    time: "Time",
    call: "Call",
    staff: "Staff",
    wait: "Wait",
    talk: "Talk",
    result: "Result",
  },
  open: "open the call",
  rung: (numbers) => `rang ${numbers}`,
  andMore: (count) => `and ${count} more`,
  transferred: "transferred",
  waited: "waited",
  talked: "talked",
  talking: "Talking",
  none: "There are no such calls.",
  noneYet: "No calls yet. They appear here as soon as the PBX reports them.",
  older: "Earlier calls",
  newest: "To the latest calls",
  incomplete: "Earlier days are still being read: some calls may not be shown yet.",
  reload: "Reload",
  download: "Download CSV",
  downloadHint: "for spreadsheets, at most 50,000 calls",
};

export const listTextsOf = (lang: Lang): ListTexts => (lang === "ru" ? ru : en);
