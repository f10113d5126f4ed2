// Streams of the manager interface written by hand: what a PBX would send, step by step, with its time. Numbers and names are
// invented; only headers that mean something are there.

import type { AmiMessage } from "../../src/sources/ami/types.ts";
import { readAll } from "./ami.ts";

export const SCRIPT_START_S = 1_795_400_000;

export type ScriptChannel = {
  readonly name: string;
  readonly id: string;
  linked: string;
  num: string;
  exten: string;
  connected: string;
};

export type NewChannel = {
  /** The first channel's of its call; its own where it is the first. */
  readonly of?: ScriptChannel;
  readonly num?: string;
  readonly exten?: string;
  readonly state?: number;
  readonly callerName?: string;
  readonly id?: string;
};

export class AmiScript {
  readonly blocks: string[] = [];
  readonly #stamps: boolean;
  readonly #inBridge = new Map<string, number>();
  #seconds = SCRIPT_START_S;
  #sequence = 10;

  /** @param stamps whether the PBX sends Timestamp (`timestampevents`) */
  constructor(stamps = true) {
    this.#stamps = stamps;
  }

  get seconds(): number {
    return this.#seconds;
  }

  wait(seconds: number): this {
    this.#seconds += seconds;
    return this;
  }

  send(event: string, fields: Readonly<Record<string, string>>): this {
    const stamp = this.#stamps ? { Timestamp: this.#seconds.toFixed(6) } : {};
    const headers = { Event: event, Privilege: "call,all", ...stamp, ...fields };
    this.blocks.push(
      `${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join("")}\r\n`,
    );
    return this;
  }

  #fields(channel: ScriptChannel, prefix = ""): Record<string, string> {
    const fields = {
      Channel: channel.name,
      CallerIDNum: channel.num,
      ConnectedLineNum: channel.connected,
      Exten: channel.exten,
      Uniqueid: channel.id,
      Linkedid: channel.linked,
    };
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [`${prefix}${name}`, value]),
    );
  }

  channel(name: string, options: NewChannel = {}): ScriptChannel {
    const sequence = this.#sequence++;
    const id = options.id ?? `${Math.floor(this.#seconds)}.${sequence}`;
    const channel: ScriptChannel = {
      name: /;[12]$/.test(name) ? name : `${name}-${sequence.toString(16).padStart(8, "0")}`,
      id,
      linked: options.of?.linked ?? id,
      num: options.num ?? /^\w+\/(\d+)/.exec(name)?.[1] ?? "<unknown>",
      exten: options.exten ?? "s",
      connected: "<unknown>",
    };
    this.send("Newchannel", {
      ...this.#fields(channel),
      ChannelState: String(options.state ?? (options.of === undefined ? 4 : 0)),
      CallerIDName: options.callerName ?? "<unknown>",
    });
    return channel;
  }

  /** `caller` undefined: Asterisk itself was asked to call. */
  dial(caller: ScriptChannel | undefined, leg: ScriptChannel, dialString = leg.num): this {
    return this.send("DialBegin", {
      ...(caller === undefined ? {} : this.#fields(caller)),
      ...this.#fields(leg, "Dest"),
      DialString: dialString,
    });
  }

  create(bridge: string, kind: Readonly<Record<string, string>> = {}): this {
    return this.send("BridgeCreate", { ...this.#bridge(bridge, kind), BridgeNumChannels: "0" });
  }

  #bridge(bridge: string, kind: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      BridgeUniqueid: bridge,
      BridgeType: "basic",
      BridgeTechnology: "simple_bridge",
      BridgeCreator: "<unknown>",
      ...kind,
    };
  }

  enter(bridge: string, channel: ScriptChannel, kind: Readonly<Record<string, string>> = {}): this {
    return this.#presence("BridgeEnter", bridge, channel, 1, kind);
  }

  leave(bridge: string, channel: ScriptChannel, kind: Readonly<Record<string, string>> = {}): this {
    return this.#presence("BridgeLeave", bridge, channel, -1, kind);
  }

  #presence(
    event: string,
    bridge: string,
    channel: ScriptChannel,
    step: number,
    kind: Readonly<Record<string, string>>,
  ): this {
    const count = (this.#inBridge.get(bridge) ?? 0) + step;
    this.#inBridge.set(bridge, count);
    return this.wait(0.0003).send(event, {
      ...this.#bridge(bridge, kind),
      BridgeNumChannels: String(count),
      ...this.#fields(channel),
    });
  }

  destroy(bridge: string): this {
    return this.send("BridgeDestroy", { ...this.#bridge(bridge), BridgeNumChannels: "0" });
  }

  /** Makes the bridge and puts both into it. */
  connect(bridge: string, ...channels: readonly ScriptChannel[]): this {
    this.create(bridge);
    for (const channel of channels) this.enter(bridge, channel);
    return this;
  }

  part(bridge: string, ...channels: readonly ScriptChannel[]): this {
    for (const channel of channels) this.leave(bridge, channel);
    return this.destroy(bridge);
  }

  on(event: string, channel: ScriptChannel, fields: Readonly<Record<string, string>> = {}): this {
    return this.send(event, { ...this.#fields(channel), ...fields });
  }

  hangup(channel: ScriptChannel, cause = 16): this {
    return this.wait(0.002).on("Hangup", channel, { Cause: String(cause), "Cause-txt": "x" });
  }

  messages(): AmiMessage[] {
    return readAll(this.blocks.join(""));
  }

  /** An event of CoreShowChannels. */
  listed(channel: ScriptChannel, fields: Readonly<Record<string, string>> = {}): AmiMessage {
    const all = { ...this.#fields(channel), ChannelState: "6", BridgeId: "", ...fields };
    return { event: "CoreShowChannel", response: "", fields: new Map(Object.entries(all)) };
  }
}
