// A call in one Russian sentence. A name stands in brackets behind its number: then verbs agree with the number, and no
// guess about a person's sex is needed.

import type { SentenceFacts } from "../types/page.ts";
import { list, plural } from "./words.ts";

/** More rung numbers than this are counted: the participants stand below the sentence. */
const MAX_LISTED = 4;

/** Whom the call rang at, in the accusative. */
const rung = (told: SentenceFacts): string =>
  told.rung.length > MAX_LISTED
    ? plural(told.rung.length, "сотрудника", "сотрудников", "сотрудников")
    : list(told.rung);

const REACHED = {
  voicemail: "ответила голосовая почта",
  menu: "ответило голосовое меню",
};

const called = (told: SentenceFacts): string => {
  const reached = told.reached === undefined ? "" : `, ${REACHED[told.reached]}`;
  return told.rung.length === 0
    ? `до сотрудников звонок не дошёл${reached}`
    : `вызывали ${rung(told)}${reached}`;
};

const hungUp = ({ hungUpBy }: SentenceFacts): string => {
  if (hungUpBy === undefined) return "";
  if (hungUpBy === "pbx") return "; АТС завершила звонок";
  return `; трубку положил ${hungUpBy === "outside" ? "клиент" : hungUpBy.number}`;
};

/** What followed the talk, each part with its own comma or semicolon before it. */
const afterwards = (told: SentenceFacts): string => {
  const untaken = told.transfers
    .filter(({ completed }) => !completed)
    .map(({ from, to }) => `; перевод от ${from} на ${to} никто не принял`);
  return `${untaken.join("")}${hungUp(told)}.`;
};

const taken = (told: SentenceFacts) => told.transfers.filter(({ completed }) => completed);

/** Goes behind whoever has the call now. */
const afterTransfers = (told: SentenceFacts): string => {
  const from = [...new Set(taken(told).map((transfer) => transfer.from))];
  if (from.length === 0) return "";
  return from.length === 1 ? ` после перевода от ${from[0]}` : ` после переводов от ${list(from)}`;
};

/** Goes with every case of «клиент». */
const shown = (told: SentenceFacts): string => told.phone ?? "со скрытым номером";

const waited = (told: SentenceFacts, word: string): string =>
  told.wait === undefined ? "" : `, ${word} ${told.wait}`;

const incoming = (told: SentenceFacts): string => {
  const client = `Клиент ${shown(told)}`;
  switch (told.status) {
    case "ringing":
      return told.rung.length === 0
        ? `${client} звонит.`
        : `${client} звонит, вызываем ${rung(told)}.`;
    case "talking":
      return `${client} говорит с ${told.answered.at(-1) ?? "сотрудником"}${afterTransfers(told)}${waited(told, "ждал")}.`;
    case "answered": {
      const talked = told.talk === undefined ? "дозвонился" : `говорил ${told.talk}`;
      const isMoved = taken(told).length > 0;
      const who = isMoved ? (told.answered.at(-1) ?? "") : list(told.answered);
      const verb = told.answered.length > 1 && !isMoved ? "ответили" : "ответил";
      return `${client} ${talked}, ${verb} ${who || "сотрудник"}${afterTransfers(told)}${waited(told, "ждал")}${afterwards(told)}`;
    }
    case "missed":
      return told.wait === undefined
        ? `${client} звонил, никто не ответил; ${called(told)}.`
        : `${client} ждал ${told.wait}, никто не ответил; ${called(told)}.`;
    case "cancelled":
      return told.wait === undefined
        ? `${client} положил трубку, не дождавшись ответа; ${called(told)}.`
        : `${client} ждал ${told.wait} и положил трубку, не дождавшись ответа; ${called(told)}.`;
    case "busy":
      return `${client} не дозвонился: было занято; ${called(told)}.`;
    case "failed":
      return `${client} не дозвонился: соединить не удалось; ${called(told)}.`;
    case "unknown":
    case "service":
      return `${client} звонил, ${called(told)}; чем закончился звонок, неизвестно.`;
  }
};

/** Goes before how long they talked, where a colleague out of several picked up. */
const oneOfMany = ({ direction, rung, answered }: SentenceFacts): string =>
  direction === "internal" && rung.length > 1 && answered.length > 0
    ? `${answered.length > 1 ? "ответили" : "ответил"} ${list(answered)}, `
    : "";

const placed = (told: SentenceFacts, from: string, to: string, partner: string): string => {
  const who = `${from} звонил ${to}`;
  switch (told.status) {
    case "ringing":
      return `${from} звонит ${to}.`;
    case "talking":
      return `${from} говорит с ${partner}${waited(told, "ответа ждал")}.`;
    case "answered": {
      const talked = told.talk === undefined ? "дозвонился" : `разговор ${told.talk}`;
      const moved = taken(told).map((transfer) => transfer.to);
      const transferred = moved.length === 0 ? "" : `, звонок переведён на ${list(moved)}`;
      return `${who}: ${oneOfMany(told)}${talked}${waited(told, "ответа ждал")}${transferred}${afterwards(told)}`;
    }
    case "missed":
      return told.wait === undefined
        ? `${who}: ответа не было.`
        : `${who}: ${told.wait} без ответа.`;
    case "cancelled":
      return told.wait === undefined
        ? `${who} и положил трубку, не дождавшись ответа.`
        : `${who}: через ${told.wait} положил трубку, не дождавшись ответа.`;
    case "busy":
      return `${who}: занято.`;
    case "failed":
      return `${who}: вызов не прошёл, неверный номер или сбой линии.`;
    case "service":
      return `${from} набрал ${told.dialled ?? "служебный номер"}: ответила сама АТС, никому не звонили.`;
    case "unknown":
      return `${who}; чем закончился звонок, неизвестно.`;
  }
};

/** Placed by click: the PBX rings the own phone first, and nobody else before that is taken up. */
const ownPhoneSilent = (told: SentenceFacts): string => {
  const isInternal = told.direction === "internal";
  const from = (isInternal ? told.phone : told.caller) || "Сотрудник";
  const to = isInternal ? list(told.rung) : told.phone && `клиенту ${told.phone}`;
  return `${from} заказал звонок${to ? ` ${to}` : ""}, но свою трубку не снял: дальше вызов не пошёл.`;
};

export const sentence = (told: SentenceFacts): string => {
  if (told.direction === "incoming") return incoming(told);
  if (told.isOwnPhoneSilent) return ownPhoneSilent(told);
  if (told.direction === "outgoing") {
    const from = told.caller === "" ? "Сотрудник" : told.caller;
    // After a transfer somebody else talks.
    const speaks =
      told.status === "talking" && taken(told).length > 0 ? told.answered.at(-1) : from;
    return placed(told, speaks ?? from, `клиенту ${shown(told)}`, `клиентом ${shown(told)}`);
  }
  if (told.direction === "internal") {
    const many = told.rung.length;
    const colleagues =
      many > MAX_LISTED
        ? plural(many, "сотруднику", "сотрудникам", "сотрудникам")
        : list(told.rung);
    const partner = told.answered.at(-1) ?? (many === 1 ? colleagues : "");
    return placed(told, told.phone ?? "Сотрудник", colleagues || "коллеге", partner || "коллегой");
  }
  return "Звонок, о котором известно слишком мало: кто кому звонил, по записям не понять.";
};
