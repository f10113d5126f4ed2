// The message to the operator with everything that is new, in plain text.

import type { CardText } from "../../cards/index.ts";
import type { Lang } from "../../domain/lang.ts";
import { localStamp } from "../../domain/zone-day.ts";
import { type OperatorTexts, operatorTextsOf } from "../../texts/index.ts";
import type { News, Trouble } from "./news.ts";

export type Reader = { readonly lang: Lang; readonly timeZone: string };

/** More than these of a kind are counted, not listed: a message holds 4096 characters. */
const MOST_LINES = 15;
/** Characters of a message; the rest is cut. */
const MOST_CHARACTERS = 4000;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

const roomOf = (bytes: number, texts: OperatorTexts): string =>
  texts.room(bytes >= GIB ? (bytes / GIB).toFixed(1) : undefined, String(Math.round(bytes / MIB)));

const called = (enterprise: string, name: string | null): string =>
  name === null || name === "" ? enterprise : `${enterprise} (${name.slice(0, 80)})`;

const listed = (enterprises: readonly string[]): string =>
  enterprises.slice(0, MOST_LINES).join(", ");

const timeOf = (ms: number, { timeZone }: Reader, texts: OperatorTexts): string =>
  texts.time(localStamp(ms, timeZone));

const begunText = (trouble: Trouble, reader: Reader, texts: OperatorTexts): string => {
  switch (trouble.kind) {
    case "silent":
      return texts.silent(
        called(trouble.enterprise, trouble.name),
        timeOf(trouble.since, reader, texts),
      );
    case "bot":
      return texts.bot(trouble.botId, listed(trouble.enterprises), trouble.enterprises[0] ?? "");
    case "disk":
      return texts.disk(Math.floor(trouble.hours ?? 0), roomOf(trouble.freeBytes, texts));
    case "archive":
      return texts.archive(trouble.days);
    case "hook":
      return texts.hook(trouble.hook, trouble.target, trouble.enterprise);
  }
};

const endedText = (trouble: Trouble, reader: Reader, texts: OperatorTexts): string => {
  switch (trouble.kind) {
    case "silent":
      return texts.silentOver(
        called(trouble.enterprise, trouble.name),
        timeOf(trouble.since, reader, texts),
      );
    case "bot":
      return texts.botOver(trouble.botId, listed(trouble.enterprises));
    case "disk":
      return texts.diskOver;
    case "archive":
      return texts.archiveOver;
    case "hook":
      return texts.hookOver(trouble.hook, trouble.target);
  }
};

const limited = (lines: readonly string[], texts: OperatorTexts): string[] => {
  const more = lines.length - MOST_LINES;
  return more <= 0 ? [...lines] : [...lines.slice(0, MOST_LINES), texts.more(more)];
};

/** One message with everything that is new. */
export const newsText = ({ begun, ended }: News, reader: Reader): CardText => {
  const texts = operatorTextsOf(reader.lang);
  const lines = [
    ...limited(
      begun.map((trouble) => begunText(trouble, reader, texts)),
      texts,
    ),
    ...limited(
      ended.map((trouble) => endedText(trouble, reader, texts)),
      texts,
    ),
  ];
  const plain = ["calllog", ...lines].join("\n").slice(0, MOST_CHARACTERS);
  return { plain, pieces: [plain] };
};
