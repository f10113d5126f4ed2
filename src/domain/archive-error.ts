// What is thrown where the archive of finished days cannot give, or take, what it should. Pages show it as such, whatever
// they run under.

/** Why the archive did not do what it was asked for. */
export type ArchiveErrorCode =
  /** It does not answer, answers too late or with a failure of its own: try again later. */
  | "away"
  /** It does not let us in. */
  | "denied"
  /** It has no such thing, and never will: a store that keeps no versions. */
  | "unsupported"
  /** An object that must be there is not. */
  | "missing"
  /** An object is not what was put there. */
  | "damaged";

/** One line for an operator; names objects, never keys of access. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
  readonly code: ArchiveErrorCode;

  constructor(code: ArchiveErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}
