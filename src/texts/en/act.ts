// The act of an erasure in English.

import type { ActTexts } from "../types/act.ts";

export const en: ActTexts = {
  title: "Record of erasure of personal data",
  enterprise: "Enterprise",
  subscriber: "Subscriber",
  mark: "Mark in place of the data",
  at: "Date and time (UTC)",
  by: "Done by",
  reason: "Reason",
  found: (calls, lines, all) => `Calls found: ${calls}; records: ${lines} of ${all}.`,
  changed: (lines, days, archived) =>
    `Records changed: ${lines}; day files: ${days}, of them in the archive: ${archived}.`,
  cards: (deleted, edited, failed) =>
    `Telegram messages: ${deleted} deleted, ${edited} replaced, ${failed} failed.`,
  versions: (removed) => `Older versions of archived objects removed: ${removed}.`,
  left: "What is left for the operator to do",
  nothingLeft: "Nothing is left.",
  signature: "Signature",
  card: "The data was erased on request",
  leftCards: (count) => `Telegram messages that could not be deleted or replaced: ${count}.`,
  leftDays: (names) =>
    `Day files that could not be rewritten: ${names}. Repeat the erasure with the same number.`,
  leftVersions: (archive, names, finish) =>
    `Older versions of these days could not be removed from ${archive}: ${names}. To finish, run: ${finish}`,
  leftCopies: "Backup copies of the files, and earlier exports (CSV).",
  leftRecordings: "Recordings on the PBX: calllog does not keep them.",
};
