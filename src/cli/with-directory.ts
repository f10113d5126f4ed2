// The directory of the given settings, for the length of one command. Uncached: a command sees what is stored now.

import { sqlitePathOf } from "../config/index.ts";
import { type Directory, openDirectory } from "../people/index.ts";
import type { CommandArgs } from "./command.ts";

/** Opens the directory, does `work`, and closes it whatever comes. @throws DirectoryError where it cannot be opened. */
export const withDirectory = async <T>(
  { config }: CommandArgs,
  work: (directory: Directory) => Promise<T>,
): Promise<T> => {
  const directory = await openDirectory({
    sqlitePath: sqlitePathOf(config),
    address: config.databaseUrl,
  });
  try {
    return await work(directory);
  } finally {
    await directory.close();
  }
};
