// The list over HTTP semantics: who gets in, what each reader gets, where the links lead, and what must not appear.

import { describe, expect, it } from "bun:test";
import { callRow, type MemoryHistory, memoryHistory } from "../../tests/support/memory-history.ts";
import type { CallRow } from "../call/list/types.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { silentLog } from "../lib/log.ts";
import { callPath, callToken, createViewerApp, type ListNames, listToken } from "./index.ts";

const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";
const NOW = Date.UTC(2026, 10, 22, 12);
const BROWSER = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const MACHINE = { accept: "application/json" };
const DAY_MS = 86_400_000;

const enterprise: Enterprise = {
  number: "0367",
  name: "ООО <b>Ромашка</b>",
  webhookToken: "tok0367",
  secret: SECRET,
  botToken: null,
  active: true,
};

const ROWS: readonly CallRow[] = [
  callRow({ startedAt: NOW - 60_000, uniqueId: "5.1", status: "talking", endedAt: null }),
  callRow({
    startedAt: NOW - 3_600_000,
    uniqueId: "4.1",
    status: "missed",
    answeredBy: [],
    talkMs: null,
    callerName: '<script>alert(1)</script>" onmouseover="alert(2)',
  }),
  callRow({
    startedAt: NOW - 7_200_000,
    uniqueId: "3.1",
    direction: "outgoing",
    phone: "74951234567",
    extensions: ["160"],
    answeredBy: ["160"],
  }),
  callRow({ startedAt: NOW - DAY_MS, uniqueId: "2.1", phone: null, status: "cancelled" }),
  callRow({
    startedAt: NOW - 2 * DAY_MS,
    uniqueId: "1.1",
    direction: "internal",
    phone: "151",
    extensions: ["152"],
  }),
];

const viewer = (
  over: {
    history?: MemoryHistory;
    down?: boolean;
    active?: boolean;
    secretLinks?: "allow" | "deny";
    listNames?: ListNames;
    now?: () => number;
    country?: "RU";
  } = {},
) =>
  createViewerApp({
    directory: {
      enterpriseByNumber: async (number) => {
        if (over.down === true) throw new Error("down");
        const { active = true, country } = over;
        return number === "0367"
          ? { ...enterprise, active, ...(country && { country }) }
          : undefined;
      },
    },
    trace: { find: async () => ({ records: [], faults: [] }) },
    clock: { now: over.now ?? (() => NOW) },
    log: silentLog,
    lang: "ru",
    timeZone: "Europe/Minsk",
    callTimeoutMs: 4 * 3_600_000,
    history: over.history ?? memoryHistory(ROWS),
    linkTtlMs: DAY_MS,
    ...(over.secretLinks === undefined ? {} : { secretLinks: over.secretLinks }),
    ...(over.listNames === undefined ? {} : { listNames: over.listNames }),
    health: async () => ({ status: 200, body: { status: "ok" } }),
  });

const get = (query: string, headers: { [name: string]: string } = BROWSER, app = viewer()) =>
  app.handle(new Request(`http://localhost/calls/0367?token=${SECRET}${query}`, { headers }));
const page = async (query = "", app = viewer()) => (await get(query, BROWSER, app)).text();
const json = async (query = "", app = viewer()) => (await get(query, MACHINE, app)).json();
const ids = ({ calls }: { calls: { uniqueId: string }[] }) => calls.map((call) => call.uniqueId);
const hrefs = (html: string): string[] =>
  [...html.matchAll(/ href="([^"]*)"/g)].map((match) => match[1] ?? "");
/** As a browser reads a link of the page. */
const resolved = (href: string): URL => new URL(href, "http://localhost/calls/0367");

describe("a link to the list", () => {
  const DAY = "2025-11-30";
  const at = (query: string, headers = MACHINE, app = viewer()) =>
    app.handle(new Request(`http://localhost/calls/0367?${query}`, { headers }));
  const linkTo = (day: string | undefined, expiresAt = NOW + 60_000) =>
    listToken(SECRET, { enterprise: "0367", day }, expiresAt);

  it("opens every day of that enterprise until it expires, and nothing else", async () => {
    const token = await linkTo(undefined);
    expect((await at(`token=${token}`)).status).toBe(200);
    expect((await at(`token=${token}&day=2025-01-01`)).status).toBe(200);
    expect((await at(`token=${await linkTo(undefined, NOW)}`)).status).toBe(403);
    const app = viewer();
    const other = new Request(`http://localhost/calls/0368?token=${token}`);
    expect((await app.handle(other)).status).toBe(403);
    const call = new Request(`http://localhost/call/0367/5.1?token=${token}`);
    expect((await app.handle(call)).status).toBe(403);
  });

  it("opens one day where it was made for one, however the address is changed", async () => {
    const token = await linkTo(DAY);
    expect((await at(`token=${token}&day=${DAY}`)).status).toBe(200);
    for (const day of ["", "2025-11-29", "today", "yesterday", `${DAY}%0a`, `${DAY}0`]) {
      expect((await at(`token=${token}&day=${day}`)).status).toBe(403);
    }
    expect((await at(`token=${token}`)).status).toBe(403);
    const html = await (await at(`token=${token}&day=${DAY}&result=busy`, BROWSER)).text();
    const lists = hrefs(html).filter((href) => href.startsWith("?"));
    const days = lists.flatMap((href) =>
      resolved(href.replaceAll("&amp;", "&")).searchParams.getAll("day"),
    );
    expect(days).toHaveLength(lists.length);
    expect(new Set(days)).toEqual(new Set([DAY]));
    expect(html).not.toContain('type="date"');
    expect(html).toContain(`name="day" value="${DAY}"`);
    expect(html).not.toContain('rel="prev"');
  });

  it("gives links to calls that last no longer than it does", async () => {
    const body = await (await at(`token=${await linkTo(undefined)}`)).json();
    const path = body.calls[0].path as string;
    const token = resolved(path).searchParams.get("token") ?? "";
    const scope = { enterprise: "0367", uniqueId: body.calls[0].uniqueId as string };
    expect(token).toBe(await callToken(SECRET, scope, NOW + 60_000));
  });
});

describe("who may open the list", () => {
  const open = async (path: string, app = viewer()) =>
    app.handle(new Request(`http://localhost${path}`, { headers: MACHINE }));

  it("is whoever has the secret, also where it opens no call", async () => {
    expect((await open(`/calls/0367?token=${SECRET}`)).status).toBe(200);
    const denying = viewer({ secretLinks: "deny" });
    expect((await open(`/calls/0367?token=${SECRET}`, denying)).status).toBe(200);
  });

  it("is nobody else, always with the same answer", async () => {
    const scope = { enterprise: "0367", uniqueId: "5.1" };
    const link = await callToken(SECRET, scope, NOW + DAY_MS);
    const answers = await Promise.all([
      open(`/calls/0367?token=${link}`),
      open("/calls/0367"),
      open("/calls/0367?token="),
      open("/calls/0367?token=nope"),
      open(`/calls/0368?token=${SECRET}`),
      open(`/calls/0367?token=${SECRET}`, viewer({ active: false })),
      open("/calls/0367?token=nope&result=nonsense"),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
  });

  it("is told 429 after twenty wrong tokens, 503 without a directory, 400 for no number", async () => {
    const app = viewer();
    for (let tried = 0; tried < 20; tried++) await open("/calls/0367?token=nope", app);
    expect((await open("/calls/0367?token=nope", app)).status).toBe(429);
    expect((await open(`/calls/0367?token=${SECRET}`, app)).status).toBe(200);
    expect((await open(`/calls/0367?token=${SECRET}`, viewer({ down: true }))).status).toBe(503);
    expect((await open(`/calls/03.67?token=${SECRET}`)).status).toBe(400);
    expect((await open(`/calls/..%2F0367?token=${SECRET}`)).status).toBe(400);
    expect((await open(`/calls/%zz?token=${SECRET}`)).status).toBe(400);
  });
});

describe("the page", () => {
  it("is locked like every page, and may send its form to itself alone", async () => {
    const { headers } = await get("");
    expect(headers.get("content-security-policy")).toStartWith("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("form-action 'self'");
    expect(headers.get("cache-control")).toBe("private, no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("leads to each call by a link of its own that works, never by the secret", async () => {
    const app = viewer({ secretLinks: "deny" });
    const links = hrefs(await page("", app)).filter((href) => href.includes("/call/"));
    expect(new Set(links.map((href) => resolved(href).pathname)).size).toBe(ROWS.length);
    for (const href of links) {
      expect(href).not.toContain(SECRET);
      const { pathname, search } = resolved(href);
      // A right token for a call without records: not found, where a wrong one is forbidden.
      const request = new Request(`http://localhost${pathname}${search}`);
      expect((await app.handle(request)).status).toBe(404);
    }
    const scope = { enterprise: "0367", uniqueId: "5.1" };
    expect(links[0]).toBe(`..${callPath(scope, await callToken(SECRET, scope, NOW + DAY_MS))}`);
  });

  it("keeps the token, the language and the filters on the way", async () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      callRow({ startedAt: NOW - i * 1000, uniqueId: `${100 + i}.1`, status: "missed" }),
    );
    const app = viewer({ history: memoryHistory(rows) });
    const first = await page("&lang=en&result=missed&number=29", app);
    expect(first).toContain(`<input type="hidden" name="token" value="${SECRET}"`);
    expect(first).toContain('<input type="hidden" name="lang" value="en"');
    const older = hrefs(first).find((href) => href.includes("before="));
    const { searchParams } = resolved(older ?? "");
    expect(Object.fromEntries(searchParams)).toMatchObject({
      token: SECRET,
      lang: "en",
      result: "missed",
      number: "29",
    });
    const second = await (
      await app.handle(new Request(resolved(older ?? ""), { headers: BROWSER }))
    ).text();
    const shown = (html: string) => html.match(/class="call"/g)?.length;
    expect([shown(first), shown(second)]).toEqual([50, 10]);
    expect(second).not.toContain("before=");
    expect(second).not.toContain("<svg width");
  });

  it("shows names from outside as text", async () => {
    const names: ListNames = async () => ({
      customers: new Map([["74951234567", "<img src=x onerror=alert(3)>"]]),
      managers: new Map([["160", "<i>Анна</i>"]]),
      complete: false,
    });
    const html = (await page("", viewer({ listNames: names }))).replace(/ aria-label="[^"]*"/g, "");
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("&lt;img src=x onerror=alert(3)&gt;");
    expect(html).toContain("160 &lt;i&gt;Анна&lt;/i&gt;");
    expect(html).toContain("сервис имён сейчас не отвечает");
    for (const live of ["<script", "<img", "<i>", "<b>Ромашка"]) expect(html).not.toContain(live);
  });

  it("puts nothing that was typed into the page as markup", async () => {
    const typed = encodeURIComponent('"><script>alert(1)</script>');
    const response = await get(`&number=${typed}&day=${typed}&lang=${typed}`);
    expect(response.status).toBe(400);
    // Between the quotes of an attribute it is text.
    expect((await response.text()).replace(/="[^"]*"/g, "")).not.toContain("<script");
  });

  it("asks the names of those it shows, once each", async () => {
    const asked: unknown[] = [];
    const names: ListNames = async (number, numbers) => {
      asked.push([number, numbers]);
      return { customers: new Map(), managers: new Map(), complete: true };
    };
    await page("", viewer({ listNames: names }));
    expect(asked).toEqual([
      ["0367", { customers: ["375295305942", "74951234567"], managers: ["151", "160"] }],
    ]);
  });

  it("says what is wrong with a filter, and keeps what was typed", async () => {
    const response = await get("&number=%2B-%2B&ext=151");
    const html = await response.text();
    expect(response.status).toBe(400);
    expect(html).toContain("нужна хотя бы одна цифра или буква");
    expect(html).toContain('value="+-+"');
    expect(html).toContain('value="151"');
  });

  it("says that older days are still being read", async () => {
    expect(await page("", viewer({ history: memoryHistory(ROWS, false) }))).toContain(
      "Более ранние дни ещё читаются",
    );
    expect(await page()).not.toContain("ещё читаются");
  });

  it("leads from day to day, but not beyond today", async () => {
    const days = (html: string) =>
      hrefs(html).flatMap((href) => {
        const { searchParams } = resolved(href);
        return searchParams.has("result") ? [] : (searchParams.get("day") ?? []);
      });
    expect(days(await page())).toEqual(["2026-11-21"]);
    expect(days(await page("&day=2026-03-01")).slice(0, 2)).toEqual(["2026-02-28", "2026-03-02"]);
  });

  it("keeps the filters from day to day, and the length of the page towards older calls", async () => {
    const html = await page("&ext=151&result=answered&day=2026-11-20&limit=1");
    const ways = hrefs(html).map((href) => resolved(href).searchParams);
    const arrows = ways.filter((way) =>
      ["2026-11-19", "2026-11-21"].includes(way.get("day") ?? ""),
    );
    expect(arrows.map((way) => [way.get("ext"), way.get("result"), way.get("limit")])).toEqual([
      ["151", "answered", "1"],
      ["151", "answered", "1"],
    ]);
    const older = hrefs(await page("&limit=1&direction=incoming")).find((href) =>
      href.includes("before="),
    );
    const { searchParams } = resolved(older ?? "");
    expect([searchParams.get("limit"), searchParams.get("direction")]).toEqual(["1", "incoming"]);
  });

  it("dials local numbers as the enterprise's country has them", async () => {
    const history = memoryHistory([
      callRow({ startedAt: NOW - 60_000, uniqueId: "5.1", phone: "84951234567" }),
    ]);
    expect(await page("", viewer({ history, country: "RU" }))).toContain('href="tel:+74951234567"');
    expect(await page("", viewer({ history }))).toContain('href="tel:84951234567"');
  });

  it("leads from the number of missed calls to exactly those", async () => {
    const app = viewer();
    const href = hrefs(await page("", app)).find((link) => link.includes("result=")) ?? "";
    const list = new Request(resolved(href), { headers: MACHINE });
    const { calls, summary } = await (await app.handle(list)).json();
    expect([calls.length, summary.missed, summary.day]).toEqual([1, 1, "2026-11-22"]);
    expect(calls[0].uniqueId).toBe("4.1");
    const quiet = viewer({ history: memoryHistory([]) });
    expect(await page("", quiet)).not.toContain("result=");
  });

  it("is found behind a slash, and its links with it", async () => {
    const request = new Request(`http://localhost/calls/0367/?token=${SECRET}`, {
      headers: BROWSER,
    });
    const html = await (await viewer().handle(request)).text();
    const href = hrefs(html).find((link) => link.includes("/call/")) ?? "";
    expect(new URL(href, request.url).pathname).toBe("/call/0367/5.1");
  });
});

describe("JSON", () => {
  it("holds the calls, where to go on, and the day", async () => {
    const first = await json("&limit=2");
    expect(first.calls[1]).toMatchObject({
      uniqueId: "4.1",
      direction: "incoming",
      status: "missed",
      phone: "375295305942",
      startedAt: "2026-11-22T11:00:00.000Z",
      waitSeconds: 4,
      talkSeconds: null,
    });
    expect(first.calls[1].path).toStartWith("/call/0367/4.1?token=");
    expect(first.summary).toMatchObject({
      day: "2026-11-22",
      timezone: "Europe/Minsk",
      calls: 3,
      missed: 1,
    });
    expect(first.summary.hours.length).toBe(24);
    const second = await json(`&limit=2&before=${first.next}`);
    const third = await json(`&limit=2&before=${second.next}`);
    expect([first, second, third].map(ids)).toEqual([["5.1", "4.1"], ["3.1", "2.1"], ["1.1"]]);
    expect(third.next).toBeNull();
    expect(second.summary).toBeUndefined();
  });

  it("obeys the filters", async () => {
    expect(ids(await json("&number=%2B7 (495)"))).toEqual(["3.1"]);
    expect(ids(await json("&ext=160"))).toEqual(["3.1"]);
    expect(ids(await json("&direction=internal"))).toEqual(["1.1"]);
    expect(ids(await json("&result=unanswered"))).toEqual(["4.1", "2.1"]);
    expect(ids(await json("&result=live"))).toEqual(["5.1"]);
    expect(ids(await json("&day=yesterday"))).toEqual(["2.1"]);
    expect(ids(await json("&number=&ext=&result=&direction=&day="))).toHaveLength(5);
  });

  it("sums up days of 23 and 25 hours as they are", async () => {
    const app = createViewerApp({
      directory: { enterpriseByNumber: async () => enterprise },
      trace: { find: async () => ({ records: [], faults: [] }) },
      clock: { now: () => NOW },
      log: silentLog,
      lang: "ru",
      timeZone: "Europe/Berlin",
      callTimeoutMs: 1,
      history: memoryHistory([]),
      health: async () => ({ status: 200, body: {} }),
    });
    const hours = async (day: string) => (await json(`&day=${day}`, app)).summary.hours.length;
    expect([await hours("2026-03-29"), await hours("2026-10-25")]).toEqual([23, 25]);
  });

  it("refuses with every reason at once", async () => {
    const response = await get("&result=missd&limit=9999", MACHINE);
    expect(response.status).toBe(400);
    const { error } = await response.json();
    expect(error.code).toBe("bad_request");
    expect(error.message).toContain("result: must be one of answered, missed, unanswered,");
    expect(error.message).toContain("limit: must be a whole number from 1 to 500");
  });

  it("is given to whoever asks by the address", async () => {
    expect((await get("&format=json")).headers.get("content-type")).toContain("application/json");
  });
});

describe("the workbook", () => {
  it("comes by the address or by a header, in the reader's language, and the page leads to it", async () => {
    const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    for (const response of [
      await get("&format=xlsx&day=today"),
      await get("&day=today", { accept: type }),
    ]) {
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("content-disposition")).toContain("calls-0367-2026-11-22.xlsx");
      expect([...(await response.bytes()).slice(0, 2)]).toEqual([0x50, 0x4b]);
    }
    expect(await page("&result=missed")).toContain("result=missed&format=xlsx");
  });
});

describe("CSV", () => {
  it("holds all of the list, page by page, as a file", async () => {
    const rows = Array.from({ length: 1203 }, (_, i) =>
      callRow({ startedAt: NOW - i * 1000, uniqueId: `${i}.1` }),
    );
    const history = memoryHistory(rows);
    const response = await get("&format=csv", BROWSER, viewer({ history }));
    expect(response.headers.get("content-type")).toStartWith("text/csv");
    expect(response.headers.get("content-disposition")).toBe(
      'attachment; filename="calls-0367-until-2026-11-22.csv"',
    );
    const bytes = await response.bytes();
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = new TextDecoder().decode(bytes).split("\r\n");
    expect(lines.length).toBe(1203 + 2);
    expect(new Set(lines).size).toBe(1203 + 2);
    expect(history.asked.map(({ limit }) => limit)).toEqual([500, 500, 500]);
  });

  it("obeys filters and limit, and a header that asks for it", async () => {
    const response = await get("&result=missed&limit=1&day=today", { accept: "text/csv" });
    const text = await response.text();
    expect(text.trim().split("\r\n").length).toBe(2);
    expect(text).toContain('incoming,missed,375295305942,"<script>');
    expect(response.headers.get("content-disposition")).toContain("calls-0367-2026-11-22.csv");
  });

  it.each([
    ["%2C", ","],
    ["%3B", ";"],
    ["tab", "\t"],
  ])("has the separator that is asked for: %s", async (asked, separator) => {
    const response = await get(`&format=csv&result=missed&separator=${asked}`);
    const [header, row] = (await response.text()).split("\r\n");
    expect(header).toContain(`started_at${separator}utc_offset${separator}direction`);
    expect(row).toContain(`incoming${separator}missed${separator}375295305942`);
    expect((await get("&format=csv&separator=x")).status).toBe(400);
  });

  it("breaks off where the calls cannot be read on, so that nobody takes it for the whole", async () => {
    const rows = Array.from({ length: 600 }, (_, i) =>
      callRow({ startedAt: NOW - i * 1000, uniqueId: `${i}.1` }),
    );
    const good = memoryHistory(rows);
    const history: MemoryHistory = {
      ...good,
      calls: (number, query, at) =>
        at.before === undefined
          ? good.calls(number, query, at)
          : Promise.reject(new Error("disk gone")),
    };
    const response = await get("&format=csv", BROWSER, viewer({ history }));
    await expect(response.text()).rejects.toThrow("disk gone");
  });
});
