import { describe, expect, it } from "bun:test";
import { isFailedRequest } from "./record.ts";

describe("isFailedRequest", () => {
  it.each([
    ["a name that was given", "GET", 200, false],
    ["a name that is not known", "GET", 404, false],
    ["a service that fails", "GET", 500, true],
    ["a service that refuses", "GET", 401, true],
    ["nobody who answers", "GET", 0, true],
    ["a webhook that was taken", "POST", 204, false],
    ["a webhook that was sent elsewhere", "POST", 302, true],
    ["a webhook whose path is gone", "POST", 404, true],
    ["a webhook that is not wanted any more", "POST", 410, true],
    ["a webhook that nobody answers", "POST", 0, true],
  ])("%s: %s %i is %p", (_, method, status, isFailed) =>
    expect(isFailedRequest({ method, status })).toBe(isFailed),
  );
});
