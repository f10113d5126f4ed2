import { describe, expect, it } from "bun:test";
import {
  address,
  countryOrNone,
  days,
  duration,
  folder,
  networksOr,
  operatorChatOrNone,
  parseDurationMs,
  parseSizeBytes,
  port,
  size,
  timeZone,
  type ValueKind,
  webAddress,
  webAddressOrNone,
} from "./values.ts";

/** Networks are compared as text: the library's objects have no own shape worth comparing. */
const networks: ValueKind<unknown> = (() => {
  const kind = networksOr("all", null);
  return {
    ...kind,
    parse: (text, cwd) => {
      const parsed = kind.parse(text, cwd);
      if (!parsed.ok || parsed.value === null) return parsed;
      const shown = parsed.value.map(({ address, bits }) => `${address.toString()}/${bits}`);
      return { ok: true, value: shown.join(" ") };
    },
  };
})();

const read = (kind: ValueKind<unknown>, text: string): unknown => {
  const parsed = kind.parse(text, "/srv/calllog");
  return parsed.ok ? parsed.value : "refused";
};

const HOST = "https://calls.example.test";
const cases: readonly (readonly [string, ValueKind<unknown>, string, unknown])[] = [
  ["port", port, "8026", 8026],
  ["port, any free one", port, "0", 0],
  ["port, the last", port, "65535", 65_535],
  ["port, past the last", port, "65536", "refused"],
  ["port, negative", port, "-1", "refused"],
  ["port, fraction", port, "80.5", "refused"],
  ["port, hexadecimal", port, "0x50", "refused"],
  ["port, spaces", port, " 80", "refused"],
  ["port, what a container host puts there", port, "tcp://10.0.0.1:8026", "refused"],
  ["duration with unit", duration("s", "1m", "7d"), "4h", 14_400_000],
  ["duration, plain", duration("s", "1m", "7d"), "90", 90_000],
  ["duration, too short", duration("s", "1m", "7d"), "59s", "refused"],
  ["duration, too long", duration("s", "1m", "7d"), "8d", "refused"],
  ["days, plain", days(1, 3650), "14", 14],
  ["days, with unit", days(1, 3650), "14d", 14],
  ["days, as hours", days(1, 3650), "48h", 2],
  ["days, not whole", days(1, 3650), "36h", "refused"],
  ["days, none", days(1, 3650), "0", "refused"],
  ["size", size("1KiB", "16MiB"), "256KiB", 262_144],
  ["size, whatever its capitals", size("1KiB", "16MiB"), "1mib", 1_048_576],
  ["size, plain bytes", size("1KiB", "16MiB"), "2048", 2_048],
  ["size, too small", size("1KiB", "16MiB"), "1000", "refused"],
  ["size, unknown unit", size("1KiB", "16MiB"), "1TiB", "refused"],
  ["networks", networks, "10.88.10.0/24,192.0.2.7,::1", "10.88.10.0/24 192.0.2.7/32 ::1/128"],
  [
    "networks, spaces after commas",
    networks,
    "10.0.0.0/8, 2001:db8::/32",
    "10.0.0.0/8 2001:db8::/32",
  ],
  ["networks, the word", networks, "all", null],
  ["networks, the word among others", networks, "10.0.0.0/8,all", "refused"],
  ["networks, an empty place", networks, "10.0.0.0/8,", "refused"],
  ["networks, nothing", networks, "", "refused"],
  ["networks, too many bits", networks, "10.0.0.0/33", "refused"],
  ["networks, a host name", networks, "pbx.example.test", "refused"],
  ["networks, a mask", networks, "10.0.0.0/255.0.0.0", "refused"],
  ["networks, an octal-looking address", networks, "010.0.0.1", "refused"],
  ["web address", webAddress, HOST, HOST],
  ["web address, slashes at its end", webAddress, `${HOST}:8443/calls//`, `${HOST}:8443/calls`],
  ["web address, of this machine", webAddress, "http://localhost:8026", "http://localhost:8026"],
  ["web address, capitals", webAddress, "HTTPS://Calls.Example.test", HOST],
  ["web address, without a scheme", webAddress, "calls.example.test", "refused"],
  ["web address, another scheme", webAddress, "ftp://calls.example.test", "refused"],
  ["web address, with a password", webAddress, "https://a:b@calls.example.test", "refused"],
  ["web address, with a query", webAddress, `${HOST}/?`, "refused"],
  ["web address, with a fragment", webAddress, `${HOST}/#x`, "refused"],
  ["web address, with a space", webAddress, `${HOST}/a b`, "refused"],
  ["web address, none where one is needed", webAddress, "none", "refused"],
  ["web address, none", webAddressOrNone, "none", null],
  ["address, IPv4", address, "127.0.0.1", "127.0.0.1"],
  ["address, IPv6", address, "::1", "::1"],
  ["address, name", address, "pbx-1.example.test", "pbx-1.example.test"],
  ["address, no IPv4", address, "10.0.0.256", "refused"],
  ["address, with a port", address, "localhost:8000", "refused"],
  ["address, in brackets", address, "[::1]", "refused"],
  ["address, none", address, "", "refused"],
  ["folder, relative", folder, "./call_tracer", "/srv/calllog/call_tracer"],
  ["folder, absolute", folder, "/var/lib/calls", "/var/lib/calls"],
  ["folder, none", folder, "", "refused"],
  ["country", countryOrNone, "BY", "BY"],
  ["country, none", countryOrNone, "none", undefined],
  ["country in small letters", countryOrNone, "by", "refused"],
  ["country, unknown", countryOrNone, "XX", "refused"],
  ["zone", timeZone, "Europe/Minsk", "Europe/Minsk"],
  ["zone, unknown", timeZone, "Europe/Nowhere", "refused"],
  ["zone, none", timeZone, "", "refused"],
  ["zone of the machine", timeZone, "system", new Intl.DateTimeFormat().resolvedOptions().timeZone],
];

describe("value kinds", () => {
  for (const [name, kind, text, expected] of cases) {
    it(`${name}: ${JSON.stringify(text)}`, () => expect(read(kind, text)).toEqual(expected));
  }
});

describe("operatorChatOrNone", () => {
  it("takes an enterprise and a chat, a group too, and nothing else", () => {
    expect(operatorChatOrNone.parse("none", "/")).toEqual({ ok: true, value: null });
    expect(operatorChatOrNone.parse("ops:-1001234567890", "/")).toEqual({
      ok: true,
      value: { enterprise: "ops", chatId: "-1001234567890" },
    });
    for (const text of ["", "374573193", "ops:", ":374573193", "o/ps:1", "ops:0", "ops:1:2"]) {
      expect(operatorChatOrNone.parse(text, "/").ok).toBe(false);
    }
  });
});

describe("parseDurationMs and parseSizeBytes", () => {
  it("refuse what is no number with a known unit", () => {
    for (const text of ["", "s", "1 h", "1.5h", "-1s", "1w", "1e3", "１０s", "9".repeat(13)]) {
      expect(parseDurationMs(text, "s")).toBeUndefined();
    }
    for (const text of ["", "KiB", "1.5MiB", "-1", "1 TiB", "0x10", "1KiB/s"]) {
      expect(parseSizeBytes(text)).toBeUndefined();
    }
  });
});
