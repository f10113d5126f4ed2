// Signed links to the page of one call, to its recordings, and to the list of an enterprise: they expire and are not stored. The key is derived from the secret of the
// enterprise, so that rotating the secret ends every link made before. Each link has exactly one spelling.

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

export type CallLinkScope = {
  readonly enterprise: string;
  /** The unique id in the link's path, to the letter; other ids of the same call are other pages. */
  readonly uniqueId: string;
};

export type ListLinkScope = {
  readonly enterprise: string;
  /** The one day that it shows, `2026-11-22`; undefined: every day. */
  readonly day: string | undefined;
};

/** Expiry in seconds since the epoch (40 bits), then a MAC cut to 128 bits (RFC 2104, section 5, allows half). */
const EXPIRY_BYTES = 5;
const MAC_BYTES = 16;
/** 21 bytes are 28 characters without a spare bit, so that base64url itself has no second spelling of them. */
const TOKEN = /^[A-Za-z0-9_-]{28}$/;
/** A key for each kind of link, so that one kind never passes for the other. */
const KEY_LABELS = {
  call: "calllog call link, version 1",
  list: "calllog list link, version 1",
  recording: "calllog recording link, version 1",
} as const;
const MAX_EXPIRY_SECONDS = 2 ** (8 * EXPIRY_BYTES) - 1;

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** RFC 5869 with no salt; the label keeps this key apart from any other use of the secret. */
const keyOf = async (secret: string, kind: keyof typeof KEY_LABELS): Promise<CryptoKey> =>
  crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8(KEY_LABELS[kind]) },
    await crypto.subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveKey"]),
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );

/** What is signed: of which kind, and of what. */
type Signed = { readonly kind: keyof typeof KEY_LABELS; readonly scope: readonly string[] };

// None of a number, a unique id and a day has a line break, so that no two scopes give one text.
const ofCall = ({ enterprise, uniqueId }: CallLinkScope): Signed => ({
  kind: "call",
  scope: [enterprise, uniqueId],
});
const ofRecordings = ({ enterprise, uniqueId }: CallLinkScope): Signed => ({
  kind: "recording",
  scope: [enterprise, uniqueId],
});
const ofList = ({ enterprise, day = "" }: ListLinkScope): Signed => ({
  kind: "list",
  scope: [enterprise, day],
});

const macOf = async (
  secret: string,
  { kind, scope }: Signed,
  expirySeconds: number,
): Promise<Uint8Array> => {
  const signed = utf8([...scope, expirySeconds].join("\n"));
  const mac = await crypto.subtle.sign("HMAC", await keyOf(secret, kind), signed);
  return new Uint8Array(mac, 0, MAC_BYTES);
};

const tokenOf = async (secret: string, signed: Signed, expiresAt: number): Promise<string> => {
  const seconds = Math.min(Math.max(0, Math.floor(expiresAt / 1000)), MAX_EXPIRY_SECONDS);
  const expiry = Buffer.alloc(EXPIRY_BYTES);
  expiry.writeUIntBE(seconds, 0, EXPIRY_BYTES);
  return Buffer.concat([expiry, await macOf(secret, signed, seconds)]).toString("base64url");
};

/** When a token that is right expires, in milliseconds since the epoch; undefined for any other. */
const expiryOf = async (
  token: string,
  secret: string,
  signed: Signed,
): Promise<number | undefined> => {
  if (!TOKEN.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const expirySeconds = bytes.readUIntBE(0, EXPIRY_BYTES);
  const mac = await macOf(secret, signed, expirySeconds);
  return timingSafeEqual(bytes.subarray(EXPIRY_BYTES), mac) ? expirySeconds * 1000 : undefined;
};

/**
 * Makes the token of a link to a call, 28 characters of `A-Z a-z 0-9 - _`.
 *
 * @param secret the enterprise's
 * @param expiresAt milliseconds since the epoch; cut to whole seconds
 */
export const callToken = (
  secret: string,
  scope: CallLinkScope,
  expiresAt: number,
): Promise<string> => tokenOf(secret, ofCall(scope), expiresAt);

/** The same of what opens a call's recordings and nothing else: a page carries it in place of the token that opened it. */
export const recordingToken = (
  secret: string,
  scope: CallLinkScope,
  expiresAt: number,
): Promise<string> => tokenOf(secret, ofRecordings(scope), expiresAt);

/** The same of a link to a list. */
export const listToken = (
  secret: string,
  scope: ListLinkScope,
  expiresAt: number,
): Promise<string> => tokenOf(secret, ofList(scope), expiresAt);

/** Whether `token` opens that call's page at `now` (milliseconds since the epoch). Its time tells nothing of the MAC. */
export const isCallToken = async (
  token: string,
  secret: string,
  scope: CallLinkScope,
  now: number,
): Promise<boolean> => {
  const expiresAt = await expiryOf(token, secret, ofCall(scope));
  return expiresAt !== undefined && now < expiresAt;
};

/** Whether `token` opens that call's recordings at `now`, as `recordingToken` made it. */
export const isRecordingToken = async (
  token: string,
  secret: string,
  scope: CallLinkScope,
  now: number,
): Promise<boolean> => {
  const expiresAt = await expiryOf(token, secret, ofRecordings(scope));
  return expiresAt !== undefined && now < expiresAt;
};

/** When a link to that list expires, in milliseconds since the epoch; undefined where `token` does not open it at `now`. */
export const listTokenExpiry = async (
  token: string,
  secret: string,
  scope: ListLinkScope,
  now: number,
): Promise<number | undefined> => {
  const expiresAt = await expiryOf(token, secret, ofList(scope));
  return expiresAt !== undefined && now < expiresAt ? expiresAt : undefined;
};

/** Path and query of a call's page, to be put behind the address at which people reach the pages. */
export const callPath = ({ enterprise, uniqueId }: CallLinkScope, token: string): string =>
  `/call/${encodeURIComponent(enterprise)}/${encodeURIComponent(uniqueId)}?token=${token}`;

/**
 * Path and query of a recording, relative to the page of its call.
 *
 * @param n its number among those of the call, from 1
 */
export const recordingHref = (
  { enterprise, uniqueId }: CallLinkScope,
  n: number,
  token: string,
): string =>
  `../${encodeURIComponent(enterprise)}/${encodeURIComponent(uniqueId)}/recording/${n}?token=${token}`;

/** The same to be put behind the address at which people reach the pages. */
export const recordingPath = (
  { enterprise, uniqueId }: CallLinkScope,
  n: number,
  token: string,
): string =>
  `/call/${encodeURIComponent(enterprise)}/${encodeURIComponent(uniqueId)}/recording/${n}?token=${token}`;

/** Path and query of a list, to be put behind the address at which people reach the pages. */
export const listPath = ({ enterprise, day }: ListLinkScope, token: string): string =>
  `/calls/${encodeURIComponent(enterprise)}?token=${token}${day === undefined ? "" : `&day=${day}`}`;
