// The suite of any directory on a real PostgreSQL, and the shapes that operators' own tables have.

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { parseDatabaseUrl } from "../../src/config/database-url.ts";
import { cacheDirectory } from "../../src/people/cache.ts";
import { openPostgresDirectory } from "../../src/people/postgres.ts";
import { migratePostgres } from "../../src/people/postgres-migrate.ts";
import { describeDirectory, sampleEnterprise, sampleUser } from "../../src/people/suite.ts";
import type { Directory } from "../../src/people/types.ts";
import { hasPostgres, openDatabases, type TestDatabases } from "../support/postgres.ts";

const addressOf = (url: string) => {
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe.skipIf(!hasPostgres())("PostgreSQL", () => {
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await openDatabases();
  });
  afterAll(() => databases.close());

  const open = (url: string) => openPostgresDirectory({ address: addressOf(url) });

  describeDirectory("the PostgreSQL directory", async () => {
    const url = await databases.create();
    await migratePostgres(addressOf(url));
    const directory = open(url);
    return {
      directory,
      openAgain: async () => open(url),
      remove: () => directory.close(),
    };
  });

  describeDirectory("the cached PostgreSQL directory", async () => {
    const url = await databases.create();
    await migratePostgres(addressOf(url));
    const directory = cacheDirectory(open(url), {
      freshMs: 0,
      missFreshMs: 0,
      askTimeoutMs: 10_000,
    });
    return {
      directory,
      openAgain: async () => open(url),
      remove: () => directory.close(),
    };
  });

  it("tells the time of its own machine", async () => {
    const directory = open(await databases.create());
    try {
      const before = Date.now();
      const at = (await directory.serverTime?.()) ?? 0;
      // It is this machine.
      expect(at).toBeWithin(before - 1000, Date.now() + 1000);
    } finally {
      await directory.close();
    }
  });

  /** A database with these tables, opened. */
  const withTables = async (
    statements: string,
    work: (directory: Directory, url: string) => Promise<void>,
  ): Promise<void> => {
    const url = await databases.create();
    await databases.run(url, statements);
    const directory = open(url);
    try {
      await work(directory, url);
    } finally {
      await directory.close();
    }
  };
  const refusal = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "nothing was refused",
      (error: unknown) => String(error),
    );

  const LEGACY = `
    CREATE TABLE enterprises (
      id serial PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), secret varchar(64),
      bot_token varchar(128), name2 varchar(32), host text, number char(8) NOT NULL, name text NOT NULL DEFAULT '');
    CREATE TABLE telegram_users (
      user_role integer NOT NULL DEFAULT 1, bot_token varchar(128), tg_id varchar(20), verified boolean);
    INSERT INTO enterprises (number, name2, secret, bot_token) VALUES
      ('0367', '375290000001', 'secret-of-0367', '700001:bot-of-0367'), ('0103', '', NULL, '');
    INSERT INTO telegram_users (tg_id, bot_token) VALUES
      ('100200300', '700001:bot-of-0367'), ('5', '700002:another'), (NULL, '700001:bot-of-0367'), ('@x', '700001:bot-of-0367');`;

  describe("tables of an operator's own", () => {
    it("are read with more columns, another order, other types and without the optional ones", () =>
      withTables(LEGACY, async (directory) => {
        const enterprise = sampleEnterprise({ name: null });
        await directory.check();
        expect(await directory.enterpriseByNumber("0367")).toEqual(enterprise);
        expect(await directory.enterpriseByWebhookToken("375290000001")).toEqual(enterprise);
        expect(
          (await directory.enterprises()).map(({ number, secret }) => [number, secret]),
        ).toEqual([
          ["0103", ""],
          ["0367", "secret-of-0367"],
        ]);
        expect(await directory.enterpriseByWebhookToken("")).toBeUndefined();
        expect((await directory.usersOf(enterprise)).map(({ chatId }) => chatId)).toEqual([
          "100200300",
        ]);
        expect(await directory.remarks()).toEqual(
          [
            ["enterprises", "active"],
            ["telegram_users", "first_name"],
            ["telegram_users", "last_name"],
            ["telegram_users", "email"],
            ["telegram_users", "enterprise_number"],
          ].map(
            ([table, column]) =>
              `the table ${table} has no column ${column}: calllog migrate creates what is missing`,
          ),
        );
      }));

    it("are written as far as they go; what has no column is refused by its name", () =>
      withTables(LEGACY, async (directory) => {
        await directory.addEnterprise(sampleEnterprise({ number: "0113", webhookToken: "tok2" }));
        expect((await directory.enterpriseByNumber("0113"))?.name).toBe("Пример");
        await directory.changeEnterprise("0113", { secret: "another-secret", botToken: null });
        expect(await directory.enterpriseByNumber("0113")).toMatchObject({
          secret: "another-secret",
          botToken: null,
          name: "Пример",
        });
        expect(await refusal(directory.changeEnterprise("0113", { active: false }))).toContain(
          "cannot change enterprise 0113: the table enterprises has no column active; calllog migrate",
        );
        expect(await refusal(directory.addUser(sampleUser()))).toContain(
          "cannot add 100200300: the table telegram_users has no column first_name",
        );
        const long = "x".repeat(100);
        const tooLong = await refusal(directory.changeEnterprise("0113", { secret: long }));
        expect(tooLong).toContain("does not fit");
        expect(tooLong).not.toContain("xxx");
        await directory.removeEnterprise("0113");
        expect(await directory.enterpriseByNumber("0113")).toBeUndefined();
      }));

    it("get what is missing by migrate, which keeps every row and column, also when two do it at once", () =>
      withTables(LEGACY, async (directory, url) => {
        const before = await databases.run(url, "SELECT * FROM enterprises ORDER BY id");
        const made = await Promise.all([
          migratePostgres(addressOf(url)),
          migratePostgres(addressOf(url)),
        ]);
        expect(made.flat()).toEqual([
          "column enterprises.active",
          "column enterprises.country",
          "column enterprises.remind_after",
          "column enterprises.hours",
          "column enterprises.recordings",
          "column telegram_users.first_name",
          "column telegram_users.last_name",
          "column telegram_users.email",
          "column telegram_users.enterprise_number",
          "table calllog_chats",
        ]);
        const after = await databases.run(url, "SELECT * FROM enterprises ORDER BY id");
        expect(after).toEqual(
          before.map((row) => ({
            ...row,
            active: true,
            country: null,
            remind_after: null,
            hours: null,
            recordings: null,
          })),
        );
        await directory.changeEnterprise("0367", { active: false });
        await directory.addUser(sampleUser());
        expect((await directory.enterpriseByNumber("0367"))?.active).toBe(false);
        expect(await directory.users("0367")).toEqual([sampleUser()]);
        expect(await migratePostgres(addressOf(url))).toEqual([]);
      }));

    it("say that an integer number has lost its zero, and take no number that would lose one", () =>
      withTables(
        `CREATE TABLE enterprises (number integer, name2 bigint, secret text, bot_token text, active smallint);
         CREATE TABLE telegram_users (tg_id numeric, bot_token text, enterprise_number integer);
         INSERT INTO enterprises VALUES (367, 375290000001, 'secret-of-0367', NULL, 1), (103, NULL, 's', NULL, 0);
         INSERT INTO telegram_users VALUES (-1001234567890, NULL, 367);`,
        async (directory) => {
          const found = await directory.enterpriseByWebhookToken("375290000001");
          expect([found?.number, found?.active]).toEqual(["367", true]);
          expect((await directory.enterpriseByNumber("103"))?.active).toBe(false);
          expect(await directory.enterpriseByNumber("0367")).toBeUndefined();
          expect((await directory.users("367")).map(({ chatId }) => chatId)).toEqual([
            "-1001234567890",
          ]);
          expect((await directory.remarks()).join("\n")).toMatch(
            /enterprises\.number is integer.*0367 is 367/,
          );
          const zero = directory.addEnterprise(
            sampleEnterprise({ number: "0113", webhookToken: "1111", name: null }),
          );
          expect(await refusal(zero)).toContain("no leading zeros");
          await directory.addEnterprise(
            sampleEnterprise({ number: "113", webhookToken: "12345", name: null }),
          );
          await directory.changeEnterprise("113", { active: false });
          expect((await directory.enterpriseByNumber("113"))?.active).toBe(false);
        },
      ));

    it("are named where a table or a needed column is missing, with the command", async () => {
      const cases: readonly (readonly [statements: string, named: RegExp])[] = [
        ["", /no table enterprises, no table telegram_users: calllog migrate/],
        [
          "CREATE TABLE enterprises (number text, bot_token text); CREATE TABLE telegram_users (tg_id bigint)",
          /no column enterprises\.name2, no column enterprises\.secret, no column telegram_users\.bot_token: calllog migrate/,
        ],
        ['CREATE TABLE "Enterprises" ("Number" text)', /there is "Enterprises".*view/],
      ];
      for (const [statements, named] of cases) {
        await withTables(statements || "SELECT 1", async (directory, url) => {
          expect(await refusal(directory.check())).toMatch(named);
          await migratePostgres(addressOf(url));
          await directory.check();
        });
      }
    });

    it("may be views, and lie in the schema that the address names", () =>
      withTables(
        `CREATE SCHEMA "Calls";
         CREATE TABLE "Calls"."Clients" ("Num" text, "Tok" text, "Sec" text);
         INSERT INTO "Calls"."Clients" VALUES ('0367', 'tok1', 'secret-of-0367');
         CREATE VIEW "Calls".enterprises AS SELECT "Num" AS number, "Tok" AS name2, "Sec" AS secret, NULL AS bot_token FROM "Calls"."Clients";
         CREATE TABLE "Calls".telegram_users (tg_id bigint, bot_token text);`,
        async (_, url) => {
          for (const parameter of [
            "schema=Calls",
            "options=-c%20search_path%3D%22Calls%22",
            "search_path=%22Calls%22",
          ]) {
            const directory = open(`${url}?${parameter}`);
            expect((await directory.enterpriseByWebhookToken("tok1"))?.number).toBe("0367");
            await directory.close();
          }
          expect(await refusal(migratePostgres(addressOf(`${url}?schema=Calls`)))).toContain(
            "is a view",
          );
          expect(await refusal(migratePostgres(addressOf(`${url}?schema=none`)))).toContain(
            "CREATE SCHEMA",
          );
        },
      ));

    it("say which right is missing, and need no more than SELECT to be read", () =>
      withTables(LEGACY, async (_, url) => {
        const role = `reader_${new URL(url).pathname.slice(3)}`;
        await databases.run(url, `CREATE ROLE ${role} LOGIN PASSWORD 'made-up'`);
        const own = open(url.replace(/\/\/[^@]*@/, `//${role}:made-up@`));
        try {
          expect(await refusal(own.check())).toMatch(/42501|lacks a right/);
          await databases.run(url, `GRANT SELECT ON enterprises, telegram_users TO ${role}`);
          await own.check();
          expect(await own.enterprises()).toHaveLength(2);
          expect(await refusal(own.changeEnterprise("0367", { secret: "abcd" }))).toContain(
            "lacks a right",
          );
        } finally {
          await own.close();
          await databases.run(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
        }
      }));
  });

  it("has every change within 60 s, and asks no more than once in that time", () =>
    withTables("SELECT 1", async (directory, url) => {
      await migratePostgres(addressOf(url));
      await directory.addEnterprise(sampleEnterprise());
      let nowMs = 1_764_493_655_000;
      const cached = cacheDirectory(open(url), {
        clock: { now: () => nowMs },
        askTimeoutMs: 10_000,
      });
      const known = () => cached.enterpriseByNumber("0367");
      expect((await known())?.secret).toBe("secret-of-0367");
      await directory.changeEnterprise("0367", { secret: "rotated-secret" });
      nowMs += 59_999;
      expect((await known())?.secret).toBe("secret-of-0367");
      nowMs += 1;
      expect((await known())?.secret).toBe("rotated-secret");
      await directory.removeEnterprise("0367");
      nowMs += 60_000;
      expect(await known()).toBeUndefined();
      await cached.close();
    }));

  it("lets one of two commands have a number that both want", () =>
    withTables("SELECT 1", async (directory, url) => {
      await migratePostgres(addressOf(url));
      const others = Array.from({ length: 6 }, () => open(url));
      const outcomes = await Promise.all(
        others.map((other, i) =>
          refusal(other.addEnterprise(sampleEnterprise({ webhookToken: `token-${i}` }))),
        ),
      );
      expect(outcomes.filter((text) => text === "nothing was refused")).toHaveLength(1);
      expect(outcomes.filter((text) => text.includes("there already"))).toHaveLength(5);
      expect(await directory.enterprises()).toHaveLength(1);
      for (const other of others) await other.close();
    }));
});
