// The directory of enterprises and people: does its database answer, and does it hold what is needed.

import { errorText } from "../lib/errors.ts";
import { DirectoryError } from "../people/index.ts";
import { type Check, type Finding, note, ok, wrong } from "./finding.ts";

/** Whether the database answers, and what works less than it could. */
export const directoryAnswers: Check = async ({ directory, directoryFault }) => {
  const what = "directory of enterprises and people";
  const todo = "see that its database is there and may be read by this user";
  if (directory === undefined && directoryFault === undefined) {
    return [note(what, "not there yet", "calllog enterprise add NUMBER --name NAME")];
  }
  if (directory === undefined) return [wrong(what, directoryFault ?? "cannot be opened", todo)];
  try {
    await directory.check();
    const remarks = await directory.remarks();
    return [
      ok(what, "answers"),
      ...remarks.map((remark): Finding => ({ level: "note", what, finding: remark })),
    ];
  } catch (error) {
    // What PostgreSQL says comes with what to do.
    return [
      error instanceof DirectoryError
        ? { level: "wrong", what, finding: error.message }
        : wrong(what, errorText(error), todo),
    ];
  }
};
