// Every limit of the log engine, with its unit and its reason. Nothing here is a preference of an operator:
// what may be set is an option of openTraceStore.

/** Code points of a Telegram text that are kept (the document's table; its quoted code still cuts at 200). */
export const maxTextCodePoints = 1000;

/** Code points of an HTTP response that are kept, counted before anything is escaped. */
export const maxResponseCodePoints = 500;

/** Bytes of one line without its break: a 256 KiB body in which every byte had to be escaped still fits. */
export const maxLineBytes = 2 * 1024 * 1024;

/** UTC days that stay beside the running one, unless the operator says otherwise. */
export const defaultRetentionDays = 14;

/** Bytes a scan reads at once: large enough for the disk, small enough not to hold the event loop. */
export const scanChunkBytes = 512 * 1024;

/** Descriptors the writer keeps open: below the usual soft limit of 1024, however many enterprises there are. */
export const maxOpenFiles = 128;

/** How long an append waits for another process to let a file go before it fails, in milliseconds. */
export const lockTimeoutMs = 5000;

/** Bytes at the end of a file among which its last stamp is looked for. */
export const tailSearchBytes = 2 * maxLineBytes;

/** A file smaller than this is scanned: one read finds a call in it as fast as an index would. */
export const minIndexedBytes = 256 * 1024;

/** Memory for the indexes of running days, all enterprises together; the longest unused go first. */
export const maxRunningIndexBytes = 48 * 1024 * 1024;

/** Memory for what is remembered of indexes on the disk: bucket tables and filters, about 0.6 MB per 100 MB of data. */
export const maxRememberedIndexBytes = 16 * 1024 * 1024;
