// A missed call and what became of it, from the files to the pages: the call's own, the list, JSON and CSV.

import { describe, expect, it } from "bun:test";
import { openHistory } from "../../src/call/list/index.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createViewerApp } from "../../src/pages/index.ts";
import { openTraceReader } from "../../src/store/index.ts";
import {
  CALL_TIMEOUT_MS,
  ENTERPRISE,
  MIDNIGHT,
  type Posted,
  writeDays,
} from "../call-list/days.ts";
import { inTempDir } from "../support/temp-dir.ts";

const MINUTE = 60_000;
const AT = MIDNIGHT + 9 * 60 * MINUTE;
const NOW = AT + 60 * MINUTE;
const SECRET = "5ecre7-of-0367";
const PHONE = "375295305942";

const missed = (at: number, id: string, phone = PHONE, waitMs = 23_000): Posted[] => {
  const body = { UniqueId: id, Token: "t", Phone: phone, CallType: 0, Extensions: ["150", "151"] };
  return [
    { at, event: "start", body },
    { at: at + 100, event: "dial", body },
    { at: at + waitMs, event: "hangup", body: { ...body, CallStatus: "0" } },
  ];
};

const callBack = (at: number, id: string, isOver = true): Posted[] => {
  const body = { UniqueId: id, Token: "t", Phone: PHONE, CallType: 1, Extensions: ["152"] };
  const inBridge = {
    ...body,
    BridgeUniqueid: `b-${id}`,
    Channel: "PJSIP/152-0000000a",
    CallerIDNum: "152",
  };
  const end = [
    { at: at + 6000, event: "bridge", body: inBridge },
    { at: at + 86_000, event: "bridge_leave", body: inBridge },
    { at: at + 86_000, event: "hangup", body: { ...body, CallStatus: "2" } },
  ];
  return [{ at, event: "dial", body }, ...(isOver ? end : [])];
};

const viewing = async (
  events: readonly Posted[],
  look: (get: (path: string, type?: string) => Promise<string>) => Promise<void>,
  minWaitMs = 0,
): Promise<void> =>
  inTempDir(async (dir) => {
    writeDays(dir, events, NOW);
    const clock = { now: () => NOW };
    const history = openHistory({ dir, clock, callTimeoutMs: CALL_TIMEOUT_MS, log: silentLog });
    const enterprise = {
      number: ENTERPRISE,
      name: "ООО «Ромашка»",
      webhookToken: "t",
      secret: SECRET,
      botToken: null,
      active: true,
    };
    const app = createViewerApp({
      directory: { enterpriseByNumber: async () => enterprise },
      trace: openTraceReader(dir),
      clock,
      log: silentLog,
      lang: "ru",
      timeZone: "Europe/Minsk",
      callTimeoutMs: CALL_TIMEOUT_MS,
      history,
      followUp: { windowMs: 72 * 60 * MINUTE, minWaitMs },
      health: async () => ({ status: 200, body: { status: "ok" } }),
    });
    const get = async (path: string, accept = "text/html"): Promise<string> => {
      const url = new URL(path, "http://localhost");
      if (!url.searchParams.has("token")) url.searchParams.set("token", SECRET);
      const answer = await app.handle(new Request(url, { headers: { accept } }));
      expect(answer.status).toBe(200);
      return answer.text();
    };
    await look(get);
    await history.close();
  });

const lineOf = (html: string): string =>
  (/<p class="follow-line[^"]*">(.*?)<\/p>/s.exec(html)?.[1] ?? "")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("\u00a0", " ")
    .replaceAll(/\s+/g, " ")
    .trim();

describe("a missed call", () => {
  it("that was called back says by whom and when, and both pages lead to each other", () =>
    viewing(
      [
        ...missed(AT, "1.1"),
        ...missed(AT + 20 * MINUTE, "1.2"),
        ...callBack(AT + 24 * MINUTE, "1.3"),
      ],
      async (get) => {
        const page = await get("/call/0367/1.2");
        expect(lineOf(page)).toBe(
          "Перезвонил(а) 152 через 24 мин, говорили 1:20 · 2-й раз за 20 мин открыть звонок",
        );
        const href = /class="follow-line told-good">.*?href="([^"]+)"/s.exec(page)?.[1] ?? "";
        const there = new URL(href.replaceAll("&amp;", "&"), "http://localhost/call/0367/1.2");
        expect(there.pathname).toBe("/call/0367/1.3");
        expect(there.search).not.toContain(SECRET);
        const other = await get(`${there.pathname}${there.search}`);
        expect(lineOf(other)).toBe("Ответ на пропущенный звонок открыть звонок");
        expect(other).toContain("../0367/1.2?token=");
        const json = JSON.parse(await get("/call/0367/1.1", "application/json"));
        expect(json.call.followUp).toEqual({
          state: "returned",
          attempts: 0,
          firstAttemptAt: null,
          returnedAt: new Date(AT + 24 * MINUTE).toISOString(),
          returnedBy: "152",
          afterSeconds: 24 * 60 - 23,
          call: "1.3",
          repeats: 1,
        });
        const back = JSON.parse(await get("/call/0367/1.3", "application/json"));
        expect(back.call).toMatchObject({ followUp: null, returns: "1.2" });
      },
    ));

  it("that nobody called back is counted on top of the list, which leads to it", () =>
    viewing(
      [
        ...missed(AT, "1.1"),
        ...missed(AT + MINUTE, "1.2", "375296254070"),
        ...missed(AT + 2 * MINUTE, "1.3", "anonymous"),
        ...callBack(AT + 3 * MINUTE, "1.4"),
      ],
      async (get) => {
        expect(lineOf(await get("/call/0367/1.2"))).toBe("Ещё не перезвонили");
        expect(lineOf(await get("/call/0367/1.3"))).toBe("Номер скрыт: перезвонить некуда");
        const list = await get("/calls/0367");
        expect(list).toMatch(/class="open-missed"[^>]*follow=open[^>]*>[\s\S]*?<b>1<\/b>/);
        const open = JSON.parse(await get("/calls/0367?follow=open", "application/json"));
        expect(open.openMissed).toBe(1);
        expect(open.calls.map((call: { uniqueId: string }) => call.uniqueId)).toEqual(["1.2"]);
        const all = JSON.parse(await get("/calls/0367", "application/json"));
        expect(
          all.calls.map((call: { followUp: { state: string } | null }) => call.followUp?.state),
        ).toEqual([undefined, undefined, "open", "returned"]);
        const csv = await get("/calls/0367?format=csv&follow=returned", "text/csv");
        expect(csv.trim().split("\r\n").slice(1)).toEqual([
          expect.stringMatching(/,1\.1,returned,0,152,157,1\.4,1,$/),
        ]);
      },
    ));

  it("shows who is calling back, and owes nothing to whoever hung up at once", () =>
    viewing(
      [
        ...missed(AT, "1.1"),
        ...callBack(NOW - 5000, "1.2", false),
        ...missed(AT, "1.3", "375296254070", 2000),
      ],
      async (get) => {
        expect(lineOf(await get("/call/0367/1.1"))).toBe("Перезванивает 152");
        expect(lineOf(await get("/call/0367/1.3"))).toBe(
          "Звонивший сразу положил трубку: перезванивать не нужно",
        );
        const { openMissed } = JSON.parse(await get("/calls/0367", "application/json"));
        expect(openMissed).toBe(1);
      },
      5000,
    ));
});
