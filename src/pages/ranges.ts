// What of a file is sent for a request: all of it, a part, nothing because the reader has it, or nothing because there is
// no such part. Pure; RFC 9110, sections 13 and 14. Of several ranges in one request none is taken: that is allowed, and
// players ask for one.

/** A file as a reader may have a copy of it. */
export type Validators = {
  readonly bytes: number;
  /** Strong, in its quotes. */
  readonly etag: string;
  /** Last change, in milliseconds since the epoch. */
  readonly modifiedAt: number;
};

/** `to` is the last byte that is sent. */
export type Sent =
  | { readonly status: 200 }
  | { readonly status: 206; readonly from: number; readonly to: number }
  | { readonly status: 304 | 412 | 416 };

const tagsOf = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"|\*/g) ?? [];

/** Dates of HTTP have whole seconds. */
const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

const preconditions = (
  headers: Headers,
  { etag, modifiedAt }: Validators,
): 304 | 412 | undefined => {
  const changed = wholeSecond(modifiedAt);
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null) {
    if (!tagsOf(ifMatch).some((tag) => tag === "*" || tag === etag)) return 412;
  } else {
    const unmodifiedSince = Date.parse(headers.get("if-unmodified-since") ?? "");
    if (changed > unmodifiedSince) return 412;
  }
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) {
    const isKnown = tagsOf(ifNoneMatch).some(
      (tag) => tag === "*" || tag.replace("W/", "") === etag,
    );
    return isKnown ? 304 : undefined;
  }
  const modifiedSince = Date.parse(headers.get("if-modified-since") ?? "");
  return changed <= modifiedSince ? 304 : undefined;
};

/** Whether the copy that the reader has a part of is this file; a weak tag or another date never is. */
const isSameCopy = (ifRange: string | null, { etag, modifiedAt }: Validators): boolean =>
  ifRange === null || ifRange === etag || Date.parse(ifRange) === wholeSecond(modifiedAt);

const partOf = (range: string, bytes: number): Sent => {
  const [, first = "", last = ""] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(range) ?? [];
  if (first === "" && last === "") return { status: 200 };
  if (first === "") {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? { status: 416 } : { status: 206, from: bytes - length, to: bytes - 1 };
  }
  const from = Number(first);
  const to = last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== "" && Number(last) < from) return { status: 200 };
  return from >= bytes ? { status: 416 } : { status: 206, from, to };
};

/** Decides what a GET or HEAD of the file is answered; ranges are for GET alone (RFC 9110, section 14.2). */
export const sentOf = (method: string, headers: Headers, file: Validators): Sent => {
  const failed = preconditions(headers, file);
  if (failed !== undefined) return { status: failed };
  const range = headers.get("range");
  if (method !== "GET" || range === null || !isSameCopy(headers.get("if-range"), file)) {
    return { status: 200 };
  }
  return partOf(range, file.bytes);
};
