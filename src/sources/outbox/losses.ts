// Lines of the spool that are lost, counted by why; the log tells of the first of each kind.

import type { Log } from "../../lib/log.ts";

export type LossKind = "full" | "damaged";

const MESSAGE: { readonly [kind in LossKind]: string } = {
  full: "the spool is full: the oldest events that wait are dropped",
  damaged: "lines of the spool are damaged and are skipped",
};

export class Losses {
  readonly #log: Log;
  #counts = { full: 0, damaged: 0 };

  constructor(log: Log) {
    this.#log = log;
  }

  add(count: number, kind: LossKind): void {
    if (this.#counts[kind] === 0) this.#log.error(MESSAGE[kind]);
    this.#counts[kind] += count;
  }

  /** What was lost since the last time, as fields of a log line; counting begins anew. */
  takeFields(): { readonly dropped?: number; readonly damaged?: number } {
    const { full, damaged } = this.#counts;
    this.#counts = { full: 0, damaged: 0 };
    return {
      ...(full > 0 ? { dropped: full } : {}),
      ...(damaged > 0 ? { damaged } : {}),
    };
  }
}
