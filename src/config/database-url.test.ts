import { describe, expect, it } from "bun:test";
import { parseDatabaseUrl } from "./database-url.ts";

const read = (text: string) => {
  const parsed = parseDatabaseUrl(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};
const wrong = (text: string): string => {
  const parsed = parseDatabaseUrl(text);
  return parsed.ok ? "taken" : parsed.error;
};

describe("parseDatabaseUrl", () => {
  it("reads user, password, host, port and database, percent-encoded", () => {
    expect(read("postgres://us%40er:p%2Fa%3Aw%40:x@db.example.test:6432/ca%6Cls")).toMatchObject({
      user: "us@er",
      password: "p/a:w@:x",
      database: "calls",
      hosts: [{ host: "db.example.test", port: 6432 }],
      ssl: { mode: "prefer" },
      session: { application_name: "calllog" },
    });
  });

  it("leaves out what is not given", () => {
    expect(read("postgresql://db")).toMatchObject({
      user: undefined,
      password: undefined,
      database: undefined,
      hosts: [{ host: "db", port: 5432 }],
    });
    expect(read("postgres:///calls").hosts).toEqual([{ host: "localhost", port: 5432 }]);
  });

  it("reads IPv6, several hosts and folders of sockets", () => {
    expect(read("postgres://u@[::1]:5433,db2/x").hosts).toEqual([
      { host: "::1", port: 5433 },
      { host: "db2", port: 5432 },
    ]);
    const socket = { host: "/var/run/postgresql", port: 5432, path: "/var/run/postgresql" };
    for (const text of [
      "postgres://u@%2Fvar%2Frun%2Fpostgresql/x",
      "postgres://u@/x?host=/var/run/postgresql",
    ]) {
      expect(read(text)).toMatchObject({ hosts: [socket], ssl: { mode: "disable" } });
    }
  });

  it("reads TLS as psql does", () => {
    const modes = [
      ["sslmode=allow", "prefer"],
      ["sslmode=require", "require"],
      ["sslmode=require&sslrootcert=/ca.pem", "verify-ca"],
      ["sslrootcert=system", "verify-full"],
      ["ssl=true", "require"],
    ] as const;
    for (const [query, mode] of modes) {
      expect([query, read(`postgres://db/x?${query}`).ssl.mode]).toEqual([query, mode]);
    }
  });

  it("gives the server the schema, quoted where it must be, and nothing else", () => {
    const session = (query: string) => read(`postgres://db/x?${query}`).session;
    expect(session("schema=Calls")).toEqual({
      application_name: "calllog",
      search_path: '"Calls"',
    });
    expect(session("search_path=a,b&application_name=x")).toEqual({
      application_name: "x",
      search_path: "a,b",
    });
    expect(session("keepalives=1&pgbouncer=true")).toEqual({ application_name: "calllog" });
  });

  it("refuses what it does not understand by name, and never repeats the address", () => {
    expect(wrong("postgres://u:hunter2@db/x?sslmod=require")).toContain("sslmod,");
    expect(wrong("postgres://u:hunter2@db/x?channel_binding=require")).toContain("channel_binding");
    for (const text of [
      "mysql://u:hunter2@db/x",
      "hunter2",
      "postgres://u:hunter2@db:99999/x",
      "postgres://u:hunter2@db/x?sslmode=hunter2",
      "postgres://u:hunter2%@db/x",
      "postgres://u:hun#ter2@db/x",
      "postgres://u@db/x?connect_timeout=hunter2",
      "postgres://u@db/x?target_session_attrs=hunter2",
      "postgres://u@db/x?sslcert=/hunter2",
      "postgres://u@db/x?hunter2%20=1",
    ]) {
      expect([text, wrong(text)]).toEqual([text, expect.not.stringContaining("hunter2")]);
      expect(wrong(text)).not.toBe("taken");
    }
  });
});
