// What is asked of every page, whatever it shows: it opens with its status in one response, fits a phone and a desk in
// both themes, breaks none of its own rules, and can be hit by a finger.

import { expect } from "bun:test";
import { type OpenBrowser, type VisitOptions, views } from "../support/browser.ts";

const measure = () => {
  const { clientWidth, scrollWidth } = document.documentElement;
  const isShown = (element: Element): boolean =>
    element.checkVisibility() && element.getBoundingClientRect().width > 1;
  // WCAG 2.5.8: 24 pixels, except for a link inside a sentence, which has the height of its line, and what a larger
  // target around it stands for.
  const isTooSmall = (element: Element): boolean => {
    if (element.matches("a") && getComputedStyle(element).display === "inline") return false;
    if (element.matches("label :is(input, select)")) return false;
    const { width, height } = element.getBoundingClientRect();
    return Math.min(width, height) < 23.9;
  };
  const tooSmall = [
    ...document.querySelectorAll("a:not(svg a), button, summary, input, select, label"),
  ]
    .filter((element) => isShown(element) && isTooSmall(element))
    .map(({ outerHTML }) => outerHTML.slice(0, 90));
  return { clientWidth, scrollWidth, tooSmall: [...new Set(tooSmall)] };
};

/** Looks at a page in every view and compares with a page that has no fault. */
export const expectFaultless = async (
  browser: OpenBrowser,
  { url, status }: { readonly url: string; readonly status: number },
  options: Pick<VisitOptions, "locale"> = {},
): Promise<void> => {
  const look = async (view: (typeof views)[number]) => {
    await using visit = await browser.visit(url, { ...options, view });
    const measured = await visit.page.evaluate(measure);
    const { problems, requests } = visit;
    // The page of a call that goes on follows it.
    const asked = requests.filter((address) => !new URL(address).pathname.endsWith("/live"));
    return { view: view.name, status: visit.status, problems, asked, ...measured };
  };
  expect(await Promise.all(views.map(look))).toEqual(
    views.map(({ name, width }) => ({
      view: name,
      status,
      problems: [],
      asked: [url],
      clientWidth: width,
      scrollWidth: width,
      tooSmall: [],
    })),
  );
};
