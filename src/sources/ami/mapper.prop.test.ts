// The mapper against streams that no PBX would send: headers missing, ids of nobody, events in any order and any number.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { isEventType, isUniqueId } from "../../asterisk/index.ts";
import type { AgentEvent } from "../outbox/types.ts";
import { createAmiMapper } from "./mapper.ts";
import type { AmiMessage } from "./types.ts";

const id = fc.constantFrom(
  "1795400000.1",
  "1795400000.2",
  "1795400000.3",
  "pbx-1795400001.4",
  "a/b",
  "",
);
const name = fc.constantFrom(
  "PJSIP/mts-00000001",
  "PJSIP/151-00000002",
  "PJSIP/152-00000003",
  "Local/152@x-00000001;1",
  "Local/152@x-00000001;2",
  "Message/ast_msg_queue",
  "x",
  "",
);
const bridge = fc.constantFrom("b-1", "b-2", "b 3", "");
const message: fc.Arbitrary<AmiMessage> = fc
  .record(
    {
      event: fc.constantFrom(
        "Newchannel",
        "Newstate",
        "DialBegin",
        "DialEnd",
        "BridgeCreate",
        "BridgeEnter",
        "BridgeLeave",
        "BridgeDestroy",
        "Hangup",
        "HangupRequest",
        "SoftHangupRequest",
        "Hold",
        "Unhold",
        "Pickup",
        "",
      ),
      Uniqueid: id,
      Linkedid: id,
      Channel: name,
      DestUniqueid: id,
      DestLinkedid: id,
      DestChannel: name,
      TargetLinkedid: id,
      BridgeUniqueid: bridge,
      BridgeTechnology: fc.constantFrom("simple_bridge", "softmix", "holding_bridge"),
      BridgeType: fc.constantFrom("basic", "base", ""),
      CallerIDNum: fc.oneof(fc.constantFrom("151", "375291112233", "<unknown>"), fc.string()),
      Exten: fc.constantFrom("s", "152", "375170000151", ""),
      Timestamp: fc.oneof(
        fc
          .integer({ min: 0, max: 2_000 })
          .map((ms) => ((1_795_400_000_000 + ms) / 1000).toFixed(6)),
        fc.constantFrom("", "x", "1", "99999999999"),
      ),
    },
    { requiredKeys: ["event"] },
  )
  .map(({ event, ...fields }) => ({
    event,
    response: "",
    fields: new Map(Object.entries(fields) as [string, string][]),
  }));

const isSound = ({ event, body }: AgentEvent): boolean =>
  isEventType(event) &&
  isUniqueId(String(body["UniqueId"])) &&
  /^[A-Za-z0-9._:@+/=-]{1,128}$/.test(String(body["EventId"])) &&
  /^\d{1,12}(?:\.\d+)?$/.test(String(body["EventTime"])) &&
  /^[A-Za-z0-9._ +*#-]*$/.test(String(body["Phone"] ?? ""));

describe("a mapper fed with anything", () => {
  it("tells events that can be recorded, and has nothing left when all is over", () => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 60 }),
        fc.array(message, { maxLength: 8 }),
        (stream, list) => {
          const mapper = createAmiMapper();
          const start = 1_795_400_000_000;
          const events = stream.flatMap((one, at) => mapper.take(one, start + at * 20));
          events.push(...mapper.resync(list, start + 5000), ...mapper.resync([], start + 6000));
          events.push(...mapper.due(Number.MAX_SAFE_INTEGER));
          expect(events.filter((event) => !isSound(event))).toEqual([]);
          expect(mapper.nextDueAt()).toBeUndefined();
          expect(mapper.resync([], start + 7000)).toEqual([]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
