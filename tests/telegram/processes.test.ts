// The program itself: killed in the middle of calls and started again, and two of it over one data folder. The chats
// end with every final card; a crash costs at most one extra card a chat, where Telegram had answered and no line told.

import { describe, expect, it } from "bun:test";
import { join } from "node:path";
import { chatStates } from "../../src/cards/index.ts";
import type { StoredRecord } from "../../src/domain/record.ts";
import { openFollower } from "../../src/store/index.ts";
import { addEnterprise, type RunningBinary, runBinary, startBinary } from "../support/binary.ts";
import { type BotApiServer, startBotApi } from "../support/bot-api/server.ts";
import { post } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";
import { createWatchers } from "../support/watchers.ts";

const BOT_TOKEN = "1234567:invented-token_of-a-test";
const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const CHATS = ["101", "-1002"];

type Event = { readonly event: string; readonly body: Readonly<Record<string, unknown>> };

/** A call that rings and is answered, or is not: `index` makes its ids and number its own. */
const callEvents = (index: number): Event[] => {
  const uniqueId = `${1764493655 + index}.${index}`;
  const IN = { Phone: `37529${5300000 + index}`, CallType: 0, Trunk: "0001363" };
  const body = { Token: enterprise.webhookToken, UniqueId: uniqueId, ...IN };
  const other = { ...body, UniqueId: `${uniqueId}1` };
  const bridge = { BridgeUniqueid: `77c13775-bede-4f37-886b-${String(index).padStart(12, "0")}` };
  const talk: Event[] = [
    {
      event: "bridge",
      body: { ...body, ...bridge, Channel: `SIP/t-${index}`, CallerIDNum: IN.Phone },
    },
    {
      event: "bridge",
      body: { ...other, ...bridge, Channel: `SIP/151-${index}`, CallerIDNum: "151" },
    },
  ];
  return [
    { event: "start", body },
    { event: "dial", body: { ...body, Extensions: ["151"] } },
    ...(index % 2 === 0 ? talk : []),
    {
      event: "hangup",
      body: { ...body, CallStatus: index % 2 === 0 ? "2" : "0", Extensions: ["151"] },
    },
  ];
};

/** 152 calls back whoever was missed in the call of that index, and they talk. */
const callBackEvents = (index: number): Event[] => {
  const body = {
    Token: enterprise.webhookToken,
    UniqueId: `${1764499000 + index}.${index}`,
    Phone: `37529${5300000 + index}`,
    CallType: 1,
    Extensions: ["152"],
  };
  const talk = {
    ...body,
    BridgeUniqueid: `back-${index}`,
    Channel: `SIP/152-${index}`,
    CallerIDNum: "152",
  };
  const now = Date.now() / 1000;
  return [
    { event: "dial", body: { ...body, EventTime: now - 20 } },
    { event: "bridge", body: { ...talk, EventTime: now - 15 } },
    { event: "bridge_leave", body: { ...talk, EventTime: now - 5 } },
    { event: "hangup", body: { ...body, CallStatus: "2", EventTime: now - 5 } },
  ];
};

/** Final cards begin with these, in Russian as managers have them. */
const isFinal = (text: string): boolean => /^[✅❌]/u.test(text);

const setUp = async (cwd: string): Promise<BotApiServer> => {
  await addEnterprise(enterprise, { cwd });
  await runBinary(["enterprise", "set", "0367", "--bot-token", BOT_TOKEN], { cwd });
  for (const chat of CHATS) {
    const run = await runBinary(["user", "add", "--enterprise", "0367", "--", chat], { cwd });
    if (run.code !== 0) throw new Error(run.stderr);
  }
  return startBotApi({ tokens: [BOT_TOKEN], chats: CHATS });
};

/** What the files say, as they grow. */
const openFiles = async (cwd: string) => {
  const records: StoredRecord[] = [];
  const watchers = createWatchers();
  const follower = openFollower(join(cwd, "call_tracer"));
  await follower.followAll(({ lines }) => {
    for (const line of lines) {
      const record = line.record();
      if (record?.kind === "TG") records.push(record);
    }
    watchers.changed();
  });
  return {
    records,
    /** The kinds of card that stand in a chat. */
    standing: (chat: string): string[] =>
      chatStates(records)
        .get(chat)
        ?.standing.map(({ kind }) => kind) ?? [],
    until: watchers.until,
    [Symbol.asyncDispose]: () => follower.close(),
  };
};

const postAll = async (server: RunningBinary, events: readonly Event[]): Promise<void> => {
  for (const { event, body } of events) {
    const answer = await fetch(post(`/${event}`, body, { base: server.webhooksUrl }));
    if (answer.status !== 200) throw new Error(`${event}: ${answer.status}`);
  }
};

const CALLS_A_ROUND = 3;

describe("the program", () => {
  it("killed at any moment ends with every final card", async () => {
    await inTempDir(async (cwd) => {
      await using api = await setUp(cwd);
      await using files = await openFiles(cwd);
      const args = ["--telegram-api-root", api.apiRoot];
      // Requests after which it is killed; odd rounds: while the answer to the last of them is held back.
      const rounds = [1, 2, 3, 5, 8, 11, 13, 16];
      let begun = 0;
      for (const [round, after] of rounds.entries()) {
        const server = await startBinary(args, { cwd });
        const from = api.requests.length;
        const { promise: never, resolve: letGo } = Promise.withResolvers<void>();
        const calls = Array.from({ length: CALLS_A_ROUND }, () => callEvents(begun++));
        const playing = Promise.all(calls.map((events) => postAll(server, events)));
        const all = Array.from({ length: begun }, () => "hangup");
        // On a slow machine most cards are outrun, and there are fewer requests than the round waits for.
        const reached = (count: number) =>
          Promise.race([
            api.until(() => api.requests.length >= from + count),
            files.until(() => CHATS.every((chat) => Bun.deepEquals(files.standing(chat), all))),
          ]);
        if (round % 2 === 1) {
          await reached(after - 1);
          api.addFault({ fault: { do: "hold", until: never } });
        }
        await reached(after);
        await playing;
        await server.stop("SIGKILL");
        letGo();
      }
      await using server = await startBinary(args, { cwd });
      const finals = Array.from({ length: begun }, () => "hangup");
      const isDone = (chat: string): boolean => Bun.deepEquals(files.standing(chat), finals);
      await files.until(() => CHATS.every(isDone));
      expect(server.errors()).toEqual([]);
      for (const chat of CHATS) {
        expect(new Set(api.texts(chat).filter(isFinal)).size).toBeGreaterThanOrEqual(begun);
        const extra = api.texts(chat).length - begun;
        console.log(`${chat}: ${begun} calls, ${rounds.length} crashes, ${extra} extra cards`);
        expect(extra).toBeLessThanOrEqual(rounds.length);
      }
    });
  }, 60_000);

  it("hands over to another one when it dies, and events of both lead to cards", async () => {
    await inTempDir(async (cwd) => {
      await using api = await setUp(cwd);
      await using files = await openFiles(cwd);
      const args = ["--telegram-api-root", api.apiRoot];
      const first = await startBinary(args, { cwd });
      await using second = await startBinary(args, { cwd });
      const isHolder = (one: RunningBinary): boolean =>
        one.log().includes("brings cards to Telegram");
      expect([isHolder(first), isHolder(second)]).toEqual([true, false]);
      const events = callEvents(0);
      await postAll(second, events.slice(0, 2));
      await files.until(() => CHATS.every((chat) => files.standing(chat).length === 1));
      await first.stop("SIGKILL");
      await postAll(second, events.slice(2));
      await files.until(() => CHATS.every((chat) => files.standing(chat)[0] === "hangup"));
      for (const chat of CHATS) {
        expect(api.texts(chat)).toHaveLength(1);
        expect(isFinal(api.texts(chat)[0] ?? "")).toBe(true);
      }
      expect(isHolder(second)).toBe(true);
      expect(second.errors()).toEqual([]);
    });
  }, 30_000);

  it("follows missed calls to their end over a crash, each edited once for what it came to", async () => {
    await inTempDir(async (cwd) => {
      await using api = await setUp(cwd);
      await using files = await openFiles(cwd);
      const args = ["--telegram-api-root", api.apiRoot];
      const first = await startBinary(args, { cwd });
      const all = [1, 3, 5, 7];
      const longAgo = Date.now() / 1000 - 120;
      for (const index of all) {
        const events = callEvents(index).map(({ event, body }, second) => ({
          event,
          body: { ...body, EventTime: longAgo + second },
        }));
        await postAll(first, events);
      }
      const missed = (chat: string): string[] =>
        api.texts(chat).filter((text) => text.startsWith("❌"));
      await api.until(() => CHATS.every((chat) => missed(chat).length === all.length));
      // Two are called back while it lives, the others while nobody brings cards.
      const [alive, dead] = [all.slice(0, 2), all.slice(2)];
      for (const index of alive) await postAll(first, callBackEvents(index));
      const returned = (chat: string): number =>
        missed(chat).filter((text) => text.includes("↩️ Перезвонил(а) 152")).length;
      await api.until(() => CHATS.every((chat) => returned(chat) === alive.length));
      // What is not on record when it dies is done once more: that is another test's.
      const isOnRecord = ({ kind, ...record }: StoredRecord): boolean =>
        kind === "TG" && "text" in record && record.text.includes("↩️");
      await files.until(
        () => files.records.filter(isOnRecord).length === CHATS.length * alive.length,
      );
      await first.stop("SIGKILL");
      const deaf = await startBinary(["--telegram-api-root", "http://127.0.0.1:9"], { cwd });
      for (const index of dead) await postAll(deaf, callBackEvents(index));
      await deaf.stop("SIGKILL");
      await using last = await startBinary(args, { cwd });
      await api.until(() => CHATS.every((chat) => returned(chat) === all.length));
      const edits = api.requests.filter(
        ({ method, text }) => method === "editMessageText" && text.includes("↩️"),
      );
      expect(edits).toHaveLength(CHATS.length * all.length);
      expect(last.errors()).toEqual([]);
    });
  }, 60_000);
});
