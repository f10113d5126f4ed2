// Where in the file the calls began that are not over: whoever reads on from the first of them understands all that follows.

import { isFirstChannel } from "../../asterisk/index.ts";
import type { CelPlace } from "./file.ts";
import type { CelEvent } from "./line.ts";

type Began = { readonly place: CelPlace; readonly atMs: number; readonly channels: Set<string> };

/** A call of which nothing ends it for so long is over, in milliseconds. */
const LONGEST_MS = 24 * 3600 * 1000;

export class CallsInFile {
  /** By Linkedid, in the order of their beginning. */
  readonly #calls = new Map<string, Began>();

  /** @param place where the line begins; asked only where a call begins */
  note({ type, uniqueId, linkedId, stamp }: CelEvent, place: () => CelPlace): void {
    if (type === "CHAN_END" || type === "LINKEDID_END") {
      for (const id of [linkedId, uniqueId]) this.#end(id, uniqueId);
      return;
    }
    if (type !== "CHAN_START") return;
    if (isFirstChannel(uniqueId)) this.#calls.clear();
    const atMs = Number(stamp) * 1000;
    const known = this.#calls.get(linkedId);
    if (known === undefined) {
      this.#calls.set(linkedId, { place: place(), atMs, channels: new Set([uniqueId]) });
    } else known.channels.add(uniqueId);
    const [oldest] = this.#calls;
    if (oldest !== undefined && atMs - oldest[1].atMs > LONGEST_MS) this.#calls.delete(oldest[0]);
  }

  /** Where the oldest call began that is under way; undefined where none is. */
  oldest(): CelPlace | undefined {
    const [first] = this.#calls.values();
    return first?.place;
  }

  /** A channel that became one of another call is counted where it began until it ends. */
  #end(linkedId: string, uniqueId: string): void {
    for (const [id, call] of this.#calls) {
      if (id !== linkedId && !call.channels.has(uniqueId)) continue;
      call.channels.delete(uniqueId);
      if (call.channels.size === 0) this.#calls.delete(id);
    }
  }
}
