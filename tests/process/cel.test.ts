// A real agent, killed and started again at every event of ten calls at once, with both sources and with the CEL file alone:
// every event is on record once, and each call is the one it would have been.

import { describe, expect, it } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAmiMapper } from "../../src/sources/ami/index.ts";
import { createCelTranslator } from "../../src/sources/cel/as-ami.ts";
import type { AgentEvent } from "../../src/sources/outbox/types.ts";
import { readAll, recordsOfEvents } from "../support/ami.ts";
import { type AmiServer, startAmiServer } from "../support/ami-server.ts";
import { addEnterprise, spawnBinary } from "../support/binary.ts";
import { assembled, brief } from "../support/calls.ts";
import { celEvents, expectedOf, type Said, saidIn, TEN_CALLS } from "../support/cel.ts";
import { until } from "../support/hand-time.ts";
import { inTempDir } from "../support/temp-dir.ts";

/** Longer than all steps take, and less than what makes a page doubt the clock. */
const AHEAD_MS = 15_000;

/**
 * The lines as they would be written a little later than now. Killing and starting takes longer than a call does: the time
 * in which a ring group comes together passes by the lines alone then, and not while the next one is still to be written.
 */
const asOfNow = (said: readonly Said[]): Said[] => {
  const shiftS = Math.ceil((Date.now() + AHEAD_MS - (said[0]?.at ?? 0)) / 1000);
  const moved = (_: string, name: string, seconds: string): string =>
    `${name}${Number(seconds) + shiftS}`;
  return said.map((one) => ({
    ...one,
    cel: one.cel.replace(/("eventtime":")(\d+)/, moved),
    ami: one.ami.replaceAll(/(Timestamp: )(\d+)/g, moved),
  }));
};

const SECRET = "0123456789abcdef0123456789abcdef";

/** What is said up to each line of the file. */
const stepsOf = (said: readonly Said[]): Said[][] => {
  const steps: Said[][] = [[]];
  for (const one of said) {
    steps.at(-1)?.push(one);
    if (one.cel !== "") steps.push([]);
  }
  return steps;
};

const recorded = (cwd: string, number: string): AgentEvent[] => {
  let text = "";
  try {
    text = readFileSync(join(cwd, "call_tracer", number, "events.log"), "utf8");
  } catch {
    return [];
  }
  // The last line may be half written.
  const lines = text.split("\n").slice(0, -1);
  return lines.flatMap((line) => {
    const [, event = "", body = ""] = /\|AST\|([a-z_]+)\|[^|]*\|(.*)$/.exec(line) ?? [];
    return body === "" ? [] : [{ event, body: JSON.parse(body) }];
  });
};

const isShared = ({ event }: AgentEvent): boolean => event !== "hold" && event !== "unhold";
const idsOf = (events: readonly AgentEvent[]): string[] =>
  events
    .filter(isShared)
    .map(({ body }) => String(body["EventId"]))
    .sort();

/** What is told at once of what was said, by one of the two ways. */
const toldAtOnce = (said: readonly Said[], hasAmi: boolean): string[] => {
  const translator = createCelTranslator();
  const mapper = createAmiMapper();
  const messages = said.flatMap(({ ami, cel }) =>
    hasAmi ? readAll(ami) : celEvents(cel).flatMap((event) => translator.take(event)),
  );
  return idsOf(messages.flatMap((message) => mapper.take(message, 0)));
};

const callsOf = async (events: readonly AgentEvent[]): Promise<string[]> => {
  const records = recordsOfEvents(events);
  const ids = [...new Set(records.map(({ uniqueId }) => uniqueId))];
  const calls = await Promise.all(ids.map((id) => assembled(records, id)));
  return calls.map((call) => brief(call).replace(", doubt recovered", "")).sort();
};

/** @param parity killed after the even events, or after the odd ones: the others come while nobody listens */
const killAtEveryOther = (hasAmi: boolean, parity: 0 | 1): Promise<void> =>
  inTempDir(async (cwd) => {
    const pbxs = TEN_CALLS.map((scenario, index) => ({
      number: `01${String(index).padStart(2, "0")}`,
      path: join(cwd, `${scenario}.json`),
      steps: stepsOf(asOfNow(saidIn(scenario))),
      expected: expectedOf(scenario),
      server: undefined as AmiServer | undefined,
    }));
    await using servers = new AsyncDisposableStack();
    const args: string[] = ["agent", "--log-level", "debug"];
    for (const pbx of pbxs) {
      writeFileSync(pbx.path, "");
      await addEnterprise(
        { number: pbx.number, webhookToken: `token-${pbx.number}`, secret: SECRET },
        { cwd },
      );
      args.push("--cel", pbx.path, "--ami-enterprise", pbx.number);
      if (!hasAmi) continue;
      pbx.server = servers.use(await startAmiServer());
      args.push("--ami", `tcp://calllog:s3cret@127.0.0.1:${pbx.server.port}`);
    }
    const spoolPlaces = (): number =>
      [...new Bun.Glob("call_spool/*/cel.json").scanSync(cwd)].length;
    let starts = 0;
    const start = async () => {
      const agent = spawnBinary(args, { cwd });
      starts += 1;
      const { promise: isStarted, resolve } = Promise.withResolvers<void>();
      void agent.stderr.pipeTo(
        new WritableStream({
          write: (bytes) => {
            if (new TextDecoder().decode(bytes).includes("agent started")) resolve();
          },
        }),
      );
      await isStarted;
      for (const { server } of pbxs) {
        await server?.until(
          (actions) => actions.filter((action) => action === "CoreShowChannels").length >= starts,
        );
      }
      return agent;
    };

    const isOnRecord = ({ number, steps }: (typeof pbxs)[number], step: number): boolean => {
      const own = new Set(idsOf(recorded(cwd, number)));
      return toldAtOnce(steps.slice(0, step + 1).flat(), hasAmi).every((id) => own.has(id));
    };

    let agent = await start();
    await until(() => spoolPlaces() === pbxs.length);
    if (parity === 1) {
      agent.kill("SIGKILL");
      await agent.exited;
    }
    const last = Math.max(...pbxs.map(({ steps }) => steps.length));
    for (let step = 0; step < last; step += 1) {
      const isUp = step % 2 === parity;
      for (const { path, steps, server } of pbxs) {
        const said = steps[step] ?? [];
        appendFileSync(path, said.map(({ cel }) => cel).join(""));
        if (isUp) await server?.send(Buffer.from(said.map(({ ami }) => ami).join("")));
      }
      if (isUp) {
        // Some of them are on record, the others are killed wherever they are.
        await until(() => pbxs.filter((pbx) => isOnRecord(pbx, step)).length * 2 >= pbxs.length);
        agent.kill("SIGKILL");
        await agent.exited;
      } else agent = await start();
    }
    if (agent.exitCode !== null || agent.signalCode !== null) agent = await start();
    for (const { number, expected } of pbxs) {
      const wanted = idsOf(expected);
      await until(() => idsOf(recorded(cwd, number)).length >= wanted.length);
    }
    agent.kill("SIGTERM");
    await agent.exited;
    for (const { number, expected } of pbxs) {
      const own = recorded(cwd, number);
      expect(idsOf(own)).toEqual(idsOf(expected));
      expect(await callsOf(own.filter(isShared))).toEqual(await callsOf(expected));
    }
  });

describe("an agent that is killed at every event", () => {
  for (const parity of [0, 1] as const) {
    const events = parity === 0 ? "even" : "odd";
    it(
      `loses and doubles nothing with --ami and --cel, after ${events} events`,
      () => killAtEveryOther(true, parity),
      60_000,
    );
    it(
      `loses and doubles nothing with --cel alone, after ${events} events`,
      () => killAtEveryOther(false, parity),
      60_000,
    );
  }
});
