// After a gap: compares the known channels with the list of channels that exist now. Calls without channels are hung
// up, new ones are begun, and bridge changes happen now, because their time is not known; all of these events are
// marked as recovered.

import {
  isExtensionNumber,
  isOlder,
  keptId,
  known,
  makesSpecialBridge,
  plainNumber,
} from "../../asterisk/index.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { dialEvent, startEvent } from "./call-events.ts";
import type { Bridge, Call, CallsUnderWay, Channel, Fields } from "./calls-under-way.ts";
import { hasCaller, placeFirst } from "./placing.ts";
import { isBefore } from "./settle.ts";
import type { Moment } from "./stream-clock.ts";
import type { AmiMessage } from "./types.ts";

/** What the mapper does for messages, and the list needs too. */
export type ResyncSteps = {
  flush(call: Call): void;
  leaveBridge(channel: Channel, fields: Fields, moment: Moment): void;
  enterBridge(channel: Channel, bridge: Bridge, fields: Fields, moment: Moment): void;
  relink(channel: Channel, linkedId: string, moment: Moment): void;
  endCall(call: Call, moment: Moment): void;
  tell(event: AgentEvent): void;
};

type Listed = { readonly channel: Channel; readonly fields: Fields; readonly isNew: boolean };

const NO_FIELDS: Fields = new Map();

/** `00:01:23` in milliseconds. */
const durationMs = (fields: Fields): number => {
  const match = /^(\d+):(\d\d):(\d\d)$/.exec(fields.get("Duration") ?? "");
  if (match === null) return 0;
  return (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000;
};

/** A leg that was dialled runs no dialplan of its own. */
const isLeg = (fields: Fields): boolean =>
  /^App(?:Dial|Queue)/.test(fields.get("Application") ?? "");

/** An extension that called out shows the company's number by now: that says nothing of who it is. */
const ownNumber = (fields: Fields): string => {
  const shown = plainNumber(fields.get("CallerIDNum"));
  return isExtensionNumber(shown) ? shown : "";
};

export class ChannelResync {
  readonly #calls: CallsUnderWay;
  readonly #steps: ResyncSteps;

  constructor(calls: CallsUnderWay, steps: ResyncSteps) {
    this.#calls = calls;
    this.#steps = steps;
  }

  /**
   * Compares with the list and tells what differs.
   *
   * @param at the stream's time, `now` ours, both in milliseconds since the epoch
   */
  compare(messages: readonly AmiMessage[], at: number, now: number): void {
    const moment: Moment = { at, stamp: undefined, isRecovered: true };
    const channels = messages.filter(({ fields }) => fields.has("Uniqueid"));
    const listedIds = new Set(channels.map(({ fields }) => keptId(fields.get("Uniqueid"))));
    this.#closeGone(listedIds, () => moment);
    const listed = channels
      .toSorted((a, b) => {
        const [left, right] = [a, b].map(({ fields }) => fields.get("Uniqueid") ?? "");
        return isOlder(left ?? "", right ?? "") ? -1 : 1;
      })
      .flatMap((message) => this.#adopt(message, moment, now));
    for (const [call, own] of Map.groupBy(listed, ({ channel }) => channel.call)) {
      this.#place(call, own, moment);
    }
    // The called enter first, as they do in life.
    const called = listed.filter(({ channel }) => channel.isDialled);
    for (const one of [...called, ...listed.filter((other) => !called.includes(other))]) {
      this.#move(one, moment);
    }
    for (const { id, channels: present } of [...this.#calls.bridges.values()]) {
      if (present.size === 0) this.#calls.bridges.delete(id);
    }
  }

  /**
   * Ends the calls of channels that were made before a moment (milliseconds since the epoch), as of when each was heard of last.
   *
   * @param alive those that are there all the same
   */
  closeBefore(before: number, alive: ReadonlySet<string>): void {
    const ids = [...this.#calls.channels.keys()];
    const stay = ids.filter((id) => alive.has(id) || !isBefore(id, before));
    if (stay.length === ids.length) return;
    this.#closeGone(new Set(stay), (channels) => {
      const at = Math.min(before, Math.max(...channels.map(({ seenAt }) => seenAt)));
      return { at, stamp: undefined, isRecovered: true };
    });
  }

  /** @param momentOf when the channels of a call went */
  #closeGone(
    listedIds: ReadonlySet<string>,
    momentOf: (channels: readonly Channel[]) => Moment,
  ): void {
    const gone = [...this.#calls.channels.values()].filter((channel) => !listedIds.has(channel.id));
    const isGone = new Set(gone);
    for (const [call, channels] of Map.groupBy(gone, (channel) => channel.call)) {
      const goesOn = [...call.channels].some((channel) => !isGone.has(channel));
      const moment = momentOf(channels);
      for (const channel of channels) {
        // Of a call that is over nobody is said to have left first.
        if (goesOn) this.#steps.leaveBridge(channel, NO_FIELDS, moment);
        this.#calls.forget(channel, moment.at);
      }
      if (goesOn) continue;
      Object.assign(call, { cause: "", causeText: "", hungUp: undefined });
      this.#steps.endCall(call, moment);
    }
  }

  #adopt(message: AmiMessage, moment: Moment, now: number): Listed[] {
    const { fields } = message;
    const id = keptId(fields.get("Uniqueid"));
    const linkedId = keptId(fields.get("Linkedid"));
    const heard = {
      name: fields.get("Channel") ?? "",
      callerId: ownNumber(fields),
      context: "",
      dialString: "",
    };
    const isNew = !this.#calls.channels.has(id);
    const begunAt = moment.at - durationMs(fields);
    const channel = this.#calls.channel(id, heard, linkedId, begunAt);
    if (channel === undefined) return [];
    channel.seenAt = now;
    this.#calls.identify(channel, heard);
    this.#steps.relink(channel, linkedId, moment);
    channel.call.startedAt = Math.min(channel.call.startedAt, begunAt);
    if (isNew || !channel.call.isPlaced) placeFirst(channel, fields);
    return [{ channel, fields, isNew }];
  }

  /** What sort of call it is, by whom its caller is with; where the first channel is gone, by who is left. */
  #guessType(call: Call, listed: readonly Listed[]): void {
    const others = listed.filter(({ channel }) => channel.id !== call.id);
    if (hasCaller(call)) {
      if (others.length === 0) return;
      const isInternal = others.some(({ channel }) => channel.kind === "extension");
      call.type = isInternal ? 2 : 1;
      return;
    }
    const trunk = listed.find(({ channel }) => channel.kind === "trunk");
    call.type = trunk === undefined ? 2 : isLeg(trunk.fields) ? 1 : 0;
    if (trunk !== undefined) {
      call.phone = plainNumber(trunk.fields.get("CallerIDNum"));
      call.trunk = trunk.channel.peer;
    }
    const own = listed.find(({ channel }) => channel.kind === "extension");
    if (call.type !== 0 && call.ownExtension === "") call.ownExtension = own?.channel.number ?? "";
  }

  #place(call: Call, own: readonly Listed[], moment: Moment): void {
    const listed = own.filter(({ channel }) => channel.kind !== "inner");
    if (listed.length === 0) return;
    this.#steps.flush(call);
    const wasPlaced = call.isPlaced;
    if (call.type === undefined) this.#guessType(call, listed);
    const legs = listed.filter(({ channel, isNew }) => {
      const isCaller =
        channel.id === call.id ||
        (call.type === 0 && channel.peer === call.trunk && channel.kind === "trunk") ||
        (call.type !== 0 && channel.kind === "extension" && channel.number === call.ownExtension);
      return !isCaller && (isNew || !wasPlaced);
    });
    for (const { channel, fields } of legs) {
      channel.isDialled = true;
      if (channel.kind === "trunk") channel.number = plainNumber(fields.get("CallerIDNum"));
    }
    const line = legs.find(({ channel }) => channel.kind === "trunk");
    if (call.type === 1 && !wasPlaced) {
      call.phone = call.dialled || line?.channel.number || call.phone;
      call.trunk = line?.channel.peer ?? call.trunk;
    }
    if (call.type === 0 && !wasPlaced) {
      call.isPlaced = true;
      const first = listed.find(({ channel }) => channel.id === call.id);
      const name = known(first?.fields.get("CallerIDName"));
      this.#steps.tell(startEvent(call, name, { ...moment, at: call.startedAt }));
    }
    const numbers = new Set(
      call.type === 1 && !wasPlaced
        ? [call.ownExtension]
        : legs.flatMap(({ channel }) => channel.number || []),
    );
    const [first] = legs;
    if (first === undefined || numbers.size === 0) return;
    call.isPlaced = true;
    for (const number of numbers) call.rung.add(number);
    const at = moment.at - Math.max(...legs.map(({ fields }) => durationMs(fields)));
    this.#steps.tell(
      dialEvent(call, {
        moment: { ...moment, at },
        lastAt: at,
        firstLegId: first.channel.id,
        dialledBy: call.id,
        trunk: call.trunk,
        numbers,
      }),
    );
  }

  #move({ channel, fields }: Listed, moment: Moment): void {
    const bridgeId = fields.get("BridgeId") ?? "";
    if (channel.bridge?.id === bridgeId || (channel.bridge === undefined && bridgeId === ""))
      return;
    if (bridgeId === "") {
      this.#steps.leaveBridge(channel, NO_FIELDS, moment);
      return;
    }
    const isNew = !this.#calls.bridges.has(bridgeId);
    const application = fields.get("Application") ?? "";
    const bridge = this.#calls.bridge(
      new Map([
        ["BridgeUniqueid", bridgeId],
        ["BridgeCreator", makesSpecialBridge(application) ? application : ""],
      ]),
    );
    if (bridge === undefined) return;
    if (isNew) bridge.created = moment;
    this.#steps.enterBridge(channel, bridge, fields, moment);
  }
}

export const createResync = (calls: CallsUnderWay, steps: ResyncSteps): ChannelResync =>
  new ChannelResync(calls, steps);
