import { describe, expect, it } from "bun:test";
import { handTime } from "../../tests/support/hand-time.ts";
import { createComplaints } from "./complaints.ts";
import { silentLog } from "./log.ts";

const setUp = () => {
  const time = handTime();
  const said: [level: string, message: string, fields: unknown][] = [];
  const complain = createComplaints(
    {
      ...silentLog,
      warn: (message, fields) => void said.push(["warn", message, fields]),
      error: (message, fields) => void said.push(["error", message, fields]),
    },
    time,
  );
  return { time, said, complain };
};

describe("complaints", () => {
  it("are said at once, then once a minute with the number of those in between", () => {
    const { time, said, complain } = setUp();
    for (const client of ["a", "b", "c"]) complain("warn", "refused", { client });
    expect(said).toEqual([["warn", "refused", { client: "a" }]]);
    time.pass(59_999);
    complain("warn", "refused", { client: "d" });
    expect(said).toHaveLength(1);
    time.pass(1);
    complain("warn", "refused", { client: "e" });
    expect(said[1]).toEqual(["warn", "refused", { client: "e", unsaid: 3 }]);
  });

  it("begin to count anew once they were said", () => {
    const { time, said, complain } = setUp();
    complain("warn", "refused", {});
    complain("warn", "refused", {});
    time.pass(60_000);
    complain("warn", "refused", {});
    time.pass(60_000);
    complain("warn", "refused", {});
    expect(said.map(([, , fields]) => fields)).toEqual([{}, { unsaid: 1 }, {}]);
  });

  it("of another kind are not held back", () => {
    const { said, complain } = setUp();
    complain("warn", "refused", {});
    complain("error", "cannot be written", {});
    expect(said.map(([level, message]) => `${level} ${message}`)).toEqual([
      "warn refused",
      "error cannot be written",
    ]);
  });

  it("are not silenced for a day by a clock that is put back a day", () => {
    const { time, said, complain } = setUp();
    complain("warn", "refused", {});
    time.pass(-86_400_000);
    complain("warn", "refused", {});
    expect(said).toHaveLength(2);
  });
});
