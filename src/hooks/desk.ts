// Tells the targets of every enterprise what its calls come to. An event makes its call looked at, a moment later; what is
// wanted and not on record as delivered goes to the lanes. After a start the records since each webhook's place are looked at.

import { type AstRecord, isIdKey, recordKeys } from "../domain/record.ts";
import { createAtMost } from "../lib/at-most.ts";
import { within } from "../lib/within.ts";
import { HookLane, type LaneWorld, MAX_WAITING } from "./lane.ts";
import { GIVE_UP_MS, progressOf, wantedMessages } from "./messages.ts";
import type { AskedAgain, HookStore } from "./store.ts";
import type { Hook } from "./types.ts";

export type HookDeskOptions = LaneWorld & {
  readonly hooks: HookStore;
  /** Whether an enterprise's webhooks are this desk's to bring; default: all are. */
  readonly isMine?: (enterprise: string) => boolean;
  /** Missed calls whose state this call may have changed. */
  readonly concernedBy: (
    found: NonNullable<Awaited<ReturnType<LaneWorld["find"]>>>,
  ) => readonly string[];
  /** Ids of the calls with records since a moment (milliseconds since the epoch); some may come twice. */
  readonly recentCalls: (enterprise: string, since: number) => AsyncIterable<string>;
  readonly callTimeoutMs: number;
};

/** Events of a call come in bursts: it is looked at once for those of this time. In milliseconds. */
const GATHER_MS = 500;
/** How long it is believed which webhooks there are, in milliseconds. */
const BOOK_MS = 1000;
/** How often places are kept, and how far behind now they are at least: lines of other processes may come late. In milliseconds. */
const PLACE_EVERY_MS = 60_000;
const PLACE_LAG_MS = 60_000;
/** How often it is looked what commands ask for, in milliseconds. */
const ASKED_EVERY_MS = 5000;
/** A call that could not be read is looked at again after this. In milliseconds. */
const AGAIN_MS = 10_000;
/** How long attempts under way may take to finish when the program stops, in milliseconds. */
const STOP_TIMEOUT_MS = 2000;
/** Calls looked at at the same time. */
const LOOKS_AT_ONCE = 4;

/** `at`: when it is due, in milliseconds since the epoch; infinity while it is looked at. */
type Look = { readonly since: number; readonly at: number; readonly callOff: () => void };

export class HookDesk {
  readonly #options: HookDeskOptions;
  readonly #lanes = new Map<string, HookLane>();
  readonly #book = new Map<string, { readonly hooks: readonly Hook[]; readonly until: number }>();
  /** Up to where each webhook has been told, by its id. */
  readonly #places = new Map<string, number>();
  /** Where there was no room: from there the records are read again. */
  readonly #overflows = new Map<string, number>();
  /** Calls that are to be looked at. */
  readonly #looks = new Map<string, Look>();
  readonly #works = new Set<Promise<void>>();
  readonly #turn = createAtMost(LOOKS_AT_ONCE);
  #isStopped = false;
  #callOff: () => void = () => undefined;
  #callOffAsked: () => void = () => undefined;

  constructor(options: HookDeskOptions) {
    this.#options = options;
  }

  /** Finds what an earlier process left undelivered; call it once events are followed. */
  start(): void {
    try {
      for (const enterprise of this.#enterprises())
        for (const hook of this.#hooksOf(enterprise)) this.#readSince(hook, this.#placeOf(hook));
    } catch (error) {
      this.#options.log.error("cannot read the outgoing webhooks", { error });
    }
    this.#planPlaces();
    this.#takeAsked();
  }

  /** An event is in the file. Seeing it twice changes nothing. */
  changed(enterprise: string, event: Omit<AstRecord, "at">): void {
    if (this.#isStopped || !this.concerns(enterprise)) return;
    for (const key of recordKeys({ ...event, at: 0 }))
      if (isIdKey(key))
        this.#lookAt(enterprise, key.slice(3), this.#options.clock.now() + GATHER_MS);
  }

  /** Whether anybody is told of an enterprise's calls. */
  concerns(enterprise: string): boolean {
    return this.#hooksOf(enterprise).length > 0;
  }

  /** Looks at a call that may have come to something meanwhile. */
  recover(enterprise: string, uniqueId: string): void {
    if (!this.#isStopped && this.concerns(enterprise))
      this.#lookAt(enterprise, uniqueId, this.#options.clock.now());
  }

  /** Lines may have been missed: calls since a moment are looked at again. In milliseconds since the epoch. */
  lookAgain(enterprise: string, since: number): void {
    for (const hook of this.#hooksOf(enterprise)) this.#readSince(hook, since);
  }

  /**
   * Takes no new steps; resolves when those under way are on record, or after two seconds: a target that hangs holds up no
   * restart. What was cut off is made once more.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff();
    this.#callOffAsked();
    for (const { callOff } of this.#looks.values()) callOff();
    const lanes = [...this.#lanes.values()].map((lane) => lane.stop());
    const all = Promise.all([...this.#works, ...lanes]);
    await within<unknown, void>(all, STOP_TIMEOUT_MS, () => undefined);
  }

  state(): { readonly waiting: number; readonly underWay: number } {
    const lanes = [...this.#lanes.values()];
    return {
      waiting: lanes.reduce((sum, lane) => sum + lane.waiting, 0),
      underWay: lanes.reduce((sum, lane) => sum + lane.underWay, this.#works.size),
    };
  }

  #enterprises(): string[] {
    const { hooks, isMine = () => true } = this.#options;
    return hooks.enterprises().filter(isMine);
  }

  #hooksOf(enterprise: string): readonly Hook[] {
    if (this.#options.isMine?.(enterprise) === false) return [];
    const now = this.#options.clock.now();
    const known = this.#book.get(enterprise);
    if (known !== undefined && now < known.until) return known.hooks;
    let hooks: readonly Hook[] = [];
    try {
      hooks = this.#options.hooks.of(enterprise).filter(({ goneAt }) => goneAt === null);
    } catch (error) {
      hooks = known?.hooks ?? [];
      this.#options.log.error("cannot read the outgoing webhooks", { enterprise, error });
    }
    this.#book.set(enterprise, { hooks, until: now + BOOK_MS });
    return hooks;
  }

  #placeOf(hook: Hook): number {
    const known = this.#places.get(hook.id);
    if (known !== undefined) return known;
    const place = Math.max(
      this.#options.hooks.placeOf(hook),
      this.#options.clock.now() - GIVE_UP_MS,
    );
    this.#places.set(hook.id, place);
    return place;
  }

  #laneOf(hook: Hook): HookLane {
    const known = this.#lanes.get(hook.id);
    if (known !== undefined) return known;
    const { hooks } = this.#options;
    const lane = new HookLane({
      ...this.#options,
      hook: () => hooks.of(hook.enterprise).find(({ id }) => id === hook.id),
      onGone: (gone) => {
        hooks.markGone(gone);
        this.#book.delete(gone.enterprise);
      },
      onRoom: () => this.#onRoom(hook),
    });
    this.#lanes.set(hook.id, lane);
    return lane;
  }

  #onRoom(hook: Hook): void {
    const since = this.#overflows.get(hook.id);
    const { maxWaiting = MAX_WAITING } = this.#options;
    if (since === undefined || this.#laneOf(hook).waiting > maxWaiting / 2) return;
    this.#overflows.delete(hook.id);
    this.#readSince(hook, since);
  }

  /** Looks at every call with records since then, for one webhook. */
  #readSince(hook: Hook, since: number): void {
    const { recentCalls, log, clock, scheduler } = this.#options;
    const { enterprise } = hook;
    const read = async (): Promise<void> => {
      const seen = new Set<string>();
      for await (const uniqueId of recentCalls(enterprise, since)) {
        if (this.#isStopped) return;
        if (seen.has(uniqueId)) continue;
        seen.add(uniqueId);
        await this.#turn(() => this.#look(enterprise, uniqueId, { since, hooks: [hook] }));
      }
    };
    // Until all of it is read, its place is not left.
    const holder = `${enterprise} reading ${hook.id}`;
    this.#looks.set(holder, { since, at: 0, callOff: () => undefined });
    this.#begin(
      read().then(
        () => void this.#looks.delete(holder),
        (error: unknown) => {
          log.error("cannot read which webhooks are undelivered; tried again in a minute", {
            enterprise,
            error,
          });
          const callOff = scheduler.at(clock.now() + 60_000, () => this.#readSince(hook, since));
          this.#looks.set(holder, { since, at: 0, callOff });
        },
      ),
    );
  }

  #begin(work: Promise<void>): void {
    this.#works.add(work);
    void work.finally(() => this.#works.delete(work));
  }

  /** From where on records have to be read to find a call again that is noted now. */
  #sinceNow(enterprise: string): number {
    const places = this.#hooksOf(enterprise).map((hook) => this.#placeOf(hook));
    return Math.min(...places, this.#options.clock.now());
  }

  #lookAt(enterprise: string, uniqueId: string, at: number): void {
    const key = `${enterprise} ${uniqueId}`;
    const before = this.#looks.get(key);
    if (before !== undefined && before.at <= at) return;
    before?.callOff();
    const since = before?.since ?? this.#sinceNow(enterprise);
    const callOff = this.#options.scheduler.at(at, () => {
      this.#begin(this.#turn(() => this.#take(enterprise, uniqueId, since)));
    });
    this.#looks.set(key, { since, at, callOff });
  }

  async #take(enterprise: string, uniqueId: string, since: number): Promise<void> {
    if (this.#isStopped) return;
    const key = `${enterprise} ${uniqueId}`;
    const noted = { since, at: Number.POSITIVE_INFINITY, callOff: () => undefined };
    this.#looks.set(key, noted);
    try {
      const hooks = this.#hooksOf(enterprise);
      const againAt = await this.#look(enterprise, uniqueId, { since, hooks });
      // Noted anew meanwhile: that look is still to come.
      if (this.#looks.get(key) !== noted) return;
      this.#looks.delete(key);
      if (againAt !== undefined) this.#lookAt(enterprise, uniqueId, againAt);
    } catch (error) {
      const { log, clock } = this.#options;
      log.error("cannot tell a call to webhooks; it is tried again", {
        enterprise,
        uniqueId,
        error,
      });
      this.#lookAt(enterprise, uniqueId, clock.now() + AGAIN_MS);
    }
  }

  /** @returns when to look again though no event comes, in milliseconds since the epoch */
  async #look(
    enterprise: string,
    uniqueId: string,
    {
      since,
      hooks,
      isConcerned = false,
    }: {
      readonly since: number;
      readonly hooks: readonly Hook[];
      readonly isConcerned?: boolean;
    },
  ): Promise<number | undefined> {
    const { find, clock, callTimeoutMs, concernedBy } = this.#options;
    const found = await find(enterprise, uniqueId);
    if (found === undefined || this.#isStopped) return undefined;
    const { assembled, story } = found;
    const progress = progressOf(assembled.records);
    const options = { now: clock.now(), callTimeoutMs };
    for (const hook of hooks) {
      const wanted = wantedMessages(hook, assembled, story, options);
      if (!this.#laneOf(hook).offer(wanted, progress, since))
        this.#overflows.set(hook.id, Math.min(this.#overflows.get(hook.id) ?? since, since));
    }
    // Until a call is over it may still come to nothing.
    if (!isConcerned && assembled.call.endedAt !== null)
      for (const id of concernedBy(found))
        await this.#look(enterprise, id, { since, hooks, isConcerned: true });
    const lastAt = Math.max(
      0,
      ...assembled.records.filter((one) => one.kind === "AST").map(({ at }) => at),
    );
    const timeoutAt = lastAt + callTimeoutMs + 1;
    if (assembled.call.endedAt === null && timeoutAt > clock.now()) return timeoutAt;
    return story === undefined ? clock.now() + AGAIN_MS : undefined;
  }

  /** Takes up what commands ask for, now and then. */
  #takeAsked(): void {
    if (this.#isStopped) return;
    const { hooks, scheduler, clock, log } = this.#options;
    this.#callOffAsked = scheduler.at(clock.now() + ASKED_EVERY_MS, () => this.#takeAsked());
    try {
      for (const enterprise of this.#enterprises())
        for (const asked of hooks.takeAsked(enterprise))
          this.#begin(this.#sendAgain(enterprise, asked));
    } catch (error) {
      log.error("cannot read which webhooks are asked for again", { error });
    }
  }

  async #sendAgain(enterprise: string, { uniqueId, hook: id }: AskedAgain): Promise<void> {
    const { find, clock, callTimeoutMs, log } = this.#options;
    try {
      const found = await find(enterprise, uniqueId);
      if (found === undefined || this.#isStopped) return;
      for (const hook of this.#hooksOf(enterprise)) {
        if (id !== null && hook.id !== id) continue;
        const everything = { id: hook.id, createdAt: 0 };
        const options = { now: clock.now(), callTimeoutMs };
        const wanted = wantedMessages(everything, found.assembled, found.story, options);
        this.#laneOf(hook).again(wanted);
      }
    } catch (error) {
      log.error("cannot send a call's webhooks again", { enterprise, uniqueId, error });
    }
  }

  #planPlaces(): void {
    if (this.#isStopped) return;
    const { scheduler, clock } = this.#options;
    this.#callOff = scheduler.at(clock.now() + PLACE_EVERY_MS, () => {
      this.#keepPlaces();
      this.#planPlaces();
    });
  }

  /** Notes how far each webhook is: before everything that waits or is to be looked at. */
  #keepPlaces(): void {
    const { hooks, clock, log } = this.#options;
    try {
      const there = this.#enterprises().flatMap((enterprise) => hooks.of(enterprise));
      for (const hook of there) {
        const looks = [...this.#looks].filter(([key]) => key.startsWith(`${hook.enterprise} `));
        const place = Math.min(
          clock.now() - PLACE_LAG_MS,
          this.#lanes.get(hook.id)?.since ?? Number.POSITIVE_INFINITY,
          this.#overflows.get(hook.id) ?? Number.POSITIVE_INFINITY,
          ...looks.map(([, { since }]) => since),
        );
        if (hook.goneAt !== null || place <= this.#placeOf(hook)) continue;
        this.#places.set(hook.id, place);
        hooks.setPlace(hook, place);
      }
      const ids = new Set(there.map(({ id }) => id));
      for (const [id, lane] of this.#lanes) {
        if (ids.has(id)) continue;
        lane.clear();
        this.#lanes.delete(id);
      }
    } catch (error) {
      log.error(
        "cannot keep how far webhooks are; after a restart they are looked for from further back",
        { error },
      );
    }
  }
}
