import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { maskSecrets, maskValue } from "./mask.ts";

const letters = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...alphabet), { minLength, maxLength })
    .map((characters) => characters.join(""));

const WORD = "ABCXYZabcxyz0123456789_-";
const secret = letters(WORD, 4, 64);
const botToken = fc
  .tuple(letters("0123456789", 5, 12), letters(WORD, 3, 40))
  .map(([id, rest]) => `${id}:${rest}`);

/** Where a secret stands in what we log. */
const PLACES: readonly ((secret: string) => string)[] = [
  (s) => `token=${s}`,
  (s) => `/call/0367/1.5?lang=en&token=${s}&x=1`,
  (s) => `https://calls.test/calls/0367?token=${encodeURIComponent(s)}`,
  (s) => `secret = "${s}"`,
  (s) => `webhook-token: ${s}`,
  (s) => JSON.stringify({ Token: s, Phone: "152" }),
  (s) => JSON.stringify({ body: JSON.stringify({ Token: s, Phone: "152" }) }),
  (s) => JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ Token: s }) }) }),
  (s) => `{'Token': '${s}'}`,
  (s) => `postgres://calls:${s}@db.test/calls`,
  (s) => `http://${s}@example.test/`,
  (s) => encodeURIComponent(JSON.stringify({ Token: s })),
];

describe("maskSecrets", () => {
  it("lets no secret through, wherever it stands and whatever is around it", () => {
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom(...PLACES),
        fc.string(),
        fc.string(),
        (hidden, place, before, after) => {
          // What surrounds the secret may itself hold its letters: those are no leak.
          const around = `${before} ${place("")} ${after}`;
          fc.pre(!around.includes(hidden));
          expect(maskSecrets(`${before} ${place(hidden)} ${after}`)).not.toContain(hidden);
        },
      ),
      { seed: 367, numRuns: 2_000 },
    );
  });

  it("lets no bot token through, in a URL or bare", () => {
    fc.assert(
      fc.property(botToken, fc.constantFrom("", "/bot", " ", "bot_token="), (hidden, before) => {
        expect(maskSecrets(`${before}${hidden}/sendMessage`)).not.toContain(hidden);
      }),
      { seed: 367 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...PLACES), (hidden, place) => {
        const once = maskSecrets(place(hidden));
        expect(maskSecrets(once)).toBe(once);
      }),
      { seed: 367 },
    );
  });
});

describe("maskValue", () => {
  it("lets no secret through in any value", () => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...PLACES), fc.jsonValue(), (hidden, place, other) => {
        fc.pre(!`${JSON.stringify(other)}${place("")}`.includes(hidden));
        const value = { other, list: [place(hidden)], nested: { userToken: hidden } };
        expect(JSON.stringify(maskValue(value))).not.toContain(hidden);
      }),
      { seed: 367 },
    );
  });
});
