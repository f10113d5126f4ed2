// The link to a PBX in a cluster: one node has it, the one with the lease. A node that cannot reach the PBX gives the lease
// back, so that one that can gets its turn.

import type { Clock } from "../lib/clock.ts";
import type { OneOfAll } from "./cluster-node.ts";

/** A link while it is this node's. */
export type OwnLink = {
  /** Whether the PBX tells this node what happens. */
  isUp(): boolean;
  /** Hands over what waits within that time, in milliseconds. */
  stop(withinMs: number): Promise<void>;
};

export type LeasedLinkOptions<L extends OwnLink> = {
  readonly one: OneOfAll;
  readonly key: string;
  readonly start: () => L;
  /** Whether this node can be of use at all: it has the file that is read. Default: yes. */
  readonly isWanted?: () => boolean;
  readonly clock: Clock;
};

export type LeasedLink<L> = {
  /** The link; undefined while another node has it. */
  readonly link: L | undefined;
  stop(withinMs: number): Promise<void>;
};

/** A PBX that was not reached for this long is left to another node, in milliseconds. */
const UNREACHED_MS = 30_000;
/** And is tried again by this one after so long, where no other has taken it. In milliseconds. */
const OTHERS_MS = 60_000;
/** How long the link may take to hand over what waits where the lease was lost, in milliseconds. */
const LOST_STOP_MS = 2000;

/** Starts to wait for the lease. */
export const startLeasedLink = <L extends OwnLink>(
  options: LeasedLinkOptions<L>,
): LeasedLink<L> => {
  const { one, key, start, isWanted = () => true, clock } = options;
  let link: L | undefined;
  let withinMs = LOST_STOP_MS;
  let reachedAt = 0;
  let leftAt: number | undefined;
  const isDue = (): boolean => {
    const sinceMs = leftAt === undefined ? OTHERS_MS : clock.now() - leftAt;
    // A clock that was set back keeps nobody away.
    return (sinceMs >= OTHERS_MS || sinceMs < 0) && isWanted();
  };
  const look = (): void => {
    const now = clock.now();
    if (link?.isUp() !== false || now < reachedAt) reachedAt = now;
    if (now - reachedAt < UNREACHED_MS) return;
    leftAt = now;
    reachedAt = now;
    void job.release();
  };
  const job = one(
    key,
    () => {
      link = start();
      reachedAt = clock.now();
      return {
        look,
        stop: async () => {
          const left = link;
          link = undefined;
          await left?.stop(withinMs);
        },
      };
    },
    isDue,
  );
  return {
    get link() {
      return link;
    },
    stop: (within) => {
      withinMs = within;
      return job.stop();
    },
  };
};
