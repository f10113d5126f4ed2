// What comes at the service: calls of many enterprises, event by event, each until it is acknowledged; people who open
// pages and lists; pages that stay open. Everything is counted, nothing is judged.

import { simulateCall } from "../../src/cli/simulate.ts";
import { findScenario, type Scenario, scenarios, withPhone } from "../../src/scenarios/index.ts";
import type { Enterprise, World } from "./world.ts";

export type PostedCall = { readonly enterprise: Enterprise; readonly uniqueId: string };

export type Traffic = {
  /** Event ids that were answered 200. */
  readonly acknowledged: Set<string>;
  /** Calls whose every event was. */
  readonly calls: PostedCall[];
  /** What posts, pages and streams were answered: `post 200`, `post 0`, `page 200`. */
  readonly answers: Map<string, number>;
  /** Updates that open pages got, and streams that the service ended by itself. */
  updates: number;
  endedStreams: number;
  /** Milliseconds from posting to 200, of posts that were answered so. */
  readonly postMs: number[];
  readonly pageMs: number[];
  /** Begins no new call; resolves when those under way are posted. */
  stop(): Promise<void>;
};

export type TrafficOptions = { readonly callsPerMinute: number };

/** Faster than life, so that a call fits into a short run; bodies say when their events happened. */
const SPEED = 12;
/** A sender that tries again does so after this long. */
const RETRY_MS = 150;
/** Longer than the calls in which somebody is called back. */
const CALL_BACK_AFTER_MS = 8000;
/** Longest recorded calls are left to other tests. */
const MAX_CALL_MS = 100_000;

/** Calls in which a customer is missed. */
const MISSED: ReadonlySet<string> = new Set([
  "in_missed",
  "in_cancel",
  "in_busy",
  "in_queue_missed",
  "in_ringgroup_cancel",
]);

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts it. */
export const startTraffic = (world: World, { callsPerMinute }: TrafficOptions): Traffic => {
  const pool = scenarios().filter(
    ({ events }) => (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0) < MAX_CALL_MS,
  );
  const answers = new Map<string, number>();
  const count = (what: string): void => void answers.set(what, (answers.get(what) ?? 0) + 1);
  let isStopped = false;
  let serial = 0;
  let missed = 0;
  /** The last of those in which somebody answered: nobody waits to be called back. */
  let answered: PostedCall | undefined;
  const underWay = new Set<Promise<void>>();

  const traffic: Traffic = {
    acknowledged: new Set(),
    calls: [],
    answers,
    updates: 0,
    endedStreams: 0,
    postMs: [],
    pageMs: [],
    stop: async () => {
      isStopped = true;
      // Nothing fails from now on: this page stays open until the service has nothing more to tell.
      if (answered !== undefined) track(follow(answered));
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };

  const post = async (event: string, body: unknown): Promise<number> => {
    const startedAt = performance.now();
    try {
      const answer = await fetch(`${world.server().webhooksUrl}/${event}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(3000),
      });
      await answer.arrayBuffer();
      if (answer.status === 200) traffic.postMs.push(performance.now() - startedAt);
      return answer.status;
    } catch {
      return 0;
    }
  };

  const follow = async ({ enterprise, uniqueId }: PostedCall): Promise<void> => {
    const path = `/call/${enterprise.number}/${uniqueId}/live?token=${enterprise.secret}`;
    try {
      const answer = await fetch(`${world.server().pagesUrl}${path}`, {
        signal: AbortSignal.timeout(60_000),
      });
      count(`stream ${answer.status}`);
      if (answer.status !== 200 || answer.body === null) return;
      const reader = answer.body.getReader();
      const decoder = new TextDecoder();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const text = decoder.decode(part.value, { stream: true });
        traffic.updates += text.split("event: call").length - 1;
        traffic.endedStreams += text.split("event: end").length - 1;
      }
    } catch {
      count("stream cut");
    }
  };

  const open = async ({ enterprise, uniqueId }: PostedCall): Promise<void> => {
    const startedAt = performance.now();
    const isList = serial % 5 === 0;
    const path = isList ? `/calls/${enterprise.number}` : `/call/${enterprise.number}/${uniqueId}`;
    try {
      const answer = await fetch(`${world.server().pagesUrl}${path}?token=${enterprise.secret}`, {
        headers: { accept: "text/html" },
        signal: AbortSignal.timeout(10_000),
      });
      await answer.arrayBuffer();
      count(`${isList ? "list" : "page"} ${answer.status}`);
      if (!isList && answer.status === 200) traffic.pageMs.push(performance.now() - startedAt);
    } catch {
      count("page 0");
    }
  };

  /** Every other customer who was missed is called back; every third of those is not reached. */
  const placeCall = async (): Promise<void> => {
    const index = serial++;
    const enterprise = world.enterprises[index % world.enterprises.length] as Enterprise;
    const scenario = pool[index % pool.length];
    if (scenario === undefined) return;
    if (!MISSED.has(scenario.name)) {
      const call = await postCall(enterprise, scenario, index);
      if (scenario.name.includes("answered")) answered = call;
      return;
    }
    const phone = `37529${6_000_000 + index}`;
    await postCall(enterprise, withPhone(scenario, phone), index);
    missed += 1;
    if (missed % 2 === 0) return;
    const back = findScenario(missed % 3 === 0 ? "out_noanswer_cancel" : "out_answered");
    // Bodies tell the call's own times, and it ends now: it must not have begun before the other was missed.
    await wait(CALL_BACK_AFTER_MS);
    if (back !== undefined) await postCall(enterprise, withPhone(back, phone), serial++);
  };

  const postCall = async (
    enterprise: Enterprise,
    scenario: Scenario,
    index: number,
  ): Promise<PostedCall> => {
    const { events, uniqueId } = simulateCall(scenario, {
      now: world.now(),
      speed: SPEED,
      token: enterprise.webhookToken,
      uniqueSeed: index,
    });
    const call = { enterprise, uniqueId };
    const startedAt = performance.now();
    for (const [at, { offsetMs, posted }] of events.entries()) {
      await wait(Math.max(0, offsetMs - (performance.now() - startedAt)));
      const eventId = `soak-${index}-${at}`;
      const body = { ...posted.body, EventId: eventId };
      for (;;) {
        const status = await post(posted.event, body);
        count(`post ${status}`);
        if (status === 200) break;
        if (status >= 400 && status < 500) {
          throw new Error(`event ${posted.event} of ${scenario.name} is refused: ${status}`);
        }
        await wait(RETRY_MS);
      }
      traffic.acknowledged.add(eventId);
      if (at === 0 && index % 3 === 0) track(follow(call));
    }
    traffic.calls.push(call);
    await open(call);
    return call;
  };

  const track = (work: Promise<void>): void => {
    const tracked = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };

  const run = async (): Promise<void> => {
    const everyMs = 60_000 / callsPerMinute;
    const startedAt = performance.now();
    for (let next = 0; !isStopped; next++) {
      await wait(Math.max(0, startedAt + next * everyMs - performance.now()));
      if (!isStopped) track(placeCall());
    }
  };
  track(run());
  return traffic;
};
