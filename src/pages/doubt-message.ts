// What a doubt means, as programs get it beside its code. In English whatever the reader's language, and stable.

import type { Doubt, DoubtCode } from "../call/index.ts";

type Facts = { readonly count: number; readonly at: number };

const MESSAGES: { readonly [code in DoubtCode]: (facts: Facts) => string } = {
  "no-hangup": () => "No hangup was seen: when the call ended is not known.",
  "no-start": () => "Neither a start nor a dial was seen: the call may have begun earlier.",
  "no-bridge": () => "The hangup says the call was answered, but no bridge was seen.",
  "status-differs": () => "The hangup says nobody answered, but the bridges show a conversation.",
  "talk-differs": ({ count }) =>
    `The hangup tells another talk time than the bridges: ${count} s of difference.`,
  "no-enter": ({ count }) => `Seen leaving a bridge but not entering it: ${count} of the parties.`,
  "no-leave": ({ count }) => `Not seen leaving their bridge: ${count} of the parties.`,
  salvaged: ({ count }) =>
    `Events that were not valid JSON, of which what could be read was kept: ${count}.`,
  recovered: ({ count }) => `Events that came late, after an interruption: ${count}.`,
  imported: () => "Made of the PBX's own history, which tells less than its events.",
  gap: ({ count }) =>
    `For ${count} s nothing was heard of the PBX: what happened then is not known.`,
  "clock-differs": ({ count }) =>
    `The sender's clock is ${Math.abs(count)} s ${count > 0 ? "ahead of" : "behind"} ours.`,
  "unreadable-lines": ({ count }) => `Lines about this call that cannot be read: ${count}.`,
  "too-many-records": () => "More records hang together than a call has: some are left out.",
  "earlier-call-with-this-id": ({ at }) =>
    `An earlier call had the same id, at ${new Date(at).toISOString()}.`,
};

export const doubtMessage = ({ code, count = 0, at = 0 }: Doubt): string =>
  MESSAGES[code]({ count, at });
