// People join by an invitation link and leave by /stop.

import type { Enterprise, TelegramUser } from "../../domain/enterprise.ts";
import type { Lang } from "../../domain/lang.ts";
import { cleanName } from "../../domain/names.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Directory, InvitationStore } from "../../people/index.ts";
import { type DoorTexts, doorTextsOf, readerLang } from "../../texts/index.ts";
import {
  type Answering,
  botIdOf,
  type Door,
  greetingOf,
  hasCode,
  nameOf,
  namesOf,
  tiesOf,
} from "./door.ts";
import type { IncomingMessage } from "./incoming.ts";

export type InvitationsOptions = {
  readonly store: InvitationStore;
  /** Takes the changes, so that its own memory of who gets cards is right at once. */
  readonly directory: Pick<Directory, "addUser" | "removeUser" | "removeUserOfBot">;
  /** Remembers nothing: who was removed a second ago is in no more. */
  readonly directoryNow: Pick<Directory, "enterprises" | "usersOf" | "users">;
  readonly answering: Pick<Answering, "tell" | "isMeant">;
  readonly clock: Clock;
  readonly log: Log;
  /** For people whose Telegram tells no language. */
  readonly lang: Lang;
};

export type Invitations = {
  /** Answers /start and /stop; whether the message was one. Never throws. */
  handle(door: Door, updateId: number, message: IncomingMessage): Promise<boolean>;
};

const COMMAND = /^\/(start|stop)(?:@(\w+))?(?:\s+(\S+))?\s*$/i;
/** What Telegram lets a link carry. */
const CODE = /^[\w-]{1,64}$/;

class InvitationDesk implements Invitations {
  readonly #store: InvitationStore;
  readonly #directory: InvitationsOptions["directory"];
  readonly #directoryNow: InvitationsOptions["directoryNow"];
  readonly #answering: InvitationsOptions["answering"];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #lang: Lang;

  constructor(options: InvitationsOptions) {
    const { store, directory, directoryNow, answering, clock, log, lang } = options;
    this.#store = store;
    this.#directory = directory;
    this.#directoryNow = directoryNow;
    this.#answering = answering;
    this.#clock = clock;
    this.#log = log;
    this.#lang = lang;
  }

  async handle(door: Door, updateId: number, message: IncomingMessage): Promise<boolean> {
    const [, command, userName, code] = COMMAND.exec(message.text) ?? [];
    if (command === undefined) return false;
    if (!(await this.#answering.isMeant(door, userName))) return false;
    const { chatId } = message;
    const texts = doorTextsOf(readerLang(message.languageCode, this.#lang));
    const answer = async (): Promise<string> => {
      if (command.toLowerCase() === "stop") return this.#leave(door, chatId, texts);
      if (code === undefined) {
        const ties = await tiesOf(this.#directoryNow, door.botId, chatId);
        return greetingOf(ties, chatId, texts);
      }
      return CODE.test(code)
        ? this.#enter(door, { updateId, message }, code, texts)
        : texts.unknown;
    };
    const text = await answer().catch((error: unknown) => {
      const what = command.toLowerCase() === "stop" ? "let a chat go" : "let a chat in";
      this.#log.error(`cannot ${what}; it is asked to try again`, { chat: chatId, error });
      return texts.later;
    });
    await this.#answering.tell(door, chatId, text);
    return true;
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

  async #leave({ botId }: Door, chatId: string, texts: DoorTexts): Promise<string> {
    const ties = await tiesOf(this.#directoryNow, botId, chatId);
    if (ties.length === 0) return texts.notThere;
    for (const { row } of ties) {
      await this.#end(row).catch((error: unknown) => {
        if (!hasCode(error, "not-found")) throw error;
      });
    }
    const names = namesOf(ties);
    this.#log.info("a chat left by /stop", { enterprises: names, chat: chatId });
    return texts.left(names);
  }

  #end({ chatId, enterpriseNumber, botToken }: TelegramUser): Promise<void> {
    return enterpriseNumber !== null && enterpriseNumber !== ""
      ? this.#directory.removeUser(chatId, enterpriseNumber)
      : this.#directory.removeUserOfBot(chatId, botToken ?? "");
  }
}

export const createInvitations = (options: InvitationsOptions): Invitations =>
  new InvitationDesk(options);
