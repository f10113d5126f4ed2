// Room on the disk against what the last days wrote, files that should have gone, and the newest record's time. Days are
// judged by the names and sizes of finished files: nothing but the newest records is read.

import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { DAY_MS } from "../lib/time.ts";
import { type DayFile, dayFiles, enterprisesIn, recentRecords } from "../store/index.ts";
import { type Check, type CheckWorld, type Finding, note, ok, wrong } from "./finding.ts";
import { sizeText, spanText } from "./size.ts";

/** Growth is the mean of so many finished days. */
const GROWTH_DAYS = 7;
/** Fewer days than this until the disk is full is wrong. */
const TOO_FEW_DAYS = 3;
/** Less room than this is wrong whatever the growth. In bytes. */
const TOO_LITTLE = 64 * 1024 * 1024;

const dayText = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Bytes of each UTC day over all enterprises, by the day's beginning. */
const bytesByDay = (files: readonly DayFile[]): Map<number, number> => {
  const bytes = new Map<number, number>();
  for (const { from, facts } of files) bytes.set(from, (bytes.get(from) ?? 0) + facts.size);
  return bytes;
};

const filesOf = async (dataDir: string): Promise<Map<string, DayFile[]>> => {
  const files = new Map<string, DayFile[]>();
  for (const enterprise of await enterprisesIn(dataDir)) {
    files.set(enterprise, await dayFiles(dataDir, enterprise));
  }
  return files;
};

/** How long the room lasts, and whether retention frees enough before it ends. */
const outlook = (
  freeBytes: number,
  days: ReadonlyMap<number, number>,
  { now, retentionDays }: { readonly now: number; readonly retentionDays: number },
): Finding => {
  const what = "free disk";
  const room = `${sizeText(freeBytes)} free`;
  const todo = "make room or a larger disk, or keep fewer days with --retention-days";
  const today = now - (now % DAY_MS);
  const finished = [...days].filter(
    ([from]) => from < today && from >= today - GROWTH_DAYS * DAY_MS,
  );
  const written = finished.reduce((sum, [, bytes]) => sum + bytes, 0);
  const first = Math.min(...finished.map(([from]) => from));
  if (freeBytes < TOO_LITTLE) return wrong(what, `only ${room}`, todo);
  if (written === 0) return ok(what, `${room}; no finished day yet to judge growth by`);
  const count = Math.round((today - first) / DAY_MS);
  const daily = written / count;
  const span = `${dayText(first)} to ${dayText(today - DAY_MS)}`;
  const growth = `${room}; the records grow by ${sizeText(daily)} a day (${sizeText(written)} from ${span})`;
  const total = [...days.values()].reduce((sum, bytes) => sum + bytes, 0);
  const stillToCome = daily * (retentionDays + 1) - total;
  const lasts = freeBytes / daily;
  if (stillToCome <= freeBytes) {
    return ok(what, `${growth}: enough for the ${retentionDays} days that are kept`);
  }
  const full = `${growth}: full in ${lasts < 2 ? `${Math.floor(lasts * 24)} hours` : `${Math.floor(lasts)} days`}, before old days go`;
  return lasts < TOO_FEW_DAYS ? wrong(what, full, todo) : note(what, full, todo);
};

const backlog = (
  files: ReadonlyMap<string, readonly DayFile[]>,
  {
    now,
    retentionDays,
    isArchived,
  }: { readonly now: number; readonly retentionDays: number; readonly isArchived: boolean },
): Finding[] => {
  const today = now - (now % DAY_MS);
  const old = [...files.values()]
    .flat()
    .filter(({ isRunning, from }) => !isRunning && from < today - retentionDays * DAY_MS);
  if (old.length === 0) return [];
  const oldest = dayText(Math.min(...old.map(({ from }) => from)));
  const bytes = old.reduce((sum, { facts }) => sum + facts.size, 0);
  return [
    note(
      "old days",
      `${old.length} ${old.length === 1 ? "file" : "files"} (${sizeText(bytes)}) of days before the last ${retentionDays}, the oldest of ${oldest}, still there`,
      isArchived
        ? "a day goes once it is safe in the archive: calllog archive status says what waits"
        : "the service removes them when it starts; if it has been running, its log says what it could not remove",
    ),
  ];
};

/** Stamps of the future keep a file's time standing still. */
const future = async (
  { config: { dataDir }, clock }: CheckWorld,
  enterprises: Iterable<string>,
): Promise<Finding[]> => {
  const now = clock.now();
  const ahead: { readonly enterprise: string; readonly at: number }[] = [];
  for (const enterprise of enterprises) {
    for await (const { at } of recentRecords(dataDir, enterprise, "AST", now)) {
      ahead.push({ enterprise, at });
      break;
    }
  }
  const [worst] = ahead.sort((a, b) => b.at - a.at);
  if (worst === undefined || worst.at - now < 1000) return [];
  const { enterprise, at } = worst;
  const told = `the newest record of ${enterprise} is ${spanText(at - now)} in the future (${new Date(at).toISOString()})`;
  const todo = `set the clock right; if the record is wrong, move ${dataDir}/${enterprise}/events.log away: until then new records bear its time`;
  return [at - now > 60_000 ? wrong("record times", told, todo) : note("record times", told, todo)];
};

/** The disk under the data folder. */
export const disk: Check = async (world) => {
  const { dataDir, retentionDays, archive } = world.config;
  let there = dataDir;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize, files: inodes, ffree } = statfsSync(there);
  const files = await filesOf(dataDir);
  const moment = { now: world.clock.now(), retentionDays, isArchived: archive !== null };
  const found = [outlook(bavail * bsize, bytesByDay([...files.values()].flat()), moment)];
  // File systems that make inodes as they need them have none to count.
  if (inodes > 0 && ffree < Math.max(1000, inodes / 100)) {
    found.push(
      wrong("free inodes", `${ffree} of ${inodes} left: no new files soon`, "remove small files"),
    );
  }
  return [...found, ...backlog(files, moment), ...(await future(world, files.keys()))];
};
