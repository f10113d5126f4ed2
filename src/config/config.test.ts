import { describe, expect, it } from "bun:test";
import { formatMistake, type Mistake, parseConfig, sqlitePathOf } from "./index.ts";
import { settingEntries } from "./settings.ts";

const parse = (
  flags: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
) => parseConfig({ flags: new Map(Object.entries(flags)), env, cwd: "/srv/calllog" });

const configOf = (...args: Parameters<typeof parse>) => {
  const parsed = parse(...args);
  if (!parsed.ok) throw new Error(parsed.error.map(formatMistake).join("\n"));
  return parsed.value;
};

const linesOf = (...args: Parameters<typeof parse>): string[] => {
  const parsed = parse(...args);
  return parsed.ok ? [] : parsed.error.map(formatMistake);
};

describe("parseConfig", () => {
  it("has the documented defaults", () => {
    expect(configOf()).toMatchObject({
      host: "0.0.0.0",
      port: 8026,
      webhookHost: "0.0.0.0",
      webhookPort: 8000,
      dataDir: "/srv/calllog/call_tracer",
      retentionDays: 14,
      durability: "written",
      maxBodyBytes: 262_144,
      callTimeoutMs: 14_400_000,
      lang: "ru",
      shutdownTimeoutMs: 10_000,
      logLevel: "info",
    });
  });

  it("prefers the flag to the environment and the environment to the default", () => {
    const env = { CALLLOG_PORT: "1", CALLLOG_WEBHOOK_PORT: "2" };
    expect(configOf({ port: "3" }, env)).toMatchObject({ port: 3, webhookPort: 2, lang: "ru" });
  });

  it("reads DATABASE_URL where nothing else says which database, and never repeats one", () => {
    const env = { DATABASE_URL: "postgres://db1/calls" };
    const hostOf = (...args: Parameters<typeof parse>) =>
      configOf(...args).databaseUrl?.hosts[0]?.host;
    expect(hostOf({}, env)).toBe("db1");
    expect(hostOf({}, { ...env, CALLLOG_DATABASE_URL: "postgres://db2" })).toBe("db2");
    expect(hostOf({ "database-url": "none" }, env)).toBeUndefined();
    const lines = linesOf({}, { DATABASE_URL: "mysql://me:hunter2@db" });
    expect(lines).toEqual([expect.stringMatching(/^DATABASE_URL: must be postgres:/)]);
    expect(lines.join()).not.toContain("hunter2");
  });

  it("takes every setting from its flag and from its variable", () => {
    for (const [name, { flag, default: text }] of settingEntries()) {
      const variable = `CALLLOG_${flag.replaceAll("-", "_").toUpperCase()}`;
      expect(configOf({ [flag]: text })[name]).toEqual(configOf()[name]);
      expect(linesOf({ [flag]: "\0" }).join()).toMatch(new RegExp(`^--${flag}[ :]`));
      expect(linesOf({}, { [variable]: "\0" }).join()).toMatch(new RegExp(`^${variable}[:=]`));
    }
  });

  it("counts an empty variable as none, an empty flag as a mistake", () => {
    expect(configOf({}, { CALLLOG_PORT: "" }).port).toBe(8026);
    expect(linesOf({ port: "" })).toEqual(['--port "": must be a whole number from 0 to 65535']);
  });

  it("reports all mistakes at once, by the name that was used", () => {
    const lines = linesOf(
      { port: "http", lang: "de" },
      { CALLLOG_CALL_TIMEOUT: "5 hours", CALLLOG_TIMEZON: "UTC", CALLLOG_PORT: "also wrong" },
    );
    expect(lines).toEqual([
      "CALLLOG_TIMEZON: there is no such setting; did you mean CALLLOG_TIMEZONE?",
      "--port http: must be a whole number from 0 to 65535",
      'CALLLOG_CALL_TIMEOUT="5 hours": must be a duration from 1m to 7d, such as 10s, 5m, 4h or 14d (a plain number is in seconds)',
      "--lang de: must be one of ru, en",
    ]);
  });

  it("leaves the variables of others alone", () => {
    expect(configOf({}, { PATH: "/bin", TZ: "UTC", MY_CALLLOG_X: "1" }).port).toBe(8026);
  });

  const clashes: readonly (readonly [string, Record<string, string>, boolean])[] = [
    ["the same port on every address", { port: "8000" }, true],
    ["one of the addresses is every address", { port: "8000", host: "127.0.0.1" }, true],
    ["the same address", { port: "8000", host: "::1", "webhook-host": "::1" }, true],
    ["other addresses", { port: "8000", host: "127.0.0.1", "webhook-host": "127.0.0.2" }, false],
    ["any free port twice", { port: "0", "webhook-port": "0" }, false],
  ];
  for (const [name, flags, clash] of clashes) {
    it(`${clash ? "refuses" : "allows"} two listeners: ${name}`, () => {
      expect(linesOf(flags)).toEqual(
        clash ? ["--webhook-port 8000: must differ from --port on the same host"] : [],
      );
    });
  }

  it("reports a clash beside other mistakes", () => {
    expect(linesOf({ lang: "de" }, { CALLLOG_PORT: "8000" })).toHaveLength(2);
  });
});

describe("formatMistake", () => {
  const cases: readonly (readonly [Mistake, string])[] = [
    [{ setting: "NUMBER", rule: "is needed" }, "NUMBER: is needed"],
    [{ setting: "--port", value: "a\nb", rule: "r" }, '--port "a\\nb": r'],
    [
      { setting: "--public-url", value: "https://u:p@x.test", rule: "r" },
      "--public-url https://***@x.test: r",
    ],
  ];
  for (const [mistake, line] of cases) {
    it(line, () => expect(formatMistake(mistake)).toBe(line));
  }

  it("cuts a long value", () => {
    expect(
      formatMistake({ setting: "--port", value: "9".repeat(10_000), rule: "r" }).length,
    ).toBeLessThan(120);
  });
});

describe("sqlitePathOf", () => {
  it("lies beside the folder of the records", () => {
    expect(sqlitePathOf({ dataDir: "/srv/calllog/call_tracer" })).toBe(
      "/srv/calllog/calllog.sqlite",
    );
  });
});
