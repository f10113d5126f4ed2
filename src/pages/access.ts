// Access control of the pages: who may open which, and what everybody else is answered. Uses auth.ts, asks the
// directory and counts wrong tokens. Invariant: neither the answer nor its timing tells a wrong token from an
// enterprise or a call that does not exist.

import { isUniqueId } from "../asterisk/index.ts";
import { type Enterprise, isEnterpriseNumber } from "../domain/enterprise.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Directory } from "../people/index.ts";
import {
  type LinkRecordings,
  type ListEntry,
  listEntry,
  mayHearCall,
  mayOpen,
  mayOpenCall,
  type SecretLinks,
} from "./auth.ts";
import type { Fail } from "./failure.tsx";
import { createGuessLimit } from "./guess-limit.ts";
import type { CallLinkScope } from "./links.ts";

export type AccessOptions = {
  readonly directory: Pick<Directory, "enterpriseByNumber">;
  readonly clock: Clock;
  readonly log: Log;
  readonly secretLinks: SecretLinks;
  readonly linkRecordings: LinkRecordings;
  readonly fail: Fail;
};

/**
 * When a refusal is sent, in milliseconds after its request came. What was remembered of an enterprise and what had to be
 * asked for takes different times; all of them are over by then. Nobody with a right token waits.
 */
const REFUSAL_MS = 50;

const startTimer = (ms: number): { readonly over: Promise<void>; stop(): void } => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { over: promise, stop: () => clearTimeout(timer) };
};

/** Whose request it is: wrong tokens are counted by it. */
export type Client = string;

export type Access = {
  /** The enterprise whose call that is, or the answer for somebody who may not see the call. */
  toCall(request: Request, scope: CallLinkScope, client: Client): Promise<Enterprise | Response>;
  /** The enterprise whose call's recordings these are, or the answer for somebody who may not hear them. */
  toRecordings(
    request: Request,
    scope: CallLinkScope,
    client: Client,
  ): Promise<Enterprise | Response>;
  /** Whether the page of a call, opened by this request, may have its recordings in it. */
  mayHear(request: Request, enterprise: Enterprise): boolean;
  /** The enterprise whose list that is and how far it may be seen, or the answer for somebody who may not see it. */
  toList(
    request: Request,
    number: string,
    client: Client,
  ): Promise<{ readonly enterprise: Enterprise; readonly entry: ListEntry } | Response>;
};

export const createAccess = ({
  directory,
  clock,
  log,
  secretLinks,
  linkRecordings,
  fail,
}: AccessOptions): Access => {
  const guesses = createGuessLimit(clock);

  const enter = async (
    request: Request,
    number: string,
    client: Client,
    mayEnter: (enterprise: Enterprise | undefined, token: string) => Promise<boolean> | boolean,
  ): Promise<Enterprise | Response> => {
    const token = new URL(request.url).searchParams.get("token") ?? "";
    // Begun before the work, so that the work does not show.
    const refusal = startTimer(REFUSAL_MS);
    let enterprise: Enterprise | undefined;
    try {
      enterprise = await directory.enterpriseByNumber(number);
    } catch (error) {
      refusal.stop();
      log.error("cannot ask the directory for a page", { enterprise: number, error });
      return fail(request, 503, { "retry-after": "30" });
    }
    if ((await mayEnter(enterprise, token)) && enterprise !== undefined) {
      refusal.stop();
      return enterprise;
    }
    const { waitSeconds, isFirstTooMany } = guesses.wrong(client);
    if (isFirstTooMany) {
      log.warn("a client tries many wrong tokens and is told to wait", {
        client,
        enterprise: number,
      });
    }
    await refusal.over;
    return waitSeconds === undefined
      ? fail(request, 403)
      : fail(request, 429, { "retry-after": String(waitSeconds) });
  };

  const isCall = ({ enterprise, uniqueId }: CallLinkScope): boolean =>
    isEnterpriseNumber(enterprise) && isUniqueId(uniqueId);

  return {
    toCall: async (request, scope, client) => {
      if (!isCall(scope)) return fail(request, 400);
      return enter(request, scope.enterprise, client, (enterprise, token) =>
        mayOpenCall(enterprise, token, { scope, now: clock.now(), secretLinks }),
      );
    },
    toRecordings: async (request, scope, client) => {
      if (!isCall(scope)) return fail(request, 400);
      return enter(request, scope.enterprise, client, (enterprise, token) =>
        mayHearCall(enterprise, token, { scope, now: clock.now(), secretLinks, linkRecordings }),
      );
    },
    mayHear: (request, enterprise) => {
      if (enterprise.recordings === "none") return false;
      const token = new URL(request.url).searchParams.get("token") ?? "";
      return linkRecordings === "allow" || mayOpen(enterprise, token);
    },
    toList: async (request, number, client) => {
      if (!isEnterpriseNumber(number)) return fail(request, 400);
      const day = new URL(request.url).searchParams.get("day") ?? "";
      let entry: ListEntry | undefined;
      const enterprise = await enter(request, number, client, async (known, token) => {
        entry = await listEntry(known, token, { number, day, now: clock.now() });
        return entry !== undefined;
      });
      if (enterprise instanceof Response || entry === undefined) return enterprise as Response;
      return { enterprise, entry };
    },
  };
};
