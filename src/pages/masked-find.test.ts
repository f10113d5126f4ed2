import { expect, it } from "bun:test";
import type { Enterprise } from "../domain/enterprise.ts";
import type { StoredRecord } from "../domain/record.ts";
import type { Part, TraceStore } from "../store/index.ts";
import { maskedFind } from "./masked-find.ts";

const raw = '2025-11-30 09:08:42,025|AST|hangup|1.5|{"Token":"375290000001"';
const record: StoredRecord = {
  kind: "AST",
  at: 0,
  event: "hangup",
  uniqueId: "1.5",
  body: {},
  raw,
};
const enterprise: Enterprise = {
  number: "0367",
  name: null,
  webhookToken: "375290000001",
  secret: "0123456789abcdef",
  botToken: null,
  active: true,
};

it("asks for the part that is wanted, and leaves credentials out", async () => {
  const asked: unknown[] = [];
  const trace: Pick<TraceStore, "find"> = {
    find: async (...all) => {
      asked.push(all);
      return { records: [record], faults: [] };
    },
  };
  const near: Part = { part: "near", at: 5 };
  const { records } = await maskedFind(trace, "0367", enterprise)(["id:1.5"], near);
  expect(asked).toEqual([["0367", ["id:1.5"], near]]);
  expect(records[0]?.raw).not.toContain("375290000001");
  const unknown = await maskedFind(trace, "0367", undefined)(["id:1.5"]);
  expect(unknown.records).toEqual([record]);
});
