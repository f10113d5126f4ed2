// Finds the open calls that an appended line belongs to, by shared keys. One subscription per enterprise; each line is
// decoded once. Lines that arrive while a call is being read are checked against its keys afterwards.

import { recordKeys } from "../domain/record.ts";
import type { Log } from "../lib/log.ts";
import type { FollowedLines, Follower } from "../store/index.ts";

export type CallLines = {
  /** Ends when nothing appended from then on is missed. */
  readonly ready: Promise<void>;
  /** The call is about to be read. */
  beginReading(): void;
  /** It was read, and bears these keys from now on. @returns whether lines came meanwhile that it may have missed. */
  endReading(keys: ReadonlySet<string>): boolean;
  stop(): void;
};

export type WatchLines = (enterprise: string, onTouched: () => void) => CallLines;

type Member = {
  readonly onTouched: () => void;
  keys: ReadonlySet<string>;
  missed: Set<string> | undefined;
};

type Following = {
  readonly members: Set<Member>;
  readonly byKey: Map<string, Set<Member>>;
  readonly ready: Promise<void>;
  isOver: boolean;
  stop: () => void;
};

const NO_KEYS: ReadonlySet<string> = new Set();

/** @param follow tells what is appended; without it no call is ever touched */
export const createLineWatch = (follow: Follower["follow"] | undefined, log: Log): WatchLines => {
  const followings = new Map<string, Following>();

  const onLines = ({ members, byKey }: Following, { lines, isGap }: FollowedLines): void => {
    const touched = new Set<Member>(isGap ? members : []);
    const beingRead = [...members].filter(({ missed }) => missed !== undefined);
    for (const line of lines) {
      const record = line.record();
      for (const key of record === undefined ? [] : recordKeys(record)) {
        for (const member of byKey.get(key) ?? []) touched.add(member);
        for (const { missed } of beingRead) missed?.add(key);
      }
    }
    for (const { onTouched } of touched) onTouched();
  };

  const begin = (enterprise: string): Following => {
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    const following: Following = {
      members: new Set(),
      byKey: new Map(),
      ready,
      isOver: false,
      stop: () => undefined,
    };
    const start = async (): Promise<void> => {
      try {
        const stop = await follow?.(enterprise, { onLines: (batch) => onLines(following, batch) });
        if (following.isOver) stop?.();
        else if (stop !== undefined) following.stop = stop;
      } catch (error) {
        log.error("cannot follow the files for open pages", { enterprise, error });
      }
      resolve();
    };
    void start();
    followings.set(enterprise, following);
    return following;
  };

  const claim = (byKey: Following["byKey"], member: Member, keys: ReadonlySet<string>): void => {
    for (const key of member.keys.difference(keys)) {
      const others = byKey.get(key);
      others?.delete(member);
      if (others?.size === 0) byKey.delete(key);
    }
    for (const key of keys) byKey.set(key, (byKey.get(key) ?? new Set()).add(member));
    member.keys = keys;
  };

  return (enterprise, onTouched) => {
    const following = followings.get(enterprise) ?? begin(enterprise);
    const member: Member = { onTouched, keys: NO_KEYS, missed: undefined };
    following.members.add(member);
    return {
      ready: following.ready,
      beginReading: () => {
        member.missed = new Set();
      },
      endReading: (keys) => {
        const { missed = NO_KEYS } = member;
        member.missed = undefined;
        claim(following.byKey, member, keys);
        return !missed.isDisjointFrom(keys);
      },
      stop: () => {
        claim(following.byKey, member, NO_KEYS);
        following.members.delete(member);
        if (following.members.size > 0 || following.isOver) return;
        following.isOver = true;
        following.stop();
        followings.delete(enterprise);
      },
    };
  };
};
