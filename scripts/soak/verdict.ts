// What a run must have left behind: every acknowledged event in the right day's file once, every line whole, every call
// with its one final card in each chat and nothing else standing.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type FollowState, findCall } from "../../src/call/index.ts";
import { openHistory } from "../../src/call/list/index.ts";
import { chatStates } from "../../src/cards/index.ts";
import { bodyText } from "../../src/domain/event.ts";
import { idKey } from "../../src/domain/record.ts";
import { silentLog } from "../../src/lib/log.ts";
import { HOUR_MS } from "../../src/lib/time.ts";
import { decodeLine, openTraceReader } from "../../src/store/index.ts";
import type { Traffic } from "./traffic.ts";
import type { World } from "./world.ts";

export type Verdict = {
  readonly lines: number;
  readonly days: number;
  /** Each of these must be 0. */
  readonly lost: number;
  readonly doubled: number;
  readonly malformed: number;
  readonly misfiled: number;
  readonly outOfOrder: number;
  readonly callsWithoutFinalCard: number;
  readonly cardsLeftStanding: number;
  /** Missed calls, by what became of them. */
  readonly missed: { readonly [state in FollowState | "again"]?: number };
  /** Cards of missed calls that tell something else of that than the files do. */
  readonly cardsThatTellWrong: number;
  /** Cards that Telegram shows and no record tells of: one a crash and chat at most. */
  readonly extraCards: number;
};

const STAMP = "2026-11-22 00:00:00,000".length;
const CALL_TIMEOUT_MS = 4 * 3600 * 1000;

type Lines = Omit<
  Verdict,
  "callsWithoutFinalCard" | "cardsLeftStanding" | "extraCards" | "missed" | "cardsThatTellWrong"
>;

const readFiles = (world: World, traffic: Traffic): Lines => {
  const seen = new Map<string, number>();
  const days = new Set<string>();
  let lines = 0;
  let malformed = 0;
  let misfiled = 0;
  let outOfOrder = 0;
  for (const { number } of world.enterprises) {
    const folder = join(world.dataDir, number);
    for (const name of readdirSync(folder).filter((file) => file.startsWith("events.log"))) {
      const [, nameDay] = /^events\.log\.(.+)$/.exec(name) ?? [];
      let last = "";
      for (const line of readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1)) {
        lines++;
        const stamp = line.slice(0, STAMP);
        const day = stamp.slice(0, 10);
        days.add(day);
        if (stamp < last) outOfOrder++;
        if (nameDay !== undefined && nameDay !== day) misfiled++;
        last = stamp;
        const decoded = decodeLine(line);
        if (!decoded.ok) malformed++;
        else if (decoded.value.kind === "AST") {
          const id = bodyText(decoded.value.body, "EventId");
          seen.set(id, (seen.get(id) ?? 0) + 1);
        }
      }
    }
  }
  return {
    lines,
    days: days.size,
    malformed,
    misfiled,
    outOfOrder,
    lost: [...traffic.acknowledged].filter((id) => !seen.has(id)).length,
    doubled: [...seen.values()].filter((times) => times > 1).length,
  };
};

/** What the card of a missed call must say in the end, and all that it may say. */
const SAID = {
  returned: "Перезвонил(а)",
  reached: "Дозвонился сам",
  tried: "не отвечает",
  again: "Позже звонил снова",
} as const;

/** The newest missed calls of every customer, and what their cards tell of what became of them. */
const followed = async (world: World): Promise<Pick<Verdict, "missed" | "cardsThatTellWrong">> => {
  const history = openHistory({
    dir: world.dataDir,
    clock: { now: world.now },
    callTimeoutMs: CALL_TIMEOUT_MS,
    log: silentLog,
    isReadOnly: true,
  });
  const counts = new Map<string, number>();
  let cardsThatTellWrong = 0;
  try {
    for (const { number, chats } of world.enterprises) {
      const rules = { windowMs: 72 * HOUR_MS, minWaitMs: 0, country: undefined };
      const found = await history.missedSince(number, world.now() - rules.windowMs, rules);
      const reader = openTraceReader(world.dataDir);
      for (const { uniqueId, followUp } of found.missed) {
        const state = followUp.stands ? followUp.state : "again";
        counts.set(state, (counts.get(state) ?? 0) + 1);
        const { records } = await reader.find(number, [idKey(uniqueId)]);
        const states = chatStates(records);
        const wanted = Object.hasOwn(SAID, state) ? SAID[state as keyof typeof SAID] : undefined;
        for (const chat of chats) {
          const card = states.get(chat)?.standing.findLast(({ kind }) => kind === "hangup");
          const said = Object.values(SAID).filter((words) => card?.text.includes(words) === true);
          if (said.join() !== (wanted ?? "")) cardsThatTellWrong += 1;
        }
      }
    }
  } finally {
    await history.close();
  }
  return { missed: Object.fromEntries(counts), cardsThatTellWrong };
};

/** Looks at the files and the chats. Everything must have come to rest. */
export const judge = async (world: World, traffic: Traffic): Promise<Verdict> => {
  const reader = openTraceReader(world.dataDir);
  const recorded = new Map<string, Set<number>>();
  let callsWithoutFinalCard = 0;
  let cardsLeftStanding = 0;
  for (const { enterprise, uniqueId } of traffic.calls) {
    const found = await findCall((...asked) => reader.find(enterprise.number, ...asked), uniqueId, {
      enterprise: enterprise.number,
      now: world.now(),
      callTimeoutMs: CALL_TIMEOUT_MS,
    });
    const states = chatStates(found?.records ?? []);
    for (const chat of enterprise.chats) {
      const standing = states.get(chat)?.standing ?? [];
      const known = recorded.get(chat) ?? new Set();
      for (const { messageId } of standing) known.add(messageId);
      recorded.set(chat, known);
      if (!standing.some(({ kind }) => kind === "hangup")) callsWithoutFinalCard++;
      cardsLeftStanding += standing.filter(({ kind }) => kind !== "hangup").length;
    }
  }
  const extraCards = world.enterprises
    .flatMap(({ chats }) => chats)
    .flatMap((chat) => world.bot.chat(chat).map(({ messageId }) => ({ chat, messageId })))
    .filter(({ chat, messageId }) => recorded.get(chat)?.has(messageId) !== true).length;
  return {
    ...readFiles(world, traffic),
    ...(await followed(world)),
    callsWithoutFinalCard,
    cardsLeftStanding,
    extraCards,
  };
};
