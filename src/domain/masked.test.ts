// What of a record may be shown.

import { describe, expect, it } from "bun:test";
import type { Enterprise } from "./enterprise.ts";
import { maskedRaw, withoutCredentials } from "./masked.ts";
import type { StoredRecord } from "./record.ts";

const enterprise: Enterprise = {
  number: "0367",
  name: null,
  webhookToken: "tok0367",
  secret: "page-secret",
  active: true,
  botToken: "123456:bot-token",
};
const record = (body: Record<string, unknown>): StoredRecord => ({
  kind: "AST",
  at: 0,
  event: "start",
  uniqueId: "1.1",
  body,
  raw: `2025-11-30 09:08:42,025|AST|start|1.1|${JSON.stringify(body)}`,
});

describe("a line as it is shown", () => {
  it("keeps no credential of the enterprise, whatever stands around it", () => {
    const broken = record({
      Phone: "375291112233",
      _raw: '{"Tok"en":"tok0367","Name":"page-secret","Url":"/bot123456:bot-token/x","Phone"',
    });
    const shown = maskedRaw(withoutCredentials(broken, enterprise));
    for (const credential of ["tok0367", "page-secret", "bot-token"]) {
      expect(shown).not.toContain(credential);
    }
    expect(shown).toContain("375291112233");
  });

  it("leaves the fields alone: a token may be the company's own number", () => {
    const body = { Token: "375290000001", Phone: "375290000001" };
    const kept = withoutCredentials(record(body), { ...enterprise, webhookToken: "375290000001" });
    expect(kept).toMatchObject({ body });
    expect(kept.raw).not.toContain("375290000001");
  });

  it("masks the token of a body, where the enterprise is not known", () => {
    expect(maskedRaw(record({ Token: "tok0999", Name: "tok0999" }))).toEndWith(
      '{"Token":"***","Name":"***"}',
    );
  });

  it("is not blackened by a credential that is empty or almost so", () => {
    const line = record({ Phone: "152" });
    const odd = { ...enterprise, webhookToken: "1", secret: "", botToken: null };
    expect(withoutCredentials(line, odd)).toBe(line);
  });
});
