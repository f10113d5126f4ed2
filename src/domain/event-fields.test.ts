import { expect, it } from "bun:test";
import fc from "fast-check";
import { bodyText, type EventBody } from "./event.ts";
import { EventFields, FIELDS } from "./event-fields.ts";

const spelling = fc
  .constantFrom(...FIELDS)
  .chain((name) =>
    fc.constantFrom(name, name.toLowerCase(), name.toUpperCase(), `${name}s`, `x${name}`),
  );
const value = fc.oneof(
  fc.string(),
  fc.constant("<unknown>"),
  fc.constant("  151 "),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string()),
  fc.object(),
);

it("answers like a search through the body, whatever the spelling and the value", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(spelling, value)), (entries) => {
      const body: EventBody = Object.fromEntries(entries);
      const fields = new EventFields(body);
      for (const name of FIELDS) expect(fields.text(name)).toBe(bodyText(body, name));
    }),
  );
});

it("takes a name of the body's prototype for no field", () => {
  expect(new EventFields(JSON.parse('{"__proto__":{"Phone":"151"}}')).text("Phone")).toBe("");
});
