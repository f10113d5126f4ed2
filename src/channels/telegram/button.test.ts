import { describe, expect, it } from "bun:test";
import { type Log, silentLog } from "../../lib/log.ts";
import { callButtons, isButtonUrl } from "./button.ts";

describe("isButtonUrl", () => {
  const CASES: readonly [url: string, taken: boolean][] = [
    ["https://calls.example.test", true],
    ["http://calls.example.test:8026/calls", true],
    ["https://звонки.example.test", true],
    ["http://192.0.2.7:8026", true],
    ["http://localhost:8026", false],
    ["http://localhost.:8026", false],
    ["https://pbx", false],
    ["https://pbx/a.b", false],
    ["http://[2001:db8::1]:8026", false],
    ["http://[::ffff:192.0.2.7]", false],
    ["ftp://calls.example.test", false],
    ["javascript://calls.example.test", false],
    ["calls.example.test", false],
    ["", false],
  ];
  for (const [url, taken] of CASES) {
    it(`${url} ${taken}`, () => expect(isButtonUrl(url)).toBe(taken));
  }
});

describe("callButtons", () => {
  const make = (publicUrl: string | null, lang: "ru" | "en" = "ru") => {
    const said: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => said.push(message) };
    return { said, button: callButtons({ publicUrl, lang, log }) };
  };

  it("puts the page's path behind the public address", () => {
    const { said, button } = make("https://calls.example.test/log");
    expect(button?.("/call/0367/1.1?token=t")).toEqual({
      text: "📊 Детали звонка",
      url: "https://calls.example.test/log/call/0367/1.1?token=t",
    });
    expect(said).toEqual([]);
    expect(make("https://calls.example.test", "en").button?.("/").text).toBe("📊 Call details");
  });

  it("makes none where Telegram would refuse the card, and says why once", () => {
    for (const publicUrl of [null, "http://localhost:8026"]) {
      const { said, button } = make(publicUrl);
      expect(button).toBeUndefined();
      expect(said).toHaveLength(1);
      expect(said[0]).toContain("--public-url");
    }
  });
});
