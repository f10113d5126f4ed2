import { describe, expect, it } from "bun:test";
import type { TraceRecord } from "../../domain/record.ts";
import { decodeLine, encodeRecord, normaliseRecord, RecordError } from "./codec.ts";

const AT = Date.UTC(2025, 10, 30, 9, 8, 42, 25);
const tg = (text: string) =>
  ({
    kind: "TG",
    at: AT,
    action: "send",
    chatId: "374573193",
    messageType: "hangup",
    messageId: 63157,
    uniqueId: "1764493655.61",
    text,
  }) as const;
const http = (url: string, request: string, response: string) =>
  ({
    kind: "HTTP",
    at: AT,
    uniqueId: "1.5",
    method: "GET",
    url,
    status: 200,
    request,
    response,
  }) as const;
const read = (line: string): TraceRecord => {
  const decoded = decodeLine(line);
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
};

describe("encodeRecord", () => {
  it("writes the three lines of the document", () => {
    const body = { CallStatus: "0", Phone: "375295305942", Name: "Иван" };
    expect(
      encodeRecord({ kind: "AST", at: AT, event: "hangup", uniqueId: "1764493655.61", body }),
    ).toBe(
      '2025-11-30 09:08:42,025|AST|hangup|1764493655.61|{"CallStatus":"0","Phone":"375295305942","Name":"Иван"}',
    );
    expect(encodeRecord(tg("❌ Абонент не поднял трубку..."))).toBe(
      "2025-11-30 09:08:42,025|TG|send|374573193|hangup|63157|1764493655.61|❌ Абонент не поднял трубку...",
    );
    expect(
      encodeRecord(
        http(
          "http://localhost:8020/customer-name/0367/375",
          '{"phone": "375"}',
          '{ "name" : "Тест" }',
        ),
      ),
    ).toBe(
      '2025-11-30 09:08:42,025|HTTP|1.5|GET|http://localhost:8020/customer-name/0367/375|200|{"phone":"375"}|{"name":"Тест"}',
    );
  });

  it.each([
    ["LF", "a\nb", "a b"],
    ["CRLF is one break", "a\r\nb", "a b"],
    ["every Unicode break", "a\u2028b\u2029c\u0085d\ve\ff", "a b c d e f"],
    ["NUL and escape", "a\0b\u001bc", "a b c"],
    ["pipes stay", "a|b||", "a|b||"],
    ["half of a pair", "a\ud83d", "a\ufffd"],
    ["1000 emoji stay whole", "😀".repeat(1001), "😀".repeat(1000)],
  ])("puts a Telegram text on one line: %s", (_name, text, kept) => {
    expect(read(encodeRecord(tg(text)))).toEqual(tg(kept));
  });

  it("keeps a pipe inside JSON and URL from making another field", () => {
    const line = encodeRecord(http("http://h/a|b c", '{"q":"x|y"}', '{"name":"Иван | Пётр"}'));
    expect(line.split("|")).toHaveLength(8);
    expect(line).toContain("http://h/a%7Cb%20c|200|");
    expect(line).toContain("Иван \\u007c Пётр");
    expect(read(line)).toEqual(http("http://h/a%7Cb%20c", '{"q":"x|y"}', '{"name":"Иван | Пётр"}'));
  });

  it("cuts a response at 500 code points before escaping", () => {
    const record = read(encodeRecord(http("http://h/", "{}", `${"|".repeat(499)}😀b`)));
    expect(record).toEqual(http("http://h/", "{}", JSON.stringify(`${"|".repeat(499)}😀`)));
  });

  it("keeps numbers of a response as they were written", () => {
    expect(normaliseRecord(http("/", "[1e400, 12345678901234567890]", "")).request).toBe(
      "[1e400,12345678901234567890]",
    );
  });

  it("escapes line separators inside a body", () => {
    const body = { Name: "a\u2028b\u2029c\u0085d\u007fe\nf" };
    const record = { kind: "AST", at: AT, event: "dial", uniqueId: "1.5", body } as const;
    const line = encodeRecord(record);
    expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(read(line)).toEqual(record);
  });

  it.each([
    ["user and password", "http://u:p%40x@h/a", "http://***@h/a"],
    ["an @ in the password", "https://u:p@q@h/a@b", "https://***@h/a@b"],
    ["token", "http://h/?a=1&token=abc#x", "http://h/?a=1&token=***#x"],
    ["a name in capitals, encoded", "http://h/?Api%4Bey=abc&b=2", "http://h/?Api%4Bey=***&b=2"],
    ["client_secret", "http://h/?client_secret=a=b", "http://h/?client_secret=***"],
    ["password", "http://h/?Password=1;b=2", "http://h/?Password=***;b=2"],
    [
      "a bot",
      "https://api.telegram.org/bot123:AB-c_D/send",
      "https://api.telegram.org/bot***/send",
    ],
    ["a bot's file", "https://h/file/bot123%3AABC/x.jpg", "https://h/file/bot***/x.jpg"],
    ["nothing secret", "http://h/a?page=2&q=%D0%B0", "http://h/a?page=2&q=%D0%B0"],
  ])("masks credentials in a URL: %s", (_name, url, masked) => {
    expect(read(encodeRecord(http(url, "{}", "{}")))).toMatchObject({ url: masked });
  });

  it.each([
    ["unique id with a pipe", { uniqueId: "1|2" }],
    ["unique id with a break", { uniqueId: "1\n2" }],
    ["no unique id", { uniqueId: "" }],
    ["event in capitals", { event: "AST" }],
    ["event with a break", { event: "dial\nx" }],
    ["time before 1970", { at: -1 }],
    ["no time", { at: Number.NaN }],
    ["body that is no object", { body: [] as never }],
  ])("refuses %s", (_name, wrong) => {
    const record = {
      kind: "AST",
      at: AT,
      event: "dial",
      uniqueId: "1.5",
      body: {},
      ...wrong,
    } as const;
    expect(() => encodeRecord(record)).toThrow(RecordError);
  });

  it("lets a bridge be created by nobody", () => {
    const record = { kind: "AST", at: AT, event: "bridge_create", uniqueId: "", body: {} } as const;
    expect(read(encodeRecord(record))).toEqual(record);
  });

  it("lets a digest be of no call, and no other message", () => {
    const digest = {
      kind: "TG",
      at: AT,
      action: "send",
      chatId: "-1001",
      messageType: "digest",
      messageId: 7,
      uniqueId: "",
      text: "📊 Ромашка",
    } as const;
    expect(read(encodeRecord(digest))).toEqual(digest);
    expect(() => encodeRecord({ ...digest, messageType: "reminder" })).toThrow(RecordError);
  });
});

describe("decodeLine", () => {
  const stamp = "2025-11-30 09:08:42,025";
  it.each([
    [
      "no kind",
      `${stamp}|hangup|1.5|{"Phone":"a|b"}`,
      { kind: "AST", at: AT, event: "hangup", uniqueId: "1.5", body: { Phone: "a|b" } },
    ],
    [
      "CRLF",
      `${stamp}|AST|dial|1.5|{}\r`,
      { kind: "AST", at: AT, event: "dial", uniqueId: "1.5", body: {} },
    ],
    [
      "SQL",
      `${stamp}|SQL|1.5|SELECT 1 | 2`,
      { kind: "SQL", at: AT, uniqueId: "1.5", text: "SELECT 1 | 2" },
    ],
    ["empty text", `${stamp}|TG|send|374573193|hangup|63157|1764493655.61|`, tg("")],
    [
      "raw pipe in the response",
      `${stamp}|HTTP|1.5|GET|u|200|{}|{"n":"a|b"}`,
      http("u", "{}", '{"n":"a|b"}'),
    ],
    [
      "raw pipe in the request",
      `${stamp}|HTTP|1.5|GET|u|200|{"n":"a|b"}|{}`,
      http("u", '{"n":"a|b"}', "{}"),
    ],
    [
      "raw pipe and a cut response",
      `${stamp}|HTTP|1.5|GET|u|200|{"n":"|"}|{"n":"a|b`,
      http("u", '{"n":"|"}', '"{\\"n\\":\\"a|b"'),
    ],
    ["raw pipe in the URL", `${stamp}|HTTP|1.5|GET|u|v|200|{}|{}`, http("u|v", "{}", "{}")],
    [
      "cut response",
      `${stamp}|HTTP|1.5|GET|u|200|{}|{"n":"ab`,
      http("u", "{}", '"{\\"n\\":\\"ab"'),
    ],
    ["nothing sent or answered", `${stamp}|HTTP|1.5|GET|u|200||`, http("u", '""', '""')],
  ] as [string, string, TraceRecord][])(
    "reads what older writers left: %s",
    (_name, line, record) => {
      expect(read(line)).toEqual(record);
    },
  );

  it.each([
    ["", "empty"],
    ["hello", "no stamp"],
    ["2025-02-30 09:08:42,025|AST|dial|1.5|{}", "30 February"],
    ["2025-11-30 09:08:42,025", "a stamp alone"],
    ["2025-11-30 09:08:42,025|AST|dial|1.5", "no body"],
    ['2025-11-30 09:08:42,025|AST|dial|1.5|{"a":', "a torn body"],
    ["2025-11-30 09:08:42,025|AST|dial|1.5|[1]", "a body that is no object"],
    ["2025-11-30 09:08:42,025|TG|forward|1|dial|2|1.5|x", "an unknown action"],
    ["2025-11-30 09:08:42,025|TG|send|1|dial||1.5|x", "no message id"],
    ["2025-11-30 09:08:42,025|HTTP|1.5|GET|u|{}|{}", "no status"],
  ])("says why a line cannot be read: %j (%s)", (line) => {
    const decoded = decodeLine(line);
    expect(decoded.ok).toBe(false);
  });
});
