// Who changed what: `<data folder>/.audit.log`, a line of JSON a change. Never a secret, never a code.

import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { giveToOwner } from "../lib/private-file.ts";

const FILE_NAME = ".audit.log";

export type AuditEntry = {
  /** The user of the machine. */
  readonly who: string;
  /** The client's address, or `command line`. */
  readonly from: string;
  /** What was done, such as `rotate-secret`; names of what changed, never values that open anything. */
  readonly what: string;
  /** The enterprise's number; undefined where it is about none. */
  readonly enterprise?: string | undefined;
  /** Such as the chat that was removed. */
  readonly about?: string | undefined;
};

/** Writes one line. */
export type Audit = (entry: AuditEntry) => void;

/**
 * The audit of a data folder: lines of at most a few hundred bytes, which the system appends whole, whoever writes beside.
 *
 * @throws Error, from the writer, where the line cannot be written: what cannot be told is not to be done.
 */
export const openAudit =
  (dataDir: string, clock: Clock): Audit =>
  (entry) => {
    const path = join(dataDir, FILE_NAME);
    const line = `${JSON.stringify({ at: new Date(clock.now()).toISOString(), ...entry })}\n`;
    const isNew = !existsSync(path);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    appendFileSync(path, line, { mode: 0o600 });
    if (isNew) giveToOwner(path, dataDir);
  };
