// Reminds chats, once, of a missed call that nobody has returned: those in which its card stands. What became of the call is
// read from the files at that moment; that a chat was reminded is on record with the call (TG, message type `reminder`).

import { LRUCache } from "lru-cache";
import type { AssembledCall, FollowedMissed } from "../call/index.ts";
import { DEFAULT_PREFERENCES, isQuiet } from "../domain/chat-preferences.ts";
import { REMINDER_TYPE, type RecordToWrite } from "../domain/record.ts";
import { isWorking } from "../domain/working-hours.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { HOUR_MS } from "../lib/time.ts";
import { type Outcome, recordsOf } from "./courier.ts";
import type { CardText, Messenger } from "./messenger.ts";
import type { MissedCalls } from "./missed-calls.ts";
import { type CardVariant, oursIn, variantOf, wantsCard } from "./preferences.ts";
import { type Forgotten, isReminderDue, type ReminderRules } from "./reminders.ts";
import type { Rounds } from "./rounds.ts";
import { chatStates } from "./standing.ts";
import type { Recipient, Recipients } from "./types.ts";

export type ReminderDeskOptions = {
  readonly recipients: (enterprise: string) => Promise<Recipients>;
  /** Null where nobody is to be reminded. */
  readonly rulesOf: (enterprise: string) => Promise<ReminderRules | null>;
  /** Tells cheaply whether there is anything to look for. */
  readonly missedCalls: Pick<MissedCalls, "openIn">;
  /** What became of the missed calls of the window, as the files have it now. */
  readonly missed: (enterprise: string) => Promise<{
    readonly missed: readonly FollowedMissed[];
    readonly isComplete: boolean;
  }>;
  readonly findCall: (enterprise: string, uniqueId: string) => Promise<AssembledCall | undefined>;
  readonly text: (
    enterprise: string,
    forgotten: readonly Forgotten[],
    variant: CardVariant,
  ) => Promise<CardText>;
  readonly append: (enterprise: string, record: RecordToWrite) => Promise<unknown>;
  readonly messenger: (account: string) => Messenger;
  readonly clock: Clock;
  readonly log: Log;
};

/** A reminder that could not be brought for that long is of no use. In milliseconds. */
const PATIENCE_MS = HOUR_MS;
/** Calls that need no more looking at, remembered; one that was forgotten is read again from its records. */
const MAX_SETTLED = 20_000;

/** A call that a chat is to be reminded of. */
type Due = Forgotten & {
  readonly uniqueId: string;
  /** Its card in the chat. */
  readonly cardId: number;
};

export class ReminderDesk {
  readonly #options: ReminderDeskOptions;
  readonly #rounds: Rounds;
  readonly #settled = new LRUCache<string, true>({ max: MAX_SETTLED });

  constructor(options: ReminderDeskOptions, rounds: Rounds) {
    this.#options = options;
    this.#rounds = rounds;
    rounds.each({ what: "reminders", at: (enterprise) => this.#lookAt(enterprise) });
  }

  async #lookAt(enterprise: string): Promise<void> {
    const { rulesOf, missedCalls, missed: read, recipients, clock } = this.#options;
    const open = missedCalls.openIn(enterprise);
    if (open.length === 0) return;
    const rules = await rulesOf(enterprise);
    const now = clock.now();
    if (rules === null || !isWorking(rules.hours, now, rules.timeZone)) return;
    const asked = open.filter(
      ({ uniqueId, at }) =>
        at + rules.afterMs <= now && !this.#settled.has(`${enterprise} ${uniqueId}`),
    );
    if (asked.length === 0) return;
    const { missed, isComplete } = await read(enterprise);
    if (!isComplete) return;
    const known = new Map(missed.map((one) => [one.uniqueId, one]));
    const due: FollowedMissed[] = [];
    for (const { uniqueId } of asked) {
      const one = known.get(uniqueId);
      const isOpen = one?.followUp.stands === true && one.followUp.state === "open";
      if (one !== undefined && isReminderDue(one, rules, now)) due.push(one);
      // What waits for somebody who is calling back now, or for its time, is looked at again.
      else if (!isOpen) this.#settle(enterprise, uniqueId);
    }
    if (due.length === 0) return;
    await this.#remind(enterprise, due, await recipients(enterprise));
    // Not before: where it cannot be told now who is to be reminded, it is tried again in a minute.
    for (const { uniqueId } of due) this.#settle(enterprise, uniqueId);
  }

  #settle(enterprise: string, uniqueId: string): void {
    this.#settled.set(`${enterprise} ${uniqueId}`, true);
  }

  /** Each chat gets one message of all the calls that are due. */
  async #remind(
    enterprise: string,
    due: readonly FollowedMissed[],
    { chats }: Recipients,
  ): Promise<void> {
    const byChat = new Map<Recipient, Due[]>();
    for (const { uniqueId, missedAt } of due) {
      const found = await this.#options.findCall(enterprise, uniqueId);
      if (found === undefined) continue;
      for (const recipient of chats) {
        const cardId = cardIn(found, recipient);
        const { phone } = found.call;
        if (cardId === undefined || phone === null) continue;
        const own = byChat.get(recipient) ?? [];
        byChat.set(recipient, [...own, { uniqueId, missedAt, phone, cardId }]);
      }
    }
    for (const [recipient, own] of byChat)
      this.#rounds.begin(this.#give(enterprise, recipient, own));
  }

  async #give(enterprise: string, recipient: Recipient, due: readonly Due[]): Promise<void> {
    try {
      await this.#send(enterprise, recipient, due);
    } catch (error) {
      const { chatId } = recipient;
      this.#options.log.error("cannot make or send a reminder", { enterprise, chatId, error });
    }
  }

  async #send(
    enterprise: string,
    { chatId, account, preferences = DEFAULT_PREFERENCES }: Recipient,
    due: readonly Due[],
  ): Promise<void> {
    const { text: textOf, rulesOf, missedCalls, messenger, clock, log } = this.#options;
    const text = await textOf(enterprise, due, variantOf(preferences));
    const { timeZone = "UTC" } = (await rulesOf(enterprise)) ?? {};
    const isSilent = isQuiet(preferences.quiet, clock.now(), timeZone);
    const [only, ...others] = due;
    const replyTo = only !== undefined && others.length === 0 ? { replyTo: only.cardId } : {};
    const isOpen = ({ uniqueId }: Due): boolean =>
      missedCalls.openIn(enterprise).some((open) => open.uniqueId === uniqueId);
    const outcome = await this.#rounds.bring({
      messenger: messenger(account),
      chatId,
      text,
      how: { isSilent, topic: preferences.topic, ...replyTo },
      until: clock.now() + PATIENCE_MS,
      isWanted: () => due.some(isOpen),
    });
    if (outcome.is === "failed")
      log.warn("a reminder was not delivered", { enterprise, chatId, reason: outcome.reason });
    for (const { uniqueId } of due)
      await this.#record(enterprise, { chatId, uniqueId, outcome, text: text.plain });
  }

  async #record(
    enterprise: string,
    {
      chatId,
      uniqueId,
      outcome,
      text,
    }: {
      readonly chatId: string;
      readonly uniqueId: string;
      readonly outcome: Outcome;
      readonly text: string;
    },
  ): Promise<void> {
    const { append, log } = this.#options;
    const message = { chatId, messageType: REMINDER_TYPE, uniqueId, text } as const;
    try {
      for (const record of recordsOf(outcome, message)) await append(enterprise, record);
    } catch (error) {
      // It is not sent again for that, as long as this process lives.
      log.error("cannot put a reminder on record", { enterprise, uniqueId, chatId, error });
    }
  }
}

/** The final card of a missed call in a chat that wants to be told of it and has not been reminded; undefined where there is none. */
const cardIn = (
  { call, records }: AssembledCall,
  { chatId, preferences = DEFAULT_PREFERENCES }: Recipient,
): number | undefined => {
  const facts = { isFinal: true, isMissed: true, ours: oursIn(call) };
  const wasReminded = records.some(
    (record) =>
      record.kind === "TG" && record.messageType === REMINDER_TYPE && record.chatId === chatId,
  );
  if (wasReminded || !wantsCard(preferences, facts)) return undefined;
  const standing = chatStates(records).get(chatId)?.standing;
  return standing?.findLast(({ kind }) => kind === "hangup")?.messageId;
};
