// The recordings of a call as its page and its JSON have them. A page waits only shortly for folders that are being read for
// the first time, and for a drawing that is not made yet; the next look has both.

import type { CallView } from "../../views/call-parts.tsx";
import { type AssembledCall, isLive } from "../call/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { HOUR_MS } from "../lib/time.ts";
import { within } from "../lib/within.ts";
import type { Recording, Recordings } from "../recordings/index.ts";
import { recordingHref, recordingPath, recordingToken } from "./links.ts";
import type { HeardRecording } from "./vcon-recordings.ts";

export type Sounds = {
  /** The recordings of a call; none while it goes on. */
  readonly of: (assembled: AssembledCall) => Promise<readonly Recording[]>;
  /** The same for its page. */
  readonly shown: (
    assembled: AssembledCall,
    enterprise: Enterprise,
  ) => Promise<NonNullable<CallView["sounds"]>>;
  /** The same for a vCon: none where the address of the pages is not known, or where a file cannot be read in time. */
  readonly heard: (
    assembled: AssembledCall,
    enterprise: Enterprise,
  ) => Promise<readonly HeardRecording[]>;
};

/**
 * The page's own link to a recording lasts so long and is made anew once an hour: an open page that is brought up to date
 * does not change for it.
 */
const LINK_MS = 12 * HOUR_MS;
/** How long a page waits for its recordings, and then for their drawings, in milliseconds. */
const FIND_WAIT_MS = 1000;
const DRAW_WAIT_MS = 150;
/** Further ones are played without a drawing: a page has to stay small. */
const MAX_DRAWN = 4;

/** How long a vCon waits for the hashes of its recordings, in milliseconds: they may be of hours. */
const HASH_WAIT_MS = 15_000;

export type SoundsOptions = {
  /** Those of the service. */
  readonly recordings: Recordings;
  readonly clock: Clock;
  readonly log: Log;
  /** `--public-url`: vCons tell no recordings without it. */
  readonly publicUrl?: string | null | undefined;
  /** How long the links of a vCon open its recordings, in milliseconds. */
  readonly linkTtlMs: number;
};

/** The recordings of calls for the pages, the JSON and the vCons. */
export const createSounds = ({
  recordings,
  clock,
  log,
  publicUrl = null,
  linkTtlMs,
}: SoundsOptions): Sounds => {
  const find = async (assembled: AssembledCall): Promise<readonly Recording[]> => {
    if (isLive(assembled.call.status)) return [];
    try {
      return await recordings.find(assembled);
    } catch (error) {
      const { enterprise, uniqueIds } = assembled.call;
      log.error("cannot look for the recordings of a call; its page shows none", {
        enterprise,
        uniqueId: uniqueIds[0],
        error,
      });
      return [];
    }
  };

  return {
    of: find,
    shown: async (assembled, { number, secret }) => {
      const found = await within(find(assembled), FIND_WAIT_MS, () => {
        log.debug("a page does not wait for its recordings: their folders are being read");
        return [];
      });
      const [first] = assembled.call.uniqueIds;
      if (found.length === 0 || first === undefined || secret === "") return [];
      const scope = { enterprise: number, uniqueId: first };
      const expiresAt = Math.floor(clock.now() / HOUR_MS) * HOUR_MS + LINK_MS;
      const token = await recordingToken(secret, scope, expiresAt);
      const peaks = found
        .slice(0, MAX_DRAWN)
        .map((recording) => within(recordings.peaks(recording), DRAW_WAIT_MS, () => undefined));
      const drawn = await Promise.all(peaks);
      return found.map((recording, index) => ({
        ...recording,
        n: index + 1,
        href: recordingHref(scope, index + 1, token),
        peaks: drawn[index],
      }));
    },
    heard: async (assembled, { number, secret }) => {
      const [first] = assembled.call.uniqueIds;
      if (publicUrl === null || first === undefined || secret === "") return [];
      const found = await find(assembled);
      const scope = { enterprise: number, uniqueId: first };
      const token = await recordingToken(secret, scope, clock.now() + linkTtlMs);
      const hashes = await Promise.all(
        found.map((recording) =>
          within(recordings.contentHash(recording), HASH_WAIT_MS, () => undefined),
        ),
      );
      return found.flatMap(({ mediaType: mediatype, name: filename, ...times }, index) => {
        const content_hash = hashes[index];
        if (content_hash === undefined) return [];
        const url = `${publicUrl.replace(/\/$/, "")}${recordingPath(scope, index + 1, token)}`;
        const { startedAt, seconds } = times;
        return [{ url, mediatype, filename, content_hash, startedAt, seconds }];
      });
    },
  };
};
