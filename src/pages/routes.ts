// The paths of listener 8026, by the name under which their answers are counted: one table for the app and for its figures.

export const ROUTES = {
  health: "/health",
  metrics: "/metrics",
  openapi: "/openapi.json",
  calls: "/calls/:enterprise",
  call: "/call/:enterprise/:uniqueId",
  live: "/call/:enterprise/:uniqueId/live",
  recording: "/call/:enterprise/:uniqueId/recording/:n",
} as const;

export type RouteName = keyof typeof ROUTES | "other";

const PATTERNS = Object.entries(ROUTES).map(([name, path]) => ({
  name: name as keyof typeof ROUTES,
  segments: path.split("/"),
}));

/** Which route a URL belongs to; `other` for whatever else people ask for. */
export const routeOf = (url: string): RouteName => {
  const path = url.slice(url.indexOf("/", url.indexOf("//") + 2)).split("?", 1)[0] ?? "";
  const asked = path.replace(/\/$/, "").split("/");
  const found = PATTERNS.find(
    ({ segments }) =>
      segments.length === asked.length &&
      segments.every((segment, index) => segment.startsWith(":") || segment === asked[index]),
  );
  return found?.name ?? "other";
};
