import { describe, expect, it } from "bun:test";
import { type LogLevel, openLog } from "./log.ts";

const capture = (level: LogLevel, pretty = false) => {
  const lines: string[] = [];
  return { lines, log: openLog({ level, pretty, write: (text) => lines.push(text) }) };
};

describe("openLog", () => {
  it("writes one JSON object a line, with the fields apart from the message", () => {
    const { lines, log } = capture("info");
    log.warn("cannot send a card: {chat} is blocked", { enterprise: "0367", attempts: 3 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toEndWith("}\n");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "WARN",
      message: "cannot send a card: {chat} is blocked",
      fields: { enterprise: "0367", attempts: 3 },
    });
  });

  it("drops what is below its level", () => {
    const { lines, log } = capture("warn");
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["c", "d"]);
  });

  for (const pretty of [false, true]) {
    it(`masks messages, fields and errors (${pretty ? "pretty" : "JSON"})`, () => {
      const { lines, log } = capture("debug", pretty);
      log.info("GET /call/0367/1.5?token=hidden1", {
        secret: "hidden2",
        url: "https://u:hidden3@calls.test/",
        error: new Error("bot 123456:hidden4 failed", { cause: { botToken: "hidden5" } }),
      });
      const text = lines.join("");
      expect(text).toContain("/call/0367/1.5?token=***");
      expect(text).toContain("failed");
      expect(text).not.toContain("hidden");
    });
  }

  it("keeps control characters of outside text from moving a terminal's cursor", () => {
    const { lines, log } = capture("info", true);
    log.info("caller \u001b[2J name", { name: "\u001b[2J" });
    expect(lines.join("")).not.toContain("\u001b[2J");
  });
});
