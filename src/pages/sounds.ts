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
import { recordingHref, recordingToken } from "./links.ts";

export type Sounds = {
  /** The recordings of a call; none while it goes on. */
  readonly of: (assembled: AssembledCall) => Promise<readonly Recording[]>;
  /** The same for its page. */
  readonly shown: (
    assembled: AssembledCall,
    enterprise: Enterprise,
  ) => Promise<NonNullable<CallView["sounds"]>>;
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

/** @param recordings those of the service */
export const createSounds = (recordings: Recordings, clock: Clock, log: Log): Sounds => {
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
  };
};
