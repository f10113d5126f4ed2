// Channels that enter and leave bridges: who of a call is told to be where, when a bridge is told to be made and gone, and with
// whom of other calls somebody is in a conference.

import type { AgentEvent } from "../outbox/types.ts";
import {
  bridgeCreateEvent,
  bridgeDestroyEvent,
  conferenceEvent,
  presenceEvent,
} from "./call-events.ts";
import type { Bridge, Call, CallsUnderWay, Channel, Fields } from "./calls-under-way.ts";
import { countOne } from "./calls-under-way.ts";
import type { Moment } from "./stream-clock.ts";

/** What is to be done beside: by the mapper, which knows the rest. */
export type BridgeSteps = {
  readonly flush: (call: Call) => void;
  readonly relink: (channel: Channel, linkedId: string, moment: Moment) => void;
  readonly tell: (event: AgentEvent) => void;
};

const NO_FIELDS: Fields = new Map();
/** So many of a conference are told to each call in it; of more only that there are others. */
const MAX_COMPANY = 20;

export class BridgeMoves {
  readonly #calls: CallsUnderWay;
  readonly #steps: BridgeSteps;

  constructor(calls: CallsUnderWay, steps: BridgeSteps) {
    this.#calls = calls;
    this.#steps = steps;
  }

  /** A bridge is made: told with the first call that enters it. */
  create(bridge: Bridge, moment: Moment): void {
    if (bridge.isCreateTold) return;
    bridge.created = moment;
    if (bridge.callId !== undefined) this.#tellCreated(bridge, bridge.callId);
  }

  /** A bridge is gone; whoever is in it leaves. */
  destroy(bridge: Bridge, moment: Moment): void {
    for (const channel of [...bridge.channels]) this.leave(channel, NO_FIELDS, moment);
    this.#calls.bridges.delete(bridge.id);
    if (bridge.callId === undefined) return;
    this.#steps.tell(bridgeDestroyEvent(bridge, bridge.callId, moment));
  }

  /** A channel leaves that was not seen to enter. */
  leaveUnseen(channel: Channel, bridge: Bridge, fields: Fields, moment: Moment): void {
    bridge.callId = channel.call.id;
    this.#steps.tell(presenceEvent("bridge_leave", { channel, bridge }, fields, moment));
  }

  #tellCreated(bridge: Bridge, uniqueId: string): void {
    if (bridge.created === undefined) return;
    this.#steps.tell(bridgeCreateEvent(bridge, uniqueId, bridge.created));
    bridge.created = undefined;
    bridge.isCreateTold = true;
  }

  /** A channel leaves where it is. */
  leave(channel: Channel, fields: Fields, moment: Moment): void {
    const { bridge } = channel;
    if (bridge === undefined) return;
    this.#calls.leave(channel, moment.at);
    if (channel.kind === "inner") return;
    bridge.callId = channel.call.id;
    this.#steps.tell(presenceEvent("bridge_leave", { channel, bridge }, fields, moment));
    this.#tellCompany(bridge, moment);
  }

  /** Tells each call in a conference with whom of other calls it is there. */
  #tellCompany(bridge: Bridge, moment: Moment): void {
    if (bridge.kind !== "conference") return;
    const present = [...bridge.channels].filter(({ kind }) => kind !== "inner");
    for (const channel of present) {
      const others = present.filter(({ call }) => call !== channel.call);
      const numbers = others.flatMap(({ number }) => number || []).slice(0, MAX_COMPANY);
      const company = others.length === 0 ? "" : numbers.join() || "?";
      const isCrowd = others.length > MAX_COMPANY && channel.company !== "" && company !== "";
      if (company === channel.company || isCrowd) continue;
      channel.company = company;
      countOne(channel, "company");
      this.#steps.tell(conferenceEvent({ channel, bridge }, numbers, others.length, moment));
    }
  }

  /** A channel enters; where calls meet in an ordinary bridge they become one. */
  enter(channel: Channel, bridge: Bridge, fields: Fields, moment: Moment): void {
    if (channel.bridge === bridge) return;
    // A leave that was not seen.
    this.leave(channel, NO_FIELDS, moment);
    countOne(channel, bridge.id);
    if (channel.kind !== "inner") {
      this.#steps.flush(channel.call);
      this.#tellCreated(bridge, channel.call.id);
      bridge.callId = channel.call.id;
      this.#steps.tell(presenceEvent("bridge", { channel, bridge }, fields, moment));
    }
    this.#calls.enter(channel, bridge, moment.at);
    this.#tellCompany(bridge, moment);
    const oldest = bridge.kind === "ordinary" ? this.#calls.oldestIn(bridge) : undefined;
    if (oldest === undefined) return;
    for (const present of [...bridge.channels]) this.#steps.relink(present, oldest, moment);
  }
}
