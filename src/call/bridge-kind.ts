// What sort of bridge it is. In a holding bridge (parking, music) nobody hears anybody; in a conference strangers meet.

import { bodyText } from "../domain/event.ts";
import type { CallEvent } from "./events.ts";

export type BridgeKind = "ordinary" | "holding" | "conference";

/**
 * The kind of a bridge, from everything that was told of it. One that was made simple and grew to a mixing one when a
 * third party joined is an ordinary conversation.
 */
export const bridgeKind = (events: readonly Pick<CallEvent, "type" | "record">[]): BridgeKind => {
  let kind: BridgeKind = "ordinary";
  for (const { type, record } of events) {
    const technology = bodyText(record.body, "BridgeTechnology").toLowerCase();
    const bridgeType = bodyText(record.body, "BridgeType").toLowerCase();
    const creator = bodyText(record.body, "BridgeCreator").toLowerCase();
    if (
      technology.startsWith("holding") ||
      bridgeType.startsWith("holding") ||
      /bridgewait|park/.test(creator)
    ) {
      return "holding";
    }
    const isMadeMixing =
      type === "bridge_create" && technology === "softmix" && bridgeType !== "basic";
    if (isMadeMixing || bridgeType.startsWith("conference") || creator.includes("confbridge")) {
      kind = "conference";
    }
  }
  return kind;
};
