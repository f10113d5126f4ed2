// Recordings of calls: which files belong to a call, what they hold, and how they are opened safely.

export { PEAK_COUNT, type Peaks } from "./peaks.ts";
export {
  type ListedCall,
  openRecordings,
  type Recordings,
  type RecordingsOptions,
} from "./recordings.ts";
export type { SafeFile } from "./safe-open.ts";
export type { Recording } from "./types.ts";
