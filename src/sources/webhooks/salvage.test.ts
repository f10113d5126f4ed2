// Broken JSON as real dialplans post it: what is read, what is left out, what is refused.

import { describe, expect, it } from "bun:test";
import { decode } from "./decode.ts";

const read = (body: string, event = "start") => decode(new TextEncoder().encode(body), null, event);

const salvaged = (body: string): { [key: string]: unknown } => {
  const decoded = read(body);
  if (!decoded.ok) throw new Error(`refused: ${decoded.error.message}`);
  expect(decoded.value.salvaged).toBe(true);
  expect(decoded.value.tokens).toEqual(["tok0367"]);
  expect(decoded.value.uniqueId).toBe("1.1");
  const { _raw, ...fields } = decoded.value.body;
  expect(_raw).toBe(body);
  return fields;
};

const IDS = '"Token":"tok0367","UniqueId":"1.1"';
const idFields = { Token: "tok0367", UniqueId: "1.1" };

describe("a broken body", () => {
  const cases: [string, string, { [key: string]: unknown }][] = [
    [
      "quotes in a name",
      `{${IDS},"CallerIDName":"ООО "Ромашка" | a, b; c","Exten":"210"}`,
      { CallerIDName: 'ООО "Ромашка" | a, b; c', Exten: "210" },
    ],
    [
      "a quoted name alone",
      `{${IDS},"CallerIDName":""Ромашка"","Exten":"210"}`,
      { CallerIDName: '"Ромашка"', Exten: "210" },
    ],
    [
      "line breaks and tabs",
      `{${IDS},"CallerIDName":"a\r\n\tb","Exten":"210"}`,
      { CallerIDName: "a\r\n\tb", Exten: "210" },
    ],
    [
      "a backslash at the end of a name",
      `{${IDS},"CallerIDName":"C:\\dir\\","Exten":"210","Trunk":"mts"}`,
      { CallerIDName: "C:\\dir\\", Exten: "210", Trunk: "mts" },
    ],
    [
      "a backslash at the end of the last name",
      `{${IDS},"Exten":"210","CallerIDName":"dir\\"}`,
      { Exten: "210", CallerIDName: "dir\\" },
    ],
    [
      "escapes beside raw quotes",
      `{${IDS},"CallerIDName":"\\u041e\\u041e "x"","Exten":"210"}`,
      { CallerIDName: 'ОО "x"', Exten: "210" },
    ],
    [
      "quotes and commas like pairs",
      `{${IDS},"CallerIDName":"ООО "Роза","Ирис": цветы","Exten":"210"}`,
      { Exten: "210" },
    ],
    [
      "a number with quote and line break",
      `{${IDS},"Phone":"37529"|\nX: y","Exten":"210"}`,
      { Phone: '37529"|\nX: y', Exten: "210" },
    ],
    ["an unset variable", `{${IDS},"CallType":,"Exten":"210","X":}`, { Exten: "210" }],
    [
      "a bare word",
      `{${IDS},"Phone":anonymous,"Exten":"210"}`,
      { Phone: "anonymous", Exten: "210" },
    ],
    [
      "a bare word after a string",
      `{${IDS},"CallType":"0","Phone":anonymous,"Exten":210}`,
      { CallType: "0", Phone: "anonymous", Exten: 210 },
    ],
    [
      "a number with a plus",
      `{${IDS},"Phone":+375,"Exten":"210"}`,
      { Phone: "+375", Exten: "210" },
    ],
    ["a trailing comma", `{${IDS},"Exten":"210",}`, { Exten: "210" }],
    ["something behind the end", `{"Exten":"210",${IDS}}\n\0`, { Exten: "210" }],
    ["a second object", `{${IDS},"Exten":"210"} {"Token":"tok0999"}`, { Exten: "210" }],
    ["no brace in front", `${IDS},"Exten":"210"}`, { Exten: "210" }],
    ["quotes in a list", `{${IDS},"Extensions":["Ro"sa","151"],"Exten":"210"}`, { Exten: "210" }],
    ["single quotes", `{'Token':'tok0367','UniqueId':'1.1','Exten':'2\\'10'}`, { Exten: "2'10" }],
    ["no quotes on keys", `{Token:"tok0367",UniqueId:"1.1",Exten:"210"}`, { Exten: "210" }],
    ["no commas", `{"Token":"tok0367" "UniqueId":"1.1" "Exten":"210"}`, { Exten: "210" }],
    ["cut inside a value", `{${IDS},"Exten":"210","Phone":"37529`, { Exten: "210" }],
    ["cut behind a value", `{${IDS},"Exten":"210"`, { Exten: "210" }],
    ["cut behind a comma", `{${IDS},"Exten":"210",`, { Exten: "210" }],
    ["cut inside a key", `{${IDS},"Exten":"210","Pho`, { Exten: "210" }],
    ["cut behind a key", `{${IDS},"Exten":"210","Phone"`, { Exten: "210" }],
    ["cut behind a colon", `{${IDS},"Exten":"210","Phone":`, { Exten: "210" }],
    ["cut inside a number", `{${IDS},"Exten":"210","CallType":1`, { Exten: "210" }],
    ["cut inside a list", `{${IDS},"Exten":"210","Extensions":["150","15`, { Exten: "210" }],
    [
      "cut inside an object",
      `{${IDS},"Exten":"210","Vars":{"a":1,"Phone":"3","b"`,
      { Exten: "210" },
    ],
    [
      "a repeated field behind a name",
      `{${IDS},"CallerIDName":"a"","Exten":"666","Exten":"210","Trunk":"mts"}`,
      { CallerIDName: 'a"', Trunk: "mts" },
    ],
  ];
  for (const [name, text, fields] of cases) {
    it(`keeps what is certain: ${name}`, () =>
      expect(salvaged(text)).toEqual({ ...idFields, ...fields }));
  }

  it("keeps its event although its EventId is broken", () => {
    const decoded = read(`{${IDS},"EventId":"a b","Name":"a"b"}`);
    expect(decoded).toMatchObject({ ok: true, value: { eventId: undefined, salvaged: true } });
  });

  it("is read the same when percent-encoded", () => {
    const text = `{${IDS},"CallerIDName":"ООО "Роза"","Exten":"210"}`;
    expect(read(encodeURIComponent(text))).toMatchObject({
      ok: true,
      value: { body: { Exten: "210", _raw: text } },
    });
  });

  it("of a bridge may lack the unique id", () => {
    const text = '{"Token":"tok0367","UniqueId":"","BridgeUniqueid":"77c1","Name":"a"b"}';
    expect(read(text, "bridge_create")).toMatchObject({
      ok: true,
      value: { uniqueId: "", body: { BridgeUniqueid: "77c1" } },
    });
  });

  const refused: [string, string][] = [
    ["cut inside the unique id", '{"Token":"tok0367","UniqueId":"1764493655.6'],
    ["cut inside an unquoted unique id", '{"Token":"tok0367","UniqueId":1764493655.6'],
    ["cut inside an unquoted unique id, keys bare", "{Token:tok0367,UniqueId:1764493655.6"],
    ["cut inside the token", '{"UniqueId":"1.1","Token":"tok03'],
    [
      "a unique id in an object that does not close",
      '{"Token":"tok0367","Vars":{"UniqueId":"9.9","x":"',
    ],
  ];
  for (const [name, text] of refused) {
    it(`is refused: ${name}`, () => {
      const decoded = read(text);
      expect(decoded.ok).toBe(false);
      if (!decoded.ok) expect(decoded.error.message).toContain("not valid JSON");
    });
  }

  it("costs little however it is made", () => {
    const size = 250_000;
    const hostile = [
      '"'.repeat(size),
      "\\".repeat(size),
      '\\"'.repeat(size / 2),
      '",'.repeat(size / 2),
      '","'.repeat(size / 3),
      '\\","a'.repeat(size / 5),
      '","a":'.repeat(size / 6),
      ',"a":['.repeat(size / 6),
      ',"a":{'.repeat(size / 6),
      ',"a":{"'.repeat(size / 7),
      ',"a":'.repeat(size / 5),
      `"${" ".repeat(size)}`,
      `"${" ,".repeat(size / 2)}`,
      '":'.repeat(size / 2),
      "'".repeat(size),
      "{".repeat(size),
      "}".repeat(size),
      '"Token":"a",'.repeat(size / 12),
      '"token"'.repeat(size / 7),
    ];
    for (const text of hostile) {
      const startedMs = performance.now();
      read(`{${text}`);
      read(`{${IDS},"N":"${text}`);
      // A millisecond or two each; quadratic work would take minutes.
      expect(performance.now() - startedMs, text.slice(0, 12)).toBeLessThan(2000);
    }
  });
});
