// `GET /calls/{enterprise}`: the list of recent calls as a page, CSV or JSON. The secret alone opens it; the calls it leads
// to are opened by links of their own, so that whoever forwards one does not forward the secret.

import { setTimeout as delay } from "node:timers/promises";
import { CallsPage } from "../../views/calls-page.tsx";
import type { ListedCall, NamesByNumber } from "../../views/calls-table.tsx";
import type { CallsView, ListLinks } from "../../views/calls-view.ts";
import type { CallHistory, CallPage, CallRow } from "../call/index.ts";
import { CALL_DIRECTIONS, callQueryOf, dayOfFilter, FILTER_NAMES, RESULTS } from "../call/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Lang } from "../domain/lang.ts";
import { isWithheld } from "../domain/phone.ts";
import { isUniqueId } from "../domain/unique-id.ts";
import { dayBounds, dayIn } from "../domain/zone-day.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
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
import { csvResponse } from "./csv-response.ts";
import { HTML_TYPE } from "./failure.tsx";
import { callPath, callToken } from "./links.ts";
import { readerLang, wantsCsv, wantsHtml, wantsJson } from "./negotiate.ts";

/** The language an address asks for: links of the page ask for it as well. */
const askedLang = (params: URLSearchParams): string | undefined =>
  params.get("lang")?.match(/^(?:ru|en)$/)?.[0];

/** Whose names a list shows. */
export type ListedNumbers = {
  readonly customers: readonly string[];
  readonly managers: readonly string[];
};

/** Names for a list, in about two seconds at most; never rejects. */
export type ListNames = (enterprise: string, numbers: ListedNumbers) => Promise<NamesByNumber>;

export type CallsRouteOptions = {
  readonly access: Access;
  readonly history: CallHistory;
  readonly clock: Clock;
  readonly log: Log;
  readonly lang: Lang;
  readonly timeZone: string;
  /** How long the links to calls open their pages, in milliseconds. */
  readonly linkTtlMs: number;
  readonly listNames: ListNames | undefined;
};

/** Nobody looks for calls of which nothing is known by that. */
const OFFERED_DIRECTIONS = CALL_DIRECTIONS.filter((direction) => direction !== "unknown");

/** How often a CSV file that waits for older days looks again, in milliseconds. */
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

/** Answers the route: markup for `html()`, or a whole response. */
export const createCallsRoute = (options: CallsRouteOptions) => {
  const { access, history, clock, log, timeZone, linkTtlMs, listNames } = options;

  /** Path and query of a call's own link; undefined for an id that no page can have. */
  const linkTo = async (
    { number, secret }: Enterprise,
    { uniqueId }: CallRow,
  ): Promise<string | undefined> => {
    if (!isUniqueId(uniqueId)) return undefined;
    const scope = { enterprise: number, uniqueId };
    return callPath(scope, await callToken(secret, scope, clock.now() + linkTtlMs));
  };

  const pageOf = (
    { number }: Enterprise,
    { filter, before }: ListRequest,
    limit: number,
  ): Promise<CallPage> =>
    history.calls(number, callQueryOf(filter, clock.now(), timeZone), {
      limit,
      ...(before === undefined ? {} : { before }),
    });

  /** The sums of the day asked for, or of today; further pages of a list have none. */
  const summaryOf = async ({ number }: Enterprise, { filter, before }: ListRequest) => {
    if (before !== undefined) return undefined;
    const now = clock.now();
    const day = dayOfFilter(filter, now, timeZone) ?? dayIn(now, timeZone);
    const { from, to } = dayBounds(day, timeZone);
    return { day, sums: await history.summary(number, from, to) };
  };

  const asJson = async (enterprise: Enterprise, asked: ListRequest): Promise<Response> => {
    const [page, summary] = await Promise.all([
      pageOf(enterprise, asked, asked.limit ?? DEFAULT_LIMIT),
      summaryOf(enterprise, asked),
    ]);
    const calls = await Promise.all(
      page.rows.map(async (row) => ({
        ...callRowJson(row),
        path: (await linkTo(enterprise, row)) ?? null,
      })),
    );
    return Response.json({
      calls,
      next: page.next === undefined ? null : cursorText(page.next),
      complete: page.isComplete,
      ...(summary === undefined
        ? {}
        : { summary: summaryJson(summary.day, timeZone, summary.sums) }),
    });
  };

  const asCsv = ({ number }: Enterprise, asked: ListRequest): Response => {
    const now = clock.now();
    const day = dayOfFilter(asked.filter, now, timeZone);
    const query = callQueryOf(asked.filter, now, timeZone);
    return csvResponse({
      name: `calls-${number}-${day ?? `until-${dayIn(now, timeZone)}`}`,
      timeZone,
      maxRows: asked.limit ?? MAX_CSV_ROWS,
      read: (limit, cursor = asked.before) =>
        history.calls(number, query, {
          limit,
          ...(cursor === undefined ? {} : { before: cursor }),
        }),
      pause: () => delay(CSV_PAUSE_MS),
      onError: (error) =>
        log.error("cannot read calls for a CSV file", { enterprise: number, error }),
    });
  };

  const linksOf = (
    request: Request,
    filter: { readonly [name: string]: string | undefined },
    older: string | undefined,
  ): ListLinks => {
    const { searchParams } = new URL(request.url);
    const fixed = {
      token: searchParams.get("token") ?? undefined,
      lang: askedLang(searchParams),
    };
    return {
      to: (wanted) => addressOf({ ...fixed, ...wanted }),
      older: older === undefined ? undefined : addressOf({ ...fixed, ...filter, before: older }),
      csv: addressOf({ ...fixed, ...filter, format: "csv" }),
      hidden: Object.entries(fixed).flatMap(([name, value]) =>
        value === undefined ? [] : [{ name, value }],
      ),
    };
  };

  /** What every form of the page shows, also the one that says what is wrong. */
  const frameOf = (
    request: Request,
    enterprise: Enterprise,
    filter: CallsView["filter"],
    older?: string,
  ) => ({
    enterprise: { number: enterprise.number, name: enterprise.name ?? "" },
    zone: { lang: readerLang(request, options.lang), timezone: timeZone },
    filter,
    choices: { result: RESULTS, direction: OFFERED_DIRECTIONS },
    links: linksOf(request, filter, older),
    today: dayIn(clock.now(), timeZone),
  });

  const asPage = async (
    request: Request,
    enterprise: Enterprise,
    asked: ListRequest,
  ): Promise<JSX.Element> => {
    const [page, summary] = await Promise.all([
      pageOf(enterprise, asked, asked.limit ?? DEFAULT_LIMIT),
      summaryOf(enterprise, asked),
    ]);
    const { pathname, searchParams } = new URL(request.url);
    // Relative, so that the pages may stand behind a path of a proxy.
    const up = pathname.endsWith("/") ? "../.." : "..";
    const asksFor = askedLang(searchParams);
    const inLang = asksFor === undefined ? "" : `&lang=${asksFor}`;
    const [rows, names] = await Promise.all([
      Promise.all(
        page.rows.map(async (row): Promise<ListedCall> => {
          const path = await linkTo(enterprise, row);
          return { ...row, href: path === undefined ? undefined : up + path + inLang };
        }),
      ),
      listNames?.(enterprise.number, numbersIn(page.rows)) ?? NO_LIST_NAMES,
    ]);
    const day = dayOfFilter(asked.filter, clock.now(), timeZone);
    const filter = { ...asked.filter, ...(day === undefined ? {} : { day }) };
    const older = page.next === undefined ? undefined : cursorText(page.next);
    const list = { rows, isFirst: asked.before === undefined, isComplete: page.isComplete };
    return (
      <CallsPage
        {...frameOf(request, enterprise, filter, older)}
        summary={summary}
        list={list}
        names={names}
        wrong={[]}
      />
    );
  };

  /** The form again, with what was written and what is wrong with it. */
  const wrongPage = (
    request: Request,
    enterprise: Enterprise,
    mistakes: readonly QueryMistake[],
  ): Response => {
    const { searchParams } = new URL(request.url);
    const filter = Object.fromEntries(
      FILTER_NAMES.map((name) => [name, (searchParams.get(name) ?? "").slice(0, 100)]),
    );
    const isFilter = (name: string): name is (typeof FILTER_NAMES)[number] =>
      (FILTER_NAMES as readonly string[]).includes(name);
    const wrong = new Set(mistakes.map(({ name }) => (isFilter(name) ? name : "address")));
    const page = (
      <CallsPage
        {...frameOf(request, enterprise, filter)}
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
  };

  return async (
    request: Request,
    number: string,
    client: Client,
  ): Promise<Response | JSX.Element> => {
    const enterprise = await access.toEnterprise(request, number, client);
    if (enterprise instanceof Response) return enterprise;
    const { searchParams } = new URL(request.url);
    if (wantsCsv(request) && !searchParams.get("format")) searchParams.set("format", "csv");
    const asked = parseListRequest(searchParams);
    if (!asked.ok) {
      return wantsHtml(request)
        ? wrongPage(request, enterprise, asked.error)
        : refusal(asked.error);
    }
    if (asked.value.format === "csv") return asCsv(enterprise, asked.value);
    if (asked.value.format === "json" || wantsJson(request)) return asJson(enterprise, asked.value);
    return asPage(request, enterprise, asked.value);
  };
};
