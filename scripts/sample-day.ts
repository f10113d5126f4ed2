// Two days of invented calls for the picture of the list: written as a service would have written them, each line at its
// time. The same seed gives the same calls.

import { openTraceStore } from "../src/store/index.ts";

const HOUR_MS = 3_600_000;
const OFFICE_HOURS = 9;
/** How busy an office is, hour by hour from its opening. */
const CALLS_AN_HOUR = [2, 5, 8, 7, 3, 4, 7, 6, 3] as const;
const PHONES = [
  "375295305942",
  "375296254070",
  "375292223344",
  "375291110011",
  "375447770102",
  "375333330203",
  "375172000304",
  "375256770405",
  "375298880506",
  "375291230607",
] as const;
const EXTENSIONS = ["150", "151", "152", "153"] as const;

/** Numbers from 0 up to 1 that only look random (mulberry32). */
const createDice = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

type Line = {
  readonly at: number;
  readonly event: string;
  readonly body: { readonly [key: string]: unknown };
};

const callAt = (at: number, sequence: number, dice: () => number): Line[] => {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(dice() * from.length)] as T;
  const ids = { Token: "375290000001", UniqueId: `${Math.floor(at / 1000)}.${sequence}` };
  const isOutgoing = dice() < 0.3;
  const extension = pick(EXTENSIONS);
  const rung = isOutgoing || dice() < 0.4 ? [extension] : ["150", "151", "152"];
  const call = { ...ids, CallType: isOutgoing ? 1 : 0, Phone: pick(PHONES), Trunk: "mts" };
  const waitMs = Math.round(2000 + dice() * dice() * 25_000);
  const talkMs = Math.round(8000 + dice() * dice() * 600_000);
  const isAnswered = dice() < 0.78;
  const talker = rung.includes(extension) ? extension : "151";
  const bridge = { ...ids, CallType: call.CallType, BridgeUniqueid: `bridge-${ids.UniqueId}` };
  const endsAt = at + waitMs + (isAnswered ? talkMs : 0);
  return [
    ...(isOutgoing ? [] : [{ at, event: "start", body: call }]),
    { at: at + 60, event: "dial", body: { ...call, Extensions: rung } },
    ...(isAnswered
      ? [[`PJSIP/${talker}`, talker] as const, [`PJSIP/mts`, call.Phone] as const].map(
          ([channel, number], leg) => ({
            at: at + waitMs,
            event: "bridge",
            body: {
              ...bridge,
              BridgeNumChannels: String(leg + 1),
              CallerIDNum: number,
              Channel: `${channel}-${sequence.toString(16).padStart(7, "0")}${leg}`,
            },
          }),
        )
      : []),
    {
      at: endsAt,
      event: "hangup",
      body: {
        ...call,
        Extensions: isAnswered ? [talker] : rung,
        CallStatus: isAnswered ? "2" : "0",
      },
    },
  ];
};

/**
 * Writes the calls of a day in office hours, as far as they were over at `until`.
 *
 * @param opensAt when the office opens, in milliseconds since the epoch
 */
const dayOfCalls = (opensAt: number, until: number, dice: () => number): Line[] =>
  CALLS_AN_HOUR.flatMap((count, hour) =>
    Array.from({ length: count }, (_, index) => {
      const at = Math.round(opensAt + (hour + dice()) * HOUR_MS);
      return callAt(at, (hour + 1) * 100 + index, dice);
    }),
  )
    .filter((call) => (call.at(-1)?.at ?? 0) < until)
    .flat();

/**
 * Fills a data folder with the calls of two days: an office that has been open for some hours now, and the day before.
 *
 * @param now in milliseconds since the epoch
 */
export const writeSampleDays = async (
  dir: string,
  enterprise: string,
  now: number,
): Promise<void> => {
  const dice = createDice(4);
  const opensAt = now - (OFFICE_HOURS - 1) * HOUR_MS;
  // Nothing in the last minutes: the service would announce it.
  const until = now - 10 * 60_000;
  const lines = [
    ...dayOfCalls(opensAt - 24 * HOUR_MS, until, dice),
    ...dayOfCalls(opensAt, until, dice),
  ].sort((a, b) => a.at - b.at);
  let at = 0;
  const trace = openTraceStore({ dir, clock: { now: () => at } });
  for (const line of lines) {
    at = line.at;
    const { event, body } = line;
    await trace.append(enterprise, {
      kind: "AST",
      event,
      uniqueId: String(body["UniqueId"]),
      body,
    });
  }
  await trace.close();
};
