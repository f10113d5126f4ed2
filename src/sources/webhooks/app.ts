// Listener 8000: paths and methods. Every event path does the same thing with another name; the body is read by us
// (`parse: "none"`), since Elysia would take JSON that is posted as a form for a form. Invariant: every answer but
// /metrics is JSON, and none repeats anything of the request. What an event goes through is in intake.ts.

import { Elysia } from "elysia";
import { EVENT_TYPES, isEventType } from "../../asterisk/index.ts";
import type { HealthAnswer } from "../../domain/health.ts";
import { type ClientAddressOf, clientName } from "../../lib/client-address.ts";
import { type Allow, createAllowCheck } from "./allow.ts";
import { errorAnswer, healthAnswer, outcomeAnswer } from "./answers.ts";
import { createIntakeCounters, type IntakeCounters } from "./counters.ts";
import { createIntake, type Intake, type IntakeOptions } from "./intake.ts";
import { createMisdirected } from "./misdirected.ts";
import type { IntakeOutcome } from "./outcome.ts";
import type { RefusalJournal } from "./refusal-journal.ts";

export type WebhooksOptions = Omit<IntakeOptions, "counters"> & {
  /** Counts are put here; hand one in to read it. */
  readonly counters?: IntakeCounters;
  /** One that takes events from elsewhere too; its own without it. */
  readonly intake?: Intake;
  /** Where it is noted which events were refused, and from where. */
  readonly refusals?: Pick<RefusalJournal, "note">;
  /** Who sends a request, for the log. */
  readonly clientOf?: ClientAddressOf;
  /** Whose events are taken; everybody's without it. */
  readonly allow?: Allow;
  readonly health: () => HealthAnswer | Promise<HealthAnswer>;
  /** The text of `GET /metrics`; 404 without it. */
  readonly metrics?: () => string | Promise<string>;
};

const eventPaths = new Set<string>(EVENT_TYPES.map((event) => `/${event}`));

const allowedMethods = (path: string, hasMetrics: boolean): string | undefined => {
  const plain = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  if (eventPaths.has(plain)) return "POST";
  if (plain.startsWith("/events/") && isEventType(plain.slice("/events/".length))) return "POST";
  if (plain === "/health" || (plain === "/metrics" && hasMetrics)) return "GET, HEAD";
  return undefined;
};

const notFound = (): Response => errorAnswer(404, "not_found", "there is no such path");

/**
 * The Elysia app of listener 8000; serve it by `app.fetch`, with a body limit of the server's own that is above
 * `maxBodyBytes` (Bun answers an empty 413 at its limit).
 */
export const createWebhooksApp = (options: WebhooksOptions) => {
  const {
    health,
    metrics,
    log,
    clock,
    allow,
    refusals,
    counters = createIntakeCounters(),
  } = options;
  const intake = options.intake ?? createIntake({ ...options, counters });
  const take = (request: Request, event: string, server: unknown): Promise<Response> =>
    intake.take(request, event).then((outcome) => {
      if (outcome.kind === "refused") noteRefusal(event, outcome, request, server);
      return outcomeAnswer(outcome);
    });
  const noteRefusal = (
    event: string,
    { enterprise, code }: Extract<IntakeOutcome, { kind: "refused" }>,
    request: Request,
    server: unknown,
  ): void =>
    refusals?.note({
      enterprise,
      code,
      event,
      from: clientName(options.clientOf?.(request, server)),
    });

  const misdirected = createMisdirected({ log, clock, counters, clientOf: options.clientOf });
  const elsewhere = (request: Request, server: unknown): Response => {
    const allow = allowedMethods(new URL(request.url).pathname, metrics !== undefined);
    // Whoever looks for a page or an icon is no sender of events.
    const isEvent = allow === "POST" || (allow === undefined && request.method === "POST");
    if (isEvent) misdirected(request, server);
    return allow === undefined
      ? notFound()
      : errorAnswer(405, "method_not_allowed", `use ${allow}`, { allow });
  };
  // Elysia hands on null for a name with a broken percent escape, whatever the type says.
  const named = (
    request: Request,
    event: unknown,
    server: unknown,
  ): Response | Promise<Response> => {
    if (typeof event === "string" && isEventType(event)) return take(request, event, server);
    misdirected(request, server);
    return notFound();
  };
  const sayHealth = async (): Promise<Response> => healthAnswer(await health());
  const sayMetrics = async (): Promise<Response> =>
    metrics === undefined
      ? notFound()
      : new Response(await metrics(), {
          headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
        });
  const failed = (code: string | number, error: unknown): Response => {
    if (code === "NOT_FOUND") return notFound();
    log.error("cannot answer a request on the webhook listener", { error });
    return errorAnswer(500, "internal", "the request could not be answered");
  };

  const app = new Elysia({ name: "webhooks" }).onError(({ code, error }) => failed(code, error));
  if (allow !== undefined) {
    const refuse = createAllowCheck({ ...allow, log, clock, counters });
    app.onRequest(({ request, server }) => refuse(request, server));
  }
  const raw = { parse: "none" } as const;
  for (const event of EVENT_TYPES)
    app.post(`/${event}`, ({ request, server }) => take(request, event, server), raw);
  return app
    .post(
      "/events/:event",
      ({ request, params, server }) => named(request, params.event, server),
      raw,
    )
    .get("/health", () => sayHealth())
    .head("/health", () => sayHealth())
    .get("/metrics", () => sayMetrics())
    .head("/metrics", () => sayMetrics())
    .all("/*", ({ request, server }) => elsewhere(request, server), raw);
};
