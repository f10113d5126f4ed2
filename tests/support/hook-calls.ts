// Calls that webhooks are told of: invented, each by the second in which it begins.

import type { StoredRecord } from "../../src/domain/record.ts";
import { type Row, recordsOf } from "./calls.ts";

export const CUSTOMER = "375291112233";
const incoming = { Phone: CUSTOMER, CallType: 0 };

const at = (second: number, rows: readonly Row[]): StoredRecord[] =>
  recordsOf(rows.map(([seconds, ...rest]) => [second + seconds, ...rest]));

/** 151 rings and answers after 4 s; they talk for 30 s. */
export const answeredCall = (uniqueId: string, second = 0): StoredRecord[] =>
  at(second, [
    [0, "start", uniqueId, { ...incoming }],
    [1, "dial", uniqueId, { ...incoming, Extensions: ["151"] }],
    [
      4,
      "bridge",
      uniqueId,
      {
        ...incoming,
        ConnectedLineNum: "151",
        CallerIDNum: CUSTOMER,
        BridgeUniqueid: `b-${uniqueId}`,
        Channel: "SIP/trunk-1",
      },
    ],
    [
      4,
      "bridge",
      uniqueId,
      {
        ...incoming,
        CallerIDNum: "151",
        ConnectedLineNum: CUSTOMER,
        BridgeUniqueid: `b-${uniqueId}`,
        Channel: "SIP/151-1",
      },
    ],
    [34, "hangup", uniqueId, { ...incoming, CallStatus: "2", Extensions: ["151"] }],
  ]);

/** 151 rings for 20 s and nobody answers. */
export const missedCall = (uniqueId: string, second = 0, phone = CUSTOMER): StoredRecord[] =>
  at(second, [
    [0, "start", uniqueId, { ...incoming, Phone: phone }],
    [1, "dial", uniqueId, { ...incoming, Phone: phone, Extensions: ["151"] }],
    [20, "hangup", uniqueId, { ...incoming, Phone: phone, CallStatus: "0", Extensions: ["151"] }],
  ]);

/** 151 calls the customer, who answers after 6 s; they talk for 20 s. */
export const callBack = (uniqueId: string, second = 0): StoredRecord[] => {
  const outgoing = { Phone: CUSTOMER, CallType: 1, Extensions: ["151"] };
  return at(second, [
    [1, "dial", uniqueId, { ...outgoing, ExtPhone: CUSTOMER }],
    [
      6,
      "bridge",
      uniqueId,
      {
        ...outgoing,
        CallerIDNum: "151",
        ConnectedLineNum: CUSTOMER,
        BridgeUniqueid: `b-${uniqueId}`,
        Channel: "SIP/151-2",
      },
    ],
    [
      6,
      "bridge",
      uniqueId,
      {
        ...outgoing,
        CallerIDNum: CUSTOMER,
        ConnectedLineNum: "151",
        BridgeUniqueid: `b-${uniqueId}`,
        Channel: "SIP/trunk-2",
      },
    ],
    [26, "hangup", uniqueId, { ...outgoing, CallStatus: "2" }],
  ]);
};
