// What every part of a call's page is made from, and what several of them ask of it.

import { type AssembledCall, type CallStory, isLive } from "../src/call/index.ts";
import type { TelegramUser } from "../src/domain/enterprise.ts";
import type { CallNames } from "../src/domain/names.ts";
import { isWithheld } from "../src/domain/phone.ts";
import type { StoredRecord } from "../src/domain/record.ts";
import type { Peaks, Recording } from "../src/recordings/index.ts";
import type { Texts } from "../src/texts/index.ts";
import { telephone, type Zone } from "./format.ts";

/** A recording as the page shows it. */
export type Sound = Pick<
  Recording,
  "bytes" | "seconds" | "startedAt" | "isPlayable" | "mediaType" | "format"
> & {
  /** From 1. */
  readonly n: number;
  /** Where it is served, with what opens it there. */
  readonly href: string;
  /** Undefined where it is not drawn. */
  readonly peaks: Peaks | undefined;
};

/** What a page shows, and how: everything comes in, nothing is asked for. */
export type CallView = {
  readonly assembled: AssembledCall;
  /** Shown beside their numbers. */
  readonly names: CallNames;
  /** Who stands behind the chats that got cards, as far as the directory knows. */
  readonly recipients: readonly TelegramUser[];
  /** What became of the call where it was missed, and which missed one it settled; undefined where nobody looked. */
  readonly story?: (CallStory & { readonly otherHref: string | undefined }) | undefined;
  /** In the order in which they began; undefined where the service has none, or the reader may not hear them. */
  readonly sounds?: readonly Sound[] | undefined;
  readonly zone: Zone;
  /** Now, in milliseconds since the epoch: how long what still goes on has lasted. */
  readonly now: number;
};

/** The name that belongs to a number of this call; "" where it is not known. */
export const nameOfNumber =
  ({ assembled: { call }, names }: CallView) =>
  (number: string): string =>
    (number === call.phone && call.direction !== "internal"
      ? names.customer
      : names.managers.get(number)) ?? "";

/** A party's number for reading; words where it is hidden. */
export const shownNumber = (number: string | null, texts: Texts, zone: Zone): string =>
  number === null || isWithheld(number) ? texts.hidden : telephone(number, zone);

/** The id of each record's row; it stays while the call grows at its end. */
export const rowIds = (records: readonly StoredRecord[]): ((record: StoredRecord) => string) => {
  const rows = new Map(records.map((record, index) => [record, `record-${index + 1}`]));
  return (record) => rows.get(record) ?? "";
};

/** When the call began: offsets are counted from it. In milliseconds since the epoch. */
export const beginningOf = ({ assembled: { call, records }, now }: CallView): number =>
  call.startedAt ?? records[0]?.at ?? now;

/** Whether nothing more is expected of the call. */
export const isOver = ({ assembled: { call } }: CallView): boolean => !isLive(call.status);
