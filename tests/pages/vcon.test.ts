// The call as a vCon: every recorded call by the draft's rules, and a few of them in full.

import { describe, expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { Value } from "@sinclair/typebox/value";
import type { AssembledCall } from "../../src/call/index.ts";
import { NO_NAMES } from "../../src/domain/names.ts";
import { recordKeys, type StoredRecord } from "../../src/domain/record.ts";
import { silentLog } from "../../src/lib/log.ts";
import { createViewerApp } from "../../src/pages/index.ts";
import { type Vcon, vconOf } from "../../src/pages/vcon.ts";
import { decodeLine } from "../../src/store/format/codec.ts";
import { assembled, CALL_TIMEOUT_MS, webhookRecords } from "../support/calls.ts";
import { VCON_RULES } from "../support/vcon-rules.ts";

const SECRET = "698c81fe16124c2e805f3a3a2ddedae0";
const OPTIONS = {
  names: { ...NO_NAMES, customer: "Иван Тестов", managers: new Map([["151", "Анна Пример"]]) },
  organization: "ООО Ромашка",
  country: undefined,
};

const folder = new URL("../fixtures/calls/webhooks/", import.meta.url).pathname;
const scenarios = readdirSync(folder).map((name) => name.replace(".jsonl", ""));

const callOf = async (scenario: string, events?: number): Promise<AssembledCall> => {
  const records = webhookRecords(scenario).slice(0, events);
  const found = await assembled(
    records,
    records.find(({ uniqueId }) => uniqueId !== "")?.uniqueId ?? "",
  );
  if (found === undefined) throw new Error(`no call in ${scenario}`);
  return found;
};

/** What the rules of one object cannot say: indices that lead somewhere. */
const lostIndices = ({ parties, dialog, attachments }: Vcon): unknown[] => {
  const lost: unknown[] = [];
  const party = (at: number | undefined): void => {
    if (at !== undefined && parties[at] === undefined) lost.push(`party ${at}`);
  };
  const segment = (at: number | undefined): void => {
    if (at !== undefined && dialog[at] === undefined) lost.push(`dialog ${at}`);
  };
  for (const one of dialog) {
    if (one.type === "transfer") {
      for (const at of [one.transferee, one.transferor, one.transfer_target]) party(at);
      for (const at of [one.original, one.target_dialog]) segment(at);
    } else {
      for (const at of [...one.parties, one.originator]) party(at);
      for (const { party: at } of one.party_history ?? []) party(at);
    }
  }
  for (const one of attachments) {
    party(one.party);
    segment(one.dialog);
  }
  return lost;
};

describe("vconOf", () => {
  it.each(scenarios)("keeps the draft's rules at every moment of %s", async (scenario) => {
    const { length } = webhookRecords(scenario);
    for (let events = 1; events <= length; events += 1) {
      const found = await callOf(scenario, events).catch(() => undefined);
      if (found === undefined) continue;
      const vcon = JSON.parse(JSON.stringify(vconOf(found, OPTIONS))) as Vcon;
      expect([...Value.Errors(VCON_RULES, vcon)]).toEqual([]);
      expect(lostIndices(vcon)).toEqual([]);
    }
  });

  it("tells who talked with whom, when and how long", async () => {
    const found = await callOf("in_answered");
    const { parties, dialog, attachments, uuid } = vconOf(found, OPTIONS);
    const { startedAt, answeredAt, talkMs, phone } = found.call;
    expect(parties).toEqual([
      { tel: `tel:+${phone}`, name: "Иван Тестов" },
      { tel: "tel:151;phone-context=pbx", name: "Анна Пример", org: "ООО Ромашка" },
    ]);
    expect(dialog).toEqual([
      {
        type: "recording",
        start: new Date(answeredAt ?? 0).toISOString(),
        duration: (talkMs ?? 0) / 1000,
        parties: [0, 1],
        originator: 0,
      },
    ]);
    expect(attachments[0]?.body.map(({ event }) => event)).toEqual(
      found.records.map((record) => (record.kind === "AST" ? record.event : "")),
    );
    expect(attachments[0]?.start).toBe(new Date(startedAt ?? 0).toISOString());
    expect(vconOf(found, OPTIONS).uuid).toBe(uuid);
  });

  it.each([
    ["in_missed", "no-answer"],
    ["in_busy", "busy"],
    ["in_cancel", "hung-up"],
    ["out_badnumber", "failed"],
    ["out_busy", "busy"],
  ])("%s: nobody talked, since %s", async (scenario, disposition) => {
    const found = await callOf(scenario);
    const { dialog } = vconOf(found, OPTIONS);
    expect(dialog).toMatchObject([{ type: "incomplete", disposition }]);
  });

  it("tells a transfer with who did it, who took over, and the two talks", async () => {
    const { dialog, parties } = vconOf(await callOf("xfer_blind"), OPTIONS);
    const transfer = dialog.find(({ type }) => type === "transfer");
    if (transfer?.type !== "transfer") throw new Error("no transfer");
    const tel = (at: number): string => parties[at]?.tel ?? "";
    expect([tel(transfer.transferor), tel(transfer.transfer_target)]).toEqual([
      "tel:151;phone-context=pbx",
      "tel:152;phone-context=pbx",
    ]);
    expect([transfer.original, transfer.target_dialog]).toEqual([0, 1]);
  });

  it("tells holds as what happened to the other party", async () => {
    const lines = readFileSync(new URL("./golden/hold/events.log", import.meta.url), "utf8");
    const records = lines.split("\n").flatMap((raw): StoredRecord[] => {
      const decoded = decodeLine(raw);
      return decoded.ok ? [{ ...decoded.value, raw }] : [];
    });
    const found = await assembled(records, records[0]?.uniqueId ?? "");
    if (found === undefined) throw new Error("no call");
    const { dialog } = vconOf(found, OPTIONS);
    const [talk] = dialog;
    const history = talk?.type === "recording" ? talk.party_history : [];
    expect(
      history?.map(({ time, party, event }) => `${time.slice(14, 19)} ${party} ${event}`),
    ).toEqual(["00:24 0 hold", "00:51 0 unhold", "01:20 0 hold", "01:26 0 unhold"]);
  });

  it("names nobody who withheld the number", async () => {
    const { parties } = vconOf(await callOf("id_anonymous"), { ...OPTIONS, names: NO_NAMES });
    expect(parties[0]?.tel).toBeUndefined();
  });
});

describe("GET /call/{enterprise}/{unique_id}", () => {
  const records = webhookRecords("in_answered");
  const uniqueId = records[0]?.uniqueId ?? "";
  const app = createViewerApp({
    directory: {
      enterpriseByNumber: async () => ({
        number: "0367",
        name: "ООО Ромашка",
        webhookToken: "375290000001",
        secret: SECRET,
        botToken: null,
        active: true,
      }),
    },
    trace: {
      find: async (_, keys) => ({
        records: records.filter((record) => recordKeys(record).some((key) => keys.includes(key))),
        faults: [],
      }),
    },
    clock: { now: () => (records.at(-1)?.at ?? 0) + 1000 },
    log: silentLog,
    lang: "ru",
    timeZone: "UTC",
    callTimeoutMs: CALL_TIMEOUT_MS,
    health: async () => ({ status: 200, body: { status: "ok" } }),
  });
  const get = (query: string, accept: string) =>
    app.handle(
      new Request(`http://localhost/call/0367/${uniqueId}?token=${SECRET}${query}`, {
        headers: { accept },
      }),
    );

  it.each([
    ["", "application/vcon", "application/vcon"],
    ["", "application/vcon+json", "application/vcon"],
    ["", "application/vcon, application/json;q=0.5", "application/vcon"],
    ["&format=vcon", "*/*", "application/vcon"],
    ["&format=vcon", "text/html", "application/vcon"],
    ["", "application/json, application/vcon;q=0.5", "application/json"],
    ["", "text/html,*/*;q=0.8", "text/html"],
  ])("%s, Accept: %s is answered as %s", async (query, accept, type) => {
    const answer = await get(query, accept);
    expect([answer.status, answer.headers.get("content-type")?.split(";")[0]]).toEqual([200, type]);
  });

  it("gives a vCon with no token of the enterprise's in it", async () => {
    const text = await (await get("&format=vcon", "*/*")).text();
    expect([...Value.Errors(VCON_RULES, JSON.parse(text))]).toEqual([]);
    expect(text).not.toContain("375290000001");
    expect(text).not.toContain(SECRET);
  });
});
