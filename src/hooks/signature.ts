// Signatures of Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks): HMAC-SHA256 over
// `id.timestamp.body`, base64, marked `v1`.

import { createHmac, randomBytes } from "node:crypto";
import type { TextRule } from "../lib/text-rule.ts";
import type { Hook } from "./types.ts";

const PREFIX = "whsec_";
/** What the specification allows, and what we make. In bytes. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const OWN_BYTES = 32;

/** After a rotation the secret before still signs for this long. In milliseconds. */
export const FORMER_SECRET_MS = 24 * 3_600_000;

export const newHookSecret = (): string => PREFIX + randomBytes(OWN_BYTES).toString("base64");

const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(PREFIX.length), "base64");

export const hookSecretRule: TextRule = {
  allows: (text) => {
    if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
    const { length } = keyOf(text);
    return length >= MIN_BYTES && length <= MAX_BYTES;
  },
  rule: `whsec_ and ${MIN_BYTES} to ${MAX_BYTES} bytes in base64`,
};

export type SignedHeaders = {
  readonly "webhook-id": string;
  /** Seconds since the epoch, of this attempt. */
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/** The headers of one attempt: signed by the hook's secret, and by the one before as long as that is good. */
export const signedHeaders = (
  { secret, former }: Pick<Hook, "secret" | "former">,
  id: string,
  body: string,
  now: number,
): SignedHeaders => {
  const timestamp = String(Math.floor(now / 1000));
  const secrets = former !== null && now < former.until ? [secret, former.secret] : [secret];
  const signatures = secrets.map(
    (one) =>
      `v1,${createHmac("sha256", keyOf(one)).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
};
