// What the operator reads, in Russian and English: what is the matter and what to do. Plain text as HTML.

import type { CardText } from "../cards/types.ts";
import { localStamp } from "../domain/zone-day.ts";
import type { News, Trouble } from "../watch/operator/index.ts";

export type OperatorLang = "ru" | "en";

export type TextMoment = { readonly lang: OperatorLang; readonly timeZone: string };

/** More than these of a kind are counted, not listed: a message holds 4096 characters. */
const MOST_LINES = 15;
const GIB = 1024 ** 3;

const timeOf = (ms: number, { lang, timeZone }: TextMoment): string => {
  const stamp = localStamp(ms, timeZone);
  const day = lang === "ru" ? `${stamp.slice(8, 10)}.${stamp.slice(5, 7)}` : stamp.slice(0, 10);
  return `${day} ${stamp.slice(11, 16)}`;
};

const roomOf = (bytes: number, lang: OperatorLang): string => {
  const [number, unit] =
    bytes >= GIB
      ? [(bytes / GIB).toFixed(1), ["ГБ", "GB"]]
      : [String(Math.round(bytes / 1024 ** 2)), ["МБ", "MB"]];
  return lang === "ru" ? `${number.replace(".", ",")} ${unit[0]}` : `${number} ${unit[1]}`;
};

const called = (enterprise: string, name: string | null): string =>
  name === null || name === "" ? enterprise : `${enterprise} (${name.slice(0, 80)})`;

const begunText = (trouble: Trouble, moment: TextMoment): string => {
  const isRussian = moment.lang === "ru";
  if (trouble.kind === "silent") {
    const who = called(trouble.enterprise, trouble.name);
    const since = timeOf(trouble.since, moment);
    return isRussian
      ? `🔇 От предприятия ${who} нет событий с ${since}, хотя обычно в это время они есть. Проверьте АТС и сеть до неё.`
      : `🔇 No events from enterprise ${who} since ${since}, though there usually are some at this time. Check its PBX and the network to it.`;
  }
  if (trouble.kind === "bot") {
    const { botId, enterprises } = trouble;
    const of = enterprises.slice(0, MOST_LINES).join(", ");
    return isRussian
      ? `🔑 Telegram больше не принимает токен бота ${botId} (${of}): карточки не приходят. Возьмите токен у @BotFather и задайте его: calllog enterprise set ${enterprises[0] ?? ""} --bot-token TOKEN`
      : `🔑 Telegram no longer takes the token of bot ${botId} (${of}): no cards arrive. Take a token from @BotFather and set it: calllog enterprise set ${enterprises[0] ?? ""} --bot-token TOKEN`;
  }
  const room = roomOf(trouble.freeBytes, moment.lang);
  const hours = Math.floor(trouble.hours ?? 0);
  const when = isRussian
    ? hours < 1
      ? "Диск с записями заполнен или вот-вот заполнится"
      : `Диск с записями заполнится примерно через ${hours} ч`
    : hours < 1
      ? "The disk with the records is full or about to be"
      : `The disk with the records will be full in about ${hours} h`;
  return isRussian
    ? `💽 ${when}: свободно ${room}. Освободите место: на полном диске события не принимаются.`
    : `💽 ${when}: ${room} free. Make room: no events are taken on a full disk.`;
};

const endedText = (trouble: Trouble, moment: TextMoment): string => {
  const isRussian = moment.lang === "ru";
  if (trouble.kind === "silent") {
    const who = called(trouble.enterprise, trouble.name);
    const since = timeOf(trouble.since, moment);
    return isRussian
      ? `✅ От предприятия ${who} снова идут события (не было с ${since}).`
      : `✅ Events come from enterprise ${who} again (there were none since ${since}).`;
  }
  if (trouble.kind === "bot") {
    return isRussian
      ? `✅ Бот ${trouble.botId} (${trouble.enterprises.slice(0, MOST_LINES).join(", ")}) снова работает.`
      : `✅ Bot ${trouble.botId} (${trouble.enterprises.slice(0, MOST_LINES).join(", ")}) works again.`;
  }
  return isRussian
    ? "✅ Места на диске с записями снова достаточно."
    : "✅ There is room on the disk with the records again.";
};

const limited = (lines: readonly string[], lang: OperatorLang): string[] => {
  const more = lines.length - MOST_LINES;
  if (more <= 0) return [...lines];
  return [...lines.slice(0, MOST_LINES), lang === "ru" ? `… и ещё ${more}` : `… and ${more} more`];
};

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** One message with everything that is new. */
export const newsText = ({ begun, ended }: News, moment: TextMoment): CardText => {
  const lines = [
    ...limited(
      begun.map((trouble) => begunText(trouble, moment)),
      moment.lang,
    ),
    ...limited(
      ended.map((trouble) => endedText(trouble, moment)),
      moment.lang,
    ),
  ];
  // Cut before it is escaped: entities count as what they stand for.
  const plain = ["calllog", ...lines].join("\n").slice(0, 4000);
  return { plain, html: escaped(plain) };
};
