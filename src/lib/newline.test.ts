import { expect, it } from "bun:test";
import { NEWLINE } from "./newline.ts";

it("is the byte at which a file's lines end", () => {
  expect(Buffer.from("звонок\nab").indexOf(NEWLINE)).toBe(12);
});
