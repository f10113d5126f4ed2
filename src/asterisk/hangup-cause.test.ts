import { expect, it } from "bun:test";
import { meaningOfCause } from "./hangup-cause.ts";

it("reads what a cause says of a call that nobody answered", () => {
  const causes = ["17", "21", "34", "1", "127", "26", "16", "0", "19", "", "x"];
  expect(causes.map((cause) => meaningOfCause(cause) ?? "-").join(" ")).toBe(
    "busy busy failed failed cancelled answered-elsewhere - - - - -",
  );
});
