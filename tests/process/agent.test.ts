// The agent as a process of its own: a server that is away, a kill at any moment, and a stop.

import { describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { recordedBlocks, recordedEvents } from "../support/ami.ts";
import { startAmiServer } from "../support/ami-server.ts";
import { addEnterprise, spawnBinary, startBinary } from "../support/binary.ts";
import { until } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const WEBHOOK_TOKEN = "token-of-the-test";

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
};

const linesOf = (path: string): string[] => {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean);
  } catch {
    return [];
  }
};

describe("calllog agent", () => {
  it("keeps events while the server is away and through kill -9, and hands each over once, in order", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise({ number: "0367", webhookToken: WEBHOOK_TOKEN, secret: SECRET }, { cwd });
      await using pbx = await startAmiServer();
      const port = await freePort();
      const spoolDir = join(cwd, "spool");
      const ami = `tcp://calllog:s3cret@127.0.0.1:${pbx.port}`;
      const args = ["agent", "--ami", ami, "--spool-dir", spoolDir];
      const start = () =>
        spawnBinary([...args, "--to", `http://127.0.0.1:${port}`], {
          cwd,
          env: { CALLLOG_TOKEN: WEBHOOK_TOKEN },
        });
      const spooled = (): string[] =>
        [...new Bun.Glob("*/*.jsonl").scanSync(spoolDir)]
          .sort()
          .flatMap((name) => linesOf(join(spoolDir, name)));
      const expected: string[] = [];
      const file = join(cwd, "call_tracer/0367/events.log");

      let logins = 0;
      for (const scenario of ["in_answered", "out_answered", "in_ringgroup"]) {
        const agent = start();
        logins += 1;
        await pbx.until(
          (actions) => actions.filter((action) => action === "CoreShowChannels").length === logins,
        );
        await pbx.send(
          Buffer.concat(recordedBlocks(scenario).map(({ text }) => Buffer.from(text))),
        );
        expected.push(...recordedEvents(scenario).map(({ event }) => event));
        await until(() => spooled().length >= expected.length);
        agent.kill("SIGKILL");
        await agent.exited;
      }
      const waiting = spooled().map((line) => JSON.parse(line) as { body: { EventId: string } });
      expect(linesOf(file)).toEqual([]);

      await using server = await startBinary(["--webhook-port", String(port)], { cwd });
      const last = start();
      await until(() => linesOf(file).length >= expected.length);
      // Killed before it could write down how far it is, or not: the next one may hand some over again.
      last.kill("SIGKILL");
      await last.exited;
      const again = start();
      const log = new Response(again.stderr).text();
      await pbx.until(
        (actions) => actions.filter((action) => action === "CoreShowChannels").length === 5,
      );
      await until(() => {
        const [name] = [...new Bun.Glob("*/position").scanSync(spoolDir)];
        return name !== undefined && linesOf(join(spoolDir, name)).length === 1;
      });
      again.kill("SIGTERM");
      expect(await again.exited).toBe(0);
      expect(await log).not.toContain("s3cret");
      const ids = linesOf(file).map((line) => /"EventId":"([^"]+)"/.exec(line)?.[1]);
      expect(ids).toEqual(waiting.map(({ body }) => body.EventId));
      expect(server.errors()).toEqual([]);
    });
  }, 60_000);

  it("runs within serve, and says what is missing", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise({ number: "0367", webhookToken: WEBHOOK_TOKEN, secret: SECRET }, { cwd });
      await using pbx = await startAmiServer();
      const ami = ["--ami", `tcp://calllog:s3cret@127.0.0.1:${pbx.port}`];
      await using server = await startBinary([...ami, "--ami-enterprise", "0367"], { cwd });
      await pbx.until((actions) => actions.includes("CoreShowChannels"));
      await pbx.send(
        Buffer.concat(recordedBlocks("xfer_blind").map(({ text }) => Buffer.from(text))),
      );
      const file = join(cwd, "call_tracer/0367/events.log");
      const expected = recordedEvents("xfer_blind").length;
      await until(() => linesOf(file).filter((line) => line.includes("|AST|")).length >= expected);
      expect(await server.stop()).toBe(0);
      expect(pbx.actions.at(-1)).toBe("Logoff");
      const alone = spawnBinary(["serve", ...ami], { cwd });
      const said = await new Response(alone.stderr).text();
      expect(await alone.exited).toBe(2);
      expect(said).toContain("--ami-enterprise");
      expect(said).not.toContain("s3cret");
    });
  }, 60_000);
});
