// Links into the console and the sessions they begin, as files: `<data folder>/.console/<SHA-256 of the code>.link`, `.used`
// beside it once it was, and `.session`. So every worker knows them, a restart ends none, and nobody learns a code by reading
// the folder.

import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { makePrivateFolder, namesIn, putPrivateFile, readJson } from "../lib/private-file.ts";
import { HOUR_MS, MINUTE_MS } from "../lib/time.ts";
import { generateSecret } from "../people/index.ts";

/** How long a link waits to be used, in milliseconds. */
export const LINK_TTL_MS = 5 * MINUTE_MS;
/** How long a session lasts, in milliseconds, however much it is used. */
export const SESSION_TTL_MS = 12 * HOUR_MS;

const FOLDER = ".console";
const LINK = ".link";
const USED = ".used";
const SESSION = ".session";

/** Who may do what the console can, and until when. */
export type Pass = {
  /** The user of the machine who made the link. */
  readonly by: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
};

/** Holds nothing that needs closing. Every method throws where the folder cannot be read or written. */
export type ConsoleStore = {
  /** Makes a link's code, 32 hexadecimal digits: it is kept nowhere. The folder is made with the first. */
  createLink(by: string): string;
  /** The pass of a link that can still be used; looking does not use it. */
  linkOf(code: string): Pass | undefined;
  /** Uses up a link and answers the code of a new session; undefined where the link is unknown, expired, or was used. */
  begin(code: string): { readonly session: string; readonly pass: Pass } | undefined;
  /** The pass of a session that lasts. */
  sessionOf(session: string): Pass | undefined;
  /** Ends a session. */
  end(session: string): void;
  /** Ends every session and every link; answers how many sessions there were. */
  endAll(): number;
};

/** What a code looks like; anything else is not looked for. */
const CODE = /^[0-9a-f]{32}$/;

const isPass = (value: unknown): value is Pass =>
  typeof value === "object" &&
  value !== null &&
  "by" in value &&
  typeof value.by === "string" &&
  "expiresAt" in value &&
  typeof value.expiresAt === "number";

/** The console's links and sessions in a data folder. */
export const openConsoleStore = (dataDir: string, clock: Clock): ConsoleStore => {
  const folder = join(dataDir, FOLDER);
  const pathOf = (code: string, kind: string): string =>
    join(folder, `${createHash("sha256").update(code).digest("hex")}${kind}`);

  const read = (path: string): Pass | undefined => {
    const value = readJson(path);
    return isPass(value) ? value : undefined;
  };

  const valid = (code: string, kind: string): Pass | undefined => {
    const pass = CODE.test(code) ? read(pathOf(code, kind)) : undefined;
    return pass !== undefined && clock.now() < pass.expiresAt ? pass : undefined;
  };

  const put = (code: string, kind: string, pass: Pass): boolean => {
    makePrivateFolder(folder, dataDir);
    return putPrivateFile(pathOf(code, kind), JSON.stringify(pass), dataDir);
  };

  const removeExpired = (): void => {
    for (const name of namesIn(folder)) {
      const pass = read(join(folder, name));
      if (pass !== undefined && pass.expiresAt <= clock.now()) {
        rmSync(join(folder, name), { force: true });
      }
    }
  };

  const linkOf = (code: string): Pass | undefined => {
    const pass = valid(code, LINK);
    return pass === undefined || read(pathOf(code, USED)) !== undefined ? undefined : pass;
  };

  return {
    createLink: (by) => {
      removeExpired();
      const code = generateSecret();
      put(code, LINK, { by, expiresAt: clock.now() + LINK_TTL_MS });
      return code;
    },
    linkOf,
    begin: (code) => {
      const link = linkOf(code);
      // Of two who press at the same time one is first.
      if (link === undefined || !put(code, USED, link)) return undefined;
      rmSync(pathOf(code, LINK), { force: true });
      const session = generateSecret();
      const pass = { by: link.by, expiresAt: clock.now() + SESSION_TTL_MS };
      put(session, SESSION, pass);
      return { session, pass };
    },
    sessionOf: (session) => valid(session, SESSION),
    end: (session) => {
      if (CODE.test(session)) rmSync(pathOf(session, SESSION), { force: true });
    },
    endAll: () => {
      const all = namesIn(folder).filter((name) => /\.(?:link|session)$/.test(name));
      for (const name of all) rmSync(join(folder, name), { force: true });
      return all.filter((name) => name.endsWith(SESSION)).length;
    },
  };
};
