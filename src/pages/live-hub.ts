// The calls whose pages are open. A call is read again when a line about it is appended by any process, and every few
// seconds for running times; once for all its readers, and rendered once for all who see the same. A line that arrives during a
// reading causes one more. Streams and requests are in live-route.ts.

import { callPageParts } from "../../views/call-page.tsx";
import type { CallView } from "../../views/call-parts.tsx";
import { type AssembledCall, isLive } from "../call/index.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import type { Lang } from "../domain/lang.ts";
import { idKey, recordKeys } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type After, within } from "../lib/within.ts";
import { type CallReader, unheard } from "./call-route.tsx";
import type { CallLinkScope } from "./links.ts";
import { createFrame, type Frame, isSettled, settledAt } from "./live-frame.ts";
import type { CallLines, WatchLines } from "./live-lines.ts";
import { isWaiting } from "./story.ts";

export type Watcher = {
  readonly lang: Lang;
  /** Whether the page may have the call's recordings in it. */
  readonly mayHear: boolean;
  /** What the page shows now. `isLast`: nothing more will come. */
  readonly onFrame: (frame: Frame, isLast: boolean) => void;
  /** The hub is closing. */
  readonly onClose: () => void;
};

export type LiveHub = {
  /**
   * Follows a call for somebody and tells what its page shows, now and whenever that changes. Resolves when the first
   * was told: with how to leave, or with undefined where there is no such call.
   */
  watch(
    scope: CallLinkScope,
    enterprise: Enterprise,
    watcher: Watcher,
  ): Promise<(() => void) | undefined>;
  /** Lets go of everything and everybody. */
  close(): void;
};

export type LiveHubOptions = {
  readonly reader: CallReader;
  readonly watchLines: WatchLines;
  readonly after: After;
  readonly clock: Clock;
  readonly log: Log;
};

/** How often an open page's running times are brought up to date, in milliseconds. */
const TICK_MS = 5000;
/** Between a reading and the next where lines came meanwhile, so that a burst costs two. In milliseconds. */
const REST_MS = 40;
/** Names that take longer than this are put in when they are there, in milliseconds. */
const NAMES_WAIT_MS = 100;

type LiveCall = {
  readonly scope: CallLinkScope;
  /** As the directory knew it for whoever came last. */
  enterprise: Enterprise;
  readonly watchers: Set<Watcher>;
  /** By those of the reader's settings that make pages differ. */
  readonly frames: Map<string, Frame>;
  readonly lines: CallLines;
  /** Settled when the call was first read; false: there is no such call. */
  readonly isThere: PromiseWithResolvers<boolean>;
  view: CallView | undefined;
  /** It is being read, or rests before it is read again. */
  isBusy: boolean;
  /** Lines came that the reading under way may not have seen. */
  isDirty: boolean;
  isGone: boolean;
  callOff: () => void;
};

const keysOf = ({ uniqueId }: CallLinkScope, found: AssembledCall | undefined): Set<string> => {
  const keys = (found?.records ?? []).flatMap(recordKeys);
  return new Set([idKey(uniqueId), ...keys.filter((key) => !key.startsWith("event:"))]);
};

const nameOf = ({ enterprise, uniqueId }: CallLinkScope): string => `${enterprise} ${uniqueId}`;

const frameFor = (
  { frames }: LiveCall,
  view: CallView,
  { lang, mayHear }: Pick<Watcher, "lang" | "mayHear">,
): Frame => {
  const key = `${lang} ${mayHear}`;
  const known = frames.get(key);
  if (known !== undefined) return known;
  const shown = { ...view, zone: { ...view.zone, lang } };
  const made = createFrame(callPageParts(mayHear ? shown : unheard(shown)));
  frames.set(key, made);
  return made;
};

class CallHub implements LiveHub {
  readonly #options: LiveHubOptions;
  readonly #reader: CallReader;
  readonly #watchLines: WatchLines;
  readonly #after: After;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #calls = new Map<string, LiveCall>();

  constructor(options: LiveHubOptions) {
    this.#options = options;
    const { reader, watchLines, after, clock, log } = this.#options;
    this.#reader = reader;
    this.#watchLines = watchLines;
    this.#after = after;
    this.#clock = clock;
    this.#log = log;
  }

  async watch(
    scope: CallLinkScope,
    enterprise: Enterprise,
    watcher: Watcher,
  ): Promise<(() => void) | undefined> {
    const call = this.#calls.get(nameOf(scope)) ?? this.#open(scope, enterprise);
    call.enterprise = enterprise;
    const { view, watchers } = call;
    if (view !== undefined) watcher.onFrame(frameFor(call, view, watcher), false);
    watchers.add(watcher);
    const leave = (): void => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#forget(call);
    };
    return (await call.isThere.promise) ? leave : undefined;
  }

  close(): void {
    for (const call of [...this.#calls.values()]) {
      this.#forget(call);
      for (const { onClose } of call.watchers) onClose();
      call.isThere.resolve(call.view !== undefined);
    }
  }

  #forget(call: LiveCall): void {
    if (call.isGone) return;
    call.isGone = true;
    call.callOff();
    call.lines.stop();
    this.#calls.delete(nameOf(call.scope));
  }

  #tell(call: LiveCall, view: CallView, isLast: boolean): void {
    if (isLast) this.#forget(call);
    for (const watcher of call.watchers) watcher.onFrame(frameFor(call, view, watcher), isLast);
  }

  #show(call: LiveCall, view: CallView): void {
    call.view = view;
    call.frames.clear();
    this.#tell(call, view, isSettled(view, this.#clock.now()));
  }

  /** With names where they come soon; else with those of the last time, and shown again when they have come. */
  async #viewSoon(call: LiveCall, assembled: AssembledCall): Promise<CallView> {
    // The language is put in for each reader.
    const named = this.#reader.viewOf(assembled, call.enterprise, "ru");
    const view = await within(named, NAMES_WAIT_MS, () => undefined, this.#after);
    if (view !== undefined) return view;
    named
      .then((whole) => {
        const isNewest = !call.isGone && call.view?.assembled === assembled;
        if (isNewest) this.#show(call, { ...whole, now: this.#clock.now() });
      })
      .catch((error: unknown) =>
        this.#log.error("cannot find the names of an open page", { error }),
      );
    return this.#reader.viewWith(assembled, call.enterprise, "ru", call.view);
  }

  async #read(call: LiveCall): Promise<void> {
    call.lines.beginReading();
    const found = await this.#reader.find(call.scope, call.enterprise);
    if (call.isGone) return;
    if (call.lines.endReading(keysOf(call.scope, found))) call.isDirty = true;
    if (found !== undefined) {
      const view = await this.#viewSoon(call, found);
      if (!call.isGone) this.#show(call, view);
    } else if (call.view === undefined) {
      this.#forget(call);
    } else {
      // Its files were removed: what was seen last is all there is.
      this.#tell(call, call.view, true);
    }
    call.isThere.resolve(call.view !== undefined);
  }

  #nextIn({ isDirty, view }: LiveCall): number {
    if (isDirty) return REST_MS;
    if (view === undefined || isLive(view.assembled.call.status)) return TICK_MS;
    if (view.story !== undefined && isWaiting(view.story)) return TICK_MS;
    return Math.min(TICK_MS, Math.max(REST_MS, settledAt(view) - this.#clock.now()));
  }

  async #refresh(call: LiveCall): Promise<void> {
    call.callOff();
    call.isBusy = true;
    call.isDirty = false;
    try {
      await this.#read(call);
    } catch (error) {
      const { enterprise, uniqueId } = call.scope;
      this.#log.error("cannot bring an open page up to date", { enterprise, uniqueId, error });
      // Where nobody was told anything yet, the request fails.
      if (call.view === undefined) this.#forget(call);
      call.isThere.reject(error);
    }
    if (call.isGone) return;
    call.isBusy = call.isDirty;
    call.callOff = this.#after(this.#nextIn(call), () => void this.#refresh(call));
  }

  #open(scope: CallLinkScope, enterprise: Enterprise): LiveCall {
    const touched = (): void => {
      if (call.isBusy) call.isDirty = true;
      else void this.#refresh(call);
    };
    const call: LiveCall = {
      scope,
      enterprise,
      watchers: new Set(),
      frames: new Map(),
      view: undefined,
      lines: this.#watchLines(scope.enterprise, touched),
      isThere: Promise.withResolvers<boolean>(),
      isBusy: true,
      isDirty: false,
      isGone: false,
      callOff: () => undefined,
    };
    this.#calls.set(nameOf(scope), call);
    void call.lines.ready.then(() => (call.isGone ? undefined : this.#refresh(call)));
    return call;
  }
}

/** Starts with nothing open. */
export const createLiveHub = (options: LiveHubOptions): LiveHub => new CallHub(options);
