// The whole way of archived days through the compiled program and an object store that nobody wrote for us, OpenStack Swift
// behind its S3 interface: there, looked at, opened, listed, brought back, erased; and with a line to it that fails.
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeVariedTree } from "../../scripts/bench/trees.ts";
import { callOf, enterprise, healthOf, postStart, until } from "../support/archived-service.ts";
import { addEnterprise, type RunningBinary, runBinary, startBinary } from "../support/binary.ts";
import { req } from "../support/http.ts";
import { noSwift, type Swift, startSwift } from "../support/swift.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { inTempDir } from "../support/temp-dir.ts";

const DAY_MS = 86_400_000;
const NUMBER = "375447654321";
const NAME = "Пелагея Тестова";
const HIS = /375447654321|Пелагея/;

/** A call of the subscriber at noon of a day that is long over, into its file. */
const addCall = (path: string): string => {
  const day = path.slice(-10);
  const id = `${Date.parse(`${day}T23:59:58Z`) / 1000}.777`;
  const line = (event: string, body: object): string =>
    `${day} 23:59:58,000|AST|${event}|${id}|${JSON.stringify({ UniqueId: id, CallType: 0, Phone: NUMBER, ...body })}\n`;
  const end = { CallStatus: "0", Extensions: [""] };
  appendFileSync(path, line("start", { CallerIDName: NAME }) + line("hangup", end));
  return id;
};

type World = {
  readonly swift: Swift;
  readonly bucket: string;
  readonly proxy: TcpProxy;
  /** The file of the first day as it was, its name, and a unique id of it. */
  readonly first: { readonly name: string; readonly bytes: Buffer; readonly id: string };
  readonly days: () => string[];
  readonly run: (...argv: string[]) => ReturnType<typeof runBinary>;
  readonly start: () => Promise<RunningBinary>;
};

const why = noSwift();

describe.skipIf(why !== undefined)(
  `an archive in Swift${why === undefined ? "" : `: ${why}`}`,
  () => {
    let swift: Swift;
    beforeAll(async () => {
      swift = await startSwift();
    }, 60_000);
    afterAll(() => swift?.stop());

    /** A data folder with two finished days that retention would take, and a bucket for them behind a line that can fail. */
    const inWorld = (work: (world: World) => Promise<void>): Promise<void> =>
      inTempDir(async (cwd) => {
        await using proxy = await startTcpProxy(swift.port);
        const bucket = await swift.addBucket({ isVersioned: true });
        await addEnterprise(enterprise, { cwd });
        const dir = join(cwd, "call_tracer");
        makeVariedTree(dir, 3, 0.5, Math.floor(Date.now() / DAY_MS) - 20);
        const days = (): string[] =>
          readdirSync(join(dir, "0367"))
            .filter((name) => /^events\.log\.\d/.test(name))
            .sort();
        const [name = ""] = days();
        const id = addCall(join(dir, "0367", name));
        const env = { ...swift.env(proxy.port) };
        const archive = ["--archive", `s3://${bucket}/p`];
        await work({
          swift,
          bucket,
          proxy,
          first: { name, id, bytes: readFileSync(join(dir, "0367", name)) },
          days,
          run: (...argv) => runBinary([...argv, ...archive], { cwd, env }),
          start: () => startBinary(archive, { cwd, env }),
        });
      });

    /** Every version of every object of a bucket, unpacked where it is packed, as text. */
    const everythingIn = async ({ swift, bucket }: World): Promise<string> => {
      const listed = await (await swift.ask("GET", `${bucket}?versions`)).text();
      expect(listed).toContain("<IsTruncated>false<");
      let text = "";
      const versions = /<Key>([^<]*)<\/Key><VersionId>([^<]*)<\/VersionId>/g;
      for (const [, key = "", version] of listed.matchAll(versions)) {
        const answer = await swift.ask("GET", `${bucket}/${key}?versionId=${version}`);
        expect(answer.status).toBe(200);
        const bytes = new Uint8Array(await answer.arrayBuffer());
        text += Buffer.from(bytes).toString("utf8");
        if (/\.(zst|calls)$/.test(key))
          text += Buffer.from(await Bun.zstdDecompress(bytes)).toString("utf8");
      }
      return text;
    };

    it("takes days, tells of them, opens and lists their calls, and gives them back", async () => {
      await inWorld(async ({ first, days, run, start }) => {
        expect(await run("archive", "upload")).toMatchObject({
          code: 0,
          stdout: "2 days uploaded, 0 wait (0 bytes)\n",
        });
        expect(days()).toEqual([]);
        const status = JSON.parse((await run("archive", "status", "--json")).stdout);
        expect(status.foreign).toEqual([]);
        expect(status.enterprises).toMatchObject([{ enterprise: "0367", halves: [] }]);
        expect(status.enterprises[0].days.length).toBe(2);
        expect(await run("archive", "verify")).toMatchObject({
          code: 0,
          stdout: "2 days are whole\n",
        });
        const back = await run("archive", "restore", "0367", first.name.slice(-10), "--to", "back");
        expect(readFileSync(back.stdout.trim()).equals(first.bytes)).toBe(true);
        await using server = await start();
        const page = await callOf(server, first.id, "text/html");
        expect(page.status).toBe(200);
        expect(await page.text()).toContain(NAME);
        const asked = `/calls/0367?token=${enterprise.secret}&format=json&limit=500`;
        const list = await fetch(req(asked, { base: server.pagesUrl }));
        const { calls } = (await list.json()) as { calls: { uniqueId: string }[] };
        expect(calls.map(({ uniqueId }) => uniqueId)).toContain(first.id);
        expect(server.errors()).toEqual([]);
      });
    }, 60_000);

    it("forgets a subscriber, in older versions of objects as well", async () => {
      await inWorld(async (world) => {
        const { run, first } = world;
        expect((await run("archive", "upload")).code).toBe(0);
        const erase = ["erase", "0367", "--number", `+${NUMBER}`, "--reason", "просьба абонента"];
        const told = await run(...erase);
        expect(told).toMatchObject({ code: 0 });
        expect(told.stdout).toContain("1 call, 2 of ");
        expect(told.stdout).toContain("(1 in the archive)");
        expect(await everythingIn(world)).toMatch(HIS);
        expect(await run(...erase, "--yes")).toMatchObject({ code: 0 });
        const left = await everythingIn(world);
        expect(left).not.toMatch(HIS);
        expect(left).toContain(`|start|${first.id}|`);
        expect(await run("archive", "verify")).toMatchObject({
          code: 0,
          stdout: "2 days are whole\n",
        });
        const { call } = JSON.parse((await run("show", "0367", first.id, "--json")).stdout);
        expect(call.phone).toStartWith("erased-");
      });
    }, 60_000);

    it("keeps days here while there is no way to it, and brings them there when there is", async () => {
      await inWorld(async ({ proxy, first, days, run, start }) => {
        for (const mode of ["refuse", "cut", "close"] as const) {
          await proxy.turn(mode);
          const tried = await run("archive", "upload");
          expect({ mode, code: tried.code }).toEqual({ mode, code: 1 });
          expect(days().length).toBe(2);
        }
        await proxy.turn("refuse");
        // What cannot be looked at is not taken for empty.
        for (const word of ["status", "verify"]) {
          const looked = await run("archive", word);
          expect(looked).toMatchObject({ code: 1, stdout: "" });
          expect(looked.stderr).toContain("cannot list s3://");
        }
        {
          await using server = await start();
          await until("health tells", async () =>
            (await healthOf(server)).reasons.some((reason) => reason.includes("archive")),
          );
          expect((await healthOf(server)).status).toBe("degraded");
          expect(await postStart(server, "1764493655.61")).toBe(200);
          expect((await callOf(server, first.id)).status).toBe(200);
        }
        await proxy.turn("pass");
        // The event finished a third day: that of the file it came after.
        expect(await run("archive", "upload")).toMatchObject({ code: 0 });
        expect(days()).toEqual([]);
        expect(await run("archive", "verify")).toMatchObject({
          code: 0,
          stdout: "3 days are whole\n",
        });
      });
    }, 60_000);

    it.each(["refuse", "cut", "silent"] as const)(
      "says that old pages cannot be had and goes on with new ones, and has them again: %s",
      async (mode) => {
        await inWorld(async ({ proxy, first, run, start }) => {
          expect((await run("archive", "upload")).code).toBe(0);
          await using server = await start();
          await proxy.turn(mode);
          const old = callOf(server, first.id, "text/html");
          const began = performance.now();
          expect(await postStart(server, "1764493655.61")).toBe(200);
          expect((await callOf(server, "1764493655.61")).status).toBe(200);
          expect(performance.now() - began).toBeLessThan(3000);
          const page = await old;
          expect(page.status).toBe(503);
          expect(page.headers.get("retry-after")).toBe("30");
          expect(await page.text()).not.toContain(NAME);
          await proxy.turn("pass");
          await until("the page is there again", async () => {
            const again = await callOf(server, first.id, "text/html");
            return again.status === 200 && (await again.text()).includes(NAME);
          });
        });
      },
      60_000,
    );
  },
);
