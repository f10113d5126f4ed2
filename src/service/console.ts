// The operator's console put before the pages on their listener, where it is allowed.

import { statfs } from "node:fs/promises";
import type { CheckFinding } from "../../views/console-view.ts";
import type { CallHistory, ListFollowRules } from "../call/index.ts";
import { makeInvitation, openAudit } from "../changes/index.ts";
import type { Config } from "../config/index.ts";
import { createConsole, isConsolePath, openConsoleStore } from "../console/index.ts";
import { createPost, openHooks } from "../hooks/index.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type Directory, overDirectory } from "../people/index.ts";
import { openInvitations } from "../people/invitations/index.ts";
import type { RefusalJournal } from "../sources/webhooks/index.ts";
import { recentRecords } from "../store/index.ts";
import type { HealthAnswer } from "./health.ts";

export type ConsoleWorld = {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** The database itself, and the same behind the cache. */
  readonly inner: Directory;
  readonly directory: Directory;
  readonly history: CallHistory;
  readonly rulesOf: (enterprise: string) => Promise<ListFollowRules>;
  readonly health: () => Promise<HealthAnswer>;
  readonly refusals: RefusalJournal;
  readonly diagnose: Diagnose | undefined;
};

/** Makes the checks of doctor: all, or those that cost little. */
export type Diagnose = (isAll: boolean) => Promise<readonly CheckFinding[]>;

/** In the line of every event that came broken. */
const SALVAGED_MARK = '"_raw"';

/** Whoever asks while all checks are being made gets what they find: they ask many others. */
const onceAtATime = (diagnose: Diagnose): Diagnose => {
  let running: ReturnType<Diagnose> | undefined;
  return (isAll) => {
    if (!isAll) return diagnose(false);
    running ??= diagnose(true).finally(() => {
      running = undefined;
    });
    return running;
  };
};

type Answer = (request: Request) => Response | Promise<Response>;

/** How long an operator waits for the target that he tries, in milliseconds. */
const HOOK_TEST_TIMEOUT_MS = 8000;

/** Room on the disk under a folder, in bytes; undefined where the system does not tell. */
const freeBytesOf = async (folder: string): Promise<number | undefined> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // Not there yet, or no file system that tells: health itself says whether events can be recorded.
    return undefined;
  }
};

/** What the pages' listener answers: the pages, and the console where `--console` allows it. */
export const withConsole = (
  pages: { readonly fetch: Answer; readonly server: unknown },
  {
    config,
    clock,
    log,
    inner,
    directory,
    history,
    rulesOf,
    health,
    refusals,
    diagnose,
  }: ConsoleWorld,
): Answer => {
  if (config.console === "deny") return pages.fetch;
  const answer = createConsole({
    store: openConsoleStore(config.dataDir, clock),
    audit: openAudit(config.dataDir, clock),
    // What is stored now, and changes that this process sees at once.
    directory: overDirectory(directory, {
      enterprises: () => inner.enterprises(),
      enterpriseByNumber: (number) => inner.enterpriseByNumber(number),
      users: (number) => inner.users(number),
      usersOf: (enterprise) => inner.usersOf(enterprise),
      chatPreferences: (number) => inner.chatPreferences(number),
    }),
    history,
    rulesOf,
    clock,
    log,
    lang: config.lang,
    timeZone: config.timeZone,
    publicUrl: config.publicUrl,
    trustProxy: config.trustProxy,
    readHealth: async () => ({
      ...(await health()).body,
      freeBytes: await freeBytesOf(config.dataDir),
    }),
    refusals,
    salvagedSince: (number, since, isWanted) =>
      recentRecords(config.dataDir, number, "AST", since, { containing: SALVAGED_MARK, isWanted }),
    diagnose: diagnose && onceAtATime(diagnose),
    hooks: openHooks(config.dataDir, clock),
    hookAllowed: config.hookAllowPrivate,
    post: createPost({
      allowed: config.hookAllowPrivate,
      now: clock.now,
      timeoutMs: HOOK_TEST_TIMEOUT_MS,
    }),
    invitations: openInvitations(config.dataDir, clock),
    invite: (enterprise, wish) => makeInvitation(enterprise, wish, { ...config, clock }),
  });
  return (request) =>
    isConsolePath(request.url) ? answer(request, pages.server) : pages.fetch(request);
};
