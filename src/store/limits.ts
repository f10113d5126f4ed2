// Every limit of the log engine, with its unit and its reason. Nothing here is a preference of an operator:
// what may be set is an option of openTraceStore.

/** Code points of a Telegram text that are kept (the document's table; its quoted code still cuts at 200). */
export const MAX_TEXT_CODE_POINTS = 1000;

/** Code points of an HTTP response that are kept, counted before anything is escaped. */
export const MAX_RESPONSE_CODE_POINTS = 500;

/** Bytes of one line without its break: a 256 KiB body in which every byte had to be escaped still fits. */
export const MAX_LINE_BYTES = 2 * 1024 * 1024;

/** UTC days that stay beside the running one, unless the operator says otherwise. */
export const DEFAULT_RETENTION_DAYS = 14;

/** Bytes a scan reads at once: large enough for the disk, small enough not to hold the event loop. */
export const SCAN_CHUNK_BYTES = 512 * 1024;

/** Descriptors the writer keeps open: below the usual soft limit of 1024, however many enterprises there are. */
export const MAX_OPEN_FILES = 128;

/** How long an append waits for another process to release a file before it fails, in milliseconds. */
export const LOCK_TIMEOUT_MS = 5000;

/** Bytes at the end of a file among which its last stamp is looked for. */
export const TAIL_SEARCH_BYTES = 2 * MAX_LINE_BYTES;

/** A file smaller than this is scanned: one read finds a call in it as fast as an index would. */
export const MIN_INDEXED_BYTES = 256 * 1024;

/** Memory for the indexes of running days, all enterprises together; the least recently used go first. */
export const MAX_RUNNING_INDEX_BYTES = 48 * 1024 * 1024;

/** Memory for what is remembered of indexes on the disk: bucket tables and filters, about 0.6 MB per 100 MB of data. */
export const MAX_REMEMBERED_INDEX_BYTES = 16 * 1024 * 1024;
