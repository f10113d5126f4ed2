// Signed links to the page of one call: they expire and are not stored. The key is derived from the secret of the
// enterprise, so that rotating the secret ends every link made before. Each link has exactly one spelling.

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

export type CallLinkScope = {
  readonly enterprise: string;
  /** The unique id in the link's path, to the letter; other ids of the same call are other pages. */
  readonly uniqueId: string;
};

/** Expiry in seconds since the epoch (40 bits), then a MAC cut to 128 bits (RFC 2104, section 5, allows half). */
const EXPIRY_BYTES = 5;
const MAC_BYTES = 16;
/** 21 bytes are 28 characters without a spare bit, so that base64url itself has no second spelling of them. */
const TOKEN = /^[A-Za-z0-9_-]{28}$/;
const KEY_LABEL = "calllog call link, version 1";
const MAX_EXPIRY_SECONDS = 2 ** (8 * EXPIRY_BYTES) - 1;

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** RFC 5869 with no salt; the label keeps this key apart from any other use of the secret. */
const keyOf = async (secret: string): Promise<CryptoKey> =>
  crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8(KEY_LABEL) },
    await crypto.subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveKey"]),
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );

const macOf = async (
  secret: string,
  { enterprise, uniqueId }: CallLinkScope,
  expirySeconds: number,
): Promise<Uint8Array> => {
  // Neither a number nor a unique id has a line break, so that no two scopes give one text.
  const signed = utf8(`${enterprise}\n${uniqueId}\n${expirySeconds}`);
  const mac = await crypto.subtle.sign("HMAC", await keyOf(secret), signed);
  return new Uint8Array(mac, 0, MAC_BYTES);
};

/**
 * Makes the token of a link, 28 characters of `A-Z a-z 0-9 - _`.
 *
 * @param secret the enterprise's
 * @param expiresAt milliseconds since the epoch; cut to whole seconds
 */
export const callToken = async (
  secret: string,
  scope: CallLinkScope,
  expiresAt: number,
): Promise<string> => {
  const seconds = Math.min(Math.max(0, Math.floor(expiresAt / 1000)), MAX_EXPIRY_SECONDS);
  const expiry = Buffer.alloc(EXPIRY_BYTES);
  expiry.writeUIntBE(seconds, 0, EXPIRY_BYTES);
  return Buffer.concat([expiry, await macOf(secret, scope, seconds)]).toString("base64url");
};

/** Whether `token` opens that call's page at `now` (milliseconds since the epoch). Its time tells nothing of the MAC. */
export const isCallToken = async (
  token: string,
  secret: string,
  scope: CallLinkScope,
  now: number,
): Promise<boolean> => {
  if (!TOKEN.test(token)) return false;
  const bytes = Buffer.from(token, "base64url");
  const expirySeconds = bytes.readUIntBE(0, EXPIRY_BYTES);
  const mac = await macOf(secret, scope, expirySeconds);
  const isSigned = timingSafeEqual(bytes.subarray(EXPIRY_BYTES), mac);
  return isSigned && now < expirySeconds * 1000;
};

/** Path and query of a call's page, to be put behind the address at which people reach the pages. */
export const callPath = ({ enterprise, uniqueId }: CallLinkScope, token: string): string =>
  `/call/${encodeURIComponent(enterprise)}/${encodeURIComponent(uniqueId)}?token=${token}`;
