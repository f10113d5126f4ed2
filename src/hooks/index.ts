// Outgoing webhooks: an enterprise's own programs are told of its calls.

export { hookBody, testBody } from "./body.ts";
export { HookDesk, type HookDeskOptions } from "./desk.ts";
export { attemptRecord, type FoundCall } from "./lane.ts";
export { isDelivered, progressOf, wantedMessages } from "./messages.ts";
export { createPost, type Post, type PostOptions } from "./post.ts";
export { hookSecretRule, signedHeaders } from "./signature.ts";
export { type HookStore, openHooks } from "./store.ts";
export {
  addressOf,
  hookUrlRule,
  type Resolve,
  refusedAsWritten,
  shownTarget,
  systemResolve,
} from "./target.ts";
export {
  HOOK_EVENTS,
  type Hook,
  type HookAnswer,
  type HookEvent,
  type HookMessage,
} from "./types.ts";
