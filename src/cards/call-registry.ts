// The calls that the notifier tracks, indexed by every key under which their events know them, per enterprise. When
// two calls turn out to be one, the keys of both lead to the merged call.

import type { AssembledCall } from "../call/index.ts";
import { bridgeKey, idKey } from "../domain/record.ts";
import { mergeCalls, type TrackedCall, trackCall } from "./tracked-call.ts";

const keyIn = (enterprise: string, key: string): string => `${enterprise} ${key}`;

export class CallRegistry {
  /** By enterprise and key (see `recordKeys`). */
  readonly #byKey = new Map<string, TrackedCall>();
  readonly #calls = new Set<TrackedCall>();

  get size(): number {
    return this.#calls.size;
  }

  all(): Iterable<TrackedCall> {
    return this.#calls;
  }

  with(enterprise: string, key: string): TrackedCall | undefined {
    return this.#byKey.get(keyIn(enterprise, key));
  }

  withId(enterprise: string, uniqueId: string): TrackedCall | undefined {
    return this.with(enterprise, idKey(uniqueId));
  }

  /** The call with that id, kept from now on. */
  track(enterprise: string, uniqueId: string): TrackedCall {
    const known = this.withId(enterprise, uniqueId);
    if (known !== undefined) return known;
    const call = trackCall(enterprise, uniqueId);
    const key = keyIn(enterprise, idKey(uniqueId));
    call.keys = new Set([key]);
    this.#calls.add(call);
    this.#byKey.set(key, call);
    return call;
  }

  /** Takes over the keys of what was found; calls that had one of its ids prove to be a part of this one. */
  claim(call: TrackedCall, { call: { uniqueIds, bridgeIds } }: AssembledCall): void {
    const { enterprise } = call;
    const ids = [...uniqueIds, call.anchor].map((id) => keyIn(enterprise, idKey(id)));
    const bridges = bridgeIds.map((id) => keyIn(enterprise, bridgeKey(id)));
    const own = new Set([...ids, ...bridges]);
    this.#release(call, (key) => !own.has(key));
    call.keys = own;
    // Bridges that tie nobody (parking, conferences) are in many calls; only an id makes two calls one.
    const tying = new Set(ids);
    for (const key of own) {
      const other = this.#byKey.get(key);
      this.#byKey.set(key, call);
      if (other !== undefined && other !== call && tying.has(key)) this.#merge(call, other);
    }
  }

  forget(call: TrackedCall): void {
    this.#calls.delete(call);
    this.#release(call, () => true);
  }

  #merge(whole: TrackedCall, part: TrackedCall): void {
    mergeCalls(whole, part);
    this.#calls.delete(part);
    for (const key of part.keys) if (this.#byKey.get(key) === part) this.#byKey.set(key, whole);
    for (const chatId of part.queues) whole.queues.add(chatId);
  }

  #release(call: TrackedCall, isLeft: (key: string) => boolean): void {
    for (const key of call.keys) {
      if (isLeft(key) && this.#byKey.get(key) === call) this.#byKey.delete(key);
    }
  }
}
