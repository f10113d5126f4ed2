// People join by an invitation link and leave by /stop. A bot is polled while its enterprise has open invitations, and
// once a minute after it let somebody in; no other bot is polled, since its messages may belong to another program.
// Runs in the process that brings the cards.

import type { Enterprise, TelegramUser } from "../../domain/enterprise.ts";
import type { Lang } from "../../domain/lang.ts";
import { cleanName } from "../../domain/names.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Scheduler } from "../../lib/scheduler.ts";
import type { Directory, InvitationStore } from "../../people/index.ts";
import { type DoorTexts, doorTextsOf, readerLang } from "../../texts/index.ts";
import type { Bot, IncomingMessage } from "./bot.ts";
import { createInbox, type Inbox, type Pace } from "./inbox.ts";

export type InvitationsOptions = {
  readonly store: InvitationStore;
  /** Takes the changes, so that its own memory of who gets cards is right at once. */
  readonly directory: Pick<Directory, "enterprises" | "addUser" | "removeUser" | "removeUserOfBot">;
  /** Remembers nothing: who was removed a second ago is in no more. */
  readonly directoryNow: Pick<Directory, "enterprises" | "usersOf" | "users">;
  readonly bot: (token: string) => Bot;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** For people whose Telegram tells no language. */
  readonly lang: Lang;
};

export type Invitations = {
  /** Looks whether there are open invitations, and listens accordingly. To be called every second or so; never throws. */
  look(): Promise<void>;
  /** Ends all requests at once, and finishes the message under way. */
  stop(): Promise<void>;
};

/** The bot's public id: the digits of its token before the colon. It stays when the token is changed. */
export const botIdOf = (token: string): string => token.split(":", 1)[0] ?? "";

const COMMAND = /^\/(start|stop)(?:@(\w+))?(?:\s+(\S+))?\s*$/i;
/** What Telegram lets a link carry. */
const CODE = /^[\w-]{1,64}$/;
/** Expired invitations are removed this often. In milliseconds. */
const SWEEP_EVERY_MS = 60_000;
const MAX_TRIES = 3;
/** An answer that Telegram wants later than this is not given: cards come first. In milliseconds. */
const LATEST_ANSWER_MS = 30_000;

const nameOf = ({ name, number }: Enterprise): string => name ?? number;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

/** One bot, and how its messages are answered. */
type Door = { readonly token: string; readonly botId: string; readonly bot: Bot };

class InvitationDesk implements Invitations {
  readonly #options: InvitationsOptions;
  readonly #store: InvitationStore;
  readonly #directory: Pick<
    Directory,
    "enterprises" | "addUser" | "removeUser" | "removeUserOfBot"
  >;
  readonly #directoryNow: Pick<Directory, "enterprises" | "usersOf" | "users">;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #log: Log;
  readonly #lang: Lang;
  readonly #inboxes = new Map<string, Inbox>();
  readonly #userNames = new Map<string, string>();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #isStopped = false;
  #lastFault = "";

  constructor(options: InvitationsOptions) {
    this.#options = options;
    const { store, directory, directoryNow, clock, scheduler, log, lang } = this.#options;
    this.#store = store;
    this.#directory = directory;
    this.#directoryNow = directoryNow;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#log = log;
    this.#lang = lang;
  }

  async look(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return;
    this.#isLooking = true;
    try {
      await this.#lookNow();
      this.#lastFault = "";
    } catch (error) {
      // Once a kind: a folder that cannot be read fails every second.
      if (String(error) !== this.#lastFault)
        this.#log.error("cannot look for invitations", { error });
      this.#lastFault = String(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#inboxes.values()].map((inbox) => inbox.stop()));
  }

  async #tell({ bot, botId }: Door, chatId: string, text: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const sent = await bot.send(chatId, { pieces: [text], plain: text });
      if (sent.ok) return;
      const { error } = sent;
      const waitMs = error.kind === "limited" ? error.retryAfterMs : tries * 1000;
      const mayTry = error.kind === "limited" || (error.kind === "unavailable" && !error.unsure);
      if (!mayTry || tries === MAX_TRIES || waitMs > LATEST_ANSWER_MS || this.#isStopped) {
        const reason = "reason" in error ? error.reason : error.kind;
        this.#log.warn("cannot answer in a chat", { bot: botId, chat: chatId, reason });
        return;
      }
      await new Promise<void>((resolve) => this.#scheduler.at(this.#clock.now() + waitMs, resolve));
    }
  }

  async #isIn(enterprise: Enterprise, chatId: string): Promise<boolean> {
    return (await this.#directoryNow.usersOf(enterprise)).some((user) => user.chatId === chatId);
  }

  async #letIn(
    enterprise: Enterprise,
    isOnlyOfBot: boolean,
    { chatId, firstName, lastName }: IncomingMessage,
    name: string | null,
  ): Promise<void> {
    const named = {
      firstName: name ?? cleanName(firstName) ?? null,
      lastName: name === null ? (cleanName(lastName ?? "") ?? null) : null,
    };
    const byNumber = { botToken: null, enterpriseNumber: enterprise.number };
    const byBot = { botToken: enterprise.botToken, enterpriseNumber: null };
    // By the number, so that the enterprise's next bot is theirs too; by the bot where there is no column for it.
    const ties = isOnlyOfBot ? [byNumber, byBot] : [byNumber];
    const rows = [named, { firstName: null, lastName: null }].flatMap((names) =>
      ties.map((tie): TelegramUser => ({ chatId, email: null, ...names, ...tie })),
    );
    await this.#addFirst(rows);
  }

  /** An operator's table may lack columns: the first row that it takes is the one. */
  async #addFirst([row, ...poorer]: readonly TelegramUser[]): Promise<void> {
    if (row === undefined) return;
    try {
      await this.#directory.addUser(row);
    } catch (error) {
      // By this very message, before a crash; or by the operator, this very moment.
      if (hasCode(error, "taken")) return;
      if (!hasCode(error, "misconfigured") || poorer.length === 0) throw error;
      await this.#addFirst(poorer);
    }
  }

  async #enter(
    door: Door,
    { updateId, message }: { readonly updateId: number; readonly message: IncomingMessage },
    code: string,
    texts: DoorTexts,
  ): Promise<string> {
    const { chatId, isGroup } = message;
    const found = this.#store.find(code);
    const enterprises = await this.#directoryNow.enterprises();
    const enterprise = enterprises.find(({ number }) => number === found?.invitation.enterprise);
    if (found === undefined || enterprise?.active !== true) return texts.unknown;
    const { invitation, usedBy } = found;
    const isForHere =
      botIdOf(enterprise.botToken ?? "") === door.botId && invitation.isGroup === isGroup;
    if (!isForHere) return texts.unknown;
    const isAgain = usedBy?.botId === door.botId && usedBy.updateId === updateId;
    if (!isAgain && (await this.#isIn(enterprise, chatId)))
      return texts.already(nameOf(enterprise));
    if (usedBy !== undefined && !isAgain) return texts.used;
    if (!isAgain && invitation.expiresAt <= this.#clock.now()) return texts.expired;
    if (!this.#store.claim(code, { botId: door.botId, updateId, chatId })) return texts.used;
    try {
      const sharing = enterprises.filter(({ botToken }) => botToken === enterprise.botToken);
      await this.#letIn(enterprise, sharing.length === 1, message, invitation.name);
    } catch (error) {
      this.#store.giveBack(code);
      throw error;
    }
    this.#store.addBot(door.botId);
    this.#store.finish(code);
    this.#log.info("a chat was let in by invitation", {
      enterprise: enterprise.number,
      chat: chatId,
    });
    return texts.joined(nameOf(enterprise));
  }

  /** The enterprises whose cards come to a chat through this bot, each with how to end it. */
  async #ties(
    door: Door,
    chatId: string,
  ): Promise<{ names: string[]; end: () => Promise<void> }[]> {
    const enterprises = await this.#directoryNow.enterprises();
    const isDoors = (token: string | null | undefined): boolean =>
      botIdOf(token ?? "") === door.botId;
    const rows = (await this.#directoryNow.users()).filter((user) => user.chatId === chatId);
    return rows.flatMap((row) => {
      const { botToken, enterpriseNumber: number } = row;
      if (number !== null && number !== "") {
        const enterprise = enterprises.find((one) => one.number === number);
        if (!isDoors(botToken ?? enterprise?.botToken)) return [];
        const names = [enterprise === undefined ? number : nameOf(enterprise)];
        return [{ names, end: () => this.#directory.removeUser(chatId, number) }];
      }
      if (botToken === null || !isDoors(botToken)) return [];
      const names = enterprises.filter((one) => one.botToken === botToken).map(nameOf);
      return [{ names, end: () => this.#directory.removeUserOfBot(chatId, botToken) }];
    });
  }

  #namesOf(tied: readonly { readonly names: readonly string[] }[]): string {
    return [...new Set(tied.flatMap(({ names }) => names))].join(", ");
  }

  async #leave(door: Door, chatId: string, texts: DoorTexts): Promise<string> {
    const tied = await this.#ties(door, chatId);
    if (tied.length === 0) return texts.notThere;
    for (const { end } of tied) {
      await end().catch((error: unknown) => {
        if (!hasCode(error, "not-found")) throw error;
      });
    }
    const names = this.#namesOf(tied);
    this.#log.info("a chat left by /stop", { enterprises: names, chat: chatId });
    return texts.left(names);
  }

  async #greet(door: Door, chatId: string, texts: DoorTexts): Promise<string> {
    const tied = await this.#ties(door, chatId);
    return tied.length === 0 ? texts.stranger(chatId) : texts.already(this.#namesOf(tied));
  }

  /** In a group, `/stop@other_bot` is another one's. */
  async #isMeant({ bot, botId }: Door, userName: string | undefined): Promise<boolean> {
    if (userName === undefined) return true;
    let own = this.#userNames.get(botId);
    if (own === undefined) {
      const asked = await bot.whoAmI();
      // Rather one answer too many than a person who is not let in.
      if (!asked.ok) return true;
      own = asked.value;
      this.#userNames.set(botId, own);
    }
    return own.toLowerCase() === userName.toLowerCase();
  }

  async #handle(
    door: Door,
    updateId: number,
    message: IncomingMessage | undefined,
  ): Promise<boolean> {
    const [, command, userName, code] = COMMAND.exec(message?.text ?? "") ?? [];
    if (message === undefined || command === undefined) return false;
    if (!(await this.#isMeant(door, userName))) return false;
    const { chatId } = message;
    const texts = doorTextsOf(readerLang(message.languageCode, this.#lang));
    const answer = async (): Promise<string> => {
      if (command.toLowerCase() === "stop") return this.#leave(door, chatId, texts);
      if (code === undefined) return this.#greet(door, chatId, texts);
      return CODE.test(code)
        ? this.#enter(door, { updateId, message }, code, texts)
        : texts.unknown;
    };
    const text = await answer().catch((error: unknown) => {
      const what = command.toLowerCase() === "stop" ? "let a chat go" : "let a chat in";
      this.#log.error(`cannot ${what}; it is asked to try again`, { chat: chatId, error });
      return texts.later;
    });
    await this.#tell(door, chatId, text);
    return true;
  }

  #open(token: string, pace: Pace): void {
    const door: Door = { token, botId: botIdOf(token), bot: this.#options.bot(token) };
    const { bot, botId } = door;
    const inbox = createInbox({
      bot,
      botId,
      pace,
      clock: this.#clock,
      scheduler: this.#scheduler,
      log: this.#log,
      handle: ({ updateId, message }) => this.#handle(door, updateId, message),
    });
    this.#inboxes.set(token, inbox);
    void inbox.ended.then(() => {
      if (this.#inboxes.get(token) === inbox) this.#inboxes.delete(token);
    });
  }

  /** Which bots are to be heard, and how. */
  async #wanted(): Promise<ReadonlyMap<string, Pace>> {
    const invited = new Set(this.#store.open().map(({ enterprise }) => enterprise));
    const known = new Set(this.#store.bots());
    if (invited.size === 0 && known.size === 0) return new Map();
    // An invitation often follows a change of the bot by seconds.
    const enterprises = await (invited.size > 0
      ? this.#directoryNow
      : this.#directory
    ).enterprises();
    const paces = new Map<string, Pace>();
    for (const { number, botToken, active } of enterprises) {
      if (botToken === null || !active) continue;
      if (invited.has(number)) paces.set(botToken, "listening");
      else if (known.has(botIdOf(botToken)) && !paces.has(botToken)) {
        paces.set(botToken, "glancing");
      }
    }
    return paces;
  }

  async #lookNow(): Promise<void> {
    if (this.#clock.now() - this.#sweptAt >= SWEEP_EVERY_MS) {
      this.#sweptAt = this.#clock.now();
      this.#store.removeExpired();
    }
    const paces = await this.#wanted();
    if (this.#isStopped) return;
    for (const [token, inbox] of this.#inboxes) inbox.setPace(paces.get(token) ?? "closing");
    for (const [token, pace] of paces) if (!this.#inboxes.has(token)) this.#open(token, pace);
  }
}

export const createInvitations = (options: InvitationsOptions): Invitations =>
  new InvitationDesk(options);
