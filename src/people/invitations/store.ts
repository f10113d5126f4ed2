// Invitations as files: `<data folder>/.invitations/<SHA-256 of the code>.open`, and `.used` beside it once somebody has
// come. So any process makes them while the service runs, whatever the database, and whoever reads the folder learns no
// code. A name is linked only to a whole file, and the link that succeeds decides who was first.

import { createHash, randomUUID } from "node:crypto";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { errorCode } from "../../lib/errors.ts";
import type { FoundInvitation, Invitation, InvitationStore, UsedBy } from "./types.ts";

const FOLDER = ".invitations";
const OPEN = ".open";
const USED = ".used";
/** What a killed process may leave of a file it was writing. */
const UNFINISHED = ".new";
const BOT = "bot-";

type StoredUse = Invitation & { readonly usedBy: UsedBy };

const fileNameOf = (code: string): string => createHash("sha256").update(code).digest("hex");

const newCode = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");

const isInvitation = (value: unknown): value is Invitation =>
  typeof value === "object" &&
  value !== null &&
  "enterprise" in value &&
  typeof value.enterprise === "string" &&
  "expiresAt" in value &&
  typeof value.expiresAt === "number";

/**
 * The invitations of a data folder. Holds nothing that needs closing; the folder is made (mode 0700) with the first
 * invitation.
 */
export const openInvitations = (dataDir: string, clock: Clock): InvitationStore => {
  const dir = join(dataDir, FOLDER);
  const pathOf = (code: string, kind: string): string => join(dir, `${fileNameOf(code)}${kind}`);

  const names = (): string[] => {
    try {
      return readdirSync(dir);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    }
  };

  /** Undefined where it is gone, or is nothing of ours. */
  const read = (path: string): Invitation | StoredUse | undefined => {
    try {
      const value: unknown = JSON.parse(readFileSync(path, "utf8"));
      return isInvitation(value) ? value : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  };

  /** Made by root (an operator's sudo), it must still be the service's to read and remove. */
  const giveToOwner = (path: string): void => {
    if (process.getuid?.() !== 0) return;
    const { uid, gid } = statSync(dataDir);
    chownSync(path, uid, gid);
  };

  const makeFolder = (): void => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    if (mkdirSync(dir, { recursive: true, mode: 0o700 }) === undefined) return;
    chmodSync(dir, 0o700);
    giveToOwner(dir);
  };

  /** Puts a whole file under that name; false where the name is taken. */
  const put = (path: string, content: object): boolean => {
    makeFolder();
    const unfinished = join(dir, `${randomUUID()}${UNFINISHED}`);
    try {
      writeFileSync(unfinished, JSON.stringify(content), { mode: 0o600 });
      giveToOwner(unfinished);
      linkSync(unfinished, path);
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    } finally {
      rmSync(unfinished, { force: true });
    }
  };

  const openNames = (all: readonly string[]): string[] => {
    const used = new Set(all.filter((name) => name.endsWith(USED)));
    return all.filter(
      (name) => name.endsWith(OPEN) && !used.has(name.slice(0, -OPEN.length) + USED),
    );
  };

  const openOnes = (): [name: string, invitation: Invitation][] =>
    openNames(names()).flatMap((name): [string, Invitation][] => {
      const invitation = read(join(dir, name));
      return invitation === undefined || invitation.expiresAt <= clock.now()
        ? []
        : [[name, invitation]];
    });

  const find = (code: string): FoundInvitation | undefined => {
    const used = read(pathOf(code, USED));
    if (used !== undefined && "usedBy" in used) return { invitation: used, usedBy: used.usedBy };
    const invitation = read(pathOf(code, OPEN));
    return invitation === undefined ? undefined : { invitation, usedBy: undefined };
  };

  return {
    find,
    create: (invitation) => {
      const code = newCode();
      put(pathOf(code, OPEN), invitation);
      return code;
    },
    open: () =>
      openOnes()
        .map(([, invitation]) => invitation)
        .sort((a, b) => a.createdAt - b.createdAt),
    claim: (code, by) => {
      const invitation = read(pathOf(code, OPEN));
      if (invitation !== undefined) put(pathOf(code, USED), { ...invitation, usedBy: by });
      const holder = find(code)?.usedBy;
      return holder?.botId === by.botId && holder.updateId === by.updateId;
    },
    finish: (code) => rmSync(pathOf(code, OPEN), { force: true }),
    giveBack: (code) => rmSync(pathOf(code, USED), { force: true }),
    cancel: (enterprise) => {
      const ended = openOnes().filter(([, invitation]) => invitation.enterprise === enterprise);
      for (const [name] of ended) rmSync(join(dir, name), { force: true });
      return ended.length;
    },
    removeExpired: () => {
      for (const name of names()) {
        if (!name.endsWith(OPEN) && !name.endsWith(USED)) continue;
        const path = join(dir, name);
        const invitation = read(path);
        if (invitation !== undefined && invitation.expiresAt <= clock.now()) {
          rmSync(path, { force: true });
        }
      }
    },
    bots: () =>
      names()
        .filter((name) => /^bot-\d+$/.test(name))
        .map((name) => name.slice(BOT.length)),
    addBot: (botId) => void put(join(dir, `${BOT}${botId}`), {}),
  };
};
