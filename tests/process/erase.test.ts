// Erasing a subscriber beside a running service: events go on meanwhile, and each is on record once.

import { describe, expect, it } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addEnterprise, runBinary, startBinary } from "../support/binary.ts";
import { post, req } from "../support/http.ts";
import { inTempDir } from "../support/temp-dir.ts";

const enterprise = {
  number: "0367",
  webhookToken: "375290000001",
  secret: "0123456789abcdef0123456789abcdef",
};
const NUMBER = "375447654321";

describe("calllog erase", () => {
  it("takes a subscriber out of the running file while events come, and loses none of them", async () => {
    await inTempDir(async (cwd) => {
      await addEnterprise(enterprise, { cwd });
      await using server = await startBinary([], { cwd });
      const postCall = async (id: string, phone: string): Promise<number> => {
        const body = { Token: enterprise.webhookToken, UniqueId: id, Phone: phone, CallType: 0 };
        return (await fetch(post("/start", body, { base: server.webhooksUrl }))).status;
      };
      expect(await postCall("1764493655.1", NUMBER)).toBe(200);
      let isErasing = true;
      const erasing = runBinary(
        ["erase", "0367", "--number", `+${NUMBER}`, "--yes", "--force", "--act", "act"],
        { cwd },
      ).finally(() => {
        isErasing = false;
      });
      const answered: string[] = [];
      for (let call = 2; isErasing || answered.length < 20; call += 1) {
        const id = `1764493655.${call}`;
        expect(await postCall(id, "375295305942")).toBe(200);
        answered.push(id);
      }
      expect(await erasing).toMatchObject({ code: 0 });
      const file = readFileSync(join(cwd, "call_tracer/0367/events.log"), "utf8");
      const ids = [...file.matchAll(/\|start\|([\d.]+)\|/g)].map((match) => match[1]);
      expect(ids).toEqual(["1764493655.1", ...answered]);
      expect(file).not.toContain("7654321");
      const page = await fetch(
        req(`/call/0367/1764493655.1?token=${enterprise.secret}`, {
          base: server.pagesUrl,
          headers: { accept: "application/json" },
        }),
      );
      const { call } = (await page.json()) as { call: { phone: string } };
      expect(call.phone).toStartWith("erased-");
      expect(server.errors()).toEqual([]);
    });
  }, 60_000);
});
