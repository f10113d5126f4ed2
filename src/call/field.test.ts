// Calls as real senders post them: a unique id a channel, events lost, swapped and repeated, ids used again.

import { describe, expect, it } from "bun:test";
import {
  assembled,
  brief,
  CALL_TIMEOUT_MS,
  type Row,
  recordsOf,
  T0,
} from "../../tests/support/calls.ts";
import { assembleCall } from "./index.ts";

const PHONE = "375291112233";
const IN = { Phone: PHONE, CallType: 0, Trunk: "0001363" };
const OUT = { Phone: PHONE, CallType: 1, Trunk: "0001363" };
const DAY = 86_400;

const enter = (bridge: string, channel: string, number = ""): NonNullable<Row[3]> => ({
  BridgeUniqueid: bridge,
  Channel: channel,
  CallerIDNum: number,
});
/** A whole answered incoming call, whose three ids end in `suffix`. */
const answered = (at: number, suffix: string, extension: string, phone = PHONE): Row[] => [
  [at, "start", `17645${suffix}.1`, { ...IN, Phone: phone }],
  [at + 1, "dial", `17645${suffix}.1`, { ...IN, Phone: phone, Extensions: [extension] }],
  [
    at + 5,
    "bridge",
    `17645${suffix}.2`,
    enter(`b${suffix}`, `SIP/${extension}-0000000${at}`, extension),
  ],
  [at + 5, "bridge", `17645${suffix}.1`, enter(`b${suffix}`, `SIP/0001363-000000${at}`, phone)],
  [
    at + 15,
    "bridge_leave",
    `17645${suffix}.2`,
    enter(`b${suffix}`, `SIP/${extension}-0000000${at}`),
  ],
  [at + 15, "bridge_leave", `17645${suffix}.1`, enter(`b${suffix}`, `SIP/0001363-000000${at}`)],
  [
    at + 15.1,
    "hangup",
    `17645${suffix}.1`,
    { ...IN, Phone: phone, CallStatus: "2", Extensions: [extension] },
  ],
];

type Case = readonly [name: string, uniqueId: string, expected: string, rows: readonly Row[]];
const RUNG_151 = { ...IN, Extensions: ["151"] };
const ENDED = { ...IN, CallStatus: "2", Extensions: ["151"] };
const stay = (id: string, from: number, to: number, channel: string): Row[] => [
  [from, "bridge", id, { BridgeUniqueid: "b-1", Channel: channel }],
  [to, "bridge_leave", id, { BridgeUniqueid: "b-1", Channel: channel }],
];
const TALK_WITH_151: readonly Row[] = [
  [0, "start", "1.1", IN],
  [1, "dial", "1.1", RUNG_151],
  ...stay("1.1", 5, 20, "SIP/trunk-1"),
  ...stay("1.1", 5, 20, "SIP/151-2"),
];
const TALK_WITH_151_AND_152: readonly Row[] = [
  [0, "start", "1.1", IN],
  [1, "dial", "1.1", RUNG_151],
  ...stay("1.1", 5, 10, "SIP/151-2"),
  [11, "dial", "1.1", { ...IN, Extensions: ["152"] }],
  ...stay("1.1", 13, 24, "SIP/152-3"),
  ...stay("1.1", 5, 24, "SIP/trunk-1"),
];

const CASES: readonly Case[] = [
  [
    "the user's example: one bridge event, no leave, 134.5 s of talk",
    "1764500001.5",
    `outgoing answered, ${PHONE} → 151 by 151, wait 14.4 talk 134.5`,
    [
      [1.1, "dial", "1764500001.5", { ...OUT, Exten: "151" }],
      [15.5, "bridge", "1764500001.5", { Phone: PHONE, BridgeUniqueid: "b1" }],
      [150, "hangup", "1764500001.5", { Phone: PHONE, CallStatus: "2" }],
    ],
  ],
  [
    "missed, with staged ringing and an empty list at the end",
    "1.1",
    `incoming missed, ${PHONE} → 150 151 152, wait 30 talk 0`,
    [
      [0, "start", "1.1", IN],
      [0.1, "dial", "1.1", { ...IN, Extensions: ["150"] }],
      [10, "dial", "1.1", { ...IN, Extensions: ["150&151&152"] }],
      [30, "hangup", "1.1", { ...IN, CallStatus: "0", Extensions: [""] }],
    ],
  ],
  [
    "line fail-over: dialled again over another trunk",
    "1.1",
    `outgoing missed, ${PHONE} → 151, wait 20 talk 0`,
    [
      [0, "dial", "1.1", { ...OUT, Extensions: ["151"] }],
      [3, "dial", "1.1", { ...OUT, Extensions: ["151"], Trunk: "0001364" }],
      [20, "hangup", "1.1", { ...OUT, CallStatus: "0", Extensions: [""] }],
    ],
  ],
  [
    "internal, answered: no start and no dial, the beginning only in the hangup's own times",
    "1.2",
    "internal answered, 151 → 152 by 152, wait 6 talk 10, hung up 152",
    [
      [10, "bridge_create", "", { BridgeUniqueid: "b1", BridgeTechnology: "simple_bridge" }],
      [10, "bridge", "1.2", enter("b1", "SIP/152-00000002", "152")],
      [10, "bridge", "1.1", enter("b1", "SIP/151-00000001", "151")],
      [20, "bridge_leave", "1.2", enter("b1", "SIP/152-00000002")],
      [20, "bridge_leave", "1.1", enter("b1", "SIP/151-00000001")],
      [20, "bridge_destroy", "", { BridgeUniqueid: "b1" }],
      [
        20,
        "hangup",
        "1.1",
        {
          Phone: "151",
          Extensions: ["152"],
          CallType: 2,
          CallStatus: "2",
          DateReceived: "2025-11-30 15:00:04",
          StartTime: "",
          EndTime: "2025-11-30 15:00:20",
        },
      ],
    ],
  ],
  [
    "internal, not answered: one hangup is all there is",
    "1.1",
    "internal missed, 151 → 152, wait 12 talk 0",
    [
      [
        12,
        "hangup",
        "1.1",
        {
          Phone: "151",
          Extensions: ["152"],
          CallType: 2,
          CallStatus: "0",
          DateReceived: "2025-11-30 15:00:00",
          StartTime: "",
          EndTime: "2025-11-30 15:00:12",
        },
      ],
    ],
  ],
  [
    "click-to-call: the bridge comes before the dial, events go on after the hangup",
    "1.1",
    `outgoing answered, ${PHONE} → 151 by 151, wait 8 talk 12, hung up ${PHONE}`,
    [
      [0, "bridge", "1.1", enter("b0", "SIP/151-00000001", "151")],
      [0, "bridge", "1.9", enter("b0", "Local/151@click-00000001;2")],
      [1, "dial", "1.1", { ...OUT, Extensions: ["151"] }],
      [2, "bridge_leave", "1.1", enter("b0", "SIP/151-00000001")],
      [8, "bridge", "1.3", enter("b1", "SIP/0001363-00000003", PHONE)],
      [8, "bridge", "1.1", enter("b1", "SIP/151-00000001", "375170000100")],
      [20, "bridge_leave", "1.3", enter("b1", "SIP/0001363-00000003")],
      [20, "hangup", "1.1", { ...OUT, CallStatus: "2", Extensions: ["151"] }],
      [20.1, "bridge_leave", "1.1", enter("b1", "SIP/151-00000001")],
      [20.2, "hangup", "1.9", { CallType: 1, CallStatus: "1" }],
    ],
  ],
  [
    "forwarded to a mobile, whose leg is tied by a Local channel alone",
    "1.4",
    `incoming answered, ${PHONE} → 151 375291110000 by 375291110000, wait 10 talk 30, hung up ${PHONE}`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151", "375291110000"] }],
      [10, "bridge", "1.2", enter("b1", "Local/375291110000@forward-00000007;1")],
      [10, "bridge", "1.1", enter("b1", "SIP/0001363-00000001", PHONE)],
      [10, "bridge", "1.3", enter("b2", "Local/375291110000@forward-00000007;2")],
      [
        10,
        "bridge",
        "1.4",
        { ...enter("b2", "SIP/0001365-00000004", "375170000151"), ConnectedLineNum: PHONE },
      ],
      [40, "bridge_leave", "1.1", enter("b1", "SIP/0001363-00000001")],
      [40, "bridge_leave", "1.2", enter("b1", "Local/375291110000@forward-00000007;1")],
      [40.1, "bridge_leave", "1.3", enter("b2", "Local/375291110000@forward-00000007;2")],
      [40.1, "bridge_leave", "1.4", enter("b2", "SIP/0001365-00000004")],
      [40.2, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["375291110000"] }],
    ],
  ],
  [
    "attended transfer by a feature code, Local channels left out by the sender",
    "1.1",
    `incoming answered, ${PHONE} → 151 152 by 151 152, wait 2 talk 28, attended 151>152, hung up ${PHONE}`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [2, "bridge", "1.1", { ...enter("A", "PJSIP/151-00000002", "151"), CallType: 0 }],
      [2, "bridge", "1.1", enter("A", "PJSIP/mts-00000001", PHONE)],
      [10, "dial", "1.1", { Phone: PHONE, CallType: 0, Extensions: ["152"] }],
      [10, "bridge_leave", "1.1", enter("A", "PJSIP/151-00000002")],
      [10.1, "bridge", "1.1", enter("C", "PJSIP/151-00000002", "151")],
      [15, "bridge", "1.1", enter("B", "PJSIP/152-00000003", "152")],
      [20, "bridge_leave", "1.1", enter("C", "PJSIP/151-00000002")],
      [40, "bridge_leave", "1.1", enter("A", "PJSIP/mts-00000001")],
      [40, "bridge_leave", "1.1", enter("B", "PJSIP/152-00000003")],
      [40.1, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["151", "152"] }],
    ],
  ],
  [
    "queue with Local members left out: one conversation in two bridges",
    "1.1",
    `incoming answered, ${PHONE} → 151 152 by 152, wait 5 talk 10, hung up 152`,
    [
      [0, "start", "1.1", IN],
      [1, "dial", "1.1", { ...IN, Extensions: ["151", "152"] }],
      [5, "bridge", "1.1", enter("b1", "PJSIP/152-00000005", "152")],
      [5.01, "bridge", "1.1", enter("b2", "PJSIP/mts-00000001", PHONE)],
      [15, "bridge_leave", "1.1", enter("b1", "PJSIP/152-00000005")],
      [15.01, "bridge_leave", "1.1", enter("b2", "PJSIP/mts-00000001")],
      [15.02, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["152"] }],
    ],
  ],
  [
    "an intermediate hangup of a transferred leg does not end the call",
    "1.1",
    `incoming talking, ${PHONE} → 151 152 by 151 152, wait 2 talk 17, blind 151>152`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [2, "bridge", "1.2", enter("A", "SIP/151-00000002", "151")],
      [2, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [10, "bridge_leave", "1.2", enter("A", "SIP/151-00000002")],
      [10, "bridge_leave", "1.1", enter("A", "SIP/0001363-00000001")],
      [10, "hangup", "1.2", { ...IN, CallType: 2, CallStatus: "2", Extensions: ["151"] }],
      [10, "dial", "1.1", { ...IN, Extensions: ["152"] }],
      [12, "bridge", "1.3", enter("B", "SIP/152-00000003", "152")],
      [12, "bridge", "1.1", enter("B", "SIP/0001363-00000001", PHONE)],
      [20, "new_callerid", "1.3", {}],
    ],
  ],
  [
    "a blind transfer that nobody took",
    "1.1",
    `incoming answered, ${PHONE} → 151 152 by 151, wait 2 talk 2, blind 151>152 untaken`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [2, "bridge", "1.2", enter("A", "SIP/151-00000002", "151")],
      [2, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [4, "bridge_leave", "1.2", enter("A", "SIP/151-00000002")],
      [4, "bridge_leave", "1.1", enter("A", "SIP/0001363-00000001")],
      [4.1, "dial", "1.1", { ...IN, Extensions: ["152"] }],
      [24, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["151"] }],
    ],
  ],
  [
    "the hangup never came: over after the time-out, and said so",
    "1.1",
    `incoming answered, ${PHONE} → 151 by 151, wait 2 talk 8, doubt no-hangup`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [2, "bridge", "1.2", enter("A", "SIP/151-00000002", "151")],
      [2, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [10, "bridge_leave", "1.1", enter("A", "SIP/0001363-00000001")],
      [10, "bridge_leave", "1.2", enter("A", "SIP/151-00000002")],
      [10 + DAY, "start", "9.9", { ...IN, Phone: "375290000000" }],
    ],
  ],
  [
    "one leave lost: counted to the hangup",
    "1.1",
    `incoming answered, ${PHONE} → 151 by 151, wait 2 talk 8, doubt no-leave`,
    [
      [0, "start", "1.1", IN],
      [2, "bridge", "1.2", enter("A", "SIP/151-00000002", "151")],
      [2, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [10.2, "bridge_leave", "1.2", enter("A", "SIP/151-00000002")],
      [10, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["151"] }],
    ],
  ],
  [
    "bridges lost: answered by what the hangup says, talk by the sender's own count",
    "1.1",
    `incoming answered, ${PHONE} → 151 by 151, wait ? talk 7, doubt no-bridge`,
    [
      [0, "start", "1.1", IN],
      [1, "dial", "1.1", { ...IN, Extensions: ["151", ""] }],
      [20, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["151"], Talk: "7.0" }],
    ],
  ],
  [
    "only a hangup of an outside call: it may have begun earlier",
    "1.1",
    `incoming missed, ${PHONE} → -, wait 0 talk 0, doubt no-start`,
    [[20, "hangup", "1.1", { ...IN, CallStatus: "0", Extensions: [""] }]],
  ],
  [
    "an outside caller that shows an extension's number",
    "1.1",
    "incoming answered, 152 → 151 by 151, wait 2 talk 8, hung up 152",
    [
      [0, "start", "1.1", { Phone: "152", CallType: 0, Trunk: "mts" }],
      [0, "dial", "1.1", { Phone: "152", CallType: 0, Trunk: "mts", Extensions: ["151"] }],
      [2, "bridge", "1.2", enter("A", "PJSIP/151-00000002", "151")],
      [2, "bridge", "1.1", enter("A", "PJSIP/mts-00000001", "152")],
      [10, "bridge_leave", "1.1", enter("A", "PJSIP/mts-00000001")],
      [10.01, "bridge_leave", "1.2", enter("A", "PJSIP/151-00000002")],
      [10.1, "hangup", "1.1", { Phone: "152", CallType: 0, CallStatus: "2", Extensions: ["151"] }],
    ],
  ],
  [
    "a number with quotes, a bar and a line break in it",
    "1.1",
    "incoming missed, 37529 → 151, wait 5 talk 0",
    [
      [0, "start", "1.1", { ...IN, Phone: '37529"|\nX: y' }],
      [0, "dial", "1.1", { ...IN, Phone: '37529"|\nX: y', Extensions: ["151"] }],
      [5, "hangup", "1.1", { ...IN, Phone: '37529"|\nX: y', CallStatus: "0", Extensions: [""] }],
    ],
  ],
  [
    "nobody answers while the caller hears music in a holding bridge",
    "1.1",
    `incoming missed, ${PHONE} → 151, wait 20 talk 0`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [0.3, "bridge_create", "", { BridgeUniqueid: "P", BridgeTechnology: "holding_bridge" }],
      [0.3, "bridge", "1.1", enter("P", "SIP/0001363-00000001", PHONE)],
      [20, "bridge_leave", "1.1", enter("P", "SIP/0001363-00000001")],
      [20, "hangup", "1.1", { ...IN, CallStatus: "0", Extensions: [""] }],
    ],
  ],
  [
    "the caller alone in an ordinary bridge is talking to nobody",
    "1.1",
    `incoming missed, ${PHONE} → 151, wait 20 talk 0`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [0.3, "bridge", "1.1", enter("P", "SIP/0001363-00000001", PHONE)],
      [20, "bridge_leave", "1.1", enter("P", "SIP/0001363-00000001")],
      [20, "hangup", "1.1", { ...IN, CallStatus: "0", Extensions: [""] }],
    ],
  ],
  [
    "an outgoing call that 151 transferred goes on after 151's own hangup",
    "1.1",
    `outgoing answered, ${PHONE} → 151 152 by 151 152, wait 5 talk 15, blind 151>152, hung up 152`,
    [
      [0, "dial", "1.1", { ...OUT, Extensions: ["151"] }],
      [5, "bridge", "1.2", enter("A", "SIP/0001363-00000002", PHONE)],
      [5, "bridge", "1.1", enter("A", "SIP/151-00000001", "375170000100")],
      [10, "bridge_leave", "1.1", enter("A", "SIP/151-00000001")],
      [10, "bridge_leave", "1.2", enter("A", "SIP/0001363-00000002")],
      [10.1, "hangup", "1.1", { ...OUT, CallType: 2, CallStatus: "2", Extensions: ["151"] }],
      [10.2, "dial", "1.2", { Phone: PHONE, CallType: 0, Extensions: ["152"] }],
      [13, "bridge", "1.3", enter("B", "SIP/152-00000003", "152")],
      [13, "bridge", "1.2", enter("B", "SIP/0001363-00000002", PHONE)],
      [23, "bridge_leave", "1.3", enter("B", "SIP/152-00000003")],
      [23, "bridge_leave", "1.2", enter("B", "SIP/0001363-00000002")],
      [23, "hangup", "1.3", { ...OUT, CallType: 2, CallStatus: "2" }],
      [23.1, "hangup", "1.2", { ...OUT, CallStatus: "2", Extensions: ["151"] }],
    ],
  ],
  [
    "a losing phone's hangup, posted under the call's id, ends nothing",
    "1.1",
    `incoming answered, ${PHONE} → 151 152 by 152, wait 4 talk 6, hung up ${PHONE}`,
    [
      [0, "start", "1.1", { ...IN, ChanUniqueId: "1.1" }],
      [0, "dial", "1.1", { ...IN, ChanUniqueId: "1.1", Extensions: ["151", "152"] }],
      [4, "hangup", "1.1", { ...IN, ChanUniqueId: "1.2", Cause: "26" }],
      [4.02, "bridge", "1.1", { ...enter("A", "PJSIP/152-00000003", "152"), ChanUniqueId: "1.3" }],
      [4.02, "bridge", "1.1", { ...enter("A", "PJSIP/mts-00000001", PHONE), ChanUniqueId: "1.1" }],
      [10, "bridge_leave", "1.1", { ...enter("A", "PJSIP/mts-00000001"), ChanUniqueId: "1.1" }],
      [10, "bridge_leave", "1.1", { ...enter("A", "PJSIP/152-00000003"), ChanUniqueId: "1.3" }],
      [10, "hangup", "1.1", { ...IN, ChanUniqueId: "1.1", CallStatus: "2", Cause: "16" }],
    ],
  ],
  ...[false, true].map(
    (isCallerFirst): Case => [
      `an internal call passed on, the ${isCallerFirst ? "caller" : "callee"} entering first`,
      "1.1",
      "internal answered, 150 → 151 152 by 151 152, wait 2 talk 8, blind 151>152, hung up 150",
      [
        [0, "dial", "1.1", { Phone: "150", CallType: 2, Extensions: ["151"] }],
        [
          2,
          "bridge",
          isCallerFirst ? "1.1" : "1.2",
          enter("A", isCallerFirst ? "SIP/150-00000001" : "SIP/151-00000002"),
        ],
        [
          2,
          "bridge",
          isCallerFirst ? "1.2" : "1.1",
          enter("A", isCallerFirst ? "SIP/151-00000002" : "SIP/150-00000001"),
        ],
        [5, "bridge_leave", "1.2", enter("A", "SIP/151-00000002")],
        [5, "bridge_leave", "1.1", enter("A", "SIP/150-00000001")],
        [5, "hangup", "1.2", { CallType: 2, CallStatus: "2" }],
        [5.1, "dial", "1.1", { Phone: "150", CallType: 2, Extensions: ["152"] }],
        [7, "bridge", "1.3", enter("B", "SIP/152-00000003")],
        [7, "bridge", "1.1", enter("B", "SIP/150-00000001")],
        [12, "bridge_leave", "1.1", enter("B", "SIP/150-00000001")],
        [12.1, "bridge_leave", "1.3", enter("B", "SIP/152-00000003")],
        [
          12.2,
          "hangup",
          "1.1",
          { Phone: "150", CallType: 2, CallStatus: "2", Extensions: ["151", "152"] },
        ],
      ],
    ],
  ),
  [
    "neither a leave nor a hangup came: answered all the same, for how long is not known",
    "1.1",
    `incoming answered, ${PHONE} → 151 by 151, wait 4 talk ?, doubt no-hangup`,
    [
      [0, "start", "1.1", IN],
      [1, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [4, "bridge", "1.2", enter("A", "SIP/151-00000002", "151")],
      [4, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [DAY, "start", "9.9", { ...IN, Phone: "375290000000" }],
    ],
  ],
  ...[13.5, 15.5].map(
    (at): Case => [
      `an enter that came at ${at} s, its leave at 14 s`,
      "1.2",
      `incoming answered, ${PHONE} → 151 by 151, wait ${at === 13.5 ? 13.5 : 5} talk ${at === 13.5 ? 0.5 : 9}, hung up 151`,
      [
        [0, "start", "1.1", IN],
        [1, "dial", "1.1", { ...IN, Extensions: ["151"] }],
        [5, "bridge", "1.2", enter("A", "SIP/151-00000002", "151")],
        [14, "bridge_leave", "1.2", enter("A", "SIP/151-00000002")],
        [14, "bridge_leave", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
        [14.1, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["151"] }],
        [at, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      ],
    ],
  ),
  [
    "a transfer that nobody took, after which 151 was rung again and answered",
    "1.1",
    `incoming answered, ${PHONE} → 151 152 by 151, wait 2 talk 12, blind 151>152 untaken, hung up ${PHONE}`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [2, "bridge", "1.2", enter("A", "SIP/151-00000002", "151")],
      [2, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [4, "bridge_leave", "1.2", enter("A", "SIP/151-00000002")],
      [4, "bridge_leave", "1.1", enter("A", "SIP/0001363-00000001")],
      [4.1, "dial", "1.1", { ...IN, Extensions: ["152"] }],
      [24, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [26, "bridge", "1.3", enter("B", "SIP/151-00000003", "151")],
      [26, "bridge", "1.1", enter("B", "SIP/0001363-00000001", PHONE)],
      [36, "bridge_leave", "1.1", enter("B", "SIP/0001363-00000001")],
      [36, "bridge_leave", "1.3", enter("B", "SIP/151-00000003")],
      [36, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["151"] }],
    ],
  ],
  [
    "a hangup that says it does not know",
    "1.1",
    `incoming unknown, ${PHONE} → 151, wait 9 talk 0`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151"] }],
      [9, "hangup", "1.1", { ...IN, CallStatus: "1" }],
    ],
  ],
  [
    "endpoints named after enterprise and extension, a feature code among those rung",
    "1.1",
    `incoming answered, ${PHONE} → 151 by 151, wait 2 talk 8, hung up 151`,
    [
      [0, "start", "1.1", IN],
      [0, "dial", "1.1", { ...IN, Extensions: ["151", "*8"] }],
      [2, "bridge", "1.2", enter("A", "SIP/0367-151-00000002", "375170000151")],
      [2, "bridge", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [10, "bridge_leave", "1.2", enter("A", "SIP/0367-151-00000002", "375170000151")],
      [10, "bridge_leave", "1.1", enter("A", "SIP/0001363-00000001", PHONE)],
      [10, "hangup", "1.1", { ...IN, CallStatus: "2", Extensions: ["151"] }],
    ],
  ],
  [
    "events posted two minutes late, with their own times, are no clock that differs",
    "1.1",
    `incoming missed, ${PHONE} → -, wait 10 talk 0`,
    [
      [120, "start", "1.1", { ...IN, EventTime: T0 / 1000 }],
      [120, "hangup", "1.1", { ...IN, CallStatus: "0", EventTime: T0 / 1000 + 10 }],
      [120, "new_callerid", "1.1", { EventTime: T0 / 1000 + 120 }],
    ],
  ],
  [
    "a host whose clock is a minute and a half ahead",
    "1.1",
    `incoming missed, ${PHONE} → -, wait 10 talk 0, doubt clock-differs`,
    [
      [0, "start", "1.1", IN],
      [10, "hangup", "1.1", { ...IN, CallStatus: "0", EndTime: "2025-11-30 15:01:40" }],
    ],
  ],
  [
    "a broken body of which something could be read",
    "1.1",
    `incoming missed, ${PHONE} → -, wait 10 talk 0, doubt salvaged`,
    [
      [0, "start", "1.1", { ...IN, _raw: '{"Token":"37…' }],
      [10, "hangup", "1.1", { ...IN, CallStatus: "0" }],
    ],
  ],
  [
    "events that came hours late, with the time they happened",
    "1.1",
    `incoming missed, ${PHONE} → 151, wait 9 talk 0, doubt recovered`,
    [
      [7200, "start", "1.1", { ...IN, EventTime: T0 / 1000 + 1, _recovered: true }],
      [
        7200,
        "dial",
        "1.1",
        { ...IN, Extensions: ["151"], EventTime: `${T0 / 1000 + 2}.5`, _recovered: true },
      ],
      [
        7200,
        "hangup",
        "1.1",
        { ...IN, CallStatus: "0", EventTime: T0 / 1000 + 10, _recovered: true },
      ],
    ],
  ],
  [
    "a dial that is delivered again after the hangup",
    "1.1",
    `incoming answered, ${PHONE} → 151 by 151, wait 5 talk 15, hung up ${PHONE}`,
    [...TALK_WITH_151, [20, "hangup", "1.1", ENDED], [30, "dial", "1.1", RUNG_151]],
  ],
  [
    "an equal dial before the hangup: 151 is rung again in vain",
    "1.1",
    `incoming answered, ${PHONE} → 151 152 by 151 152, wait 5 talk 16, blind 151>152, blind 152>151 untaken`,
    [...TALK_WITH_151_AND_152, [25, "dial", "1.1", RUNG_151], [40, "hangup", "1.1", ENDED]],
  ],
];

describe("assembleCall, over calls as senders post them", () => {
  for (const [name, uniqueId, expected, rows] of CASES) {
    it(name, async () => {
      expect(brief(await assembled(recordsOf(rows), uniqueId))).toBe(expected);
    });
  }
});

describe("what is one call", () => {
  const idsOf = async (rows: readonly Row[], uniqueId: string): Promise<string> =>
    [...((await assembled(recordsOf(rows), uniqueId))?.call.uniqueIds ?? [])].sort().join(" ");

  it("never ties two calls of one telephone", async () => {
    const rows = [...answered(0, "1", "151"), ...answered(8, "2", "152")];
    expect(await idsOf(rows, "176451.1")).toBe("176451.1 176451.2");
    expect(await idsOf(rows, "176452.2")).toBe("176452.1 176452.2");
  });

  it("takes an id whole: …1.6 is not …1.61", async () => {
    const rows: Row[] = [
      [0, "start", "17.6", IN],
      [0, "start", "17.61", IN],
    ];
    expect(await idsOf(rows, "17.6")).toBe("17.6");
  });

  it("takes no id from a field that cannot hold one", async () => {
    const rows: Row[] = [[0, "start", "1.1", { ...IN, Linkedid: "a|b c", ChanUniqueId: "Ж" }]];
    expect(await idsOf(rows, "1.1")).toBe("1.1");
  });

  it("shows the line that worked of those that were tried", async () => {
    const rows: Row[] = [
      [0, "dial", "1.1", { ...OUT, Extensions: ["151"], Trunk: "mts" }],
      [3, "dial", "1.1", { ...OUT, Extensions: ["151"], Trunk: "velcom" }],
    ];
    expect((await assembled(recordsOf(rows), "1.1"))?.call.trunk).toBe("velcom");
  });

  it("ties by Linkedid and by the channel's own id", async () => {
    const rows: Row[] = [
      [0, "start", "1.1", { ...IN, Linkedid: "1.1" }],
      [1, "bridge", "1.2", { Linkedid: "1.1", BridgeUniqueid: "A" }],
      [2, "bridge", "1.3", { ChanUniqueId: "1.2" }],
    ];
    expect(await idsOf(rows, "1.3")).toBe("1.1 1.2 1.3");
  });

  it("keeps calls apart that used one bridge one after the other", async () => {
    const rows: Row[] = [
      [0, "bridge", "1.1", { BridgeUniqueid: "A" }],
      [0, "bridge", "1.2", { BridgeUniqueid: "A" }],
      [5, "bridge_leave", "1.1", { BridgeUniqueid: "A" }],
      [5, "bridge_leave", "1.2", { BridgeUniqueid: "A" }],
      [6, "bridge", "2.1", { BridgeUniqueid: "A" }],
      [9, "bridge_leave", "2.1", { BridgeUniqueid: "A" }],
    ];
    expect(await idsOf(rows, "1.1")).toBe("1.1 1.2");
    expect(await idsOf(rows, "2.1")).toBe("2.1");
  });

  for (const [kind, create] of [
    ["a parking bridge", { BridgeTechnology: "holding_bridge" }],
    ["a conference", { BridgeTechnology: "softmix", BridgeCreator: "ConfBridge" }],
  ] as const) {
    it(`does not tie the calls that met in ${kind}`, async () => {
      const rows: Row[] = [
        [0, "bridge_create", "", { BridgeUniqueid: "P", ...create }],
        [1, "bridge", "1.1", { BridgeUniqueid: "P" }],
        [2, "bridge", "2.1", { BridgeUniqueid: "P" }],
        [9, "bridge_leave", "1.1", { BridgeUniqueid: "P" }],
        [9, "bridge_leave", "2.1", { BridgeUniqueid: "P" }],
      ];
      expect(await idsOf(rows, "1.1")).toBe("1.1");
    });
  }

  it("ties three parties of a bridge that grew to a mixing one", async () => {
    const rows: Row[] = [
      [0, "bridge_create", "", { BridgeUniqueid: "A", BridgeTechnology: "simple_bridge" }],
      [1, "bridge", "1.1", { BridgeUniqueid: "A", BridgeTechnology: "simple_bridge" }],
      [1, "bridge", "1.2", { BridgeUniqueid: "A", BridgeTechnology: "simple_bridge" }],
      [5, "bridge", "1.3", { BridgeUniqueid: "A", BridgeTechnology: "softmix" }],
    ];
    expect(await idsOf(rows, "1.3")).toBe("1.1 1.2 1.3");
  });

  it("shows the later of two calls that had one id days apart, and says so", async () => {
    const rows: Row[] = [
      [0, "start", "868664.1", IN],
      [10, "hangup", "868664.1", { ...IN, CallStatus: "0" }],
      [DAY, "start", "868664.1", { ...IN, Phone: "375299998877" }],
      [DAY + 10, "hangup", "868664.1", { ...IN, Phone: "375299998877", CallStatus: "0" }],
    ];
    expect(brief(await assembled(recordsOf(rows), "868664.1"))).toBe(
      "incoming missed, 375299998877 → -, wait 10 talk 0, doubt earlier-call-with-this-id",
    );
  });

  it("finds no call for an id nobody used", async () => {
    expect(await assembled(recordsOf(answered(0, "1", "151")), "9.9")).toBeUndefined();
  });
});

describe("a call that was heard of last before a restart", () => {
  const events: Row[] = [
    [0, "start", "1.1", { Phone: "375295305942", CallType: 0 }],
    [1, "dial", "1.1", { Phone: "375295305942", CallType: 0, Extensions: ["151"] }],
    [
      3,
      "bridge",
      "1.1",
      { BridgeUniqueid: "b-1", Channel: "SIP/151-00000001", ChanUniqueId: "1.2" },
    ],
    [
      3,
      "bridge",
      "1.1",
      { BridgeUniqueid: "b-1", Channel: "SIP/mts-00000001", ChanUniqueId: "1.1" },
    ],
  ];
  const at = async (seconds: number, listeningSince?: number) => {
    const options = {
      enterprise: "0367",
      now: T0 + seconds * 1000,
      callTimeoutMs: CALL_TIMEOUT_MS,
    };
    return assembleCall(recordsOf(events), { ...options, listeningSince });
  };

  it("goes on as far as anybody knows, in doubt, and its talk is not counted on", async () => {
    const [before, after] = [await at(60), await at(60, T0 + 30_000)];
    expect(before?.call).toMatchObject({ status: "talking", talkMs: 57_000 });
    expect(before?.doubts).toEqual([]);
    expect(after?.call).toMatchObject({ status: "talking", talkMs: 0, endedAt: null });
    expect(after?.doubts).toEqual([{ code: "no-hangup" }]);
  });

  it("is settled by whatever is heard of it", async () => {
    const heard = await at(60, T0 + 2000);
    expect(heard?.call).toMatchObject({ status: "talking", talkMs: 57_000 });
    expect(heard?.doubts).toEqual([]);
  });
});
