// What the reader makes of bytes: forged headers, broken names, other encodings, endless lines. Cuts are in
// tests/ami/cuts.test.ts.

import { describe, expect, it } from "bun:test";
import { createAmiReader, MAX_HEADERS, MAX_LINE_BYTES, MAX_MESSAGE_BYTES } from "./reader.ts";
import type { AmiMessage } from "./types.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const read = (text: string | Uint8Array): AmiMessage[] =>
  createAmiReader().push(typeof text === "string" ? bytesOf(text) : text);
const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
const fieldsOf = (message: AmiMessage | undefined): Record<string, string> =>
  Object.fromEntries(message?.fields ?? []);

const HANGUP = "Event: Hangup\nUniqueid: 1.1\nCause: 16\n\n";

describe("messages", () => {
  for (const [name, text] of [
    ["LF", HANGUP],
    ["CRLF", crlf(HANGUP)],
  ] as const) {
    it(`end at an empty line, lines by ${name}`, () => {
      const [message, ...rest] = read(text + text);
      expect(rest).toHaveLength(1);
      expect(message).toMatchObject({ event: "Hangup", response: "" });
      expect(fieldsOf(message)).toEqual({ Uniqueid: "1.1", Cause: "16" });
      expect(read(text.slice(0, -1))).toEqual([]);
    });
  }

  it("the banner is none, although no empty line follows it", () => {
    const text = crlf("Asterisk Call Manager/9.0.0\nResponse: Success\nMessage: hello\n\n");
    expect(read(text)).toMatchObject([{ event: "", response: "Success" }]);
  });

  it("an event's own Response is a field", () => {
    const [message] = read(crlf("Event: OriginateResponse\nResponse: Failure\n\n"));
    expect(message).toMatchObject({ event: "OriginateResponse", response: "" });
    expect(fieldsOf(message)).toEqual({ Response: "Failure" });
  });

  it("the output of a command, as old versions send it, confuses nothing", () => {
    const output =
      "Response: Follows\r\nPrivilege: Command\r\nEvent: Hangup\n\nUniqueid: 1.1\nA B\n--END COMMAND--\r\n\r\n";
    const messages = read(output + crlf(HANGUP));
    expect(messages.map(({ event, response }) => event || response)).toEqual(["Follows", "Hangup"]);
    expect(messages[0]?.fields.has("Uniqueid")).toBe(false);
  });

  it("a block that begins with neither Event nor Response is dropped whole", () => {
    for (const line of ["Uniqueid: 1.1", "x", " Event: Hangup", "event: Hangup", ": x", "\r"]) {
      const text = `${line}\nEvent: Hangup\nUniqueid: 2.2\n\n`;
      expect(read(line === "\r" ? "\r\n" : text)).toEqual([]);
      expect(read(text + HANGUP)).toHaveLength(line === "\r" ? 2 : 1);
    }
  });
});

describe("what a caller can smuggle in", () => {
  const forged = "375\n\nEvent: Hangup\nUniqueid: 9.9\nLinkedid: 9.9\n\nEvent: Newchannel\nX: y";

  it("makes no message and no header where lines end by CRLF", () => {
    const text = `Event: Newchannel\r\nCallerIDNum: ${forged}\r\nUniqueid: 1.1\r\n\r\n`;
    const messages = read(text + crlf(HANGUP));
    expect(messages.map(({ event }) => event)).toEqual(["Newchannel", "Hangup"]);
    expect(fieldsOf(messages[0])).toEqual({ CallerIDNum: "375", Uniqueid: "1.1" });
  });

  it("also at the end of the value", () => {
    const text = "Event: A\r\nCallerIDNum: 375\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\n\r\n";
    const [message, ...rest] = read(text);
    expect(rest).toEqual([]);
    expect(message?.event).toBe("A");
    expect(fieldsOf(message)["Uniqueid"]).toBe("1.1");
  });

  it("overrides no header that Asterisk wrote before it, nor the event", () => {
    const text =
      "Event: VarSet\nUniqueid: 1.1\nValue: a\nEvent: Hangup\nUniqueid: 9.9\nno header\n\n";
    const [message] = read(text);
    expect(message?.event).toBe("VarSet");
    expect(fieldsOf(message)).toEqual({ Uniqueid: "1.1", Value: "a" });
  });
});

describe("values", () => {
  const fieldOf = (line: string | Uint8Array, key: string): string | undefined => {
    const body = typeof line === "string" ? bytesOf(line) : line;
    const text = new Uint8Array([...bytesOf("Event: X\r\n"), ...body, ...bytesOf("\r\n\r\n")]);
    return read(text)[0]?.fields.get(key);
  };

  it("take the escapes of names back, and of nothing else", () => {
    const escaped = 'ООО \\"Ромашка\\" \\\\ a\\tb\\nc\\\'\\?\\z';
    const plain = `ООО "Ромашка" \\ a\tb\nc'?\\z`;
    for (const key of ["CallerIDName", "DestConnectedLineName", "TransfererCallerIDName"]) {
      expect(fieldOf(`${key}: ${escaped}`, key)).toBe(plain);
    }
    expect(fieldOf(`AppData: ${escaped}`, "AppData")).toBe(escaped);
    expect(fieldOf("CallerIDName: a\\", "CallerIDName")).toBe("a\\");
  });

  it("keep their colons and spaces, and may be empty", () => {
    expect(fieldOf("AppData: a: b ", "AppData")).toBe("a: b ");
    expect(fieldOf("AccountCode: ", "AccountCode")).toBe("");
    expect(fieldOf("AccountCode:", "AccountCode")).toBe("");
  });

  it("that are not UTF-8 are windows-1251, each by itself", () => {
    const text = new Uint8Array([
      ...bytesOf("Event: X\nConnectedLineName: Иванов\nCallerIDName: "),
      ...latin1("\xcf\xb8\xf2\xf0"),
      ...bytesOf("\n\n"),
    ]);
    expect(fieldsOf(read(text)[0])).toEqual({ ConnectedLineName: "Иванов", CallerIDName: "Пётр" });
  });

  it("hold bytes of every value without harm", () => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => byte !== 10 && byte !== 13,
    );
    expect(fieldOf(new Uint8Array([...bytesOf("A: "), ...every]), "A")).toHaveLength(254);
  });
});

describe("bounds", () => {
  it("a line is kept up to 64 KiB, whole characters, and the next one is read again", () => {
    const text = `Event: X\r\nA: ${"ж".repeat(100_000)}\r\nB: 1\r\n\r\n`;
    const fields = fieldsOf(read(text)[0]);
    expect(fields["A"]).toBe("ж".repeat(Math.floor((MAX_LINE_BYTES - 3) / 2)));
    expect(fields["B"]).toBe("1");
  });

  it("a message keeps its first 512 headers, and ends where it ends", () => {
    const headers = Array.from({ length: 2000 }, (_, at) => `H${at}: ${at}\n`).join("");
    const [message, next] = read(`Event: X\n${headers}\n${HANGUP}`);
    // The first line is one of them.
    expect(message?.fields.size).toBe(MAX_HEADERS - 1);
    expect(next?.event).toBe("Hangup");
  });

  it("a message or a line that never ends takes no more memory, and costs no more time", () => {
    const reader = createAmiReader();
    const chunk = bytesOf(`B: ${"x".repeat(65_000)}\r\n`);
    reader.push(bytesOf("Event: X\r\n"));
    for (let at = 0; at < 2000; at++) reader.push(chunk);
    const endless = new Uint8Array(65_536).fill(65);
    for (let at = 0; at < 2000; at++) reader.push(endless);
    const [message] = reader.push(bytesOf("\r\n\r\n"));
    const kept = [...(message?.fields.values() ?? [])].join("").length;
    expect(kept).toBeLessThan(MAX_MESSAGE_BYTES);
    expect(reader.push(bytesOf(HANGUP))).toHaveLength(1);
  });
});
