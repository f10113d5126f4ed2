// What sort of bridge it is, from what its events say of it.

import { type BridgeFacts, type BridgeKind, bridgeKind as kindOf } from "../asterisk/index.ts";
import type { CallEvent } from "./events.ts";

const factsOf = (event: CallEvent): BridgeFacts => ({
  technology: event.text("BridgeTechnology"),
  type: event.text("BridgeType"),
  creator: event.text("BridgeCreator"),
  isNew: event.type === "bridge_create",
});

/** The kind of a bridge, from everything that was told of it. */
export const bridgeKind = (events: readonly CallEvent[]): BridgeKind => kindOf(events.map(factsOf));
