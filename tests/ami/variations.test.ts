// Every recorded call as other PBXs have it: other technologies, other names of phones and lines, other ids. Who called whom,
// who answered and how it ended comes out the same, with nothing learned before.

import { describe, expect, it } from "bun:test";
import {
  callsOf,
  mapped,
  readAll,
  recordedBlocks,
  recordedScenarios,
  recordsOfEvents,
} from "../support/ami.ts";

/** Fields of which the value is a name of a channel, or something that was dialled. */
const NAMES =
  /^((?:Dest|Target|Local(?:One|Two)|Transferer|Transferee|OrigTransferer|SecondTransferer)?Channel: )(.*)$/gm;
const DIALLED = /^(DialString: )(.*)$/gm;
const NUMBERS = /^((?:Dest)?(?:CallerIDNum|ConnectedLineNum|Exten): )(.*)$/gm;
const CONTEXTS = /^((?:Dest)?Context: )(.*)$/gm;
const IDS = /^((?:\w*)(?:Uniqueid|Linkedid): )(\d{10}\.\d+)$/gm;

type Rewrite = (text: string) => string;

/** Calls a phone's endpoint otherwise; the number that people dial stays. */
const phones =
  (nameOf: (number: string) => string, technology = "PJSIP"): Rewrite =>
  (text) =>
    text
      .replace(
        NAMES,
        (_, key: string, value: string) =>
          key +
          value.replace(/^PJSIP\/(15[123])-/, (_all, number) => `${technology}/${nameOf(number)}-`),
      )
      .replace(
        DIALLED,
        (_, key: string, value: string) =>
          key + value.replace(/^(15[123])(?=$|\/sip:)/, (number) => nameOf(number)),
      );

/** Calls the line otherwise; `dialled` is what is dialled to reach a number over it. */
const line =
  (name: string, technology: string, dialled: (number: string) => string): Rewrite =>
  (text) =>
    text
      .replace(
        NAMES,
        (_, key: string, value: string) =>
          key + value.replace(/^PJSIP\/mts-/, `${technology}/${name}-`),
      )
      .replace(
        DIALLED,
        (_, key: string, value: string) =>
          key + value.replace(/^(\d+)@mts$/, (_all, number) => dialled(number)),
      );

/** Gives the phones other numbers: everywhere. */
const renumbered =
  (numberOf: (number: string) => string): Rewrite =>
  (text) => {
    const other = (value: string): string => value.replace(/(?<!\d)15[123](?!\d)/g, numberOf);
    const rewrite = (_: string, key: string, value: string): string => key + other(value);
    return text.replace(NAMES, rewrite).replace(DIALLED, rewrite).replace(NUMBERS, rewrite);
  };

/** Contexts of a dialplan of its own, which say nothing. */
const ownContexts: Rewrite = (text) =>
  text.replace(
    CONTEXTS,
    (_, key: string, value: string) =>
      key + value.replace(/^from-internal/, "office").replace(/^from-trunk/, "lines"),
  );

const ids =
  (systemName: string): Rewrite =>
  (text) =>
    text.replace(IDS, (_, key: string, id: string) => `${key}${systemName}-${id}`);

const PEOPLE: Readonly<Record<string, string>> = {
  "151": "ivanov",
  "152": "petrov",
  "153": "sidorova",
};
const PORTS: Readonly<Record<string, string>> = { "151": "7", "152": "33", "153": "99" };
const same = (number: string): string => number;

const VARIATIONS: Readonly<
  Record<
    string,
    {
      readonly rewrite: Rewrite;
      readonly number?: Rewrite;
      /** In contexts of its own: what nobody can know before the line was dialled through, or showed a caller's number. */
      readonly undecided?: readonly string[];
    }
  >
> = {
  chan_sip: {
    rewrite: (text) => line("mts", "SIP", (number) => `mts/${number}`)(phones(same, "SIP")(text)),
  },
  "two digits": {
    rewrite: renumbered((number) => number.slice(1)),
    number: (number) => number.slice(1),
  },
  "five digits": {
    rewrite: renumbered((number) => `${number}01`),
    number: (number) => `${number}01`,
  },
  "six digits": {
    rewrite: renumbered((number) => `${number}001`),
    number: (number) => `${number}001`,
  },
  "a prefix": { rewrite: phones((number) => `0367-${number}`) },
  "a suffix": { rewrite: phones((number) => `${number}-acme`) },
  "an underscore": { rewrite: phones((number) => `acme_${number}`) },
  "201-WS": { rewrite: phones((number) => `${number}-WS`) },
  T2_101: { rewrite: phones((number) => `T2_${number}`) },
  "99151": { rewrite: phones((number) => `99${number}`) },
  names: { rewrite: phones((number) => PEOPLE[number] ?? number) },
  "phones of analogue ports": { rewrite: phones((number) => PORTS[number] ?? number, "DAHDI") },
  "phones of Skinny": { rewrite: phones(same, "SCCP") },
  "a numeric line": {
    rewrite: line("5061", "SIP", (number) => `5061/${number}`),
    undecided: ["id_empty"],
  },
  "a short numeric line": {
    rewrite: line("77", "PJSIP", (number) => `${number}@77`),
    undecided: ["id_empty"],
  },
  "a line named as a telephone number": {
    rewrite: line("375172000001", "PJSIP", (number) => `${number}@375172000001`),
  },
  IAX2: { rewrite: line("office2", "IAX2", (number) => `office2/${number}`) },
  "an analogue line": { rewrite: line("33", "DAHDI", (number) => `g0/${number}`) },
  "a span of ISDN": { rewrite: line("i1/375295305942", "DAHDI", (number) => `i1/${number}`) },
  "a GSM card": { rewrite: line("dongle0", "Dongle", (number) => `dongle0/${number}`) },
  "a system name with a space": { rewrite: ids("my pbx") },
  "a system name of other letters": { rewrite: ids("АТС-главная") },
  "Local legs of FreePBX": {
    rewrite: (text) => text.replaceAll(/Local\/(15[123])@/g, "Local/FMPR-$1@"),
  },
  "Local legs of a ring group": {
    rewrite: (text) => text.replaceAll(/Local\/(15[123])@/g, "Local/RG-600-$1@"),
  },
};

/** All calls of a stream as they come out, in order. */
const told = async (scenario: string, rewrite: Rewrite): Promise<string> => {
  const blocks = recordedBlocks(scenario).flatMap(({ at, text }) =>
    readAll(rewrite(text.replaceAll("\r\n", "\n")).replaceAll("\n", "\r\n")).map(
      (message) => [message, at] as const,
    ),
  );
  return (await callsOf(recordsOfEvents(mapped(blocks)))).join("; ");
};

for (const [contexts, inContexts] of [
  ["contexts of FreePBX", same],
  ["contexts of its own", ownContexts],
] as const) {
  describe(`every recorded call, ${contexts}`, () => {
    for (const [name, { rewrite, number = same, undecided = [] }] of Object.entries(VARIATIONS)) {
      it(name, async () => {
        for (const scenario of recordedScenarios()) {
          if (inContexts === ownContexts && undecided.includes(scenario)) continue;
          const expected = (await told(scenario, same)).replaceAll(/(?<!\d)15[123](?!\d)/g, number);
          const own = await told(scenario, (text) => inContexts(rewrite(text)));
          expect(`${scenario}: ${own}`).toBe(`${scenario}: ${expected}`);
        }
      });
    }
  });
}
