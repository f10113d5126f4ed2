import { expect, it } from "bun:test";
import { ROUTES, routeOf } from "./routes.ts";

it("names each route of the table, and takes everything else together", () => {
  for (const [name, path] of Object.entries(ROUTES)) {
    const url = `http://calls.example.test:8026${path.replaceAll(/:\w+/g, "1764493655.61")}`;
    expect(routeOf(`${url}?token=secret`)).toBe(name as never);
    expect(routeOf(`${url}/`)).toBe(name as never);
  }
  const others = [
    "/",
    "/call",
    "/call/0367",
    "/call/0367/1.1/recording",
    "/favicon.ico",
    "/callsx/1",
  ];
  expect(others.map((path) => routeOf(`http://host${path}`))).toEqual(others.map(() => "other"));
});
