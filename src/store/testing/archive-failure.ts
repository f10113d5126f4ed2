// How a test takes hold of what an archive refuses.

import { ArchiveError } from "../archive/object-store.ts";

/** The failure of some work. @throws Error where it succeeds, or fails in another way */
export const failureOf = async (work: Promise<unknown>): Promise<ArchiveError> => {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ArchiveError)) throw new Error(`expected a failure, got ${error}`);
  return error;
};
