// A page from a file: `events.log` in the format of docs/format.md, read with the codec, put together and rendered as the
// viewer does it. Names and people are the same for all scenarios and invented.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findCall } from "../../src/call/index.ts";
import type { TelegramUser } from "../../src/domain/enterprise.ts";
import type { Lang } from "../../src/domain/lang.ts";
import { type CallNames, NO_NAMES } from "../../src/domain/names.ts";
import { recordKeys, type StoredRecord } from "../../src/domain/record.ts";
import { decodeLine } from "../../src/store/format/codec.ts";
import { CallPage, callPageParts } from "../../views/call-page.tsx";
import type { CallView } from "../../views/call-parts.tsx";
import { CALL_TIMEOUT_MS } from "../support/calls.ts";

export const GOLDEN = join(import.meta.dir, "golden");
export const scenarioNames: readonly string[] = readdirSync(GOLDEN).sort();

const NAMES: CallNames = {
  customer: "Иван Петров",
  managers: new Map([
    ["150", "Анна Сидорова"],
    ["151", "Павел Жук"],
    ["152", "Ольга Константиновна Добровольская-Рождественская"],
  ]),
  lines: new Map([["0001363", "Реклама на радио"]]),
  complete: true,
};
const HOSTILE_NAMES: CallNames = {
  customer: `"><img src=x onerror=alert(9)>`,
  managers: new Map([["151", "</b></li></ul><script>alert(10)</script>"]]),
  lines: new Map(),
  complete: false,
};

const user = (
  chatId: string,
  firstName: string | null,
  lastName: string | null,
  email: string | null,
): TelegramUser => ({
  chatId,
  firstName,
  lastName,
  email,
  botToken: null,
  enterpriseNumber: "0367",
});
/** The group's chat is in nobody's row. */
const RECIPIENTS: readonly TelegramUser[] = [
  user("374573193", "Анна", "Сидорова", "anna@example.com"),
  user("7889254605", "Павел", null, null),
  user("512330871", null, null, "director@example.com"),
];
const HOSTILE_RECIPIENTS: readonly TelegramUser[] = [
  user("374573193", "<script>alert(11)</script>", null, `"><b>x`),
];

/** The records of a scenario, in the order of its lines, and the lines that are none. */
export const readScenario = (name: string): { records: StoredRecord[]; unreadable: string[] } => {
  const records: StoredRecord[] = [];
  const unreadable: string[] = [];
  const text = readFileSync(join(GOLDEN, name, "events.log"), "utf8");
  for (const raw of text.split("\n").slice(0, -1)) {
    const decoded = decodeLine(raw);
    if (decoded.ok) records.push({ ...decoded.value, raw });
    else unreadable.push(raw);
  }
  return { records, unreadable };
};

/** What the page of a scenario's first call shows, one second after its last record. */
export const viewOf = async (name: string, lang: Lang): Promise<CallView> => {
  const { records, unreadable } = readScenario(name);
  const now = Math.max(...records.map(({ at }) => at)) + 1000;
  const assembled = await findCall(
    (keys) => {
      const wanted = new Set(keys);
      const own = records.filter((record) => recordKeys(record).some((key) => wanted.has(key)));
      const faults = unreadable.map((reason) => ({ file: "events.log", reason }));
      return Promise.resolve({ records: own, faults });
    },
    records.find(({ uniqueId }) => uniqueId !== "")?.uniqueId ?? "",
    { enterprise: "0367", now, callTimeoutMs: CALL_TIMEOUT_MS },
  );
  if (assembled === undefined) throw new Error(`${name} holds no call`);
  const isHostile = name === "hostile";
  return {
    assembled,
    names: isHostile ? HOSTILE_NAMES : name === "internal" ? NO_NAMES : NAMES,
    recipients: isHostile ? HOSTILE_RECIPIENTS : RECIPIENTS,
    zone: { lang, timeZone: "Europe/Minsk" },
    now,
  };
};

/** The whole document, as it is sent. */
export const pageOf = (view: CallView): string =>
  `<!doctype html>${CallPage({ parts: callPageParts(view) }) as string}`;

/** For reading in a diff: an element a line, the style sheet left out. */
export const readable = (html: string): string =>
  `${html.replace(/<style>[^<]*<\/style>/g, "<style></style>").replace(/>( ?)</g, ">\n$1<")}\n`;
