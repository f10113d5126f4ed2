// One enterprise in the console: its page, the pages that ask before a change, and the changes, by the same functions as
// those of the command line.

import { createHmac } from "node:crypto";
import { ConfirmPage, ToldPage } from "../../views/console-confirm.tsx";
import {
  ConsoleEnterprisePage,
  enterpriseHref,
  personName,
} from "../../views/console-enterprise.tsx";
import type { ConsoleAct, ConsoleEnterprise, ConsolePerson } from "../../views/console-view.ts";
import { dateAndTime } from "../../views/format.ts";
import { type Audit, audited, type InvitationWish, rotateSecret } from "../changes/index.ts";
import { botIdOf } from "../channels/telegram/index.ts";
import { DEFAULT_PREFERENCES } from "../domain/chat-preferences.ts";
import { type Enterprise, isEnterpriseNumber, type TelegramUser } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import { DAY_MS } from "../lib/time.ts";
import { secretsEqual } from "../lib/timing-safe.ts";
import type { Directory, InvitationStore } from "../people/index.ts";
import { DirectoryError, lineRule } from "../people/index.ts";
import { type ConfirmTexts, consoleTextsOf } from "../texts/index.ts";
import { documentOf, seeOther } from "./answers.ts";
import { listHrefOf } from "./overview.ts";
import type { Visit } from "./visit.ts";

export type EnterpriseDeskOptions = {
  readonly directory: Pick<
    Directory,
    | "enterpriseByNumber"
    | "usersOf"
    | "users"
    | "chatPreferences"
    | "changeEnterprise"
    | "removeUser"
  >;
  readonly invitations: Pick<InvitationStore, "open" | "cancel">;
  /** Makes an invitation; Telegram is asked. @throws Error, in one line with what to do. */
  readonly invite: (
    enterprise: Enterprise,
    wish: InvitationWish,
  ) => Promise<{ readonly link: string; readonly expiresAt: number }>;
  readonly clock: Clock;
  readonly audit: Audit;
};

const ACTS = ["rotate", "uninvite", "remove", "off", "on"] as const satisfies readonly ConsoleAct[];
const isAct = (text: string): text is ConsoleAct => (ACTS as readonly string[]).includes(text);

/** How long an invitation may work. */
const INVITE_DAYS = ["1", "7", "30"];

/** Tells that the secret is still the one that the question was asked about, without telling the secret. */
const secretMark = (visit: Visit, { secret }: Enterprise): string =>
  createHmac("sha256", visit.code).update(`secret ${secret}`).digest("base64url");

const nameOf = ({ firstName, lastName }: TelegramUser): string =>
  [firstName, lastName].filter((part) => part !== null && part !== "").join(" ");

const titleOf = ({ name, number }: Enterprise): string => name ?? number;

class EnterpriseDesk {
  readonly #options: EnterpriseDeskOptions;

  constructor(options: EnterpriseDeskOptions) {
    this.#options = options;
  }

  async show(
    visit: Visit,
    number: string,
    act: string,
    query: URLSearchParams,
  ): Promise<Response | undefined> {
    const enterprise = await this.#find(number);
    if (enterprise === undefined) return undefined;
    if (act === "") {
      const view = { session: visit, zone: visit.zone, enterprise: await this.#view(enterprise) };
      return documentOf(<ConsoleEnterprisePage view={view} />);
    }
    return isAct(act) ? this.#ask(visit, enterprise, act, query.get("chat") ?? "") : undefined;
  }

  async act(
    visit: Visit,
    number: string,
    act: string,
    form: URLSearchParams,
  ): Promise<Response | undefined> {
    const enterprise = await this.#find(number);
    if (enterprise === undefined) return undefined;
    try {
      if (act === "invite") return await this.#invite(visit, enterprise, form);
      if (!isAct(act)) return undefined;
      if (act === "rotate") return await this.#rotate(visit, enterprise, form);
      await this.#change(visit, enterprise, act, form.get("chat") ?? "");
      return seeOther(enterpriseHref(number));
    } catch (error) {
      // What the directory and Telegram refuse is said in a line that tells what to do; all else is for the log.
      const isSaid =
        error instanceof DirectoryError || (error as Error).message.startsWith("cannot ");
      if (!isSaid) throw error;
      return this.#notDone(visit, number, (error as Error).message);
    }
  }

  async #find(number: string): Promise<Enterprise | undefined> {
    if (!isEnterpriseNumber(number)) return undefined;
    return this.#options.directory.enterpriseByNumber(number);
  }

  async #people(enterprise: Enterprise): Promise<ConsolePerson[]> {
    const { directory } = this.#options;
    const [users, chats] = await Promise.all([
      directory.usersOf(enterprise),
      directory.chatPreferences(enterprise.number),
    ]);
    return users.map((user) => ({
      chatId: user.chatId,
      name: nameOf(user),
      preferences:
        chats.find(({ chatId }) => chatId === user.chatId)?.preferences ?? DEFAULT_PREFERENCES,
      isByBot: user.enterpriseNumber !== enterprise.number,
    }));
  }

  #invitations(number: string): ConsoleEnterprise["invitations"] {
    return this.#options.invitations.open().filter(({ enterprise }) => enterprise === number);
  }

  async #view(enterprise: Enterprise): Promise<ConsoleEnterprise> {
    const { number, name, active, botToken } = enterprise;
    return {
      number,
      name,
      active,
      country: enterprise.country ?? null,
      remindAfter: enterprise.remindAfter ?? null,
      hours: enterprise.hours ?? null,
      hasRecordings: enterprise.recordings !== "none",
      botId: botToken === null ? null : botIdOf(botToken),
      listHref: await listHrefOf(enterprise, this.#options.clock.now()),
      people: await this.#people(enterprise),
      invitations: this.#invitations(number),
    };
  }

  async #ask(
    visit: Visit,
    enterprise: Enterprise,
    act: ConsoleAct,
    chat: string,
  ): Promise<Response | undefined> {
    const { ask } = consoleTextsOf(visit.lang).enterprise;
    const title = titleOf(enterprise);
    const page = (texts: ConfirmTexts, fields: Readonly<Record<string, string>> = {}): Response => {
      const props = { session: visit, number: enterprise.number, act, texts, fields };
      return documentOf(<ConfirmPage {...props} />);
    };
    if (act === "rotate") return page(ask.rotate(title), { mark: secretMark(visit, enterprise) });
    if (act === "off") return page(ask.off(title));
    if (act === "on") return page(ask.on(title));
    if (act === "uninvite") {
      return page(ask.uninvite(title, this.#invitations(enterprise.number).length));
    }
    const people = await this.#people(enterprise);
    const person = people.find(({ chatId, isByBot }) => chatId === chat && !isByBot);
    return person && page(ask.remove(title, personName(person)), { chat });
  }

  #audited<T>(
    visit: Visit,
    entry: { readonly what: string; readonly enterprise: string; readonly about?: string },
    work: () => Promise<T> | T,
  ): Promise<T> {
    return audited(this.#options.audit, { who: visit.by, from: visit.from, ...entry }, work);
  }

  async #change(
    visit: Visit,
    { number }: Enterprise,
    act: Exclude<ConsoleAct, "rotate">,
    chat: string,
  ): Promise<void> {
    const { directory, invitations } = this.#options;
    const entry = { enterprise: number };
    if (act === "remove") {
      await this.#audited(visit, { ...entry, what: "user-remove", about: chat }, () =>
        directory.removeUser(chat, number),
      );
    } else if (act === "uninvite") {
      await this.#audited(visit, { ...entry, what: "user-uninvite" }, () => {
        invitations.cancel(number);
      });
    } else {
      const active = act === "on";
      await this.#audited(visit, { ...entry, what: "enterprise-set", about: `active ${act}` }, () =>
        directory.changeEnterprise(number, { active }),
      );
    }
  }

  /** Sent twice, by a page loaded again or by two operators, it does not end the secret that was just made. */
  async #rotate(visit: Visit, enterprise: Enterprise, form: URLSearchParams): Promise<Response> {
    const { number } = enterprise;
    const { newSecret, changedMeanwhile } = consoleTextsOf(visit.lang).enterprise;
    if (!secretsEqual(form.get("mark") ?? "", secretMark(visit, enterprise))) {
      return this.#notDone(visit, number, changedMeanwhile);
    }
    const secret = await this.#audited(
      visit,
      { what: "enterprise-rotate-secret", enterprise: number },
      () => rotateSecret(this.#options.directory, number),
    );
    const told = { ...newSecret, session: visit, number, shownOnce: secret };
    return documentOf(<ToldPage {...told} />);
  }

  async #invite(visit: Visit, enterprise: Enterprise, form: URLSearchParams): Promise<Response> {
    const { number } = enterprise;
    const { newInvitation, wrongName } = consoleTextsOf(visit.lang).enterprise;
    const name = (form.get("name") ?? "").trim();
    if (name !== "" && !lineRule.allows(name)) return this.#notDone(visit, number, wrongName);
    const days = INVITE_DAYS.find((known) => known === form.get("days")) ?? "7";
    const isGroup = form.get("group") === "yes";
    const wish = { isGroup, name: name === "" ? null : name, ttlMs: Number(days) * DAY_MS };
    const { link, expiresAt } = await this.#audited(
      visit,
      { what: "user-invite", enterprise: number },
      () => this.#options.invite(enterprise, wish),
    );
    const told = {
      session: visit,
      number,
      title: newInvitation.title,
      text: newInvitation.text(isGroup, dateAndTime(expiresAt, visit.zone)),
      shownOnce: link,
    };
    return documentOf(<ToldPage {...told} />);
  }

  #notDone(visit: Visit, number: string, text: string): Response {
    const { notDone } = consoleTextsOf(visit.lang).enterprise;
    const told = { session: visit, number, title: notDone, text };
    return documentOf(<ToldPage {...told} />, 409);
  }
}

export type { EnterpriseDesk };

/** Makes the desk; undefined is answered where there is no such enterprise, person or page. */
export const createEnterpriseDesk = (options: EnterpriseDeskOptions): EnterpriseDesk =>
  new EnterpriseDesk(options);
