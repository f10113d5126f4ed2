// A folder of a test's own. Where the test fails, the error says what lay in the folder: the folder itself is gone by
// the time somebody reads it.

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `work` with an empty folder and removes the folder afterwards, whatever comes. */
export const inTempDir = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "calllog-test-"));
  try {
    return await work(folder);
  } catch (error) {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    if (error instanceof Error) {
      error.message += `\n\nIn the test's folder: ${names.sort().join(", ") || "nothing"}`;
    }
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
