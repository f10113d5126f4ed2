// Invitations as files: `<data folder>/.invitations/<SHA-256 of the code>.open`, and `.used` beside it once somebody
// has come. Any process can create them while the service runs, whatever the database, and nobody learns a code by
// reading the folder. Claiming is a link(2): it succeeds for exactly one.

import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { makePrivateFolder, namesIn, putPrivateFile, readJson } from "../../lib/private-file.ts";
import { generateSecret } from "../rules.ts";
import type { FoundInvitation, Invitation, InvitationStore, UsedBy } from "./types.ts";

const FOLDER = ".invitations";
const OPEN = ".open";
const USED = ".used";
const BOT = "bot-";

type StoredUse = Invitation & { readonly usedBy: UsedBy };

const fileNameOf = (code: string): string => createHash("sha256").update(code).digest("hex");

const isInvitation = (value: unknown): value is Invitation =>
  typeof value === "object" &&
  value !== null &&
  "enterprise" in value &&
  typeof value.enterprise === "string" &&
  "expiresAt" in value &&
  typeof value.expiresAt === "number";

class FileInvitations implements InvitationStore {
  readonly #dataDir: string;
  readonly #clock: Clock;
  readonly #dir: string;

  constructor(dataDir: string, clock: Clock) {
    this.#dataDir = dataDir;
    this.#clock = clock;
    this.#dir = join(this.#dataDir, FOLDER);
  }

  find(code: string): FoundInvitation | undefined {
    const used = this.#read(this.#pathOf(code, USED));
    if (used !== undefined && "usedBy" in used) return { invitation: used, usedBy: used.usedBy };
    const invitation = this.#read(this.#pathOf(code, OPEN));
    return invitation === undefined ? undefined : { invitation, usedBy: undefined };
  }

  create(invitation: Invitation): string {
    const code = generateSecret();
    this.#put(this.#pathOf(code, OPEN), invitation);
    return code;
  }

  open(): Invitation[] {
    return this.#openOnes()
      .map(([, invitation]) => invitation)
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  claim(code: string, by: UsedBy): boolean {
    const invitation = this.#read(this.#pathOf(code, OPEN));
    if (invitation !== undefined)
      this.#put(this.#pathOf(code, USED), { ...invitation, usedBy: by });
    const holder = this.find(code)?.usedBy;
    return holder?.botId === by.botId && holder.updateId === by.updateId;
  }

  finish(code: string): void {
    rmSync(this.#pathOf(code, OPEN), { force: true });
  }

  giveBack(code: string): void {
    rmSync(this.#pathOf(code, USED), { force: true });
  }

  cancel(enterprise: string): number {
    const ended = this.#openOnes().filter(([, invitation]) => invitation.enterprise === enterprise);
    for (const [name] of ended) rmSync(join(this.#dir, name), { force: true });
    return ended.length;
  }

  removeExpired(): void {
    for (const name of namesIn(this.#dir)) {
      if (!name.endsWith(OPEN) && !name.endsWith(USED)) continue;
      const path = join(this.#dir, name);
      const invitation = this.#read(path);
      if (invitation !== undefined && invitation.expiresAt <= this.#clock.now()) {
        rmSync(path, { force: true });
      }
    }
  }

  bots(): string[] {
    return namesIn(this.#dir)
      .filter((name) => /^bot-\d+$/.test(name))
      .map((name) => name.slice(BOT.length));
  }

  addBot(botId: string): undefined {
    return void this.#put(join(this.#dir, `${BOT}${botId}`), {});
  }

  #pathOf(code: string, kind: string): string {
    return join(this.#dir, `${fileNameOf(code)}${kind}`);
  }

  /** Undefined where it is gone, or no file of ours. */
  #read(path: string): Invitation | StoredUse | undefined {
    const value = readJson(path);
    return isInvitation(value) ? value : undefined;
  }

  /** Puts a whole file under that name; false where the name is taken. */
  #put(path: string, content: object): boolean {
    makePrivateFolder(this.#dir, this.#dataDir);
    return putPrivateFile(path, JSON.stringify(content), this.#dataDir);
  }

  #openNames(all: readonly string[]): string[] {
    const used = new Set(all.filter((name) => name.endsWith(USED)));
    return all.filter(
      (name) => name.endsWith(OPEN) && !used.has(name.slice(0, -OPEN.length) + USED),
    );
  }

  #openOnes(): [name: string, invitation: Invitation][] {
    return this.#openNames(namesIn(this.#dir)).flatMap((name): [string, Invitation][] => {
      const invitation = this.#read(join(this.#dir, name));
      return invitation === undefined || invitation.expiresAt <= this.#clock.now()
        ? []
        : [[name, invitation]];
    });
  }
}

/**
 * The invitations of a data folder. Holds nothing that needs closing; the folder is made (mode 0700) with the first
 * invitation.
 */
export const openInvitations = (dataDir: string, clock: Clock): InvitationStore =>
  new FileInvitations(dataDir, clock);
