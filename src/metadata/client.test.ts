// The client against a real HTTP service that is right, slow, wrong, hostile, or not there.

import { afterEach, describe, expect, it } from "bun:test";
import { assembled, recordsOf } from "../../tests/support/calls.ts";
import { createMetadata, type MetadataRequest } from "./index.ts";

type Answer = (path: string) => Response | Promise<Response>;

const TIMEOUT_MS = 60;
let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  stop = undefined;
});

/** A metadata service on a port of its own that counts what it is asked, and a client with a clock moved by hand. */
const world = (first: Answer) => {
  let answer = first;
  const asked: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const path = request.url.slice(server.url.origin.length);
      asked.push(path);
      return answer(path);
    },
  });
  const time = { now: Date.UTC(2025, 10, 30, 12) };
  stop = () => server.stop(true);
  return {
    url: server.url.origin,
    asked,
    time,
    become: (next: Answer) => {
      answer = next;
    },
    client: createMetadata({
      url: server.url.origin,
      clock: { now: () => time.now },
      timeoutMs: TIMEOUT_MS,
    }),
  };
};

const never: Answer = () => new Promise(() => undefined);
const NAMES: Answer = (path) => {
  if (path.startsWith("/customer-name/")) return Response.json({ name: "Тестовый покупатель" });
  if (path.endsWith("/151")) return Response.json({ full_name: "Анна Сидорова", exists: true });
  if (path.endsWith("/152")) return Response.json({ full_name: "Менеджер 152", exists: false });
  if (path.includes("/line/")) return Response.json({ name: "Реклама" });
  return new Response("", { status: 404 });
};

const ringGroup = (extensions: readonly string[]) => {
  const body = { Phone: "+375296254070", CallType: 0, Trunk: "0001363" };
  return assembled(
    recordsOf([
      [0, "start", "1.1", body],
      [1, "dial", "1.1", { ...body, Extensions: extensions }],
    ]),
    "1.1",
  ).then((found) => {
    if (found === undefined) throw new Error("no call");
    return found;
  });
};

describe("namesOf", () => {
  it("asks for everything at once and gives what there is", async () => {
    const arrived = Promise.withResolvers<void>();
    const { client, asked } = world(async (path) => {
      // Nobody is answered before all have asked: questions one after the other would run into the limit.
      if (asked.length === 5) arrived.resolve();
      await arrived.promise;
      return NAMES(path);
    });
    const names = await client.namesOf(await ringGroup(["151", "152", "153", "375291110000"]));
    expect(names).toEqual({
      customer: "Тестовый покупатель",
      managers: new Map([["151", "Анна Сидорова"]]),
      lines: new Map([["0001363", "Реклама"]]),
      complete: true,
    });
    expect(asked.toSorted()).toEqual([
      "/customer-name/0367/375296254070",
      "/metadata/0367/line/0001363",
      "/metadata/0367/manager/151",
      "/metadata/0367/manager/152",
      "/metadata/0367/manager/153",
    ]);
  });

  it("tells of each request it caused, as its record has it", async () => {
    const { client, url } = world(NAMES);
    const requests: MetadataRequest[] = [];
    const call = await ringGroup(["153"]);
    await client.namesOf(call, (request) => requests.push(request));
    await client.namesOf(call, (request) => requests.push(request));
    expect(requests.toSorted((a, b) => (a.url < b.url ? -1 : 1))).toEqual([
      {
        method: "GET",
        url: `${url}/customer-name/0367/375296254070`,
        status: 200,
        requestJson: '{"phone":"375296254070"}',
        responseText: '{"name":"Тестовый покупатель"}',
      },
      {
        method: "GET",
        url: `${url}/metadata/0367/line/0001363`,
        status: 200,
        requestJson: '{"line":"0001363"}',
        responseText: '{"name":"Реклама"}',
      },
      {
        method: "GET",
        url: `${url}/metadata/0367/manager/153`,
        status: 404,
        requestJson: '{"extension":"153"}',
        responseText: "",
      },
    ]);
  });

  it("asks once for many who wait", async () => {
    const { client, asked } = world(NAMES);
    const call = await ringGroup(["151"]);
    const all = await Promise.all(Array.from({ length: 50 }, () => client.namesOf(call)));
    expect(new Set(all.map(({ customer }) => customer))).toEqual(new Set(["Тестовый покупатель"]));
    expect(asked).toHaveLength(3);
  });

  it("keeps customers a minute and the others five, misses too", async () => {
    const { client, asked, time } = world((path) =>
      path.startsWith("/customer-name/") ? Response.json({ name: null }) : NAMES(path),
    );
    const call = await ringGroup(["153"]);
    const askedAfter = async (ms: number): Promise<number> => {
      time.now += ms;
      await client.namesOf(call);
      return asked.length;
    };
    expect(await askedAfter(0)).toBe(3);
    expect(await askedAfter(59_999)).toBe(3);
    expect(await askedAfter(1)).toBe(4);
    expect(await askedAfter(239_999)).toBe(5);
    expect(await askedAfter(1)).toBe(7);
  });

  it("gives up a slow service within the limit, and then does not wait for some seconds", async () => {
    const { client, asked, time, become } = world((path) =>
      path.includes("/line/") ? never(path) : NAMES(path),
    );
    const call = await ringGroup(["151"]);
    const names = await client.namesOf(call);
    expect(names).toMatchObject({ customer: "Тестовый покупатель", complete: false });
    expect(names.lines.size).toBe(0);

    become(never);
    const statuses: number[] = [];
    const other = await ringGroup(["154"]);
    const askedBefore = asked.length;
    expect(await client.namesOf(other, ({ status }) => statuses.push(status))).toMatchObject({
      customer: "Тестовый покупатель",
      complete: false,
    });
    expect([asked.length - askedBefore, statuses.length]).toEqual([0, 0]);

    // Then one tries, while the others go without; and when it is back, everybody asks again.
    time.now += 5000;
    const tried = client.namesOf(other, ({ status }) => statuses.push(status));
    const third = await ringGroup(["155"]);
    expect((await client.namesOf(third)).managers.size).toBe(0);
    await tried;
    expect(statuses).toEqual([0, 0]);
    time.now += 10_000;
    become(NAMES);
    expect((await client.namesOf(await ringGroup(["151"]))).lines.get("0001363")).toBe("Реклама");
  });

  it("comes back at once where nobody listens, and never rejects", async () => {
    const { client, url } = world(NAMES);
    await stop?.();
    stop = undefined;
    const requests: MetadataRequest[] = [];
    const names = await client.namesOf(await ringGroup(["151"]), (r) => requests.push(r));
    expect(names).toEqual({
      customer: undefined,
      managers: new Map(),
      lines: new Map(),
      complete: false,
    });
    expect(requests.map((request) => request.status)).toEqual([0, 0, 0]);
    expect(requests[0]?.url).toStartWith(url);
  });

  it("does without a name where the listener throws", async () => {
    const { client } = world(NAMES);
    const names = await client.namesOf(await ringGroup(["151"]), () => {
      throw new Error("no room on the disk");
    });
    expect(names.complete).toBe(false);
  });
});

describe("an answer that is not as agreed", () => {
  const CASES: readonly [name: string, answer: Answer, shown: string | undefined][] = [
    ["500", () => new Response('{"name":"x"}', { status: 500 }), undefined],
    ["a redirect", () => Response.redirect("http://127.0.0.1:1/"), undefined],
    ["broken JSON", () => new Response('{"name":"Ив'), undefined],
    ["no JSON at all", () => new Response("<html>"), undefined],
    ["an array", () => Response.json(["Иван"]), undefined],
    ["null", () => Response.json(null), undefined],
    ["a number for a name", () => Response.json({ name: 5 }), undefined],
    ["an empty name", () => Response.json({ name: "  " }), undefined],
    ["markup", () => Response.json({ name: "<b>Иван</b>\n&" }), "<b>Иван</b> &"],
    ["a long name", () => Response.json({ name: "я".repeat(5000) }), `${"я".repeat(99)}…`],
    ["a name of a megabyte", () => Response.json({ name: "я".repeat(500_000) }), undefined],
    ["bytes that are no UTF-8", () => new Response(new Uint8Array([0xff, 0xfe, 0x22])), undefined],
  ];
  for (const [name, answer, shown] of CASES) {
    it(name, async () => {
      const { client } = world(answer);
      const requests: MetadataRequest[] = [];
      const found = await client.customerName("0367", "375296254070", (r) => requests.push(r));
      expect(found).toBe(shown);
      expect(requests).toHaveLength(1);
      expect(requests[0]?.responseText.length).toBeLessThanOrEqual(4096);
    });
  }

  it("is cut off where it never ends", async () => {
    const { client } = world(
      () =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(0x20)),
          }),
        ),
    );
    expect(await client.customerName("0367", "375296254070")).toBeUndefined();
  });

  it("does not stop the service from being asked", async () => {
    const { client, become } = world(() => new Response("", { status: 500 }));
    expect(await client.manager("0367", "151")).toBeUndefined();
    become(NAMES);
    expect(await client.line("0367", "0001363")).toBe("Реклама");
  });
});

it("never asks for another path than it means to", async () => {
  const { client, asked } = world(NAMES);
  for (const wanted of [
    "..",
    ".",
    "",
    "1/2",
    "a b",
    "*78",
    "x".repeat(65),
    "?a=1",
    "\ud83d",
    "#",
  ]) {
    await client.manager("0367", wanted);
  }
  await client.line("../0368", "1");
  expect(asked).toEqual([
    "/metadata/0367/manager/1%2F2",
    "/metadata/0367/manager/a%20b",
    "/metadata/0367/manager/*78",
    "/metadata/0367/manager/%3Fa%3D1",
    "/metadata/0367/manager/%23",
    "/metadata/..%2F0368/line/1",
  ]);
});

describe("namesAmong", () => {
  const customers = Array.from({ length: 30 }, (_, i) => `37529000${String(i).padStart(4, "0")}`);

  it("gives the names of a list, a few asked for at a time, each once", async () => {
    let [underWay, most] = [0, 0];
    const { client, asked } = world(async (path) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return NAMES(path);
    });
    const numbers = { customers: ["+375290000000", ...customers], managers: ["151", "152"] };
    const names = await client.namesAmong("0367", numbers);
    expect(names.managers).toEqual(new Map([["151", "Анна Сидорова"]]));
    expect(names.customers.get("+375290000000")).toBe("Тестовый покупатель");
    expect([names.customers.size, names.complete]).toEqual([31, true]);
    expect(most).toBeLessThanOrEqual(6);
    await client.namesAmong("0367", numbers);
    expect(asked.length).toBe(32);
  });

  it("does without, in time, and says so, where the service does not answer", async () => {
    const { client, asked } = world(never);
    const names = await client.namesAmong("0367", { customers, managers: ["151"] });
    expect([names.customers.size, names.complete]).toEqual([0, false]);
    expect(asked.length).toBeLessThanOrEqual(6);
    expect(await client.namesAmong("0367", { customers: [], managers: [] })).toMatchObject({
      complete: true,
    });
  });
});
