// Records as they may be shown: whoever opens the page of a call must not learn the token that lets one post events.

import { maskSecrets } from "../lib/mask.ts";
import type { Enterprise } from "./enterprise.ts";
import { bodyText } from "./event.ts";
import type { StoredRecord } from "./record.ts";

/** Shorter ones would blacken half of a line, and are no secrets. */
const MIN_SECRET_LENGTH = 4;

/**
 * The line of a record with its secrets replaced by `***`. The enterprise's own token is replaced wherever it stands,
 * also in the remains of a broken body; other secrets where their surroundings tell them.
 */
export const maskedRaw = (record: StoredRecord): string => {
  const token = record.kind === "AST" ? bodyText(record.body, "Token") : "";
  return maskSecrets(
    token.length < MIN_SECRET_LENGTH ? record.raw : record.raw.replaceAll(token, "***"),
  );
};

/**
 * A record whose line holds none of the enterprise's credentials, whatever stands around them: of a broken body the token
 * may be left without its name. Fields of the body stay as they are, since a webhook token may be the company's number.
 */
export const withoutCredentials = (
  record: StoredRecord,
  { webhookToken, secret, botToken }: Enterprise,
): StoredRecord => {
  let { raw } = record;
  for (const credential of [webhookToken, secret, botToken]) {
    if (credential !== null && credential.length >= MIN_SECRET_LENGTH) {
      raw = raw.replaceAll(credential, "***");
    }
  }
  return raw === record.raw ? record : { ...record, raw };
};

/** A text that an enterprise sent, without its credentials and other secrets that their surroundings tell. */
export const withoutCredentialsIn = (
  text: string,
  { webhookToken, secret, botToken }: Enterprise,
): string => {
  const own = [webhookToken, secret, botToken].filter(
    (credential) => credential !== null && credential.length >= MIN_SECRET_LENGTH,
  );
  return maskSecrets(own.reduce<string>((left, one) => left.replaceAll(one ?? "", "***"), text));
};

/** A text with the secrets that its surroundings tell replaced by `***`: a URL, a request, a reason. */
export const maskedText = (text: string): string => maskSecrets(text);
