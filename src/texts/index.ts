// What pages, cards and messages say: for each of them a type, and a catalogue in each language (ru/, en/). A text that
// needs data is a function of plain strings, so that catalogues hold words and grammar and their users hold structure.

import type { Lang } from "../domain/lang.ts";
import { en as enAct } from "./en/act.ts";
import { en as enCards } from "./en/cards.ts";
import { en as enConsole } from "./en/console.ts";
import { en as enDigest } from "./en/digest.ts";
import { en as enDoor } from "./en/door.ts";
import { en as enFollow } from "./en/follow.ts";
import { en as enList } from "./en/list.ts";
import { en as enLive } from "./en/live.ts";
import { en as enOperator } from "./en/operator.ts";
import { en as enPage } from "./en/page.ts";
import { en as enSettings } from "./en/settings.ts";
import { en as enSound } from "./en/sound.ts";
import { ru as ruAct } from "./ru/act.ts";
import { ru as ruCards } from "./ru/cards.ts";
import { ru as ruConsole } from "./ru/console.ts";
import { ru as ruDigest } from "./ru/digest.ts";
import { ru as ruDoor } from "./ru/door.ts";
import { ru as ruFollow } from "./ru/follow.ts";
import { ru as ruList } from "./ru/list.ts";
import { ru as ruLive } from "./ru/live.ts";
import { ru as ruOperator } from "./ru/operator.ts";
import { ru as ruPage } from "./ru/page.ts";
import { ru as ruSettings } from "./ru/settings.ts";
import { ru as ruSound } from "./ru/sound.ts";
import type { ActTexts } from "./types/act.ts";
import type { CardTexts } from "./types/cards.ts";
import type { ConsoleTexts } from "./types/console.ts";
import type { DigestTexts } from "./types/digest.ts";
import type { DoorTexts } from "./types/door.ts";
import type { FollowTexts } from "./types/follow.ts";
import type { ListTexts } from "./types/list.ts";
import type { LiveTexts } from "./types/live.ts";
import type { OperatorTexts } from "./types/operator.ts";
import type { Texts } from "./types/page.ts";
import type { SettingsTexts } from "./types/settings.ts";
import type { SoundTexts } from "./types/sound.ts";

export { readerLang } from "./reader-lang.ts";
export type { ActTexts } from "./types/act.ts";
export type { CardTexts } from "./types/cards.ts";
export type { ConsoleTexts, EnterpriseTexts } from "./types/console.ts";
export type { ConfirmTexts, ConsoleFormsTexts, FieldTexts } from "./types/console-forms.ts";
export type { DigestSums, DigestTexts } from "./types/digest.ts";
export type { DoorTexts } from "./types/door.ts";
export type { FollowFacts, FollowTexts } from "./types/follow.ts";
export type { ListTexts } from "./types/list.ts";
export type { LiveTexts } from "./types/live.ts";
export type { OperatorTexts } from "./types/operator.ts";
export type { SentenceFacts as Told, Texts } from "./types/page.ts";
export type { SettingsTexts } from "./types/settings.ts";
export type { SoundTexts } from "./types/sound.ts";

/** The page of one call, and what every page has. */
export const textsOf = (lang: Lang): Texts => (lang === "ru" ? ruPage : enPage);
export const listTextsOf = (lang: Lang): ListTexts => (lang === "ru" ? ruList : enList);
export const followTextsOf = (lang: Lang): FollowTexts => (lang === "ru" ? ruFollow : enFollow);
export const liveTextsOf = (lang: Lang): LiveTexts => (lang === "ru" ? ruLive : enLive);
export const cardTextsOf = (lang: Lang): CardTexts => (lang === "ru" ? ruCards : enCards);
export const digestTextsOf = (lang: Lang): DigestTexts => (lang === "ru" ? ruDigest : enDigest);
export const doorTextsOf = (lang: Lang): DoorTexts => (lang === "ru" ? ruDoor : enDoor);
export const operatorTextsOf = (lang: Lang): OperatorTexts =>
  lang === "ru" ? ruOperator : enOperator;
export const actTextsOf = (lang: Lang): ActTexts => (lang === "ru" ? ruAct : enAct);
export const settingsTextsOf = (lang: Lang): SettingsTexts =>
  lang === "ru" ? ruSettings : enSettings;
export const soundTextsOf = (lang: Lang): SoundTexts => (lang === "ru" ? ruSound : enSound);
export const consoleTextsOf = (lang: Lang): ConsoleTexts => (lang === "ru" ? ruConsole : enConsole);
