// What Linux says of another process, by its id.

import { readFileSync } from "node:fs";

/** Processor time of all its threads since it began, in seconds; known to a hundredth. */
export const processorSeconds = (pid: number): number => {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.replace(/^.*\) /s, "").split(" ");
  // In clock ticks, of which Linux counts 100 a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** Memory in MiB: now (`VmRSS`), or at most since it began (`VmHWM`). */
export const memoryMib = (pid: number, field: "VmRSS" | "VmHWM" = "VmRSS"): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
};
