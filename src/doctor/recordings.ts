// The folders of recordings: can they be read, and do the names in them fit the calls. Looks at names; opens no recording.

import { readdir } from "node:fs/promises";
import type { CallRow } from "../call/index.ts";
import { openHistory } from "../call/list/index.ts";
import { tellsEnterprise } from "../domain/recording-pattern.ts";
import { dayBounds, dayIn } from "../domain/zone-day.ts";
import { errorCode, errorText } from "../lib/errors.ts";
import { silentLog } from "../lib/log.ts";
import { DAY_MS } from "../lib/time.ts";
import { openRecordings } from "../recordings/index.ts";
import { enterprisesIn } from "../store/index.ts";
import { type Check, type CheckWorld, type Finding, note, ok, wrong } from "./finding.ts";

/** Answered calls of yesterday that are looked for, of each enterprise. */
const MAX_CALLS = 500;

const folderFinding = async (folder: string): Promise<Finding> => {
  const what = `recordings ${folder}`;
  try {
    const names = await readdir(folder);
    return names.length === 0
      ? note(what, "is empty", "see that this is where the PBX keeps them")
      : ok(what, "can be read");
  } catch (error) {
    return errorCode(error) === "ENOENT"
      ? wrong(what, "is not there", "mount it, or mend --recordings")
      : wrong(what, errorText(error), "let the user of calllog read it");
  }
};

/** Yesterday's calls that somebody answered. */
const answeredYesterday = async (
  { config, clock }: CheckWorld,
  enterprise: string,
): Promise<readonly CallRow[]> => {
  const { dataDir: dir, callTimeoutMs, timeZone } = config;
  const history = openHistory({ dir, clock, callTimeoutMs, log: silentLog, isReadOnly: true });
  try {
    const { from, to } = dayBounds(dayIn(clock.now() - DAY_MS, timeZone), timeZone);
    const query = { from, to, statuses: ["answered"] as const };
    return (await history.calls(enterprise, query, { limit: MAX_CALLS })).rows;
  } finally {
    await history.close();
  }
};

const shareFindings = async (world: CheckWorld): Promise<Finding[]> => {
  const { recordings: folders, recordingPattern: pattern, dataDir } = world.config;
  const recordings = openRecordings({ folders, pattern, clock: world.clock, log: silentLog });
  const findings: Finding[] = [];
  try {
    const enterprises = await enterprisesIn(dataDir);
    if (enterprises.length > 1 && !tellsEnterprise(pattern)) {
      findings.push(
        note(
          "recordings of several enterprises",
          "told apart by the calls' ids alone: whoever posts events of one may name another's id",
          "give each a folder of its own and --recording-pattern '{enterprise}/*{uniqueId}*'",
        ),
      );
    }
    for (const enterprise of enterprises) {
      const rows = await answeredYesterday(world, enterprise);
      if (rows.length === 0) continue;
      const found = await recordings.has(
        rows.map(({ uniqueId, startedAt }) => ({ enterprise, uniqueIds: [uniqueId], startedAt })),
      );
      const count = found.filter(Boolean).length;
      const what = `recordings of ${enterprise}`;
      const told = `${count} of yesterday's ${rows.length} answered calls have one by its name`;
      const todo =
        "compare a file's name with --recording-pattern and the call's ids (calllog show)";
      findings.push(count === 0 ? note(what, told, todo) : ok(what, told));
    }
  } finally {
    await recordings.close();
  }
  return findings;
};

/** What there is to say of `--recordings`; nothing where none are given. */
export const recordings: Check = async (world) => {
  const { recordings: folders } = world.config;
  if (folders.length === 0) return [];
  const found = await Promise.all(folders.map(folderFinding));
  return [...found, ...(await shareFindings(world))];
};
