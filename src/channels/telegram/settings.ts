// The settings of a chat as a menu under a message: what it says, which buttons it has, what a pressed button or a typed
// line asks for. Decides only; nothing that comes back from Telegram is believed to be what was sent.

import { bold } from "../../cards/index.ts";
import {
  CARD_CHOICES,
  type ChatPreferences,
  PREFERENCE_NAMES,
  type PreferenceName,
  preferenceRule,
  preferenceText,
  readPreferences,
} from "../../domain/chat-preferences.ts";
import { type Enterprise, isEnterpriseNumber } from "../../domain/enterprise.ts";
import type { Lang } from "../../domain/lang.ts";
import { cleanName } from "../../domain/names.ts";
import type { SettingsTexts } from "../../texts/index.ts";
import type { Menu, MenuButton } from "./bot.ts";
import { nameOf } from "./door.ts";

/** What a button asks for. Values are absolute, so that pressing twice does what pressing once does. */
export type Wish =
  | { readonly kind: "choose" }
  | { readonly kind: "open" | "done"; readonly enterprise: string }
  | { readonly kind: "ask"; readonly enterprise: string; readonly name: PreferenceName }
  | {
      readonly kind: "set";
      readonly enterprise: string;
      readonly name: PreferenceName;
      /** As it is written; allowed by `preferenceRule`. */
      readonly value: string;
    };

/** What a line after `/settings` asks for; an enterprise only where it says one. */
export type TypedWish =
  | { readonly kind: "open"; readonly enterprise: string | undefined }
  | { readonly kind: "ask"; readonly enterprise: string | undefined; readonly name: PreferenceName }
  | {
      readonly kind: "set";
      readonly enterprise: string | undefined;
      readonly name: PreferenceName;
      readonly value: string;
    }
  | { readonly kind: "wrong"; readonly name: PreferenceName }
  | { readonly kind: "unknown" };

/** One chat in one enterprise, and where its menu stands. */
export type Place = {
  readonly enterprise: Pick<Enterprise, "number" | "name">;
  readonly preferences: ChatPreferences;
  /** The forum topic of the menu; null: General, or no forum. */
  readonly topic: number | null;
  /** False where the chat gets cards of other enterprises too. */
  readonly isOnly: boolean;
  /** That of the service. */
  readonly lang: Lang;
};

/** Of buttons for enterprises; Telegram takes 100 buttons. */
const MAX_ENTERPRISES = 50;
const MAX_LABEL = 60;
const PREFIX = "s";
const DONE = "done";

const nameIn = (text: string | undefined): PreferenceName | undefined =>
  PREFERENCE_NAMES.find((name) => name === text);

/**
 * A wish as a button carries it: `s`, `s:0367`, `s:0367:done`, `s:0367:quiet`, `s:0367:quiet=21:00-08:00`. At most 56 of
 * the 64 bytes: 32 of an enterprise's number, and the longest value on a button, a topic of 15 digits.
 */
export const printWish = (wish: Wish): string => {
  if (wish.kind === "choose") return PREFIX;
  const enterprise = `${PREFIX}:${wish.enterprise}`;
  switch (wish.kind) {
    case "open":
      return enterprise;
    case "done":
      return `${enterprise}:${DONE}`;
    case "ask":
      return `${enterprise}:${wish.name}`;
    case "set":
      return `${enterprise}:${wish.name}=${wish.value}`;
  }
};

/** Undefined for what no button of ours carries. */
export const parseWish = (data: string): Wish | undefined => {
  const [, enterprise, what, value] = /^s(?::([^:]+)(?::([a-z]+)(?:=(.+))?)?)?$/.exec(data) ?? [];
  if (enterprise === undefined) return data === PREFIX ? { kind: "choose" } : undefined;
  if (!isEnterpriseNumber(enterprise)) return undefined;
  if (what === undefined) return { kind: "open", enterprise };
  if (what === DONE && value === undefined) return { kind: "done", enterprise };
  const name = nameIn(what);
  if (name === undefined) return undefined;
  if (value === undefined) return { kind: "ask", enterprise, name };
  return preferenceRule(name).allows(value) ? { kind: "set", enterprise, name, value } : undefined;
};

/** As people type it and phones correct it: `21:00 – 08:00`, `None`. Extensions keep their capitals. */
const plainValue = (name: PreferenceName, words: readonly string[]): string => {
  const text = words.join(" ");
  if (name === "extensions") return text.toLowerCase() === "all" ? "all" : text;
  return text.toLowerCase().replace(/\s*[-\u2010-\u2015\u2212]\s*/g, "-");
};

/** @param line what follows `/settings`: `quiet 21:00-08:00`, `0367 quiet none`, `0367` or nothing
 * @param numbers of the enterprises that the chat belongs to */
export const parseTyped = (line: string, numbers: readonly string[]): TypedWish => {
  const words = line.split(/\s+/).filter((word) => word !== "");
  const [first, second] = words;
  if (first === undefined) return { kind: "open", enterprise: undefined };
  const isSaid = numbers.includes(first) && (second === undefined || isName(second));
  const enterprise = isSaid ? first : undefined;
  const [what, ...rest] = isSaid ? words.slice(1) : words;
  if (what === undefined) return { kind: "open", enterprise };
  const name = nameIn(what.toLowerCase());
  if (name === undefined) return { kind: "unknown" };
  if (rest.length === 0) return { kind: "ask", enterprise, name };
  const value = plainValue(name, rest);
  return preferenceRule(name).allows(value)
    ? { kind: "set", enterprise, name, value }
    : { kind: "wrong", name };
};

const isName = (text: string): boolean => nameIn(text.toLowerCase()) !== undefined;

/** The preferences with one of them changed. */
export const withValue = (
  preferences: ChatPreferences,
  name: PreferenceName,
  value: string,
): ChatPreferences => readPreferences({ [name]: value }, preferences);

const said = (
  { topic: here, lang: standard }: Place,
  preferences: ChatPreferences,
  name: PreferenceName,
  texts: SettingsTexts,
): string => {
  const { cards, extensions, topic, quiet, digest, numbers, lang } = preferences;
  switch (name) {
    case "cards":
      return texts.cards[cards];
    case "extensions":
      return extensions?.join(", ") ?? texts.everybody;
    case "topic":
      if (topic === null) return texts.general;
      return topic === here ? texts.thisTopic : texts.otherTopic(topic);
    case "quiet":
      return quiet === null
        ? texts.noQuiet
        : preferenceText(preferences, name).replace("-", "\u2013");
    case "digest":
      return digest === null ? texts.noDigest : preferenceText(preferences, name);
    case "numbers":
      return texts.numbers[numbers];
    case "lang":
      return lang === null ? texts.standardLang(texts.langs[standard]) : texts.langs[lang];
  }
};

const CHOICES: { readonly [Name in PreferenceName]: readonly string[] } = {
  cards: CARD_CHOICES,
  // Those of single colleagues are typed: there may be a hundred.
  extensions: ["all"],
  topic: ["none"],
  quiet: ["none", "21:00-08:00", "22:00-09:00", "20:00-07:00"],
  digest: ["none", "09:00", "18:00", "20:00"],
  numbers: ["full", "masked"],
  lang: ["ru", "en", "default"],
};

const choicesOf = ({ preferences, topic }: Place, name: PreferenceName): readonly string[] => {
  if (name === "topic") return topic === null ? CHOICES.topic : [...CHOICES.topic, String(topic)];
  if (name !== "quiet" && name !== "digest") return CHOICES[name];
  return [...new Set([...CHOICES[name], preferenceText(preferences, name)])];
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const inRows = (buttons: readonly MenuButton[], perRow: number): MenuButton[][] =>
  buttons.flatMap((_, at) => (at % perRow === 0 ? [buttons.slice(at, at + perRow)] : []));

/** Topics are spoken of where there are any. */
const namesAt = ({ topic, preferences }: Place): readonly PreferenceName[] =>
  PREFERENCE_NAMES.filter(
    (name) => name !== "topic" || topic !== null || preferences.topic !== null,
  );

const pieces = (place: Place, texts: SettingsTexts, lines: readonly string[]) => [
  bold(texts.heading(nameOf(place.enterprise))),
  `\n\n${lines.join("\n")}`,
];

const now = (place: Place, name: PreferenceName, texts: SettingsTexts): string =>
  `${texts.names[name]}: ${said(place, place.preferences, name, texts)}`;

/** What is set, without buttons. */
export const summary = (place: Place, texts: SettingsTexts): Menu => ({
  pieces: pieces(
    place,
    texts,
    namesAt(place).map((name) => now(place, name, texts)),
  ),
  rows: [],
});

/** What is set, and a button for each of it. */
export const mainMenu = (place: Place, texts: SettingsTexts): Menu => {
  const { number: enterprise } = place.enterprise;
  const names = namesAt(place).map((name) => ({
    text: texts.names[name],
    data: printWish({ kind: "ask", enterprise, name }),
  }));
  const back = place.isOnly ? [] : [{ text: texts.back, data: printWish({ kind: "choose" }) }];
  const done = { text: texts.done, data: printWish({ kind: "done", enterprise }) };
  return { ...summary(place, texts), rows: [...inRows(names, 2), [...back, done]] };
};

/** The choices of one preference; the one that is set is marked. */
export const choiceMenu = (place: Place, name: PreferenceName, texts: SettingsTexts): Menu => {
  const { number: enterprise } = place.enterprise;
  const chosen = preferenceText(place.preferences, name);
  const buttons = choicesOf(place, name).map((value) => {
    const text = said(place, withValue(place.preferences, name, value), name, texts);
    return {
      text: `${value === chosen ? "✓ " : ""}${capital(text)}`,
      data: printWish({ kind: "set", enterprise, name, value }),
    };
  });
  const command = `${commandOf(place)} ${name}`;
  const isShort = name === "quiet" || name === "digest" || name === "lang";
  return {
    pieces: pieces(place, texts, [now(place, name, texts), "", texts.asks[name](command)]),
    rows: [
      ...inRows(buttons, isShort ? 2 : 1),
      [{ text: texts.back, data: printWish({ kind: "open", enterprise }) }],
    ],
  };
};

const commandOf = ({ isOnly, enterprise }: Place): string =>
  isOnly ? "/settings" : `/settings ${enterprise.number}`;

const cut = (text: string): string => {
  const points = [...text];
  return points.length > MAX_LABEL ? `${points.slice(0, MAX_LABEL - 1).join("")}…` : text;
};

/** The enterprises of a chat that belongs to several. */
export const enterpriseMenu = (
  enterprises: readonly Pick<Enterprise, "number" | "name">[],
  texts: SettingsTexts,
): Menu => ({
  pieces: [texts.choose("/settings")],
  rows: enterprises.slice(0, MAX_ENTERPRISES).map((enterprise) => {
    const { number } = enterprise;
    const name = cleanName(nameOf(enterprise)) ?? number;
    const isShared = enterprises.some((one) => one !== enterprise && one.name === enterprise.name);
    return [
      {
        text: cut(isShared && name !== number ? `${number} ${name}` : name),
        data: printWish({ kind: "open", enterprise: number }),
      },
    ];
  }),
});

/** What to answer to a line that asks for nothing that can be done. */
export const correction = (
  wish: Extract<TypedWish, { kind: "wrong" | "unknown" }>,
  texts: SettingsTexts,
): string =>
  wish.kind === "wrong"
    ? texts.wrong(wish.name, texts.rules[wish.name])
    : texts.usage(
        "/settings",
        PREFERENCE_NAMES.map((name) => `${name}: ${texts.rules[name]}`).join("\n"),
      );

/** The same line for each enterprise, where it did not say which. */
export const whichOne = (
  line: string,
  enterprises: readonly Pick<Enterprise, "number">[],
  texts: SettingsTexts,
): string =>
  texts.which(
    enterprises
      .slice(0, MAX_ENTERPRISES)
      .map(({ number }) => `/settings ${number} ${line.trim()}`)
      .join("\n"),
  );
