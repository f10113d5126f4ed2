// The settings of a chat in English.

import type { SettingsTexts } from "../types/settings.ts";

const typed = (command: string, value: string): string => `${command} ${value}`;

export const en: SettingsTexts = {
  heading: (enterprise) => `⚙️ Call cards: ${enterprise}`,
  choose: (command) => `⚙️ Cards of which enterprise?\nOr type: ${command} NUMBER`,
  names: {
    cards: "Cards",
    extensions: "Colleagues",
    topic: "Topic",
    quiet: "Quiet hours",
    digest: "Daily digest",
    numbers: "Customers' numbers",
    lang: "Language of cards",
  },
  cards: {
    all: "every step of a call",
    final: "only how calls ended",
    missed: "missed calls only",
    none: "none",
  },
  everybody: "all",
  general: "General",
  thisTopic: "this topic",
  otherTopic: (topic) => `another topic (${topic})`,
  noQuiet: "none",
  noDigest: "none",
  numbers: { full: "in full", masked: "partly hidden" },
  langs: { ru: "Russian", en: "English" },
  standardLang: (lang) => `default (${lang})`,
  asks: {
    cards: () => "Which cards should come?",
    extensions: (command) =>
      `Whose calls should cards come for? To choose some, send their extensions:\n${typed(command, "151,152")}`,
    topic: () => "Which topic should cards come to? To choose another one, send /settings there.",
    quiet: (command) =>
      `When should cards come without a sound? Another time:\n${typed(command, "21:30-07:00")}`,
    digest: (command) =>
      `When should the daily digest come? Another time:\n${typed(command, "18:30")}`,
    numbers: () =>
      "How should cards show a customer's number? With some digits hidden there is no name either. The call's page shows everything.",
    lang: () => "In which language should cards come?",
  },
  rules: {
    cards: "all (every step), final (only how calls ended), missed (missed calls only) or none",
    extensions: "extensions with commas between them (151,152), at most 100, or all",
    topic: "the number of a topic (a whole number) or none (General)",
    quiet: "a span of the day (21:00-08:00) or none",
    digest: "a time of the day (18:00) or none",
    numbers: "full or masked (partly hidden)",
    lang: "ru, en or default",
  },
  wrong: (name, rule) => `That value will not do. ${name}: ${rule}.`,
  usage: (command, rules) =>
    `There is no such setting. Send ${command} to choose with buttons, or ${command} SETTING VALUE:\n${rules}`,
  which: (commands) =>
    `Cards of several enterprises come here. Say which one by its number:\n${commands}`,
  back: "‹ Back",
  done: "Done",
  saved: "Saved",
  notAdministrator: "Only administrators of the group change its settings.",
  unseen:
    "Telegram does not show the bot who administers this group. Make the bot an administrator and try again.",
  gone: "Cards of this enterprise come here no more. Send /settings again.",
  dead: "This button does nothing any more. Send /settings again.",
  cannotKeep:
    "This cannot be kept here yet: whoever runs calllog must run calllog migrate (its log says why).",
  later: "That did not work just now. Please try again in a few minutes.",
};
