// Outgoing webhooks as files: `<data folder>/.hooks/<enterprise>/<id>.json`, whatever the database. Commands and the service
// are different processes: what commands write (`.json`) and what the service writes (`.gone` where a target is gone,
// `.place` up to where it has been told) are files of their own, so that neither undoes the other's. The files hold
// secrets: their owner alone may read them.

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { errorCode } from "../lib/errors.ts";
import { giveToOwner, makePrivateFolder, namesIn, readJson } from "../lib/private-file.ts";
import { replaceFile } from "../lib/replace-file.ts";
import { FORMER_SECRET_MS, newHookSecret } from "./signature.ts";
import type { Hook } from "./types.ts";

/** Dot-named: no enterprise has such a folder. */
const FOLDER = ".hooks";
const HOOK = ".json";
const GONE = ".gone";
const PLACE = ".place";
const ASKED = ".again";
const ID = /^h[0-9a-f]{8}$/;

/** Every method throws the system's error where the folder cannot be read or written. */
export type HookStore = {
  /** An enterprise's webhooks, oldest first. */
  of(enterprise: string): readonly Hook[];
  /** The enterprises that have any. */
  enterprises(): readonly string[];
  /** @param secret one that `hookSecretRule` allows; made where it is not given */
  add(enterprise: string, url: string, secret?: string): Hook;
  /** Whether there was one. */
  remove(enterprise: string, id: string): boolean;
  /** Gives it a new secret; the one before signs beside it for a day. Undefined where there is no such webhook. */
  rotate(enterprise: string, id: string): Hook | undefined;
  /** The target answered 410: nothing more is sent to it. */
  markGone(hook: Hook): void;
  /** It is sent to again, from now on. */
  markBack(hook: Hook): void;
  /** Everything on record before this moment was told, or needs not be. In milliseconds since the epoch. */
  placeOf(hook: Hook): number;
  setPlace(hook: Hook, at: number): void;
  /** Asks the service to send a call's events again. */
  askAgain(enterprise: string, asked: AskedAgain): void;
  /** What was asked for; each is given once. */
  takeAsked(enterprise: string): readonly AskedAgain[];
};

export type AskedAgain = {
  readonly uniqueId: string;
  /** A webhook's id; null: all of the enterprise. */
  readonly hook: string | null;
};

type StoredHook = Omit<Hook, "goneAt">;

const isStoredHook = (value: unknown): value is StoredHook =>
  typeof value === "object" &&
  value !== null &&
  "url" in value &&
  typeof value.url === "string" &&
  URL.canParse(value.url) &&
  "secret" in value &&
  typeof value.secret === "string" &&
  "createdAt" in value &&
  typeof value.createdAt === "number";

class FileHooks implements HookStore {
  readonly #dataDir: string;
  readonly #clock: Clock;

  constructor(dataDir: string, clock: Clock) {
    this.#dataDir = dataDir;
    this.#clock = clock;
  }

  enterprises(): string[] {
    return filesIn(join(this.#dataDir, FOLDER)).sort();
  }

  of(enterprise: string): Hook[] {
    const names = filesIn(this.#folderOf(enterprise)).filter(
      (name) => name.endsWith(HOOK) && ID.test(name.slice(0, -HOOK.length)),
    );
    return names
      .flatMap((name) => this.#read(enterprise, name.slice(0, -HOOK.length)) ?? [])
      .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  add(enterprise: string, url: string, secret: string = newHookSecret()): Hook {
    const id = `h${randomBytes(4).toString("hex")}`;
    const createdAt = this.#clock.now();
    this.#write({ id, enterprise, url, secret, former: null, createdAt });
    return { id, enterprise, url, secret, former: null, createdAt, goneAt: null };
  }

  remove(enterprise: string, id: string): boolean {
    if (this.#read(enterprise, id) === undefined) return false;
    for (const kind of [HOOK, GONE, PLACE])
      rmSync(this.#pathOf(enterprise, id, kind), { force: true });
    return true;
  }

  rotate(enterprise: string, id: string): Hook | undefined {
    const hook = this.#read(enterprise, id);
    if (hook === undefined) return undefined;
    const { goneAt, ...stored } = hook;
    const former = { secret: hook.secret, until: this.#clock.now() + FORMER_SECRET_MS };
    const rotated = { ...stored, secret: newHookSecret(), former };
    this.#write(rotated);
    return { ...rotated, goneAt };
  }

  markGone({ enterprise, id }: Hook): void {
    this.#put(enterprise, id, GONE, { at: this.#clock.now() });
  }

  markBack(hook: Hook): void {
    this.setPlace(hook, this.#clock.now());
    rmSync(this.#pathOf(hook.enterprise, hook.id, GONE), { force: true });
  }

  placeOf({ enterprise, id, createdAt }: Hook): number {
    return Math.max(createdAt, this.#timeIn(enterprise, id, PLACE) ?? 0);
  }

  setPlace({ enterprise, id }: Hook, at: number): void {
    // Removed meanwhile: nothing of it is left behind.
    if (this.#read(enterprise, id) !== undefined) this.#put(enterprise, id, PLACE, { at });
  }

  askAgain(enterprise: string, asked: AskedAgain): void {
    this.#put(enterprise, `${this.#clock.now()}-${randomBytes(4).toString("hex")}`, ASKED, asked);
  }

  takeAsked(enterprise: string): AskedAgain[] {
    const names = filesIn(this.#folderOf(enterprise)).filter((name) => name.endsWith(ASKED));
    return names.sort().flatMap((name) => {
      const path = join(this.#folderOf(enterprise), name);
      const asked = readJson(path) as Partial<AskedAgain> | undefined;
      rmSync(path, { force: true });
      const { uniqueId, hook = null } = asked ?? {};
      return typeof uniqueId === "string" && uniqueId !== "" ? [{ uniqueId, hook }] : [];
    });
  }

  #folderOf(enterprise: string): string {
    return join(this.#dataDir, FOLDER, enterprise);
  }

  #pathOf(enterprise: string, id: string, kind: string): string {
    return join(this.#folderOf(enterprise), `${id}${kind}`);
  }

  #read(enterprise: string, id: string): Hook | undefined {
    if (!ID.test(id)) return undefined;
    const stored = readJson(this.#pathOf(enterprise, id, HOOK));
    if (!isStoredHook(stored)) return undefined;
    const { url, secret, createdAt, former = null } = stored;
    const goneAt = this.#timeIn(enterprise, id, GONE) ?? null;
    return { id, enterprise, url, secret, former, createdAt, goneAt };
  }

  #timeIn(enterprise: string, id: string, kind: string): number | undefined {
    const content = readJson(this.#pathOf(enterprise, id, kind)) as { at?: unknown } | undefined;
    return typeof content?.at === "number" ? content.at : undefined;
  }

  #write(hook: StoredHook): void {
    this.#put(hook.enterprise, hook.id, HOOK, hook);
  }

  #put(enterprise: string, id: string, kind: string, content: object): void {
    makePrivateFolder(join(this.#dataDir, FOLDER), this.#dataDir);
    makePrivateFolder(this.#folderOf(enterprise), this.#dataDir);
    const path = this.#pathOf(enterprise, id, kind);
    replaceFile(path, JSON.stringify(content), { isDurable: kind !== PLACE });
    giveToOwner(path, this.#dataDir);
  }
}

const filesIn = (folder: string): string[] => {
  try {
    return namesIn(folder);
  } catch (error) {
    // A data folder that is none has no webhooks either.
    if (errorCode(error) === "ENOTDIR") return [];
    throw error;
  }
};

/** The outgoing webhooks of a data folder. Holds nothing that needs closing; folders are made (mode 0700) with the first. */
export const openHooks = (dataDir: string, clock: Clock): HookStore =>
  new FileHooks(dataDir, clock);
