// A scenario: one call as a sequence of events that a PBX posted, to be posted again. Made of plain data; who posts it,
// and when, is decided elsewhere.

import type { EventBody } from "../domain/event.ts";

export type ScenarioEvent = {
  /** When the sender posted it, in milliseconds since the epoch. */
  readonly at: number;
  /** Such as `dial`: also the path it is posted to. */
  readonly event: string;
  readonly body: EventBody;
};

/** What really happened in a hand-made call, as somebody who stood beside the phones would tell it. */
export type CallFacts = {
  readonly direction: "incoming" | "outgoing" | "internal";
  readonly status: "answered" | "missed";
  /** The outside party; the calling extension of an internal call. */
  readonly phone: string;
  /** Who talked (with the outside party, if there is one), in order. */
  readonly answeredBy: readonly string[];
  /** From the call's beginning to the first talk, or to the end; null where no event tells when it began. */
  readonly waitSeconds: number | null;
  /** The time talked, without holds and consultations; 0 where nobody did. */
  readonly talkSeconds: number;
};

export type Scenario = {
  /** Lower case, digits and `_`: what is typed on the command line. */
  readonly name: string;
  /** One line: what happens in this call. */
  readonly description: string;
  /** In the order they were posted; never empty. */
  readonly events: readonly ScenarioEvent[];
  /** Known for hand-made scenarios alone. */
  readonly facts?: CallFacts;
};
