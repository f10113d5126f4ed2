// Reads message and code of an unknown error.

/** Its message, or the thing itself as text where somebody threw what is no Error. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Its `code` (`ENOENT`, `ECONNREFUSED`, `23505`); "" where it has none. */
export const errorCode = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code ?? "") : "";
