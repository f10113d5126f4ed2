// What the engine throws where a disk or another process is to blame. A bad record is a RecordError (codec.ts);
// a bad line is a fault beside the good records, never an exception.

/** The system's code of an error (`ENOSPC`), or undefined. */
export const systemCode = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined;

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full, make room",
  EDQUOT: "the disk quota is used up, make room",
  EROFS: "the file system is read-only, mount it for writing",
  EACCES: "give the service the right to write there",
  EPERM: "give the service the right to write there",
  EMFILE: "too many open files, raise the service's limit (LimitNOFILE)",
  ENFILE: "too many open files on this machine, raise fs.file-max",
  EIO: "the disk reports an error, look at the system's log",
  EBUSY: "another process holds the file, see which one has it open",
};

/** A line could not be written whole. Nothing of it is left in the file, and the next append starts afresh. */
export class TraceWriteError extends Error {
  override readonly name = "TraceWriteError";
  /** The system's code, such as `ENOSPC`; `EBUSY` where another process held the file, `ECLOSED` after close. */
  readonly code: string;
  /** Such as `0367`; "" where the whole data folder is meant. */
  readonly enterprise: string;
  readonly path: string;

  constructor(enterprise: string, path: string, cause: unknown, code?: string) {
    const known = code ?? systemCode(cause) ?? "EUNKNOWN";
    const why = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    const hint = HINTS[known] === undefined ? "" : ` (${HINTS[known]})`;
    super(`cannot write ${path}: ${why}${hint}`, { cause });
    this.code = known;
    this.enterprise = enterprise;
    this.path = path;
  }
}
