// What sort of bridge it is, from what its events say of it.

import {
  type BridgeFacts,
  type BridgeKind,
  bridgeKindOf,
  bridgeKind as kindOf,
} from "../asterisk/index.ts";
import type { CallEvent } from "./events.ts";

/** What an event says of its bridge; undefined where it says nothing, as most do. */
const factsOf = (event: CallEvent): BridgeFacts | undefined => {
  const technology = event.text("BridgeTechnology");
  const type = event.text("BridgeType");
  const creator = event.text("BridgeCreator");
  return technology === "" && type === "" && creator === ""
    ? undefined
    : { technology, type, creator, isNew: event.type === "bridge_create" };
};

/** The kind of a bridge by one of its events; `bridgeKind` weighs all of them. */
export const bridgeKindSaid = (event: CallEvent): BridgeKind => {
  const facts = factsOf(event);
  return facts === undefined ? "ordinary" : bridgeKindOf(facts);
};

/**
 * The kind of a bridge, from everything that was told of it.
 *
 * @param bridgeId looks at the events of this bridge alone
 */
export const bridgeKind = (events: readonly CallEvent[], bridgeId?: string): BridgeKind => {
  const said: BridgeFacts[] = [];
  for (const event of events) {
    if (bridgeId !== undefined && event.bridgeId !== bridgeId) continue;
    const facts = factsOf(event);
    if (facts !== undefined) said.push(facts);
  }
  return said.length === 0 ? "ordinary" : kindOf(said);
};
