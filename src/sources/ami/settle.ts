// Calls that ended while nobody listened: they are open in the files, and the PBX has no channel of them any more. What a
// hangup can tell of such a call is what was known of it; when it ended is not known.

import { epochSecondOf } from "../../asterisk/index.ts";
import type { EventBody } from "../../domain/event.ts";
import type { AgentEvent } from "../outbox/types.ts";
import type { AmiMessage } from "./types.ts";

/** A call of this PBX that has no hangup in the files. */
export type OpenCall = {
  /** Its own id: that of the event that placed it. */
  readonly uniqueId: string;
  /** All ids that it is known by. */
  readonly ids: readonly string[];
  /** What its hangup says: direction, parties, whether it was answered. */
  readonly body: EventBody;
  /** When something was heard last, of it or of the PBX, in milliseconds since the epoch: until then it may have lasted. */
  readonly heardAt: number;
};

const hangupOf = ({ uniqueId, body, heardAt }: OpenCall): AgentEvent => ({
  event: "hangup",
  body: {
    UniqueId: uniqueId,
    ...body,
    ChanUniqueId: uniqueId,
    Linkedid: uniqueId,
    EventTime: String(heardAt / 1000),
    // As the PBX's own would have been: whichever comes first stands.
    EventId: `hangup/${uniqueId}`,
    _recovered: true,
  },
});

/**
 * Hangups of the calls that are over.
 *
 * @param listed the channels that there are now
 * @param isUnderWay whether a call is followed by its events already
 */
export const settledCalls = (
  open: readonly OpenCall[],
  listed: readonly AmiMessage[],
  isUnderWay: (id: string) => boolean,
): AgentEvent[] => {
  const alive = new Set(
    listed.flatMap(({ fields }) => [fields.get("Uniqueid") ?? "", fields.get("Linkedid") ?? ""]),
  );
  return open.filter(({ ids }) => !ids.some((id) => alive.has(id) || isUnderWay(id))).map(hangupOf);
};

/** Uptime is told in whole seconds. */
const START_TOLERANCE_S = 2;

/** Whether a channel was made before Asterisk was started: it is no more. @param startedAt milliseconds since the epoch */
export const isBefore = (uniqueId: string, startedAt: number): boolean => {
  const second = epochSecondOf(uniqueId);
  return second !== undefined && second < startedAt / 1000 - START_TOLERANCE_S;
};

/** Hangups of the calls that Asterisk did not survive. @param startedAt when it was started, milliseconds since the epoch */
export const endedBefore = (open: readonly OpenCall[], startedAt: number): AgentEvent[] =>
  open.filter(({ ids }) => ids.every((id) => isBefore(id, startedAt))).map(hangupOf);
