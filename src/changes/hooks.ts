// What an operator does with an enterprise's webhooks: the same for the command line and the console.

import {
  type Hook,
  type HookAnswer,
  type HookStore,
  isDelivered,
  type Post,
  refusedAsWritten,
  signedHeaders,
  testBody,
} from "../hooks/index.ts";
import type { Network } from "../lib/addresses.ts";
import type { Clock } from "../lib/clock.ts";
import type { Directory } from "../people/index.ts";

/** `refused`: such a target is not allowed; `known`: it is told already; `missing`: there is no such webhook or enterprise. */
export type HookErrorCode = "refused" | "known" | "missing";

/** Why nothing was done, in one line with what to do. */
export class HookError extends Error {
  readonly code: HookErrorCode;

  constructor(code: HookErrorCode, message: string) {
    super(message);
    this.name = "HookError";
    this.code = code;
  }
}

/** A webhook as it is asked for. */
export type HookWish = {
  /** The enterprise's number. */
  readonly enterprise: string;
  /** Such as `hookUrlRule` allows. */
  readonly url: string;
  /** Such as `hookSecretRule` allows; made where it is not given. */
  readonly secret?: string | undefined;
};

export type HookWorld = {
  readonly hooks: HookStore;
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  /** `--hook-allow-private`. */
  readonly allowed: readonly Network[];
};

/**
 * Adds a webhook; one that its target had ended is on again, with the secret that it has.
 *
 * @throws HookError; DirectoryError where the directory cannot be asked
 */
export const addHook = async (
  { hooks, directory, allowed }: HookWorld,
  { enterprise, url, secret }: HookWish,
): Promise<{ readonly hook: Hook; readonly isBack: boolean }> => {
  const reason = refusedAsWritten(url, allowed);
  if (reason !== undefined) throw new HookError("refused", `cannot add the webhook: ${reason}`);
  if ((await directory.enterpriseByNumber(enterprise)) === undefined) {
    const todo = "calllog enterprise list shows all";
    throw new HookError("missing", `there is no enterprise ${enterprise}; ${todo}`);
  }
  const same = hooks.of(enterprise).find((hook) => hook.url === url);
  if (same === undefined) return { hook: hooks.add(enterprise, url, secret), isBack: false };
  if (same.goneAt === null) {
    throw new HookError("known", `that is webhook ${same.id} of enterprise ${enterprise} already`);
  }
  hooks.markBack(same);
  return { hook: same, isBack: true };
};

const missing = (enterprise: string, id: string): HookError =>
  new HookError(
    "missing",
    `enterprise ${enterprise} has no webhook ${id}; calllog hook list ${enterprise} shows all`,
  );

/** The webhooks of an enterprise, or that one. @throws HookError `missing` where there is none */
export const hooksOf = (
  hooks: Pick<HookStore, "of">,
  enterprise: string,
  id: string | undefined,
): readonly Hook[] => {
  const found = hooks.of(enterprise).filter((hook) => id === undefined || hook.id === id);
  if (found.length > 0) return found;
  if (id !== undefined) throw missing(enterprise, id);
  throw new HookError(
    "missing",
    `enterprise ${enterprise} has no webhooks: calllog hook add ${enterprise} URL`,
  );
};

/** Removes a webhook. @throws HookError `missing` */
export const removeHook = (hooks: HookStore, enterprise: string, id: string): void => {
  if (!hooks.remove(enterprise, id)) throw missing(enterprise, id);
};

/** Gives a webhook a new secret; the one before signs beside it for a day. @throws HookError `missing` */
export const rotateHook = (hooks: HookStore, enterprise: string, id: string): Hook => {
  const hook = hooks.rotate(enterprise, id);
  if (hook === undefined) throw missing(enterprise, id);
  return hook;
};

/** `204`, or why there was no answer. */
const answerText = ({ status, text }: HookAnswer): string => {
  if (status !== 0) return String(status);
  const { error = text } = JSON.parse(text) as { error?: string };
  return error;
};

export type HookTested = {
  readonly hook: Hook;
  readonly isTaken: boolean;
  /** As its target answered: not yet fit to be printed. */
  readonly answer: string;
};

/** Sends a webhook a signed message without a call. Never rejects. */
export const testHook = async (
  hook: Hook,
  { post, clock }: { readonly post: Post; readonly clock: Clock },
): Promise<HookTested> => {
  const now = clock.now();
  const body = testBody(hook.enterprise, now);
  const headers = {
    "content-type": "application/json",
    ...signedHeaders(hook, `msg_test${now}`, body, now),
  };
  const answer = await post(hook.url, body, headers);
  return { hook, isTaken: isDelivered(answer.status), answer: answerText(answer) };
};
