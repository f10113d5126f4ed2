import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { recordsOfEvents } from "../../../tests/support/ami.ts";
import { assembled, brief } from "../../../tests/support/calls.ts";
import { celText, eventsOfCel } from "../../../tests/support/cel.ts";
import { csvColumns, readCelLine } from "./line.ts";

describe("a line of CEL", () => {
  it("is read with any CSV that has been quoted", () =>
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 20 }), (columns) => {
        const line = columns.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
        expect(csvColumns(line)).toEqual(columns);
      }),
    ));

  it("gives an event of calls or nothing, whatever stands there", () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string().map((text) => `{"${text}`),
        ),
        (line) => {
          const event = readCelLine(line);
          expect(event === undefined || event.uniqueId !== "").toBe(true);
        },
      ),
    ));

  it("may have the names of its fields as the settings spell them", () => {
    const line =
      '{"EventType":"CHAN_START","EventTime":"1795720278.570822","UniqueID":"1.1","LinkedID":"1.1","ChanName":"PJSIP/151-1"}';
    expect(readCelLine(line)).toMatchObject({
      type: "CHAN_START",
      uniqueId: "1.1",
      linkedId: "1.1",
    });
  });

  it("may have a date of this host, as dateformat of cel.conf makes it", () => {
    const line =
      '"CHAN_START","2026-11-22 07:42:30.5","1.1","1.1","PJSIP/151-1","","","","","","","",""';
    const at = new Date(2026, 10, 22, 7, 42, 30).getTime() / 1000;
    expect(readCelLine(line)?.stamp).toBe(`${at}.5`);
  });

  it("may be of the sample that comes with Asterisk", () => {
    const columns = (type: string, extra = ""): string =>
      [
        type,
        "1795720278.5",
        "Anna",
        "151",
        "151",
        "",
        "",
        "s",
        "from-internal",
        "SIP/151-1",
        "",
        "",
        "3",
        "",
        "1795720278.1",
        "1795720278.1",
        "SIP/mts-2",
        "",
        "",
        extra,
      ]
        .map((text) => `"${text.replaceAll('"', '""')}"`)
        .join(",");
    expect(readCelLine(columns("HANGUP", '{"hangupcause":16}'))).toMatchObject({
      channel: "SIP/151-1",
      num: "151",
      peer: "SIP/mts-2",
      extra: { hangupcause: 16 },
    });
    // Before Asterisk 12.
    expect(readCelLine(columns("HANGUP", "16,SIP/151-1,ANSWER"))?.extra).toMatchObject({
      hangupcause: "16",
      hangupsource: "SIP/151-1",
    });
  });
});

describe("a call of the file", () => {
  it("is told by bridges without ids, as before Asterisk 12", async () => {
    const [customer, phone] = ["SIP/mts-00000001", "SIP/151-00000002"];
    const line = (
      at: number,
      type: string,
      id: number,
      more: Record<string, string> = {},
    ): string =>
      JSON.stringify({
        eventtype: type,
        eventtime: `${1_795_720_000 + at}.000000`,
        uniqueid: `1795720000.${id}`,
        linkedid: "1795720000.1",
        channame: id === 1 ? customer : phone,
        num: id === 1 ? "375295305942" : "151",
        name: "",
        exten: id === 1 ? "375170000151" : "s",
        context: id === 1 ? "from-trunk" : "from-internal",
        ...more,
      });
    const text = [
      line(0, "CHAN_START", 1),
      line(1, "APP_START", 1, { appname: "Dial", appdata: "SIP/151,20,tT" }),
      line(1, "CHAN_START", 2),
      line(4, "ANSWER", 2, { appname: "AppDial" }),
      line(4, "ANSWER", 1, { appname: "Dial" }),
      line(4, "BRIDGE_START", 1, { peer: phone, appname: "Dial" }),
      line(14, "BRIDGE_END", 1, { peer: phone, appname: "Dial" }),
      line(14, "HANGUP", 2, { eventextra: `16,${customer},` }),
      line(14, "CHAN_END", 2),
      line(14, "HANGUP", 1, { eventextra: `16,${customer},ANSWER` }),
      line(14, "CHAN_END", 1),
    ].join("\n");
    const call = await assembled(recordsOfEvents(eventsOfCel(text)), "1795720000.1");
    expect(brief(call)).toBe(
      "incoming answered, 375295305942 → 151 by 151, wait 4 talk 10, hung up 375295305942",
    );
  });

  it("ends with its PBX: the channels of the next start are counted from 0", async () => {
    const cut = celText("xfer_blind.jsonl").split("\n").slice(0, 7).join("\n");
    const next = celText("in_answered.jsonl");
    const events = eventsOfCel(`${cut}\n${next}`);
    const end = events.find(({ body }) => body["EventId"] === "hangup/1795719758.98");
    // As of when it was heard of last.
    expect(end?.body).toMatchObject({ CallStatus: "2", _recovered: true });
    expect(Math.floor(Number(end?.body["EventTime"]))).toBe(1_795_719_759);
    const call = await assembled(recordsOfEvents(events), "1795720278.0");
    expect(brief(call)).toStartWith("incoming answered");
  });

  it("is not told by a hangup alone", () => {
    const [first = ""] = celText("in_answered.jsonl").split("\n").reverse().filter(Boolean);
    expect(eventsOfCel(first)).toEqual([]);
  });
});
