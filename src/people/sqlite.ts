// The embedded directory: one SQLite file that the server and the commands open at the same time (WAL, writers wait for
// each other). The file holds secrets, so only its owner may read it. Every method is one statement or one transaction.

import { Database, SQLiteError, type Statement } from "bun:sqlite";
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { ChatPreferencesOf } from "../domain/chat-preferences.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { errorCode, errorText } from "../lib/errors.ts";
import { assertChatIn, type ChatRow, chatValues, toChatPreferences } from "./chat-rows.ts";
import { DirectoryError } from "./errors.ts";
import { countryOf, recordingsOf, remindersOf } from "./postgres-rows.ts";
import { recipientsOf } from "./recipients.ts";
import { assertEnterprise, assertEnterpriseChange, assertUser } from "./rules.ts";
import type { Directory, EnterpriseChange } from "./types.ts";

/** How long a writer waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 5_000;
/** Between two attempts at what SQLite does not wait for by itself. */
const RETRY_MS = 10;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS enterprises (
  number TEXT PRIMARY KEY NOT NULL,
  name TEXT,
  name2 TEXT UNIQUE,
  secret TEXT NOT NULL,
  bot_token TEXT,
  active INTEGER NOT NULL DEFAULT 1,
  country TEXT,
  remind_after TEXT,
  hours TEXT,
  recordings TEXT
);
CREATE TABLE IF NOT EXISTS telegram_users (
  tg_id INTEGER NOT NULL,
  first_name TEXT,
  last_name TEXT,
  email TEXT,
  bot_token TEXT,
  enterprise_number TEXT,
  UNIQUE (tg_id, enterprise_number)
);
CREATE TABLE IF NOT EXISTS calllog_chats (
  tg_id INTEGER NOT NULL,
  enterprise_number TEXT NOT NULL,
  cards TEXT,
  extensions TEXT,
  thread_id INTEGER,
  quiet TEXT,
  digest TEXT,
  lang TEXT,
  numbers TEXT,
  PRIMARY KEY (tg_id, enterprise_number)
);`;

type EnterpriseRow = {
  number: string;
  name: string | null;
  name2: string | null;
  secret: string;
  bot_token: string | null;
  active: number;
  country: string | null;
  remind_after: string | null;
  hours: string | null;
  recordings: string | null;
};

type UserRow = {
  tg_id: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  bot_token: string | null;
  enterprise_number: string | null;
};

const CHAT_COLUMNS =
  "CAST(tg_id AS TEXT) AS tg_id, enterprise_number, cards, extensions, CAST(thread_id AS TEXT) AS thread_id, quiet, digest, lang, numbers";

const ENTERPRISE_COLUMNS =
  "number, name, name2, secret, bot_token, active, country, remind_after, hours, recordings";
// As text: a chat id of 52 bits must not pass through a rounding number.
const USER_COLUMNS =
  "CAST(tg_id AS TEXT) AS tg_id, first_name, last_name, email, bot_token, enterprise_number";

const toEnterprise = (row: EnterpriseRow): Enterprise => ({
  number: row.number,
  name: row.name,
  webhookToken: row.name2,
  secret: row.secret,
  botToken: row.bot_token,
  active: row.active !== 0,
  ...countryOf(row.country),
  ...remindersOf(row.remind_after, row.hours),
  ...recordingsOf(row.recordings),
});

const toUser = (row: UserRow): TelegramUser => ({
  chatId: row.tg_id,
  firstName: row.first_name,
  lastName: row.last_name,
  email: row.email,
  botToken: row.bot_token,
  enterpriseNumber: row.enterprise_number,
});

/**
 * The first to open a new file turns it to write-ahead logging, which SQLite refuses with "database is locked" at once,
 * without its busy timeout, while another process is doing the same: tried again until that time is over.
 */
const useWriteAheadLog = (db: Database): void => {
  const giveUpAt = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      db.run("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      const isBusy = error instanceof SQLiteError && error.code?.startsWith("SQLITE_BUSY") === true;
      if (!isBusy || performance.now() > giveUpAt) throw error;
      Bun.sleepSync(RETRY_MS);
    }
  }
};

/** Columns that files of earlier versions have not. */
const LATER_COLUMNS = ["country", "remind_after", "hours", "recordings"];

/** A file of a version before these columns; of two processes that find it so, one adds them. */
const addMissingColumns = (db: Database): void => {
  db.transaction(() => {
    const columns = db.query<{ name: string }, []>("PRAGMA table_info(enterprises)").all();
    const known = new Set(columns.map(({ name }) => name));
    for (const name of LATER_COLUMNS)
      if (!known.has(name)) db.run(`ALTER TABLE enterprises ADD COLUMN ${name} TEXT`);
  }).immediate();
};

const openFile = (path: string): Database => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its side files the mode of the main file, so that has to be right before it looks.
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
  } catch (error) {
    // Another owner's file that we may nevertheless use is no reason to stop; SQLite decides below.
    if (errorCode(error) !== "EPERM") {
      throw new DirectoryError(
        "unavailable",
        `cannot open the directory ${path}: ${errorText(error)}; run as the user the service runs as`,
        { cause: error },
      );
    }
  }
  try {
    const db = new Database(path, { readwrite: true, create: true, strict: true });
    db.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    useWriteAheadLog(db);
    db.run("PRAGMA synchronous = FULL");
    db.run(SCHEMA);
    addMissingColumns(db);
    return db;
  } catch (error) {
    throw new DirectoryError(
      "unavailable",
      `cannot open the directory ${path}: ${errorText(error)}`,
      {
        cause: error,
      },
    );
  }
};

/** Runs `work`; database faults become DirectoryErrors that say what was being done. */
const doing = <T>(what: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SQLiteError)) throw error;
    throw new DirectoryError("unavailable", `cannot ${what}: ${error.message}`, { cause: error });
  }
};

class SqliteDirectory implements Directory {
  readonly #path: string;
  readonly #db: Database;
  readonly #byNumber: Statement<EnterpriseRow, [string]>;
  readonly #byToken: Statement<EnterpriseRow, [string]>;
  readonly #recipients: Statement<UserRow, [string, string | null]>;
  readonly #insertEnterprise: {
    (e: Enterprise): void;
    deferred: (e: Enterprise) => void;
    immediate: (e: Enterprise) => void;
    exclusive: (e: Enterprise) => void;
  };
  readonly #updateEnterprise: {
    (number: string, change: EnterpriseChange): void;
    deferred: (number: string, change: EnterpriseChange) => void;
    immediate: (number: string, change: EnterpriseChange) => void;
    exclusive: (number: string, change: EnterpriseChange) => void;
  };
  readonly #deleteEnterprise: {
    (number: string): void;
    deferred: (number: string) => void;
    immediate: (number: string) => void;
    exclusive: (number: string) => void;
  };
  readonly #insertUser: {
    (user: TelegramUser): void;
    deferred: (user: TelegramUser) => void;
    immediate: (user: TelegramUser) => void;
    exclusive: (user: TelegramUser) => void;
  };

  constructor(path: string) {
    this.#path = path;
    this.#db = openFile(this.#path);
    this.#byNumber = this.#db.query<EnterpriseRow, [string]>(
      `SELECT ${ENTERPRISE_COLUMNS} FROM enterprises WHERE number = ?`,
    );
    this.#byToken = this.#db.query<EnterpriseRow, [string]>(
      `SELECT ${ENTERPRISE_COLUMNS} FROM enterprises WHERE name2 = ?`,
    );
    this.#recipients = this.#db.query<UserRow, [string, string | null]>(
      `SELECT ${USER_COLUMNS} FROM telegram_users
     WHERE enterprise_number = ?1
        OR (COALESCE(enterprise_number, '') = '' AND bot_token = ?2)`,
    );
    this.#insertEnterprise = this.#db.transaction((e: Enterprise) => {
      const what = `add enterprise ${e.number}`;
      if (this.#byNumber.get(e.number) !== null) {
        throw new DirectoryError(
          "taken",
          `cannot ${what}: it is there already; change it with set`,
        );
      }
      this.#refuseTakenToken(what, e.webhookToken, e.number);
      this.#db.run(
        `INSERT INTO enterprises (${ENTERPRISE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          e.number,
          e.name,
          e.webhookToken,
          e.secret,
          e.botToken,
          e.active ? 1 : 0,
          e.country ?? null,
          e.remindAfter ?? null,
          e.hours ?? null,
          e.recordings ?? null,
        ],
      );
    });
    this.#updateEnterprise = this.#db.transaction((number: string, change: EnterpriseChange) => {
      const what = `change enterprise ${number}`;
      const old = this.#byNumber.get(number);
      if (old === null) throw new DirectoryError("not-found", `cannot ${what}: there is none`);
      this.#refuseTakenToken(what, change.webhookToken, number);
      const next = { ...toEnterprise(old), ...change };
      this.#db.run(
        "UPDATE enterprises SET name = ?, name2 = ?, secret = ?, bot_token = ?, active = ?, country = ?, remind_after = ?, hours = ?, recordings = ? WHERE number = ?",
        [
          next.name,
          next.webhookToken,
          next.secret,
          next.botToken,
          next.active ? 1 : 0,
          next.country ?? null,
          next.remindAfter ?? null,
          next.hours ?? null,
          next.recordings ?? null,
          number,
        ],
      );
    });
    this.#deleteEnterprise = this.#db.transaction((number: string) => {
      if (this.#db.run("DELETE FROM enterprises WHERE number = ?", [number]).changes === 0) {
        throw new DirectoryError("not-found", `cannot remove enterprise ${number}: there is none`);
      }
      this.#db.run("DELETE FROM telegram_users WHERE enterprise_number = ?", [number]);
      this.#db.run("DELETE FROM calllog_chats WHERE enterprise_number = ?", [number]);
    });
    this.#insertUser = this.#db.transaction((user: TelegramUser) => {
      const number = user.enterpriseNumber;
      const what = `add ${user.chatId}`;
      if (number !== null && this.#byNumber.get(number) === null) {
        throw new DirectoryError("not-found", `cannot ${what}: there is no enterprise ${number}`);
      }
      const same = this.#db
        .query("SELECT 1 FROM telegram_users WHERE tg_id = ? AND enterprise_number IS ?")
        .get(Number(user.chatId), number);
      if (same !== null) {
        const where = number === null ? "without an enterprise" : `in enterprise ${number}`;
        throw new DirectoryError("taken", `cannot ${what}: that chat is there already ${where}`);
      }
      this.#db.run(
        `INSERT INTO telegram_users (tg_id, first_name, last_name, email, bot_token, enterprise_number)
       VALUES (?, ?, ?, ?, ?, ?)`,
        [Number(user.chatId), user.firstName, user.lastName, user.email, user.botToken, number],
      );
    });
  }

  async enterpriseByNumber(number: string): Promise<Enterprise | undefined> {
    const row = doing("look up an enterprise", () => this.#byNumber.get(number));
    return row === null ? undefined : toEnterprise(row);
  }

  async enterpriseByWebhookToken(token: string): Promise<Enterprise | undefined> {
    const row = doing("look up a webhook token", () => this.#byToken.get(token));
    return row === null ? undefined : toEnterprise(row);
  }

  async enterprises(): Promise<Enterprise[]> {
    return doing("list enterprises", () =>
      this.#db
        .query<EnterpriseRow, []>(`SELECT ${ENTERPRISE_COLUMNS} FROM enterprises ORDER BY number`)
        .all()
        .map(toEnterprise),
    );
  }

  async usersOf(enterprise: Enterprise): Promise<TelegramUser[]> {
    const rows = doing("list the people of an enterprise", () =>
      this.#recipients.all(enterprise.number, enterprise.botToken),
    );
    return recipientsOf(rows.map(toUser), enterprise);
  }

  async addEnterprise(enterprise: Enterprise): Promise<void> {
    assertEnterprise(enterprise);
    doing(`add enterprise ${enterprise.number}`, () =>
      this.#insertEnterprise.immediate(enterprise),
    );
  }

  async changeEnterprise(number: string, change: EnterpriseChange): Promise<void> {
    assertEnterpriseChange(change);
    doing(`change enterprise ${number}`, () => this.#updateEnterprise.immediate(number, change));
  }

  async removeEnterprise(number: string): Promise<void> {
    doing(`remove enterprise ${number}`, () => this.#deleteEnterprise.immediate(number));
  }

  async addUser(user: TelegramUser): Promise<void> {
    assertUser(user);
    doing(`add ${user.chatId}`, () => this.#insertUser.immediate(user));
  }

  async removeUser(chatId: string, enterpriseNumber: string): Promise<void> {
    const what = `remove ${chatId} from enterprise ${enterpriseNumber}`;
    const { changes } = doing(what, () =>
      this.#db.run("DELETE FROM telegram_users WHERE tg_id = ? AND enterprise_number = ?", [
        Number(chatId),
        enterpriseNumber,
      ]),
    );
    if (changes === 0) throw new DirectoryError("not-found", `cannot ${what}: it is not there`);
  }

  async chatPreferences(enterpriseNumber?: string): Promise<ChatPreferencesOf[]> {
    return doing("list what chats want", () =>
      this.#db
        .query<ChatRow, [string | null]>(
          `SELECT ${CHAT_COLUMNS} FROM calllog_chats
           WHERE ?1 IS NULL OR enterprise_number = ?1 ORDER BY enterprise_number, calllog_chats.tg_id`,
        )
        .all(enterpriseNumber ?? null)
        .map(toChatPreferences),
    );
  }

  async setChatPreferences(chat: ChatPreferencesOf): Promise<void> {
    const { chatId, enterpriseNumber: number } = chat;
    const what = `set what ${chatId} wants of enterprise ${number}`;
    const enterprise = await this.enterpriseByNumber(number);
    const people = enterprise === undefined ? [] : await this.usersOf(enterprise);
    assertChatIn(people, chat, what);
    doing(what, () =>
      this.#db.run(
        `INSERT OR REPLACE INTO calllog_chats
           (tg_id, enterprise_number, cards, extensions, thread_id, quiet, digest, lang, numbers)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [Number(chatId), number, ...chatValues(chat).map(([, value]) => value)],
      ),
    );
  }

  async removeUserOfBot(chatId: string, botToken: string): Promise<void> {
    const what = `remove ${chatId}, known by its bot alone`;
    const { changes } = doing(what, () =>
      this.#db.run(
        `DELETE FROM telegram_users
           WHERE tg_id = ? AND bot_token = ? AND COALESCE(enterprise_number, '') = ''`,
        [Number(chatId), botToken],
      ),
    );
    if (changes === 0) throw new DirectoryError("not-found", `cannot ${what}: it is not there`);
  }

  async users(enterpriseNumber: string | undefined): Promise<TelegramUser[]> {
    const where = enterpriseNumber === undefined ? "" : "WHERE enterprise_number = ?";
    return doing("list people", () =>
      this.#db
        .query<UserRow, string[]>(
          `SELECT ${USER_COLUMNS} FROM telegram_users ${where} ORDER BY enterprise_number, telegram_users.tg_id`,
        )
        .all(...(enterpriseNumber === undefined ? [] : [enterpriseNumber]))
        .map(toUser),
    );
  }

  async remarks(): Promise<never[]> {
    return [];
  }

  async check(): Promise<void> {
    doing("ask the directory", () => this.#db.query("SELECT 1 FROM enterprises LIMIT 1").get());
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  #refuseTakenToken(what: string, token: string | null | undefined, number: string): void {
    if (token === null || token === undefined) return;
    const owner = this.#byToken.get(token);
    if (owner !== null && owner.number !== number) {
      throw new DirectoryError(
        "taken",
        `cannot ${what}: its webhook token is that of enterprise ${owner.number}; choose another`,
      );
    }
  }
}

/**
 * Opens the directory in the file at `path`, which is created (mode 0600, with its folder and tables) where missing.
 * Close it with `close()`.
 *
 * @throws DirectoryError `unavailable`.
 */
export const openSqliteDirectory = (path: string): Directory => new SqliteDirectory(path);
