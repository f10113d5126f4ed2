// Folders and rights: may the records be written, by whom may they be read, does somebody else own a part of them, and
// can the log be written. Asks the system and creates nothing.

import { accessSync, constants, existsSync, readdirSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isEnterpriseNumber } from "../domain/enterprise.ts";
import { errorText } from "../lib/errors.ts";
import { type Check, type Finding, note, ok, wrong } from "./finding.ts";

const OTHERS_MAY_READ = 0o004;
const OTHERS_MAY_ENTER = 0o001;
/** Files looked at in a data folder; a folder of 500 enterprises has about 20 000. */
const MAX_FILES = 100_000;

/** The nearest folder above `path` that exists. */
export const folderAbove = (path: string): string => {
  let above = dirname(path);
  while (!existsSync(above)) above = dirname(above);
  return above;
};

/** @throws the system's error where it may not. */
const assertWritable = (folder: string): void => {
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
};

const asUser = (): string => {
  const uid = process.geteuid?.();
  return uid === undefined ? "" : ` by user ${uid}`;
};

/** Whether the folder of the records can be written by whoever runs this. */
export const dataFolder: Check = async ({ config: { dataDir } }) => {
  const what = `data folder ${dataDir}`;
  const todo = "run calllog as the user that owns it, or give another --data-dir";
  try {
    if (!existsSync(dataDir)) {
      const above = folderAbove(dataDir);
      if (!statSync(above).isDirectory()) return [wrong(what, `${above} is a file`, todo)];
      accessSync(above, constants.W_OK | constants.X_OK);
      return [note(what, "not there yet", "it is made when the service starts")];
    }
    if (!statSync(dataDir).isDirectory()) return [wrong(what, "is a file", "move it away")];
    assertWritable(dataDir);
    return [ok(what, `can be written${asUser()}`)];
  } catch (error) {
    return [wrong(what, errorText(error), todo)];
  }
};

type SeenPath = { readonly path: string; readonly stats: Stats };

/** What lies in the data folder: enterprises' folders and the files in them, our own dot files too. */
const everythingIn = (dataDir: string): SeenPath[] => {
  const seen: SeenPath[] = [];
  const look = (path: string): Stats | undefined => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) seen.push({ path, stats });
    return stats;
  };
  for (const name of readdirSync(dataDir)) {
    if (seen.length >= MAX_FILES) break;
    const stats = look(join(dataDir, name));
    const isOurs = isEnterpriseNumber(name) || name === ".invitations";
    if (!isOurs || stats?.isDirectory() !== true) continue;
    for (const file of readdirSync(join(dataDir, name))) look(join(dataDir, name, file));
  }
  return seen;
};

const foreign = (seen: readonly SeenPath[], folder: SeenPath): Finding[] => {
  const others = seen.filter(({ stats }) => stats.uid !== folder.stats.uid);
  const [first] = others;
  if (first === undefined) return [];
  const count = others.length === 1 ? "1 file" : `${others.length} files`;
  return [
    wrong(
      "owner",
      `${count} in the data folder not of user ${folder.stats.uid} as the folder is, such as ${first.path} of user ${first.stats.uid}`,
      `chown -R --reference='${folder.path}' '${folder.path}', and run every command as that user`,
    ),
  ];
};

const readable = (seen: readonly SeenPath[], folder: SeenPath): Finding[] => {
  // Where others may not enter a folder, modes inside it mean nothing.
  if ((folder.stats.mode & OTHERS_MAY_ENTER) === 0) return [];
  const closed = new Set(
    seen
      .filter(({ stats }) => stats.isDirectory() && (stats.mode & OTHERS_MAY_ENTER) === 0)
      .map(({ path }) => path),
  );
  const open = seen.filter(
    ({ path, stats }) => (stats.mode & OTHERS_MAY_READ) !== 0 && !closed.has(dirname(path)),
  );
  if (open.length === 0) return [];
  return [
    note(
      "privacy",
      `every user of this machine can read ${open.length} files or folders of calls, such as ${open[0]?.path ?? ""}`,
      `chmod -R o-rwx '${folder.path}'`,
    ),
  ];
};

/** Who owns and who may read what is in the data folder. The file of enterprises beside it is closed when it is opened. */
export const rights: Check = async ({ config: { dataDir } }) => {
  const found: Finding[] = [];
  const stats = existsSync(dataDir) ? statSync(dataDir) : undefined;
  if (stats?.isDirectory() === true) {
    const folder = { path: dataDir, stats };
    const seen = everythingIn(dataDir);
    const closed = seen.filter(({ path, stats: { mode } }) => {
      try {
        accessSync(path, constants.R_OK | ((mode & 0o200) === 0 ? 0 : constants.W_OK));
        return false;
      } catch {
        return true;
      }
    });
    const mixed = foreign(seen, folder);
    found.push(...mixed, ...readable(seen, folder));
    if (mixed.length === 0 && closed.length > 0) {
      const many = `${closed.length} of its files cannot be used, such as ${closed[0]?.path ?? ""}`;
      found.push(wrong("owner", many, `run calllog as user ${stats.uid}, the owner`));
    }
    if (found.length === 0) {
      const files = seen.length === 1 ? "1 entry" : `${seen.length} entries`;
      found.push(ok("owner and modes", `${files} of user ${stats.uid}, closed to others`));
    }
  }
  return found;
};

/** Whether the service's log can be written, where it is a file. */
export const logFile: Check = async ({ config: { logFile: path } }) => {
  if (path === null) return [];
  const what = `log ${path}`;
  const todo = "let the service's user write there, or give another --log-file";
  try {
    const there = existsSync(path) ? statSync(path) : undefined;
    if (there?.isDirectory() === true) return [wrong(what, "is a folder", "name a file in it")];
    if (there !== undefined) accessSync(path, constants.W_OK);
    const folder = existsSync(dirname(path)) ? dirname(path) : folderAbove(path);
    // Old logs are renamed beside it.
    accessSync(folder, constants.W_OK | constants.X_OK);
    return [ok(what, "can be written")];
  } catch (error) {
    return [wrong(what, errorText(error), todo)];
  }
};
