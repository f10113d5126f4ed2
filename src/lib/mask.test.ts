import { describe, expect, it } from "bun:test";
import { maskSecrets, maskValue } from "./mask.ts";

describe("maskSecrets", () => {
  const masked: readonly (readonly [string, string])[] = [
    ["GET /call/0367/1.5?token=abcd&lang=en", "GET /call/0367/1.5?token=***&lang=en"],
    ["secret=abcd", "secret=***"],
    ['{"Token":"375290000001","Phone":"152"}', '{"Token":"***","Phone":"152"}'],
    ['{"Token":375290000001,"Phone":"152"}', '{"Token":***,"Phone":"152"}'],
    ['{"raw":"{\\"Token\\":\\"abcd\\",\\"a\\":1}"}', '{"raw":"{\\"Token\\":\\"***\\",\\"a\\":1}"}'],
    ['{"Token":"ab\\"cd","a":1}', '{"Token":"***","a":1}'],
    ['{"Token":"torn off he', '{"Token":"***'],
    ["{ secret: 'ab cd', port: 1 }", "{ secret: '***', port: 1 }"],
    ["Token: abcd", "Token: ***"],
    ["bot_token=1:A next", "bot_token=*** next"],
    ["%22Token%22%3A%22abcd%22", "%22Token%22%3A%22***"],
    [
      "POST https://api.telegram.org/bot123456:AB_c-d/send",
      "POST https://api.telegram.org/bot***/send",
    ],
    ["https://user:pa:ss@example.test/x@y", "https://***@example.test/x@y"],
    ["postgres://u:p/w#@db.test:5432/calls", "postgres://***@db.test:5432/calls"],
    ["Authorization: Bearer abcdefgh", "Authorization: ***"],
    ["got Bearer abcdefgh here", "got Bearer *** here"],
  ];
  for (const [text, expected] of masked) {
    it(`masks ${text}`, () => expect(maskSecrets(text)).toBe(expected));
  }

  const kept = [
    "2025-11-30 09:08:42,025|AST|hangup|1764493655.61|{}",
    "http://localhost:8020/customer-name/0367/375296254070",
    "pages on http://127.0.0.1:8026/call/0367/pbx@site-1764493655.61",
    "unknown token, 401",
    "листает 12:30–13:45",
  ];
  for (const text of kept) {
    it(`keeps ${text}`, () => expect(maskSecrets(text)).toBe(text));
  }
});

describe("maskValue", () => {
  it("hides values under secret names, at any depth", () => {
    expect(maskValue({ enterprise: { number: "0367", secret: "x", botToken: "y" } })).toEqual({
      enterprise: { number: "0367", secret: "***", botToken: "***" },
    });
  });

  it("says that a secret is missing rather than hide the fact", () => {
    expect(maskValue({ botToken: null })).toEqual({ botToken: null });
  });

  it("masks errors with their causes and own properties", () => {
    const cause = Object.assign(new Error("GET /?token=abcd"), { secret: "abcd" });
    const text = JSON.stringify(maskValue(new Error("failed", { cause })));
    expect(text).toContain("failed");
    expect(text).toContain("GET /?token=***");
    expect(text).not.toContain("abcd");
  });

  it("ends on circular values", () => {
    const loop: Record<string, unknown> = { text: "token=abcd" };
    loop["self"] = loop;
    expect(JSON.stringify(maskValue(loop))).not.toContain("abcd");
  });
});
