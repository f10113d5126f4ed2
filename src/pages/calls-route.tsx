// `GET /calls/{enterprise}`: the list of recent calls as a page, workbook, CSV or JSON. The secret alone opens it; the calls it leads
// to are opened by links of their own, so that whoever forwards one does not forward the secret.

import { setTimeout as delay } from "node:timers/promises";
import { CallsPage } from "../../views/calls-page.tsx";
import type { ListedCall, NamesByNumber } from "../../views/calls-table.tsx";
import type { CallsView, ListLinks } from "../../views/calls-view.ts";
import { isUniqueId } from "../asterisk/index.ts";
import type { CallHistory, CallPage, CallRow, DaySummary, ListFollowRules } from "../call/index.ts";
import {
  CALL_DIRECTIONS,
  callQueryOf,
  dayOfFilter,
  FILTER_NAMES,
  FOLLOW_STATES,
  RESULTS,
  type ResultFilter,
} from "../call/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Lang } from "../domain/lang.ts";
import { isWithheld, type NumberPlan } from "../domain/phone.ts";
import { dayBounds, dayIn } from "../domain/zone-day.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { within } from "../lib/within.ts";
import type { Recordings } from "../recordings/index.ts";
import type { Access, Client } from "./access.ts";
import { callRowJson, summaryJson } from "./calls-json.ts";
import {
  cursorText,
  DEFAULT_LIMIT,
  type ListRequest,
  MAX_CSV_ROWS,
  parseListRequest,
  type QueryMistake,
} from "./calls-query.ts";
import { CSV_SEPARATORS } from "./csv.ts";
import { csvResponse } from "./csv-response.ts";
import { HTML_TYPE } from "./failure.tsx";
import { callPath, callToken } from "./links.ts";
import type { ListFile } from "./list-file.ts";
import type { ListedNumbers, ListNames } from "./list-names.ts";
import { readerLang, wantsCsv, wantsHtml, wantsJson, wantsWorkbook } from "./negotiate.ts";
import type { FollowUpSettings } from "./story.ts";
import { workbookResponse } from "./workbook.ts";

/** The language an address asks for: links of the page ask for it as well. */
const askedLang = (params: URLSearchParams): string | undefined =>
  params.get("lang")?.match(/^(?:ru|en)$/)?.[0];

export type CallsRouteOptions = {
  readonly access: Access;
  readonly history: CallHistory;
  readonly clock: Clock;
  readonly log: Log;
  readonly lang: Lang;
  readonly timeZone: string;
  /** In whose numbering plan local numbers of an enterprise are read that has none of its own. */
  readonly country?: NumberPlan;
  /** How long the links to calls open their pages, in milliseconds. */
  readonly linkTtlMs: number;
  readonly listNames: ListNames | undefined;
  readonly followUp: FollowUpSettings;
  /** Where calls that were recorded are marked: whoever opens them from here may hear them. */
  readonly recordings?: Pick<Recordings, "has"> | undefined;
};

/** Nobody looks for calls of which nothing is known by that. */
const OFFERED_DIRECTIONS = CALL_DIRECTIONS.filter((direction) => direction !== "unknown");

/** How long a page waits to know which calls were recorded, in milliseconds; it comes without the marks then. */
const MARKS_WAIT_MS = 300;

/** How often a file that waits for older days looks again, in milliseconds. */
const CSV_PAUSE_MS = 500;

const NO_LIST_NAMES: NamesByNumber = {
  customers: new Map(),
  managers: new Map(),
  complete: true,
};

const numbersIn = (rows: readonly CallRow[]): ListedNumbers => {
  const customers = new Set<string>();
  const managers = new Set<string>();
  for (const { phone, direction, answeredBy, extensions } of rows) {
    if (phone !== null && !isWithheld(phone)) {
      (direction === "internal" ? managers : customers).add(phone);
    }
    const shown = answeredBy.length > 0 ? answeredBy : extensions.slice(0, 1);
    for (const number of shown) managers.add(number);
  }
  return { customers: [...customers], managers: [...managers] };
};

/** The parameters of a link, in one order; what is not given is left out. */
const addressOf = (params: { readonly [name: string]: string | undefined }): string => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") search.set(name, value);
  }
  return `?${search}`;
};

const refusal = (mistakes: readonly QueryMistake[]): Response => {
  const message = mistakes.map(({ name, rule }) => `${name}: must be ${rule}`).join("; ");
  return Response.json({ error: { code: "bad_request", message } }, { status: 400 });
};

type Entered = Exclude<Awaited<ReturnType<Access["toList"]>>, Response>;

class CallsRoute {
  readonly #options: CallsRouteOptions;
  readonly #access: Access;
  readonly #history: CallHistory;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timeZone: string;
  readonly #linkTtlMs: number;
  readonly #listNames: ListNames | undefined;

  constructor(options: CallsRouteOptions) {
    this.#options = options;
    const { access, history, clock, log, timeZone, linkTtlMs, listNames } = this.#options;
    this.#access = access;
    this.#history = history;
    this.#clock = clock;
    this.#log = log;
    this.#timeZone = timeZone;
    this.#linkTtlMs = linkTtlMs;
    this.#listNames = listNames;
  }

  async answer(request: Request, number: string, client: Client): Promise<Response | JSX.Element> {
    const entered = await this.#access.toList(request, number, client);
    if (entered instanceof Response) return entered;
    const { searchParams } = new URL(request.url);
    const byName = wantsCsv(request) ? "csv" : wantsWorkbook(request) ? "xlsx" : undefined;
    if (byName !== undefined && !searchParams.get("format")) searchParams.set("format", byName);
    const asked = parseListRequest(searchParams);
    if (!asked.ok) {
      return wantsHtml(request)
        ? this.#wrongPage(request, entered, asked.error)
        : refusal(asked.error);
    }
    const { day } = entered.entry;
    // A link to one day shows that one, whatever else the address says.
    const wanted =
      day === undefined ? asked.value : { ...asked.value, filter: { ...asked.value.filter, day } };
    if (wanted.format === "csv") {
      const separator = CSV_SEPARATORS[wanted.separator ?? ","];
      return csvResponse(this.#asFile(entered, wanted), separator);
    }
    if (wanted.format === "xlsx") {
      const lang = readerLang(request, this.#options.lang);
      return workbookResponse(this.#asFile(entered, wanted), lang);
    }
    if (wanted.format === "json" || wantsJson(request)) return this.#asJson(entered, wanted);
    return this.#asPage(request, entered, wanted);
  }

  /** Path and query of a call's own link; undefined for an id that no page can have. */
  async #linkTo(
    { enterprise: { number, secret }, entry }: Entered,
    { uniqueId }: Pick<CallRow, "uniqueId">,
  ): Promise<string | undefined> {
    if (!isUniqueId(uniqueId)) return undefined;
    const scope = { enterprise: number, uniqueId };
    // Whoever came by a link gets none that lasts longer.
    const { expiresAt = Number.POSITIVE_INFINITY } = entry;
    const until = Math.min(this.#clock.now() + this.#linkTtlMs, expiresAt);
    return callPath(scope, await callToken(secret, scope, until));
  }

  #rulesOf(enterprise: Enterprise): ListFollowRules {
    return { ...this.#options.followUp, country: this.#countryOf(enterprise) };
  }

  /** Missed calls that wait, of all days: whoever sees one day alone is not told. */
  async #openMissed({ enterprise, entry }: Entered): Promise<number | undefined> {
    if (entry.day !== undefined) return undefined;
    const { count } = await this.#history.openMissed(enterprise.number, this.#rulesOf(enterprise));
    return count;
  }

  #countryOf({ country }: Enterprise): NumberPlan {
    return country ?? this.#options.country;
  }

  #pageOf(
    enterprise: Enterprise,
    { filter, before }: ListRequest,
    limit: number,
  ): Promise<CallPage> {
    const country = this.#countryOf(enterprise);
    const query = callQueryOf(filter, this.#clock.now(), this.#timeZone, country);
    return this.#history.calls(enterprise.number, query, {
      limit,
      follow: this.#rulesOf(enterprise),
      ...(before === undefined ? {} : { before }),
    });
  }

  /** The sums of the day asked for, or of today; further pages of a list have none. */
  async #summaryOf(
    { number }: Enterprise,
    { filter, before }: ListRequest,
  ): Promise<{ day: string; sums: DaySummary } | undefined> {
    if (before !== undefined) return undefined;
    const now = this.#clock.now();
    const day = dayOfFilter(filter, now, this.#timeZone) ?? dayIn(now, this.#timeZone);
    const { from, to } = dayBounds(day, this.#timeZone);
    return { day, sums: await this.#history.summary(number, from, to) };
  }

  async #asJson(entered: Entered, asked: ListRequest): Promise<Response> {
    const { enterprise } = entered;
    const [page, summary, openMissed] = await Promise.all([
      this.#pageOf(enterprise, asked, asked.limit ?? DEFAULT_LIMIT),
      this.#summaryOf(enterprise, asked),
      this.#openMissed(entered),
    ]);
    const calls = await Promise.all(
      page.rows.map(async (row) => ({
        ...callRowJson(row),
        path: (await this.#linkTo(entered, row)) ?? null,
      })),
    );
    return Response.json({
      calls,
      next: page.next === undefined ? null : cursorText(page.next),
      complete: page.isComplete,
      ...(openMissed === undefined ? {} : { openMissed }),
      ...(summary === undefined
        ? {}
        : { summary: summaryJson(summary.day, this.#timeZone, summary.sums) }),
    });
  }

  #asFile({ enterprise }: Entered, asked: ListRequest): ListFile {
    const { number } = enterprise;
    const country = this.#countryOf(enterprise);
    const now = this.#clock.now();
    const day = dayOfFilter(asked.filter, now, this.#timeZone);
    const query = callQueryOf(asked.filter, now, this.#timeZone, country);
    return {
      name: `calls-${number}-${day ?? `until-${dayIn(now, this.#timeZone)}`}`,
      timeZone: this.#timeZone,
      country,
      maxRows: asked.limit ?? MAX_CSV_ROWS,
      read: (limit, cursor = asked.before) =>
        this.#history.calls(number, query, {
          limit,
          follow: this.#rulesOf(enterprise),
          ...(cursor === undefined ? {} : { before: cursor }),
        }),
      pause: () => delay(CSV_PAUSE_MS),
      onError: (error) =>
        this.#log.error("cannot read calls for a file", { enterprise: number, error }),
    };
  }

  #linksOf(
    request: Request,
    filter: { readonly [name: string]: string | undefined },
    {
      older,
      fixedDay,
    }: { readonly older: string | undefined; readonly fixedDay: string | undefined },
  ): ListLinks {
    const { searchParams } = new URL(request.url);
    const fixed = {
      token: searchParams.get("token") ?? undefined,
      day: fixedDay,
      lang: askedLang(searchParams),
    };
    // How long a page is goes on with the reader; a file holds as much as it can.
    const kept = { ...fixed, limit: searchParams.get("limit") ?? undefined };
    return {
      to: (wanted) => addressOf({ ...kept, ...wanted }),
      older: older === undefined ? undefined : addressOf({ ...kept, ...filter, before: older }),
      csv: addressOf({ ...fixed, ...filter, format: "csv" }),
      workbook: addressOf({ ...fixed, ...filter, format: "xlsx" }),
      hidden: Object.entries(kept).flatMap(([name, value]) =>
        value === undefined ? [] : [{ name, value }],
      ),
    };
  }

  /** Which of the calls were answered and recorded, by their ids. */
  async #recordedAmong(
    { number: enterprise, recordings: hidden }: Enterprise,
    rows: readonly CallRow[],
  ): Promise<Set<string>> {
    const recordings = hidden === "none" ? undefined : this.#options.recordings;
    // Of calls that nobody answered a PBX leaves empty files.
    const talked = rows.filter(({ status }) => status === "answered");
    if (recordings === undefined || talked.length === 0) return new Set();
    const calls = talked.map(({ uniqueId, startedAt }) => ({
      enterprise,
      uniqueIds: [uniqueId],
      startedAt,
    }));
    try {
      const found = await within(recordings.has(calls), MARKS_WAIT_MS, () => []);
      return new Set(talked.flatMap(({ uniqueId }, index) => (found[index] ? [uniqueId] : [])));
    } catch (error) {
      this.#log.error("cannot tell which calls of a list were recorded", { enterprise, error });
      return new Set();
    }
  }

  /** What every form of the page shows, also the one that says what is wrong. */
  #frameOf(
    request: Request,
    { enterprise, entry }: Entered,
    filter: CallsView["filter"],
    older?: string,
  ): {
    enterprise: { number: string; name: string };
    zone: { lang: Lang; timeZone: string; country: NumberPlan };
    filter: {
      readonly number?: string;
      readonly day?: string;
      readonly ext?: string;
      readonly result?: string;
      readonly direction?: string;
      readonly follow?: string;
    };
    choices: {
      result: readonly ResultFilter[];
      direction: ("incoming" | "outgoing" | "internal")[];
      follow: typeof FOLLOW_STATES;
    };
    links: ListLinks;
    isDayFixed: boolean;
    today: string;
  } {
    return {
      enterprise: { number: enterprise.number, name: enterprise.name ?? "" },
      zone: {
        lang: readerLang(request, this.#options.lang),
        timeZone: this.#timeZone,
        country: this.#countryOf(enterprise),
      },
      filter,
      choices: { result: RESULTS, direction: OFFERED_DIRECTIONS, follow: FOLLOW_STATES },
      links: this.#linksOf(
        request,
        { ...filter, day: filter.day ?? entry.day },
        {
          older,
          fixedDay: entry.day,
        },
      ),
      isDayFixed: entry.day !== undefined,
      today: dayIn(this.#clock.now(), this.#timeZone),
    };
  }

  async #asPage(request: Request, entered: Entered, asked: ListRequest): Promise<JSX.Element> {
    const { enterprise } = entered;
    const [page, summary, openMissed] = await Promise.all([
      this.#pageOf(enterprise, asked, asked.limit ?? DEFAULT_LIMIT),
      this.#summaryOf(enterprise, asked),
      this.#openMissed(entered),
    ]);
    const { pathname, searchParams } = new URL(request.url);
    // Relative, so that the pages may stand behind a path of a proxy.
    const up = pathname.endsWith("/") ? "../.." : "..";
    const asksFor = askedLang(searchParams);
    const inLang = asksFor === undefined ? "" : `&lang=${asksFor}`;
    const isRecorded = await this.#recordedAmong(enterprise, page.rows);
    const [rows, names] = await Promise.all([
      Promise.all(
        page.rows.map(async (row): Promise<ListedCall> => {
          const hrefOf = async (uniqueId: string | null): Promise<string | undefined> => {
            const path = uniqueId === null ? undefined : await this.#linkTo(entered, { uniqueId });
            return path === undefined ? undefined : up + path + inLang;
          };
          const other = row.followUp?.call ?? row.returns;
          return {
            ...row,
            href: await hrefOf(row.uniqueId),
            otherHref: await hrefOf(other),
            isRecorded: isRecorded.has(row.uniqueId),
          };
        }),
      ),
      this.#listNames?.(enterprise.number, numbersIn(page.rows)) ?? NO_LIST_NAMES,
    ]);
    const day = dayOfFilter(asked.filter, this.#clock.now(), this.#timeZone);
    const filter = { ...asked.filter, ...(day === undefined ? {} : { day }) };
    const older = page.next === undefined ? undefined : cursorText(page.next);
    const list = { rows, isFirst: asked.before === undefined, isComplete: page.isComplete };
    return (
      <CallsPage
        {...this.#frameOf(request, entered, filter, older)}
        summary={summary}
        openMissed={openMissed}
        list={list}
        names={names}
        wrong={[]}
      />
    );
  }

  /** The form again, with what was written and what is wrong with it. */
  #wrongPage(request: Request, entered: Entered, mistakes: readonly QueryMistake[]): Response {
    const { searchParams } = new URL(request.url);
    const filter = Object.fromEntries(
      FILTER_NAMES.map((name) => [name, (searchParams.get(name) ?? "").slice(0, 100)]),
    );
    const isFilter = (name: string): name is (typeof FILTER_NAMES)[number] =>
      (FILTER_NAMES as readonly string[]).includes(name);
    const wrong = new Set(mistakes.map(({ name }) => (isFilter(name) ? name : "address")));
    const page = (
      <CallsPage
        {...this.#frameOf(request, entered, filter)}
        summary={undefined}
        list={undefined}
        names={NO_LIST_NAMES}
        wrong={[...wrong]}
      />
    );
    return new Response(`<!doctype html>${page as string}`, {
      status: 400,
      headers: { "content-type": HTML_TYPE },
    });
  }
}

/** Answers the route: markup for `html()`, or a whole response. */
export const createCallsRoute = (options: CallsRouteOptions) => {
  const made = new CallsRoute(options);
  return (request: Request, number: string, client: Client) => made.answer(request, number, client);
};
