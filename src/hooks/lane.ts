// The way to one target: what waits for it, in order a call, and how it is tried. A target that is slow, down or full of
// errors holds up nobody but itself: after failures it is left alone for a while, longer each time, and then tried with one
// message first. What waits is in memory only as a list of what the files have; a process that starts finds it there again.

import { LRUCache } from "lru-cache";
import type { AssembledCall, CallStory } from "../call/index.ts";
import type { RecordToWrite } from "../domain/record.ts";
import { type Backoff, createBackoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Scheduler } from "../lib/scheduler.ts";
import { hookBody } from "./body.ts";
import {
  type AttemptNote,
  isDelivered,
  nextAttemptAt,
  type Progress,
  progressOf,
} from "./messages.ts";
import type { Post } from "./post.ts";
import { signedHeaders } from "./signature.ts";
import { shownTarget } from "./target.ts";
import type { Hook, HookAnswer, HookMessage } from "./types.ts";

export type FoundCall = {
  readonly assembled: AssembledCall;
  readonly story: CallStory | undefined;
};

/** What every lane shares. */
export type LaneWorld = {
  readonly find: (enterprise: string, uniqueId: string) => Promise<FoundCall | undefined>;
  readonly append: (enterprise: string, record: RecordToWrite) => Promise<unknown>;
  /** The address of the call's page; null where there is none. */
  readonly pageOf: (enterprise: string, uniqueId: string) => Promise<string | null>;
  readonly post: Post;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Messages kept in memory for one target; default 20 000. */
  readonly maxWaiting?: number;
  /** Told of every attempt. @param status 0 where no answer came */
  readonly onAttempt?: ((status: number, seconds: number) => void) | undefined;
};

export type LaneOptions = LaneWorld & {
  /** The webhook as it is stored now; undefined where it was removed. */
  readonly hook: () => Hook | undefined;
  readonly onGone: (hook: Hook) => void;
  /** Something left the lane. */
  readonly onRoom: () => void;
};

/** Requests under way to a target that answers; to one that failed it is one. */
const AT_ONCE = 4;
/** Beyond this many the files alone know what waits; they are read again when there is room. */
export const MAX_WAITING = 20_000;
/** How long a target that fails is left alone. */
const TARGET_PAUSES = { firstMs: 5000, longestMs: 300_000 };
/** Answers that tell of the target, and not of this one message. */
const OVERLOADED: ReadonlySet<number> = new Set([0, 429, 502, 503, 504]);
/** So many others in a row tell of it too. */
const MANY_FAILURES = 3;
/** Messages that are through, remembered for as long as their records may not be found. */
const MAX_DONE = 5000;
const GONE = 410;
const NONE: Progress = { attempts: 0, isDelivered: false, lastAt: undefined };

type Waiting = {
  readonly message: HookMessage;
  /** Sent whatever is on record of it. */
  readonly isAskedFor: boolean;
  /** Records from here on tell that it is wanted. In milliseconds since the epoch. */
  readonly since: number;
  attempts: number;
  dueAt: number;
};

export class HookLane {
  readonly #options: LaneOptions;
  /** By call; only the first of each may go. */
  readonly #calls = new Map<string, Waiting[]>();
  readonly #going = new Map<string, Promise<void>>();
  readonly #done = new LRUCache<string, true>({ max: MAX_DONE });
  readonly #backoff: Backoff;
  #waiting = 0;
  #failures = 0;
  #pausedUntil = 0;
  #isStopped = false;
  #callOff: () => void = () => undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#backoff = createBackoff({ ...TARGET_PAUSES, random: options.random });
  }

  get waiting(): number {
    return this.#waiting;
  }

  get underWay(): number {
    return this.#going.size;
  }

  /** From when on records tell of what waits; undefined where nothing does. */
  get since(): number | undefined {
    let least: number | undefined;
    for (const queue of this.#calls.values())
      for (const { since } of queue) least = Math.min(least ?? since, since);
    return least;
  }

  /** Takes what is wanted of a call and not through yet. @returns false where there is no room for it */
  offer(
    wanted: readonly HookMessage[],
    progress: ReadonlyMap<string, Progress>,
    since: number,
  ): boolean {
    const { clock, random } = this.#options;
    for (const message of wanted) {
      const queue = this.#calls.get(message.uniqueId) ?? [];
      if (this.#done.has(message.id) || queue.some((one) => one.message.id === message.id))
        continue;
      const known = progress.get(message.id) ?? NONE;
      const dueAt = nextAttemptAt(message, known, clock.now(), random());
      if (dueAt === undefined || this.#isStopped) continue;
      if (this.#waiting >= (this.#options.maxWaiting ?? MAX_WAITING)) return false;
      this.#calls.set(message.uniqueId, queue);
      queue.push({ message, isAskedFor: false, since, attempts: known.attempts, dueAt });
      this.#waiting += 1;
    }
    this.#pump();
    return true;
  }

  /** Sends these again, now, whatever became of them before. */
  again(wanted: readonly HookMessage[]): void {
    const now = this.#options.clock.now();
    for (const message of wanted) {
      const queue = this.#calls.get(message.uniqueId) ?? [];
      this.#calls.set(message.uniqueId, queue);
      const at = queue.findIndex((one) => one.message.id === message.id);
      if (at >= 0) this.#waiting -= queue.splice(at, 1).length;
      queue.push({ message, isAskedFor: true, since: now, attempts: 0, dueAt: now });
      this.#waiting += 1;
    }
    this.#pausedUntil = 0;
    this.#pump();
  }

  /** Takes no new steps; resolves when those under way are on record. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff();
    await Promise.all(this.#going.values());
  }

  /** Forgets what waits. */
  clear(): void {
    this.#calls.clear();
    this.#waiting = 0;
  }

  #pump(): void {
    this.#callOff();
    if (this.#isStopped) return;
    const { clock, scheduler } = this.#options;
    const now = clock.now();
    const most = this.#failures > 0 ? 1 : AT_ONCE;
    let nextAt = Number.POSITIVE_INFINITY;
    for (const [uniqueId, [first]] of this.#calls) {
      if (this.#going.size >= most) return;
      if (first === undefined || this.#going.has(uniqueId)) continue;
      const at = Math.max(first.dueAt, this.#pausedUntil);
      if (at > now) nextAt = Math.min(nextAt, at);
      else this.#start(uniqueId, first);
    }
    if (nextAt < Number.POSITIVE_INFINITY) this.#callOff = scheduler.at(nextAt, () => this.#pump());
  }

  #start(uniqueId: string, waiting: Waiting): void {
    const { log, clock } = this.#options;
    const going = this.#bring(waiting)
      .catch((error: unknown) => {
        log.error("cannot bring a webhook; it is tried again", { uniqueId, error });
        waiting.dueAt = clock.now() + this.#backoff.nextMs();
      })
      .finally(() => {
        this.#going.delete(uniqueId);
        this.#options.onRoom();
        this.#pump();
      });
    this.#going.set(uniqueId, going);
  }

  async #bring(waiting: Waiting): Promise<void> {
    const { find, clock, random } = this.#options;
    const { message } = waiting;
    const hook = this.#options.hook();
    if (hook === undefined || hook.goneAt !== null) return this.clear();
    const found = await find(hook.enterprise, message.uniqueId);
    if (found === undefined) return this.#drop(message);
    if (!this.#isDue(hook, waiting, found)) return;
    const answer = await this.#attempt(hook, waiting, found);
    waiting.attempts += 1;
    if (isDelivered(answer.status)) {
      this.#failures = 0;
      this.#backoff.reset();
      this.#drop(message);
    } else if (answer.status === GONE) this.#end(hook);
    else {
      this.#rest(hook, answer);
      const after = { attempts: waiting.attempts, isDelivered: false, lastAt: clock.now() };
      const again = nextAttemptAt(message, after, clock.now(), random());
      if (again === undefined) this.#giveUp(hook, waiting, false);
      else waiting.dueAt = again;
    }
  }

  /** Looks at what is on record of the message; drops it, or puts it off, where nothing is to be sent now. */
  #isDue(hook: Hook, waiting: Waiting, { assembled }: FoundCall): boolean {
    const { message, isAskedFor } = waiting;
    if (isAskedFor) return true;
    const now = this.#options.clock.now();
    const known = progressOf(assembled.records).get(message.id) ?? NONE;
    waiting.attempts = Math.max(waiting.attempts, known.attempts);
    const dueAt = nextAttemptAt(message, { ...known, attempts: waiting.attempts }, now, 0);
    if (dueAt === undefined) {
      this.#giveUp(hook, waiting, known.isDelivered);
      return false;
    }
    // Somebody else has tried it meanwhile.
    const isLater = known.lastAt !== undefined && dueAt > now;
    if (isLater) waiting.dueAt = dueAt;
    return !isLater;
  }

  async #attempt(
    hook: Hook,
    { message, attempts }: Waiting,
    found: FoundCall,
  ): Promise<HookAnswer> {
    const { pageOf, post, clock, onAttempt } = this.#options;
    const page = await pageOf(hook.enterprise, message.uniqueId);
    const body = hookBody(message, found.assembled, found.story, page);
    const headers = {
      "content-type": "application/json",
      "user-agent": "calllog",
      ...signedHeaders(hook, message.id, body, clock.now()),
    };
    const begun = performance.now();
    const answer = await post(hook.url, body, headers);
    onAttempt?.(answer.status, (performance.now() - begun) / 1000);
    await this.#record(hook, message, { attempt: attempts + 1, answer });
    return answer;
  }

  async #record(
    { enterprise, id, url }: Hook,
    message: HookMessage,
    { attempt, answer }: { readonly attempt: number; readonly answer: HookAnswer },
  ): Promise<void> {
    const { append, log } = this.#options;
    const { uniqueId, type } = message;
    try {
      await append(enterprise, attemptRecord({ id, url }, message, attempt, answer));
    } catch (error) {
      // The program ended before the answer came: the attempt is made once more.
      if (this.#isStopped) return;
      // This process knows of the attempt; after a crash it is made once more.
      log.error("cannot put an attempt of a webhook on record", {
        enterprise,
        uniqueId,
        type,
        error,
      });
    }
  }

  /** Leaves a target alone that cannot take anything now. */
  #rest(hook: Hook, { status, text, retryAfterMs }: HookAnswer): void {
    const { clock, log } = this.#options;
    this.#failures += 1;
    const { enterprise, id } = hook;
    const fields = { enterprise, hook: id, target: shownTarget(hook.url), status };
    if (this.#failures === 1)
      log.warn("a webhook was not taken; it is tried again", {
        ...fields,
        answer: text.slice(0, 200),
      });
    if (!OVERLOADED.has(status) && this.#failures < MANY_FAILURES) return;
    const pauseMs = Math.max(this.#backoff.nextMs(), retryAfterMs ?? 0);
    this.#pausedUntil = clock.now() + pauseMs;
  }

  #giveUp(hook: Hook, { message, attempts }: Waiting, isDone: boolean): void {
    if (!isDone)
      this.#options.log.warn("a webhook is given up; calllog hook resend sends it again", {
        enterprise: hook.enterprise,
        hook: hook.id,
        uniqueId: message.uniqueId,
        type: message.type,
        attempts,
      });
    this.#drop(message);
  }

  #end(hook: Hook): void {
    const { onGone, log } = this.#options;
    const { enterprise, id } = hook;
    log.warn(
      "a webhook's target is gone (410): nothing more is sent to it; calllog hook add brings it back",
      {
        enterprise,
        hook: id,
        target: shownTarget(hook.url),
      },
    );
    this.clear();
    onGone(hook);
  }

  #drop({ id, uniqueId }: HookMessage): void {
    this.#done.set(id, true);
    const queue = this.#calls.get(uniqueId);
    const at = queue?.findIndex((one) => one.message.id === id) ?? -1;
    if (queue === undefined || at < 0) return;
    queue.splice(at, 1);
    this.#waiting -= 1;
    if (queue.length === 0) this.#calls.delete(uniqueId);
  }
}

/** The record of an attempt: of the target no more than its host, of the body no more than what it is about. */
export const attemptRecord = (
  { id: hook, url }: Pick<Hook, "id" | "url">,
  { id, type, uniqueId }: HookMessage,
  attempt: number,
  { status, text }: HookAnswer,
): RecordToWrite => {
  const note: AttemptNote = { hook, id, type, attempt };
  return {
    kind: "HTTP",
    uniqueId,
    method: "POST",
    url: shownTarget(url),
    status,
    request: JSON.stringify(note),
    response: text,
  };
};
