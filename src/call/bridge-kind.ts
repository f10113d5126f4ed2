// What sort of bridge it is, from what its events say of it.

import { type BridgeFacts, type BridgeKind, bridgeKind as kindOf } from "../asterisk/index.ts";
import { bodyText } from "../domain/event.ts";
import type { CallEvent } from "./events.ts";

const factsOf = ({ type, record }: Pick<CallEvent, "type" | "record">): BridgeFacts => ({
  technology: bodyText(record.body, "BridgeTechnology"),
  type: bodyText(record.body, "BridgeType"),
  creator: bodyText(record.body, "BridgeCreator"),
  isNew: type === "bridge_create",
});

/** The kind of a bridge, from everything that was told of it. */
export const bridgeKind = (events: readonly Pick<CallEvent, "type" | "record">[]): BridgeKind =>
  kindOf(events.map(factsOf));
