// What people read who choose in the chat which cards they get. Plain text: the caller makes it safe.

import type { CardChoice, ChatPreferences, PreferenceName } from "../../domain/chat-preferences.ts";
import type { Lang } from "../../domain/lang.ts";

type OfEach<T> = { readonly [Name in PreferenceName]: T };

export type SettingsTexts = {
  /** @param enterprise its name, or its number */
  readonly heading: (enterprise: string) => string;
  /** Where a chat belongs to several enterprises. @param command to type, where there are too many for buttons */
  readonly choose: (command: string) => string;
  /** A word or two: before a value, and on a button. */
  readonly names: OfEach<string>;

  // Values, as they end a line; on a button they begin with a capital letter.
  readonly cards: { readonly [choice in CardChoice]: string };
  readonly everybody: string;
  readonly general: string;
  readonly thisTopic: string;
  readonly otherTopic: (topic: number) => string;
  readonly noQuiet: string;
  readonly noDigest: string;
  readonly numbers: { readonly [how in ChatPreferences["numbers"]]: string };
  readonly langs: { readonly [lang in Lang]: string };
  /** @param lang that of the service, as in `langs` */
  readonly standardLang: (lang: string) => string;

  /** Above the choices. @param command how it is typed, up to the value: `/settings quiet` */
  readonly asks: OfEach<(command: string) => string>;
  /** What may be typed. */
  readonly rules: OfEach<string>;
  readonly wrong: (name: string, rule: string) => string;
  /** @param rules a line for each preference */
  readonly usage: (command: string, rules: string) => string;
  /** A chat of several enterprises typed a preference without saying whose. @param commands how to say it */
  readonly which: (commands: string) => string;

  readonly back: string;
  readonly done: string;
  readonly saved: string;

  // Answers to a pressed button have 200 characters at most (Bot API, `answerCallbackQuery`).
  readonly notAdministrator: string;
  /** Telegram does not tell who is an administrator. */
  readonly unseen: string;
  /** The chat gets no cards of that enterprise any more. */
  readonly gone: string;
  /** A button that nobody knows any more. */
  readonly dead: string;
  /** The database has no place for it. */
  readonly cannotKeep: string;
  readonly later: string;
};
