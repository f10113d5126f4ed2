// Delivers one event to a server and classifies the answer: done, refused for good, or to be retried. Retrying is left
// to the outbox.

import { printable } from "../../lib/printable.ts";
import { postJson } from "./post.ts";
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

/** Characters of a reason that are kept: the other side wrote it, and it goes into the log. */
const REASON_LENGTH = 200;

/**
 * Posts to the webhook listener of another machine.
 *
 * @param to its address, such as `http://server:8000`
 * @param token the enterprise's webhook token; travels as the header `Token`
 */
export const httpDelivery = (to: string, token: string): Delivery => {
  const base = to.replace(/\/+$/, "");
  return {
    deliver: async ({ event, body }) => {
      try {
        const { status, reason } = await postJson(`${base}/events/${event}`, body, { token });
        return answerOf(status, printable(reason, REASON_LENGTH));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        return { kind: "later", reason, needsHelp: false };
      }
    },
  };
};

/**
 * Hands events to the first server that takes them, beginning with the one that took the last: the nodes of a cluster all
 * take everything. What one node did not answer another may get again, and they know it by its `EventId`.
 *
 * @param servers at least one
 */
export const anyDelivery = (servers: readonly Delivery[]): Delivery => {
  let first = 0;
  return {
    deliver: async (event) => {
      let answer: DeliveryAnswer = { kind: "later", reason: "there is no server", needsHelp: true };
      for (let turn = 0; turn < servers.length; turn += 1) {
        const index = (first + turn) % servers.length;
        const server = servers[index];
        if (server === undefined) continue;
        answer = await server.deliver(event);
        if (answer.kind === "later") continue;
        first = index;
        return answer;
      }
      return answer;
    },
  };
};
