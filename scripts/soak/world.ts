// Everything a service lives with, for real and on this machine alone: PostgreSQL behind a proxy that can fail, a Bot API
// server with Telegram's limits, a metadata service that can be switched off, a disk of its own that can be filled, and
// the compiled program with two workers, whose clock is set so that midnight comes in the middle.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "bun";
import { demoMetadata } from "../../src/demo/metadata.ts";
import { type RunningBinary, runBinary, startBinary } from "../../tests/support/binary.ts";
import { type BotApiServer, startBotApi } from "../../tests/support/bot-api/server.ts";
import { startPostgres } from "../../tests/support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../../tests/support/tcp-proxy.ts";

export type Enterprise = {
  readonly number: string;
  readonly webhookToken: string;
  readonly secret: string;
  readonly botToken: string;
  readonly chats: readonly string[];
};

export type World = {
  readonly enterprises: readonly Enterprise[];
  readonly dataDir: string;
  readonly bot: BotApiServer;
  readonly database: TcpProxy;
  /** Milliseconds that the program's clock is ahead of the machine's. */
  readonly aheadMs: number;
  readonly now: () => number;
  server(): RunningBinary;
  /** Ends the program by that signal and starts it again on the same ports. */
  restart(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  killWorker(): Promise<void>;
  setMetadata(isUp: boolean): void;
  /** Fills the disk, or frees it; false where it is not our own. */
  fillDisk(isFull: boolean): boolean;
  killDatabase(): Promise<void>;
  startDatabase(): Promise<void>;
  close(): Promise<void>;
};

export type WorldOptions = {
  readonly enterprises: number;
  /** When the UTC day ends, counted from the start. */
  readonly midnightAfterMs: number;
};

const DAY_MS = 86_400_000;
const DISK_BYTES = 256 * 1024 * 1024;

/** A disk in memory; false where this user may not mount one. */
const mountDisk = (folder: string): boolean => {
  const options = ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "calllog-soak", folder];
  return spawnSync("mount", options).status === 0;
};

const enterpriseAt = (index: number): Enterprise => ({
  number: String(1000 + index),
  webhookToken: `3752900${1000 + index}`,
  secret: `soak${String(index).padStart(28, "0")}`,
  botToken: `${700_000 + index}:invented-token_of-the-soak-run`,
  // Every fourth tells a group, which Telegram allows 20 messages a minute.
  chats: [index % 4 === 3 ? `-${9000 + index}` : String(5000 + index)],
});

/** Brings everything up. @throws Error where a part cannot be had. */
export const openWorld = async (options: WorldOptions): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), "calllog-soak-"));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const isOwnDisk = mountDisk(disk);
  const enterprises = Array.from({ length: options.enterprises }, (_, i) => enterpriseAt(i));
  const startedAt = Date.now();
  const aheadMs =
    (Math.floor(startedAt / DAY_MS) + 1) * DAY_MS - startedAt - options.midnightAfterMs;

  const postgres = await startPostgres();
  const database = await startTcpProxy(postgres.port);
  const bot = await startBotApi({
    tokens: enterprises.map(({ botToken }) => botToken),
    chats: enterprises.flatMap(({ chats }) => chats),
    limits: { now: Date.now },
  });
  let isMetadataUp = true;
  const metadata: Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) =>
      isMetadataUp ? demoMetadata(request) : new Response("down", { status: 502 }),
  });
  const databaseUrl = postgres.url.replace(`:${postgres.port}/`, `:${database.port}/`);
  const dataDir = join(disk, "call_tracer");
  const run = { cwd: disk, env: { CALLLOG_DATABASE_URL: databaseUrl } };
  const must = async (args: readonly string[]): Promise<void> => {
    const { code, stderr } = await runBinary(args, run);
    if (code !== 0) throw new Error(`cannot run calllog ${args.slice(0, 2).join(" ")}: ${stderr}`);
  };
  await must(["migrate"]);
  for (const { number, webhookToken, secret, botToken, chats } of enterprises) {
    const credentials = ["--webhook-token", webhookToken, "--secret", secret];
    await must([
      "enterprise",
      "add",
      number,
      "--name",
      number,
      ...credentials,
      "--bot-token",
      botToken,
    ]);
    for (const chat of chats) await must(["user", "add", "--enterprise", number, "--", chat]);
  }

  let ports: readonly string[] = [];
  const start = (): Promise<RunningBinary> =>
    startBinary(
      [
        "--workers",
        "2",
        "--data-dir",
        dataDir,
        "--shutdown-timeout",
        "3s",
        ...ports,
        "--telegram-api-root",
        bot.apiRoot,
        "--timezone",
        "UTC",
        "--metadata-url",
        `http://127.0.0.1:${metadata.port}`,
        "--public-url",
        "https://calls.example.org",
      ],
      { cwd: disk, env: { ...run.env, _CALLLOG_CLOCK_AHEAD_MS: String(aheadMs) } },
    );
  let server = await start();
  ports = [
    "--port",
    new URL(server.pagesUrl).port,
    "--webhook-port",
    new URL(server.webhooksUrl).port,
  ];

  const ballast = join(disk, "ballast");
  const fill = (): void => {
    const fd = openSync(ballast, "w");
    const block = Buffer.alloc(1024 * 1024);
    try {
      while (writeSync(fd, block) === block.length);
      // To the last byte: a line must not fit.
      while (statfsSync(disk).bavail > 0) writeSync(fd, Buffer.alloc(4096));
    } catch (error) {
      if (!String(error).includes("ENOSPC")) throw error;
    } finally {
      closeSync(fd);
    }
  };

  return {
    enterprises,
    dataDir,
    bot,
    database,
    aheadMs,
    now: () => Date.now() + aheadMs,
    server: () => server,
    restart: async (signal) => {
      await server.stop(signal);
      server = await start();
    },
    killWorker: async () => {
      const children = await Bun.file(`/proc/${server.pid}/task/${server.pid}/children`).text();
      const [victim] = children.split(" ").filter(Boolean).map(Number);
      if (victim !== undefined) process.kill(victim, "SIGKILL");
    },
    setMetadata: (isUp) => {
      isMetadataUp = isUp;
    },
    fillDisk: (isFull) => {
      if (!isOwnDisk) return false;
      if (isFull) fill();
      else rmSync(ballast, { force: true });
      return true;
    },
    killDatabase: () => postgres.kill(),
    startDatabase: () => postgres.start(),
    close: async () => {
      await server.stop();
      await metadata.stop(true);
      await bot.stop();
      await database[Symbol.asyncDispose]();
      await postgres.stop();
      if (isOwnDisk) spawnSync("umount", [disk]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
