// What the sentences must not get wrong: who of several colleagues talked, and the cases of the Russian words.

import { describe, expect, it } from "bun:test";
import { sentence as english } from "./en/sentence.ts";
import type { Told } from "./index.ts";
import { sentence as russian } from "./ru/sentence.ts";

const internal = (over: Partial<Told>): Told => ({
  direction: "internal",
  status: "answered",
  phone: "151",
  caller: "",
  transfers: [],
  rung: ["152", "153", "154"],
  answered: ["153"],
  wait: "2 с",
  talk: "0:30",
  hungUpBy: undefined,
  dialled: undefined,
  reached: undefined,
  isOwnPhoneSilent: false,
  ...over,
});
const six = { rung: ["152", "153", "154", "155", "156", "157"] };

describe("an internal call that rang at several phones", () => {
  it("names who answered", () => {
    expect(russian(internal({}))).toBe(
      "151 звонил 152, 153 и 154: ответил 153, разговор 0:30, ответа ждал 2 с.",
    );
    expect(english(internal({}))).toBe(
      "151 called 152, 153 and 154: 153 answered, talked for 0:30, the wait was 2 с.",
    );
    expect(russian(internal({ rung: ["153"] }))).toBe(
      "151 звонил 153: разговор 0:30, ответа ждал 2 с.",
    );
  });

  it("is a talk with whoever picked up, not with all", () => {
    const now = internal({ status: "talking", wait: undefined });
    expect(russian(now)).toBe("151 говорит с 153.");
    expect(english(now)).toBe("151 is talking with 153.");
    expect(russian({ ...now, ...six, answered: [] })).toBe("151 говорит с коллегой.");
    expect(english({ ...now, ...six, answered: [] })).toBe("151 is talking with a colleague.");
  });

  it("counts the many in the right case", () => {
    const nobody = internal({ ...six, status: "missed", answered: [], wait: undefined });
    expect(russian(nobody)).toBe("151 звонил 6 сотрудникам: ответа не было.");
  });
});
