// A set of recently seen keys with bounded memory: two generations, of which the older is dropped as a whole.

import type { Clock } from "../lib/clock.ts";

export class SeenLately {
  readonly #clock: Clock;
  readonly #keepMs: number;
  #current = new Set<string>();
  #previous = new Set<string>();
  #since: number;

  /** @param keepMs how long a key is remembered at least, in milliseconds; at most twice that. */
  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#since = clock.now();
  }

  add(key: string): void {
    if (this.#clock.now() - this.#since > this.#keepMs) {
      this.#previous = this.#current;
      this.#current = new Set();
      this.#since = this.#clock.now();
    }
    this.#current.add(key);
  }

  /** Whether it was seen; after that answer it is forgotten. */
  take(key: string): boolean {
    return this.#current.delete(key) || this.#previous.delete(key);
  }
}
