// What the reader asked for: a page or JSON, and in which language.

import type { Lang } from "../domain/lang.ts";

type Weighted = { readonly value: string; readonly weight: number };

/** The items of an `Accept`-like header, best first (RFC 9110, section 12.4.2). */
const weighted = (header: string | null): Weighted[] =>
  (header ?? "")
    .split(",")
    .map((item) => {
      const [value = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith("q="));
      const weight = quality === undefined ? 1 : Number(quality.slice(2));
      return { value, weight: Number.isFinite(weight) ? weight : 0 };
    })
    .filter(({ value, weight }) => value !== "" && weight > 0)
    .sort((a, b) => b.weight - a.weight);

const weightOf = (items: readonly Weighted[], type: string): number =>
  items.find(({ value }) => value === type)?.weight ?? 0;

/** Whether JSON was asked for by name, and not less than HTML. */
export const wantsJson = (request: Request): boolean => {
  const items = weighted(request.headers.get("accept"));
  const json = weightOf(items, "application/json");
  return json > 0 && json >= weightOf(items, "text/html");
};

/** Whether CSV was asked for by name, and more than JSON and HTML. */
export const wantsCsv = (request: Request): boolean => {
  const items = weighted(request.headers.get("accept"));
  const others = ["application/json", "text/html"].map((type) => weightOf(items, type));
  return weightOf(items, "text/csv") > Math.max(...others);
};

/** Whether a workbook was asked for by name, and more than JSON and HTML. */
export const wantsWorkbook = (request: Request): boolean => {
  const items = weighted(request.headers.get("accept"));
  const others = ["application/json", "text/html"].map((type) => weightOf(items, type));
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  return weightOf(items, type) > Math.max(...others);
};

/** Whether a vCon was asked for: by `?format=vcon`, or by name and not less than JSON and HTML. */
export const wantsVcon = (request: Request): boolean => {
  const format = new URL(request.url).searchParams.get("format");
  if (format !== null && format !== "") return format === "vcon";
  const items = weighted(request.headers.get("accept"));
  const [vcon = 0, ...others] = [
    Math.max(weightOf(items, "application/vcon"), weightOf(items, "application/vcon+json")),
    weightOf(items, "application/json"),
    weightOf(items, "text/html"),
  ];
  return vcon > 0 && vcon >= Math.max(...others);
};

/** Whether the reader is a browser: only those get readable error pages. */
export const wantsHtml = (request: Request): boolean => {
  const items = weighted(request.headers.get("accept"));
  return weightOf(items, "text/html") > 0 && !wantsJson(request);
};

/** The page's language: `?lang=`, else the first of ours in `Accept-Language`, else the service's. */
export const readerLang = (request: Request, fallback: Lang): Lang => {
  const asked = new URL(request.url).searchParams.get("lang");
  if (asked === "ru" || asked === "en") return asked;
  for (const { value } of weighted(request.headers.get("accept-language"))) {
    const primary = value.split("-")[0];
    if (primary === "ru" || primary === "en") return primary;
  }
  return fallback;
};
