// Listener 8026: the page of a call, and the same as JSON. Reads only: opening a page writes nothing.

import { html } from "@elysiajs/html";
import { Elysia } from "elysia";
import { CallPage } from "../../views/call-page.tsx";
import { ErrorPage, type ErrorStatus } from "../../views/error-page.tsx";
import type { Lang } from "../../views/texts.ts";
import { type AssembledCall, callJson, findCall } from "../call/index.ts";
import type { Directory } from "../directory/types.ts";
import { isEnterpriseNumber } from "../domain/enterprise.ts";
import { type CallNames, NO_NAMES } from "../domain/names.ts";
import { isUniqueId } from "../domain/unique-id.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { TraceStore } from "../trace/types.ts";
import { mayOpenCall, type SecretLinks } from "./auth.ts";
import { createGuesses } from "./guesses.ts";
import { SECURITY_HEADERS } from "./headers.ts";
import { readerLang, wantsHtml, wantsJson } from "./negotiate.ts";

export type Health = () => Promise<{ readonly status: 200 | 503; readonly body: unknown }>;

export type ViewerOptions = {
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  readonly trace: Pick<TraceStore, "find">;
  readonly clock: Clock;
  readonly log: Log;
  readonly lang: Lang;
  /** IANA zone of the times on pages, such as `Europe/Minsk`. */
  readonly timeZone: string;
  readonly callTimeoutMs: number;
  /** Whether the secret opens the page of a call beside the links made for it; default `allow`. */
  readonly secretLinks?: SecretLinks;
  /** Names of the people and lines of a call, in about two seconds at most; pages show numbers without it. */
  readonly names?: (assembled: AssembledCall) => Promise<CallNames>;
  readonly health: Health;
};

const ERRORS: { readonly [status in ErrorStatus]: readonly [code: string, message: string] } = {
  400: ["bad_request", "The enterprise number or the unique id in the address is malformed."],
  403: ["forbidden", "Wrong or missing token, or no such enterprise."],
  404: ["not_found", "There is no such call."],
  429: ["too_many_attempts", "Too many wrong tokens. Wait before the next try."],
  500: ["internal_error", "The page could not be made; the service log tells why."],
  503: ["directory_unavailable", "The directory of enterprises does not answer. Try again later."],
};

const CONTENT_TYPE = "text/html; charset=utf-8";

/** Elysia gives null for a part of the path with a broken escape (`%zz`), whatever its types say. */
const orEmpty = (part: string | null): string => part ?? "";

type ClientOf = { readonly requestIP?: (request: Request) => { readonly address: string } | null };

/** Builds the viewer. Mount it on a port with `listen`, or call its `fetch` (it needs no Bun). */
export const createViewerApp = (options: ViewerOptions) => {
  const { directory, trace, clock, log, secretLinks = "allow" } = options;
  const guesses = createGuesses(clock);

  const fail = (
    request: Request,
    status: ErrorStatus,
    more: { readonly [name: string]: string } = {},
  ): Response => {
    if (wantsHtml(request)) {
      const lang = readerLang(request, options.lang);
      const document = `<!doctype html>${(<ErrorPage status={status} lang={lang} />) as string}`;
      return new Response(document, { status, headers: { "content-type": CONTENT_TYPE, ...more } });
    }
    const [code, message] = ERRORS[status];
    return Response.json({ error: { code, message } }, { status, headers: more });
  };

  const openCall = async (
    request: Request,
    number: string,
    uniqueId: string,
    client: string,
  ): Promise<Response | JSX.Element> => {
    if (!isEnterpriseNumber(number) || !isUniqueId(uniqueId)) return fail(request, 400);
    const token = new URL(request.url).searchParams.get("token") ?? "";
    let enterprise: Awaited<ReturnType<Directory["enterpriseByNumber"]>>;
    try {
      enterprise = await directory.enterpriseByNumber(number);
    } catch (error) {
      log.error("cannot ask the directory for a page", { enterprise: number, error });
      return fail(request, 503, { "retry-after": "30" });
    }
    const scope = { enterprise: number, uniqueId };
    if (!(await mayOpenCall(enterprise, token, { scope, now: clock.now(), secretLinks }))) {
      const waitSeconds = guesses.wrong(client);
      return waitSeconds === undefined
        ? fail(request, 403)
        : fail(request, 429, { "retry-after": String(waitSeconds) });
    }
    const assembled = await findCall((keys) => trace.find(number, keys), uniqueId, {
      enterprise: number,
      now: clock.now(),
      callTimeoutMs: options.callTimeoutMs,
    });
    if (assembled === undefined) return fail(request, 404);
    if (wantsJson(request)) return Response.json(callJson(assembled));
    const zone = { lang: readerLang(request, options.lang), timezone: options.timeZone };
    const names = (await options.names?.(assembled)) ?? NO_NAMES;
    return <CallPage assembled={assembled} names={names} zone={zone} now={clock.now()} />;
  };

  return new Elysia({ name: "viewer" })
    .headers(SECURITY_HEADERS)
    .use(html({ autoDetect: false, contentType: CONTENT_TYPE }))
    .onError(({ code, error, request }) => {
      if (code === "NOT_FOUND") return fail(request, 404);
      log.error("cannot answer a page request", { error });
      return fail(request, 500);
    })
    .get("/health", async () => {
      const { status, body } = await options.health();
      return Response.json(body, { status });
    })
    .get("/call/:enterprise/:uniqueId", async ({ request, params, server, html }) => {
      const client = (server as ClientOf | null)?.requestIP?.(request)?.address ?? "unknown";
      const answer = await openCall(
        request,
        orEmpty(params.enterprise),
        orEmpty(params.uniqueId),
        client,
      );
      return answer instanceof Response ? answer : html(answer);
    });
};
