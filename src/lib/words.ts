/** The words of a text in which they are separated by commas or spaces, as lists are given in settings and flags. */
export const wordsIn = (text: string): string[] =>
  text.split(/[\s,]+/).filter((word) => word !== "");
