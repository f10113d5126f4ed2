// Outgoing webhooks over real HTTP: what is told of a call, how it is signed, and what becomes of it where the target is slow,
// down, gone or in trouble, or the program dies (docs/integrations.md has the table).

import { afterEach, describe, expect, it, setSystemTime } from "bun:test";
import { Webhook } from "standardwebhooks";
import { answeredCall, CUSTOMER, callBack, missedCall } from "../support/hook-calls.ts";
import { type HookReceiver, type Received, startHookReceiver } from "../support/hook-receiver.ts";
import { ENTERPRISE, openHookWorld } from "../support/hook-world.ts";

afterEach(() => void setSystemTime());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const UID = "1764504000.1";

const told = ({ received }: Pick<HookReceiver, "received">): string[] =>
  received.map(({ type, uniqueId, status }) => `${type} ${uniqueId} ${status}`);
const typesOf = (received: readonly Received[], uniqueId = UID): string[] =>
  received.filter((one) => one.uniqueId === uniqueId).map(({ type }) => type);
const answering =
  (status: number, headers: { [name: string]: string } = {}) =>
  () =>
    new Response(null, { status, headers });

describe("a call", () => {
  it("is told in order while it happens, each event once", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    await world.play(answeredCall(UID));
    await world.pass(HOUR);
    expect(told(receiver)).toEqual([
      `call.started ${UID} 204`,
      `call.answered ${UID} 204`,
      `call.ended ${UID} 204`,
    ]);
    const { type, timestamp, data } = JSON.parse(receiver.received.at(-1)?.body ?? "");
    expect([type, timestamp]).toEqual(["call.ended", "2025-11-30T12:00:34.000Z"]);
    expect(data).toMatchObject({
      enterprise: ENTERPRISE,
      uniqueId: UID,
      sequence: 3,
      phone: CUSTOMER,
      status: "answered",
      answeredBy: ["151"],
      talkSeconds: 30,
      recovered: false,
      page: `https://calls.example.by/call/${ENTERPRISE}/${UID}?token=signed`,
    });
  });

  it("that was missed is told so, and again when somebody has called back", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    await world.play(missedCall(UID));
    await world.play(callBack("1764504300.1", 300));
    await world.pass(HOUR);
    expect(typesOf(receiver.received)).toEqual([
      "call.started",
      "call.ended",
      "call.missed",
      "call.followed_up",
    ]);
    const { data } = JSON.parse(
      receiver.received.find((one) => one.type === "call.followed_up")?.body ?? "",
    );
    expect(data.followUp).toMatchObject({
      state: "returned",
      returnedBy: "151",
      call: "1764504300.1",
    });
  });

  it("that came late on purpose is told by its end alone", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    const late = answeredCall(UID).map((record) =>
      record.kind === "AST" ? { ...record, body: { ...record.body, _recovered: true } } : record,
    );
    await world.write(late.slice(0, -1));
    await world.play(late.slice(-1));
    expect(told(receiver)).toEqual([`call.ended ${UID} 204`]);
    expect(JSON.parse(receiver.received[0]?.body ?? "").data.recovered).toBe(true);
  });

  it("of before the webhook was made is not told, nor that of another enterprise", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add("0999", receiver.url);
    await world.play(answeredCall(UID).slice(0, 2));
    world.hooks.add(ENTERPRISE, receiver.url);
    await world.play(answeredCall(UID).slice(2));
    await world.restart();
    await world.pass(HOUR);
    expect(told(receiver)).toEqual([]);
  });

  it("leaves records of its attempts that tell nothing of the target but its host", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    const hook = world.hooks.add(ENTERPRISE, receiver.url);
    await world.play(answeredCall(UID));
    const { records } = await world.trace.find(ENTERPRISE, [`id:${UID}`]);
    const http = records.flatMap((record) => (record.kind === "HTTP" ? [record] : []));
    expect(http.map(({ url }) => url)).toEqual(Array(3).fill(`${new URL(receiver.url).origin}/…`));
    expect(JSON.parse(http[0]?.request ?? "")).toEqual({
      hook: hook.id,
      id: receiver.received[0]?.headers["webhook-id"],
      type: "call.started",
      attempt: 1,
    });
    expect(receiver.received[0]?.path).toBe("/calls?key=invented-key-of-the-receiver");
    expect(records.map(({ raw }) => raw).join("\n")).not.toContain("invented-key");
    expect(records.map(({ raw }) => raw).join("\n")).not.toContain(hook.secret);
  });
});

describe("a signature", () => {
  it("is what the specification's own library verifies, of the body and the time of the attempt", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    const { secret } = world.hooks.add(ENTERPRISE, receiver.url);
    await world.play(answeredCall(UID).slice(0, 1));
    // The library refuses signatures of another time.
    setSystemTime(new Date(world.time.now()));
    const [first] = receiver.received;
    if (first === undefined) throw new Error("nothing came");
    const verified = new Webhook(secret).verify(first.body, first.headers);
    expect(verified).toMatchObject({ type: "call.started" });
    expect(() => new Webhook(secret).verify(`${first.body} `, first.headers)).toThrow();
    const other = world.hooks.add("0999", receiver.url).secret;
    expect(() => new Webhook(other).verify(first.body, first.headers)).toThrow();
  });

  it("is made by the new secret and the one before for a day after a rotation, then by the new one", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    const old = world.hooks.add(ENTERPRISE, receiver.url);
    const rotated = world.hooks.rotate(ENTERPRISE, old.id);
    await world.play(answeredCall(UID).slice(0, 1));
    await world.pass(25 * HOUR);
    await world.play(answeredCall("1764594001.1", 25 * 3600 + 60).slice(0, 1));
    const [both, one] = receiver.received.filter(({ type }) => type === "call.started");
    const signatures = (got: Received | undefined): string[] =>
      (got?.headers["webhook-signature"] ?? "").split(" ");
    expect([signatures(both).length, signatures(one).length]).toEqual([2, 1]);
    expect(rotated?.secret).not.toBe(old.secret);
    // The library refuses old timestamps, so each is checked as it was signed.
    const at = (got: Received | undefined): Date =>
      new Date(Number(got?.headers["webhook-timestamp"]) * 1000);
    const sign = (secret: string, got: Received | undefined): string =>
      new Webhook(secret).sign(got?.headers["webhook-id"] ?? "", at(got), got?.body ?? "");
    expect(signatures(both)).toEqual([sign(rotated?.secret ?? "", both), sign(old.secret, both)]);
    expect(signatures(one)).toEqual([sign(rotated?.secret ?? "", one)]);
  });
});

describe("a target", () => {
  it("that fails is tried again by the schedule of the specification, with the same id, ten times", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = answering(500);
    const times: number[] = [];
    receiver.answer = () => {
      times.push(world.time.now());
      return new Response("no", { status: 500 });
    };
    await world.play(missedCall(UID).slice(0, 1));
    await world.pass(90 * HOUR);
    const started = receiver.received.filter(({ type }) => type === "call.started");
    expect(started).toHaveLength(10);
    expect(new Set(started.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    const pauses = times.slice(1, 10).map((time, i) => Math.round((time - (times[i] ?? 0)) / 1000));
    expect(pauses).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    expect(world.log.join("\n")).toContain("a webhook is given up");
  });

  it("gets the later events of a call after the earlier ones, whatever fails in between", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = answering(500);
    await world.play(answeredCall(UID));
    receiver.answer = answering(200);
    await world.pass(HOUR);
    const taken = receiver.received.filter(({ status }) => status === 200);
    expect(taken.map(({ type }) => type)).toEqual(["call.started", "call.answered", "call.ended"]);
  });

  it("that redirects is not followed", async () => {
    await using other = startHookReceiver();
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = answering(307, { location: other.url });
    await world.play(answeredCall(UID).slice(0, 1));
    expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
    expect(await world.attempts(UID)).toEqual(["call.started 1 307"]);
  });

  it("that is gone (410) is told nothing more, also after a restart, until it is brought back", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    const hook = world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = answering(410);
    await world.play(answeredCall(UID).slice(0, 2));
    expect(world.log.join("\n")).toContain("target is gone (410)");
    await world.restart();
    receiver.answer = answering(204);
    await world.play(answeredCall(UID).slice(2));
    await world.pass(HOUR);
    expect(told(receiver)).toEqual([`call.started ${UID} 410`]);
    world.hooks.markBack(hook);
    await world.pass(2000);
    await world.play(missedCall("1764511000.1", 7000));
    expect(typesOf(receiver.received, "1764511000.1")).toEqual([
      "call.started",
      "call.ended",
      "call.missed",
    ]);
  });

  it("that asks for patience (429) is left alone for so long", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = answering(429, { "retry-after": "600" });
    await world.play(missedCall(UID));
    await world.play(missedCall("1764504060.1", 60));
    receiver.answer = answering(204);
    await world.pass(8 * MINUTE);
    expect(told(receiver)).toEqual([`call.started ${UID} 429`]);
    await world.pass(5 * MINUTE);
    expect(receiver.received.filter(({ status }) => status === 204)).toHaveLength(6);
  });

  it("that is down is tried with one message at a time, ever less often, and told all when it is back", async () => {
    await using world = await openHookWorld();
    const down = startHookReceiver();
    const { url } = down;
    await down[Symbol.asyncDispose]();
    world.hooks.add(ENTERPRISE, url);
    for (let i = 0; i < 20; i += 1)
      await world.play(missedCall(`17645${i + 10}00.1`, i * 30, `37529111${i + 1000}`));
    await world.pass(HOUR);
    let attempts = 0;
    for (let i = 0; i < 20; i += 1) attempts += (await world.attempts(`17645${i + 10}00.1`)).length;
    expect(attempts).toBeGreaterThan(10);
    expect(attempts).toBeLessThan(50);
    const { port } = new URL(url);
    const received: string[] = [];
    const back = Bun.serve({
      hostname: "127.0.0.1",
      port: Number(port),
      fetch: async (request) => {
        const { type, data } = (await request.json()) as {
          type: string;
          data: { uniqueId: string };
        };
        received.push(`${data.uniqueId} ${type}`);
        return new Response(null, { status: 200 });
      },
    });
    try {
      await world.pass(3 * HOUR);
    } finally {
      await back.stop(true);
    }
    expect(received).toHaveLength(60);
    expect(new Set(received).size).toBe(60);
  }, 30_000);

  it("for which there is no more room in memory gets the rest from the files, over a restart too", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld({ maxWaiting: 5 });
    world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = answering(503);
    for (let i = 0; i < 12; i += 1)
      await world.play(missedCall(`17645${i + 10}00.1`, i * 30, `37529111${i + 1000}`));
    expect(world.desk().state().waiting).toBe(5);
    await world.pass(MINUTE);
    await world.restart();
    receiver.answer = answering(204);
    await world.pass(3 * HOUR);
    const taken = receiver.received.filter(({ status }) => status === 204);
    expect(taken).toHaveLength(36);
    expect(new Set(taken.map(({ headers }) => headers["webhook-id"])).size).toBe(36);
    for (let i = 0; i < 12; i += 1)
      expect(typesOf(taken, `17645${i + 10}00.1`)).toEqual([
        "call.started",
        "call.ended",
        "call.missed",
      ]);
  });

  it("that hangs is given up after its time, and holds up no other one", async () => {
    await using slow = startHookReceiver();
    await using quick = startHookReceiver();
    await using world = await openHookWorld({ timeoutMs: 50 });
    slow.answer = () => new Promise<Response>(() => undefined);
    world.hooks.add(ENTERPRISE, slow.url);
    world.hooks.add(ENTERPRISE, quick.url);
    await world.play(answeredCall(UID));
    expect(typesOf(quick.received)).toEqual(["call.started", "call.answered", "call.ended"]);
    const failed = (await world.attempts(UID)).filter((attempt) => attempt.endsWith(" 0"));
    expect(failed.length).toBeGreaterThan(0);
    const { records } = await world.trace.find(ENTERPRISE, [`id:${UID}`]);
    expect(records.map(({ raw }) => raw).join("\n")).toContain("no answer within 0.05 s");
  });
});

describe("a process that dies", () => {
  it("leaves nothing untold and tells nothing twice that is on record", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = ({ type }) =>
      new Response(null, { status: type === "call.started" ? 204 : 500 });
    await world.play(answeredCall(UID));
    // While nobody runs, another call comes.
    await world.write(missedCall("1764504100.1", 100));
    receiver.answer = answering(204);
    await world.restart();
    await world.pass(HOUR);
    const taken = receiver.received.filter(({ status }) => status === 204);
    expect(typesOf(taken)).toEqual(["call.started", "call.answered", "call.ended"]);
    expect(typesOf(taken, "1764504100.1")).toEqual(["call.started", "call.ended", "call.missed"]);
    await world.restart();
    await world.pass(12 * HOUR);
    expect(receiver.received.filter(({ status }) => status === 204)).toHaveLength(6);
  });

  it("goes on where it was after days of failures, with the attempts counted that were made", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    receiver.answer = answering(500);
    await world.play(missedCall(UID).slice(0, 1));
    for (let hour = 0; hour < 90; hour += 6) {
      await world.pass(6 * HOUR);
      await world.restart();
    }
    const started = (await world.attempts(UID)).filter((one) => one.startsWith("call.started"));
    expect(started.map((one) => one.split(" ")[1])).toEqual(
      Array.from({ length: 10 }, (_, i) => String(i + 1)),
    );
  });

  it("begins where everything before was delivered, and no later", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    const hook = world.hooks.add(ENTERPRISE, receiver.url);
    await world.play(answeredCall(UID));
    await world.pass(HOUR);
    const [settled, now] = [world.hooks.placeOf(hook), world.time.now()];
    expect(now - settled).toBeLessThan(3 * MINUTE);
    receiver.answer = answering(500);
    await world.play(answeredCall("1764511200.1", 7200).slice(0, 2));
    const begun = world.time.now();
    await world.pass(3 * HOUR);
    expect(world.hooks.placeOf(hook)).toBeLessThan(begun);
    receiver.answer = answering(204);
    await world.pass(8 * HOUR);
    expect(world.time.now() - world.hooks.placeOf(hook)).toBeLessThan(3 * MINUTE);
  });

  it("has lost no attempt's count where its records could not be written", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    await world.play(answeredCall(UID).slice(0, 1));
    world.isDiskFull = true;
    await world.pass(1000);
    world.isDiskFull = false;
    await world.play(answeredCall(UID).slice(1));
    await world.pass(HOUR);
    expect(typesOf(receiver.received)).toEqual(["call.started", "call.answered", "call.ended"]);
  });

  it("ends soon though a target hangs, and makes that attempt once more", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    world.hooks.add(ENTERPRISE, receiver.url);
    const asked = Promise.withResolvers<void>();
    receiver.answer = () => {
      asked.resolve();
      return new Promise<Response>(() => undefined);
    };
    await world.write(answeredCall(UID));
    const first = world.desk();
    for (const record of answeredCall(UID))
      if (record.kind === "AST") first.changed(ENTERPRISE, record);
    world.time.pass(1000);
    await asked.promise;
    const begun = performance.now();
    await first.stop();
    expect(performance.now() - begun).toBeLessThan(4000);
    receiver.answer = answering(204);
    await world.restart();
    await world.pass(MINUTE);
    expect(typesOf(receiver.received)).toEqual(["call.started", "call.answered", "call.ended"]);
  });
});

describe("an operator", () => {
  it("has a call's events sent again, by the same ids, whatever was answered before", async () => {
    await using receiver = startHookReceiver();
    await using world = await openHookWorld();
    const hook = world.hooks.add(ENTERPRISE, receiver.url);
    world.hooks.add(ENTERPRISE, `${receiver.url}&other=1`);
    await world.play(answeredCall(UID));
    const before = receiver.received.splice(0).filter(({ path }) => !path.includes("other"));
    world.hooks.askAgain(ENTERPRISE, { uniqueId: UID, hook: hook.id });
    await world.pass(MINUTE);
    expect(typesOf(receiver.received)).toEqual(["call.started", "call.answered", "call.ended"]);
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual(
      before.map(({ headers }) => headers["webhook-id"]),
    );
    expect(world.hooks.takeAsked(ENTERPRISE)).toEqual([]);
  });
});
