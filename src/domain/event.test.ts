// Extensions in every form that senders post them in.

import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { bodyExtensions } from "./event.ts";

describe("bodyExtensions", () => {
  const FORMS: readonly (readonly [posted: unknown, extensions: readonly string[]])[] = [
    [
      ["151", "152"],
      ["151", "152"],
    ],
    [[""], []],
    [["151&152&151"], ["151", "152"]],
    ["151, 152;153", ["151", "152", "153"]],
    [151, ["151"]],
    ["PJSIP/151&PJSIP/152", ["151", "152"]],
    ["SIP/151-0000015c", ["151"]],
    ["PJSIP/151/sip:151@192.0.2.9:5060", ["151"]],
    ["PJSIP/0367-151", ["0367-151"]],
    ["Local/152@from-internal/n&SIP/mts/375291112233", ["152", "375291112233"]],
    ["PJSIP/375291112233@mts", ["375291112233"]],
    [{ 0: "151", 2: "152" }, ["151", "152"]],
    [{ first: "PJSIP/151", second: 152 }, ["151", "152"]],
    [{}, []],
    [null, []],
    [undefined, []],
    [[["151"]], []],
    ["<unknown>", []],
    ["ivanov", ["ivanov"]],
  ];
  for (const [posted, extensions] of FORMS) {
    it(JSON.stringify(posted) ?? "nothing", () =>
      expect(bodyExtensions({ Extensions: posted })).toEqual([...extensions]),
    );
  }

  it("takes anything, and makes up no digit", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (posted) => {
        const text = JSON.stringify(posted);
        for (const extension of bodyExtensions({ Extensions: posted })) {
          expect(extension).not.toBe("");
          for (const digits of extension.match(/\d+/g) ?? []) expect(text).toContain(digits);
        }
      }),
    );
  });
});
