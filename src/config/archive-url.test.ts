import { describe, expect, it } from "bun:test";
import { archiveOrNone } from "./archive-url.ts";

describe("archiveOrNone", () => {
  it.each([
    ["none", null],
    ["s3://calls", { kind: "s3", bucket: "calls", prefix: "" }],
    ["s3://calls/", { kind: "s3", bucket: "calls", prefix: "" }],
    ["s3://my-calls/a/b/", { kind: "s3", bucket: "my-calls", prefix: "a/b" }],
    ["file:///mnt/archive/", { kind: "folder", path: "/mnt/archive" }],
    ["file:///mnt/my%20archive", { kind: "folder", path: "/mnt/my archive" }],
  ] as const)("reads %s", (text, value) => {
    expect(archiveOrNone.parse(text, "/")).toEqual({ ok: true, value });
  });

  it.each(["", "s3://", "s3://A", "s3://calls/../x", "file://host/x", "/mnt", "http://x/y"])(
    "refuses %p",
    (text) => {
      expect(archiveOrNone.parse(text, "/").ok).toBe(false);
    },
  );
});
