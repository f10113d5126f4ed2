import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { createNameEraser, createNumberEraser } from "./erasing.ts";

const eraser = (number: string, country?: "BY" | "RU") => {
  const made = createNumberEraser({ number, country, mark: "MARK" });
  if (made === undefined) throw new Error("no eraser");
  return made;
};

describe("createNumberEraser", () => {
  it.each([
    ['{"Phone":"375295305942"}', '{"Phone":"MARK"}'],
    ['{"Phone":375295305942,"x":1}', '{"Phone":"MARK","x":1}'],
    ['{"a":[375295305942]}', '{"a":["MARK"]}'],
    ["💰+375 29 530-59-42 ➡️ ☎️151", "💰MARK ➡️ ☎️151"],
    ["звонил 8 (029) 530-59-42, дважды", "звонил MARK, дважды"],
    [
      "http://localhost:8020/customer-name/0367/375295305942|200",
      "http://localhost:8020/customer-name/0367/MARK|200",
    ],
    ["PJSIP/375295305942-0000a1b2", "PJSIP/MARK-0000a1b2"],
    ["151 80295305942", "151 MARK"],
    ["00375295305942 и +375295305942", "MARK и MARK"],
  ])("erases it in %s", (text, expected) => {
    const made = eraser("+375 29 530-59-42", "BY");
    expect(made.mayStandIn(text)).toBe(true);
    expect(made.erase(text).text).toBe(expected);
  });

  it.each([
    "375295305943",
    "1375295305942",
    "3752953059421",
    "1764493655.61|295305942.1",
    "7295305942",
    "+48295305942",
    "375-29-530-59-4",
  ])("leaves %s", (text) => {
    const { erase } = eraser("+375295305942");
    expect(erase(text)).toEqual({ text, count: 0 });
  });

  it("takes no extension for a person", () => {
    expect(createNumberEraser({ number: "151", country: "BY", mark: "M" })).toBeUndefined();
  });

  it("leaves nothing of the number behind, whatever stands around it", () => {
    const around = fc.string({ unit: fc.constantFrom("a", " ", "|", '"', ",", "(", ":", "я") });
    fc.assert(
      fc.property(around, around, (before, after) => {
        const text = `${before}375295305942${after}`;
        const erased = eraser("375295305942").erase(text).text;
        expect(erased).not.toContain("5305942");
        expect(erased.replace(/"?MARK"?/, "375295305942").length).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});

describe("createNameEraser", () => {
  it("takes names out of texts and JSON, and leaves what is no name", () => {
    const erase = createNameEraser(["Иван Петров", 'О"Нил', "Иван", "7", "<unknown>"], "MARK");
    expect(erase("Клиент: Иван Петров, Иван")).toBe("Клиент: MARK, MARK");
    expect(erase('{"CallerIDName":"О\\"Нил","n":"7","u":"<unknown>"}')).toBe(
      '{"CallerIDName":"MARK","n":"7","u":"<unknown>"}',
    );
  });
});
