// From an event to the cards it causes, through the compiled program as a process of its own: how long after the 200 the
// request for each card reaches Telegram, and how a burst ends in a group that takes 20 messages a minute. The Bot API is
// the strict server of the tests, in this process. What every chat ends with is checked before any number is given.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { openDirectory } from "../../src/people/index.ts";
import { type RunningBinary, startBinary } from "../../tests/support/binary.ts";
import {
  type ApiRequest,
  type BotApiServer,
  startBotApi,
} from "../../tests/support/bot-api/server.ts";
import { inTempDir } from "../../tests/support/temp-dir.ts";
import { percentile, table } from "./machine.ts";
import { memoryMib, processorSeconds } from "./processes.ts";

const BOT_TOKEN = "1234567:invented-token_of-a-bench";
const MANAGERS = 3;
const GROUP = "-1002";

type Client = {
  readonly number: string;
  readonly webhookToken: string;
  readonly chats: readonly string[];
};

/** Enterprises with so many chats each. */
const clientsOf = (count: number, chats: number): Client[] =>
  Array.from({ length: count }, (_, index) => ({
    number: `${1000 + index}`,
    webhookToken: `${375290000001 + index}`,
    chats: Array.from({ length: chats }, (__, chat) => `${100_000 + index * chats + chat}`),
  }));
const EVENTS = ["dial", "bridge", "bridge", "bridge_leave", "bridge_leave", "hangup"] as const;

type CardKind = "dial" | "bridge" | "final";
/** When they come, in milliseconds: as recorded, both channels enter within a millisecond, and leave just before the end. */
const AT_MS = [0, 400, 401, 1210, 1211, 1215] as const;

/** The place in `EVENTS` of the event that causes a card; under one id the first `bridge` brings its card. */
const CAUSE: Readonly<Record<CardKind, number>> = { dial: 0, bridge: 1, final: 5 };
const KINDS = ["dial", "bridge", "final"] as const;

/** A request for a card, and the deletion made for it just before. Times are those of `performance.now()`. */
type Sent = {
  readonly chatId: string;
  readonly kind: CardKind;
  readonly call: number;
  readonly at: number;
  readonly deletedAt: number | undefined;
};

/** When each event of a call was posted and answered. */
type Times = { readonly posted: number[]; readonly accepted: number[] };

type Measured = {
  readonly sent: readonly Sent[];
  readonly times: readonly Times[];
  readonly requests: readonly ApiRequest[];
  /** From the first event to the last card, in seconds. */
  readonly seconds: number;
  /** From the last event's answer to the last card, in seconds. */
  readonly afterSeconds: number;
  readonly idleMb: number;
  readonly peakMb: number;
  /** Of one core, since the calls that do not count. */
  readonly cpuShare: number;
  /** Processor time since then, in seconds. */
  readonly cpuS: number;
};

type Plan = {
  /** Calls go to each in turn. */
  readonly clients: readonly Client[];
  readonly hasLimits: boolean;
  readonly calls: number;
  /** From one call to the next, in milliseconds. */
  readonly everyMs: number;
  /** A call lasts this many times as long as `AT_MS` says. */
  readonly stretch: number;
  /** Calls at the beginning whose times do not count. */
  readonly warmUp: number;
  /** Gives up when the cards are not there so long after the last event, in milliseconds. */
  readonly withinMs: number;
};

const FIRST_PHONE = 375295300000;

const bodyOf = (token: string, call: number, event: number, epoch: number): string => {
  const isOurs = event === 1 || event === 4;
  const phone = `${FIRST_PHONE + call}`;
  const isTalk = event >= 1 && event <= 4;
  return JSON.stringify({
    Token: token,
    UniqueId: `${epoch}.${call}`,
    Phone: phone,
    CallType: 0,
    Trunk: "0001363",
    Extensions: ["151"],
    ...(isTalk && {
      BridgeUniqueid: `77c13775-bede-4f37-886b-${String(call).padStart(12, "0")}`,
      Channel: isOurs ? `SIP/151-${call}` : `SIP/0001363-${call}`,
      CallerIDNum: isOurs ? "151" : phone,
      ConnectedLineNum: isOurs ? phone : "151",
    }),
    ...(event === CAUSE.final && { CallStatus: "2" }),
  });
};

const kindOf = (text: string): CardKind =>
  text.includes("✅") ? "final" : text.includes("📞➡️") ? "bridge" : "dial";

const callIn = (text: string): number => {
  const phone = /37529\d{7}/.exec(text.replaceAll(/[^\d☎]/gu, ""))?.[0];
  if (phone === undefined) throw new Error(`a card without the call's number: ${text}`);
  return Number(phone) - FIRST_PHONE;
};

/** Notes the cards as their requests come, until `isEnd`. */
const watchCards = async (api: BotApiServer, sent: Sent[], isEnd: () => boolean): Promise<void> => {
  /** The call of each message that stands, and when the card before was deleted, by chat and call. */
  const callOf = new Map<string, Map<number, number>>();
  const deletedAt = new Map<string, number>();
  let seen = 0;
  await api.until(() => {
    const at = performance.now();
    for (; seen < api.requests.length; seen += 1) {
      const { method, chatId, text, status } = api.requests[seen] as ApiRequest;
      if (status !== 200) continue;
      const known = callOf.get(chatId) ?? new Map<number, number>();
      callOf.set(chatId, known);
      const standing = api.chat(chatId).map(({ messageId }) => messageId);
      if (method === "deleteMessage") {
        const left = new Set(standing);
        for (const [messageId, call] of known) {
          if (left.has(messageId)) continue;
          known.delete(messageId);
          deletedAt.set(`${chatId} ${call}`, at);
        }
      } else if (method === "sendMessage") {
        const call = callIn(text);
        const key = `${chatId} ${call}`;
        known.set(standing.at(-1) ?? 0, call);
        sent.push({ chatId, kind: kindOf(text), call, at, deletedAt: deletedAt.get(key) });
        deletedAt.delete(key);
      }
    }
    return isEnd();
  });
};

/** Posts every event when it is due, whatever the answers do. */
const play = async (
  base: string,
  { clients, calls, everyMs, stretch, warmUp }: Plan,
  onWarm: () => void,
): Promise<Times[]> => {
  const times = Array.from({ length: calls }, (): Times => ({ posted: [], accepted: [] }));
  const epoch = Math.floor(Date.now() / 1000);
  const due = times
    .flatMap((_, call) => EVENTS.map((__, event) => ({ call, event })))
    .map((one) => ({ ...one, atMs: one.call * everyMs + (AT_MS[one.event] ?? 0) * stretch }))
    .sort((a, b) => a.atMs - b.atMs);
  const post = async (call: number, event: number): Promise<void> => {
    const { posted, accepted } = times[call] as Times;
    posted[event] = performance.now();
    const token = clients[call % clients.length]?.webhookToken ?? "";
    const body = bodyOf(token, call, event, epoch);
    const answer = await fetch(`${base}/${EVENTS[event]}`, { method: "POST", body });
    accepted[event] = performance.now();
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`an event was answered ${answer.status}: ${text}`);
  };
  const underWay: Promise<void>[] = [];
  const began = performance.now();
  let isWarm = false;
  for (const { call, event, atMs } of due) {
    if (!isWarm && call >= warmUp) onWarm();
    isWarm ||= call >= warmUp;
    while (performance.now() - began < atMs) await Bun.sleep(1);
    underWay.push(post(call, event));
  }
  await Promise.all(underWay);
  return times;
};

/** What is wrong with what the chats ended with; undefined: nothing. */
const faultIn = (api: BotApiServer, { clients, calls }: Plan): string | undefined => {
  for (const [index, { chats }] of clients.entries()) {
    const own = Math.floor((calls - index - 1) / clients.length) + 1;
    for (const chat of chats) {
      const texts = api.texts(chat);
      const stale = texts.find((text) => kindOf(text) !== "final");
      if (stale !== undefined) return `chat ${chat} keeps a card that is not final: ${stale}`;
      const told = new Set(texts.map(callIn)).size;
      if (told !== own || texts.length !== own)
        return `chat ${chat}: ${texts.length} final cards of ${told} calls, expected ${own}`;
    }
  }
  return undefined;
};

const run = async (server: RunningBinary, api: BotApiServer, plan: Plan): Promise<Measured> => {
  const sent: Sent[] = [];
  const finals = plan.calls * (plan.clients[0]?.chats.length ?? 0);
  const isEnd = () => sent.filter(({ kind }) => kind === "final").length >= finals;
  const idleMb = memoryMib(server.pid);
  const began = performance.now();
  let warm = { cpuS: 0, at: began };
  const onWarm = (): void => {
    warm = { cpuS: processorSeconds(server.pid), at: performance.now() };
  };
  const watched = watchCards(api, sent, isEnd);
  const times = await Promise.race([
    play(server.webhooksUrl, plan, onWarm),
    watched.then(() => new Promise<never>(() => undefined)),
  ]);
  const lastEvent = performance.now();
  await Promise.race([watched, Bun.sleep(plan.withinMs)]);
  const fault = faultIn(api, plan) ?? server.errors()[0];
  if (fault !== undefined) throw new Error(`wrong cards: ${fault}`);
  const end = Math.max(...sent.map(({ at }) => at));
  const cpuS = processorSeconds(server.pid) - warm.cpuS;
  return {
    sent,
    times,
    requests: api.requests,
    idleMb,
    seconds: (end - began) / 1000,
    afterSeconds: (end - lastEvent) / 1000,
    peakMb: memoryMib(server.pid, "VmHWM"),
    cpuS,
    cpuShare: cpuS / ((performance.now() - warm.at) / 1000),
  };
};

const addClients = async (cwd: string, clients: readonly Client[]): Promise<void> => {
  const directory = await openDirectory({ sqlitePath: join(cwd, "calllog.sqlite") });
  try {
    for (const { number, webhookToken, chats } of clients) {
      const secret = "0123456789abcdef0123456789abcdef";
      const about = { name: null, secret, botToken: BOT_TOKEN, active: true };
      await directory.addEnterprise({ number, webhookToken, ...about });
      const nobody = { firstName: null, lastName: null, email: null, botToken: null };
      for (const chatId of chats)
        await directory.addUser({ chatId, enterpriseNumber: number, ...nobody });
    }
  } finally {
    await directory.close();
  }
};

const measure = async (plan: Plan): Promise<Measured> => {
  if (!existsSync(join(import.meta.dir, "../../calllog"))) {
    const build = Bun.spawnSync([process.execPath, join(import.meta.dir, "../build.ts")]);
    if (!build.success) throw new Error(`cannot build ./calllog: ${build.stderr.toString()}`);
  }
  let measured: Measured | undefined;
  await inTempDir(async (cwd) => {
    await addClients(cwd, plan.clients);
    const chats = plan.clients.flatMap((client) => client.chats);
    const limits = plan.hasLimits ? { limits: { now: Date.now } } : {};
    await using api = await startBotApi({ tokens: [BOT_TOKEN], chats, ...limits });
    await using server = await startBinary(["--telegram-api-root", api.apiRoot], { cwd });
    measured = await run(server, api, plan);
  });
  if (measured === undefined) throw new Error("cannot measure: the run ended without a result");
  return measured;
};

const causeAt = ({ times }: Measured, { kind, call }: Sent, of: keyof Times): number =>
  times[call]?.[of][CAUSE[kind]] ?? Number.NaN;

const shares = (values: readonly number[]): string[] =>
  [0.5, 0.9, 0.99, 1].map((share) => percentile(values, share).toFixed(1));

/** Measures the way of each kind of card at 100 events a second, for three managers. */
export const benchCards = async (seconds = 15): Promise<string> => {
  const everyMs = 10 * EVENTS.length;
  const warmUp = Math.round(2000 / everyMs);
  const calls = warmUp + Math.round((seconds * 1000) / everyMs);
  const timing = { everyMs, stretch: 1, warmUp, withinMs: 10_000 };
  const clients = clientsOf(1, MANAGERS);
  const done = await measure({ clients, hasLimits: false, calls, ...timing });
  const early = done.sent.find((card) => card.at < causeAt(done, card, "posted"));
  if (early !== undefined) throw new Error(`a ${early.kind} card came before its cause`);
  const beside = done.sent.find(
    ({ kind, deletedAt }) => (kind === "dial") !== (deletedAt === undefined),
  );
  if (beside !== undefined) throw new Error(`a ${beside.kind} card came beside the one before it`);
  const counted = done.sent.filter(({ call }) => call >= warmUp);
  const rows = KINDS.flatMap((kind) => {
    const cards = counted.filter((card) => card.kind === kind);
    const since = (card: Sent, at: number): number => at - causeAt(done, card, "accepted");
    const deletions = cards.flatMap((card) =>
      card.deletedAt === undefined ? [] : [since(card, card.deletedAt)],
    );
    const sends = cards.map((card) => since(card, card.at));
    return [
      ...(deletions.length > 0
        ? [
            [
              `${kind}: \`deleteMessage\` of the card before`,
              deletions.length,
              ...shares(deletions),
            ],
          ]
        : []),
      [`${kind}: \`sendMessage\``, sends.length, ...shares(sends)],
    ];
  });
  const answers = done.times
    .slice(warmUp)
    .flatMap(({ posted, accepted }) => accepted.map((at, event) => at - (posted[event] ?? 0)));
  rows.push(["(the event itself: posted → 200)", answers.length, ...shares(answers)]);
  const head = ["from the event's 200 to …", "requests", "p50 ms", "p90", "p99", "max"];
  return [
    table(head, rows),
    "",
    `- 100 events/s for ${seconds} s after 2 s that do not count; ${calls} calls, ${MANAGERS} chats; ${done.sent.length} cards sent, ${done.requests.filter(({ method }) => method === "deleteMessage").length} deleted; every chat ended with exactly the ${calls} final cards.`,
    `- The service: ${Math.round(done.idleMb)} MiB before, ${Math.round(done.peakMb)} MiB at the peak, ${Math.round(done.cpuShare * 100)} % of one core.`,
  ].join("\n");
};

/** Measures how much of a core cards take at so many calls a second, two chats each, of few and of many enterprises. */
export const benchCardLoad = async (
  rate = 80,
  seconds = 15,
  counts: readonly number[] = [1, 20, 1000],
): Promise<string> => {
  const everyMs = 1000 / rate;
  const rows: (string | number)[][] = [];
  for (const count of counts) {
    // Each enterprise has had a call: what its very first event makes is made.
    const warmUp = Math.max(2 * rate, count);
    const calls = warmUp + rate * seconds;
    const timing = { everyMs, stretch: 1, warmUp, withinMs: 60_000 };
    const clients = clientsOf(count, 2);
    const done = await measure({ clients, hasLimits: false, calls, ...timing });
    const finals = done.sent
      .filter(({ kind, call }) => kind === "final" && call >= warmUp)
      .map((card) => card.at - causeAt(done, card, "accepted"));
    const msACall = (done.cpuS * 1000) / (calls - warmUp);
    const cpu = [(done.cpuShare * 100).toFixed(0), msACall.toFixed(1)];
    const target = "p99 300, 70 %";
    rows.push([count, rate, ...shares(finals), ...cpu, Math.round(done.peakMb), target]);
  }
  const head = ["enterprises", "calls/s", "hangup → final card: p50 ms", "p90", "p99", "max"];
  return [
    table([...head, "% of a core", "ms a call", "MiB", "target"], rows),
    "",
    `- ${rate * seconds} calls of ${EVENTS.length} events, two chats each, after one of each enterprise; many enterprises are to cost no more than few. Every chat ended with exactly its final cards.`,
  ].join("\n");
};

/** A card that is sent so long after its call's end is known was outrun, in milliseconds. */
const STALE_AFTER_MS = 100;

/** 60 calls in a minute into a group that takes 20 messages a minute; real minutes. */
export const benchBurst = async (): Promise<string> => {
  const timing = { everyMs: 1000, stretch: 12, warmUp: 0, withinMs: 7 * 60_000 };
  const calls = 60;
  const done = await measure({
    clients: [{ number: "0367", webhookToken: "375290000001", chats: [GROUP] }],
    hasLimits: true,
    calls,
    ...timing,
  });
  const stale = done.sent.filter(
    ({ kind, call, at }) =>
      kind !== "final" && at > (done.times[call]?.accepted[CAUSE.final] ?? 0) + STALE_AFTER_MS,
  );
  if (stale.length > 0) throw new Error(`${stale.length} cards were sent after their call's end`);
  const count = (kind: CardKind): number => done.sent.filter((card) => card.kind === kind).length;
  const requests = (method: string, status: number): number =>
    done.requests.filter((one) => one.method === method && one.status === status).length;
  const head = ["dial sent", "bridge sent", "final sent", "deleted", "429", "s in all", "RSS MiB"];
  const numbers = [
    ...KINDS.map(count),
    requests("deleteMessage", 200),
    requests("sendMessage", 429),
    done.seconds.toFixed(0),
    Math.round(done.peakMb),
  ];
  return [
    table(head, [numbers]),
    "",
    `- ${calls} calls, one a second, each ${((AT_MS.at(-1) ?? 0) * timing.stretch) / 1000} s long. The last card came ${done.afterSeconds.toFixed(0)} s after the last event; ended with exactly the ${calls} final cards; no dial or bridge card was sent after its call's end.`,
  ].join("\n");
};
