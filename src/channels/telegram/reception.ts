// Which bots' messages are asked for, and who answers them. A bot is listened to while its enterprise has open
// invitations and for some minutes after somebody opened the settings; one that let somebody in before is asked once a
// minute; no other bot is, since its messages may belong to another program. Runs in the process that brings the cards.

import type { Lang } from "../../domain/lang.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Scheduler } from "../../lib/scheduler.ts";
import type { Directory, InvitationStore } from "../../people/index.ts";
import type { Bot } from "./bot.ts";
import { botIdOf, createAnswering, type Door } from "./door.ts";
import { createInbox, type Inbox, type Pace } from "./inbox.ts";
import type { Incoming } from "./incoming.ts";
import { createInvitations, type Invitations } from "./invitations.ts";
import { createSettings, type Settings } from "./settings-desk.ts";

export type ReceptionOptions = {
  readonly store: InvitationStore;
  /** Takes the changes, so that its own memory of who gets cards is right at once. */
  readonly directory: Pick<
    Directory,
    "enterprises" | "addUser" | "removeUser" | "removeUserOfBot" | "setChatPreferences"
  >;
  /** Remembers nothing: who was removed a second ago is in no more. */
  readonly directoryNow: Pick<Directory, "enterprises" | "usersOf" | "users" | "chatPreferences">;
  readonly bot: (token: string) => Bot;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Log;
  /** For people whose Telegram tells no language. */
  readonly lang: Lang;
};

export type Reception = {
  /** Looks which bots are to be heard, and listens accordingly. To be called every second or so; never throws. */
  look(): Promise<void>;
  /** Ends all requests at once, and finishes the message under way. */
  stop(): Promise<void>;
};

/** Expired invitations are removed this often. In milliseconds. */
const SWEEP_EVERY_MS = 60_000;
/** After somebody opened or changed the settings, their bot is listened to for this long. In milliseconds. */
const ATTEND_MS = 5 * 60_000;

class BotReception implements Reception {
  readonly #options: ReceptionOptions;
  readonly #answering: ReturnType<typeof createAnswering>;
  readonly #invitations: Invitations;
  readonly #settings: Settings;
  readonly #inboxes = new Map<string, Inbox>();
  /** When settings were used last, by the bot's id. */
  readonly #usedAt = new Map<string, number>();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  #isStopped = false;
  #lastFault = "";

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.#answering = createAnswering(options);
    const { clock } = options;
    const shared = { ...options, answering: this.#answering };
    this.#invitations = createInvitations(shared);
    this.#settings = createSettings({
      ...shared,
      onUse: ({ botId }) => void this.#usedAt.set(botId, clock.now()),
    });
  }

  async look(): Promise<void> {
    if (this.#isLooking || this.#isStopped) return;
    this.#isLooking = true;
    try {
      await this.#lookNow();
      this.#lastFault = "";
    } catch (error) {
      // Once a kind: a folder that cannot be read fails every second.
      if (String(error) !== this.#lastFault)
        this.#options.log.error("cannot look for invitations", { error });
      this.#lastFault = String(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#answering.stop();
    await Promise.all([...this.#inboxes.values()].map((inbox) => inbox.stop()));
  }

  async #handle(door: Door, { updateId, message, press }: Incoming): Promise<boolean> {
    if (press !== undefined) {
      await this.#settings.handlePress(door, press);
      return true;
    }
    if (message === undefined) return false;
    return (
      (await this.#invitations.handle(door, updateId, message)) ||
      (await this.#settings.handleMessage(door, message))
    );
  }

  /** The bots whose settings somebody is busy with. */
  #attended(): ReadonlySet<string> {
    const now = this.#options.clock.now();
    for (const [botId, usedAt] of this.#usedAt) {
      // A clock that was put back ends it too.
      if (now < usedAt || now - usedAt >= ATTEND_MS) this.#usedAt.delete(botId);
    }
    return new Set(this.#usedAt.keys());
  }

  #open(token: string, pace: Pace): void {
    const { clock, scheduler, log } = this.#options;
    const door: Door = { botId: botIdOf(token), bot: this.#options.bot(token) };
    const inbox = createInbox({
      ...door,
      pace,
      clock,
      scheduler,
      log,
      handle: (incoming) => this.#handle(door, incoming),
    });
    this.#inboxes.set(token, inbox);
    void inbox.ended.then(() => {
      if (this.#inboxes.get(token) === inbox) this.#inboxes.delete(token);
    });
  }

  /** Which bots are to be heard, and how. */
  async #wanted(): Promise<ReadonlyMap<string, Pace>> {
    const { store, directory, directoryNow } = this.#options;
    const invited = new Set(store.open().map(({ enterprise }) => enterprise));
    const known = new Set(store.bots());
    const attended = this.#attended();
    if (invited.size === 0 && known.size === 0 && attended.size === 0) return new Map();
    // An invitation often follows a change of the bot by seconds.
    const enterprises = await (invited.size > 0 ? directoryNow : directory).enterprises();
    const paces = new Map<string, Pace>();
    for (const { number, botToken, active } of enterprises) {
      if (botToken === null || !active) continue;
      const botId = botIdOf(botToken);
      if (invited.has(number) || attended.has(botId)) paces.set(botToken, "listening");
      else if (known.has(botId) && !paces.has(botToken)) paces.set(botToken, "glancing");
    }
    return paces;
  }

  async #lookNow(): Promise<void> {
    const { clock, store } = this.#options;
    if (clock.now() - this.#sweptAt >= SWEEP_EVERY_MS) {
      this.#sweptAt = clock.now();
      store.removeExpired();
    }
    const paces = await this.#wanted();
    if (this.#isStopped) return;
    for (const [token, inbox] of this.#inboxes) inbox.setPace(paces.get(token) ?? "closing");
    for (const [token, pace] of paces) if (!this.#inboxes.has(token)) this.#open(token, pace);
  }
}

export const createReception = (options: ReceptionOptions): Reception => new BotReception(options);
