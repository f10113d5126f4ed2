// Names by which calls are found: those that came with the calls, and those that the metadata service gave for numbers, which
// stand among the records of the day. Compared without capitals, and ё as е.

/** A name as it is compared: one form of every letter, small, ё as е, one space between words. */
export const foldName = (text: string): string =>
  text.normalize("NFKC").toLowerCase().replaceAll("ё", "е").replaceAll(/\s+/g, " ").trim();

/** The words of what is looked for; each is to be found, in any order. */
export const nameWords = (text: string): string[] =>
  foldName(text)
    .split(" ")
    .filter((word) => word !== "");

/** Names that were given for numbers, of one file: a line break, the number, a tab, the name as it is compared. */
export class GivenNames {
  readonly #names: Map<string, string>;
  #text: Buffer | undefined;

  constructor(text: Uint8Array = new Uint8Array()) {
    this.#names = new Map(
      Buffer.from(text)
        .toString("utf8")
        .split("\n")
        .flatMap((line): [string, string][] => {
          const tab = line.indexOf("\t");
          return tab < 0 ? [] : [[line.slice(0, tab), line.slice(tab + 1)]];
        }),
    );
  }

  /** The newest one stands. */
  add(number: string, name: string): void {
    const [key, folded] = [number.replaceAll(/[\t\n]/g, " "), foldName(name)];
    if (folded === "" || this.#names.get(key) === folded) return;
    this.#names.set(key, folded);
    this.#text = undefined;
  }

  text(): Buffer {
    this.#text ??= Buffer.from(
      [...this.#names].map(([number, name]) => `\n${number}\t${name}`).join(""),
      "utf8",
    );
    return this.#text;
  }
}

/** The numbers whose name holds a word. @param text what `GivenNames` gave */
export const numbersNamed = (text: Buffer, word: string): Set<string> => {
  const wanted = Buffer.from(word, "utf8");
  const numbers = new Set<string>();
  for (let at = text.indexOf(wanted); at >= 0; ) {
    const start = text.lastIndexOf("\n", at) + 1;
    const next = text.indexOf("\n", at);
    const end = next < 0 ? text.length : next;
    const line = text.toString("utf8", start, end);
    const tab = line.indexOf("\t");
    // A word of digits may stand in the number alone.
    if (line.includes(word, tab + 1)) numbers.add(line.slice(0, tab));
    at = text.indexOf(wanted, end);
  }
  return numbers;
};
