// When the same delivery is a repeat, and when the same thing has happened again.

import { describe, expect, it } from "bun:test";
import type { EventBody } from "../../domain/event.ts";
import { createRepeats } from "./repeats.ts";

const setUp = () => {
  const time = { nowMs: 1_764_500_000_000 };
  const repeats = createRepeats({ now: () => time.nowMs });
  const look = (
    event: string,
    body: EventBody = {},
    { enterprise = "0367", uniqueId = "1.1" }: { enterprise?: string; uniqueId?: string } = {},
  ) =>
    repeats.see({
      enterprise,
      event,
      uniqueId,
      body,
      bytes: new TextEncoder().encode(JSON.stringify(body)),
    });
  const see = (...args: Parameters<typeof look>): boolean => look(...args).repeat;
  return { time, repeats, look, see };
};

const place = { BridgeUniqueid: "77c1", Channel: "SIP/151-00000001" };

describe("createRepeats", () => {
  it("knows the same delivery for a minute", () => {
    const { time, see } = setUp();
    expect(see("hangup", { Phone: "1" })).toBe(false);
    expect(see("hangup", { Phone: "1" })).toBe(true);
    time.nowMs += 60_000;
    expect(see("hangup", { Phone: "1" })).toBe(true);
    time.nowMs += 1;
    expect(see("hangup", { Phone: "1" })).toBe(false);
    expect(see("hangup", { Phone: "1" })).toBe(true);
  });

  it("tells enterprise, event, unique id and body apart", () => {
    const { see } = setUp();
    expect(see("hangup", { Phone: "1" })).toBe(false);
    expect(see("hangup", { Phone: "2" })).toBe(false);
    expect(see("dial", { Phone: "1" })).toBe(false);
    expect(see("hangup", { Phone: "1" }, { enterprise: "0368" })).toBe(false);
    expect(see("hangup", { Phone: "1" }, { uniqueId: "1.11" })).toBe(false);
  });

  it("tells bodies apart that differ in one byte, wherever it is", () => {
    const { repeats } = setUp();
    const bytes = new Uint8Array(67);
    const seen = (): boolean =>
      repeats.see({ enterprise: "0367", event: "dial", uniqueId: "1.1", body: {}, bytes }).repeat;
    expect(seen()).toBe(false);
    for (let at = 0; at < bytes.length; at++) {
      bytes[at] = 1;
      expect(seen()).toBe(false);
      expect(seen()).toBe(true);
      bytes[at] = 0;
    }
    expect(seen()).toBe(true);
  });

  it("lets a channel enter a bridge again after it left, and leave again", () => {
    const { see } = setUp();
    const turns: boolean[] = [];
    for (const event of [
      "bridge",
      "bridge",
      "bridge_leave",
      "bridge_leave",
      "bridge",
      "bridge",
      "bridge_leave",
      "bridge_leave",
    ]) {
      turns.push(see(event, place));
    }
    expect(turns).toEqual([false, true, false, true, false, true, false, true]);
  });

  it("is not misled by another channel that leaves, or leaves another bridge", () => {
    const { see } = setUp();
    expect(see("bridge", place)).toBe(false);
    see("bridge_leave", { ...place, Channel: "SIP/152-00000002" });
    see("bridge_leave", { ...place, BridgeUniqueid: "77c2" });
    see("bridge_leave", place, { uniqueId: "1.2" });
    see("bridge_leave", place, { enterprise: "0368" });
    expect(see("bridge", place)).toBe(true);
  });

  it("forgets a delivery that could not be recorded", () => {
    const { repeats, look, see } = setUp();
    repeats.forget(look("dial").key);
    expect(see("dial")).toBe(false);
  });

  it("remembers a bounded number, the newest", () => {
    const { see } = setUp();
    for (let i = 0; i <= 40_000; i++) see("dial", { i });
    expect(see("dial", { i: 40_000 })).toBe(true);
    expect(see("dial", { i: 0 })).toBe(false);
  });
});
