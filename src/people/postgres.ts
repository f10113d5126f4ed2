// An operator's PostgreSQL as the directory. Reads whatever shape the two tables have (postgres-tables.ts), writes only
// the columns it is told, and takes one lock for all its changes, so that two commands cannot both find a number free.

import type { Sql } from "postgres";
import type { DatabaseAddress } from "../config/index.ts";
import type { ChatPreferencesOf } from "../domain/chat-preferences.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import { assertChatIn, chatValues, toChatPreferences } from "./chat-rows.ts";
import { DirectoryError } from "./errors.ts";
import { createPostgresClient, type PostgresClient } from "./postgres-client.ts";
import { sqlStateOf } from "./postgres-errors.ts";
import {
  asSent,
  enterpriseValues,
  type TextRow,
  toEnterprise,
  toUsers,
  userValues,
  type Values,
  writable,
} from "./postgres-rows.ts";
import {
  assertColumn,
  assertReadable,
  assertTable,
  asText,
  has,
  readTables,
  remarksOn,
  type TableName,
  type Tables,
} from "./postgres-tables.ts";
import { byChat, recipientsOf } from "./recipients.ts";
import { assertEnterprise, assertEnterpriseChange, assertUser } from "./rules.ts";
import type { Directory, EnterpriseChange } from "./types.ts";

export type PostgresDirectoryOptions = {
  readonly address: DatabaseAddress;
  /** How long one question may take, connecting included, in milliseconds. */
  readonly limitMs?: number;
};

/** After this the shape of the tables is looked at again, so that a change by the operator is seen. In milliseconds. */
const SHAPE_FRESH_MS = 30_000;
/** Any number that is ours: held by whoever changes the directory or its tables, until the transaction ends. */
export const CHANGE_LOCK = "SELECT pg_catalog.pg_advisory_xact_lock(2026036701)";

/** Rows of a table: `rest` is what follows its name in the statement. */
type Selection = {
  readonly table: TableName;
  readonly rest: string;
  readonly values?: readonly (string | null)[];
};
/** `what`: for which change, in a message. */
type Insertion = { readonly table: TableName; readonly values: Values; readonly what: string };

type Work<T> = (sql: Sql, tables: Tables) => Promise<T>;

class PostgresDirectory implements Directory {
  readonly #options: PostgresDirectoryOptions;
  readonly #client: PostgresClient;
  #shape: { readonly tables: Tables; readonly readAt: number } | undefined;

  constructor(options: PostgresDirectoryOptions) {
    this.#options = options;
    this.#client = createPostgresClient(this.#options);
  }

  enterpriseByNumber(number: string): Promise<Enterprise | undefined> {
    return this.#reading("look up an enterprise", (sql, tables) =>
      this.#findEnterprise(sql, tables, "number", number),
    );
  }

  enterpriseByWebhookToken(token: string): Promise<Enterprise | undefined> {
    return this.#reading("look up whose event it is", (sql, tables) =>
      this.#findEnterprise(sql, tables, "name2", token),
    );
  }

  enterprises(): Promise<Enterprise[]> {
    return this.#reading("list enterprises", async (sql, tables) => {
      const order = 'WHERE "number" <> \'\' ORDER BY "number" COLLATE "C"';
      return (await this.#select(sql, tables, { table: "enterprises", rest: order })).map(
        toEnterprise,
      );
    });
  }

  usersOf(enterprise: Enterprise): Promise<TelegramUser[]> {
    return this.#reading("list the people of an enterprise", async (sql, tables) => {
      const where = `WHERE "enterprise_number" = $1 OR (COALESCE("enterprise_number", '') = '' AND "bot_token" = $2)`;
      const keys = [enterprise.number, enterprise.botToken];
      return recipientsOf(
        toUsers(
          await this.#select(sql, tables, { table: "telegram_users", rest: where, values: keys }),
        ),
        enterprise,
      );
    });
  }

  async addEnterprise(enterprise: Enterprise): Promise<void> {
    assertEnterprise(enterprise);
    const { number } = enterprise;
    const what = `add enterprise ${number}`;
    await this.#changing(what, async (sql, tables) => {
      if ((await this.#findEnterprise(sql, tables, "number", number)) !== undefined) {
        throw new DirectoryError(
          "taken",
          `cannot ${what}: it is there already; change it with set`,
        );
      }
      await this.#refuseTakenToken(sql, tables, what, enterprise);
      await this.#insert(sql, tables, {
        table: "enterprises",
        values: enterpriseValues(enterprise),
        what,
      });
    });
  }

  async changeEnterprise(number: string, change: EnterpriseChange): Promise<void> {
    assertEnterpriseChange(change);
    const what = `change enterprise ${number}`;
    await this.#changing(what, async (sql, tables) => {
      if ((await this.#findEnterprise(sql, tables, "number", number)) === undefined) {
        throw new DirectoryError("not-found", `cannot ${what}: there is none`);
      }
      await this.#refuseTakenToken(sql, tables, what, { ...change, number });
      const values = writable(tables, "enterprises", enterpriseValues(change), what);
      if (values.length === 0) return;
      const places = values.map(([column], i) => `"${column}" = $${i + 2}`).join(", ");
      await sql.unsafe(`UPDATE "enterprises" SET ${places} WHERE "number"::text = $1`, [
        number,
        ...values.map((value) => asSent(tables, "enterprises", value)),
      ]);
    });
  }

  removeEnterprise(number: string): Promise<void> {
    const what = `remove enterprise ${number}`;
    return this.#changing(what, async (sql, tables) => {
      if ((await this.#findEnterprise(sql, tables, "number", number)) === undefined) {
        throw new DirectoryError("not-found", `cannot ${what}: there is none`);
      }
      // People first: an operator's table may refer to the enterprise.
      if (has(tables, "telegram_users", "enterprise_number")) {
        await sql.unsafe('DELETE FROM "telegram_users" WHERE "enterprise_number"::text = $1', [
          number,
        ]);
      }
      if (has(tables, "calllog_chats", "enterprise_number")) {
        await sql.unsafe('DELETE FROM "calllog_chats" WHERE "enterprise_number"::text = $1', [
          number,
        ]);
      }
      await sql.unsafe('DELETE FROM "enterprises" WHERE "number"::text = $1', [number]);
    });
  }

  async addUser(user: TelegramUser): Promise<void> {
    assertUser(user);
    const { chatId, enterpriseNumber: number } = user;
    const what = `add ${chatId}`;
    await this.#changing(what, async (sql, tables) => {
      if (
        number !== null &&
        (await this.#findEnterprise(sql, tables, "number", number)) === undefined
      ) {
        throw new DirectoryError("not-found", `cannot ${what}: there is no enterprise ${number}`);
      }
      const rows = await this.#select(sql, tables, {
        table: "telegram_users",
        rest: 'WHERE "tg_id" = $1',
        values: [chatId],
      });
      if (toUsers(rows).some(({ enterpriseNumber }) => enterpriseNumber === number)) {
        const where = number === null ? "without an enterprise" : `in enterprise ${number}`;
        throw new DirectoryError("taken", `cannot ${what}: that chat is there already ${where}`);
      }
      await this.#insert(sql, tables, { table: "telegram_users", values: userValues(user), what });
    });
  }

  removeUser(chatId: string, number: string): Promise<void> {
    const what = `remove ${chatId} from enterprise ${number}`;
    return this.#changing(what, async (sql, tables) => {
      assertColumn(tables, "telegram_users", "enterprise_number", what);
      const { count } = await sql.unsafe(
        'DELETE FROM "telegram_users" WHERE "tg_id"::text = $1 AND "enterprise_number"::text = $2',
        [chatId, number],
      );
      if (count === 0) throw new DirectoryError("not-found", `cannot ${what}: it is not there`);
    });
  }

  removeUserOfBot(chatId: string, botToken: string): Promise<void> {
    const what = `remove ${chatId}, who has no enterprise`;
    return this.#changing(what, async (sql, tables) => {
      const isNobodys = has(tables, "telegram_users", "enterprise_number")
        ? `AND COALESCE("enterprise_number"::text, '') = ''`
        : "";
      const { count } = await sql.unsafe(
        `DELETE FROM "telegram_users" WHERE "tg_id"::text = $1 AND "bot_token"::text = $2 ${isNobodys}`,
        [chatId, botToken],
      );
      if (count === 0) throw new DirectoryError("not-found", `cannot ${what}: it is not there`);
    });
  }

  users(number: string | undefined): Promise<TelegramUser[]> {
    return this.#reading("list people", async (sql, tables) => {
      const where = number === undefined ? "" : 'WHERE "enterprise_number" = $1';
      const keys = number === undefined ? [] : [number];
      const users = toUsers(
        await this.#select(sql, tables, { table: "telegram_users", rest: where, values: keys }),
      );
      const numberOf = (user: TelegramUser): string => user.enterpriseNumber ?? "";
      return users.sort((a, b) =>
        numberOf(a) === numberOf(b) ? byChat(a, b) : numberOf(a) < numberOf(b) ? -1 : 1,
      );
    });
  }

  chatPreferences(number?: string): Promise<ChatPreferencesOf[]> {
    return this.#reading("list what chats want", async (sql, tables) => {
      if (!tables.found.has("calllog_chats")) return [];
      const where = number === undefined ? "" : 'WHERE "enterprise_number" = $1';
      const rows = await this.#select(sql, tables, {
        table: "calllog_chats",
        rest: `${where} ORDER BY "enterprise_number" COLLATE "C", "tg_id"`,
        values: number === undefined ? [] : [number],
      });
      return rows.map(toChatPreferences);
    });
  }

  async setChatPreferences(chat: ChatPreferencesOf): Promise<void> {
    const { chatId, enterpriseNumber: number } = chat;
    const what = `set what ${chatId} wants of enterprise ${number}`;
    const enterprise = await this.enterpriseByNumber(number);
    const people = enterprise === undefined ? [] : await this.usersOf(enterprise);
    assertChatIn(people, chat, what);
    await this.#changing(what, async (sql, tables) => {
      assertTable(tables, "calllog_chats", what);
      await sql.unsafe(
        'DELETE FROM "calllog_chats" WHERE "tg_id"::text = $1 AND "enterprise_number"::text = $2',
        [chatId, number],
      );
      const values = [
        ["tg_id", chatId],
        ["enterprise_number", number],
        ...chatValues(chat),
      ] as const;
      await this.#insert(sql, tables, { table: "calllog_chats", values, what });
    });
  }

  remarks(): Promise<string[]> {
    return this.#reading("look at the tables", async (_, tables) => remarksOn(tables));
  }

  check(): Promise<void> {
    return this.#reading("ask the directory", async (sql) => {
      await sql.unsafe(
        'SELECT (SELECT 1 FROM "enterprises" LIMIT 1), (SELECT 1 FROM "telegram_users" LIMIT 1)',
        [],
      );
    });
  }

  serverTime(): Promise<number> {
    return this.#client.run("ask for the time", async (sql) => {
      const [row] = await sql.unsafe<TextRow[]>(
        "SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::bigint::text AS at",
        [],
      );
      return Number(row?.["at"]);
    });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #tablesOf(sql: Sql): Promise<Tables> {
    const now = performance.now();
    if (this.#shape !== undefined && now - this.#shape.readAt < SHAPE_FRESH_MS)
      return this.#shape.tables;
    const tables = await readTables(sql);
    assertReadable(tables);
    this.#shape = { tables, readAt: now };
    return tables;
  }

  #withTables<T>(work: Work<T>): (sql: Sql) => Promise<T> {
    return async (sql: Sql): Promise<T> => {
      try {
        return await work(sql, await this.#tablesOf(sql));
      } catch (error) {
        // A table or column went away: look again next time.
        if (/^42/.test(sqlStateOf(error) ?? "")) this.#shape = undefined;
        throw error;
      }
    };
  }

  #reading<T>(what: string, work: Work<T>): Promise<T> {
    return this.#client.run(what, this.#withTables(work));
  }

  #changing(what: string, work: Work<void>): Promise<void> {
    return this.#client.transact(what, async (sql) => {
      await sql.unsafe(CHANGE_LOCK, []);
      // What is written must fit the table as it is now.
      this.#shape = undefined;
      await this.#withTables(work)(sql);
    });
  }

  async #select(
    sql: Sql,
    tables: Tables,
    { table, rest, values = [] }: Selection,
  ): Promise<TextRow[]> {
    return [
      ...(await sql.unsafe<TextRow[]>(`SELECT * FROM ${asText(tables, table)} ${rest}`, [
        ...values,
      ])),
    ];
  }

  /** Where an operator's table has two rows of one number or token, an active one is taken, the first by number. */
  async #findEnterprise(
    sql: Sql,
    tables: Tables,
    column: "number" | "name2",
    value: string,
  ): Promise<Enterprise | undefined> {
    if (value === "") return undefined;
    const rows = await this.#select(sql, tables, {
      table: "enterprises",
      rest: `WHERE "${column}" = $1 AND "number" IS NOT NULL ORDER BY "number" COLLATE "C"`,
      values: [value],
    });
    const all = rows.map(toEnterprise);
    return all.find(({ active }) => active) ?? all[0];
  }

  async #insert(sql: Sql, tables: Tables, { table, values, what }: Insertion): Promise<void> {
    // What is not given takes the operator's default.
    const given = writable(tables, table, values, what).filter(([, value]) => value !== null);
    const names = given.map(([column]) => `"${column}"`).join(", ");
    const places = given.map((_, i) => `$${i + 1}`).join(", ");
    await sql.unsafe(
      `INSERT INTO "${table}" (${names}) VALUES (${places})`,
      given.map((value) => asSent(tables, table, value)),
    );
  }

  async #refuseTakenToken(
    sql: Sql,
    tables: Tables,
    what: string,
    { webhookToken: token, number }: { webhookToken?: string | null | undefined; number: string },
  ): Promise<void> {
    if (token === null || token === undefined) return;
    const owner = await this.#findEnterprise(sql, tables, "name2", token);
    if (owner === undefined || owner.number === number) return;
    throw new DirectoryError(
      "taken",
      `cannot ${what}: its webhook token is that of enterprise ${owner.number}; choose another`,
    );
  }
}

/** Opens nothing yet: the first question connects. Close it with `close()`. */
export const openPostgresDirectory = (options: PostgresDirectoryOptions): Directory =>
  new PostgresDirectory(options);
