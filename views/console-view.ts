// What the pages of the operator's console are made of: values, no words.

import type { CallStatus, Direction } from "../src/call/index.ts";
import type { ChatPreferences } from "../src/domain/chat-preferences.ts";
import type { ConsoleProblem } from "../src/domain/console.ts";
import type { RefusalCode } from "../src/domain/refusal.ts";

/** One enterprise of the table. Counts are of today, undefined where they could not be read; times in ms since the epoch. */
export type ConsoleRow = {
  readonly number: string;
  readonly name: string | null;
  readonly active: boolean;
  readonly calls: number | undefined;
  readonly missed: number | undefined;
  /** Callers who still wait. */
  readonly open: number | undefined;
  readonly lastCallAt: number | undefined;
  /** False while days are read for the first time. */
  readonly isComplete: boolean;
  readonly hasBot: boolean;
  readonly people: number;
  readonly problems: readonly ConsoleProblem[];
  /** Undefined where no list of it opens. */
  readonly listHref: string | undefined;
};

/** One person or group of an enterprise. */
export type ConsolePerson = {
  readonly chatId: string;
  /** Empty where none is known. */
  readonly name: string;
  readonly preferences: ChatPreferences;
  /** Known by the bot alone: there is no row of this enterprise to remove. */
  readonly isByBot: boolean;
};

/** A program that is told of calls. Times in milliseconds since the epoch. */
export type ConsoleHook = {
  readonly id: string;
  /** Its host alone: what follows may be a secret. */
  readonly target: string;
  readonly createdAt: number;
  /** When it answered that it is gone; null: it is on. */
  readonly goneAt: number | null;
};

/** One enterprise. Nothing in it opens anything but its list, for some hours. */
export type ConsoleEnterprise = {
  readonly number: string;
  readonly name: string | null;
  readonly active: boolean;
  readonly country: string | null;
  readonly remindAfter: string | null;
  readonly hours: string | null;
  readonly hasRecordings: boolean;
  /** The bot's public id; null where there is no bot. */
  readonly botId: string | null;
  readonly listHref: string | undefined;
  readonly people: readonly ConsolePerson[];
  readonly hooks: readonly ConsoleHook[];
  readonly invitations: readonly {
    readonly name: string | null;
    readonly isGroup: boolean;
    readonly expiresAt: number;
  }[];
};

/** What needs a second look before it is done. */
export type ConsoleAct =
  | "rotate"
  | "uninvite"
  | "remove"
  | "off"
  | "on"
  | "unbot"
  | "rehook"
  | "unhook";

/** The forms of an enterprise, by the word in their address. */
export type ConsoleForm = "edit" | "bot" | "person" | "add" | "hook";

/** Events of one kind that were refused. */
export type Refused = {
  readonly code: RefusalCode;
  readonly event: string;
  /** The client's address; `*`: they are not told apart. */
  readonly from: string;
  readonly count: number;
  /** In milliseconds since the epoch. */
  readonly lastAt: number;
};

/** An event that came broken. */
export type SalvagedEvent = {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly event: string;
  readonly uniqueId: string;
  /** The beginning of what came. */
  readonly received: string;
  /** The call's page; undefined where it does not open. */
  readonly href: string | undefined;
};

/** What a check of doctor found. */
export type CheckFinding = {
  readonly level: "ok" | "note" | "wrong";
  readonly what: string;
  readonly finding: string;
  readonly todo?: string;
};

/** How the service is, as `GET /health` says it. */
export type ConsoleHealth = {
  readonly status: "ok" | "degraded" | "failing";
  /** In English, as the log has them. */
  readonly reasons: readonly string[];
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly queues: {
    readonly calls: number;
    readonly waitingChats: number;
    readonly livePages: number;
  };
  /** Room on the disk of the records; undefined where the system does not tell. */
  readonly freeBytes: number | undefined;
};

/** A call that was found by its number. Times in milliseconds since the epoch. */
export type FoundCall = {
  readonly enterprise: string;
  readonly enterpriseName: string | null;
  readonly startedAt: number;
  readonly phone: string | null;
  readonly direction: Direction;
  readonly status: CallStatus;
  /** Who answered, or else who was rung. */
  readonly staff: readonly string[];
  /** Undefined where its page does not open. */
  readonly href: string | undefined;
};
