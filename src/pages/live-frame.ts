// A snapshot of a live page, and the diff from an earlier version. A version is a list of hashes that the client sends
// back, so that no state is kept per reader and any process can continue after a restart. An unknown version gets the
// whole page.

import { createHash } from "node:crypto";
import type { CallPageParts } from "../../views/call-page.tsx";
import type { CallView } from "../../views/call-parts.tsx";
import { isLive } from "../call/index.ts";
import { isWaiting } from "./story.ts";

/** What a reader is told, as the `data` of an event; only what changed is there. Documented in docs/api.md. */
export type PageUpdate = {
  /** Markup by the id of the element it stands in. */
  readonly sections?: { readonly [id: string]: string };
  readonly title?: string;
  readonly status?: string;
  readonly recordsTitle?: string;
  readonly footer?: string;
  /** Rows behind those the reader has. */
  readonly records?: readonly string[];
  /** All rows, where those the reader has are not the first of them any more. */
  readonly replaced?: readonly string[];
};

export type Frame = {
  /** Of the form `ROWS.HASH.HASHES`, unreserved characters of a URL. */
  readonly version: string;
  /** What somebody who has that version must be told; undefined where nothing. Undefined: one who has nothing. */
  updateSince(seen: string | undefined): PageUpdate | undefined;
  /** The same as a server-sent event. Readers who have the same version share the bytes. */
  eventSince(seen: string | undefined): Uint8Array<ArrayBuffer> | undefined;
};

/** After a call's last record its page is followed so much longer, for the final cards. In milliseconds. */
const AFTERWARDS_MS = 15_000;

/** The same where a recording is still to come: a PBX puts it there when it has been mixed or converted. */
const RECORDED_WITHIN_MS = 120_000;

type LiveView = Pick<CallView, "assembled" | "story" | "sounds">;

const afterwardsOf = ({ assembled, sounds }: LiveView): number => {
  const isAwaited = sounds?.length === 0 && assembled.call.answeredAt !== null;
  return isAwaited ? RECORDED_WITHIN_MS : AFTERWARDS_MS;
};

/** When nothing more is expected of a call that is not under way, in milliseconds since the epoch. */
export const settledAt = (view: LiveView): number =>
  view.assembled.records.reduce((latest, { at }) => Math.max(latest, at), 0) + afterwardsOf(view);

/**
 * Whether nothing more is expected of the call at `now`. A last record that lies in the future, since the machine's clock
 * went back, keeps no page open. A missed call that waits to be called back does.
 */
export const isSettled = (view: LiveView, now: number): boolean => {
  const { assembled, story } = view;
  const at = settledAt(view);
  if (isLive(assembled.call.status) || (story !== undefined && isWaiting(story))) return false;
  return now >= at || now < at - 2 * afterwardsOf(view);
};

/** 48 bits: enough to tell the states of one page apart, short enough for an address. */
const HASH_LENGTH = 8;
const hashOf = (text: string): string =>
  createHash("sha256").update(text, "utf8").digest("base64url").slice(0, HASH_LENGTH);

const VERSION = new RegExp(
  `^(\\d{1,7})\\.([\\w-]{${HASH_LENGTH}})\\.((?:[\\w-]{${HASH_LENGTH}})+)$`,
);
/** Longer texts are no versions and are not looked at. */
const MAX_VERSION_LENGTH = 400;

type FrameVersion = { readonly rows: number; readonly rowsHash: string; readonly hashes: string };

const parseVersion = (text: string | undefined): FrameVersion | undefined => {
  if (text === undefined || text.length > MAX_VERSION_LENGTH) return undefined;
  const [, rows, rowsHash, hashes] = VERSION.exec(text) ?? [];
  return rows === undefined || rowsHash === undefined || hashes === undefined
    ? undefined
    : { rows: Number(rows), rowsHash, hashes };
};

const TEXTS = ["title", "status", "recordsTitle", "footer"] as const;

/** Makes the moment of a page from what it shows then. */
export const createFrame = (parts: CallPageParts): Frame => {
  const rows = parts.records.map(({ html }) => html);
  /** For each number of rows, what tells the first so many from any others. */
  const rowHashes = [hashOf(parts.lang)];
  for (const html of rows) rowHashes.push(hashOf(`${rowHashes.at(-1)}${html}`));
  const hashes = [
    ...parts.sections.map(({ id, html }) => hashOf(`${id}\n${html}`)),
    ...TEXTS.map((name) => hashOf(`${name}\n${parts[name]}`)),
  ];
  const version = `${rows.length}.${rowHashes.at(-1)}.${hashes.join("")}`;

  const updateSince = (seen: string | undefined): PageUpdate | undefined => {
    if (seen === version) return undefined;
    const known = parseVersion(seen);
    const isSameShape = known?.hashes.length === hashes.length * HASH_LENGTH;
    const isSeen = (index: number): boolean =>
      isSameShape && known.hashes.startsWith(hashes[index] ?? "", index * HASH_LENGTH);
    const sections = parts.sections.filter((_, index) => !isSeen(index));
    const texts = TEXTS.filter((_, index) => !isSeen(parts.sections.length + index));
    const isPrefix = known !== undefined && rowHashes[known.rows] === known.rowsHash;
    const fresh = isPrefix ? rows.slice(known.rows) : [];
    return {
      ...(sections.length > 0 && {
        sections: Object.fromEntries(sections.map(({ id, html }) => [id, html])),
      }),
      ...Object.fromEntries(texts.map((name) => [name, parts[name]])),
      ...(fresh.length > 0 && { records: fresh }),
      ...(!isPrefix && { replaced: rows }),
    };
  };

  const events = new Map<string | undefined, Uint8Array<ArrayBuffer>>();
  return {
    version,
    updateSince,
    eventSince: (seen) => {
      if (seen === version) return undefined;
      // Versions that say nothing get the same.
      const key = parseVersion(seen) === undefined ? undefined : seen;
      const known = events.get(key);
      if (known !== undefined) return known;
      const update = updateSince(seen);
      const text = `id: ${version}\nevent: call\ndata: ${JSON.stringify(update)}\n\n`;
      const bytes = new TextEncoder().encode(text);
      events.set(key, bytes);
      return bytes;
    },
  };
};
