// The day in a message, in Russian.

import type { DigestSums, DigestTexts } from "../types/digest.ts";
import { plural, seconds } from "./words.ts";

const format = (day: string, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat("ru-RU", { ...options, timeZone: "UTC" }).format(
    Date.parse(`${day}T12:00:00Z`),
  );
const monthDay = { day: "numeric", month: "long" } as const;

const sumsOf = ({ incoming, answered, missed, outgoing }: DigestSums): string =>
  `входящих ${incoming}, отвечено ${answered}, пропущено ${missed}, исходящих ${outgoing}`;

/** `16–22 ноября`, `28 ноября – 4 декабря`. */
const span = (from: string, to: string): string =>
  from.slice(0, 7) === to.slice(0, 7)
    ? `${Number(from.slice(8))}–${format(to, monthDay)}`
    : `${format(from, monthDay)} – ${format(to, monthDay)}`;

export const ru: DigestTexts = {
  title: (name, day, until) => {
    const said = format(day, { ...monthDay, weekday: "long" });
    return `${name}: ${said}${until === undefined ? "" : `, до ${until}`}`;
  },
  incoming: ({ incoming, answered, missed }) =>
    `Входящих ${incoming}: отвечено ${answered}, пропущено ${missed}`,
  outgoing: (count) => `Исходящих ${count}`,
  noCalls: "Звонков не было",
  waiting: (count, earlier) => {
    const who = `Не перезвонили ${count === 1 ? "одному клиенту" : plural(count, "клиенту", "клиентам", "клиентам")}`;
    if (earlier === 0) return `${who}:`;
    if (earlier === count) return `${who} с прошлых дней:`;
    return `${who}, из них ${earlier} с прошлых дней:`;
  },
  more: (count) => `и ещё ${count}`,
  nobodyWaits: "Никто не ждёт, чтобы ему перезвонили",
  meanWait: (wait) => `Ответа ждали в среднем ${wait}`,
  busiest: (from, to, calls) =>
    `Больше всего звонков с ${from} до ${to}: ${plural(calls, "звонок", "звонка", "звонков")}`,
  weekAgo: (sums, isWhole) => `Неделю назад${isWhole ? "" : " к этому часу"}: ${sumsOf(sums)}`,
  week: (sums, from, to) => `Прошлая неделя, ${span(from, to)}: ${sumsOf(sums)}`,
  seconds,
  button: "📋 Звонки этого дня",
};
