// What the operator's console says. Plain text: the page makes it safe.

import type { ConsoleProblem, ConsoleRefusal } from "../../domain/console.ts";

export type ConsoleTexts = {
  readonly title: string;
  readonly nav: { readonly label: string; readonly enterprises: string };
  /** @param by the user of the machine who made the link */
  readonly signedIn: (by: string) => string;
  readonly logOut: string;
  readonly begin: {
    readonly title: string;
    /** @param hours how long the session lasts */
    readonly text: (by: string, hours: number) => string;
    readonly button: string;
  };
  readonly refusal: {
    readonly [refusal in ConsoleRefusal]: { readonly title: string; readonly text: string };
  };
  readonly columns: {
    readonly enterprise: string;
    readonly calls: string;
    readonly missed: string;
    readonly open: string;
    readonly last: string;
    readonly bot: string;
    readonly people: string;
    readonly look: string;
  };
  /** @param day today in words */
  readonly enterprises: (day: string) => string;
  readonly none: string;
  /** How many of them need a look. */
  readonly needLook: (count: number) => string;
  readonly allWell: string;
  readonly problem: { readonly [problem in ConsoleProblem]: string };
  readonly fine: string;
  readonly off: string;
  readonly hasBot: string;
  readonly noBot: string;
  readonly noCalls: string;
  /** Days are read for the first time. */
  readonly counting: string;
  readonly list: string;
  /** @param enterprise its name, or its number */
  readonly listOf: (enterprise: string) => string;
  readonly unknown: string;
};
