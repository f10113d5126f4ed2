// Why the directory refused or could not answer. Messages name numbers and settings, never a token or secret.

export type DirectoryErrorCode =
  /** The number, the webhook token or the person is there already. */
  | "taken"
  /** There is no such enterprise or person. */
  | "not-found"
  /** A value breaks the rules of rules.ts, or does not fit the operator's column. */
  | "invalid"
  /** The database does not answer, or cannot be opened. */
  | "unavailable"
  /** The database answers, but not as it should: login, rights, missing tables or columns. An operator must repair that. */
  | "misconfigured";

export class DirectoryError extends Error {
  readonly code: DirectoryErrorCode;

  constructor(code: DirectoryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DirectoryError";
    this.code = code;
  }
}
