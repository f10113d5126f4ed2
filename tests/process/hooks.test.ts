// Outgoing webhooks from outside: the program is started, a webhook is added, events are posted, the process is killed.

import { describe, expect, it } from "bun:test";
import { addEnterprise, type RunningBinary, runBinary, startBinary } from "../support/binary.ts";
import { until } from "../support/hand-time.ts";
import { startHookReceiver } from "../support/hook-receiver.ts";
import { post, req } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const UID = "1764493655.61";
const EVENT = { Token: enterprise.webhookToken, UniqueId: UID, Phone: "375291112233", CallType: 0 };
const ALLOW = ["--hook-allow-private", "127.0.0.0/8"];

/** The attempts on the call's page, as soon as they tell what is waited for. */
const attemptsOf = async (
  server: RunningBinary,
  isTold: (told: string) => boolean,
): Promise<string[]> => {
  for (;;) {
    const answer = await fetch(
      req(`/call/0367/${UID}?token=${enterprise.secret}`, {
        base: server.pagesUrl,
        headers: { accept: "application/json" },
      }),
    );
    const { records } = (await answer.json()) as { records: { kind: string; raw: string }[] };
    const attempts = records.filter(({ kind }) => kind === "HTTP").map(({ raw }) => raw);
    if (isTold(attempts.join("\n"))) return attempts;
  }
};

describe("calllog hook", () => {
  it("has programs told of calls, over a kill -9, and each attempt on the call's page", async () => {
    await inTempDir(async (cwd) => {
      await using receiver = startHookReceiver();
      await addEnterprise(enterprise, { cwd });
      const refused = await runBinary(["hook", "add", "0367", receiver.url], { cwd });
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringContaining("not of the public network; --hook-allow-private"),
      ]);
      const added = await runBinary(["hook", "add", "0367", receiver.url, ...ALLOW], { cwd });
      expect(added.stdout).toContain("whsec_");
      const tested = await runBinary(["hook", "test", "0367", ...ALLOW], { cwd });
      expect([tested.code, tested.stdout]).toEqual([0, expect.stringContaining("taken: 204")]);

      receiver.answer = () => new Response(null, { status: 500 });
      const first = await startBinary(ALLOW, { cwd });
      await fetch(post("/start", EVENT, { base: first.webhooksUrl }));
      await until(() =>
        receiver.received.some(({ type, status }) => type === "call.started" && status === 500),
      );
      await fetch(post("/dial", { ...EVENT, Extensions: ["151"] }, { base: first.webhooksUrl }));
      // What is not on record when it dies is tried once more, and stands there once.
      await attemptsOf(first, (told) => told.includes('"status":500') || told.includes("|500|"));
      await first.stop("SIGKILL");
      receiver.answer = () => new Response(null, { status: 204 });
      // Whichever process takes an event, one of them tells it.
      await using second = await startBinary([...ALLOW, "--workers", "2"], { cwd });
      await fetch(post("/hangup", { ...EVENT, CallStatus: "0" }, { base: second.webhooksUrl }));
      await until(() => receiver.received.some(({ type }) => type === "call.missed"));
      const taken = receiver.received.filter(
        ({ status, type }) => status === 204 && type !== "calllog.test",
      );
      expect(taken.map(({ type }) => type)).toEqual(["call.started", "call.ended", "call.missed"]);
      // An attempt is put on record when it was answered.
      const attempts = await attemptsOf(second, (told) =>
        told.includes('"type":"call.missed","attempt":1'),
      );
      expect(attempts.length).toBeGreaterThanOrEqual(4);
      expect(attempts.join("\n")).toContain('"type":"call.missed","attempt":1');
      expect(attempts.join("\n")).not.toContain("invented-key");
      expect(second.errors()).toEqual([]);
    });
  }, 30_000);
});
