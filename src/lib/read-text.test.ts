// Against real servers: one that ends, one that never does.

import { expect, it } from "bun:test";
import { readText } from "./read-text.ts";

const serving = async (answer: () => Response, use: (url: string) => Promise<void>) => {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  try {
    await use(server.url.href);
  } finally {
    await server.stop(true);
  }
};

it("reads a whole body, letters cut between chunks too", async () => {
  const bytes = new TextEncoder().encode("имя: Ж");
  const body = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
  await serving(
    () => new Response(body()),
    async (url) => {
      expect(await readText(await fetch(url), 1024)).toEqual({ text: "имя: Ж", isWhole: true });
      expect((await readText(await fetch(url), 3)).isWhole).toBe(false);
    },
  );
  expect(await readText(new Response(null), 10)).toEqual({ text: "", isWhole: true });
});

it("stops at its limit where the body never ends", async () => {
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1024).fill(97)),
    });
  await serving(
    () => new Response(endless()),
    async (url) => {
      const { text, isWhole } = await readText(await fetch(url), 5000);
      expect(text).toBe("a".repeat(5000));
      expect(isWhole).toBe(false);
    },
  );
});
