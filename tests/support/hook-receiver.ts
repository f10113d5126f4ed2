// A program that takes webhooks over real HTTP, answers what the test tells it to, and keeps what it got.

import type { Server } from "bun";

export type Received = {
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly type: string;
  readonly uniqueId: string;
  /** What it was answered. */
  readonly status: number;
};

export type HookReceiver = AsyncDisposable & {
  readonly url: string;
  readonly received: Received[];
  /** Answers each request; default 204. One that never resolves is a target that hangs. */
  answer: (received: Omit<Received, "status">) => Response | Promise<Response>;
  /** Requests that were never answered. */
  readonly hanging: number;
};

export const startHookReceiver = (): HookReceiver => {
  const received: Received[] = [];
  let hanging = 0;
  const server: Server<undefined> = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const body = await request.text();
      const { type = "", data = {} } = JSON.parse(body) as {
        type?: string;
        data?: { uniqueId?: string };
      };
      const { pathname, search } = new URL(request.url);
      const got = {
        path: pathname + search,
        headers: Object.fromEntries(request.headers),
        body,
        type,
        uniqueId: data.uniqueId ?? "",
      };
      hanging += 1;
      const response = await receiver.answer(got);
      hanging -= 1;
      received.push({ ...got, status: response.status });
      return response;
    },
  });
  const receiver: HookReceiver = {
    url: `http://127.0.0.1:${server.port}/calls?key=invented-key-of-the-receiver`,
    received,
    answer: () => new Response(null, { status: 204 }),
    get hanging() {
      return hanging;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  return receiver;
};
