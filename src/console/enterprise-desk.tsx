// One enterprise in the console: its page, the pages that ask before a change, and the changes, by the same functions as
// those of the command line.

import { ConfirmPage, ToldPage } from "../../views/console-confirm.tsx";
import { ConsoleEnterprisePage, personName } from "../../views/console-enterprise.tsx";
import { ConsoleFaultsPage } from "../../views/console-faults.tsx";
import { enterpriseHref } from "../../views/console-hrefs.ts";
import type { ConsoleAct, ConsoleEnterprise, ConsolePerson } from "../../views/console-view.ts";
import { dateAndTime } from "../../views/format.ts";
import {
  audited,
  HookError,
  hooksOf,
  type InvitationWish,
  removeHook,
  rotateHook,
  rotateSecret,
  setEnterprise,
  testHook,
} from "../changes/index.ts";
import { botIdOf } from "../channels/telegram/index.ts";
import { DEFAULT_PREFERENCES } from "../domain/chat-preferences.ts";
import { type Enterprise, isEnterpriseNumber } from "../domain/enterprise.ts";
import { type Hook, type Post, shownTarget } from "../hooks/index.ts";
import type { Clock } from "../lib/clock.ts";
import { printable } from "../lib/printable.ts";
import { DAY_MS } from "../lib/time.ts";
import { secretsEqual } from "../lib/timing-safe.ts";
import type { InvitationStore } from "../people/index.ts";
import { DirectoryError, lineRule } from "../people/index.ts";
import { type ConfirmTexts, consoleTextsOf } from "../texts/index.ts";
import { affectedLines, nameOf } from "./affected.ts";
import { documentOf, seeOther } from "./answers.ts";
import { FAULT_DAYS, type FaultOptions, refusalsOf, salvagedOf } from "./faults.ts";
import { FormDesk, type FormDeskOptions } from "./form-desk.tsx";
import { botMark, isFormAct } from "./form-plans.ts";
import { listHrefOf } from "./overview.ts";
import { markOf, type Visit } from "./visit.ts";

export type EnterpriseDeskOptions = FormDeskOptions &
  FaultOptions & {
    readonly invitations: Pick<InvitationStore, "open" | "cancel">;
    /** Makes an invitation; Telegram is asked. @throws Error, in one line with what to do. */
    readonly invite: (
      enterprise: Enterprise,
      wish: InvitationWish,
    ) => Promise<{ readonly link: string; readonly expiresAt: number }>;
    /** Posts to a webhook that is tried. */
    readonly post: Post;
    readonly clock: Clock;
  };

const ACTS = [
  "rotate",
  "uninvite",
  "remove",
  "off",
  "on",
  "unbot",
  "rehook",
  "unhook",
] as const satisfies readonly ConsoleAct[];
const isAct = (text: string): text is ConsoleAct => (ACTS as readonly string[]).includes(text);

/** Of what a webhook's target answered, as many characters are shown. */
const MAX_ANSWER_LENGTH = 300;

/** How long an invitation may work. */
const INVITE_DAYS = ["1", "7", "30"];

/** Tells that the secret is still the one that the question was asked about, without telling the secret. */
const secretMark = (visit: Visit, { secret }: Enterprise): string =>
  markOf(visit, `secret ${secret}`);
const hookMark = (visit: Visit, { secret }: Hook): string => markOf(visit, `hook ${secret}`);

const titleOf = ({ name, number }: Enterprise): string => name ?? number;

class EnterpriseDesk {
  readonly #options: EnterpriseDeskOptions;
  readonly #forms: FormDesk;

  constructor(options: EnterpriseDeskOptions) {
    this.#options = options;
    this.#forms = new FormDesk(options);
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
    if (act === "faults") return this.#faults(visit, enterprise);
    if (isFormAct(act)) return this.#forms.show(visit, enterprise, act, query);
    return isAct(act) ? this.#ask(visit, enterprise, act, query) : undefined;
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
      if (act === "hooktest") return await this.#testHook(visit, number, form.get("hook") ?? "");
      if (isFormAct(act)) return await this.#forms.act(visit, enterprise, act, form);
      if (!isAct(act)) return undefined;
      if (act === "rotate") return await this.#rotate(visit, enterprise, form);
      if (act === "rehook") return await this.#rotateHook(visit, number, form);
      if (act === "unbot") return await this.#removeBot(visit, enterprise, form);
      await this.#change(visit, enterprise, act, form);
      return seeOther(enterpriseHref(number));
    } catch (error) {
      // What the directory and Telegram refuse is said in a line that tells what to do; all else is for the log.
      const isSaid =
        error instanceof DirectoryError ||
        error instanceof HookError ||
        (error as Error).message.startsWith("cannot ");
      if (!isSaid) throw error;
      return this.#notDone(visit, number, (error as Error).message);
    }
  }

  async #faults(visit: Visit, enterprise: Enterprise): Promise<Response> {
    const { number } = enterprise;
    const { events, isComplete } = await salvagedOf(this.#options, enterprise);
    const view = {
      session: visit,
      zone: visit.zone,
      number,
      title: titleOf(enterprise),
      days: FAULT_DAYS,
      refusals: refusalsOf(this.#options, number),
      salvaged: events,
      isComplete,
    };
    return documentOf(<ConsoleFaultsPage view={view} />);
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
      hooks: this.#options.hooks.of(number).map(({ id, url, createdAt, goneAt }) => ({
        id,
        target: shownTarget(url),
        createdAt,
        goneAt,
      })),
    };
  }

  async #ask(
    visit: Visit,
    enterprise: Enterprise,
    act: ConsoleAct,
    query: URLSearchParams,
  ): Promise<Response | undefined> {
    const texts = consoleTextsOf(visit.lang);
    const { ask } = texts.enterprise;
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
    if (act === "unbot") {
      const { askRemove } = texts.forms.bot;
      return page(askRemove(title), { mark: botMark(visit, enterprise) });
    }
    if (act === "rehook" || act === "unhook") {
      const id = query.get("hook") ?? "";
      const hook = this.#options.hooks.of(enterprise.number).find((one) => one.id === id);
      const { askRotate, askRemove } = texts.forms.hooks;
      const words = act === "rehook" ? askRotate : askRemove;
      return hook && page(words(shownTarget(hook.url)), { hook: id, mark: hookMark(visit, hook) });
    }
    const chat = query.get("chat") ?? "";
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
    act: Exclude<ConsoleAct, "rotate" | "rehook" | "unbot">,
    form: URLSearchParams,
  ): Promise<void> {
    const { directory, invitations, hooks } = this.#options;
    const entry = { enterprise: number };
    const [chat, hook] = [form.get("chat") ?? "", form.get("hook") ?? ""];
    if (act === "unhook") {
      await this.#audited(visit, { ...entry, what: "hook-remove", about: hook }, () =>
        removeHook(hooks, number, hook),
      );
    } else if (act === "remove") {
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

  async #rotateHook(visit: Visit, number: string, form: URLSearchParams): Promise<Response> {
    const { hooks } = this.#options;
    const texts = consoleTextsOf(visit.lang);
    const id = form.get("hook") ?? "";
    const [hook] = hooksOf(hooks, number, id);
    if (hook === undefined || !secretsEqual(form.get("mark") ?? "", hookMark(visit, hook))) {
      return this.#notDone(visit, number, texts.enterprise.changedMeanwhile);
    }
    const entry = { what: "hook-rotate", enterprise: number, about: id };
    const { secret, former } = await this.#audited(visit, entry, () =>
      rotateHook(hooks, number, id),
    );
    const { title, text } = texts.forms.hooks.rotated;
    const until = text(dateAndTime(former?.until ?? 0, visit.zone));
    const told = { session: visit, number, title, text: until, shownOnce: secret };
    return documentOf(<ToldPage {...told} />);
  }

  async #testHook(visit: Visit, number: string, id: string): Promise<Response> {
    const { hooks, post, clock } = this.#options;
    const [hook] = hooksOf(hooks, number, id);
    if (hook === undefined) return this.#notDone(visit, number, id);
    const entry = { what: "hook-test", enterprise: number, about: id };
    const tested = await this.#audited(visit, entry, () => testHook(hook, { post, clock }));
    const words = consoleTextsOf(visit.lang).forms.hooks;
    const answer = printable(tested.answer, MAX_ANSWER_LENGTH);
    const told = {
      session: visit,
      number,
      title: tested.isTaken ? words.taken : words.notTaken,
      text: words.answered(shownTarget(hook.url), answer),
    };
    return documentOf(<ToldPage {...told} />);
  }

  /** Another bot, that somebody gave it meanwhile, is not taken away. */
  async #removeBot(visit: Visit, enterprise: Enterprise, form: URLSearchParams): Promise<Response> {
    const { number } = enterprise;
    const { enterprise: words, forms } = consoleTextsOf(visit.lang);
    if (!secretsEqual(form.get("mark") ?? "", botMark(visit, enterprise))) {
      return this.#notDone(visit, number, words.changedMeanwhile);
    }
    const entry = { what: "enterprise-set", enterprise: number, about: "bot-token" };
    const changed = await this.#audited(visit, entry, () =>
      setEnterprise(this.#options, number, { botToken: null }),
    );
    const lines = affectedLines(changed, forms.bot);
    const told = { session: visit, number, ...forms.bot.changed, lines };
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
