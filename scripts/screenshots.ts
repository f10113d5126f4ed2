// Makes the pictures of docs/images:  bun run screenshots [--only calls]
// A service of its own with invented calls, played in real time (about two minutes), looked at by Chromium on a phone and
// on a desk, light and dark. Needs ./calllog and Chromium (`npm test` makes both). With Debian's fonts-roboto-unhinted letters
// are those of Android phones, with chromium-l10n the browser's own words are Russian as the pages are.

import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { postEvent, simulateCall } from "../src/cli/simulate.ts";
import { findScenario, withPhone } from "../src/scenarios/index.ts";
import { ENTERPRISE, type Served, serve } from "../tests/browser/served.ts";
import { type OpenBrowser, openBrowser, type View } from "../tests/support/browser.ts";
import { openConsolePages } from "./console-pages.ts";
import { root } from "./run.ts";
import { writeSampleDays } from "./sample-day.ts";

const folder = join(root, "docs/images");
/** Sharper pictures are nicer, larger ones keep readers waiting. */
const MAX_BYTES = 200_000;
const SHARPNESSES = [2, 1.5, 1] as const;
/** A page follows its call for so long after the last record; then its signs of life go. In milliseconds. */
const SETTLED_MS = 16_000;

const PHONE = { width: 390, height: 980 } as const;
const DESK = { width: 1000, height: 860 } as const;
const VIEWS: readonly View[] = [
  { name: "phone-light", ...PHONE, theme: "light" },
  { name: "phone-dark", ...PHONE, theme: "dark" },
  { name: "desktop-light", ...DESK, theme: "light" },
  { name: "desktop-dark", ...DESK, theme: "dark" },
];

/** Of these one phone and one desk are enough. */
const FEWER: ReadonlySet<string> = new Set(["console-edit", "console-faults"]);
const BOTH: ReadonlySet<string> = new Set(["phone-light", "desktop-dark"]);

/** The calls that are shown, one after the other; numbers of scenarios whose owners have no name are replaced. */
const CALLS = {
  transfer: { scenario: "field_transfer_attended", phone: "375292223344", afterMs: 0 },
  answered: { scenario: "field_incoming", phone: "375296254070", afterMs: 21_000 },
  missed: { scenario: "field_incoming_missed", phone: "375295305942", afterMs: 68_000 },
} as const;

/** An office's afternoon, whatever the time is here: pictures of the list show a day with calls in it. */
const timeZone = (): string => {
  const hourIn = (zone: string): number =>
    Number(
      new Intl.DateTimeFormat("en-GB", {
        timeZone: zone,
        hour: "2-digit",
        hourCycle: "h23",
      }).format(),
    );
  const zones = ["Europe/Minsk", "Asia/Almaty", "Asia/Tokyo", "Pacific/Auckland"];
  const others = ["America/Anchorage", "America/New_York", "Atlantic/Azores"];
  const distance = (zone: string): number => Math.abs(hourIn(zone) - 16);
  return [...zones, ...others].toSorted((a, b) => distance(a) - distance(b))[0] ?? "Europe/Minsk";
};

/** Plays a call as it happened and answers its unique id. */
const play = async (
  served: Served,
  { scenario, phone, afterMs }: (typeof CALLS)[keyof typeof CALLS],
): Promise<string> => {
  const found = findScenario(scenario);
  if (found === undefined) throw new Error(`cannot play ${scenario}: there is no such scenario`);
  await delay(afterMs);
  const startedAt = Date.now();
  const call = simulateCall(withPhone(found, phone), {
    now: startedAt,
    speed: 1,
    token: ENTERPRISE.webhookToken,
  });
  for (const { offsetMs, posted } of call.events) {
    await delay(Math.max(0, startedAt + offsetMs - Date.now()));
    await postEvent(served.server.webhooksUrl, posted);
  }
  await served.told(call.uniqueId);
  return call.uniqueId;
};

/** The address of the newest missed call of a state. */
const newestOf = async (served: Served, state: string): Promise<string> => {
  const answer = await fetch(served.listUrl(`&follow=${state}&format=json`));
  const { calls } = (await answer.json()) as { calls: { path: string }[] };
  const [first] = calls;
  if (first === undefined) throw new Error(`no sample call is ${state}`);
  return first.path;
};

/** Where it is installed, Android's font stands in for `system-ui`, as on the phones of those who read these pages. */
const fontSettings = (into: string): NodeJS.ProcessEnv => {
  if (!existsSync("/usr/share/fonts/truetype/roboto")) return {};
  const file = join(into, "fonts.conf");
  const aliases = ["system-ui", "sans-serif", "sans", "DejaVu Sans"].map(
    (family) =>
      `<match target="pattern"><test name="family"><string>${family}</string></test>` +
      `<edit name="family" mode="prepend" binding="strong"><string>Roboto</string></edit></match>`,
  );
  writeFileSync(
    file,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include>/etc/fonts/fonts.conf</include>${aliases.join("")}</fontconfig>`,
  );
  return { FONTCONFIG_FILE: file };
};

/** Takes the sharpest picture of a page that is small enough. */
const take = async (browser: OpenBrowser, name: string, url: string, view: View): Promise<void> => {
  const file = join(folder, `${name}-${view.name}.png`);
  for (const sharpness of SHARPNESSES) {
    await using visit = await browser.visit(url, { view, sharpness });
    const { page } = visit;
    // Pages shorter than the view end where they end.
    const height = await page.evaluate(
      () => document.querySelector("main")?.getBoundingClientRect().bottom ?? 0,
    );
    const clip = {
      x: 0,
      y: 0,
      width: view.width,
      height: Math.min(view.height, Math.ceil(height)),
    };
    writeFileSync(file, await page.screenshot({ clip, fullPage: true }));
    if (statSync(file).size <= MAX_BYTES) {
      console.log(
        `${name}-${view.name}.png ${Math.round(statSync(file).size / 1024)} KiB at ${sharpness}`,
      );
      return;
    }
  }
  throw new Error(
    `cannot make ${file}: it has more than ${MAX_BYTES} bytes at the lowest sharpness`,
  );
};

const { values } = parseArgs({ options: { only: { type: "string" } } });
const wanted = (name: string): boolean => values.only === undefined || values.only === name;

mkdirSync(folder, { recursive: true });
const temporary = mkdtempSync(join(tmpdir(), "calllog-pictures-"));
try {
  const zone = timeZone();
  await using served = await serve({
    settings: ["--timezone", zone, "--catch-up-minutes", "1"],
    prepare: (cwd) => writeSampleDays(join(cwd, "call_tracer"), ENTERPRISE.number, Date.now()),
    isOneBlocked: false,
  });
  await using browser = await openBrowser({ ...fontSettings(temporary), LANGUAGE: "ru" });
  const shown = Object.entries(CALLS).filter(([name]) => wanted(name));
  const calls = await Promise.all(
    shown.map(async ([name, call]) => [name, await play(served, call)] as const),
  );
  if (calls.length > 0) await delay(SETTLED_MS);
  const pages = calls.map(([name, uniqueId]) => [name, served.callUrl(uniqueId)] as const);
  if (wanted("calls")) pages.push(["calls", served.listUrl()]);
  if (wanted("follow")) {
    pages.push(["follow-open", served.listUrl("&follow=open")]);
    for (const state of ["open", "returned"]) {
      const path = await newestOf(served, state);
      pages.push([`follow-${state}-call`, new URL(path, served.listUrl()).href]);
    }
  }
  await using stack = new AsyncDisposableStack();
  if (wanted("console")) pages.push(...stack.use(await openConsolePages(served)).pages);
  for (const [name, url] of pages) {
    const views = FEWER.has(name) ? VIEWS.filter(({ name: view }) => BOTH.has(view)) : VIEWS;
    for (const view of views) await take(browser, name, url, view);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
