import { Database } from "bun:sqlite";
import { describe, expect, it } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteDirectory } from "./sqlite.ts";
import { describeDirectory, sampleEnterprise } from "./suite.ts";

const newFolder = (): string => mkdtempSync(join(tmpdir(), "calllog-directory-"));

describeDirectory("the SQLite directory", async () => {
  const folder = newFolder();
  const path = join(folder, "calllog.sqlite");
  const directory = openSqliteDirectory(path);
  return {
    directory,
    openAgain: async () => openSqliteDirectory(path),
    remove: async () => {
      await directory.close();
      rmSync(folder, { recursive: true });
    },
  };
});

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = newFolder();
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe("openSqliteDirectory", () => {
  it("makes the folder and the file, readable by its owner alone, side files too", () =>
    inFolder(async (folder) => {
      const path = join(folder, "a/b/calllog.sqlite");
      const directory = openSqliteDirectory(path);
      await directory.addEnterprise(sampleEnterprise());
      expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(["600", "600", "600"]);
      await directory.close();
    }));

  it("takes over a file of before enterprises had a country and recordings", () =>
    inFolder(async (folder) => {
      const path = join(folder, "calllog.sqlite");
      const old = new Database(path, { create: true });
      old.run(
        "CREATE TABLE enterprises (number TEXT PRIMARY KEY NOT NULL, name TEXT, name2 TEXT UNIQUE, secret TEXT NOT NULL, bot_token TEXT, active INTEGER NOT NULL DEFAULT 1)",
      );
      old.run("INSERT INTO enterprises VALUES ('0367', 'Old', 'token', 'secret', NULL, 1)");
      old.close();
      const directory = openSqliteDirectory(path);
      const again = openSqliteDirectory(path);
      expect((await directory.enterpriseByNumber("0367"))?.name).toBe("Old");
      await directory.changeEnterprise("0367", { country: "BY", recordings: "none" });
      expect(await again.enterpriseByNumber("0367")).toMatchObject({
        country: "BY",
        recordings: "none",
      });
      await directory.close();
      await again.close();
    }));

  it("closes a file that others could read", () =>
    inFolder(async (folder) => {
      const path = join(folder, "calllog.sqlite");
      writeFileSync(path, "");
      chmodSync(path, 0o644);
      await openSqliteDirectory(path).close();
      expect(modeOf(path)).toBe("600");
    }));

  it("keeps what is stored when it is opened again", () =>
    inFolder(async (folder) => {
      const path = join(folder, "calllog.sqlite");
      const first = openSqliteDirectory(path);
      await first.addEnterprise(sampleEnterprise());
      await first.close();
      const second = openSqliteDirectory(path);
      expect(await second.enterprises()).toEqual([sampleEnterprise()]);
      await second.close();
    }));

  it("says what is wrong with a path that is no database", () =>
    inFolder(async (folder) => {
      const foreign = join(folder, "notes.txt");
      writeFileSync(foreign, "not a database, but rather long\n".repeat(100));
      expect(() => openSqliteDirectory(foreign)).toThrow(
        /^cannot open the directory .*notes\.txt: /,
      );
      const occupied = join(folder, "occupied");
      mkdirSync(occupied);
      expect(() => openSqliteDirectory(occupied)).toThrow(
        /^cannot open the directory .*occupied: /,
      );
    }));

  it("lets several processes create and fill one file at the same time", () =>
    inFolder(async (folder) => {
      const path = join(folder, "calllog.sqlite");
      const script = join(folder, "writer.ts");
      writeFileSync(
        script,
        `import { openSqliteDirectory } from ${JSON.stringify(join(import.meta.dir, "sqlite.ts"))};
         const [path, own] = process.argv.slice(2);
         const directory = openSqliteDirectory(path);
         for (let i = 0; i < 25; i++) {
           const number = own + i;
           await directory.addEnterprise({ number, name: null, webhookToken: "token-" + number,
             secret: "secret-" + number, botToken: null, active: true });
         }
         await directory.close();`,
      );
      const writers = ["a", "b", "c"].map((own) =>
        Bun.spawn([process.execPath, "run", script, path, own], { stderr: "pipe" }),
      );
      const failures = await Promise.all(
        writers.map((writer) => new Response(writer.stderr).text()),
      );
      expect(failures.join("")).toBe("");
      const directory = openSqliteDirectory(path);
      expect(await directory.enterprises()).toHaveLength(75);
      await directory.close();
    }));

  it("waits for another process's transaction", () =>
    inFolder(async (folder) => {
      const path = join(folder, "calllog.sqlite");
      const directory = openSqliteDirectory(path);
      const script = join(folder, "holder.ts");
      writeFileSync(
        script,
        `import { Database } from "bun:sqlite";
         const db = new Database(process.argv[2]);
         db.run("BEGIN IMMEDIATE");
         console.log("held");
         for await (const _ of console) break;
         Bun.sleepSync(100);
         db.run("COMMIT");`,
      );
      const holder = Bun.spawn([process.execPath, "run", script, path], {
        stdin: "pipe",
        stdout: "pipe",
      });
      await holder.stdout.getReader().read();
      holder.stdin.write("let go\n");
      await holder.stdin.end();
      await directory.addEnterprise(sampleEnterprise());
      expect(await directory.enterprises()).toHaveLength(1);
      expect(await holder.exited).toBe(0);
      await directory.close();
    }));
});
