// Which process of a data folder brings the cards: the one that holds this lock.

import { join } from "node:path";
import { isLockHeld } from "../lib/file-lock.ts";

export const notifierLockPath = (dataDir: string): string => join(dataDir, ".notifier.lock");

/** Whether a process brings the cards of a data folder now. Changes nothing in it. */
export const hasNotifier = (dataDir: string): boolean => isLockHeld(notifierLockPath(dataDir));
