// One posted event from its bytes to its answer: decode, find the enterprise, append, answer, then tell. Invariant:
// 200 is answered only after the append resolved, and nothing that happens afterwards delays or changes it. The
// order of checks is size, token, fields. Routes are left to app.ts, durability to the trace.

import { setImmediate } from "node:timers";
import type { Enterprise } from "../../domain/enterprise.ts";
import type { EventBody } from "../../domain/event.ts";
import { type AstRecord, eventIdKey } from "../../domain/record.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Directory } from "../../people/index.ts";
import type { AppendResult, TraceStore } from "../../store/index.ts";
import { errorAnswer, okAnswer } from "./answers.ts";
import { countEvent, type IntakeCounters } from "./counters.ts";
import { type DecodedEvent, decode } from "./decode.ts";
import { isCompressed, readBody, type Unread } from "./read-body.ts";
import { createRepeats } from "./repeats.ts";

/** An event that is in the file. */
export type RecordedEvent = {
  readonly enterprise: Enterprise;
  readonly record: Omit<AstRecord, "at">;
  /** The stamp of its line, in milliseconds since the epoch. */
  readonly at: number;
  /** The same delivery came within the last minute: recorded, but tells nobody again. */
  readonly repeat: boolean;
  /** Sent late on purpose (`_recovered`): rings nobody. */
  readonly recovered: boolean;
  /** Read from a broken body; the text is under `_raw`. */
  readonly salvaged: boolean;
};

export type IntakeOptions = {
  readonly directory: Pick<Directory, "enterpriseByWebhookToken">;
  readonly trace: Pick<TraceStore, "append">;
  readonly log: Log;
  readonly clock: Clock;
  /** Longer bodies are answered 413. */
  readonly maxBodyBytes: number;
  /** How long a body may take to arrive, in milliseconds; longer ones are answered 408. Default 30 s. */
  readonly bodyTimeoutMs?: number;
  readonly counters: IntakeCounters;
  /** Called in the order of the lines, after the answer was handed over; what it throws is logged. */
  readonly onRecorded: (event: RecordedEvent) => void | Promise<void>;
};

export type Intake = {
  /** Takes one event. Never rejects. @param event a name that `isEventType` accepts. */
  take(request: Request, event: string): Promise<Response>;
  /**
   * Takes an event from inside the process, as if its enterprise had posted it: the same rules, the same answers. Never
   * rejects. @param enterprise undefined where there is none of that number; answered 401.
   */
  accept(enterprise: Enterprise | undefined, event: string, body: EventBody): Promise<Response>;
};

/** Stands where an event from inside has no token: it is not looked up. */
const NO_TOKEN = "inside";

/** A body can be made to hold any number of tokens; more than this are not looked up. */
const MAX_TOKENS_TRIED = 4;
const TOKEN_PATTERN = /^[A-Za-z0-9_+-]{1,128}$/;
/** Refusals and failures of one kind are logged once in this time, with how many there were. */
const LOG_EVERY_MS = 60_000;
/** Senders wait 2 to 3 s for an answer: a body that takes longer than this is nobody's event. */
const DEFAULT_BODY_TIMEOUT_MS = 30_000;
const retryAfter = { "retry-after": "5" };

/** A body below the limit can still make a longer line: characters that are escaped there take six each. */
const isLineTooLong = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "line_too_long";

/** Logs the first of a kind at once, then at most one a minute with the number left out in between. */
const createComplaints = (log: Log, clock: Clock) => {
  const kinds = new Map<string, { lastAtMs: number; unsaid: number }>();
  return (level: "warn" | "error", message: string, fields: { [name: string]: unknown }): void => {
    const now = clock.now();
    const kind = kinds.get(message);
    if (kind !== undefined && Math.abs(now - kind.lastAtMs) < LOG_EVERY_MS) {
      kind.unsaid++;
      return;
    }
    kinds.set(message, { lastAtMs: now, unsaid: 0 });
    log[level](message, kind?.unsaid ? { ...fields, unsaid: kind.unsaid } : fields);
  };
};

/** An intake with an empty memory of repeats. */
export const createIntake = (options: IntakeOptions): Intake => {
  const { directory, trace, log, clock, maxBodyBytes, counters, onRecorded } = options;
  const { bodyTimeoutMs = DEFAULT_BODY_TIMEOUT_MS } = options;
  const repeats = createRepeats(clock);
  const complain = createComplaints(log, clock);

  let waiting: RecordedEvent[] = [];
  const tell = (): void => {
    const events = waiting;
    waiting = [];
    const failed = (error: unknown, event: RecordedEvent): void =>
      log.error("cannot pass on a recorded event: its handler failed", {
        enterprise: event.enterprise.number,
        event: event.record.event,
        uniqueId: event.record.uniqueId,
        error,
      });
    for (const event of events) {
      try {
        onRecorded(event)?.catch((error: unknown) => failed(error, event));
      } catch (error) {
        failed(error, event);
      }
    }
  };

  const lookUp = (token: string): Promise<Enterprise | undefined> | undefined =>
    TOKEN_PATTERN.test(token) ? directory.enterpriseByWebhookToken(token) : undefined;

  /** The one active enterprise that one of several tokens belongs to. */
  const settle = async (
    tokens: readonly string[],
  ): Promise<Enterprise | "ambiguous" | undefined> => {
    if (tokens.length > MAX_TOKENS_TRIED) return "ambiguous";
    let found: Enterprise | undefined;
    for (const token of tokens) {
      const enterprise = await lookUp(token);
      if (enterprise?.active !== true) continue;
      if (found !== undefined && found.number !== enterprise.number) return "ambiguous";
      found = enterprise;
    }
    return found;
  };

  const invalid = (
    event: string,
    code: string,
    message: string,
    status = 400,
    headers: { readonly [name: string]: string } = {},
  ): Response => {
    countEvent(counters, event, "invalid");
    complain("warn", `event refused: ${message}`, { event });
    return errorAnswer(status, code, message, headers);
  };

  const tooLarge = (
    event: string,
    what = `the body is larger than ${maxBodyBytes} bytes`,
  ): Response => {
    countEvent(counters, event, "too_large");
    complain("warn", `event refused: ${what}`, { event, maxBodyBytes });
    return errorAnswer(413, "too_large", what);
  };

  const unavailable = (event: string, what: string, code: string, error: unknown): Response => {
    countEvent(counters, event, "unavailable");
    complain("error", `cannot record events: ${what}`, { event, error });
    return errorAnswer(503, code, `the event was not recorded: ${what}`, retryAfter);
  };

  const record = async (
    enterprise: Enterprise,
    event: string,
    decoded: DecodedEvent,
    bytes: Uint8Array,
  ): Promise<Response> => {
    const { uniqueId, body, eventId, recovered, salvaged } = decoded;
    const line: Omit<AstRecord, "at"> = { kind: "AST", event, uniqueId, body };
    const seen =
      eventId === undefined
        ? repeats.see({ enterprise: enterprise.number, event, uniqueId, body, bytes })
        : undefined;
    let appended: AppendResult;
    try {
      appended = await trace.append(
        enterprise.number,
        line,
        eventId === undefined ? undefined : { onceKey: eventIdKey(eventId) },
      );
    } catch (error) {
      if (seen?.repeat === false) repeats.forget(seen.key);
      if (isLineTooLong(error)) return tooLarge(event, "the event is too long for one line");
      return unavailable(event, "the trace cannot be written", "trace_unavailable", error);
    }
    if (appended.duplicate) {
      countEvent(counters, event, "duplicate");
      return okAnswer();
    }
    const repeat = seen?.repeat === true;
    countEvent(counters, event, "recorded");
    if (salvaged) {
      counters.salvaged++;
      complain("warn", "a broken body was salvaged: its sender writes JSON without escaping", {
        enterprise: enterprise.number,
        event,
        uniqueId,
      });
    }
    if (repeat) counters.repeats++;
    if (
      waiting.push({ enterprise, record: line, at: appended.at, repeat, recovered, salvaged }) === 1
    ) {
      setImmediate(tell);
    }
    return okAnswer();
  };

  const unauthorized = (event: string): Response => {
    countEvent(counters, event, "unauthorized");
    complain("warn", "event refused: no active enterprise has its token", { event });
    return errorAnswer(401, "unknown_token", "no active enterprise has this token");
  };

  return {
    async accept(enterprise, event, body) {
      const bytes = new TextEncoder().encode(JSON.stringify(body));
      if (bytes.byteLength > maxBodyBytes) {
        return tooLarge(event);
      }
      if (enterprise?.active !== true) return unauthorized(event);
      const decoded = decode(bytes, NO_TOKEN, event);
      if (decoded.ok) return record(enterprise, event, decoded.value, bytes);
      return invalid(event, decoded.error.code, decoded.error.message);
    },
    async take(request, event) {
      if (isCompressed(request)) {
        const headers = { "accept-encoding": "identity" };
        return invalid(event, "compressed", "send the body as it is, not compressed", 415, headers);
      }
      let buffer: ArrayBuffer | Unread;
      try {
        buffer = await readBody(request, maxBodyBytes, bodyTimeoutMs);
      } catch {
        return invalid(event, "bad_body", "the body did not arrive whole");
      }
      if (buffer === "late") {
        const message = `the body did not arrive within ${bodyTimeoutMs / 1000} s`;
        return invalid(event, "timeout", message, 408, { connection: "close" });
      }
      if (buffer === "too large" || buffer.byteLength > maxBodyBytes) {
        return tooLarge(event);
      }
      const bytes = new Uint8Array(buffer);
      const decoded = decode(bytes, request.headers.get("token"), event);
      const tokens = decoded.ok ? decoded.value.tokens : decoded.error.tokens;
      const [token] = tokens;
      let enterprise: Enterprise | "ambiguous" | undefined;
      try {
        if (token !== undefined) {
          enterprise = await (tokens.length === 1 ? lookUp(token) : settle(tokens));
        }
      } catch (error) {
        const what = "the directory of enterprises cannot be asked";
        return unavailable(event, what, "directory_unavailable", error);
      }
      if (enterprise === "ambiguous") {
        return invalid(event, "ambiguous_token", "the body has the tokens of several enterprises");
      }
      if (enterprise?.active === true && decoded.ok) {
        return record(enterprise, event, decoded.value, bytes);
      }
      if (!decoded.ok && (token === undefined || enterprise?.active === true)) {
        return invalid(event, decoded.error.code, decoded.error.message);
      }
      return unauthorized(event);
    },
  };
};
