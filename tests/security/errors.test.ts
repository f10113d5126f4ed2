// Errors of others carry addresses with secrets in them: whatever they say, wherever they are thrown, the log does not
// repeat it. The apps in this process, with the log that the service uses.

import { describe, expect, it } from "bun:test";
import type { Enterprise } from "../../src/domain/enterprise.ts";
import { openLog } from "../../src/lib/log.ts";
import { createViewerApp } from "../../src/pages/index.ts";
import { createWebhooksApp } from "../../src/sources/webhooks/index.ts";
import { post, req } from "../support/http.ts";

const enterprise: Enterprise = {
  number: "0367",
  name: null,
  webhookToken: "hidden-token",
  secret: "hidden-secret",
  botToken: "123456789:hidden-bot-token",
  active: true,
};

const cause = Object.assign(
  new Error(
    "GET /call/0367/1.1/live?token=hidden-secret failed at https://user:hidden-password@db.test/",
  ),
  {
    url: "https://api.telegram.org/bot123456789:hidden-bot-token/sendMessage",
    parameters: { secret: "hidden-secret", botToken: "123456789:hidden-bot-token" },
    request: new URL("http://127.0.0.1:8026/calls/0367?token=hidden-secret"),
    headers: { authorization: "Bearer hidden-token-of-nobody", token: "hidden-token" },
    body: '{"Token":"hidden-token","Phone":"152"}',
  },
);
const failure = (): never => {
  throw new Error("postgres://calllog:hidden-password@db.test:5432/calllog does not answer", {
    cause,
  });
};

for (const pretty of [false, true]) {
  describe(`the log (${pretty ? "for people" : "as JSON"})`, () => {
    it("repeats no secret of an error, wherever it is thrown", async () => {
      const lines: string[] = [];
      const log = openLog({ level: "debug", pretty, write: (text) => lines.push(text) });
      const clock = { now: () => Date.UTC(2026, 10, 22, 8) };
      const health = async () => failure();
      const webhooksWith = (broken: "directory" | "trace" | "telling") =>
        createWebhooksApp({
          directory: {
            enterpriseByWebhookToken: async () => (broken === "directory" ? failure() : enterprise),
          },
          trace: {
            append: async () => (broken === "trace" ? failure() : { at: 0, duplicate: false }),
          },
          onRecorded: () => (broken === "telling" ? failure() : undefined),
          log,
          clock,
          health,
          maxBodyBytes: 1024,
        });
      const viewerWith = (broken: "directory" | "trace" | "names" | "recipients") =>
        createViewerApp({
          directory: {
            enterpriseByNumber: async () => (broken === "directory" ? failure() : enterprise),
          },
          trace: { find: async () => failure() },
          names: async () => failure(),
          recipients: async () => failure(),
          log,
          clock,
          health,
          lang: "en",
          timeZone: "UTC",
          callTimeoutMs: 14_400_000,
        });

      const event = { Token: "hidden-token", UniqueId: "1.1" };
      for (const broken of ["directory", "trace", "telling"] as const) {
        const app = webhooksWith(broken);
        await app.handle(post("/start", event));
        await app.handle(req("/health"));
        await new Promise((done) => setImmediate(done));
      }
      for (const broken of ["directory", "trace"] as const) {
        const app = viewerWith(broken);
        const answer = await app.handle(req("/call/0367/1.1?token=hidden-secret"));
        expect(await answer.text()).not.toContain("hidden");
        await app.handle(req("/health"));
      }

      const text = lines.join("");
      expect(text).not.toContain("hidden");
      for (const said of [
        "cannot record events",
        "cannot pass on",
        "cannot answer a page",
        "cannot ask",
      ]) {
        expect(text).toContain(said);
      }
    });
  });
}
