// Delivers one event to a server and classifies the answer: done, refused for good, or to be retried. Retrying is left
// to the outbox.

import { printable } from "../../lib/printable.ts";
import { readText } from "../../lib/read-text.ts";
import type { AgentEvent } from "./types.ts";

export type DeliveryAnswer =
  /** On record there. */
  | { readonly kind: "taken" }
  /** It will not be taken, however often it is sent. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Not now. `needsHelp`: not before somebody changes a setting. */
  | { readonly kind: "later"; readonly reason: string; readonly needsHelp: boolean };

export type Delivery = {
  /** Never rejects. */
  deliver(event: AgentEvent): Promise<DeliveryAnswer>;
};

/** Senders do not wait longer for a webhook's answer, and neither do we. In milliseconds. */
const ANSWER_TIMEOUT_MS = 3000;

/** An error that says why is a few hundred bytes. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** What a webhook answered, as what it means for the event. */
export const answerOf = (status: number, reason: string): DeliveryAnswer => {
  if (status === 200) return { kind: "taken" };
  const text = reason === "" ? `HTTP ${status}` : `HTTP ${status}: ${reason}`;
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: "later", reason: text, needsHelp: false };
  }
  // A token, an address or a --webhook-allow that somebody can still put right; so is a proxy that leads elsewhere.
  if (status < 400 || status === 401 || status === 403 || status === 404 || status === 405) {
    return { kind: "later", reason: text, needsHelp: true };
  }
  return { kind: "refused", reason: text };
};

const reasonIn = async (response: Response): Promise<string> => {
  try {
    const { text } = await readText(response, MAX_ANSWER_BYTES);
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    const message = typeof error?.message === "string" ? error.message : "";
    // It comes from whoever answers there, and goes into a log.
    return printable(message, 200);
  } catch {
    return "";
  }
};

const failureText = (cause: unknown): string => {
  const { code = "", name = "", message = "" } = cause as { [key: string]: string | undefined };
  if (code === "ConnectionRefused" || code === "ECONNREFUSED") return "nothing listens there";
  if (name === "TimeoutError") return `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`;
  return message || String(cause);
};

/**
 * Posts to the webhook listener of another machine.
 *
 * @param to its address, such as `http://server:8000`
 * @param token the enterprise's webhook token; travels as the header `Token`
 */
export const httpDelivery = (to: string, token: string): Delivery => {
  const base = to.replace(/\/+$/, "");
  const headers = { "content-type": "application/json", token };
  return {
    deliver: async ({ event, body }) => {
      try {
        const response = await fetch(`${base}/events/${event}`, {
          method: "POST",
          headers,
          body: JSON.stringify(body),
          redirect: "manual",
          signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        });
        const reason = response.ok ? "" : await reasonIn(response);
        await response.body?.cancel().catch(() => undefined);
        return answerOf(response.status, reason);
      } catch (cause) {
        return { kind: "later", reason: failureText(cause), needsHelp: false };
      }
    },
  };
};
