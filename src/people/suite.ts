// What any Directory must do, as tests over a factory: sqlite.test.ts runs them, and so does every further database.
// Imported by tests only.

import { afterEach, beforeEach, describe, expect, it } from "bun:test";
import { type ChatPreferences, DEFAULT_PREFERENCES } from "../domain/chat-preferences.ts";
import type { Enterprise, TelegramUser } from "../domain/enterprise.ts";
import type { Directory } from "./types.ts";

/** An empty directory of its own, and how to open a second connection to the same one. */
export type DirectoryFixture = {
  readonly directory: Directory;
  openAgain(): Promise<Directory>;
  remove(): Promise<void>;
};

export const sampleEnterprise = (change: Partial<Enterprise> = {}): Enterprise => ({
  number: "0367",
  name: "Пример",
  webhookToken: "375290000001",
  secret: "secret-of-0367",
  botToken: "700001:bot-of-0367",
  active: true,
  ...change,
});

export const sampleUser = (change: Partial<TelegramUser> = {}): TelegramUser => ({
  chatId: "100200300",
  firstName: "Анна",
  lastName: "Примерова",
  email: "anna@example.test",
  botToken: null,
  enterpriseNumber: "0367",
  ...change,
});

const refusal = async (work: Promise<unknown>): Promise<{ code: unknown; message: string }> => {
  try {
    await work;
  } catch (error) {
    const { code, message } = error as { code: unknown; message: string };
    return { code, message };
  }
  throw new Error("nothing was refused");
};

export const describeDirectory = (name: string, open: () => Promise<DirectoryFixture>): void => {
  describe(name, () => {
    let fixture: DirectoryFixture;
    let directory: Directory;
    beforeEach(async () => {
      fixture = await open();
      directory = fixture.directory;
    });
    afterEach(async () => {
      await fixture.remove();
    });
    const chatsOf = async (enterprise: Enterprise): Promise<string[]> =>
      (await directory.usersOf(enterprise)).map(({ chatId }) => chatId);

    describe("enterprises", () => {
      it("come back as they were stored, by number and by webhook token", async () => {
        const full = sampleEnterprise();
        const bare = sampleEnterprise({
          number: "0103",
          name: null,
          webhookToken: null,
          botToken: null,
          active: false,
        });
        await directory.addEnterprise(full);
        await directory.addEnterprise(bare);
        expect(await directory.enterpriseByNumber("0367")).toEqual(full);
        expect(await directory.enterpriseByWebhookToken("375290000001")).toEqual(full);
        expect(await directory.enterprises()).toEqual([bare, full]);
      });

      it("are found by the whole number and token only", async () => {
        await directory.addEnterprise(sampleEnterprise({ webhookToken: "AbcD-1" }));
        for (const number of ["367", "0367 ", "036", "%", ""]) {
          expect(await directory.enterpriseByNumber(number)).toBeUndefined();
        }
        for (const token of ["abcd-1", "AbcD", "' OR 1=1 --", ""]) {
          expect(await directory.enterpriseByWebhookToken(token)).toBeUndefined();
        }
      });

      it("are refused where the number or the webhook token is taken, without naming the token", async () => {
        await directory.addEnterprise(sampleEnterprise());
        const sameNumber = await refusal(
          directory.addEnterprise(sampleEnterprise({ webhookToken: "other-token" })),
        );
        expect(sameNumber.code).toBe("taken");
        const sameToken = await refusal(
          directory.addEnterprise(sampleEnterprise({ number: "0113" })),
        );
        expect(sameToken.code).toBe("taken");
        expect(sameToken.message).toContain("0367");
        expect(sameToken.message).not.toContain("375290000001");
        expect(await directory.enterprises()).toHaveLength(1);
      });

      it("are refused with credentials that break the rules, without naming them", async () => {
        const wrong: readonly Partial<Enterprise>[] = [
          { number: "../0367" },
          { number: "" },
          { secret: "abc" },
          { secret: "with space" },
          { webhookToken: "токен" },
          { botToken: "no-digits:abc" },
          { name: "two\nlines" },
        ];
        for (const change of wrong) {
          const { code, message } = await refusal(
            directory.addEnterprise(sampleEnterprise(change)),
          );
          expect(code).toBe("invalid");
          expect(message).not.toContain("with space");
        }
        expect(await directory.enterprises()).toEqual([]);
      });

      it("change only in what is given", async () => {
        await directory.addEnterprise(sampleEnterprise());
        await directory.changeEnterprise("0367", { secret: "another-secret", active: false });
        expect(await directory.enterpriseByNumber("0367")).toEqual(
          sampleEnterprise({ secret: "another-secret", active: false }),
        );
        // Its own token is not taken by another.
        await directory.changeEnterprise("0367", { webhookToken: "375290000001" });
      });

      it("do not change into one another", async () => {
        await directory.addEnterprise(sampleEnterprise());
        await directory.addEnterprise(sampleEnterprise({ number: "0113", webhookToken: "tok2" }));
        const taken = directory.changeEnterprise("0113", { webhookToken: "375290000001" });
        expect((await refusal(taken)).code).toBe("taken");
        const invalid = directory.changeEnterprise("0113", { secret: "" });
        expect((await refusal(invalid)).code).toBe("invalid");
        const missing = directory.changeEnterprise("0999", { active: false });
        expect((await refusal(missing)).code).toBe("not-found");
      });

      it("are removed with their people, and nobody else's", async () => {
        await directory.addEnterprise(sampleEnterprise());
        await directory.addEnterprise(sampleEnterprise({ number: "0113", webhookToken: "tok2" }));
        await directory.addUser(sampleUser());
        await directory.addUser(sampleUser({ enterpriseNumber: "0113" }));
        await directory.removeEnterprise("0367");
        expect(await directory.enterpriseByNumber("0367")).toBeUndefined();
        expect(await directory.users()).toEqual([sampleUser({ enterpriseNumber: "0113" })]);
        expect((await refusal(directory.removeEnterprise("0367"))).code).toBe("not-found");
      });
    });

    describe("people", () => {
      const enterprise = sampleEnterprise();
      beforeEach(() => directory.addEnterprise(enterprise));

      it("come back as they were stored, groups and 52-bit chat ids too", async () => {
        const group = sampleUser({ chatId: "-1001234567890", firstName: null, email: null });
        const largest = sampleUser({ chatId: "4503599627370495", lastName: null });
        await directory.addUser(group);
        await directory.addUser(largest);
        expect(await directory.users("0367")).toEqual([group, largest]);
        expect(await directory.users("0113")).toEqual([]);
      });

      it("get the cards of their enterprise, and of their bot where they have no number", async () => {
        await directory.addEnterprise(sampleEnterprise({ number: "0113", webhookToken: "tok2" }));
        const { botToken } = enterprise;
        await directory.addUser(sampleUser({ chatId: "1" }));
        await directory.addUser(sampleUser({ chatId: "2", enterpriseNumber: null, botToken }));
        await directory.addUser(sampleUser({ chatId: "3", enterpriseNumber: "0113", botToken }));
        await directory.addUser(
          sampleUser({ chatId: "4", enterpriseNumber: null, botToken: "700002:another" }),
        );
        await directory.addUser(sampleUser({ chatId: "5", enterpriseNumber: null }));
        expect(await chatsOf(enterprise)).toEqual(["1", "2"]);
      });

      it("who have no bot get nothing from an enterprise without one", async () => {
        await directory.changeEnterprise("0367", { name: "x" });
        await directory.addUser(sampleUser({ chatId: "5", enterpriseNumber: null }));
        expect(await chatsOf({ ...enterprise, botToken: null })).toEqual([]);
      });

      it("get one card, also where they are listed twice", async () => {
        const { botToken } = enterprise;
        await directory.addUser(sampleUser({ enterpriseNumber: null, botToken }));
        await directory.addUser(sampleUser());
        expect(await directory.usersOf(enterprise)).toEqual([sampleUser()]);
      });

      it("are refused twice, in a missing enterprise, or with a wrong chat id", async () => {
        await directory.addUser(sampleUser());
        expect((await refusal(directory.addUser(sampleUser()))).code).toBe("taken");
        const nowhere = directory.addUser(sampleUser({ enterpriseNumber: "0999" }));
        expect((await refusal(nowhere)).code).toBe("not-found");
        for (const chatId of ["", "0", "1.5", "@anna", "9007199254740993", "1e5"]) {
          expect((await refusal(directory.addUser(sampleUser({ chatId })))).code).toBe("invalid");
        }
        expect(await directory.users()).toHaveLength(1);
      });

      it("are removed from one enterprise alone", async () => {
        await directory.addEnterprise(sampleEnterprise({ number: "0113", webhookToken: "tok2" }));
        await directory.addUser(sampleUser());
        await directory.addUser(sampleUser({ enterpriseNumber: "0113" }));
        await directory.removeUser("100200300", "0367");
        expect(await directory.users()).toEqual([sampleUser({ enterpriseNumber: "0113" })]);
        expect((await refusal(directory.removeUser("100200300", "0367"))).code).toBe("not-found");
      });
    });

    it("removes who is known by a bot alone, and nobody else", async () => {
      const { botToken } = sampleEnterprise();
      await directory.addEnterprise(sampleEnterprise());
      await directory.addUser(sampleUser());
      await directory.addUser(sampleUser({ enterpriseNumber: null, botToken }));
      await directory.addUser(sampleUser({ chatId: "7", enterpriseNumber: null, botToken }));
      await directory.removeUserOfBot("100200300", botToken ?? "");
      expect((await directory.users()).map(({ chatId }) => chatId).sort()).toEqual([
        "100200300",
        "7",
      ]);
      for (const [chatId, token] of [
        ["100200300", botToken ?? ""],
        ["7", "700002:another"],
      ] as const) {
        const refused = await refusal(directory.removeUserOfBot(chatId, token));
        expect(refused.code).toBe("not-found");
        expect(refused.message).not.toContain(token);
      }
    });

    it("takes an enterprise's name and bot away", async () => {
      await directory.addEnterprise(sampleEnterprise());
      await directory.changeEnterprise("0367", { name: null, botToken: null });
      expect(await directory.enterpriseByNumber("0367")).toEqual(
        sampleEnterprise({ name: null, botToken: null }),
      );
    });

    it("keeps when an enterprise is reminded, and its hours, and takes them away", async () => {
      const own = { remindAfter: "15m", hours: "mon-fri 09:00-18:00, sat 10:00-14:00" };
      await directory.addEnterprise(sampleEnterprise());
      await directory.changeEnterprise("0367", own);
      expect(await directory.enterpriseByNumber("0367")).toMatchObject(own);
      await directory.changeEnterprise("0367", { remindAfter: "never", hours: null });
      expect(await directory.enterpriseByNumber("0367")).toEqual(
        sampleEnterprise({ remindAfter: "never" }),
      );
      const wrong = directory.changeEnterprise("0367", { hours: "9-18" });
      expect(wrong).rejects.toThrow(/working hours, which must be/);
    });

    it("keeps an enterprise's country, and takes it away", async () => {
      await directory.addEnterprise(sampleEnterprise({ country: "BY" }));
      const country = async () => (await directory.enterpriseByNumber("0367"))?.country;
      expect(await country()).toBe("BY");
      await directory.changeEnterprise("0367", { country: "RU" });
      expect(await country()).toBe("RU");
      await directory.changeEnterprise("0367", { name: "Other" });
      expect(await country()).toBe("RU");
      await directory.changeEnterprise("0367", { country: null });
      expect(await directory.enterpriseByNumber("0367")).toEqual(
        sampleEnterprise({ name: "Other" }),
      );
    });

    it("keeps that nobody hears an enterprise's recordings, and takes it back", async () => {
      await directory.addEnterprise(sampleEnterprise());
      const recordings = async () => (await directory.enterpriseByNumber("0367"))?.recordings;
      expect(await recordings()).toBeUndefined();
      await directory.changeEnterprise("0367", { recordings: "none" });
      await directory.changeEnterprise("0367", { name: "Other" });
      expect(await recordings()).toBe("none");
      await directory.changeEnterprise("0367", { recordings: null });
      expect(await directory.enterpriseByNumber("0367")).toEqual(
        sampleEnterprise({ name: "Other" }),
      );
    });

    describe("what chats want", () => {
      beforeEach(async () => {
        await directory.addEnterprise(sampleEnterprise());
        await directory.addUser(sampleUser());
        await directory.addUser(sampleUser({ chatId: "-1001234567890" }));
      });
      const wanted: ChatPreferences = {
        cards: "missed",
        extensions: ["151", "152"],
        topic: 77,
        quiet: { from: 21 * 60, to: 8 * 60 },
        digest: 18 * 60,
        numbers: "masked",
        lang: "en",
      };

      it("comes back as it was stored, of one enterprise and of all, and changes as a whole", async () => {
        expect(await directory.chatPreferences("0367")).toEqual([]);
        const own = { chatId: "-1001234567890", enterpriseNumber: "0367", preferences: wanted };
        await directory.setChatPreferences(own);
        expect(await directory.chatPreferences("0367")).toEqual([own]);
        expect(await directory.chatPreferences()).toEqual([own]);
        expect(await directory.chatPreferences("0368")).toEqual([]);
        const plain = { ...own, preferences: { ...DEFAULT_PREFERENCES, cards: "final" as const } };
        await directory.setChatPreferences(plain);
        expect(await directory.chatPreferences("0367")).toEqual([plain]);
      });

      it("is refused of a chat that gets no cards, and goes with the enterprise", async () => {
        const other = { chatId: "5", enterpriseNumber: "0367", preferences: wanted };
        expect(await refusal(directory.setChatPreferences(other))).toMatchObject({
          code: "not-found",
        });
        await directory.setChatPreferences({ ...other, chatId: "100200300" });
        await directory.removeEnterprise("0367");
        expect(await directory.chatPreferences()).toEqual([]);
      });
    });

    describe("two connections", () => {
      it("see each other's changes at once", async () => {
        const other = await fixture.openAgain();
        try {
          await directory.addEnterprise(sampleEnterprise());
          expect(await other.enterpriseByNumber("0367")).toEqual(sampleEnterprise());
          await other.changeEnterprise("0367", { active: false });
          expect((await directory.enterpriseByNumber("0367"))?.active).toBe(false);
        } finally {
          await other.close();
        }
      });
    });

    it("answers a check while open, and refuses one once closed", async () => {
      await directory.check();
      await directory.close();
      expect(await refusal(directory.check())).toBeDefined();
    });
  });
};
