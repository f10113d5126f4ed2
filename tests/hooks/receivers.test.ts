// The receivers of docs/receivers, each against the real sender and a CRM of ours that has the CRMs' own traps.

import { afterEach, describe, expect, it, setSystemTime } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { answeredCall, CUSTOMER, callBack, missedCall } from "../support/hook-calls.ts";
import { ENTERPRISE, type HookWorld, openHookWorld } from "../support/hook-world.ts";
import { inTempDir } from "../support/temp-dir.ts";

afterEach(() => void setSystemTime());

type Message = { readonly type: string; readonly data: { readonly [key: string]: unknown } };
type Take = (message: Message) => Promise<void>;

/** They are JavaScript without types, as whoever copies them has them. */
const receiver = async (name: string): Promise<unknown> =>
  import(new URL(`../../docs/receivers/${name}.mjs`, import.meta.url).pathname);
const { createReceiver } = (await receiver("receiver")) as {
  createReceiver(of: { secret: string; take: Take; now: () => number }): Server;
};
const { createBitrix24 } = (await receiver("bitrix24")) as {
  createBitrix24(of: { url: string; user: string }): Take;
};
const { createAmocrm } = (await receiver("amocrm")) as {
  createAmocrm(of: { url: string; token: string }): Take;
};

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

/** The calls of a day are played to a receiver, whose secret the webhook has. */
const withReceiver = async (
  take: Take,
  work: (world: HookWorld, url: string) => Promise<void>,
): Promise<void> => {
  await using world = await openHookWorld();
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const server: Server = createReceiver({ secret, take, now: world.time.now });
  try {
    const url = await listening(server);
    world.hooks.add(ENTERPRISE, url, secret);
    await work(world, url);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const statuses = async (world: HookWorld, uniqueId: string): Promise<string[]> =>
  (await world.attempts(uniqueId)).map((one) => one.split(" ").slice(0, 3).join(" "));

describe("receiver.mjs", () => {
  it("takes what is signed, each message once, and nothing else", async () => {
    const taken: string[] = [];
    await withReceiver(
      async ({ type }) => void taken.push(type),
      async (world, url) => {
        await world.play(answeredCall("1764504000.1"));
        expect(taken).toEqual(["call.started", "call.answered", "call.ended"]);
        world.hooks.askAgain(ENTERPRISE, { uniqueId: "1764504000.1", hook: null });
        await world.pass(60_000);
        expect(taken).toHaveLength(3);
        const forged = await fetch(url, {
          method: "POST",
          headers: {
            "webhook-id": "msg_forged",
            "webhook-timestamp": String(Math.floor(world.time.now() / 1000)),
            "webhook-signature": "v1,bm8=",
          },
          body: "{}",
        });
        expect(forged.status).toBe(401);
      },
    );
  });

  it("answers 500 where the work fails, and gets the message again", async () => {
    let isDown = true;
    const taken: string[] = [];
    await withReceiver(
      async ({ type }) => {
        if (isDown) throw new Error("the CRM is away");
        taken.push(type);
      },
      async (world) => {
        await world.play(missedCall("1764504000.1"));
        isDown = false;
        await world.pass(3_600_000);
        expect(taken).toEqual(["call.started", "call.ended", "call.missed"]);
      },
    );
  });
});

describe("bitrix24.mjs", () => {
  /** A portal: a call that is not finished is given again to whoever registers the same numbers. */
  const portal = () => {
    const finished: { [key: string]: unknown }[] = [];
    const open = new Map<string, string>();
    let made = 0;
    let failures = 0;
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        const params = (await request.json()) as { [key: string]: string };
        const { pathname } = new URL(request.url);
        const method = pathname.split("/").at(-1);
        if (params["USER_PHONE_INNER"] === "")
          return Response.json({ error: "no user" }, { status: 400 });
        const pair = `${params["USER_PHONE_INNER"] ?? params["USER_ID"]} ${params["PHONE_NUMBER"]}`;
        if (method === "telephony.externalcall.register.json") {
          if (!open.has(pair)) made += 1;
          const id = open.get(pair) ?? `externalCall.${made}`;
          open.set(pair, id);
          return Response.json({ result: { CALL_ID: id, ...params } });
        }
        if (failures > 0) {
          failures -= 1;
          return Response.json({ error: "QUERY_LIMIT_EXCEEDED" }, { status: 503 });
        }
        const key = [...open].find(([, id]) => id === params["CALL_ID"])?.[0];
        if (key === undefined)
          return Response.json({ error: "Call is not found" }, { status: 400 });
        open.delete(key);
        finished.push({ ...params, pair: key });
        return Response.json({ result: {} });
      },
    });
    return {
      url: `http://127.0.0.1:${server.port}/rest/1/invented/`,
      finished,
      open,
      failNext: () => {
        failures = 1;
      },
      [Symbol.asyncDispose]: () => server.stop(true),
    };
  };

  it("registers and finishes each call, missed ones for whoever answers for them", async () => {
    await using bitrix = portal();
    await withReceiver(createBitrix24({ url: bitrix.url, user: "1" }), async (world) => {
      await world.play(missedCall("1764504000.1"));
      await world.play(answeredCall("1764504100.1", 100));
      await world.play(callBack("1764504200.1", 200));
      await world.pass(60_000);
      expect(bitrix.finished).toMatchObject([
        { pair: `1 ${CUSTOMER}`, STATUS_CODE: "304", DURATION: 0 },
        { pair: `151 ${CUSTOMER}`, STATUS_CODE: "200", DURATION: 30 },
        { pair: `151 ${CUSTOMER}`, STATUS_CODE: "200", DURATION: 20 },
      ]);
      expect(bitrix.open.size).toBe(0);
    });
  });

  it("leaves no call open where Bitrix24 fails between the two requests", async () => {
    await using bitrix = portal();
    await withReceiver(createBitrix24({ url: bitrix.url, user: "1" }), async (world) => {
      bitrix.failNext();
      await world.play(answeredCall("1764504000.1"));
      expect(bitrix.finished).toEqual([]);
      await world.pass(60_000);
      expect(bitrix.finished).toMatchObject([{ CALL_ID: "externalCall.1", STATUS_CODE: "200" }]);
      expect(bitrix.open.size).toBe(0);
    });
  });
});

describe("amocrm.mjs", () => {
  it("adds each call once, and does not insist on a number that amoCRM does not know", async () => {
    const known = new Map<string, { [key: string]: unknown }>();
    const seen: string[] = [];
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        if (request.headers.get("authorization") !== "Bearer invented")
          return new Response(null, { status: 401 });
        const [call] = (await request.json()) as { [key: string]: unknown }[];
        if (call === undefined || call["phone"] !== CUSTOMER || known.has(String(call["uniq"])))
          return Response.json({ errors: [{ code: 263 }] }, { status: 400 });
        known.set(String(call["uniq"]), call);
        seen.push(String(call["uniq"]));
        return Response.json({ _embedded: { calls: [{ id: 1 }] } });
      },
    });
    const take = createAmocrm({ url: `http://127.0.0.1:${server.port}`, token: "invented" });
    await withReceiver(take, async (world) => {
      await world.play(missedCall("1764504000.1"));
      await world.play(missedCall("1764504100.1", 100, "375297777777"));
      await world.play(callBack("1764504200.1", 200));
      await world.pass(60_000);
      expect([...known.values()]).toMatchObject([
        { uniq: "1764504000.1", direction: "inbound", call_status: 6, duration: 0 },
        {
          uniq: "1764504200.1",
          direction: "outbound",
          call_status: 4,
          duration: 20,
          call_result: "151",
        },
      ]);
      expect(await statuses(world, "1764504100.1")).toContain("call.ended 1 204");
      expect(seen).toHaveLength(2);
    });
  });
});

const php = Bun.which("php");
// Whoever changes it has PHP; a machine without it has nothing to say of it.
if (php !== null)
  describe("receiver.php", () => {
    it("takes what is signed, once", async () => {
      await inTempDir(async (folder) => {
        // PHP has the machine's clock.
        const now = Date.now();
        await using world = await openHookWorld({ start: now });
        const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
        const probe = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
        const { port } = probe;
        await probe.stop(true);
        const script = new URL("../../docs/receivers/receiver.php", import.meta.url).pathname;
        const file = join(folder, "calls.csv");
        const child = Bun.spawn([php ?? "php", "-S", `127.0.0.1:${port}`, script], {
          env: {
            ...process.env,
            CALLLOG_SECRET: secret,
            CALLLOG_FILE: file,
            CALLLOG_SEEN: join(folder, "seen"),
          },
          stdout: "ignore",
          stderr: "ignore",
        });
        try {
          const url = `http://127.0.0.1:${port}/`;
          for (;;)
            if (
              await fetch(url).then(
                () => true,
                () => false,
              )
            )
              break;
          world.hooks.add(ENTERPRISE, url, secret);
          const shift = now - (answeredCall("1764504000.1")[0]?.at ?? 0);
          await world.play(
            answeredCall("1764504000.1").map((one) => ({ ...one, at: one.at + shift })),
          );
          expect(existsSync(file)).toBe(true);
          expect(readFileSync(file, "utf8")).toBe(
            `1764504000.1,incoming,answered,${CUSTOMER},30\n`,
          );
        } finally {
          child.kill();
          await child.exited;
        }
      });
    });
  });
