// The hash of a recording's content, as vCons have it: read in pieces, so that an hour takes no more memory than a minute.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** Read at a time: a millisecond's work, so that others have their turn in between. */
const PIECE_BYTES = 256 * 1024;

/**
 * `sha512-` and the SHA-512 of the file (FIPS 180-4) in base64url without padding: `content_hash` of
 * draft-ietf-vcon-vcon-core-04.
 *
 * @param bytes how long the file is; one that has become shorter or longer has no hash
 */
export const contentHashOf = async (
  handle: FileHandle,
  bytes: number,
): Promise<string | undefined> => {
  const hash = createHash("sha512");
  const piece = Buffer.alloc(Math.max(1, Math.min(PIECE_BYTES, bytes)));
  let done = 0;
  for (;;) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, done);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    done += bytesRead;
  }
  return done === bytes ? `sha512-${hash.digest("base64url")}` : undefined;
};
