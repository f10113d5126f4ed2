// One request to the metadata service, limited in time and size. Always resolves.

import { readText } from "../lib/read-text.ts";
import { within } from "../lib/within.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export type Asked = {
  /** The answer's status code; 0 where none came in time. */
  readonly status: number;
  /** The body; the beginning of one that is too long; "" where none came. */
  readonly text: string;
  /** Whether `text` is the whole body. */
  readonly isWhole: boolean;
};

/** A name is a few dozen bytes; an answer longer than this is not one. */
const MAX_ANSWER_BYTES = 64 * 1024;
const NO_ANSWER: Asked = { status: 0, text: "", isWhole: false };

/** Asks and reads the answer, both within `timeoutMs`. Never rejects. */
export const ask = async (fetch: Fetch, url: string, timeoutMs: number): Promise<Asked> => {
  const controller = new AbortController();
  const answered = fetch(url, {
    headers: { accept: "application/json" },
    redirect: "manual",
    signal: controller.signal,
  }).then(async (response) => ({
    status: response.status,
    ...(await readText(response, MAX_ANSWER_BYTES)),
  }));
  try {
    return await within(answered, timeoutMs, () => {
      controller.abort();
      return NO_ANSWER;
    });
  } catch {
    return NO_ANSWER;
  }
};
