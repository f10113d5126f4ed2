// Which lines a call went through. On an outgoing call the sender dials again with another line where the first one
// fails: the same unique id, another `Trunk`.

import { bodyText } from "./event.ts";
import type { TraceRecord } from "./record.ts";

/** Line ids in the order they were tried, each change once; [] where no event names one (internal calls). */
export const linesTried = (records: readonly TraceRecord[]): string[] => {
  const placing = records.filter(
    (record) => record.kind === "AST" && (record.event === "start" || record.event === "dial"),
  );
  const tried: string[] = [];
  for (const record of placing) {
    // Dials of other ids are those of transferred and forwarded legs.
    if (record.kind !== "AST" || record.uniqueId !== placing[0]?.uniqueId) continue;
    const line = bodyText(record.body, "Trunk");
    if (line !== "" && line !== tried.at(-1)) tried.push(line);
  }
  return tried;
};
