// The list of calls, compared with the one in the repository, its words and once the whole page: every kind of row, a day drawn, further pages. When
// it changes on purpose: `UPDATE_GOLDEN=1 bun test tests/pages`, then read the diff.

import { describe, expect, it } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FollowUp } from "../../src/call/index.ts";
import type { Lang } from "../../src/domain/lang.ts";
import { CallsPage } from "../../views/calls-page.tsx";
import type { ListedCall } from "../../views/calls-table.tsx";
import type { CallsView } from "../../views/calls-view.ts";
import { callRow, memoryHistory } from "../support/memory-history.ts";
import { readable } from "./golden-call.ts";
import { wordsOf } from "./page-words.ts";

const FOLDER = join(import.meta.dir, "golden-list");
const NOON = Date.UTC(2026, 10, 22, 9);
const MINUTE_MS = 60_000;
const MAX_PAGE_BYTES = 30 * 1024;

const listed = (minutesAgo: number, over: Partial<ListedCall> = {}): ListedCall => {
  const row = callRow({ startedAt: NOON - minutesAgo * MINUTE_MS, ...over });
  return { ...row, href: `../call/0367/${row.uniqueId}?token=LINK`, ...over };
};

const OPEN: FollowUp = {
  state: "open",
  attempts: 0,
  firstAttemptAt: null,
  lastAttemptAt: null,
  returnedAt: null,
  returnedBy: null,
  afterSeconds: null,
  talkMs: null,
  call: null,
  repeats: 1,
  firstMissedAt: NOON,
  stands: true,
  underWayBy: null,
};
const RETURNED: FollowUp = {
  ...OPEN,
  state: "returned",
  returnedAt: NOON,
  returnedBy: "151",
  afterSeconds: 250,
  talkMs: 80_000,
  call: "5.1",
};

const none = { answeredBy: [], talkMs: null } as const;
const live = { endedAt: null, totalMs: null } as const;
const ROWS: readonly ListedCall[] = [
  listed(0, { status: "ringing", ...live, ...none, waitMs: null, extensions: ["151", "152"] }),
  listed(1, { status: "talking", ...live }),
  listed(5, { answeredBy: ["151", "152"], extensions: ["151", "152"], transfers: 1 }),
  listed(60, {
    status: "missed",
    ...none,
    extensions: ["151", "152", "153", "154", "155"],
    followUp: { ...OPEN, attempts: 2, repeats: 3, firstMissedAt: NOON - 80 * MINUTE_MS },
  }),
  listed(59, {
    status: "missed",
    ...none,
    followUp: RETURNED,
    otherHref: "../call/0367/5.1?token=L",
  }),
  listed(58, { direction: "outgoing", returns: "1795000000.1", isLost: true }),
  listed(61, { status: "cancelled", ...none, extensions: [], phone: null }),
  listed(62, { status: "busy", ...none, callerName: '<b>"Ромашка" & Ко</b>' }),
  listed(63, {
    direction: "outgoing",
    phone: "74951234567",
    extensions: ["160"],
    status: "missed",
    ...none,
  }),
  listed(120, { direction: "internal", phone: "151", extensions: ["152"], answeredBy: ["152"] }),
  listed(1440, { direction: "outgoing", status: "failed", ...none, phone: "80291112233" }),
  listed(1441, { direction: "unknown", status: "unknown", ...none, phone: null, href: undefined }),
];

const viewOf = async (lang: Lang): Promise<CallsView> => {
  const from = Date.UTC(2026, 10, 21, 21);
  const sums = await memoryHistory(ROWS).summary("0367", from, from + 24 * 60 * MINUTE_MS);
  return {
    enterprise: { number: "0367", name: "ООО «Ромашка»" },
    zone: { lang, timeZone: "Europe/Minsk" },
    filter: {},
    choices: {
      result: ["answered", "unanswered"],
      direction: ["incoming", "outgoing"],
      follow: ["open", "returned"],
    },
    openMissed: 2,
    links: {
      to: (filter) => `?${new URLSearchParams({ token: "SECRET", ...filter })}`,
      older: "?token=SECRET&before=CURSOR",
      csv: "?token=SECRET&format=csv",
      workbook: "?token=SECRET&format=xlsx",
      hidden: [{ name: "token", value: "SECRET" }],
    },
    isDayFixed: false,
    today: "2026-11-22",
    summary: { day: "2026-11-22", sums },
    list: { rows: ROWS, isFirst: true, isComplete: false },
    names: {
      customers: new Map([["74951234567", "Иван Петров"]]),
      managers: new Map([["151", "Анна Сидорова"]]),
      complete: false,
    },
    wrong: [],
  };
};

describe("the list of calls", () => {
  const compare = (name: string, now: string): void => {
    const file = join(FOLDER, name);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, now);
    expect(now).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
  };

  it("is what it was", async () => {
    compare("ru.html", readable(CallsPage(await viewOf("ru")) as string));
  });

  for (const lang of ["ru", "en"] as const) {
    it(`says what it said, ${lang}`, async () => {
      const page = CallsPage(await viewOf(lang)) as string;
      compare(`${lang}.txt`, `${wordsOf(page.replace(/<style>[^<]*<\/style>/g, ""))}\n`);
    });
  }

  it("weighs at most 30 KB gzipped with fifty rows, and has every id once", async () => {
    const view = await viewOf("ru");
    const rows = Array.from({ length: 50 }, (_, i) =>
      listed(i, { uniqueId: `${i}.1`, callerName: `Клиент ${i}`, phone: `3752900${10_000 + i}` }),
    );
    const page = CallsPage({ ...view, list: { rows, isFirst: true, isComplete: true } }) as string;
    expect(gzipSync(page).length).toBeLessThan(MAX_PAGE_BYTES);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    expect(ids.length).toBe(new Set(ids).size);
  });
});
