// Which files are old enough to go: decided by name alone, in UTC days, so that a touched or copied file fares no
// differently. What does not bear one of our names stays.

import { join } from "node:path";
import { isEnterpriseNumber } from "../../domain/enterprise.ts";
import {
  tryParseFinishedName,
  tryParseIndexName,
  tryParseTemporaryIndexPid,
} from "../format/files.ts";
import { createPacer } from "../read/turns.ts";
import type { FileFacts, TraceFs } from "./trace-fs.ts";

/**
 * The names among `names` that retention removes: finished days more than `days` before `today`, and indexes whose
 * file is gone, or that another process than `pid` has not finished making (should it live, it makes it again).
 *
 * @param mayGo asked of a day that is old enough: false keeps it, with what is beside it
 */
export const namesToSweep = (
  names: readonly string[],
  today: number,
  days: number,
  pid: number,
  mayGo: (name: string) => boolean = () => true,
): string[] => {
  const isOld = (name: string): boolean => {
    const day = tryParseFinishedName(name);
    return day !== undefined && day < today - days && mayGo(name);
  };
  const staying = new Set(names.filter((name) => !isOld(name)));
  return names.filter((name) => {
    const maker = tryParseTemporaryIndexPid(name);
    if (maker !== undefined) return maker !== pid;
    const data = tryParseIndexName(name);
    return data === undefined ? isOld(name) : !staying.has(data);
  });
};

export type SweepResult = {
  /** Files removed, as `0367/events.log.2025-11-01`. */
  readonly removed: readonly string[];
  /** What could not be removed, and why. */
  readonly failures: readonly string[];
};

/** Whether a day that is old enough may be removed, as its file is now. */
export type MayGo = (enterprise: string, name: string, facts: FileFacts) => boolean;

/** Removes what is too old from every enterprise's folder, also where no events come any more. */
export const sweep = async (
  fs: TraceFs,
  dir: string,
  today: number,
  days: number,
  mayGo: MayGo = () => true,
): Promise<SweepResult> => {
  const removed: string[] = [];
  const failures: string[] = [];
  const pacer = createPacer();
  for (const enterprise of fs.list(dir)) {
    if (!isEnterpriseNumber(enterprise)) continue;
    try {
      const names = fs.list(join(dir, enterprise));
      const mayGoHere = (name: string): boolean => {
        const facts = fs.factsAt(join(dir, enterprise, name));
        return facts === undefined || mayGo(enterprise, name, facts);
      };
      for (const name of namesToSweep(names, today, days, process.pid, mayGoHere)) {
        const path = join(dir, enterprise, name);
        if (fs.factsAt(path) === undefined) continue;
        fs.unlink(path);
        removed.push(`${enterprise}/${name}`);
      }
    } catch (cause) {
      failures.push(`cannot sweep ${join(dir, enterprise)}: ${String(cause)}`);
    }
    await pacer.pause();
  }
  return { removed, failures };
};
