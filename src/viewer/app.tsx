// Listener 8026 put together: routes, headers, errors. Reads only: opening a page writes nothing.

import { html } from "@elysiajs/html";
import { Elysia } from "elysia";
import type { Lang } from "../../views/texts.ts";
import type { AssembledCall } from "../call/index.ts";
import type { Directory } from "../directory/types.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { CallNames } from "../domain/names.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { TraceStore } from "../trace/types.ts";
import { createAccess } from "./access.ts";
import type { SecretLinks } from "./auth.ts";
import { createCallReader, createCallRoute } from "./call-route.tsx";
import { clientOf } from "./client.ts";
import { createFail, HTML_TYPE } from "./failure.tsx";
import { SECURITY_HEADERS } from "./headers.ts";

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
  /** The people who get the enterprise's cards; pages show chat ids without it. */
  readonly recipients?: (enterprise: Enterprise) => Promise<readonly TelegramUser[]>;
  readonly health: Health;
};

/** Elysia gives null for a part of the path with a broken escape (`%zz`), whatever its types say. */
const orEmpty = (part: string | null): string => part ?? "";

/** Builds the viewer. Mount it on a port with `listen`, or call its `fetch` (it needs no Bun). */
export const createViewerApp = (options: ViewerOptions) => {
  const { directory, clock, log, secretLinks = "allow" } = options;
  const fail = createFail(options.lang);
  const access = createAccess({ directory, clock, log, secretLinks, fail });
  const { names, recipients } = options;
  const callOptions = { ...options, access, fail, names, recipients };
  const reader = createCallReader(callOptions);
  const openCall = createCallRoute(callOptions, reader);

  return new Elysia({ name: "viewer" })
    .headers(SECURITY_HEADERS)
    .use(html({ autoDetect: false, contentType: HTML_TYPE }))
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
      const scope = { enterprise: orEmpty(params.enterprise), uniqueId: orEmpty(params.uniqueId) };
      const answer = await openCall(request, scope, clientOf(request, server));
      return answer instanceof Response ? answer : html(answer);
    });
};
