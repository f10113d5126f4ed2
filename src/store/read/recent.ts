// The records of the last hours or days of every enterprise, newest first: what a service that starts must know of
// what happened while it was away. Reads files backwards and stops where they become too old.

import { join } from "node:path";
import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import type { StoredRecord } from "../../domain/record.ts";
import { bareLine, decodeLine } from "../format/codec.ts";
import { finishedNames, RUNNING_NAME, tryParseFinishedName } from "../format/files.ts";
import { dayOf, STAMP_LENGTH, tryParseStamp } from "../format/stamp.ts";
import { listFolder, openIfThere, sourceOf } from "./open-files.ts";
import { blocksBackwards, lineBounds } from "./reverse-lines.ts";
import { createPacer } from "./turns.ts";

/** The enterprises that have files in a data folder. */
export const enterprisesIn = async (dir: string): Promise<string[]> =>
  (await listFolder(dir)).filter(isEnterpriseNumber).sort();

export type Among = {
  /** Only records whose line has this text. */
  readonly containing?: string;
  /** Asked at every line: nothing more is read once it says no. */
  readonly isWanted?: () => boolean;
};

/**
 * The records of one kind that an enterprise got since a moment, newest first. A line that is added meanwhile may be
 * missing; one that a rotation moved meanwhile may come twice.
 *
 * @param since milliseconds since the epoch
 * @param among by default all of them
 */
export async function* recentRecords(
  dir: string,
  enterprise: string,
  kind: "AST" | "TG",
  since: number,
  { containing = "", isWanted = () => true }: Among = {},
): AsyncGenerator<StoredRecord> {
  const folder = join(dir, enterprise);
  const finished = finishedNames(await listFolder(folder))
    .filter((name) => (tryParseFinishedName(name) ?? 0) >= dayOf(since))
    .reverse();
  const mark = Buffer.from(`|${kind}|`);
  const pacer = createPacer();
  for (const name of [RUNNING_NAME, ...finished]) {
    const handle = await openIfThere(join(folder, name));
    if (handle === undefined) continue;
    try {
      const { size } = await handle.stat();
      for await (const { bytes } of blocksBackwards(sourceOf(handle), 0, size)) {
        let isTooOld = false;
        for (const { start, end } of lineBounds(bytes)) {
          const head = start + STAMP_LENGTH;
          if (head >= end) continue;
          if (bytes.compare(mark, 0, mark.length, head, Math.min(head + mark.length, end)) !== 0) {
            continue;
          }
          const at = tryParseStamp(bytes.toString("latin1", start, head));
          if (at === undefined) continue;
          isTooOld = at < since;
          if (isTooOld) break;
          if (!isWanted()) return;
          if (!bytes.subarray(head, end).includes(containing)) {
            await pacer.pause();
            continue;
          }
          const raw = bareLine(bytes.toString("utf8", start, end));
          const decoded = decodeLine(raw);
          if (decoded.ok) yield { ...decoded.value, raw };
          await pacer.pause();
        }
        if (isTooOld) break;
      }
    } finally {
      await handle.close();
    }
  }
}
