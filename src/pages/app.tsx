// Listener 8026 put together: routes, headers, errors. Reads only: opening a page writes nothing.

import { html } from "@elysiajs/html";
import { Elysia } from "elysia";
import type { AssembledCall, CallHistory } from "../call/index.ts";
import { ArchiveError } from "../domain/archive-error.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { HealthAnswer } from "../domain/health.ts";
import type { Lang } from "../domain/lang.ts";
import type { CallNames } from "../domain/names.ts";
import type { NumberPlan } from "../domain/phone.ts";
import type { ClientAddressOf } from "../lib/client-address.ts";
import type { Clock } from "../lib/clock.ts";
import { createComplaints } from "../lib/complaints.ts";
import type { Log } from "../lib/log.ts";
import { HOUR_MS } from "../lib/time.ts";
import type { After } from "../lib/within.ts";
import type { Directory } from "../people/index.ts";
import type { Recordings } from "../recordings/index.ts";
import type { Follower, TraceStore } from "../store/index.ts";
import { createAccess } from "./access.ts";
import type { LinkRecordings, SecretLinks } from "./auth.ts";
import { createCallReader, createCallRoute } from "./call-route.tsx";
import { createCallsRoute } from "./calls-route.tsx";
import { createClientOf } from "./client.ts";
import { createFail, HTML_TYPE } from "./failure.tsx";
import { securityHeaders } from "./headers.ts";
import type { ListNames } from "./list-names.ts";
import { createLiveRoute, neverIdle } from "./live-route.ts";
import { createRecordingRoute } from "./recording-route.ts";
import { ROUTES } from "./routes.ts";
import { createSounds } from "./sounds.ts";
import { DEFAULT_FOLLOW_UP, type FollowUpSettings } from "./story.ts";

export type ViewerOptions = {
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  readonly trace: Pick<TraceStore, "find">;
  readonly clock: Clock;
  readonly log: Log;
  readonly lang: Lang;
  /** IANA zone of the times on pages, such as `Europe/Minsk`. */
  readonly timeZone: string;
  /** In whose numbering plan local numbers of an enterprise are read that has none of its own. */
  readonly country?: NumberPlan;
  readonly callTimeoutMs: number;
  /** Since when events are listened to without a break, in milliseconds since the epoch; undefined: as long as there are any. */
  readonly listeningSince?: number | undefined;
  /** Whether the secret opens the page of a call beside the links made for it; default `allow`. */
  readonly secretLinks?: SecretLinks;
  /** The recordings of calls; without them no page plays any, and their addresses are 404. */
  readonly recordings?: Recordings | undefined;
  /** Whether the links of single calls open their recordings; default `allow`. */
  readonly linkRecordings?: LinkRecordings;
  /** Who a request is from, behind proxies too; by default no proxy is trusted. */
  readonly clientAddressOf?: ClientAddressOf;
  /** Names of the people and lines of a call, in about two seconds at most; pages show numbers without it. */
  readonly names?: (assembled: AssembledCall) => Promise<CallNames>;
  /** The people who get the enterprise's cards; pages show chat ids without it. */
  readonly recipients?: (enterprise: Enterprise) => Promise<readonly TelegramUser[]>;
  /** Tells what is appended to the files, for open pages; without it they are up to date only every few seconds. */
  readonly follow?: Follower["follow"];
  /** Ends what would never end by itself, the streams of open pages. */
  readonly stopping?: AbortSignal;
  /** Told how many of those are open, whenever that changes. */
  readonly onStreams?: (open: number) => void;
  /** Timers of open pages; default: the machine's. */
  readonly after?: After;
  /** The recent calls; the list of calls is 404 without it. */
  readonly history?: CallHistory;
  /** By which missed calls are followed up; default: for 72 hours, however short they were. */
  readonly followUp?: FollowUpSettings;
  /** The address at which people reach the pages; without it vCons tell no recordings. */
  readonly publicUrl?: string | null;
  /** How long the links of the list, and of vCons, open what they lead to, in milliseconds; default 14 days. */
  readonly linkTtlMs?: number;
  /** Names of those in the list, in about two seconds at most; it shows numbers without it. */
  readonly listNames?: ListNames;
  readonly health: () => Promise<HealthAnswer>;
  /** The text of `GET /metrics`; 404 without it. */
  readonly metrics?: () => Promise<string>;
  /** What `GET /openapi.json` answers, as JSON; 404 without it. */
  readonly openapi?: string;
};

const DEFAULT_LINK_TTL_MS = 14 * 24 * HOUR_MS;

/** Elysia gives null for a part of the path with a broken escape (`%zz`), whatever its types say. */
const orEmpty = (part: string | null): string => part ?? "";

type RecordingRequest = {
  readonly request: Request;
  readonly params: { readonly enterprise: string; readonly uniqueId: string; readonly n: string };
  readonly server: unknown;
};

/** Builds the viewer. Mount it on a port with `listen`, or call its `fetch` (it needs no Bun). */
export const createViewerApp = (options: ViewerOptions) => {
  const { directory, clock, log, secretLinks = "allow", linkRecordings = "allow" } = options;
  const { recordings } = options;
  const fail = createFail(options.lang);
  const archiveComplaint = createComplaints(log, clock);
  const clientOf = createClientOf(options.clientAddressOf);
  const access = createAccess({ directory, clock, log, secretLinks, linkRecordings, fail });
  const { names, recipients } = options;
  const followUp = options.followUp ?? DEFAULT_FOLLOW_UP;
  const { history, listNames, publicUrl, linkTtlMs = DEFAULT_LINK_TTL_MS } = options;
  const sounds =
    recordings === undefined
      ? undefined
      : createSounds({ recordings, clock, log, publicUrl, linkTtlMs });
  const callOptions = { ...options, access, fail, names, recipients, followUp, sounds };
  const reader = createCallReader(callOptions);
  const openCall = createCallRoute(callOptions, reader);
  const openCalls =
    history === undefined
      ? undefined
      : createCallsRoute({
          ...options,
          access,
          history,
          listNames,
          linkTtlMs,
          followUp,
          // The list leads to its calls by their own links.
          recordings: linkRecordings === "allow" ? recordings : undefined,
        });
  const { follow, stopping, onStreams, after } = options;
  const openLive = createLiveRoute({ ...callOptions, reader, follow, stopping, onStreams, after });

  const openRecording =
    recordings === undefined
      ? undefined
      : createRecordingRoute({ ...callOptions, reader, recordings });
  // For HEAD too, which would else be the answer to GET with its body thrown away.
  const answerRecording = async ({ request, params, server }: RecordingRequest) => {
    if (openRecording === undefined) return fail(request, "noPage");
    const scope = { enterprise: orEmpty(params.enterprise), uniqueId: orEmpty(params.uniqueId) };
    return openRecording(request, scope, orEmpty(params.n), clientOf(request, server));
  };

  return new Elysia({ name: "viewer" })
    .headers(securityHeaders(recordings !== undefined))
    .use(html({ autoDetect: false, contentType: HTML_TYPE }))
    .onError(({ code, error, request }) => {
      if (code === "NOT_FOUND") return fail(request, "noPage");
      if (error instanceof ArchiveError) {
        archiveComplaint("warn", "a page of an archived day cannot be shown", { error });
        return fail(request, "archive", { "retry-after": "30" });
      }
      log.error("cannot answer a page request", { error });
      return fail(request, 500);
    })
    .get(ROUTES.health, async () => {
      const { status, body } = await options.health();
      return Response.json(body, { status });
    })
    .get(ROUTES.metrics, async ({ request }) =>
      options.metrics === undefined
        ? fail(request, "noPage")
        : new Response(await options.metrics(), {
            headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
          }),
    )
    .get(ROUTES.openapi, ({ request }) =>
      options.openapi === undefined
        ? fail(request, "noPage")
        : new Response(options.openapi, { headers: { "content-type": "application/json" } }),
    )
    .get(ROUTES.calls, async ({ request, params, server, html }) => {
      if (openCalls === undefined) return fail(request, "noPage");
      const answer = await openCalls(
        request,
        orEmpty(params.enterprise),
        clientOf(request, server),
      );
      return answer instanceof Response ? answer : html(answer);
    })
    .get(ROUTES.call, async ({ request, params, server, html }) => {
      const scope = {
        enterprise: orEmpty(params.enterprise),
        uniqueId: orEmpty(params.uniqueId),
      };
      const answer = await openCall(request, scope, clientOf(request, server));
      return answer instanceof Response ? answer : html(answer);
    })
    .get(ROUTES.recording, async ({ request, params, server }) =>
      answerRecording({ request, params, server }),
    )
    .head(ROUTES.recording, async ({ request, params, server }) =>
      answerRecording({ request, params, server }),
    )
    .get(ROUTES.live, async ({ request, params, server }) => {
      const scope = {
        enterprise: orEmpty(params.enterprise),
        uniqueId: orEmpty(params.uniqueId),
      };
      const answer = await openLive(request, scope, clientOf(request, server));
      // Streams alone: whoever is refused would keep a connection for ever.
      if (answer.status === 200 && answer.body !== null) neverIdle(server, request);
      return answer;
    });
};
