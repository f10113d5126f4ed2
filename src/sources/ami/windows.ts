// What is told later than it is heard: a dial waits for others of its group, the end of a call that Asterisk was asked to place
// for whom it was to reach. Times are the stream's, so that a replay at any speed gives the same events.

import { keptId, plainNumber } from "../../asterisk/index.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { dialEvent, hangupEvent } from "./call-events.ts";
import type { Call, CallsUnderWay, Fields } from "./calls-under-way.ts";
import { placeUndialled } from "./placing.ts";
import type { Moment, StreamClock } from "./stream-clock.ts";

/** A dial waits this long for another of the same group, in milliseconds of the stream's time. */
export const DIAL_WINDOW_MS = 200;
/** An OriginateResponse comes this soon after the end of its call, if it comes. */
const ORIGINATE_WINDOW_MS = 500;
export class Windows {
  readonly #calls: CallsUnderWay;
  readonly #clock: StreamClock;
  readonly #tell: (event: AgentEvent) => void;
  /** Calls with a dial that waits. */
  readonly #waiting = new Set<Call>();
  /** Calls that are over, whose OriginateResponse is still to come, and when they ended. */
  readonly #ending = new Map<Call, Moment>();

  constructor(calls: CallsUnderWay, clock: StreamClock, tell: (event: AgentEvent) => void) {
    this.#calls = calls;
    this.#clock = clock;
    this.#tell = tell;
  }

  get isOpen(): boolean {
    return this.#waiting.size > 0 || this.#ending.size > 0;
  }

  /** When something is due next, in our own time. */
  nextDueAt(): number | undefined {
    let next: number | undefined;
    for (const { pending } of this.#waiting) {
      if (pending === undefined) continue;
      const at = this.#clock.receiptOf(pending.lastAt + DIAL_WINDOW_MS);
      next = next === undefined ? at : Math.min(next, at);
    }
    for (const moment of this.#ending.values()) {
      const at = this.#clock.receiptOf(moment.at + ORIGINATE_WINDOW_MS);
      next = next === undefined ? at : Math.min(next, at);
    }
    return next;
  }

  /** The call has a dial that may get more. */
  wait(call: Call): void {
    this.#waiting.add(call);
  }

  /** The call was none: nothing of it is told. */
  drop(call: Call): void {
    this.#waiting.delete(call);
  }

  /** Tells the dial that waits. */
  flush(call: Call): void {
    this.#waiting.delete(call);
    if (call.pending === undefined) return;
    this.#tell(dialEvent(call, call.pending));
    call.pending = undefined;
  }

  /** Tells what is due by `now`, a time of the stream. */
  flushDue(now: number): void {
    for (const [call, moment] of this.#ending) {
      if (Math.abs(now - moment.at) >= ORIGINATE_WINDOW_MS) this.#tellEnd(call, moment);
    }
    for (const call of this.#waiting) {
      const lastAt = call.pending?.lastAt ?? Number.NEGATIVE_INFINITY;
      // Later than it can wait for: the host's clock was set back.
      if (now - lastAt >= DIAL_WINDOW_MS || lastAt - now > 10 * DIAL_WINDOW_MS) this.flush(call);
    }
  }

  /** Tells the end of a call. */
  endCall(call: Call, moment: Moment): void {
    this.flush(call);
    this.#calls.forgetCall(call);
    if (!call.isReal) return;
    // Whom it was to reach is told after its end.
    const isToBeTold = call.ownLeg !== undefined && call.type === undefined && call.dialled === "";
    if (isToBeTold && !moment.isRecovered) this.#ending.set(call, moment);
    else this.#tellEnd(call, moment);
  }

  #tellEnd(call: Call, moment: Moment): void {
    this.#ending.delete(call);
    placeUndialled(call, this.#calls.peers);
    if (call.answeredAt === undefined && call.answeredOutsideAt !== undefined) {
      call.answeredAt = call.answeredOutsideAt;
      call.quietSince = undefined;
    }
    this.#tell(hangupEvent(call, this.#calls, moment));
  }

  /** What a call was to reach that Asterisk was asked to place, and its own phone did not take up. */
  originateResponse(fields: Fields): void {
    const number = plainNumber(fields.get("Exten"));
    const id = keptId(fields.get("Uniqueid"));
    const under = this.#calls.calls.get(id);
    if (under !== undefined) under.dialled ||= number;
    const peer = fields.get("Channel") ?? "";
    for (const [call, moment] of this.#ending) {
      if (call.id !== id && !call.ownLeg?.name.startsWith(`${peer}-`)) continue;
      call.dialled ||= number;
      this.#tellEnd(call, moment);
      return;
    }
  }
}
