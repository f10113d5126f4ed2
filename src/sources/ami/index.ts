// The face of the agent: an Asterisk's manager interface in, call events out.

export type { Scheduler } from "../../lib/scheduler.ts";
export { type Agent, type AgentOptions, startAgent } from "./agent.ts";
export { EventFeed, type FeedOptions, recovered, SPOOL_MAX_BYTES } from "./feed.ts";
export { unreadable } from "./hearing.ts";
export { type AmiMapperOptions, createAmiMapper } from "./mapper.ts";
export { readPeers } from "./peer-file.ts";
export { type KnownPeer, type PeerRules, Peers } from "./peers.ts";
export { createAmiReader } from "./reader.ts";
export {
  type AmiEndpoint,
  runSession,
  type SessionEnd,
  type SessionOptions,
  tellsCalls,
} from "./session.ts";
export { type OpenCall, settledCalls } from "./settle.ts";
export type * from "./types.ts";
