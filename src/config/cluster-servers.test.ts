import { describe, expect, it } from "bun:test";
import { nodeNameOrNone, serversOrNone } from "./cluster-servers.ts";

describe("the servers of a cluster", () => {
  it.each([
    ["none", null],
    ["nats://a", ["nats://a:4222"]],
    ["nats://a:4222,nats://b:4223, tls://c", ["nats://a:4222", "nats://b:4223", "tls://c:4222"]],
    ["nats://u:p%40ss@10.0.0.1:4222", ["nats://u:p%40ss@10.0.0.1:4222"]],
    ["nats://[::1]:4222", ["nats://[::1]:4222"]],
  ])("%s", (text, servers) => {
    expect(serversOrNone.parse(text, "/")).toEqual({ ok: true, value: servers });
  });

  it.each(["", "a:4222", "http://a", "nats://a/b", "nats://a,b", "nats://a?x=1", "nats://"])(
    "refuses %p",
    (text) => {
      expect(serversOrNone.parse(text, "/").ok).toBe(false);
    },
  );

  it("takes names that can stand in a subject", () => {
    expect(nodeNameOrNone.parse("minsk-1", "/")).toEqual({ ok: true, value: "minsk-1" });
    for (const wrong of ["", "a.b", "a b", "a*", ">", "x".repeat(33)])
      expect(nodeNameOrNone.parse(wrong, "/").ok).toBe(false);
  });
});
