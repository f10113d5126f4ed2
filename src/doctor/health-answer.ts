// Who answers at an address: calllog, and how it is, another program, or nobody.

import { errorCode } from "../lib/errors.ts";
import { readText } from "../lib/read-text.ts";
import { ANSWER_TIMEOUT_MS } from "./finding.ts";

/** What calllog says of itself. */
export type HealthReport = {
  readonly status: "ok" | "degraded" | "failing";
  readonly reasons: readonly string[];
  readonly version: string;
  readonly uptimeSeconds: number;
};

export type WhoAnswers =
  | { readonly who: "calllog"; readonly health: HealthReport }
  | { readonly who: "other"; readonly status: number }
  /** It took the connection and gave no usable answer in time. */
  | { readonly who: "silent" }
  /** `code` as the system or the TLS library names it. */
  | { readonly who: "nobody"; readonly code: string };

/** Another program may answer anything, of any length. */
const MAX_ANSWER_BYTES = 64 * 1024;

const readHealth = (text: string): HealthReport | undefined => {
  try {
    const read = JSON.parse(text) as Partial<HealthReport> | null;
    const isOurs =
      (read?.status === "ok" || read?.status === "degraded" || read?.status === "failing") &&
      typeof read.version === "string" &&
      typeof read.uptimeSeconds === "number" &&
      Array.isArray(read.reasons);
    return isOurs ? (read as HealthReport) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Asks `GET /health` of whoever is at `url`. Never rejects.
 *
 * @param isCheckedByOther the certificate is judged elsewhere: it does not matter here
 */
export const askHealth = async (
  url: string,
  timeoutMs = ANSWER_TIMEOUT_MS,
  isCheckedByOther = false,
): Promise<WhoAnswers> => {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url}/health`, {
      redirect: "manual",
      signal,
      ...(isCheckedByOther ? { tls: { rejectUnauthorized: false } } : {}),
    });
    const health = readHealth((await readText(response, MAX_ANSWER_BYTES)).text);
    return health === undefined
      ? { who: "other", status: response.status }
      : { who: "calllog", health };
  } catch (error) {
    if (signal.aborted) return { who: "silent" };
    const code = errorCode(error);
    return { who: "nobody", code };
  }
};
