// The search over all enterprises, and the page of health, over real HTTP.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { callRow, memoryHistory } from "../../tests/support/memory-history.ts";
import { silentLog } from "../lib/log.ts";
import { MAX_FOUND, searchedDigits, searchNumber } from "./search.ts";
import { enterprise, NOON, openConsole, SECRET } from "./testing.ts";

type World = Awaited<ReturnType<typeof openConsole>>;
let world: World;
let cookie: string;
beforeEach(async () => {
  world = await openConsole();
  for (const number of ["0113", "0367"]) {
    await world.directory.addEnterprise(enterprise({ number, name: `Имя ${number}` }));
  }
  ({ cookie } = await world.begin());
});
afterEach(() => world.close());
const page = async (path: string): Promise<string> => (await world.get(path, { cookie })).text();

describe("the search", () => {
  it("finds calls however the number is written, and leads to each by a link of its own", async () => {
    const html = await page(`/console/search?number=${encodeURIComponent("+375 (29) 111-22")}`);
    expect(html).toContain("Найдено звонков: 1");
    expect(html).toContain("Имя 0367");
    expect(html).toMatch(/href="\/call\/0367\/[\d.]+\?token=[\w-]{28}"/);
    expect(html).not.toContain(SECRET);
  });

  it("asks for more digits, and shows hostile text as text", async () => {
    const asked = `"><script>1</script>`;
    const html = await page(`/console/search?number=${encodeURIComponent(asked)}`);
    expect(html).toContain("Нужно хотя бы 4 цифры");
    expect(html).not.toContain(asked);
  });

  it.each([
    ["12-34", "1234"],
    ["123", undefined],
    ["1".repeat(25), undefined],
    ["anonymous", undefined],
  ])("reads %p as %p", (text, digits) => expect(searchedDigits(text)).toBe(digits));

  it("goes on where one enterprise cannot be read, or does not answer, and says so", async () => {
    const good = memoryHistory([callRow({ startedAt: NOON, phone: "375291112233" })]);
    const names = ["0001", "0002", "0367"];
    const waiting = new Set<() => void>();
    let started = 0;
    const found = await searchNumber(
      {
        directory: { enterprises: async () => names.map((number) => enterprise({ number })) },
        history: {
          calls: (number, ...asked) => {
            if (number === "0001") return Promise.reject(new Error("unreadable"));
            if (number === "0002") return new Promise(() => undefined);
            return good.calls(number, ...asked);
          },
        },
        clock: { now: () => NOON },
        log: silentLog,
        // The clock of the one that never answers runs out once the others are done.
        after: (_, work) => {
          waiting.add(work);
          started += 1;
          return () => {
            waiting.delete(work);
            if (started === names.length && waiting.size === 1) for (const late of waiting) late();
          };
        },
      },
      "1112233",
    );
    expect(found.calls.map(({ enterprise: number }) => number)).toEqual(["0367"]);
    expect(found.isComplete).toBe(false);
  });

  it("is bounded, newest first", async () => {
    const rows = Array.from({ length: 30 }, (_, i) => callRow({ startedAt: NOON - i * 1000 }));
    const history = memoryHistory(rows);
    const found = await searchNumber(
      {
        directory: {
          enterprises: async () =>
            Array.from({ length: 30 }, (_, i) => enterprise({ number: `9${i}` })),
        },
        history: { calls: (_, ...asked) => history.calls("0367", ...asked) },
        clock: { now: () => NOON },
        log: silentLog,
      },
      "305942",
    );
    expect([found.calls.length, found.isComplete]).toEqual([MAX_FOUND, false]);
    const times = found.calls.map(({ startedAt }) => startedAt);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });
});

describe("health", () => {
  it("is what the service says of itself, readable", async () => {
    const html = (await page("/console/health")).replaceAll(/\s/g, " ");
    for (const part of [
      "Работает, но не всё",
      "Telegram cannot be reached",
      "1.2.3",
      "2 ч 1 мин",
      "12,3 ГБ",
    ])
      expect(html).toContain(part);
  });
});
