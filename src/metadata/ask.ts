// One question to the metadata service: bounded in time and size, answered by a value whatever happens. Knows nothing
// of what the answer means.

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

const readBody = async (response: Response): Promise<Asked> => {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  let bytes = 0;
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    bytes += part.value.byteLength;
    text += decoder.decode(part.value.subarray(0, MAX_ANSWER_BYTES), { stream: true });
    if (bytes <= MAX_ANSWER_BYTES) continue;
    reader?.cancel().catch(() => undefined);
    return { status: response.status, text, isWhole: false };
  }
  return { status: response.status, text: text + decoder.decode(), isWhole: true };
};

/** Asks and reads the answer, both within `timeoutMs`. Never rejects. */
export const ask = async (fetch: Fetch, url: string, timeoutMs: number): Promise<Asked> => {
  const controller = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<Asked>();
  const timer = setTimeout(() => {
    resolve(NO_ANSWER);
    controller.abort();
  }, timeoutMs);
  try {
    const answered = fetch(url, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: controller.signal,
    }).then(readBody);
    return await Promise.race([answered, late]);
  } catch {
    return NO_ANSWER;
  } finally {
    clearTimeout(timer);
  }
};
