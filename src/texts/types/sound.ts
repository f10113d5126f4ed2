// The recordings of a call on its page.

export type SoundTexts = {
  /** @param count how many there are */
  readonly title: (count: number) => string;
  /** Names a player to whoever cannot see which it is. */
  readonly player: (number: number, time: string) => string;
  /** Tells one of several from the others. */
  readonly nth: (number: number) => string;
  readonly save: string;
  /** Beside the link that saves it, for whoever cannot see which it is. */
  readonly saveThat: (number: number) => string;
  /** Why it is not played: GSM 06.10, or a coding that we do not know. */
  readonly cannotPlay: { readonly gsm: string; readonly other: string };
  /** Where there is a drawing to click on. */
  readonly hint: string;
  /** @param megabytes with its decimals, as the language writes them */
  readonly size: (megabytes: string) => string;
  /** A call that has one, in the list. */
  readonly mark: string;
};
