// A browser and the service it looks at: the compiled program, its events posted over HTTP, with a metadata service that
// knows names and a Bot API where one of two managers has blocked the bot, so that every part of a page has something
// in it. Scenarios keep their true lengths (EventTime), though they are posted at once.

import { afterAll, beforeAll, describe } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postEvent, simulateCall } from "../../src/cli/simulate.ts";
import { demoMetadata } from "../../src/demo/metadata.ts";
import type { EventBody } from "../../src/domain/event.ts";
import { findScenario } from "../../src/scenarios/index.ts";
import { addEnterprise, type RunningBinary, runBinary, startBinary } from "../support/binary.ts";
import { type BotApiServer, startBotApi } from "../support/bot-api/server.ts";
import { chromiumPath, type OpenBrowser, openBrowser } from "../support/browser.ts";

export const ENTERPRISE = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
} as const;

const BOT_TOKEN = "1234567:invented-token_of-a-browser-test";
const CHAT = "101";
const BLOCKED_CHAT = "102";

const HOSTILE_NAME = `<img src=x onerror="alert('name')"><script>alert(1)</script>`;

/** What is tried on a page, in names and numbers that come from outside. */
export const HOSTILE = {
  name: HOSTILE_NAME,
  extension: `"><svg onload=alert(2)>`,
  trunk: `</style><script>alert(3)</script>`,
  phone: "javascript:alert(4)",
  /** A hostile name of the metadata service. */
  customer: `</title><iframe src="javascript:alert(5)"></iframe>`,
  /** Without a place to break, and with letters that turn the direction of the text. */
  long: `${"Ш".repeat(300)}\u202e\u0000reversed`,
} as const;

export type Served = AsyncDisposable & {
  /** The folder it runs in. */
  readonly cwd: string;
  readonly server: RunningBinary;
  readonly bot: BotApiServer;
  /** Posts one event with the enterprise's token. */
  post(event: string, body: EventBody): Promise<void>;
  /** Posts a scenario as a new call that has just ended, and answers its unique id. */
  play(name: string): Promise<string>;
  /** The address of a call's page. */
  callUrl(uniqueId: string, more?: string): string;
  /** The address of the list of calls. */
  listUrl(more?: string): string;
  /** Resolves when the records of a call tell that its final card stands. */
  told(uniqueId: string): Promise<void>;
};

/** Looks every few milliseconds until the condition holds. */
export const until = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
  const endsAt = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error(`not within 10 s: ${what}`);
    await Bun.sleep(15);
  }
};

const metadata = (request: Request): Response =>
  decodeURIComponent(new URL(request.url).pathname).includes("666")
    ? Response.json({ name: HOSTILE.customer, full_name: HOSTILE.customer, exists: true })
    : demoMetadata(request);

export type ServeOptions = {
  /** Further flags. */
  readonly settings?: readonly string[];
  /** Puts something into the folder before the service starts. */
  readonly prepare?: (cwd: string) => Promise<void>;
  /** One of the two managers has blocked the bot, unless this is false. */
  readonly isOneBlocked?: boolean;
};

/** Starts everything; dispose of it in `afterAll`. */
export const serve = async (options: ServeOptions = {}): Promise<Served> => {
  const { settings = [], prepare, isOneBlocked = true } = options;
  await using opened = new AsyncDisposableStack();
  const cwd = opened.adopt(await mkdtemp(join(tmpdir(), "calllog-browser-")), (folder) =>
    rm(folder, { recursive: true, force: true }),
  );
  const names = opened.adopt(
    Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: metadata }),
    (listener) => listener.stop(true),
  );
  const bot = opened.use(await startBotApi({ tokens: [BOT_TOKEN], chats: [CHAT, BLOCKED_CHAT] }));
  if (isOneBlocked) bot.block(BLOCKED_CHAT);
  await addEnterprise(ENTERPRISE, { cwd });
  for (const words of [
    ["enterprise", "set", ENTERPRISE.number, "--bot-token", BOT_TOKEN, "--name", "Пример"],
    ["user", "add", CHAT, "--enterprise", ENTERPRISE.number, "--first-name", "Анна Сидорова"],
    ["user", "add", BLOCKED_CHAT, "--enterprise", ENTERPRISE.number, "--first-name", "Павел Жук"],
  ]) {
    const { code, stderr } = await runBinary(words, { cwd });
    if (code !== 0) throw new Error(`cannot ${words.join(" ")}: ${stderr}`);
  }
  await prepare?.(cwd);
  const server = opened.use(
    await startBinary(
      [
        "--metadata-url",
        `http://127.0.0.1:${names.port}`,
        "--telegram-api-root",
        bot.apiRoot,
        "--public-url",
        "https://calls.example.org",
        "--timezone",
        "Europe/Minsk",
        "--recordings",
        "recordings",
        ...settings,
      ],
      { cwd },
    ),
  );
  const closing = opened.move();

  const post: Served["post"] = async (event, body) => {
    const whole = { Token: ENTERPRISE.webhookToken, ...body };
    const { status, reason } = await postEvent(server.webhooksUrl, { at: 0, event, body: whole });
    if (status !== 200) throw new Error(`${event} was answered ${status} ${reason}`);
  };
  const callUrl: Served["callUrl"] = (uniqueId, more = "") =>
    `${server.pagesUrl}/call/${ENTERPRISE.number}/${encodeURIComponent(uniqueId)}?token=${ENTERPRISE.secret}${more}`;

  return {
    cwd,
    server,
    bot,
    post,
    callUrl,
    listUrl: (more = "") =>
      `${server.pagesUrl}/calls/${ENTERPRISE.number}?token=${ENTERPRISE.secret}${more}`,
    play: async (name) => {
      const scenario = findScenario(name);
      if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
      const call = simulateCall(scenario, {
        now: Date.now(),
        speed: Number.POSITIVE_INFINITY,
        token: ENTERPRISE.webhookToken,
      });
      for (const { posted } of call.events) await post(posted.event, posted.body);
      return call.uniqueId;
    },
    told: (uniqueId) =>
      until(`a final card of ${uniqueId}`, async () => {
        const answer = await fetch(callUrl(uniqueId), { headers: { accept: "application/json" } });
        const { records = [] } = (await answer.json()) as { records?: { raw: string }[] };
        return records.some(({ raw }) => /\|TG\|(?:send|edit)\|\d+\|hangup\|/.test(raw));
      }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
};

export type World = { readonly served: Served; readonly browser: OpenBrowser };

/**
 * A group of tests with a browser and a service of its own, both stopped at its end; skipped where there is no Chromium.
 * `world` is there while the tests run.
 */
export const inBrowser = (name: string, define: (world: () => World) => void): void => {
  describe.skipIf(chromiumPath === undefined)(name, () => {
    let world: World | undefined;
    beforeAll(async () => {
      const [served, browser] = await Promise.all([serve(), openBrowser()]);
      world = { served, browser };
    });
    afterAll(async () => {
      await world?.browser[Symbol.asyncDispose]();
      await world?.served[Symbol.asyncDispose]();
    });
    define(() => {
      if (world === undefined) throw new Error("the world is not there before its tests run");
      return world;
    });
  });
};

/** A call with a hostile name, number, line and extension wherever one is shown; answers its unique id. */
export const playHostile = async ({ post }: Served, uniqueId: string): Promise<string> => {
  const ids = { UniqueId: uniqueId, CallType: 0 };
  const outside = { Phone: "375296660000", CallerIDName: HOSTILE.name, Trunk: HOSTILE.trunk };
  const bridge = { BridgeUniqueid: `bridge-of-${uniqueId}` };
  await post("start", { ...ids, ...outside, Exten: HOSTILE.phone });
  await post("dial", { ...ids, ...outside, Extensions: ["666", HOSTILE.extension] });
  await post("new_callerid", { ...ids, CallerIDName: HOSTILE.long, CallerIDNum: HOSTILE.phone });
  await post("bridge_create", { ...ids, ...bridge });
  await post("bridge", {
    ...ids,
    ...bridge,
    Channel: `PJSIP/666-0000001a`,
    CallerIDNum: "666",
    BridgeNumChannels: "1",
    CallerIDName: HOSTILE.name,
    ConnectedLineName: HOSTILE.long,
  });
  await post("bridge", {
    ...ids,
    ...bridge,
    Channel: `PJSIP/${HOSTILE.trunk}-0000001b`,
    BridgeNumChannels: "2",
    CallerIDNum: "375296660000",
    CallerIDName: HOSTILE.name,
  });
  await post("hangup", {
    ...ids,
    ...outside,
    Extensions: [HOSTILE.extension],
    CallStatus: "2",
    Cause: HOSTILE.name,
    Talk: HOSTILE.phone,
  });
  return uniqueId;
};

/** A call that rings 151; answers its unique id. */
export const playRinging = async ({ post }: Served, uniqueId: string): Promise<string> => {
  const ids = { UniqueId: uniqueId, CallType: 0, Phone: "375295305942", Trunk: "mts" };
  await post("start", { ...ids, CallerIDName: "Customer One" });
  await post("dial", { ...ids, Extensions: ["151"] });
  return uniqueId;
};

/** The ringing call is answered by 151. */
export const playAnswer = async ({ post }: Served, uniqueId: string): Promise<void> => {
  const ids = { UniqueId: uniqueId, BridgeUniqueid: `bridge-of-${uniqueId}`, CallType: 0 };
  await post("bridge_create", ids);
  await post("bridge", { ...ids, Channel: "PJSIP/151-0000002a", CallerIDNum: "151" });
  await post("bridge", { ...ids, Channel: "PJSIP/mts-0000002b", CallerIDNum: "375295305942" });
};

/** The answered call ends. */
export const playHangup = async ({ post }: Served, uniqueId: string): Promise<void> => {
  const ids = { UniqueId: uniqueId, CallType: 0, Phone: "375295305942", Trunk: "mts" };
  await post("hangup", { ...ids, Extensions: ["151"], CallStatus: "2" });
};
