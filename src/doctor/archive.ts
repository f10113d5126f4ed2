// The archive: can it be reached, may we put, read, list and remove there, are days waiting that should be in it, and is there
// anything in it that was to be erased.

import { errorText } from "../lib/errors.ts";
import { DAY_MS } from "../lib/time.ts";
import { within } from "../lib/within.ts";
import { archiveOf } from "../service/archive.ts";
import { type Archive, dayFiles, enterprisesIn, OwedDays, owedSentences } from "../store/index.ts";
import {
  ANSWER_TIMEOUT_MS,
  type Check,
  type CheckWorld,
  type Finding,
  note,
  ok,
  wrong,
} from "./finding.ts";
import { sizeText } from "./size.ts";

/** No day has that name: it is told as foreign where it is left behind. */
const PROBE = "calllog-doctor-probe";

/** Puts a small object, reads it back, lists it and removes it: what the service does all day. */
const probe = async ({ store }: Archive): Promise<void> => {
  const bytes = new TextEncoder().encode("calllog doctor was here\n");
  await store.put(PROBE, bytes);
  try {
    const back = await store.get(PROBE, { from: 8, to: 14 });
    if (back === undefined || new TextDecoder().decode(back) !== "doctor")
      throw new Error("what was put is not what was read back");
    let isListed = false;
    for await (const { key } of store.list(PROBE)) isListed ||= key === PROBE;
    if (!isListed) throw new Error("what was put is not in the listing");
  } finally {
    await store.remove(PROBE);
  }
};

/** Finished days that should have been brought there. */
const waiting = async (
  { config: { dataDir }, clock }: CheckWorld,
  archive: Archive,
): Promise<Finding> => {
  const what = "days for the archive";
  const today = clock.now() - (clock.now() % DAY_MS);
  let days = 0;
  let bytes = 0;
  for (const enterprise of await enterprisesIn(dataDir)) {
    for (const { name, isRunning, facts, from } of await dayFiles(dataDir, enterprise)) {
      // Yesterday may be on its way.
      if (isRunning || from >= today - DAY_MS || archive.ledger.holds(enterprise, name, facts))
        continue;
      days += 1;
      bytes += facts.size;
    }
  }
  return days === 0
    ? ok(what, "none waits")
    : note(
        what,
        `${days} finished days (${sizeText(bytes)}) are not there yet; they stay on this disk`,
        "the running service brings them; its log says what keeps it, calllog archive upload does it now",
      );
};

/** What erasures left in an archive: the law's business, so it is wrong until it is done. */
const owedFindings = (dataDir: string, address: string | undefined): Finding[] => {
  const what = "erasures";
  try {
    const owed = new OwedDays(dataDir);
    return owed
      .enterprises()
      .flatMap((enterprise) => owedSentences(enterprise, owed.of(enterprise), address))
      .map((sentence) =>
        wrong(what, sentence, "do as it says; calllog archive status tells it, too"),
      );
  } catch (error) {
    return [wrong(what, errorText(error), "run this as the service's user")];
  }
};

/** What is asked of an archive, of the real one; without one, only what an erasure left in one before. */
export const archiveAnswers: Check = async (world) => {
  const { config, clock, env } = world;
  const findings: Finding[] = [];
  let archive: Archive | undefined;
  try {
    archive = archiveOf(config, env, { clock });
    if (archive !== undefined) {
      await within(probe(archive), ANSWER_TIMEOUT_MS, () => {
        throw new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`);
      });
      const what = `archive ${archive.name}`;
      findings.push(ok(what, "takes, gives, lists and removes objects"));
      findings.push(await waiting(world, archive));
    }
  } catch (error) {
    const what = archive === undefined ? "archive" : `archive ${archive.name}`;
    const why = errorText(error).split("\n")[0] ?? "";
    findings.push(wrong(what, why, "docs/operations.md says which keys and rights it needs"));
  }
  return [...findings, ...owedFindings(config.dataDir, archive?.name)];
};
