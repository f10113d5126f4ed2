// The call as machines get it (`Accept: application/json`, `show --json`): documented in docs/api.md and stable.

import type { AssembledCall, Call, CallStory, Doubt } from "../call/index.ts";
import { maskedRaw } from "../domain/masked.ts";
import type { StoredRecord } from "../domain/record.ts";
import { wholeSeconds } from "../lib/time.ts";
import type { Recording } from "../recordings/index.ts";
import { doubtMessage } from "./doubt-message.ts";
import { followUpJson } from "./follow-up-json.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** Durations of recordings have their fractions: a player seeks by them. */
const recordingJson = (recording: Recording, index: number) => ({
  n: index + 1,
  seconds: recording.seconds === null ? null : Math.round(recording.seconds * 1000) / 1000,
  bytes: recording.bytes,
  type: recording.mediaType,
  startedAt: isoOrNull(recording.startedAt),
});

const callFields = (
  call: Call,
  story: CallStory | undefined,
  recordings: readonly Recording[],
) => ({
  enterprise: call.enterprise,
  uniqueIds: call.uniqueIds,
  bridgeIds: call.bridgeIds,
  direction: call.direction,
  status: call.status,
  phone: call.phone,
  callerName: call.callerName,
  extensions: call.extensions,
  answeredBy: call.answeredBy,
  trunk: call.trunk,
  dialled: call.dialled,
  reached: call.reached,
  isOwnPhoneSilent: call.isOwnPhoneSilent,
  startedAt: isoOrNull(call.startedAt),
  answeredAt: isoOrNull(call.answeredAt),
  endedAt: isoOrNull(call.endedAt),
  waitSeconds: wholeSeconds(call.waitMs),
  talkSeconds: wholeSeconds(call.talkMs),
  totalSeconds: wholeSeconds(call.totalMs),
  waitMs: call.waitMs,
  talkMs: call.talkMs,
  totalMs: call.totalMs,
  transfers: call.transfers.map((transfer) => ({ ...transfer, at: iso(transfer.at) })),
  hungUpBy: call.hungUpBy,
  isLost: call.isLost,
  followUp: followUpJson(story?.followUp ?? null),
  returns: story?.returns ?? null,
  recordings: recordings.map(recordingJson),
});

/** A record as part of a call, with its secrets masked. */
export const recordJson = (record: StoredRecord) => ({
  at: iso(record.at),
  kind: record.kind,
  event:
    record.kind === "AST"
      ? record.event
      : record.kind === "TG"
        ? record.action
        : record.kind === "HTTP"
          ? record.method
          : "",
  uniqueId: record.uniqueId,
  raw: maskedRaw(record),
});

const doubtJson = (doubt: Doubt) => ({
  code: doubt.code,
  message: doubtMessage(doubt),
  ...(doubt.count === undefined ? {} : { count: doubt.count }),
});

export type CallJson = {
  readonly call: ReturnType<typeof callFields>;
  readonly records: readonly ReturnType<typeof recordJson>[];
  readonly doubts: readonly ReturnType<typeof doubtJson>[];
};

/**
 * An assembled call, and what became of it where that is known, as plain JSON: times ISO 8601 in UTC, durations in whole
 * seconds, null where unknown.
 *
 * @param recordings those that the reader may hear
 */
export const callJson = (
  { call, records, doubts }: AssembledCall,
  story?: CallStory,
  recordings: readonly Recording[] = [],
): CallJson => ({
  call: callFields(call, story, recordings),
  records: records.map(recordJson),
  doubts: doubts.map(doubtJson),
});
