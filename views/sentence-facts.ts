// A call as the catalogues tell it: numbers and durations the way they are shown.

import type { Call } from "../src/call/index.ts";
import { type CallNames, NO_NAMES } from "../src/domain/names.ts";
import { isWithheld } from "../src/domain/phone.ts";
import type { Texts, Told } from "../src/texts/index.ts";
import { clockDuration, telephone, type Zone } from "./format.ts";

/** More rung numbers than this stand in the sentence without names: the participants follow below it. */
const MAX_NAMED_RUNG = 3;

/** Turns an assembled call into the words' raw material; a name stands behind the number it belongs to. */
export const tell = (
  call: Call,
  texts: Texts,
  zone: Pick<Zone, "country">,
  names: CallNames = NO_NAMES,
): Told => {
  const shown = (number: string): string => telephone(number, zone);
  const named = (number: string, name: string | undefined): string =>
    name === undefined ? shown(number) : `${shown(number)} (${name})`;
  const ours = (number: string): string => named(number, names.managers.get(number));
  const isInternal = call.direction === "internal";
  const phone = call.phone === null || isWithheld(call.phone) ? undefined : call.phone;
  const caller = call.direction === "outgoing" ? call.extensions[0] : undefined;
  return {
    direction: call.direction,
    status: call.status,
    phone:
      phone === undefined ? undefined : isInternal ? ours(phone) : named(phone, names.customer),
    caller: caller === undefined ? "" : ours(caller),
    rung: call.extensions.map(call.extensions.length > MAX_NAMED_RUNG ? shown : ours),
    answered: call.answeredBy.map(ours),
    transfers: call.transfers.map(({ from, to, completed }) => ({
      from: shown(from),
      // Of a transfer that nobody took: everyone it rang at.
      to: to.split("&").map(ours).join(", "),
      completed,
    })),
    wait: call.waitMs === null ? undefined : texts.seconds(call.waitMs),
    talk: call.talkMs === null ? undefined : clockDuration(call.talkMs),
    hungUpBy:
      call.hungUpBy === null
        ? undefined
        : call.hungUpBy === "pbx"
          ? "pbx"
          : call.hungUpBy === call.phone && call.direction !== "internal"
            ? "outside"
            : { number: shown(call.hungUpBy) },
    dialled: call.dialled ?? undefined,
    reached: call.reached ?? undefined,
    isOwnPhoneSilent: call.isOwnPhoneSilent,
  };
};
