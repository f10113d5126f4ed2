// The address of the archive of finished days: a bucket of an S3 store, or a folder. Its keys are no part of it.

import { resolve } from "node:path";
import { err, ok } from "../lib/result.ts";
import type { ValueKind } from "./values.ts";

export type ArchiveAddress =
  | { readonly kind: "s3"; readonly bucket: string; readonly prefix: string }
  | { readonly kind: "folder"; readonly path: string };

const RULE =
  "s3://BUCKET or s3://BUCKET/PREFIX (keys come from the environment), file:///FOLDER with an absolute path, or none";

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*$/;

const readFolder = (text: string): string | undefined => {
  const folder = /^file:\/\/(\/[^\0]+)$/.exec(text)?.[1];
  if (folder === undefined) return undefined;
  try {
    return resolve(decodeURI(folder));
  } catch {
    return undefined;
  }
};

const readAddress = (text: string): ArchiveAddress | undefined => {
  const s3 = /^s3:\/\/([^/]+)(?:\/(.*?))?\/*$/.exec(text);
  if (s3 !== null) {
    const [, bucket = "", prefix = ""] = s3;
    const isRight = BUCKET.test(bucket) && (prefix === "" || PREFIX.test(prefix));
    return isRight && !prefix.split("/").includes("..")
      ? { kind: "s3", bucket, prefix }
      : undefined;
  }
  const path = readFolder(text);
  return path === undefined ? undefined : { kind: "folder", path };
};

/** An archive; null for `none`. */
export const archiveOrNone: ValueKind<ArchiveAddress | null> = {
  placeholder: "URL",
  rule: RULE,
  parse: (text) => {
    if (text === "none") return ok(null);
    const address = readAddress(text);
    return address === undefined ? err(RULE) : ok(address);
  },
};
