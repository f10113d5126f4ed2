// What is read of a body: by content, whatever its shape, and who may decide what it means.

import { describe, expect, it } from "bun:test";
import { type DecodedEvent, type DecodeFault, decode } from "./decode.ts";

const bytesOf = (body: string | Uint8Array): Uint8Array =>
  typeof body === "string" ? new TextEncoder().encode(body) : body;

const read = (
  body: string | Uint8Array,
  { header = null, event = "start" }: { header?: string | null; event?: string } = {},
): DecodedEvent => {
  const decoded = decode(bytesOf(body), header, event);
  if (!decoded.ok) throw new Error(`refused: ${decoded.error.message}`);
  return decoded.value;
};

const refuse = (
  body: string | Uint8Array,
  { header = null, event = "start" }: { header?: string | null; event?: string } = {},
): DecodeFault => {
  const decoded = decode(bytesOf(body), header, event);
  if (decoded.ok) throw new Error(`accepted: ${JSON.stringify(decoded.value)}`);
  return decoded.error;
};

const IDS = '"Token":"tok0367","UniqueId":"1764500001.27"';

describe("a JSON body", () => {
  it("is kept whole, unknown keys and token included", () => {
    const body = { Token: "tok0367", UniqueId: "1764500001.27", Extensions: ["150"], Mood: null };
    expect(read(JSON.stringify(body))).toEqual({
      tokens: ["tok0367"],
      uniqueId: "1764500001.27",
      body,
      eventId: undefined,
      salvaged: false,
    });
  });

  const whole: [string, string][] = [
    ["white space around", ` \r\n\t{${IDS}}\n`],
    ["white space inside", `{ "Token" : "tok0367" ,\n\t"UniqueId" : "1764500001.27" }`],
    ["other capitals", `{"token":"tok0367","uniqueid":"1764500001.27"}`],
    ["escaped letters", `{"Token":"\\u0074ok0367","UniqueId":"1764500001.27"}`],
    ["escaped keys", `{"\\u0054oken":"tok0367","UniqueId":"1764500001.27"}`],
    ["the same pair twice", `{${IDS},"Token":"tok0367"}`],
    ["a name that quotes a token", `{${IDS},"CallerIDName":"a\\",\\"Token\\":\\"tok0999\\",\\""}`],
    ["nested pairs of the same names", `{"Vars":{"UniqueId":"9.9"},${IDS}}`],
    ["a key that looks like one", `{"MyToken":"x","ChanUniqueId":"2.2",${IDS}}`],
  ];
  for (const [name, text] of whole) {
    it(`is taken as it is: ${name}`, () => {
      const decoded = read(text);
      expect(decoded.tokens).toEqual(["tok0367"]);
      expect(decoded.uniqueId).toBe("1764500001.27");
      expect(decoded.salvaged).toBe(false);
      expect(decoded.body).toEqual(JSON.parse(text));
    });
  }

  it("keeps the digits of ids that were posted as numbers", () => {
    const decoded = read(
      '{"Token":375290000001,"UniqueId":1764493655.610,"Linkedid":1764493655.0,"CallType":0,"EventId":12345678901234567891}',
    );
    expect(decoded.uniqueId).toBe("1764493655.610");
    expect(decoded.tokens).toEqual(["375290000001"]);
    expect(decoded.eventId).toBe("12345678901234567891");
    expect(decoded.body).toEqual({
      Token: 375290000001,
      UniqueId: "1764493655.610",
      Linkedid: "1764493655.0",
      CallType: 0,
      EventId: "12345678901234567891",
    });
  });

  it("takes the token of the header only where the body has none", () => {
    expect(read('{"UniqueId":"1.1"}', { header: "tok0367" }).tokens).toEqual(["tok0367"]);
    expect(read('{"UniqueId":"1.1"}', { header: "tok0367" }).body).toEqual({ UniqueId: "1.1" });
    expect(read('{"UniqueId":"1.1","Token":""}', { header: "tok0367" }).tokens).toEqual([
      "tok0367",
    ]);
    expect(read(`{${IDS}}`, { header: "tok0999" }).tokens).toEqual(["tok0367"]);
  });

  it("may lack a unique id on bridge_create and bridge_destroy only", () => {
    for (const event of ["bridge_create", "bridge_destroy"]) {
      expect(read('{"Token":"tok0367","UniqueId":""}', { event }).uniqueId).toBe("");
      expect(read('{"Token":"tok0367"}', { event }).uniqueId).toBe("");
      expect(refuse('{"Token":"tok0367","UniqueId":"../x"}', { event }).code).toBe("bad_unique_id");
    }
    expect(refuse('{"Token":"tok0367","UniqueId":""}').message).toBe("UniqueId is missing");
    expect(refuse('{"Token":"tok0367","UniqueId":"<unknown>"}').code).toBe("bad_unique_id");
  });

  it("loses nothing to a malformed field that does not decide", () => {
    const odd = { Linkedid: "a b/../", ChanUniqueId: ["x"], BridgeUniqueid: 7, EventTime: "noon" };
    const body = { Token: "tok0367", UniqueId: "1.1", ...odd };
    expect(read(JSON.stringify(body)).body).toEqual(body);
  });

  it("has an EventId of the given alphabet, or is refused", () => {
    expect(read(`{${IDS},"EventId":"b64+/=-a.b_c:d@e"}`).eventId).toBe("b64+/=-a.b_c:d@e");
    expect(read(`{${IDS},"EventId":""}`).eventId).toBeUndefined();
    for (const bad of ['"a b"', `"${"x".repeat(129)}"`, '"a|b"', "{}", '["a"]']) {
      const fault = refuse(`{${IDS},"EventId":${bad}}`);
      expect(fault.code).toBe("bad_event_id");
      expect(fault.message).toContain("128");
      expect(fault.tokens).toEqual(["tok0367"]);
    }
  });

  it("treats __proto__ as a key like any other", () => {
    const decoded = read(`{${IDS},"__proto__":{"polluted":true},"constructor":"x"}`);
    expect(JSON.stringify(decoded.body)).toContain('"__proto__":{"polluted":true}');
    expect(Object.hasOwn({}, "polluted")).toBe(false);
    const salvaged = read(`{${IDS},"__proto__":{"polluted":true},"Name":"a"b"}`);
    expect(JSON.stringify(salvaged.body)).toContain('"__proto__":{"polluted":true}');
    expect(Object.getPrototypeOf(salvaged.body)).toBe(Object.prototype);
  });

  it("may nest so deep that it overflows stacks: the rest is kept", () => {
    for (const deep of [
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
      `${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}`,
      "[".repeat(100_000),
      '{"a":'.repeat(30_000),
    ]) {
      const decoded = read(`{${IDS},"Phone":"375291112233","Deep":${deep}}`);
      expect(decoded.salvaged).toBe(true);
      expect(decoded.body["Phone"]).toBe("375291112233");
      expect(decoded.body["Deep"]).toBeUndefined();
      expect(JSON.stringify(decoded.body)).toContain("_raw");
    }
  });
});

describe("a repeated key", () => {
  it("cannot forge a token or unique id that stands before outsiders' text", () => {
    const decoded = read(
      `{${IDS},"CallerIDName":"x","Token":"tok0999","UniqueId":"9.9","Phone":"375"}`,
    );
    expect(decoded.tokens).toEqual(["tok0367"]);
    expect(decoded.uniqueId).toBe("1764500001.27");
    expect(decoded.salvaged).toBe(true);
    expect(decoded.body["Token"]).toBe("tok0367");
    expect(decoded.body["UniqueId"]).toBe("1764500001.27");
  });

  const forged: [string, string][] = [
    ["before the true one", `x","Token":"tok0999","A":"`],
    ["in other capitals", `x","TOKEN":"tok0999","A":"`],
    ["with the true one hidden in an object", `x","Token":"tok0999","A":{"B":"`],
    ["with the true one hidden in an array", `x","Token":"tok0999","A":["`],
    ["with the true one behind a backslash", `x","Token":"tok0999","A":"\\`],
  ];
  for (const [name, callerName] of forged) {
    it(`leaves a token in doubt that stands behind outsiders' text: ${name}`, () => {
      const text = `{"UniqueId":"1.1","CallerIDName":"${callerName}","Token":"tok0367","Exten":"210"}`;
      const decoded = read(text);
      expect([...decoded.tokens].sort()).toEqual(["tok0367", "tok0999"]);
      expect(read(text, { header: "tok0367" }).tokens).toEqual(["tok0367"]);
    });
  }

  it("hidden through two fields is in doubt as well", () => {
    const text = `{"UniqueId":"1.1","CallerIDName":"x","Token":"tok0999","A":{"B":"","Token":"tok0367","Phone":"1"},"C":"2"}`;
    expect([...read(text).tokens].sort()).toEqual(["tok0367", "tok0999"]);
  });
});

describe("a form", () => {
  it("is an event too", () => {
    expect(
      read(
        "Token=tok0367&UniqueId=1.1&Phone=%2B375291112233&CallerIDName=%D0%98%D0%B2%D0%B0%D0%BD+P",
      ).body,
    ).toEqual({
      Token: "tok0367",
      UniqueId: "1.1",
      Phone: "+375291112233",
      CallerIDName: "Иван P",
    });
  });

  it("may be percent-encoded windows-1251", () => {
    expect(read("Token=tok0367&UniqueId=1.1&CallerIDName=%CE%CE%CE%20%D0%EE%E7%E0").body).toEqual({
      Token: "tok0367",
      UniqueId: "1.1",
      CallerIDName: "ООО Роза",
    });
  });

  it("keeps the plus of a number that was not escaped", () => {
    const { tokens, body } = read("Token=+375290000001&UniqueId=1.1&Phone=+375291112233");
    expect(tokens).toEqual(["+375290000001"]);
    expect(body["Phone"]).toBe("+375291112233");
  });

  const lists: [string, unknown[]][] = [
    ["Extensions=150&Extensions=151", ["150", "151"]],
    ["Extensions[]=150&Extensions[]=151", ["150", "151"]],
    ["Extensions%5B0%5D=150&Extensions%5B1%5D=151", ["150", "151"]],
    ["Extensions=%5B%22150%22%2C%22151%22%5D", ["150", "151"]],
    ["Extensions=150%26151", ["150&151"]],
    ["Extensions=", [""]],
  ];
  for (const [fields, list] of lists) {
    it(`has Extensions in any shape: ${fields}`, () => {
      const decoded = read(`Token=tok0367&UniqueId=1.1&${fields}`);
      expect(decoded.body["Extensions"]).toEqual(list);
      expect(decoded.salvaged).toBe(false);
    });
  }

  it("keeps broken percent escapes", () => {
    expect(read("Token=tok0367&UniqueId=1.1&Note=100%&More=%zz%4").body).toMatchObject({
      Note: "100%",
      More: "%zz%4",
    });
  });

  it("is in doubt where the token comes twice", () => {
    expect(read("CallerIDName=x&Token=tok0999&UniqueId=1.1&Token=tok0367").tokens).toEqual([
      "tok0999",
      "tok0367",
    ]);
    expect(read("Token=tok0367&UniqueId=1.1&CallerIDName=x&Token=tok0999").tokens).toEqual([
      "tok0367",
    ]);
  });

  it("may be multipart", () => {
    const text = [
      "--b0und",
      'Content-Disposition: form-data; name="Token"',
      "",
      "tok0367",
      "--b0und",
      'Content-Disposition: form-data; name="UniqueId"',
      "Content-Type: text/plain",
      "",
      "1.1",
      "--b0und",
      'Content-Disposition: form-data; name="Extensions"',
      "",
      "150",
      "--b0und",
      'Content-Disposition: form-data; name="CallerIDName"',
      "",
      "Иван\r\nПетров",
      "--b0und",
      'Content-Disposition: form-data; name="Upload"; filename="a.txt"',
      "",
      "not a field",
      "--b0und--",
      "",
    ].join("\r\n");
    expect(read(text).body).toEqual({
      Token: "tok0367",
      UniqueId: "1.1",
      CallerIDName: "Иван\r\nПетров",
      Extensions: ["150"],
    });
  });

  it("may be what FormData makes of it", async () => {
    const form = new FormData();
    form.set("Token", "tok0367");
    form.set("UniqueId", "1.1");
    form.set("CallerIDName", "Иван");
    const bytes = new Uint8Array(await new Response(form).arrayBuffer());
    expect(read(bytes).body).toEqual({ Token: "tok0367", UniqueId: "1.1", CallerIDName: "Иван" });
  });

  it("may be a whole JSON object, percent-encoded", () => {
    const json = `{${IDS},"Phone":"+375","CallerIDName":"Иван"}`;
    for (const text of [encodeURIComponent(json), `${encodeURIComponent(json)}=`]) {
      expect(read(text).body).toEqual(JSON.parse(json));
    }
  });
});

describe("a body that holds no event", () => {
  const refused: [string, string | Uint8Array][] = [
    ["nothing", ""],
    ["white space", " \n"],
    ["null", "null"],
    ["an array", `[{${IDS}}]`],
    ["a string", '"Token=tok0367"'],
    ["a number", "42"],
    ["words", "hello there"],
    ["XML", "<event><Token>tok0367</Token></event>"],
    ["a brace", "{"],
    ["an empty object", "{}"],
    ["gzip", new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56, 0x0a, 0xc9])],
    ["a thousand zero bytes", new Uint8Array(1000)],
    ["boundaries without end", "--x\r\n".repeat(1000)],
  ];
  for (const [name, body] of refused) {
    it(`is refused: ${name}`, () => {
      const fault = refuse(body);
      expect(fault.tokens).toEqual([]);
      expect(fault.message).not.toContain("tok0367");
      expect(refuse(body, { header: "tok0367" }).tokens).toEqual(["tok0367"]);
    });
  }

  it("is told which field is wrong, and never what stood there", () => {
    for (const bad of ["1/../../2", "a|b", "a\\nb", "é", "x".repeat(129), "a b"]) {
      const fault = refuse(`{"Token":"tok0367","UniqueId":"${bad}"}`);
      expect(fault.code).toBe("bad_unique_id");
      expect(fault.message).toStartWith("UniqueId must be");
      expect(fault.tokens).toEqual(["tok0367"]);
    }
    for (const bad of ["{}", '["1.1"]', "true", "null", '[{"a":"b"c"}]']) {
      expect(refuse(`{"Token":"tok0367","UniqueId":${bad}}`).code).toBe("bad_unique_id");
    }
    expect(refuse('{"UniqueId":"1.1"}').code).toBe("missing_token");
    expect(refuse('{"UniqueId":"1.1","Token":{"a":1}}').code).toBe("missing_token");
  });
});
