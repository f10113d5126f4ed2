// Posts one event as a PBX does: one attempt, three seconds. The status is the answer, whatever becomes of the text behind
// it; what it means is the caller's to say.

import { readText } from "../../lib/read-text.ts";

/** Senders do not wait longer for a webhook's answer, and neither do we. In milliseconds. */
const ANSWER_TIMEOUT_MS = 3000;

/** An error that says why is a few hundred bytes. */
const MAX_ANSWER_BYTES = 16 * 1024;

export type PostAnswer = {
  readonly status: number;
  /** What came with a refusal as its reason, as whoever answers there wrote it: not yet fit to be printed. "" otherwise. */
  readonly reason: string;
};

/** No answer came. The message says why; what to do about it is left to the caller. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
  readonly code: "nobody" | "late" | "other";

  constructor(code: NoAnswerError["code"], message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const noAnswer = (cause: unknown): NoAnswerError => {
  const { code = "", name = "", message = "" } = cause as { [key: string]: string | undefined };
  if (code === "ConnectionRefused" || code === "ECONNREFUSED") {
    return new NoAnswerError("nobody", "nothing listens there", cause);
  }
  if (name === "TimeoutError") {
    return new NoAnswerError("late", `no answer within ${ANSWER_TIMEOUT_MS / 1000} s`, cause);
  }
  return new NoAnswerError("other", message || String(cause), cause);
};

const reasonIn = async (response: Response): Promise<string> => {
  try {
    const { text } = await readText(response, MAX_ANSWER_BYTES);
    const { error } = JSON.parse(text) as { error?: { message?: unknown } };
    return typeof error?.message === "string" ? error.message : "";
  } catch {
    return "";
  }
};

/** @throws NoAnswerError */
export const postJson = async (
  url: string,
  body: unknown,
  headers: { readonly [name: string]: string } = {},
): Promise<PostAnswer> => {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const reason = response.ok ? "" : await reasonIn(response);
    await response.body?.cancel().catch(() => undefined);
    return { status: response.status, reason };
  } catch (cause) {
    throw noAnswer(cause);
  }
};
