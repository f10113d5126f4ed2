// What became of a missed call, in Russian.

import type { FollowFacts, FollowTexts } from "../types/follow.ts";
import { plural } from "./words.ts";

const span = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}\u00a0с`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}\u00a0мин`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 24) return rest === 0 ? `${hours}\u00a0ч` : `${hours}\u00a0ч ${rest}\u00a0мин`;
  const [days, left] = [Math.floor(hours / 24), hours % 24];
  return left === 0 ? `${days}\u00a0дн.` : `${days}\u00a0дн. ${left}\u00a0ч`;
};

const times = (count: number): string => plural(count, "раз", "раза", "раз");

/** «через 0 с» says nothing. */
const after = ({ after: said }: FollowFacts): string =>
  said === undefined ? "" : said.startsWith("0") ? " сразу" : ` через ${said}`;

const talked = ({ talk }: FollowFacts): string => (talk === undefined ? "" : `, говорили ${talk}`);

export const ru: FollowTexts = {
  short: (facts) => {
    if (facts.underWayBy !== undefined) return `Перезванивает ${facts.underWayBy}`;
    switch (facts.state) {
      case "open":
        return "Не перезвонили";
      case "tried":
        return `Звонили ${times(facts.attempts)}`;
      case "returned":
        return `Перезвонили${after(facts)}`;
      case "reached":
        return `Дозвонился сам${after(facts)}`;
      case "expired":
        return "Так и не перезвонили";
    }
  },
  long: (facts) => {
    const { state, by, attempts, underWayBy } = facts;
    if (underWayBy !== undefined) return `Перезванивает ${underWayBy}`;
    switch (state) {
      case "open":
        return "Ещё не перезвонили";
      case "tried":
        return `Звонили ${times(attempts)}, не отвечает`;
      case "returned":
        return `Перезвонил(а) ${by ?? "сотрудник"}${after(facts)}${talked(facts)}`;
      case "reached":
        return `Дозвонился сам${after(facts)}${by === undefined ? "" : `, ответил(а) ${by}`}`;
      case "expired":
        return "Так и не перезвонили";
    }
  },
  repeats: (count, within) => `${count}-й раз за ${within}`,
  span,
  hidden: "Номер скрыт: перезвонить некуда",
  tooShort: "Звонивший сразу положил трубку: перезванивать не нужно",
  lost: "Клиент не дождался, пока его соединят",
  calledAgain: "Позже звонил снова",
  reminder: (count, passed) =>
    count === 1
      ? `Ещё не перезвонили, прошло ${passed}`
      : `Ещё не перезвонили ${plural(count, "клиенту", "клиентам", "клиентам")}`,
  more: (count) => `и ещё ${count}`,
  returns: "Ответ на пропущенный звонок",
  open: "открыть звонок",
  openMissed: "Не перезвонили",
  heading: "Перезвон",
};
