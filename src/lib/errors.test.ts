import { expect, it } from "bun:test";
import { statSync } from "node:fs";
import { errorCode, errorText } from "./errors.ts";

const thrownBy = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};

it("reads the code of the system's errors, and none of anything else", () => {
  expect(errorCode(thrownBy(() => statSync("/no such file")))).toBe("ENOENT");
  expect([new Error("x"), "ENOENT", null, undefined, { code: undefined }].map(errorCode)).toEqual([
    "",
    "",
    "",
    "",
    "",
  ]);
});

it("tells a message, or whatever was thrown", () => {
  expect([new Error("no room"), "no room", 7].map(errorText)).toEqual(["no room", "no room", "7"]);
});
