// What a card says: a pure function of the call, the kind of card and the names known. Words are in
// texts/ru and texts/en; which kind a chat should show is decided by decide.ts, how it looks by the messenger.
// Every line break becomes a space in the TG record, so that the lines below read on as sentences do.

import type { AssembledCall, Call, FollowUp } from "../call/index.ts";
import type { Lang } from "../domain/lang.ts";
import { type CallNames, cleanName } from "../domain/names.ts";
import { internationalNumber, isWithheld, type NumberPlan } from "../domain/phone.ts";
import { linesTried } from "../domain/phone-lines.ts";
import { wholeSeconds } from "../lib/time.ts";
import { type CardTexts, cardTextsOf, followTextsOf } from "../texts/index.ts";
import type { Card } from "./decide.ts";
import { followLines } from "./follow.ts";
import { bold, folded, type Piece, plainText } from "./message.ts";
import type { CardText } from "./messenger.ts";
import { customerNumber, shownNumber } from "./preferences.ts";

/** More numbers than this are counted in their line and listed under it, folded. */
const MAX_LISTED_NUMBERS = 5;

/** `02:15`, `1:02:15`: whole seconds, half up. */
const cardDuration = (ms: number): string => {
  const total = wholeSeconds(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const rest = `${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
};

/** Everything a line is made of, the way it is shown. */
type Shown = {
  readonly texts: CardTexts;
  readonly call: Call;
  readonly names: CallNames;
  readonly country: NumberPlan;
  readonly lines: readonly string[];
  readonly follow: readonly string[];
  readonly isMasked: boolean;
  /** Numbers that were too many for their line. */
  readonly listed: string[];
};

/** `☎️151 Анна Сидорова`, `📱+375 29 111 00 00`. */
const ours = (shown: Shown, extension: string): string => {
  const { names, country } = shown;
  const name = cleanName(names.managers.get(extension) ?? "");
  const sign = internationalNumber(extension, country) === undefined ? "☎️" : "📱";
  return `${sign}${shownNumber(extension, country)}${name === undefined ? "" : ` ${name}`}`;
};

const oursList = (shown: Shown, extensions: readonly string[]): string => {
  const all = extensions.map((extension) => ours(shown, extension));
  if (all.length === 0) return `☎️${shown.texts.somebody}`;
  if (all.length <= MAX_LISTED_NUMBERS) return all.join(", ");
  shown.listed.push(...all);
  return `☎️${shown.texts.numbers(all.length)}`;
};

const outside = (shown: Shown): string => {
  const { call, texts } = shown;
  if (call.phone === null || isWithheld(call.phone)) return `💰${texts.hidden}`;
  return `💰${customerNumber(call.phone, shown)}`;
};

/** Who placed the call, as far as it was one of us. */
const callerOf = (call: Call): readonly string[] => {
  const caller = call.direction === "internal" ? call.phone : call.extensions[0];
  return caller === null || caller === undefined ? [] : [caller];
};

/** From who called to who was called; `ourSide` are those of us who stand in it. */
const route = (shown: Shown, arrow: string, ourSide: readonly string[]): string => {
  const { direction } = shown.call;
  if (direction === "outgoing") return `${oursList(shown, ourSide)} ${arrow} ${outside(shown)}`;
  if (direction === "internal") {
    return `${oursList(shown, callerOf(shown.call))} ${arrow} ${oursList(shown, ourSide)}`;
  }
  return `${outside(shown)} ${arrow} ${oursList(shown, ourSide)}`;
};

const customerLine = ({ call, names, texts }: Shown): readonly string[] => {
  const name = call.direction === "internal" ? undefined : cleanName(names.customer ?? "");
  return name === undefined ? [] : [texts.customer(name)];
};

/** The line where it has a name; where one failed and another was tried, all of them. */
const lineLine = ({ call, names, lines, texts }: Shown): readonly string[] => {
  const nameOf = (id: string): string =>
    cleanName(names.lines.get(id) ?? "") ?? cleanName(id) ?? "";
  if (call.direction === "outgoing" && lines.length > 1) return [texts.lines(lines.map(nameOf))];
  const only = lines[0];
  return call.direction === "incoming" && only !== undefined && names.lines.has(only)
    ? [texts.line(nameOf(only))]
    : [];
};

/** A transfer that nobody took may still ring while the call goes on: it is always the last one. */
const transferLines = (shown: Shown): readonly string[] => {
  const { call, texts } = shown;
  return call.transfers.map(({ from, to, completed }) => {
    const taker = to
      .split("&")
      .map((one) => shownNumber(one, shown.country))
      .join(", ");
    const word = completed
      ? texts.transfer
      : call.status === "talking"
        ? texts.transferring
        : texts.untaken;
    return word(shownNumber(from, shown.country), taker);
  });
};

/** Who holds the call now: the last to take it over, else the last to join. */
const holder = (call: Call): readonly string[] => {
  const taker = call.transfers.findLast((transfer) => transfer.completed)?.to;
  const talking = taker ?? call.answeredBy.at(-1);
  return talking !== undefined ? [talking] : call.direction === "outgoing" ? callerOf(call) : [];
};

const bridgeLines = (shown: Shown): readonly Piece[] => [
  route(shown, "📞➡️", holder(shown.call)),
  ...customerLine(shown),
  ...transferLines(shown),
];

const dialLines = (shown: Shown): readonly Piece[] => {
  const { call, texts } = shown;
  return [
    bold(texts.calling[call.direction]),
    route(shown, "➡️", call.direction === "outgoing" ? callerOf(call) : call.extensions),
    ...customerLine(shown),
    ...lineLine(shown),
  ];
};

const startLines = (shown: Shown): readonly Piece[] => [
  bold(shown.texts.calling[shown.call.direction]),
  shown.call.direction === "internal" ? oursList(shown, callerOf(shown.call)) : outside(shown),
  ...customerLine(shown),
  ...lineLine(shown),
];

const talkedLine = (shown: Shown): readonly string[] => {
  const { call, texts } = shown;
  const who = call.answeredBy.length > 0 ? call.answeredBy : holder(call);
  return call.direction === "internal" || who.length === 0
    ? []
    : [texts.talked(oursList(shown, who))];
};

const answeredLines = (shown: Shown): readonly Piece[] => {
  const { call, texts } = shown;
  const who =
    call.direction === "internal"
      ? route(shown, "➡️", call.answeredBy.length > 0 ? call.answeredBy : call.extensions)
      : outside(shown);
  return [
    bold(texts.answered[call.direction]),
    call.talkMs === null ? who : `${who} ⏱${cardDuration(call.talkMs)}`,
    ...customerLine(shown),
    ...talkedLine(shown),
    ...transferLines(shown),
    ...(call.direction === "outgoing" ? lineLine(shown) : []),
    ...shown.follow,
  ];
};

const unansweredLines = (shown: Shown, headline: string): readonly Piece[] => {
  const { call, texts } = shown;
  const isWaitTold = call.status === "missed" || call.status === "cancelled";
  const waited =
    isWaitTold && call.waitMs !== null ? ` ${texts.waited(cardDuration(call.waitMs))}` : "";
  if (call.direction === "outgoing" || call.direction === "internal") {
    const ourSide = call.direction === "outgoing" ? callerOf(call) : call.extensions;
    return [
      bold(headline),
      `${route(shown, "➡️", ourSide)}${waited}`,
      ...customerLine(shown),
      ...lineLine(shown),
    ];
  }
  const word = call.status === "missed" ? texts.unanswered : texts.rung;
  const nobody = call.direction === "incoming" ? [texts.nobodyRung] : [];
  return [
    bold(headline),
    `${outside(shown)}${waited}`,
    ...customerLine(shown),
    ...(call.extensions.length === 0 ? nobody : [word(oursList(shown, call.extensions))]),
    ...(call.reached === null ? [] : [texts.reached[call.reached]]),
    ...lineLine(shown),
    ...shown.follow,
  ];
};

/** The call went silent: what is known, without times, since its end is not. */
const closedLines = (shown: Shown): readonly Piece[] =>
  shown.call.answeredBy.length === 0
    ? unansweredLines(shown, shown.texts.closed)
    : [bold(shown.texts.closed), ...bridgeLines(shown)];

/** Placed by click, and the phone of whoever asked for it was not taken up. */
const ownPhoneSilentLines = (shown: Shown): readonly Piece[] => {
  const { call, texts } = shown;
  const [who] = callerOf(call);
  const isKnown = call.direction === "internal" ? call.extensions.length > 0 : call.phone !== null;
  const caller = oursList(shown, who === undefined ? [] : [who]);
  const ourSide = call.direction === "internal" ? call.extensions : callerOf(call);
  return [
    bold(texts.ownPhoneSilent),
    isKnown ? route(shown, "➡️", ourSide) : caller,
    ...customerLine(shown),
  ];
};

const finalLines = (shown: Shown): readonly Piece[] => {
  const { call, texts } = shown;
  if (call.endedAt === null) return closedLines(shown);
  if (call.isOwnPhoneSilent) return ownPhoneSilentLines(shown);
  switch (call.status) {
    case "answered":
      return answeredLines(shown);
    case "missed":
    case "cancelled":
    case "busy":
    case "failed":
      return unansweredLines(shown, texts[call.status][call.direction]);
    default:
      return unansweredLines(shown, texts.unknownEnd);
  }
};

const LINES = { start: startLines, dial: dialLines, bridge: bridgeLines, hangup: finalLines };

/** Who reads a card. */
export type CardReader = {
  readonly names: CallNames;
  readonly lang: Lang;
  readonly country?: NumberPlan;
  /** What became of it, of a missed call. */
  readonly followUp?: FollowUp | null | undefined;
  /** The customer's number is hidden in part, and his name is not told. */
  readonly isMasked?: boolean;
};

/**
 * The text of a card, without a button.
 *
 * @param card its kind, as `decideCard` gave it for this call
 * @param reader what is known by name, numbers stand in for the rest; and in which country's plan those are read
 */
export const cardText = (
  { call, records }: AssembledCall,
  { kind }: Pick<Card, "kind">,
  { names: known, lang, country, followUp, isMasked = false }: CardReader,
): CardText => {
  const names = isMasked ? { ...known, customer: undefined } : known;
  const nameOf = (extension: string): string => names.managers.get(extension) ?? "";
  const follow = followLines(call, kind === "hangup" ? followUp : null, {
    texts: followTextsOf(lang),
    ours: (extension) => `${shownNumber(extension, country)} ${nameOf(extension)}`.trim(),
    duration: cardDuration,
  });
  const shown = {
    call,
    names,
    country,
    follow,
    isMasked,
    texts: cardTextsOf(lang),
    lines: linesTried(records),
    listed: [],
  };
  const lines = LINES[kind](shown);
  const pieces = lines.flatMap((line, i) => (i === 0 ? [line] : ["\n", line]));
  const { listed } = shown;
  const whole = listed.length === 0 ? pieces : [...pieces, "\n", folded(listed.join("\n"))];
  return { pieces: whole, plain: plainText(whole), follow: plainText([follow.join("\n")]) };
};
