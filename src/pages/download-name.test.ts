import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { contentDisposition, downloadNames } from "./download-name.ts";

const AT = Date.UTC(2026, 10, 22, 7, 15, 3);
const named = (
  name: string,
  { phone = "375291112233" as string | null, n = 1, lang = "ru" as "ru" | "en" } = {},
) =>
  downloadNames(
    { startedAt: AT, modifiedAt: AT + 60_000, name },
    { phone, startedAt: AT },
    { n, lang, timeZone: "Europe/Minsk" },
  );

describe("downloadNames", () => {
  it("say when and with whom, in the reader's words", () => {
    expect(named("x.wav")).toEqual({
      plain: "call 2026-11-22 10-15-03 375291112233.wav",
      full: "звонок 2026-11-22 10-15-03 375291112233.wav",
    });
    expect(named("x.MP3", { n: 2, lang: "en", phone: null }).full).toBe(
      "call 2026-11-22 10-15-03 (2).mp3",
    );
  });

  it("hold nothing that a header or a file system obeys, whatever the number is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (phone) => {
        const header = contentDisposition("inline", named("x.wav", { phone }));
        expect(header).toMatch(
          /^inline; filename="[\w .+()-]+\.wav"; filename\*=UTF-8''[\w.%+-]+\.wav$/,
        );
      }),
    );
  });
});

describe("contentDisposition", () => {
  it("has the name in Latin letters, and as it is meant (RFC 6266)", () => {
    expect(contentDisposition("attachment", { plain: "call.wav", full: "звонок (2).wav" })).toBe(
      "attachment; filename=\"call.wav\"; filename*=UTF-8''%D0%B7%D0%B2%D0%BE%D0%BD%D0%BE%D0%BA%20%282%29.wav",
    );
  });

  it("has it once where both are the same", () => {
    expect(contentDisposition("inline", { plain: "call.wav", full: "call.wav" })).toBe(
      'inline; filename="call.wav"',
    );
  });
});
