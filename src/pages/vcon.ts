// The call as a vCon, for programs that keep conversations of many kinds: draft-ietf-vcon-vcon-core-04, experimental until
// it is an RFC (docs/api.md). Pure.

import { createHash } from "node:crypto";
import type { AssembledCall, Call, Participant, Span } from "../call/index.ts";
import { cardIdOf } from "../domain/card-id.ts";
import type { CallNames } from "../domain/names.ts";
import { internationalNumber, isWithheld, type NumberPlan } from "../domain/phone.ts";
import { recordJson } from "./call-json.ts";

/** The media type that the draft registers; `application/vcon+json` is what earlier writers ask for. */
export const VCON_TYPE = "application/vcon";
/** The deprecated key `vcon` of that draft. */
const VCON_VERSION = "0.4.0";

/** Index of a party or a dialog. */
type Index = number;

type VconParty = { readonly tel?: string; readonly name?: string; readonly org?: string };

/** Where a recording is fetched from, and what it then is. */
export type VconContent = {
  readonly url: string;
  readonly mediatype: string;
  readonly filename: string;
  /** `sha512-` and base64url: the draft wants it with every `url`. */
  readonly content_hash: string;
};

export type VconDialog =
  | (Partial<VconContent> & {
      readonly type: "recording" | "incomplete";
      readonly start: string;
      /** In seconds. */
      readonly duration?: number;
      readonly parties: readonly Index[];
      readonly originator?: Index;
      readonly disposition?: string;
      readonly party_history?: readonly {
        readonly party: Index;
        readonly time: string;
        readonly event: "hold" | "unhold";
      }[];
    })
  | {
      readonly type: "transfer";
      readonly start: string;
      readonly transferee: Index;
      readonly transferor: Index;
      readonly transfer_target: Index;
      readonly original?: Index;
      readonly target_dialog?: Index;
    };

export type Vcon = {
  readonly vcon: string;
  readonly uuid: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly subject: string;
  readonly parties: readonly VconParty[];
  readonly dialog: readonly VconDialog[];
  readonly attachments: readonly {
    readonly purpose: string;
    readonly start: string;
    readonly party: Index;
    readonly dialog: Index;
    readonly mediatype: string;
    readonly encoding: "json";
    readonly body: readonly ReturnType<typeof recordJson>[];
  }[];
};

export type VconOptions = {
  readonly names: CallNames;
  /** The enterprise's name. */
  readonly organization: string | null;
  readonly country: NumberPlan;
};

const iso = (ms: number): string => new Date(ms).toISOString();
const seconds = (ms: number): number => Math.max(0, ms) / 1000;

/** A UUID of version 8 (RFC 9562) that the same call always has. */
const uuidOf = (enterprise: string, uniqueId: string): string => {
  const bytes = createHash("sha256").update(`calllog ${enterprise} ${uniqueId}`).digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex").slice(0, 32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** A number as a `tel:` address (RFC 3966): what is valid only at this PBX says so. Undefined where it is no number. */
const telOf = (number: string | null, country: NumberPlan): string | undefined => {
  if (number === null || isWithheld(number)) return undefined;
  const international = internationalNumber(number, country);
  if (international !== undefined) return `tel:${international}`;
  return /^[\d*#]+$/.test(number) ? `tel:${number};phone-context=pbx` : undefined;
};

const partyOf = (
  { number, role }: Participant,
  { callerName }: Call,
  { names, organization, country }: VconOptions,
): VconParty => {
  const tel = telOf(number, country);
  const known =
    role === "outside" ? (names.customer ?? callerName) : names.managers.get(number ?? "");
  const name = known ?? (tel === undefined && !isWithheld(number) ? number : undefined);
  return {
    ...(tel === undefined ? {} : { tel }),
    ...(name === undefined || name === null || name === "" ? {} : { name }),
    ...(role === "outside" || organization === null ? {} : { org: organization }),
  };
};

/** Why nobody talked; undefined of a call in which somebody does, or that still rings. */
const dispositionOf = ({ status }: Call): string | undefined => {
  switch (status) {
    case "busy":
      return "busy";
    case "cancelled":
      return "hung-up";
    case "failed":
      return "failed";
    case "missed":
    case "unknown":
    case "service":
      return "no-answer";
    default:
      return undefined;
  }
};

/** Who placed the call, by the order of the parties. */
const originatorOf = ({ direction, participants }: Call): Index => {
  const role = direction === "outgoing" || direction === "internal" ? "caller" : "outside";
  return Math.max(
    0,
    participants.findIndex((one) => one.role === role),
  );
};

type Talk = { readonly party: Index; readonly span: Span };

/** Who talked with the other side, and when, in the order in which they began. */
const talksOf = ({ participants, direction }: Call, other: Index): Talk[] =>
  participants
    .flatMap(({ talking, role }, party): Talk[] => {
      // On the other side the same time is told once more.
      if (party === other || (direction === "internal" && role === "caller")) return [];
      return talking.map((span) => ({ party, span }));
    })
    .sort((a, b) => a.span.from - b.span.from);

const talkDialog = (
  { party, span }: Talk,
  { participants }: Call,
  other: Index,
  originator: Index,
): VconDialog => {
  const to = span.to ?? Number.POSITIVE_INFINITY;
  const history = (participants[party]?.holding ?? [])
    .filter((hold) => hold.from < to && (hold.to ?? to) > span.from)
    .flatMap((hold) => [
      { party: other, time: iso(hold.from), event: "hold" as const },
      ...(hold.to === null ? [] : [{ party: other, time: iso(hold.to), event: "unhold" as const }]),
    ]);
  return {
    type: "recording",
    start: iso(span.from),
    ...(span.to === null ? {} : { duration: seconds(span.to - span.from) }),
    parties: [other, party],
    originator,
    ...(history.length === 0 ? {} : { party_history: history }),
  };
};

const transferDialogs = (call: Call, talks: readonly Talk[], other: Index): VconDialog[] => {
  const indexOf = (number: string): Index =>
    call.participants.findIndex((one, party) => party !== other && one.number === number);
  return call.transfers.flatMap(({ at, from, to }): VconDialog[] => {
    const [transferor, target] = [indexOf(from), indexOf(to.split("&")[0] ?? "")];
    if (transferor < 0 || target < 0) return [];
    const original = talks.findLastIndex(
      ({ party, span }) => party === transferor && span.from <= at,
    );
    const then = talks.findIndex(({ party, span }) => party === target && (span.to ?? at) >= at);
    return [
      {
        type: "transfer",
        start: iso(at),
        transferee: other,
        transferor,
        transfer_target: target,
        ...(original < 0 ? {} : { original }),
        ...(then < 0 ? {} : { target_dialog: then }),
      },
    ];
  });
};

const dialogsOf = (call: Call): VconDialog[] => {
  const { participants, startedAt, waitMs } = call;
  const originator = originatorOf(call);
  const outside = participants.findIndex(({ role }) => role === "outside");
  const other = outside >= 0 ? outside : originator;
  const talks = talksOf(call, other);
  if (talks.length > 0) {
    const told = talks.map((talk) => talkDialog(talk, call, other, originator));
    return [...told, ...transferDialogs(call, talks, other)];
  }
  const disposition = dispositionOf(call);
  if (disposition === undefined || startedAt === null || participants.length === 0) return [];
  return [
    {
      type: "incomplete",
      start: iso(startedAt),
      ...(waitMs === null ? {} : { duration: seconds(waitMs) }),
      parties: participants.map((_, party) => party),
      originator,
      disposition,
    },
  ];
};

/**
 * The vCon of an assembled call. Who talked when is told by dialogs of type `recording` without a recording; a call that nobody
 * answered is one of type `incomplete`. The events are attached. A call that still rings has no dialog yet, and attaches
 * nothing.
 */
export const vconOf = (assembled: AssembledCall, options: VconOptions): Vcon => {
  const { call, records } = assembled;
  const times = records.map(({ at }) => at);
  const createdAt = call.startedAt ?? times[0] ?? 0;
  const dialog = dialogsOf(call);
  const events = records.filter(({ kind }) => kind === "AST").map(recordJson);
  const uniqueId = cardIdOf(assembled);
  return {
    vcon: VCON_VERSION,
    uuid: uuidOf(call.enterprise, uniqueId),
    created_at: iso(createdAt),
    updated_at: iso(Math.max(createdAt, ...times)),
    subject: `${call.direction} call ${uniqueId}: ${call.status}`,
    parties: call.participants.map((one) => partyOf(one, call, options)),
    dialog,
    attachments:
      dialog.length === 0
        ? []
        : [
            {
              purpose: "events of the PBX",
              start: iso(createdAt),
              party: originatorOf(call),
              dialog: 0,
              mediatype: "application/json",
              encoding: "json",
              body: events,
            },
          ],
  };
};
