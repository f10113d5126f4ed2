// The rules of draft-ietf-vcon-vcon-core-04 for an unsigned vCon, as far as ours can break them: what each object may hold
// (whatever else is in it is a mistake of ours), and what the text says beside.

import { t } from "elysia";

const index = t.Integer({ minimum: 0 });
const strict = { additionalProperties: false };
const date = t.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$" });

const party = t.Object(
  {
    tel: t.Optional(
      // RFC 3966: global numbers begin with a plus, local ones name their context.
      t.String({ pattern: "^tel:(\\+\\d{3,15}|[\\d*#]+;phone-context=[a-z][a-z0-9-]*)$" }),
    ),
    name: t.Optional(t.String({ minLength: 1 })),
    org: t.Optional(t.String()),
  },
  strict,
);

const call = {
  start: date,
  duration: t.Optional(t.Number({ minimum: 0 })),
  parties: t.Array(index, { minItems: 1, uniqueItems: true }),
  originator: t.Optional(index),
};

/** What is fetched from elsewhere tells what it then is: `url` and `content_hash` come together, with `mediatype`. */
const content = {
  url: t.String({ pattern: "^https?://\\S+$" }),
  mediatype: t.String({ pattern: "^audio/[\\w.+-]+$" }),
  filename: t.String({ minLength: 1 }),
  content_hash: t.String({ pattern: "^sha512-[\\w-]{86}$" }),
};

const recordingOf = (more: typeof content | Record<string, never>) =>
  t.Object(
    {
      ...call,
      ...more,
      type: t.Literal("recording"),
      party_history: t.Optional(
        t.Array(
          t.Object(
            {
              party: index,
              time: date,
              event: t.Union(
                ["join", "drop", "hold", "unhold", "mute", "unmute"].map((one) => t.Literal(one)),
              ),
            },
            strict,
          ),
        ),
      ),
    },
    strict,
  );

const recording = t.Union([recordingOf({}), recordingOf(content)]);

/** Must tell its disposition, and has no content. */
const incomplete = t.Object(
  {
    ...call,
    type: t.Literal("incomplete"),
    disposition: t.Union(
      ["no-answer", "congestion", "failed", "busy", "hung-up", "voicemail-no-message"].map((one) =>
        t.Literal(one),
      ),
    ),
  },
  strict,
);

/** Has neither parties nor an originator nor content. */
const transfer = t.Object(
  {
    type: t.Literal("transfer"),
    start: date,
    transferee: index,
    transferor: index,
    transfer_target: index,
    original: t.Optional(index),
    consultation: t.Optional(index),
    target_dialog: t.Optional(index),
  },
  strict,
);

export const VCON_RULES = t.Object(
  {
    vcon: t.Literal("0.4.0"),
    uuid: t.String({
      pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    }),
    created_at: date,
    updated_at: date,
    subject: t.String(),
    parties: t.Array(party),
    dialog: t.Array(t.Union([recording, incomplete, transfer])),
    attachments: t.Array(
      t.Object(
        {
          purpose: t.String(),
          start: date,
          party: index,
          dialog: index,
          mediatype: t.String(),
          encoding: t.Literal("json"),
          body: t.Array(t.Unknown()),
        },
        strict,
      ),
    ),
  },
  strict,
);
