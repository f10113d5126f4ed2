// What a connection to PostgreSQL keeps to: certificates as sslmode says, limits on every question, poolers, several hosts.

import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { createServer, type Socket } from "node:net";
import { parseDatabaseUrl } from "../../src/config/database-url.ts";
import { createPostgresClient } from "../../src/people/postgres-client.ts";
import { hasPostgres, type PostgresServer, startPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const addressOf = (url: string) => {
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe.skipIf(!hasPostgres())("a connection to PostgreSQL", () => {
  let server: PostgresServer;
  let proxy: TcpProxy;
  beforeAll(async () => {
    server = await startPostgres();
    proxy = await startTcpProxy(server.port);
  });
  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  /** What the server says of the connection, or why there is none. */
  const ask = async (url: string, query: string, limitMs = 3000): Promise<string> => {
    const client = createPostgresClient({ address: addressOf(url), limitMs });
    try {
      const [row] = await client.run("ask", (sql) => sql.unsafe(query, []));
      return String(Object.values(row ?? {})[0]);
    } catch (error) {
      return String(error);
    } finally {
      await client.close();
    }
  };
  const TLS = "SELECT COALESCE(version, 'none') FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

  describe("TLS", () => {
    const cases = (): readonly (readonly [host: string, parameters: string, says: RegExp])[] => {
      const trusted = `sslrootcert=${encodeURIComponent(server.certificateFile)}`;
      return [
        ["127.0.0.1", "", /^TLSv1\.[23]$/],
        ["127.0.0.1", "sslmode=disable", /^none$/],
        ["127.0.0.1", "sslmode=prefer", /^TLSv1/],
        ["127.0.0.1", "sslmode=require", /^TLSv1/],
        ["127.0.0.1", "sslmode=verify-ca", /certificate is not accepted/],
        ["127.0.0.1", "sslmode=verify-full", /certificate is not accepted/],
        ["127.0.0.1", "sslrootcert=system", /certificate is not accepted/],
        ["127.0.0.1", `sslmode=verify-ca&${trusted}`, /^TLSv1/],
        ["127.0.0.1", `sslmode=require&${trusted}`, /^TLSv1/],
        // The certificate is for the name localhost alone.
        ["127.0.0.1", `sslmode=verify-full&${trusted}`, /certificate is not accepted/],
        ["localhost", `sslmode=verify-full&${trusted}`, /^TLSv1/],
        ["127.0.0.1", "sslmode=require&sslrootcert=/nowhere.pem", /cannot read sslrootcert/],
      ];
    };
    it("is what sslmode and sslrootcert say", async () => {
      for (const [host, parameters, says] of cases()) {
        const url = `${server.url.replace("127.0.0.1", host)}?${parameters}`;
        expect({ host, parameters, says: await ask(url, TLS) }).toEqual({
          host,
          parameters,
          says: expect.stringMatching(says),
        });
      }
    });

    it("is not done without where it is required", async () => {
      const plain = createServer((socket: Socket) => {
        socket.once("data", () => socket.end("N"));
        socket.on("error", () => undefined);
      });
      await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", () => resolve()));
      const { port } = plain.address() as { port: number };
      const says = await ask(`postgres://me@127.0.0.1:${port}/x?sslmode=require`, "SELECT 1");
      expect(says).toMatch(/takes no TLS, and the address has sslmode=require/);
      plain.close();
    });
  });

  it("gives its name, and asks the server to give up before we do", async () => {
    expect(await ask(server.url, "SELECT current_setting('application_name')")).toBe("calllog");
    const slow = await ask(server.url, "SELECT pg_sleep(30)", 500);
    expect(slow).toMatch(/the server took too long.*57014/);
  });

  it("is cut when nothing comes for the limit, and the next question gets a new one", async () => {
    const url = server.url.replace(`:${server.port}/`, `:${proxy.port}/`);
    const client = createPostgresClient({ address: addressOf(url), limitMs: 300 });
    const one = () => client.run("ask", async (sql) => (await sql`SELECT 1 AS one`)[0]?.["one"]);
    expect(await one()).toBe(1);
    await proxy.turn("silent");
    await expect(one()).rejects.toThrow(
      /cannot ask: PostgreSQL at .* does not answer within 300 ms/,
    );
    await expect(one()).rejects.toThrow("does not answer within 300 ms");
    await proxy.turn("pass");
    expect(await one()).toBe(1);
    await proxy.turn("close");
    const before = proxy.taken();
    await expect(one()).rejects.toThrow("cannot be reached");
    // Where the other side hangs up at once, it is not called again and again.
    expect(proxy.taken() - before).toBeLessThanOrEqual(4);
    await proxy.turn("pass");
    expect(await one()).toBe(1);
    await client.close();
    expect(proxy.connections()).toBe(0);
  });

  it("goes to the next host where one is away, and to the one that takes changes", async () => {
    await proxy.turn("refuse");
    const hosts = `127.0.0.1:${proxy.port},127.0.0.1:${server.port}`;
    const url = server.url.replace(/127\.0\.0\.1:\d+/, hosts);
    expect(await ask(url, "SELECT 1")).toBe("1");
    expect(await ask(`${url}?target_session_attrs=read-write`, "SELECT 1")).toBe("1");
    await proxy.turn("pass");
  });

  it("does without a time limit of the server where a pooler refuses to be told", async () => {
    // As pgbouncer does: settings at connecting that it does not know are an error.
    const refusal = (text: string): Buffer => {
      const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${text}\0\0`);
      const length = Buffer.alloc(5);
      length.write("E");
      length.writeUInt32BE(fields.length + 4, 1);
      return Buffer.concat([length, fields]);
    };
    let refused = 0;
    const pooler = createServer((client: Socket) => {
      client.on("error", () => undefined);
      client.once("data", async (first) => {
        if (first.includes("statement_timeout")) {
          refused += 1;
          client.end(refusal("unsupported startup parameter: statement_timeout"));
          return;
        }
        const { connect } = await import("node:net");
        const target = connect(server.port, "127.0.0.1");
        target.on("error", () => client.destroy());
        target.write(first);
        client.pipe(target).pipe(client);
      });
    });
    await new Promise<void>((resolve) => pooler.listen(0, "127.0.0.1", () => resolve()));
    const { port } = pooler.address() as { port: number };
    const url = `${server.url.replace(`:${server.port}/`, `:${port}/`)}?sslmode=disable`;
    expect(await ask(url, "SHOW statement_timeout")).toBe("0");
    expect(refused).toBe(1);
    pooler.close();
  });
});
