// What the program knows of Asterisk's ways: names of channels, numbers, endpoints, bridges, ids, events and causes. The one
// place for each; pure.

export {
  type BridgeFacts,
  type BridgeKind,
  bridgeKind,
  bridgeKindOf,
  makesSpecialBridge,
} from "./bridge-kind.ts";
export {
  type ChannelName,
  isLocal,
  localPair,
  readChannelName,
  standsFor,
} from "./channel-name.ts";
export {
  type Endpoint,
  type EndpointKind,
  EVIDENCE_KINDS,
  type Evidence,
  type EvidenceKind,
  endpointOf,
  endpointOfChannel,
  isAsStrong,
  isExtensionNumber,
} from "./endpoint.ts";
export {
  EVENT_TYPES,
  isEventType,
  isKnownEventType,
  KNOWN_EVENT_TYPES,
  type KnownEventType,
  mayLackUniqueId,
} from "./event-types.ts";
export { type CauseMeaning, meaningOfCause } from "./hangup-cause.ts";
export { cleanNumber, dialledNumber, isUnknown, known, plainNumber, sameNumber } from "./number.ts";
export {
  EVENT_ID_RULE,
  epochSecondOf,
  isEventId,
  isFirstChannel,
  isOlder,
  isUniqueId,
  keptId,
} from "./unique-id.ts";
