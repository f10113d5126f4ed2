// A call in one English sentence; the Russian one says the same (sentence.ru.ts).

import type { SentenceFacts } from "../types/page.ts";
import { list } from "./words.ts";

/** More rung numbers than this are counted: the participants stand below the sentence. */
const MAX_LISTED = 4;

const rung = (told: SentenceFacts): string =>
  told.rung.length > MAX_LISTED ? `${told.rung.length} phones` : list(told.rung);

const REACHED = { voicemail: "voicemail answered", menu: "a voice menu answered" };

const rang = (told: SentenceFacts): string => {
  const reached = told.reached === undefined ? "" : `, ${REACHED[told.reached]}`;
  return told.rung.length === 0 ? `nobody was rung${reached}` : `${rung(told)} rang${reached}`;
};

const hungUp = ({ hungUpBy }: SentenceFacts): string => {
  if (hungUpBy === undefined) return "";
  if (hungUpBy === "pbx") return "; the PBX ended the call";
  return `; ${hungUpBy === "outside" ? "the customer" : hungUpBy.number} hung up`;
};

/** What followed the talk, each part with its own semicolon before it. */
const afterwards = (told: SentenceFacts): string => {
  const untaken = told.transfers
    .filter(({ completed }) => !completed)
    .map(({ from, to }) => `; nobody took the transfer from ${from} to ${to}`);
  return `${untaken.join("")}${hungUp(told)}.`;
};

const taken = (told: SentenceFacts) => told.transfers.filter(({ completed }) => completed);

/** Goes behind whoever has the call now. */
const afterTransfers = (told: SentenceFacts): string => {
  const from = [...new Set(taken(told).map((transfer) => transfer.from))];
  if (from.length === 0) return "";
  return from.length === 1
    ? ` after a transfer from ${from[0]}`
    : ` after transfers from ${list(from)}`;
};

const shown = (told: SentenceFacts): string => told.phone ?? "with a withheld number";

const waited = (told: SentenceFacts): string =>
  told.wait === undefined ? "" : `, the wait was ${told.wait}`;

const incoming = (told: SentenceFacts): string => {
  const client = `Customer ${shown(told)}`;
  switch (told.status) {
    case "ringing":
      return told.rung.length === 0
        ? `${client} is calling.`
        : `${client} is calling, ringing ${rung(told)}.`;
    case "talking":
      return `${client} is talking with ${told.answered.at(-1) ?? "us"}${afterTransfers(told)}${waited(told)}.`;
    case "answered": {
      const talked = told.talk === undefined ? "got through" : `talked for ${told.talk}`;
      const who = taken(told).length > 0 ? (told.answered.at(-1) ?? "") : list(told.answered);
      return `${client} ${talked}, ${who || "somebody"} answered${afterTransfers(told)}${waited(told)}${afterwards(told)}`;
    }
    case "missed":
      return told.wait === undefined
        ? `${client} called and nobody answered; ${rang(told)}.`
        : `${client} waited ${told.wait} and nobody answered; ${rang(told)}.`;
    case "cancelled":
      return told.wait === undefined
        ? `${client} hung up before anybody answered; ${rang(told)}.`
        : `${client} waited ${told.wait} and hung up before anybody answered; ${rang(told)}.`;
    case "busy":
      return `${client} did not get through: busy; ${rang(told)}.`;
    case "failed":
      return `${client} did not get through: no connection could be made; ${rang(told)}.`;
    case "unknown":
    case "service":
      return `${client} called, ${rang(told)}; how the call ended is not known.`;
  }
};

/** Goes before how long they talked, where a colleague out of several picked up. */
const oneOfMany = ({ direction, rung, answered }: SentenceFacts): string =>
  direction === "internal" && rung.length > 1 && answered.length > 0
    ? `${list(answered)} answered, `
    : "";

const placed = (told: SentenceFacts, from: string, to: string, partner = to): string => {
  const who = `${from} called ${to}`;
  switch (told.status) {
    case "ringing":
      return `${from} is calling ${to}.`;
    case "talking":
      return `${from} is talking with ${partner}${waited(told)}.`;
    case "answered": {
      const talked = told.talk === undefined ? "got through" : `talked for ${told.talk}`;
      const moved = taken(told).map((transfer) => transfer.to);
      const transferred = moved.length === 0 ? "" : `, transferred to ${list(moved)}`;
      return `${who}: ${oneOfMany(told)}${talked}${waited(told)}${transferred}${afterwards(told)}`;
    }
    case "missed":
      return `${who}: no answer${told.wait === undefined ? "" : ` in ${told.wait}`}.`;
    case "cancelled":
      return told.wait === undefined
        ? `${who} and hung up before an answer.`
        : `${who}: hung up after ${told.wait} without an answer.`;
    case "busy":
      return `${who}: busy.`;
    case "failed":
      return `${who}: the call did not go through, a wrong number or a fault of the line.`;
    case "service":
      return `${from} dialled ${told.dialled ?? "a service"}: the PBX itself answered, nobody was called.`;
    case "unknown":
      return `${who}; how the call ended is not known.`;
  }
};

/** Placed by click: the PBX rings the own phone first, and nobody else before that is taken up. */
const ownPhoneSilent = (told: SentenceFacts): string => {
  const isInternal = told.direction === "internal";
  const from = (isInternal ? told.phone : told.caller) || "Somebody";
  const to = isInternal ? list(told.rung) : told.phone && `customer ${told.phone}`;
  return `${from} asked for a call${to ? ` to ${to}` : ""} but did not pick up the own phone: it went no further.`;
};

export const sentence = (told: SentenceFacts): string => {
  if (told.direction === "incoming") return incoming(told);
  if (told.isOwnPhoneSilent) return ownPhoneSilent(told);
  if (told.direction === "outgoing") {
    const from = told.caller === "" ? "We" : told.caller;
    // After a transfer somebody else talks.
    const speaks =
      told.status === "talking" && taken(told).length > 0 ? told.answered.at(-1) : from;
    return placed(told, speaks ?? from, `customer ${shown(told)}`);
  }
  if (told.direction === "internal") {
    const colleagues = rung(told) || "a colleague";
    const partner = told.answered.at(-1) ?? (told.rung.length === 1 ? colleagues : "a colleague");
    return placed(told, told.phone ?? "Somebody", colleagues, partner);
  }
  return "A call of which too little is known: the records do not tell who called whom.";
};
