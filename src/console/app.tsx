// The operator's console on the pages' listener: who gets in, what each address shows, what each form does. It answers only
// requests that nobody could listen to; every form is checked for the session's own token and for where it was sent from.

import { createHmac } from "node:crypto";
import { BeginPage, RefusalPage } from "../../views/console-frame.tsx";
import { ConsoleHealthPage } from "../../views/console-health.tsx";
import { ConsoleHomePage } from "../../views/console-home.tsx";
import { ConsoleSearchPage } from "../../views/console-search.tsx";
import type { CheckFinding, ConsoleHealth } from "../../views/console-view.ts";
import type { ConsoleRefusal } from "../domain/console.ts";
import type { Lang } from "../domain/lang.ts";
import { dayIn } from "../domain/zone-day.ts";
import { type Address, type Network, parseAddress } from "../lib/addresses.ts";
import { type ClientAddressOf, clientName, createClientAddressOf } from "../lib/client-address.ts";
import { HOUR_MS } from "../lib/time.ts";
import { secretsEqual } from "../lib/timing-safe.ts";
import { readerLang } from "../pages/index.ts";
import { cookieOf, documentOf, readForm, seeOther, sessionIn } from "./answers.ts";
import {
  createEnterpriseDesk,
  type EnterpriseDesk,
  type EnterpriseDeskOptions,
} from "./enterprise-desk.tsx";
import { FAULT_DAYS, refusalsOf } from "./faults.ts";
import { type OverviewOptions, readOverview } from "./overview.ts";
import { MIN_SEARCH_DIGITS, searchedDigits, searchNumber } from "./search.ts";
import { type ConsoleStore, SESSION_TTL_MS } from "./store.ts";
import { isOwnOrigin, type Way, wayOf } from "./transport.ts";
import type { Visit } from "./visit.ts";

export type ConsoleOptions = OverviewOptions &
  EnterpriseDeskOptions & {
    readonly store: ConsoleStore;
    /** For readers who ask for no language. */
    readonly lang: Lang;
    /** Makes the checks of doctor: all, or those that cost little. Without it the page names the command. */
    readonly diagnose?: ((isAll: boolean) => Promise<readonly CheckFinding[]>) | undefined;
    /** How the service is, cheaply. */
    readonly readHealth: () => Promise<ConsoleHealth>;
    /** `--public-url`. */
    readonly publicUrl: string | null;
    /** `--trust-proxy`. */
    readonly trustProxy: readonly Network[];
  };

/** Longer than any number with what people write between its digits. */
const MAX_SEARCH_LENGTH = 64;

/** Answers a request to the console; `server` is what the runtime serves with. Never rejects. */
export type Console = (request: Request, server: unknown) => Promise<Response>;

/** Whether an address is the console's. */
export const isConsolePath = (url: string): boolean =>
  /^\/console(?:\/|$)/.test(new URL(url).pathname);

/** The other end of the connection, which no header can invent. */
const peerOf = (request: Request, server: unknown): Address | undefined => {
  const { requestIP } = (server ?? {}) as {
    requestIP?: (request: Request) => { readonly address: string } | null;
  };
  const address = requestIP?.call(server, request)?.address;
  return address === undefined ? undefined : parseAddress(address);
};

/** What a session's forms carry: made from its code, which pages of other sites never see. */
const formTokenOf = (session: string): string =>
  createHmac("sha256", session).update("calllog console form, version 1").digest("base64url");

/** The enterprise that an address is about, and what is to be done with it; empty: nothing, it is looked at. */
const enterprisePlace = (
  pathname: string,
): { readonly number: string; readonly act: string } | undefined => {
  const [, number, act = ""] =
    /^\/console\/enterprises\/([\w-]+)(?:\/([a-z]+))?$/.exec(pathname) ?? [];
  return number === undefined ? undefined : { number, act };
};

/** Of each refusal; who is not in learns nothing of what there is. */
const STATUS: { readonly [refusal in ConsoleRefusal]: number } = {
  noSession: 403,
  usedLink: 403,
  openWay: 403,
  form: 403,
  tooLarge: 413,
  noPage: 404,
  failed: 500,
};

class ConsoleApp {
  readonly #options: ConsoleOptions;
  readonly #clientAddressOf: ClientAddressOf;
  readonly #desk: EnterpriseDesk;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#clientAddressOf = createClientAddressOf(options.trustProxy);
    this.#desk = createEnterpriseDesk(options);
  }

  async answer(request: Request, server: unknown): Promise<Response> {
    const lang = readerLang(request, this.#options.lang);
    try {
      const way = wayOf(peerOf(request, server), request.headers, this.#options.trustProxy);
      if (way === "open") return this.#refuse(lang, "openWay");
      const from = clientName(this.#clientAddressOf(request, server));
      if (request.method === "GET") return await this.#show(request, lang, from);
      if (request.method === "POST") return await this.#act(request, { lang, from, way });
      return this.#refuse(lang, "noPage");
    } catch (error) {
      this.#options.log.error("cannot answer a request of the console", { error });
      return this.#refuse(lang, "failed");
    }
  }

  #refuse(lang: Lang, refusal: ConsoleRefusal): Response {
    return documentOf(<RefusalPage lang={lang} refusal={refusal} />, STATUS[refusal]);
  }

  /** Whose session it is that the request carries, if it lasts. */
  #visitOf(request: Request, lang: Lang, from: string): Visit | undefined {
    const code = sessionIn(request.headers);
    const pass = this.#options.store.sessionOf(code);
    if (pass === undefined) return undefined;
    const zone = { timeZone: this.#options.timeZone, lang };
    return { by: pass.by, from, lang, zone, code, formToken: formTokenOf(code) };
  }

  async #show(request: Request, lang: Lang, from: string): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const code = searchParams.get("code");
    if (code !== null && pathname === "/console") return this.#offer(code, lang);
    const visit = this.#visitOf(request, lang, from);
    if (visit === undefined) return this.#refuse(lang, "noSession");
    if (pathname === "/console" || pathname === "/console/") return this.#home(visit);
    if (pathname === "/console/search") return this.#search(visit, searchParams.get("number"));
    if (pathname === "/console/health") return this.#health(visit);
    const place = enterprisePlace(pathname);
    const shown = place && (await this.#desk.show(visit, place.number, place.act, searchParams));
    return shown ?? this.#refuse(lang, "noPage");
  }

  /** A robot that looks at links before people do must not use one up: the page asks for a button. */
  #offer(code: string, lang: Lang): Response {
    const pass = this.#options.store.linkOf(code);
    if (pass === undefined) return this.#refuse(lang, "usedLink");
    const hours = SESSION_TTL_MS / HOUR_MS;
    return documentOf(<BeginPage lang={lang} by={pass.by} code={code} hours={hours} />);
  }

  async #home(visit: Visit): Promise<Response> {
    const { clock, timeZone } = this.#options;
    const rows = await readOverview(this.#options);
    const today = dayIn(clock.now(), timeZone);
    const view = { session: visit, zone: visit.zone, today, rows };
    return documentOf(<ConsoleHomePage view={view} />);
  }

  async #search(visit: Visit, asked: string | null): Promise<Response> {
    const text = (asked ?? "").slice(0, MAX_SEARCH_LENGTH);
    const digits = searchedDigits(text);
    const found = digits === undefined ? undefined : await searchNumber(this.#options, digits);
    const isTooShort = asked !== null && digits === undefined;
    const view = { session: visit, zone: visit.zone, asked: text, isTooShort, found };
    return documentOf(<ConsoleSearchPage view={view} minDigits={MIN_SEARCH_DIGITS} />);
  }

  /** @param isAll whether all checks are made: some ask the network */
  async #health(visit: Visit, isAll = false): Promise<Response> {
    const { readHealth, diagnose } = this.#options;
    const [health, findings] = await Promise.all([readHealth(), diagnose?.(isAll)]);
    const props = {
      session: visit,
      zone: visit.zone,
      health,
      checks: findings && { findings, isAll },
      refusals: refusalsOf(this.#options, undefined),
      days: FAULT_DAYS,
    };
    return documentOf(<ConsoleHealthPage {...props} />);
  }

  async #act(
    request: Request,
    { lang, from, way }: { readonly lang: Lang; readonly from: string; readonly way: Way },
  ): Promise<Response> {
    const isOwn = isOwnOrigin(request.headers, way, this.#options.publicUrl);
    const form = isOwn ? await readForm(request) : undefined;
    if (form === undefined) return this.#refuse(lang, "form");
    if (form === "too large") return this.#refuse(lang, "tooLarge");
    const { pathname } = new URL(request.url);
    if (pathname === "/console/begin") return this.#begin(request, form, { lang, from, way });
    const visit = this.#visitOf(request, lang, from);
    if (visit === undefined) return this.#refuse(lang, "noSession");
    if (!secretsEqual(form.get("form_token") ?? "", visit.formToken)) {
      return this.#refuse(lang, "form");
    }
    if (pathname === "/console/end") return this.#end(visit, way);
    if (pathname === "/console/health") return this.#health(visit, true);
    const place = enterprisePlace(pathname);
    const done = place && (await this.#desk.act(visit, place.number, place.act, form));
    return done ?? this.#refuse(lang, "noPage");
  }

  /** Whatever session the browser brought is not carried on: its code may be one that somebody else knows. */
  #begin(
    request: Request,
    form: URLSearchParams,
    { lang, from, way }: { readonly lang: Lang; readonly from: string; readonly way: Way },
  ): Response {
    const { store, audit } = this.#options;
    const begun = store.begin(form.get("code") ?? "");
    if (begun === undefined) return this.#refuse(lang, "usedLink");
    store.end(sessionIn(request.headers));
    audit({ who: begun.pass.by, from, what: "console-begin" });
    return seeOther("/console", cookieOf(begun.session, SESSION_TTL_MS, way));
  }

  #end(visit: Visit, way: Way): Response {
    const { store, audit } = this.#options;
    store.end(visit.code);
    audit({ who: visit.by, from: visit.from, what: "console-end" });
    return seeOther("/console", cookieOf("", 0, way));
  }
}

/** Builds the console. It holds nothing that needs closing; it closes nothing that it was given. */
export const createConsole = (options: ConsoleOptions): Console => {
  const app = new ConsoleApp(options);
  return (request, server) => app.answer(request, server);
};
