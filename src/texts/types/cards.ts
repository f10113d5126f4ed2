// The words of the cards: words and grammar, no structure.

import type { CallStatus, Direction } from "../../call/index.ts";

type ByDirection = { readonly [direction in Direction]: string };
type Unanswered = Extract<CallStatus, "missed" | "cancelled" | "busy" | "failed">;

/** The catalogue of one language: words and grammar, no structure. */
export type CardTexts = { readonly [status in Unanswered | "answered"]: ByDirection } & {
  readonly calling: ByDirection;
  readonly unknownEnd: string;
  readonly ownPhoneSilent: string;
  readonly reached: { readonly voicemail: string; readonly menu: string };
  readonly closed: string;
  readonly hidden: string;
  readonly somebody: string;
  readonly numbers: (count: number) => string;
  readonly customer: (name: string) => string;
  readonly line: (name: string) => string;
  readonly lines: (names: readonly string[]) => string;
  readonly waited: (time: string) => string;
  readonly talked: (who: string) => string;
  readonly unanswered: (who: string) => string;
  readonly rung: (who: string) => string;
  readonly nobodyRung: string;
  readonly transfer: (from: string, to: string) => string;
  readonly transferring: (from: string, to: string) => string;
  readonly untaken: (from: string, to: string) => string;
  readonly button: string;
};
