import { describe, expect, it } from "bun:test";
import type { LeaseJob } from "../store/index.ts";
import type { OneOfAll } from "./cluster-node.ts";
import { startLeasedLink } from "./leased-link.ts";

/** A node that gets the lease whenever it wants it, and a PBX that is reached or not. */
const world = (isWanted?: () => boolean) => {
  const state = { now: 1_764_493_655_000, isUp: false, starts: 0, ends: 0 };
  let held: LeaseJob | undefined;
  let begin: () => LeaseJob = () => ({ stop: async () => undefined });
  let isDue: () => boolean = () => true;
  const release = async (): Promise<void> => {
    const left = held;
    held = undefined;
    await left?.stop();
  };
  const one: OneOfAll = (_, start, wants = () => true) => {
    begin = start;
    isDue = wants;
    return { release, stop: release };
  };
  const leased = startLeasedLink({
    one,
    key: "pbx.0367.pbx",
    start: () => {
      state.starts += 1;
      return {
        isUp: () => state.isUp,
        stop: async () => {
          state.ends += 1;
        },
      };
    },
    ...(isWanted === undefined ? {} : { isWanted }),
    clock: { now: () => state.now },
  });
  /** Seconds, with a look in each, as leases do. */
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      state.now += 1000;
      if (held === undefined && isDue()) held = begin();
      else held?.look?.();
    }
  };
  return { state, leased, pass, isHeld: () => held !== undefined };
};

describe("the link to a PBX in a cluster", () => {
  it("is left to another node by one that does not reach the PBX for 30 s, for a minute", () => {
    const { state, leased, pass, isHeld } = world();
    pass(30);
    expect(isHeld()).toBe(true);
    pass(2);
    expect(isHeld()).toBe(false);
    expect(leased.link).toBeUndefined();
    expect(state).toMatchObject({ starts: 1, ends: 1 });
    pass(55);
    expect(isHeld()).toBe(false);
    // Nobody else has taken it.
    pass(6);
    expect(isHeld()).toBe(true);
  });

  it("stays where the PBX is reached, and through a short loss", () => {
    const { state, pass, isHeld } = world();
    state.isUp = true;
    pass(300);
    state.isUp = false;
    pass(25);
    state.isUp = true;
    pass(5);
    state.isUp = false;
    pass(25);
    expect(isHeld()).toBe(true);
    expect(state.starts).toBe(1);
    pass(10);
    expect(isHeld()).toBe(false);
  });

  it("is not wanted by a node that lacks the file", () => {
    let isThere = false;
    const { pass, isHeld } = world(() => isThere);
    pass(5);
    expect(isHeld()).toBe(false);
    isThere = true;
    pass(1);
    expect(isHeld()).toBe(true);
  });
});
