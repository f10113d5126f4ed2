// An event that waits, as a line of the spool.

import { randomUUID } from "node:crypto";
import { bodyText } from "../../domain/event.ts";
import type { AgentEvent } from "./types.ts";

/** `at`: when the event was put into the outbox, in milliseconds since the epoch. */
export type WaitingEvent = { readonly at: number } & AgentEvent;

/** The line of an event. It gets an `EventId` where it has none, so that the server knows it when it comes twice. */
export const waitingLine = ({ event, body }: AgentEvent, at: number): string => {
  const hasId = bodyText(body, "EventId") !== "";
  return JSON.stringify({ at, event, body: hasId ? body : { ...body, EventId: randomUUID() } });
};

/** The event of a line; undefined where the line is damaged. */
export const readWaiting = (text: string): WaitingEvent | undefined => {
  try {
    const line = JSON.parse(text) as Partial<WaitingEvent> | null;
    const { at, event, body } = line ?? {};
    const isWhole = typeof at === "number" && typeof event === "string";
    return isWhole && typeof body === "object" && body !== null ? { at, event, body } : undefined;
  } catch {
    return undefined;
  }
};
