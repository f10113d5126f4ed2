// The face of the import: files of a PBX's own history in, past days out. A kind of file is a line in readers.ts.

export {
  type ImportReport,
  type ImportRequest,
  importHistory,
  type SkipReason,
  type Unreadable,
} from "./import.ts";
export { READERS } from "./readers.ts";
