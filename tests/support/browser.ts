// Pages in a real browser: Debian's Chromium, started once for a test file, a page for every visit. A visit keeps
// whatever goes wrong on the page (console, policy, dialogs, requests), so that a test can say "nothing did".

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findChromium } from "../../scripts/chromium.ts";

/** Undefined where this machine has no Chromium: `npm test` installs it, and says why where it cannot. */
export const chromiumPath: string | undefined = findChromium();

/** How long anything on a page may take, in milliseconds; on a loaded machine it may take seconds. */
export const PAGE_TIMEOUT_MS = 10_000;

export type View = {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly theme: "light" | "dark";
};

const PHONE = { width: 360, height: 740 } as const;
const DESK = { width: 1280, height: 900 } as const;

export const phone: View = { name: "phone, light", ...PHONE, theme: "light" };
export const desk: View = { name: "desk, light", ...DESK, theme: "light" };

/** A phone and a desk, each in both themes. */
export const views: readonly View[] = [
  phone,
  { name: "phone, dark", ...PHONE, theme: "dark" },
  desk,
  { name: "desk, dark", ...DESK, theme: "dark" },
];

export type VisitOptions = {
  readonly view?: View;
  /** Such as `en-US`: what the browser asks for. Russian unless given. */
  readonly locale?: string;
  /** Scripts run unless this is false. */
  readonly javaScript?: boolean;
  /** For tools that must add to the page what its policy forbids; such a visit proves nothing about the policy. */
  readonly bypassPolicy?: boolean;
  /** Pixels of a picture for one of the page; 1 unless given. */
  readonly sharpness?: number;
};

export type Visit = AsyncDisposable & {
  readonly page: Page;
  /** Of the page itself. */
  readonly status: number;
  /** Everything that went wrong so far, one line each. */
  readonly problems: readonly string[];
  /** The addresses asked for so far, the page's own first. */
  readonly requests: readonly string[];
};

export type OpenBrowser = AsyncDisposable & {
  readonly version: string;
  /** Opens an address in a page that nobody else has meanwhile; the pages keep nothing that another visit could see. */
  visit(url: string, options?: VisitOptions): Promise<Visit>;
};

// In the page: what the policy stopped does not always reach the console.
const reportViolations = (): void => {
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
    console.error(`policy: ${violatedDirective} stopped ${blockedURI}`);
  });
};

type Watched = { problems: string[]; requests: string[]; url: string };

/** Whatever happens on the page is told to the visit that `current` answers. */
const watch = (page: Page, current: () => Watched): void => {
  const problem = (text: string): void => void current().problems.push(text);
  page.on("request", (request) => current().requests.push(request.url()));
  page.on("requestfailed", (request) => {
    // A stream ends with its page.
    if (request.resourceType() === "eventsource") return;
    problem(`request failed: ${request.url()} ${request.failure()?.errorText ?? ""}`);
  });
  page.on("pageerror", (error) => problem(`script: ${error.message}`));
  page.on("dialog", (dialog) => {
    problem(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => problem(`window: ${popup.url()}`));
  page.on("console", (message) => {
    // A page that says 404 is itself such a failed load.
    const isOwnStatus =
      message.text().startsWith("Failed to load resource") &&
      message.location().url === current().url;
    if (["error", "warning"].includes(message.type()) && !isOwnStatus) {
      problem(`${message.type()}: ${message.text()}`);
    }
  });
};

/**
 * Starts the browser. Close it (`await using`, or the dispose function in `afterAll`), or its processes stay until the
 * tests end.
 *
 * @param env added to its environment
 * @throws Error where there is no Chromium: skip the tests where `chromiumPath` is undefined.
 */
export const openBrowser = async (env: NodeJS.ProcessEnv = {}): Promise<OpenBrowser> => {
  if (chromiumPath === undefined) throw new Error("cannot open a browser: there is no Chromium");
  const browser: Browser = await chromium.launch({
    executablePath: chromiumPath,
    // Its sandbox does not work for root, as which tests run in containers; it sees our own pages alone.
    args: ["--no-sandbox", "--disable-gpu"],
    env: { ...process.env, ...env },
    timeout: 30_000,
  });

  /** Pages that no visit has, by their settings: a new one costs four times as much as another address. */
  const idle = new Map<string, (Watched & { page: Page })[]>();

  const openPage = async (settings: BrowserContextOptions): Promise<Watched & { page: Page }> => {
    const context = await browser.newContext(settings);
    context.setDefaultTimeout(PAGE_TIMEOUT_MS);
    const page = await context.newPage();
    await page.addInitScript(reportViolations);
    const opened = { page, problems: [], requests: [], url: "" };
    watch(page, () => opened);
    return opened;
  };

  const visit: OpenBrowser["visit"] = async (url, options = {}) => {
    const { width, height, theme } = options.view ?? desk;
    const isPhone = width < 600;
    const settings: BrowserContextOptions = {
      viewport: { width, height },
      colorScheme: theme,
      isMobile: isPhone,
      hasTouch: isPhone,
      locale: options.locale ?? "ru-RU",
      serviceWorkers: "block",
      javaScriptEnabled: options.javaScript ?? true,
      bypassCSP: options.bypassPolicy ?? false,
      deviceScaleFactor: options.sharpness ?? 1,
    };
    const key = JSON.stringify(settings);
    const opened = idle.get(key)?.pop() ?? (await openPage(settings));
    const { page } = opened;
    const [problems, requests]: [string[], string[]] = [[], []];
    Object.assign(opened, { url, problems, requests });
    const response = await page.goto(url, { waitUntil: "load" });
    return {
      page,
      problems,
      requests,
      status: response?.status() ?? 0,
      [Symbol.asyncDispose]: async () => {
        await page.emulateMedia({ media: null, colorScheme: theme });
        await page.setViewportSize({ width, height });
        await page.goto("about:blank");
        idle.set(key, [...(idle.get(key) ?? []), opened]);
      },
    };
  };

  return {
    version: browser.version(),
    visit,
    [Symbol.asyncDispose]: () => browser.close(),
  };
};
