// Every recorded call as other PBXs write it into their CEL file: other technologies, other names of phones and lines, other
// ids. What comes out is the same call, with nothing learned before.

import { describe, expect, it } from "bun:test";
import { callsOf, recordsOfEvents } from "../support/ami.ts";
import { celPairs, celText, eventsOfCel } from "../support/cel.ts";

type Rewrite = (text: string) => string;

/** Calls a phone's endpoint otherwise, its channels and where it is dialled. */
const phones =
  (nameOf: (number: string) => string, technology = "PJSIP"): Rewrite =>
  (text) =>
    text.replace(/PJSIP\/(15[123])(?=[-,&])/g, (_, number) => `${technology}/${nameOf(number)}`);

/** Calls the line otherwise; `dialled` is what is dialled to reach a number over it. */
const line =
  (name: string, technology: string, dialled: (number: string) => string): Rewrite =>
  (text) =>
    text
      .replace(/PJSIP\/(\d{6,})@mts/g, (_, number) => `${technology}/${dialled(number)}`)
      .replaceAll("PJSIP/mts-", `${technology}/${name}-`);

const PEOPLE: Readonly<Record<string, string>> = {
  "151": "ivanov",
  "152": "petrov",
  "153": "sidorova",
};
const PORTS: Readonly<Record<string, string>> = { "151": "7", "152": "33", "153": "99" };
const same = (number: string): string => number;

const VARIATIONS: Readonly<Record<string, Rewrite>> = {
  chan_sip: (text) => line("mts", "SIP", (number) => `mts/${number}`)(phones(same, "SIP")(text)),
  "a prefix": phones((number) => `0367-${number}`),
  "a suffix": phones((number) => `${number}-acme`),
  "201-WS": phones((number) => `${number}-WS`),
  "99151": phones((number) => `99${number}`),
  names: phones((number) => PEOPLE[number] ?? number),
  "phones of analogue ports": phones((number) => PORTS[number] ?? number, "DAHDI"),
  "a numeric line": line("5061", "SIP", (number) => `5061/${number}`),
  "a line named as a telephone number": line(
    "375172000001",
    "PJSIP",
    (number) => `${number}@375172000001`,
  ),
  IAX2: line("office2", "IAX2", (number) => `office2/${number}`),
  "an analogue line": line("33", "DAHDI", (number) => `g0/${number}`),
  "a span of ISDN": line("i1/375295305942", "DAHDI", (number) => `i1/${number}`),
  "a GSM card": line("dongle0", "Dongle", (number) => `dongle0/${number}`),
  "a system name": (text) =>
    text.replace(/((?:uniqueid|linkedid)\\?":\\?")(\d{10}\.)/g, "$1my pbx-$2"),
};

describe("a call in the CEL file of another PBX", () => {
  for (const [name, rewrite] of Object.entries(VARIATIONS)) {
    it(`${name}: comes out the same`, async () => {
      const wrong: string[] = [];
      for (const scenario of celPairs()) {
        const original = await callsOf(recordsOfEvents(eventsOfCel(celText(`${scenario}.jsonl`))));
        const other = await callsOf(
          recordsOfEvents(eventsOfCel(rewrite(celText(`${scenario}.jsonl`)))),
        );
        if (other.toSorted().join() !== original.toSorted().join()) {
          wrong.push(`${scenario}: ${other.join("; ")} not ${original.join("; ")}`);
        }
      }
      expect(wrong).toEqual([]);
    });
  }
});
