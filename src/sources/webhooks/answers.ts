// The answers of listener 8000: `{"status":"ok"}`, or `{"error":{"code","message"}}` that names the rule and never
// repeats what was sent.

import type { HealthAnswer } from "../../domain/health.ts";
import type { RefusalCode } from "../../domain/refusal.ts";
import type { IntakeOutcome } from "./outcome.ts";

const jsonHeaders = { "content-type": "application/json" };
/** Ready-made `Headers` are copied at half the price of reading an object. */
const okInit = { headers: new Headers(jsonHeaders) };

/** 200: the event is recorded. */
export const okAnswer = (): Response => new Response('{"status":"ok"}', okInit);

/** An error; `headers` come on top of the content type. */
export const errorAnswer = (
  status: number,
  code: string,
  message: string,
  headers?: { readonly [name: string]: string },
): Response =>
  new Response(JSON.stringify({ error: { code, message } }), {
    status,
    headers: { ...jsonHeaders, ...headers },
  });

type Head = { readonly status: number; readonly headers?: { readonly [name: string]: string } };

/** Refusals that are no plain 400. */
const REFUSED: { readonly [code in RefusalCode]?: Head } = {
  unknown_token: { status: 401 },
  timeout: { status: 408, headers: { connection: "close" } },
  too_large: { status: 413 },
  compressed: { status: 415, headers: { "accept-encoding": "identity" } },
};
const BAD_REQUEST: Head = { status: 400 };
const UNAVAILABLE: Head = { status: 503, headers: { "retry-after": "5" } };

/** The answer to a posted event. A known `EventId` is answered like the first time: its sender is done with it. */
export const outcomeAnswer = (outcome: IntakeOutcome): Response => {
  if (outcome.kind === "recorded" || outcome.kind === "duplicate") return okAnswer();
  const { code, message } = outcome;
  const { status, headers } =
    outcome.kind === "refused" ? (REFUSED[outcome.code] ?? BAD_REQUEST) : UNAVAILABLE;
  return errorAnswer(status, code, message, headers);
};

/** What `/health` says, as JSON. */
export const healthAnswer = ({ status, body }: HealthAnswer): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { ...jsonHeaders, "cache-control": "no-store" },
  });
