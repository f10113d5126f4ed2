// Sends the day in a message to whoever asked for it: at its minute by the clocks of the zone, once, and later the same day
// where nobody was there at its minute. That a chat has it is on record (TG, message type `digest`): the files are the memory.

import { isQuiet } from "../domain/chat-preferences.ts";
import { DIGEST_TYPE, type RecordToWrite, type StoredRecord } from "../domain/record.ts";
import { dayBounds, dayIn } from "../domain/zone-day.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { createSleeper, type Scheduler, type Sleeper } from "../lib/scheduler.ts";
import { bring } from "./courier.ts";
import { isDue } from "./digest.ts";
import type { CardText, Messenger } from "./messenger.ts";
import { type CardVariant, variantOf } from "./preferences.ts";
import type { Recipient, Recipients } from "./types.ts";

export type DigestDeskOptions = {
  /** The numbers of all enterprises. */
  readonly enterprises: () => Promise<readonly string[]>;
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
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** By whose clocks days begin and digests come. */
  readonly timeZone: string;
};

const MINUTE_MS = 60_000;
/** Pause before a digest whose days were still being read is made again, in milliseconds. */
const UNREAD_MS = 10_000;

type Told = { readonly day: string; readonly chats: Set<string> };

const recordOf = (chatId: string) =>
  ({
    kind: "TG",
    action: "send",
    chatId,
    messageType: DIGEST_TYPE,
    messageId: 0,
    uniqueId: "",
  }) as const;

export class DigestDesk {
  readonly #options: DigestDeskOptions;
  readonly #sleeper: Sleeper;
  /** Which chats have today's, by enterprise. */
  readonly #told = new Map<string, Told>();
  readonly #underWay = new Set<Promise<void>>();
  #callOff: () => void = () => undefined;
  #isLooking = false;
  #waiting = 0;
  #isStopped = false;

  /** Looks at once, then at every full minute. */
  constructor(options: DigestDeskOptions) {
    this.#options = options;
    this.#sleeper = createSleeper(options.clock, options.scheduler);
    this.#tick();
  }

  /** Looks, requests and files under way at this moment; what waits for its time is not. */
  get underWay(): number {
    return this.#underWay.size - this.#waiting + (this.#isLooking ? 1 : 0);
  }

  /** Begins nothing new; resolves when what was sent is on record. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff();
    this.#sleeper.wakeAll();
    await Promise.all(this.#underWay);
  }

  #tick(): void {
    const { clock, scheduler } = this.#options;
    const nextMinute = (Math.floor(clock.now() / MINUTE_MS) + 1) * MINUTE_MS;
    this.#callOff = scheduler.at(nextMinute, () => this.#tick());
    void this.#look();
  }

  async #look(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return;
    this.#isLooking = true;
    const { enterprises, log } = this.#options;
    try {
      for (const enterprise of await enterprises()) {
        if (this.#isStopped) return;
        await this.#lookAt(enterprise);
      }
    } catch (error) {
      log.error("cannot look which digests are due; it is tried again in a minute", { error });
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookAt(enterprise: string): Promise<void> {
    const { recipients, clock, timeZone, log } = this.#options;
    try {
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
        this.#begin(enterprise, recipient, told);
      }
    } catch (error) {
      log.error(
        "cannot look which digests of an enterprise are due; it is tried again in a minute",
        {
          enterprise,
          error,
        },
      );
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

  #begin(enterprise: string, recipient: Recipient, told: Told): void {
    const { log } = this.#options;
    const work = this.#send(enterprise, recipient, told).catch((error: unknown) => {
      told.chats.delete(recipient.chatId);
      const { chatId } = recipient;
      log.error("cannot send a digest; it is tried again in a minute", {
        enterprise,
        chatId,
        error,
      });
    });
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  async #rest(ms: number): Promise<void> {
    this.#waiting += 1;
    await this.#sleeper.sleep(ms);
    this.#waiting -= 1;
  }

  /** The message, as soon as the days it tells of have been read; undefined where that is not so before the day is over. */
  async #messageFor(
    enterprise: string,
    { preferences }: Recipient,
    until: number,
  ): Promise<CardText | undefined> {
    const { message, clock } = this.#options;
    if (preferences === undefined || preferences.digest === null) return undefined;
    while (!this.#isStopped) {
      const made = await message(enterprise, preferences.digest, variantOf(preferences));
      if (made !== undefined) return made;
      if (clock.now() + UNREAD_MS > until) return undefined;
      await this.#rest(UNREAD_MS);
    }
    return undefined;
  }

  async #send(enterprise: string, recipient: Recipient, told: Told): Promise<void> {
    const { clock, timeZone, messenger, append, log } = this.#options;
    const { chatId, account, preferences } = recipient;
    const until = dayBounds(told.day, timeZone).to;
    const text = await this.#messageFor(enterprise, recipient, until);
    if (text === undefined || preferences === undefined) return;
    const isSilent = isQuiet(preferences.quiet, clock.now(), timeZone);
    const outcome = await bring(
      {
        messenger: messenger(account),
        chatId,
        text,
        how: { isSilent, topic: preferences.topic },
        until,
      },
      { clock, rest: (ms) => this.#rest(ms), isStopped: () => this.#isStopped },
    );
    if (outcome.is === "stopped") return;
    const { notes, reason } = { notes: [], reason: undefined, ...outcome };
    if (reason !== undefined)
      log.warn("a digest was not delivered", { enterprise, chatId, reason });
    const failures = reason === undefined ? notes : [reason];
    try {
      for (const failure of failures)
        await append(enterprise, { ...recordOf(chatId), action: "fail", text: failure });
      if (outcome.is === "sent") {
        const { messageId } = outcome;
        await append(enterprise, { ...recordOf(chatId), messageId, text: text.plain });
      }
    } catch (error) {
      // It is not sent again for that, as long as this process lives.
      log.error("cannot put on record what became of a digest", { enterprise, chatId, error });
    }
  }
}
