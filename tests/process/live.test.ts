// An open page from outside: the event comes to one process, the page is open at another, and a process that is told to
// stop does not wait for whoever looks at a page.

import { describe, expect, it } from "bun:test";
import type { PageUpdate } from "../../src/pages/live-frame.ts";
import { addEnterprise, startBinary } from "../support/binary.ts";
import { type EventReader, openEvents } from "../support/event-stream.ts";
import { post } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const call = { Token: enterprise.webhookToken, Phone: "375295305942", CallType: 0 };

const next = async (reader: EventReader): Promise<PageUpdate & { id: string }> => {
  const event = await reader.next();
  if (event?.event !== "call") throw new Error(`it ended with ${JSON.stringify(event)}`);
  return { ...JSON.parse(event.data), id: event.id };
};

describe("calllog serve with open pages", () => {
  it("shows what another process of the folder took, and goes on there when the first has stopped", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await using first = await startBinary([], { cwd });
      await using second = await startBinary([], { cwd });
      const body = { ...call, UniqueId: `${Math.floor(Date.now() / 1000)}.1` };
      const tell = async (event: string, more = {}): Promise<void> => {
        const answer = await fetch(post(event, { ...body, ...more }, { base: first.webhooksUrl }));
        expect(answer.status).toBe(200);
      };
      const path = `/call/0367/${body.UniqueId}/live?token=${enterprise.secret}`;

      await tell("/start");
      const reader = await openEvents(second.pagesUrl + path);
      expect((await next(reader)).replaced).toHaveLength(1);
      await tell("/dial", { Extensions: ["151"] });
      let told = await next(reader);
      // Times that run are told in between.
      while (told.records === undefined) told = await next(reader);
      expect(told.records).toHaveLength(1);

      // A stop does not wait for the page: well under the shutdown time of ten seconds.
      const before = performance.now();
      expect(await second.stop()).toBe(0);
      expect(performance.now() - before).toBeLessThan(5000);
      let event = await reader.next();
      while (event?.event === "call") event = await reader.next();
      expect(event).toBeUndefined();

      await tell("/hangup", { CallStatus: "0" });
      const back = await openEvents(first.pagesUrl + path, { "last-event-id": told.id });
      const news = await next(back);
      expect(news.records).toHaveLength(1);
      expect(news.replaced).toBeUndefined();
      expect(news.status).toBe("Пропущен");
      back.leave();
      expect([...first.errors(), ...second.errors()]).toEqual([]);
      expect(first.log() + second.log()).not.toContain(enterprise.secret);
    });
  });
});
