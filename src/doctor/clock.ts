// The clock of this machine against those of others: Telegram's, the metadata service's, the database's. Records, links
// and rotation go by it.

import {
  ANSWER_TIMEOUT_MS,
  type Check,
  type CheckWorld,
  type Finding,
  note,
  ok,
  wrong,
} from "./finding.ts";
import { spanText } from "./size.ts";

const NOTE_MS = 5000;
const WRONG_MS = 60_000;
/** A Date header is cut to the second; on average it is half a second late. */
const CUT_MS = 500;

type ClockReading = {
  readonly source: string;
  /** By how much this machine is ahead. */
  readonly aheadMs: number;
};

/** Asked at one moment, answered at another: the other clock was read somewhere between. */
const compare = async (
  source: string,
  { now }: CheckWorld["clock"],
  ask: () => Promise<number | undefined>,
): Promise<ClockReading | undefined> => {
  const before = now();
  try {
    const theirs = await ask();
    if (theirs === undefined || Number.isNaN(theirs)) return undefined;
    return { source, aheadMs: (before + now()) / 2 - theirs };
  } catch {
    // Whether it can be reached is checked elsewhere.
    return undefined;
  }
};

const dateHeader = async (url: string): Promise<number | undefined> => {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const response = await fetch(`${url}/`, { redirect: "manual", signal });
  await response.body?.cancel();
  const date = response.headers.get("date");
  return date === null ? undefined : Date.parse(date) + CUT_MS;
};

const findingOf = ({ source, aheadMs }: ClockReading): Finding => {
  const what = "clock";
  const off = Math.abs(aheadMs);
  if (off <= NOTE_MS) return ok(what, `agrees with ${source}`);
  const finding = `${spanText(off)} ${aheadMs > 0 ? "ahead of" : "behind"} ${source}`;
  const todo =
    "let it be set by the network (timedatectl set-ntp true), or find out which is right";
  return off > WRONG_MS ? wrong(what, finding, todo) : note(what, finding, todo);
};

/** Compares this machine's clock with every other that answers. */
export const clockAgrees: Check = async ({ config, directory, clock }) => {
  const { telegramApiRoot, metadataUrl } = config;
  const asked = [
    compare(new URL(telegramApiRoot).host, clock, () => dateHeader(telegramApiRoot)),
    ...(metadataUrl === null
      ? []
      : [compare("the metadata service", clock, () => dateHeader(metadataUrl))]),
    ...(directory?.serverTime === undefined
      ? []
      : [compare("the database", clock, async () => await directory.serverTime?.())]),
  ];
  const read = (await Promise.all(asked)).filter((reading) => reading !== undefined);
  if (read.length === 0) {
    const todo = "compare it by hand: date -u";
    return [note("clock", "nobody answered to compare it with", todo)];
  }
  const findings = read.map(findingOf);
  if (findings.every(({ level }) => level === "ok")) {
    return [ok("clock", `agrees with ${read.map(({ source }) => source).join(", ")}`)];
  }
  return findings;
};
