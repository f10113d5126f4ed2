// The head of a file: by it a kind of history is recognised, and the order of files is known.

import { open } from "node:fs/promises";

const HEAD_BYTES = 64 * 1024;

/** The first 64 KiB of a file, or all of a shorter one. @throws the system's error where it cannot be read */
export const headOf = async (path: string): Promise<Buffer> => {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    return head.subarray(0, (await file.read(head, 0, HEAD_BYTES, 0)).bytesRead);
  } finally {
    await file.close();
  }
};
