// Sends the day in a message to whoever asked for it: at its minute by the clocks of the zone, once, and later the same day
// where nobody was there at its minute. That a chat has it is on record (TG, message type `digest`): the files are the memory.

import { isQuiet } from "../domain/chat-preferences.ts";
import { DIGEST_TYPE, type RecordToWrite, type StoredRecord } from "../domain/record.ts";
import { dayBounds, dayIn } from "../domain/zone-day.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type Outcome, recordsOf } from "./courier.ts";
import { isDue } from "./digest.ts";
import type { CardText, Messenger } from "./messenger.ts";
import { type CardVariant, variantOf } from "./preferences.ts";
import type { Rounds } from "./rounds.ts";
import type { Recipient, Recipients } from "./types.ts";

export type DigestDeskOptions = {
  readonly recipients: (enterprise: string) => Promise<Recipients>;
  /** The message of a digest that was due at this minute of the day; undefined while days are read for the first time. */
  readonly message: (
    enterprise: string,
    minute: number,
    variant: CardVariant,
  ) => Promise<CardText | undefined>;
  /** The TG records of an enterprise since a moment. */
  readonly told: (enterprise: string, since: number) => AsyncIterable<StoredRecord>;
  readonly append: (enterprise: string, record: RecordToWrite) => Promise<unknown>;
  readonly messenger: (account: string) => Messenger;
  readonly clock: Clock;
  readonly log: Log;
  /** By whose clocks days begin and digests come. */
  readonly timeZone: string;
};

/** Pause before a digest whose days were still being read is made again, in milliseconds. */
const UNREAD_MS = 10_000;

type Told = { readonly day: string; readonly chats: Set<string> };

export class DigestDesk {
  readonly #options: DigestDeskOptions;
  readonly #rounds: Rounds;
  /** Which chats have today's, by enterprise. */
  readonly #told = new Map<string, Told>();

  constructor(options: DigestDeskOptions, rounds: Rounds) {
    this.#options = options;
    this.#rounds = rounds;
    rounds.each({ what: "digests", at: (enterprise) => this.#lookAt(enterprise) });
  }

  async #lookAt(enterprise: string): Promise<void> {
    const { recipients, clock, timeZone } = this.#options;
    const now = clock.now();
    const due = (await recipients(enterprise)).chats.filter(({ preferences }) => {
      const minute = preferences?.digest ?? null;
      return minute !== null && isDue(minute, now, timeZone);
    });
    if (due.length === 0) return;
    const told = await this.#toldOn(enterprise, dayIn(now, timeZone));
    for (const recipient of due) {
      if (told.chats.has(recipient.chatId)) continue;
      told.chats.add(recipient.chatId);
      this.#rounds.begin(this.#give(enterprise, recipient, told));
    }
  }

  async #toldOn(enterprise: string, day: string): Promise<Told> {
    const known = this.#told.get(enterprise);
    if (known?.day === day) return known;
    const { told, timeZone } = this.#options;
    const chats = new Set<string>();
    for await (const record of told(enterprise, dayBounds(day, timeZone).from))
      if (record.kind === "TG" && record.messageType === DIGEST_TYPE) chats.add(record.chatId);
    const found = { day, chats };
    this.#told.set(enterprise, found);
    return found;
  }

  async #give(enterprise: string, recipient: Recipient, told: Told): Promise<void> {
    const { chatId } = recipient;
    try {
      await this.#send(enterprise, recipient, told);
    } catch (error) {
      told.chats.delete(chatId);
      const message = "cannot make or send a digest; it is tried again in a minute";
      this.#options.log.error(message, { enterprise, chatId, error });
    }
  }

  /** The message, as soon as the days it tells of have been read; undefined where that is not so before the day is over. */
  async #messageFor(
    enterprise: string,
    { preferences }: Recipient,
    until: number,
  ): Promise<CardText | undefined> {
    const { message, clock } = this.#options;
    if (preferences === undefined || preferences.digest === null) return undefined;
    while (!this.#rounds.isStopped) {
      const made = await message(enterprise, preferences.digest, variantOf(preferences));
      if (made !== undefined) return made;
      if (clock.now() + UNREAD_MS > until) return undefined;
      await this.#rounds.rest(UNREAD_MS);
    }
    return undefined;
  }

  async #send(enterprise: string, recipient: Recipient, told: Told): Promise<void> {
    const { clock, timeZone, messenger } = this.#options;
    const { chatId, account, preferences } = recipient;
    const until = dayBounds(told.day, timeZone).to;
    const text = await this.#messageFor(enterprise, recipient, until);
    if (text === undefined || preferences === undefined) return;
    const isSilent = isQuiet(preferences.quiet, clock.now(), timeZone);
    const outcome = await this.#rounds.bring({
      messenger: messenger(account),
      chatId,
      text,
      how: { isSilent, topic: preferences.topic },
      until,
    });
    await this.#record(enterprise, chatId, { outcome, text: text.plain });
  }

  async #record(
    enterprise: string,
    chatId: string,
    { outcome, text }: { readonly outcome: Outcome; readonly text: string },
  ): Promise<void> {
    const { append, log } = this.#options;
    const message = { chatId, messageType: DIGEST_TYPE, uniqueId: "", text } as const;
    if (outcome.is === "failed")
      log.warn("a digest was not delivered", { enterprise, chatId, reason: outcome.reason });
    try {
      for (const record of recordsOf(outcome, message)) await append(enterprise, record);
    } catch (error) {
      // It is not sent again for that, as long as this process lives.
      log.error("cannot put on record what became of a digest", { enterprise, chatId, error });
    }
  }
}
