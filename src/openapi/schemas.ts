// The shapes of what the listeners take and answer, as JSON Schema 2020-12. A test holds every answer against them, and
// finds fields that are missing here or there.

import { CALL_DIRECTIONS, CALL_STATUSES, FOLLOW_STATES } from "../call/index.ts";
import { HOOK_EVENTS } from "../hooks/index.ts";

export type Schema = { readonly [keyword: string]: unknown };

const text: Schema = { type: "string" };
const textOrNull: Schema = { type: ["string", "null"] };
const time: Schema = { type: "string", format: "date-time" };
const timeOrNull: Schema = { type: ["string", "null"], format: "date-time" };
const yes: Schema = { type: "boolean" };
const count: Schema = { type: "integer", minimum: 0 };
const countOrNull: Schema = { type: ["integer", "null"], minimum: 0 };
const ms: Schema = { type: ["number", "null"], minimum: 0 };
const oneOf = (values: readonly string[]): Schema => ({ type: "string", enum: [...values] });
const list = (items: Schema): Schema => ({ type: "array", items });
const about = (schema: Schema, description: string): Schema => ({ ...schema, description });
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** All properties are there, but for those named. */
const object = (
  properties: { readonly [name: string]: Schema },
  optional: readonly string[] = [],
): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const durations = {
  waitSeconds: about(
    countOrNull,
    "From the start to the answer, or to the end of an unanswered call.",
  ),
  talkSeconds: about(countOrNull, "While the call goes on: so far."),
  totalSeconds: countOrNull,
  waitMs: ms,
  talkMs: ms,
  totalMs: ms,
};

const sides = {
  direction: oneOf(CALL_DIRECTIONS),
  status: oneOf(CALL_STATUSES),
  phone: about(
    textOrNull,
    "The outside party's number as the sender gave it; null where it is withheld.",
  ),
  callerName: textOrNull,
  extensions: about(list(text), "Everybody on our side, in the order they were rung."),
  answeredBy: about(list(text), "Those of our side who talked, in order."),
};

const fate = {
  isLost: about(yes, "Answered, and the caller was lost while he waited again."),
  followUp: { anyOf: [ref("FollowUp"), { type: "null" }] } as Schema,
  returns: about(textOrNull, "The missed call that this one settled."),
};

const call = {
  enterprise: text,
  uniqueIds: list(text),
  bridgeIds: list(text),
  ...sides,
  trunk: textOrNull,
  dialled: textOrNull,
  reached: { type: ["string", "null"], enum: ["voicemail", "menu", null] } as Schema,
  isOwnPhoneSilent: yes,
  startedAt: timeOrNull,
  answeredAt: timeOrNull,
  endedAt: timeOrNull,
  ...durations,
  transfers: list(
    object({
      at: time,
      kind: oneOf(["blind", "attended"]),
      from: text,
      to: text,
      completed: yes,
    }),
  ),
  hungUpBy: about(textOrNull, "A number; `pbx` where the PBX ended the call by itself."),
  ...fate,
  recordings: about(
    list(ref("Recording")),
    "Those that the token lets one hear; none while the call goes on.",
  ),
};

export const SCHEMAS: { readonly [name: string]: Schema } = {
  Error: object({ error: object({ code: text, message: text }) }),
  FollowUp: object({
    state: oneOf(FOLLOW_STATES),
    attempts: count,
    firstAttemptAt: timeOrNull,
    returnedAt: timeOrNull,
    returnedBy: textOrNull,
    afterSeconds: countOrNull,
    call: textOrNull,
    repeats: count,
  }),
  Recording: object({
    n: about({ type: "integer", minimum: 1 }, "Its place in the address."),
    seconds: ms,
    bytes: count,
    type: about(text, "Media type."),
    startedAt: timeOrNull,
  }),
  Call: object(call),
  Record: object({
    at: time,
    kind: oneOf(["AST", "TG", "HTTP", "SQL"]),
    event: text,
    uniqueId: text,
    raw: about(text, "The line as it is stored, secrets replaced by `***`."),
  }),
  Doubt: object({ code: text, message: text, count: { type: "integer" } }, ["count"]),
  CallAnswer: object({
    call: ref("Call"),
    records: list(ref("Record")),
    doubts: list(ref("Doubt")),
  }),
  CallRow: object({
    uniqueId: text,
    ...sides,
    startedAt: time,
    endedAt: timeOrNull,
    ...durations,
    transfers: about(count, "How many were completed."),
    ...fate,
    path: about(textOrNull, "Path and query of the call's own link."),
  }),
  Summary: object({
    day: text,
    timezone: text,
    complete: yes,
    calls: count,
    incoming: count,
    outgoing: count,
    internal: count,
    answered: count,
    missed: count,
    talkSeconds: count,
    meanWaitSeconds: countOrNull,
    hours: list(object({ from: time, answered: count, unanswered: count })),
  }),
  CallsAnswer: object(
    {
      calls: list(ref("CallRow")),
      next: about(textOrNull, "Goes into `before` for the rows behind these."),
      complete: about(
        yes,
        "False while older days are read for the first time: rows may be missing.",
      ),
      openMissed: count,
      summary: ref("Summary"),
    },
    ["openMissed", "summary"],
  ),
  Health: object({
    status: oneOf(["ok", "degraded", "failing"]),
    reasons: list(text),
    version: text,
    uptimeSeconds: { type: "number" },
    commit: text,
    queues: { type: "object" },
  }),
  Event: {
    type: "object",
    description: "Recorded whole; keys beside these are kept.",
    properties: {
      Token: about(text, "The enterprise's webhook token; a `Token` header serves as well."),
      UniqueId: text,
      Phone: text,
      Extensions: { type: ["array", "string"] },
      BridgeUniqueid: text,
      Linkedid: text,
      ChanUniqueId: text,
      EventTime: about({ type: ["string", "number"] }, "Epoch seconds with fraction."),
      EventId: about(text, "Makes a delivery idempotent for good."),
      _recovered: about(
        { type: ["boolean", "string", "number"] },
        "Late on purpose: rings nobody.",
      ),
    },
    additionalProperties: true,
  },
  Recorded: object({ status: oneOf(["ok"]) }),
  HookBody: object({
    type: oneOf(HOOK_EVENTS),
    timestamp: time,
    data: object({
      uniqueId: about(text, "The id of the call to keep."),
      sequence: about({ type: "integer", minimum: 1 }, "Its place among the events of the call."),
      ...call,
      recovered: about(yes, "It came late; then its end alone is told."),
      page: about(textOrNull, "A link that opens the call and expires."),
    }),
  }),
};
