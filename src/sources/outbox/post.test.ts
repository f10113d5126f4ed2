import { afterEach, describe, expect, it } from "bun:test";
import { anyDelivery, type DeliveryAnswer, httpDelivery } from "./delivery.ts";
import { NoAnswerError, postJson } from "./post.ts";

const servers: ReturnType<typeof Bun.serve>[] = [];

const serve = (answer: (request: Request) => Response | Promise<Response>): string => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  servers.push(server);
  return server.url.origin;
};

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

const refusal = (status: number, message: string): Response =>
  Response.json({ error: { message } }, { status });

const failureOf = async (url: string): Promise<unknown> =>
  postJson(url, {}).then(
    () => undefined,
    (error: unknown) => error,
  );

describe("postJson", () => {
  it("tells the status, and the reason of a refusal", async () => {
    const url = serve(async (request) =>
      (await request.text()) === '{"a":1}' && request.headers.get("token") === "tok0367"
        ? refusal(401, "unknown token")
        : refusal(500, "not what was posted"),
    );
    const answer = await postJson(url, { a: 1 }, { token: "tok0367" });
    expect(answer).toEqual({ status: 401, reason: "unknown token" });
  });

  it("takes the status for the answer where its text is none of ours", async () => {
    const url = serve(() => new Response("<html>", { status: 502 }));
    expect(await postJson(url, {})).toEqual({ status: 502, reason: "" });
  });

  it("does not wait for a text that never ends behind a 200", async () => {
    const endless = new ReadableStream({ start: (stream) => stream.enqueue("o") });
    const url = serve(() => new Response(endless));
    expect(await postJson(url, {})).toEqual({ status: 200, reason: "" });
    // Less than the post's own limit.
  }, 2000);

  it("follows no redirect: the event may not go to another address", async () => {
    const elsewhere = serve(() => new Response("taken"));
    const url = serve(() => Response.redirect(elsewhere, 307));
    expect((await postJson(url, {})).status).toBe(307);
  });

  it("says that nothing listens", async () => {
    const gone = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
    const url = gone.url.origin;
    await gone.stop(true);
    const error = await failureOf(url);
    expect(error).toBeInstanceOf(NoAnswerError);
    expect(error).toMatchObject({ code: "nobody", message: "nothing listens there" });
  });
});

describe("httpDelivery", () => {
  it("posts to the event's path, and makes a stranger's reason fit for a log", async () => {
    const url = serve((request) =>
      new URL(request.url).pathname === "/events/dial"
        ? refusal(400, `\u001b[2J${"x".repeat(500)}`)
        : refusal(404, "no such path"),
    );
    const answer = await httpDelivery(`${url}//`, "tok").deliver({ event: "dial", body: {} });
    if (answer.kind !== "refused") throw new Error(`not refused but ${answer.kind}`);
    expect(answer.reason).toStartWith("HTTP 400:");
    expect(answer.reason).not.toContain("\u001b");
    expect(answer.reason.length).toBeLessThan(230);
  });

  it("tries later where nobody answered", async () => {
    const answer = await httpDelivery("http://127.0.0.1:1", "tok").deliver({
      event: "dial",
      body: {},
    });
    expect(answer).toMatchObject({ kind: "later", needsHelp: false });
  });
});

describe("anyDelivery", () => {
  const away: DeliveryAnswer = { kind: "later", reason: "away", needsHelp: false };
  const taken: DeliveryAnswer = { kind: "taken" };
  const refused: DeliveryAnswer = { kind: "refused", reason: "HTTP 400" };
  const event = { event: "dial", body: {} };

  /** Servers that answer so, one after another, and which of them were asked. */
  const servers = (...answers: DeliveryAnswer[][]) => {
    const asked: number[] = [];
    const all = answers.map((own, index) => ({
      deliver: async () => {
        asked.push(index);
        return own.shift() ?? away;
      },
    }));
    return { asked, delivery: anyDelivery(all) };
  };

  it("asks the next server where one does not answer, and stays with the one that did", async () => {
    const { asked, delivery } = servers([away], [taken, taken], []);
    expect(await delivery.deliver(event)).toEqual(taken);
    expect(await delivery.deliver(event)).toEqual(taken);
    expect(asked).toEqual([0, 1, 1]);
  });

  it("goes round to the first again", async () => {
    const { asked, delivery } = servers([away, taken], [taken, away], [away]);
    await delivery.deliver(event);
    expect(await delivery.deliver(event)).toEqual(taken);
    expect(asked).toEqual([0, 1, 1, 2, 0]);
  });

  it("says later where none takes it, and takes a refusal for an answer", async () => {
    expect(await servers([away], [away]).delivery.deliver(event)).toEqual(away);
    const { asked, delivery } = servers([refused], [taken]);
    expect(await delivery.deliver(event)).toEqual(refused);
    expect(asked).toEqual([0]);
  });
});
