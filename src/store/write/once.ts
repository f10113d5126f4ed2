// Writing a record only once: whoever wants to has looked for its key in all files without a lock; what came in
// between is looked at here, under the lock, so that two processes never both find nothing.

import { wantedBy } from "../read/candidates.ts";
import type { AppendResult } from "../types.ts";
import type { RunningFile } from "./running-file.ts";
import { lineStartBefore } from "./tail.ts";
import { type FileFacts, isSameFile, type TraceFs } from "./trace-fs.ts";

export type OnceClaim = {
  /** A key of `recordKeys` that no record had when the files were searched. */
  readonly key: string;
  /** The running file as far as it was searched; undefined where there was none. */
  readonly running: FileFacts | undefined;
};

/** Where more bytes than this came since the search, they are searched without the lock first. */
const MAX_GAP_BYTES = 256 * 1024;

/** Whether the key has come into the running file since the claim was made. The lock must be held. */
export const onceInGap = (
  fs: TraceFs,
  file: RunningFile,
  claim: OnceClaim,
): "absent" | "recheck" | AppendResult => {
  const { running } = claim;
  // A file that was there then and is another one now was finished in between; a first file must be empty still.
  if (running === undefined) return file.size === 0 ? "absent" : "recheck";
  if (!isSameFile(running, file.facts) || running.size > file.size) return "recheck";
  // The search may have ended in the middle of a line that another process was just writing.
  const from = lineStartBefore(fs, file.fd, running.size);
  const length = file.size - from;
  if (length > MAX_GAP_BYTES) return "recheck";
  const gap = Buffer.alloc(length);
  const read = fs.read(file.fd, gap, from);
  if (read < length) return "recheck";
  const wanted = wantedBy([claim.key]);
  const look = wanted.lookIn("");
  for (const { start, end } of wanted.candidates(gap)) {
    const find = look(gap, start, end, 0);
    if (find?.record !== undefined) return { at: find.record.at, duplicate: true };
  }
  return "absent";
};
