// A call as the catalogues tell it: numbers and durations the way they are shown.

import type { Call } from "../src/call/index.ts";
import { isWithheld } from "../src/domain/phone.ts";
import { clockDuration, telephone } from "./format.ts";
import type { Texts, Told } from "./texts.ts";

/** Turns an assembled call into the words' raw material. */
export const tell = (call: Call, texts: Texts): Told => {
  const caller = call.direction === "outgoing" ? (call.extensions[0] ?? "") : "";
  return {
    direction: call.direction,
    status: call.status,
    phone: call.phone === null || isWithheld(call.phone) ? undefined : telephone(call.phone),
    caller,
    rung: call.extensions.map(telephone),
    answered: call.answeredBy.map(telephone),
    transfers: call.transfers.map(({ from, to, completed }) => ({
      from: telephone(from),
      to: telephone(to),
      completed,
    })),
    wait: call.waitMs === null ? undefined : texts.seconds(call.waitMs),
    talk: call.talkMs === null ? undefined : clockDuration(call.talkMs),
    hungUpBy:
      call.hungUpBy === null
        ? undefined
        : call.hungUpBy === call.phone && call.direction !== "internal"
          ? "outside"
          : { number: telephone(call.hungUpBy) },
  };
};
