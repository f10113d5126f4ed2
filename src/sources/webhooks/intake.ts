// One event from its bytes to its outcome: decode, find the enterprise, append, answer, then tell. Invariant: "recorded" is
// answered only after the append resolved, and nothing that happens afterwards delays or changes it. The order of checks is
// size, token, fields. Paths and statuses are left to app.ts and answers.ts, durability to the store.

import { setImmediate } from "node:timers";
import type { Enterprise } from "../../domain/enterprise.ts";
import type { EventBody } from "../../domain/event.ts";
import { type AstRecord, eventIdKey } from "../../domain/record.ts";
import type { RefusalCode } from "../../domain/refusal.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Complain, createComplaints } from "../../lib/complaints.ts";
import { errorCode } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Directory } from "../../people/index.ts";
import type { TraceStore } from "../../store/index.ts";
import { countEvent, type IntakeCounters } from "./counters.ts";
import { type DecodedEvent, decode } from "./decode.ts";
import type { IntakeOutcome } from "./outcome.ts";
import { isCompressed, readBody, type Unread } from "./read-body.ts";
import { createRepeats, type Repeats } from "./repeats.ts";

/** An event that is in the file. */
export type RecordedEvent = {
  readonly enterprise: Enterprise;
  readonly record: Omit<AstRecord, "at">;
  /** The stamp of its line, in milliseconds since the epoch. */
  readonly at: number;
};

export type IntakeOptions = {
  readonly directory: Pick<Directory, "enterpriseByWebhookToken">;
  readonly trace: Pick<TraceStore, "append">;
  readonly log: Log;
  readonly clock: Clock;
  /** Longer bodies are refused. */
  readonly maxBodyBytes: number;
  /** How long a body may take to arrive, in milliseconds; longer ones are refused. Default 30 s. */
  readonly bodyTimeoutMs?: number;
  readonly counters: IntakeCounters;
  /** Called in the order of the lines, after the answer was handed over; what it throws is logged. */
  readonly onRecorded: (event: RecordedEvent) => void | Promise<void>;
};

export type Intake = {
  /** Takes one posted event. Never rejects. @param event a name that `isEventType` accepts. */
  take(request: Request, event: string): Promise<IntakeOutcome>;
  /**
   * Takes an event from inside the process, as if its enterprise had posted it: the same rules, the same outcomes. Never
   * rejects. @param enterprise undefined where there is none of that number.
   */
  accept(
    enterprise: Enterprise | undefined,
    event: string,
    body: EventBody,
  ): Promise<IntakeOutcome>;
};

/** The token of an event from inside the process, which has none; it is never looked up. */
const NO_TOKEN = "inside";
/** A body can be made to hold any number of tokens; more than this are not looked up. */
const MAX_TOKENS_TRIED = 4;
const TOKEN_PATTERN = /^[A-Za-z0-9_+-]{1,128}$/;
/** Senders wait 2 to 3 s for an answer: nobody waits for a body that takes longer than this. */
const DEFAULT_BODY_TIMEOUT_MS = 30_000;

const RECORDED: IntakeOutcome = { kind: "recorded" };
const DUPLICATE: IntakeOutcome = { kind: "duplicate" };

/** A decoded event, and the bytes it came in. */
type Received = {
  readonly event: string;
  readonly decoded: DecodedEvent;
  readonly bytes: Uint8Array;
};

class EventIntake implements Intake {
  readonly #options: IntakeOptions;
  readonly #bodyTimeoutMs: number;
  readonly #repeats: Repeats;
  readonly #complain: Complain;
  /** Recorded, and not yet handed to `onRecorded`. */
  #waiting: RecordedEvent[] = [];

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#bodyTimeoutMs = options.bodyTimeoutMs ?? DEFAULT_BODY_TIMEOUT_MS;
    this.#repeats = createRepeats(options.clock);
    this.#complain = createComplaints(options.log, options.clock);
  }

  async accept(
    enterprise: Enterprise | undefined,
    event: string,
    body: EventBody,
  ): Promise<IntakeOutcome> {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    if (bytes.byteLength > this.#options.maxBodyBytes) return this.#tooLarge(event);
    if (enterprise?.active !== true) return this.#unauthorized(event);
    const decoded = decode(bytes, NO_TOKEN, event);
    if (decoded.ok) return this.#record(enterprise, { event, decoded: decoded.value, bytes });
    return this.#refuse(event, decoded.error.code, decoded.error.message);
  }

  // Each async function and await in between costs an event about a third of a microsecond.
  async take(request: Request, event: string): Promise<IntakeOutcome> {
    if (isCompressed(request)) {
      return this.#refuse(event, "compressed", "send the body as it is, not compressed");
    }
    let buffer: ArrayBuffer | Unread;
    try {
      buffer = await readBody(request, this.#options.maxBodyBytes, this.#bodyTimeoutMs);
    } catch {
      return this.#refuse(event, "bad_body", "the body did not arrive whole");
    }
    if (typeof buffer === "string") return this.#unread(event, buffer);
    if (buffer.byteLength > this.#options.maxBodyBytes) return this.#tooLarge(event);
    const bytes = new Uint8Array(buffer);
    const decoded = decode(bytes, request.headers.get("token"), event);
    const tokens = decoded.ok ? decoded.value.tokens : decoded.error.tokens;
    const [token] = tokens;
    let enterprise: Enterprise | "ambiguous" | undefined;
    try {
      if (token !== undefined) {
        enterprise = await (tokens.length === 1 ? this.#lookUp(token) : this.#settle(tokens));
      }
    } catch (error) {
      const what = "the directory of enterprises cannot be asked";
      return this.#unavailable(event, { code: "directory_unavailable", what, error });
    }
    if (enterprise === "ambiguous") {
      return this.#refuse(
        event,
        "ambiguous_token",
        "the body has the tokens of several enterprises",
      );
    }
    if (enterprise?.active === true && decoded.ok) {
      return this.#record(enterprise, { event, decoded: decoded.value, bytes });
    }
    if (!decoded.ok && (token === undefined || enterprise?.active === true)) {
      return this.#refuse(event, decoded.error.code, decoded.error.message, enterprise?.number);
    }
    return this.#unauthorized(event, enterprise?.number);
  }

  #unread(event: string, why: Unread): IntakeOutcome {
    if (why === "too large") return this.#tooLarge(event);
    const seconds = this.#bodyTimeoutMs / 1000;
    return this.#refuse(event, "timeout", `the body did not arrive within ${seconds} s`);
  }

  #lookUp(token: string): Promise<Enterprise | undefined> | undefined {
    return TOKEN_PATTERN.test(token)
      ? this.#options.directory.enterpriseByWebhookToken(token)
      : undefined;
  }

  /** The one active enterprise that one of several tokens belongs to. */
  async #settle(tokens: readonly string[]): Promise<Enterprise | "ambiguous" | undefined> {
    if (tokens.length > MAX_TOKENS_TRIED) return "ambiguous";
    let found: Enterprise | undefined;
    for (const token of tokens) {
      const enterprise = await this.#lookUp(token);
      if (enterprise?.active !== true) continue;
      if (found !== undefined && found.number !== enterprise.number) return "ambiguous";
      found = enterprise;
    }
    return found;
  }

  async #record(enterprise: Enterprise, received: Received): Promise<IntakeOutcome> {
    const { event, decoded, bytes } = received;
    const { uniqueId, body, eventId, salvaged } = decoded;
    const { trace, counters } = this.#options;
    const record: Omit<AstRecord, "at"> = { kind: "AST", event, uniqueId, body };
    const seen =
      eventId === undefined
        ? this.#repeats.see({ enterprise: enterprise.number, event, uniqueId, body, bytes })
        : undefined;
    const once = eventId === undefined ? undefined : { onceKey: eventIdKey(eventId) };
    try {
      const { at, duplicate } = await trace.append(enterprise.number, record, once);
      if (duplicate) {
        countEvent(counters, event, "duplicate");
        return DUPLICATE;
      }
      this.#tellLater({ enterprise, record, at });
    } catch (error) {
      if (seen?.repeat === false) this.#repeats.forget(seen.key);
      // A body below the limit can still make a longer line: characters that are escaped there take six each.
      if (errorCode(error) === "line_too_long") {
        return this.#tooLarge(event, "the event is too long for one line");
      }
      const what = "the trace cannot be written";
      return this.#unavailable(event, { code: "trace_unavailable", what, error });
    }
    countEvent(counters, event, "recorded");
    if (salvaged) {
      counters.salvaged++;
      this.#complain(
        "warn",
        "a broken body was salvaged: its sender writes JSON without escaping",
        { enterprise: enterprise.number, event, uniqueId },
      );
    }
    if (seen?.repeat === true) counters.repeats++;
    return RECORDED;
  }

  #tellLater(event: RecordedEvent): void {
    if (this.#waiting.push(event) === 1) setImmediate(() => this.#tell());
  }

  #tell(): void {
    const events = this.#waiting;
    this.#waiting = [];
    const { log, onRecorded } = this.#options;
    const failed = (error: unknown, { enterprise, record }: RecordedEvent): void =>
      log.error("cannot pass on a recorded event: its handler failed", {
        enterprise: enterprise.number,
        event: record.event,
        uniqueId: record.uniqueId,
        error,
      });
    for (const event of events) {
      try {
        onRecorded(event)?.catch((error: unknown) => failed(error, event));
      } catch (error) {
        failed(error, event);
      }
    }
  }

  #refuse(event: string, code: RefusalCode, message: string, enterprise?: string): IntakeOutcome {
    countEvent(this.#options.counters, event, "invalid");
    this.#complain("warn", `event refused: ${message}`, { event });
    return { kind: "refused", code, message, enterprise };
  }

  #tooLarge(
    event: string,
    message = `the body is larger than ${this.#options.maxBodyBytes} bytes`,
  ): IntakeOutcome {
    const { counters, maxBodyBytes } = this.#options;
    countEvent(counters, event, "too_large");
    this.#complain("warn", `event refused: ${message}`, { event, maxBodyBytes });
    return { kind: "refused", code: "too_large", message };
  }

  #unauthorized(event: string, enterprise?: string): IntakeOutcome {
    countEvent(this.#options.counters, event, "unauthorized");
    this.#complain("warn", "event refused: no active enterprise has its token", { event });
    return {
      kind: "refused",
      code: "unknown_token",
      message: "no active enterprise has this token",
      enterprise,
    };
  }

  #unavailable(
    event: string,
    failure: {
      readonly code: "trace_unavailable" | "directory_unavailable";
      readonly what: string;
      readonly error: unknown;
    },
  ): IntakeOutcome {
    const { code, what, error } = failure;
    countEvent(this.#options.counters, event, "unavailable");
    this.#complain("error", `cannot record events: ${what}`, { event, error });
    return { kind: "unavailable", code, message: `the event was not recorded: ${what}` };
  }
}

/** An intake with an empty memory of repeats. */
export const createIntake = (options: IntakeOptions): Intake => new EventIntake(options);
