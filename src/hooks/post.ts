// One attempt: a POST to the address that the target's name has now, within fifteen seconds, following no redirect. Always
// resolves.

import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP } from "node:net";
import type { Network } from "../lib/addresses.ts";
import { errorCode, errorText } from "../lib/errors.ts";
import { within } from "../lib/within.ts";
import { addressOf, type Resolve, systemResolve } from "./target.ts";
import type { HookAnswer } from "./types.ts";

/** For the name, the connection and the answer together, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 15_000;
/** A target that asks to be left alone longer is asked again all the same. In milliseconds. */
const MAX_RETRY_AFTER_MS = 24 * 3_600_000;
/** How long the text behind a status is waited for, in milliseconds. */
const TEXT_TIMEOUT_MS = 1000;
/** Of an answer that says why, this much is kept. */
const MAX_ANSWER_BYTES = 4096;

export type PostOptions = {
  /** Networks beside the public one that may be posted to. */
  readonly allowed: readonly Network[];
  readonly now: () => number;
  readonly resolve?: Resolve;
  /** Default `ATTEMPT_TIMEOUT_MS`. */
  readonly timeoutMs?: number;
  /** Certificate authorities in PEM beside the system's. */
  readonly authority?: string | undefined;
};

export type Post = (
  url: string,
  body: string,
  headers: { readonly [name: string]: string },
) => Promise<HookAnswer>;

const noAnswer = (text: string): HookAnswer => ({
  status: 0,
  text: JSON.stringify({ error: text }),
});

const retryAfterOf = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS) : undefined;
};

/** The beginning of the answer; the rest is not waited for. */
const beginningOf = async (answer: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer) {
    parts.push(Buffer.from(part as Uint8Array));
    bytes += parts.at(-1)?.length ?? 0;
    if (bytes >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, MAX_ANSWER_BYTES).toString("utf8").toWellFormed();
};

type Attempt = {
  readonly url: URL;
  readonly address: string;
  readonly body: string;
  readonly headers: { readonly [name: string]: string };
  readonly signal: AbortSignal;
};

const request = (
  { url, address, body, headers, signal }: Attempt,
  { now, authority }: PostOptions,
): Promise<HookAnswer> => {
  const { promise, resolve, reject } = Promise.withResolvers<HookAnswer>();
  const options = {
    method: "POST",
    agent: false,
    signal,
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
    // The address that was looked at is the one that is connected to.
    lookup: ((_host, _options, done) =>
      done(null, [{ address, family: isIP(address) }])) as http.RequestOptions["lookup"],
    ...(authority === undefined ? {} : { ca: authority }),
  };
  const sent = url.protocol === "https:" ? https.request(url, options) : http.request(url, options);
  sent.on("error", reject);
  sent.on("response", (answer) => {
    const { statusCode: status = 0, headers: told } = answer;
    const retryAfterMs = retryAfterOf(told["retry-after"], now());
    // The status is the answer, whatever becomes of the text behind it.
    void within(beginningOf(answer), TEXT_TIMEOUT_MS, () => "")
      .catch(() => "")
      .then((text) => {
        sent.destroy();
        resolve({ status, text, retryAfterMs });
      });
  });
  sent.end(body);
  return promise;
};

/** How webhooks are posted; nothing of it needs closing. */
export const createPost = (options: PostOptions): Post => {
  const { allowed, resolve = systemResolve, timeoutMs = ATTEMPT_TIMEOUT_MS } = options;
  const late = `no answer within ${timeoutMs / 1000} s`;
  return async (target, body, headers) => {
    const url = new URL(target);
    const signal = AbortSignal.timeout(timeoutMs);
    const gaveUp = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new Error(late)), { once: true });
    });
    const attempt = async (): Promise<HookAnswer> => {
      const found = await addressOf(target, allowed, resolve);
      if (!found.ok) return noAnswer(found.error);
      return request({ url, address: found.value, body, headers, signal }, options);
    };
    try {
      return await Promise.race([attempt(), gaveUp]);
    } catch (error) {
      if (signal.aborted) return noAnswer(late);
      const code = errorCode(error);
      return noAnswer(code === "" ? errorText(error) : `${errorText(error)} (${code})`);
    }
  };
};
