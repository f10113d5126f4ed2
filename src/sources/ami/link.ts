// Keeps the link to one Asterisk up: reconnects with back-off, with a long pause after a refused login. Logs once when
// the link comes and goes, and reports how long it was away. Never logs the secret.

import { createBackoff } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { createSleeper, type Scheduler } from "../../lib/scheduler.ts";
import {
  type AmiEndpoint,
  runSession,
  type SessionEnd,
  type SessionOptions,
  tellsCalls,
} from "./session.ts";
import type { AmiMessage } from "./types.ts";

export type LinkOptions = Pick<SessionOptions, "createReader" | "onEvents"> & {
  readonly endpoint: AmiEndpoint;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: () => number;
  readonly log: Log;
  /** The login was accepted; no event came yet. @param at milliseconds since the epoch */
  readonly onUp?: (at: number) => void;
  /** The link is lost. */
  readonly onDown?: () => void;
  /**
   * The channels there are after a login. `gapMs`: how long nothing was heard before; undefined at the first login, and
   * undefined channels where the user may not ask for them.
   */
  readonly onChannels: (
    channels: readonly AmiMessage[] | undefined,
    gapMs: number | undefined,
    receivedAt: number,
  ) => Promise<void>;
};

export type Link = {
  stop(): Promise<void>;
  /** Whether it is logged in now. */
  isUp(): boolean;
};

/** A wrong password does not become right by itself, and hosts lock out who keeps trying. In milliseconds. */
const REFUSED_MS = 60_000;
/** Pauses between attempts at a PBX that is away. */
const PAUSES = { firstMs: 500, longestMs: 30_000 };
/** A session that held this long ends a row of failures, in milliseconds. */
const HELD_MS = 30_000;

/** Says in the log why a session ended. */
const tellEnd = (log: Log, { kind, reason }: SessionEnd, wasLoggedIn: boolean): void => {
  if (kind === "refused") {
    log.error("the PBX refuses the login: check user, secret, permit and deny in manager.conf", {
      reason,
      retrySeconds: REFUSED_MS / 1000,
    });
  } else if (wasLoggedIn) log.warn("the link to the PBX is lost; connecting again", { reason });
  else log.error("cannot connect to the PBX; trying again", { reason });
};

/** Starts to connect, and goes on until it is stopped. */
export const startLink = (options: LinkOptions): Link => {
  const { endpoint, createReader, clock, scheduler, random, log, onEvents, onChannels } = options;
  const stopping = new AbortController();
  const sleeper = createSleeper(clock, scheduler);
  const backoff = createBackoff({ ...PAUSES, random });
  /** When something was heard last. */
  let heardAt: number | undefined;
  let isUp = false;
  let told = "";
  let hasToldRights = false;
  let hasToldStamps = false;
  let hasToldVersion = false;

  const checkStamps = (events: readonly AmiMessage[]): void => {
    if (hasToldStamps) return;
    const call = events.find(({ event }) => event === "Newchannel");
    if (call === undefined) return;
    hasToldStamps = true;
    if (call.fields.has("Timestamp")) return;
    log.warn("the PBX sends no times: set timestampevents = yes in manager.conf for exact ones");
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let gapMs: number | undefined;
      let loggedInAt: number | undefined;
      const ended = await runSession({
        endpoint,
        createReader,
        clock,
        scheduler,
        signal: stopping.signal,
        onBanner: (version) => {
          if (tellsCalls(version) || hasToldVersion) return;
          hasToldVersion = true;
          log.error(
            "the PBX is too old: its events do not tell which call a channel belongs to, and nothing is recorded; give its CEL file instead (--cel FILE without --ami), or upgrade to Asterisk 12 or later",
            { managerVersion: version },
          );
        },
        onLogin: () => {
          loggedInAt = clock.now();
          gapMs = heardAt === undefined ? undefined : loggedInAt - heardAt;
          isUp = true;
          options.onUp?.(loggedInAt);
          told = "";
          const wasAway = gapMs === undefined ? {} : { awaySeconds: Math.round(gapMs / 1000) };
          log.info("connected to the PBX", wasAway);
        },
        onEvents: (events, at) => {
          checkStamps(events);
          return onEvents(events, at);
        },
        onChannels: (channels, at) => {
          if (channels === undefined && !hasToldRights) {
            hasToldRights = true;
            log.warn(
              "the PBX does not tell which channels there are: calls that end while the link is away stay open; add write = reporting to the user in manager.conf",
            );
          }
          return onChannels(channels, gapMs, at);
        },
      });
      isUp = false;
      options.onDown?.();
      const { kind, reason } = ended;
      if (loggedInAt !== undefined) heardAt = ended.heardAt;
      if (kind === "stopped") return;
      const now = clock.now();
      if (loggedInAt !== undefined && now - loggedInAt >= HELD_MS) backoff.reset();
      if (reason !== told) tellEnd(log, ended, loggedInAt !== undefined);
      told = reason;
      const isTemporary = kind === "lost";
      await sleeper.sleep(isTemporary ? backoff.nextMs() : REFUSED_MS);
    }
  };
  const running = run().catch((error: unknown) => {
    isUp = false;
    log.error("the link to the PBX has ended by a fault of ours", { error });
  });

  return {
    isUp: () => isUp,
    stop: async () => {
      stopping.abort();
      sleeper.wakeAll();
      await running;
    },
  };
};
