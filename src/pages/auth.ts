// Who may open the pages of an enterprise: anybody with its secret; one call, or its list, also with a link signed for it. Unknown,
// inactive and wrong look alike and take the same time.

import type { Enterprise } from "../domain/enterprise.ts";
import { isDay } from "../domain/zone-day.ts";
import { secretsEqual } from "../lib/timing-safe.ts";
import { type CallLinkScope, isCallToken, isRecordingToken, listTokenExpiry } from "./links.ts";

/** Compared with where there is no enterprise, so that its absence does not show in the time. */
const NOBODY = "0".repeat(32);

/** An operator's own table may hold an empty secret, under which anyone could sign. */
const isOpen = (enterprise: Enterprise | undefined): boolean =>
  enterprise?.active === true && enterprise.secret !== "";

/** Whether `token` is the secret that opens all pages of `enterprise` (undefined where there is none of that number). */
export const mayOpen = (enterprise: Enterprise | undefined, token: string): boolean => {
  const equal = secretsEqual(token, enterprise?.secret ?? NOBODY);
  return equal && isOpen(enterprise);
};

/** `deny`: the secret, which never expires, opens no page of a single call; its links still do. */
export type SecretLinks = "allow" | "deny";

/** `deny`: the links of single calls open their pages without the recordings. */
export type LinkRecordings = "allow" | "deny";

/**
 * Whether `token` opens the recordings of one call: what its page carries for them, or what opens the page itself, a link
 * only where that is allowed.
 */
export const mayHearCall = async (
  enterprise: Enterprise | undefined,
  token: string,
  {
    scope,
    now,
    secretLinks,
    linkRecordings,
  }: {
    readonly scope: CallLinkScope;
    /** Now, in milliseconds since the epoch. */
    readonly now: number;
    readonly secretLinks: SecretLinks;
    readonly linkRecordings: LinkRecordings;
  },
): Promise<boolean> => {
  const secret = enterprise?.secret || NOBODY;
  const isOwn = await isRecordingToken(token, secret, scope, now);
  const isLink = await isCallToken(token, secret, scope, now);
  const isSecret = mayOpen(enterprise, token);
  const isLet = isOwn || (isLink && linkRecordings === "allow");
  return (isLet && isOpen(enterprise)) || (isSecret && secretLinks === "allow");
};

/** Whether `token` opens the page of one call: a link made for it, or the secret where that is allowed. */
export const mayOpenCall = async (
  enterprise: Enterprise | undefined,
  token: string,
  {
    scope,
    now,
    secretLinks,
  }: {
    readonly scope: CallLinkScope;
    /** Now, in milliseconds since the epoch. */
    readonly now: number;
    readonly secretLinks: SecretLinks;
  },
): Promise<boolean> => {
  const isLink = await isCallToken(token, enterprise?.secret || NOBODY, scope, now);
  const isSecret = mayOpen(enterprise, token);
  return (isLink && isOpen(enterprise)) || (isSecret && secretLinks === "allow");
};

/** How somebody came to a list. */
export type ListEntry = {
  /** The only day that may be shown; undefined: every day. */
  readonly day: string | undefined;
  /** When the link expires, in milliseconds since the epoch; undefined for the secret, which does not. */
  readonly expiresAt: number | undefined;
};

/**
 * How `token` opens the list, asked for `day` as the address has it: by the secret, by a link to every day, or by one to that
 * day. Undefined where it does not.
 */
export const listEntry = async (
  enterprise: Enterprise | undefined,
  token: string,
  { number, day, now }: { readonly number: string; readonly day: string; readonly now: number },
): Promise<ListEntry | undefined> => {
  const secret = enterprise?.secret || NOBODY;
  const isSecret = mayOpen(enterprise, token);
  const everyDay = await listTokenExpiry(
    token,
    secret,
    { enterprise: number, day: undefined },
    now,
  );
  const oneDay = await listTokenExpiry(token, secret, { enterprise: number, day }, now);
  const isOneDay = oneDay !== undefined && isDay(day);
  if (!isOpen(enterprise)) return undefined;
  if (isSecret) return { day: undefined, expiresAt: undefined };
  if (everyDay !== undefined) return { day: undefined, expiresAt: everyDay };
  return isOneDay ? { day, expiresAt: oneDay } : undefined;
};
