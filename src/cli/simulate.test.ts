import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { createServer } from "node:net";
import type { EventBody } from "../domain/event.ts";
import { findScenario, type Scenario } from "../scenarios/index.ts";
import { simulateCall, simulateCommand } from "./simulate.ts";
import { type CliSandbox, openSandbox } from "./testing.ts";

type Received = { readonly path: string; readonly body: EventBody };

let received: Received[] = [];
let answer: (path: string) => Response = () => Response.json({ status: "ok" });
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const { pathname } = new URL(request.url);
    received.push({ path: pathname, body: (await request.json()) as EventBody });
    return answer(pathname);
  },
});
const to = `http://127.0.0.1:${server.port}`;

let sandbox: CliSandbox;
beforeAll(() => {
  sandbox = openSandbox([simulateCommand]);
});
beforeEach(() => {
  received = [];
  answer = () => Response.json({ status: "ok" });
});
afterAll(async () => {
  sandbox.remove();
  await server.stop(true);
});

const simulate = (...argv: string[]) => sandbox.run(["simulate", ...argv]);

const scenario = (name: string): Scenario => {
  const found = findScenario(name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
};

describe("calllog simulate", () => {
  it("posts every event in order, with the given token, and prints each with its answer", async () => {
    const { code, stdout, stderr } = await simulate(
      "in_answered",
      "--to",
      to,
      "--token",
      "secret-token-1",
      "--speed",
      "max",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(received.map(({ path }) => path)).toEqual(
      ["start", "dial", "bridge_create", "bridge", "bridge"]
        .concat("bridge_leave", "bridge_leave", "hangup")
        .map((event) => `/${event}`),
    );
    expect(new Set(received.map(({ body }) => body["Token"]))).toEqual(new Set(["secret-token-1"]));
    expect(stdout).toMatch(/^ +\+0\.000 s {2}start +200$/m);
    expect(stdout).toMatch(/^ +\+5\.068 s {2}hangup +200$/m);
    expect(stdout).toContain("8 of 8 events accepted");
    expect(stdout).toContain(`\ncall ${received[0]?.body["UniqueId"]}\n`);
    expect(stdout).not.toContain("secret-token-1");
  });

  it("waits as the call did, at the given speed", async () => {
    const startedAt = performance.now();
    await simulate("in_answered", "--to", to, "--speed", "50");
    expect(received.length).toBe(8);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(5068 / 50);
  });

  it("makes a new call at every run, and keeps the recorded token unless told otherwise", async () => {
    await simulate("in_missed", "--to", `${to}/`, "--speed", "0");
    await simulate("in_missed", "--to", to, "--speed", "0");
    const ids = received.map(({ body }) => body["UniqueId"]);
    expect(ids.length).toBe(6);
    expect(new Set(ids).size).toBe(2);
    expect(new Set(received.map(({ body }) => body["Token"]))).toEqual(new Set(["tok0367"]));
  });

  it("goes on after an event that is refused, says why, and ends with 1", async () => {
    answer = (path) =>
      path === "/dial"
        ? Response.json({ error: { code: "bad", message: "no \u001b[2J room" } }, { status: 503 })
        : Response.json({ status: "ok" });
    const { code, stdout, stderr } = await simulate("in_missed", "--to", to, "--speed", "max");
    expect(code).toBe(1);
    expect(received.length).toBe(3);
    expect(stdout).toMatch(/dial +503 no {2}\[2J room$/m);
    expect(stdout).toContain("2 of 3 events accepted");
    expect(stderr).toContain("Not every event was accepted");
  });

  it("stops at an unknown token and names --token", async () => {
    answer = () => Response.json({ error: { code: "x", message: "y" } }, { status: 401 });
    const { code, stderr } = await simulate("in_missed", "--to", to, "--speed", "max");
    expect({ code, posted: received.length }).toEqual({ code: 1, posted: 1 });
    expect(stderr).toContain("--token");
  });

  it("says which address refuses and what to do", async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => {
        const address = taken.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    await new Promise((resolve) => taken.close(resolve));
    const nobody = `http://127.0.0.1:${port}`;
    const { code, stderr } = await simulate("in_missed", "--to", nobody, "--speed", "max");
    expect(code).toBe(1);
    expect(stderr).toBe(
      `calllog: cannot post start to ${nobody}: nothing listens there; start \`calllog serve\`, or say where it is with --to URL\n`,
    );
  });

  it("refuses wrong use, and posts nothing", async () => {
    const cases: [argv: string[], mistake: string][] = [
      [["in_anwsered"], 'there is no scenario "in_anwsered"; did you mean in_answered?'],
      [["nothing-like-it"], "calllog simulate --list shows them"],
      [[], "SCENARIO is needed: calllog simulate --list shows them"],
      [["in_missed", "--speed", "fast"], "--speed"],
      [["in_missed", "--to", "localhost:8000"], "--to"],
      [["in_missed", "--token", "no spaces!"], "--token: must be 4 to 128"],
    ];
    for (const [argv, mistake] of cases) {
      const { code, stderr } = await simulate(...argv);
      expect({ argv, code }).toEqual({ argv, code: 2 });
      expect(stderr).toContain(mistake);
    }
    expect(received).toEqual([]);
  });

  it("lists every scenario with what happens in it", async () => {
    const { code, stdout } = await simulate("--list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^xfer_attended +incoming, 151 asks 152/m);
    expect(stdout).toMatch(/^field_click_to_call +outgoing/m);
  });
});

describe("simulateCall", () => {
  const now = 1_900_000_000_000;
  const options = { now, uniqueSeed: 1 };

  it("keeps the call's own pace at speed 1 and adds nothing to the bodies", () => {
    const call = simulateCall(scenario("in_answered"), { ...options, speed: 1 });
    expect(call.events.map(({ offsetMs }) => offsetMs).at(-1)).toBe(5068);
    expect(call.events.every(({ posted }) => !("EventTime" in posted.body))).toBe(true);
    expect(call.events[0]?.posted.at).toBeWithin(now - 999, now + 1);
  });

  it("faster than life, says when each event happened: none in the future, distances true", () => {
    for (const speed of [10, Number.POSITIVE_INFINITY]) {
      const { events } = simulateCall(scenario("in_answered"), { ...options, speed });
      const times = events.map(({ posted }) => Number(posted.body["EventTime"]));
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeCloseTo(5.068, 3);
      for (const [index, { offsetMs }] of events.entries()) {
        expect((times[index] ?? 0) * 1000).toBeLessThanOrEqual(now + offsetMs);
      }
      expect(events.at(-1)?.offsetMs).toBeCloseTo(5068 / speed, 6);
    }
  });

  it("names the call by the channel that was started or dialled", () => {
    const call = simulateCall(scenario("field_click_to_call"), { ...options, speed: 1 });
    const dial = call.events.find(({ posted }) => posted.event === "dial");
    expect(call.uniqueId).toBe(String(dial?.posted.body["UniqueId"]));
    const internal = simulateCall(scenario("field_internal_no_answer"), { ...options, speed: 1 });
    expect(internal.uniqueId).not.toBe("");
  });
});
