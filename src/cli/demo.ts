// `calllog demo`: the whole service on this machine with an enterprise of its own, sample calls posted through the
// webhook listener, the cards their managers would get, and the links of their pages. Telegram and the metadata service
// are stand-ins of our own. Serves until stopped.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { digestPeriod } from "../cards/index.ts";
import type { Config } from "../config/index.ts";
import { sqlitePathOf } from "../config/index.ts";
import { type PlayedPbx, playAmi, readAmiRecording } from "../demo/ami.ts";
import { createDemoBotApi } from "../demo/bot-api.ts";
import { demoMetadata } from "../demo/metadata.ts";
import { demoRecording } from "../demo/sound.ts";
import type { Enterprise } from "../domain/enterprise.ts";
import { dayIn } from "../domain/zone-day.ts";
import type { Clock } from "../lib/clock.ts";
import { EXIT_OK } from "../lib/exit-code.ts";
import { type Log, openLog } from "../lib/log.ts";
import type { Output } from "../lib/output.ts";
import type { CallJson } from "../pages/index.ts";
import { generateSecret, openDirectory } from "../people/index.ts";
import { findScenario, type Scenario, withPhone } from "../scenarios/index.ts";
import { type Service, startService } from "../service/compose.ts";
import { textsOf } from "../texts/index.ts";
import type { CliCommand } from "./command.ts";
import { digestLines } from "./digest.ts";
import { postEvent, simulateCall } from "./simulate.ts";
import { stopped } from "./stopped.ts";

const DEMO_NUMBER = "0367";
const DEMO_FOLDER = "calllog-demo";
const DEMO_BOT = "100000001:demo-bot-of-nobody";
const DEMO_CHAT = "1001";
/** However long a sample call was, it is played in about this time, in milliseconds. */
const PLAY_MS = 1600;
/** Whoever is missed is called back after this long, in milliseconds: sample calls end now, and began before. */
const CALL_BACK_AFTER_MS = 4000;
/** The links are printed below the final cards; nobody waits longer for those, in milliseconds. */
const CARDS_WITHIN_MS = 10_000;

/** Whoever is missed, and called back. */
const MISSED_PHONE = "375291110011";

/** Sample calls with what a visitor should look for in each. */
const SHOWN: readonly Sample[] = [
  { name: "in_answered" },
  { name: "in_ringgroup_cancel", phone: MISSED_PHONE },
  { name: "out_answered" },
  { name: "xfer_attended" },
  { name: "field_transfer_attended" },
  { name: "in_forward_mobile" },
  { name: "id_html" },
];
/** Played when those are over. */
const SHOWN_LATER: readonly Sample[] = [
  {
    name: "out_answered",
    phone: MISSED_PHONE,
    description: "outgoing, 151 calls back the customer whom the group missed",
  },
];

type Sample = {
  readonly name: string;
  /** The customer's number in place of its own. */
  readonly phone?: string;
  readonly description?: string;
};

/** The demo's own enterprise, made at the first run and kept for the next. */
const demoEnterprise = async (config: Config): Promise<Enterprise> => {
  const directory = await openDirectory({ sqlitePath: sqlitePathOf(config) });
  try {
    const known = await directory.enterpriseByNumber(DEMO_NUMBER);
    if (known !== undefined) return known;
    const made: Enterprise = {
      number: DEMO_NUMBER,
      name: textsOf(config.lang).demoEnterprise,
      webhookToken: generateSecret(),
      secret: generateSecret(),
      botToken: DEMO_BOT,
      active: true,
    };
    await directory.addEnterprise(made);
    await directory.addUser({
      chatId: DEMO_CHAT,
      firstName: "Анна",
      lastName: "Сидорова",
      email: null,
      botToken: DEMO_BOT,
      enterpriseNumber: DEMO_NUMBER,
    });
    return made;
  } finally {
    await directory.close();
  }
};

const demoEndpoint = (port: number) => ({
  host: "127.0.0.1",
  port,
  user: "demo",
  secret: "demo",
  tls: false,
});

const isPortTaken = (cause: unknown): boolean =>
  cause instanceof Error &&
  typeof cause.cause === "object" &&
  cause.cause !== null &&
  "code" in cause.cause &&
  cause.cause.code === "EADDRINUSE";

/** Starts on the given ports, or on free ones where those are taken. */
const startSomewhere = async (
  config: Config,
  clock: Clock,
  log: Log,
  stdout: Output,
): Promise<Service> => {
  try {
    return await startService(config, clock, log);
  } catch (cause) {
    if (!isPortTaken(cause)) throw cause;
    stdout.write(`Port ${config.webhookPort} or ${config.port} is taken: using free ones.\n`);
    return startService({ ...config, port: 0, webhookPort: 0 }, clock, log);
  }
};

type Played = { readonly scenario: Scenario; readonly uniqueId: string };

/** Posts one sample call, its events spread over a few seconds, and answers its unique id. */
const play = async (
  scenario: Scenario,
  service: Service,
  token: string,
  clock: Clock,
): Promise<Played> => {
  const [first, last] = [scenario.events[0], scenario.events.at(-1)];
  const speed = Math.max(1, ((last?.at ?? 0) - (first?.at ?? 0)) / PLAY_MS);
  const call = simulateCall(scenario, { now: clock.now(), speed, token });
  const startedAt = clock.now();
  for (const { offsetMs, posted } of call.events) {
    const waitMs = startedAt + offsetMs - clock.now();
    if (waitMs > 0) await delay(waitMs);
    const { status, reason } = await postEvent(service.webhooksUrl, posted);
    if (status !== 200) throw new Error(`cannot play ${scenario.name}: ${status} ${reason}`);
  }
  return { scenario, uniqueId: call.uniqueId };
};

/** Where the demo's recordings lie, beside its records; nobody else has a folder of that name. */
const recordingsFolder = (config: Config): string =>
  join(dirname(config.dataDir), "calllog-demo-recordings");

/** Puts a recording of each answered call where the service looks for it, as a PBX would when the call is over. */
const record = async (
  calls: readonly Played[],
  urlOf: (uniqueId: string) => string,
  folder: string,
): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  // Those of earlier runs: they are a megabyte a minute.
  for (const name of readdirSync(folder)) if (name.endsWith(".wav")) rmSync(join(folder, name));
  for (const { uniqueId } of calls) {
    const answer = await fetch(urlOf(uniqueId), { headers: { accept: "application/json" } });
    const { call } = (await answer.json()) as CallJson;
    const { startedAt, answeredAt, endedAt } = call;
    if (startedAt === null || answeredAt === null || endedAt === null) continue;
    const [from, talk, to] = [startedAt, answeredAt, endedAt].map((at) => Date.parse(at) / 1000);
    if (from === undefined || talk === undefined || to === undefined) continue;
    const file = join(folder, `${uniqueId}.wav`);
    writeFileSync(file, demoRecording(to - from, talk - from));
    utimesSync(file, to, to);
  }
};

/** Whether the final card of every one of these calls is on record. */
const areFinal = (calls: readonly Played[], eventsFile: string): boolean => {
  const lines = existsSync(eventsFile) ? readFileSync(eventsFile, "utf8").split("\n") : [];
  const final = lines.filter((line) => /^[^|]*\|TG\|send\|[^|]*\|hangup\|/.test(line));
  return calls.every(({ uniqueId }) => final.some((line) => line.includes(`|${uniqueId}|`)));
};

const scenarioOf = ({ name, phone, description }: Sample): Scenario => {
  const scenario = findScenario(name);
  if (scenario === undefined) throw new Error(`cannot play ${name}: there is no such scenario`);
  const own = phone === undefined ? scenario : withPhone(scenario, phone);
  return { ...own, description: description ?? own.description };
};

/** A stand-in's listener on a free port of this machine. */
const standIn = (fetch: (request: Request) => Response | Promise<Response>) =>
  Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });

/** A PBX that plays the recording, if one is given. */
const recordedPbx = async (
  path: string | undefined,
  clock: Clock,
): Promise<PlayedPbx | undefined> => {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`cannot play ${path}: the file cannot be read; check --ami-file`, { cause });
  }
  return playAmi(readAmiRecording(text), clock.now);
};

export const demoCommand: CliCommand = {
  words: ["demo"],
  summary: "everything on this machine: sample calls, links to their pages",
  options: [
    {
      flag: "ami-file",
      placeholder: "FILE",
      text: "A recorded stream of Asterisk's manager interface, played as if a PBX sent it now, in place of the sample calls.",
    },
  ],
  examples: ["calllog demo", "calllog demo --port 9026 --lang en", "calllog demo --ami-file FILE"],
  run: async ({ stdout, stderr, cwd, clock, stopSignal }, args) => {
    // Never the folder that a service of this machine writes by default.
    const isDefault = args.config.dataDir === join(cwd, "call_tracer");
    const given: Config = isDefault
      ? { ...args.config, dataDir: join(cwd, DEMO_FOLDER, "call_tracer") }
      : args.config;
    const log = openLog({
      level: given.logLevel === "info" ? "error" : given.logLevel,
      write: (text) => stderr.write(text),
      pretty: stderr.isTTY,
    });
    const pbx = await recordedPbx(args.option("ami-file"), clock);
    const telegram = createDemoBotApi(({ action, text }) => {
      if (action !== "delete") stdout.write(`  ${text}\n`);
    });
    const servers = [standIn(telegram), standIn(demoMetadata)] as const;
    const [telegramRoot, metadataRoot] = servers.map(({ port }) => `http://127.0.0.1:${port}`);
    const config: Config = {
      ...given,
      // Nor the enterprises and PBXs of a real service.
      databaseUrl: null,
      spoolDir: null,
      cel: [],
      recordings: pbx === undefined ? [recordingsFolder(given)] : [],
      amiEnterprises: pbx === undefined ? [] : [DEMO_NUMBER],
      ami: pbx === undefined ? [] : [demoEndpoint(pbx.port)],
      telegramApiRoot: telegramRoot ?? given.telegramApiRoot,
      metadataUrl: given.metadataUrl ?? metadataRoot ?? null,
      publicUrl: given.publicUrl ?? (given.port === 0 ? null : `http://127.0.0.1:${given.port}`),
    };
    const signal = stopSignal();

    const enterprise = await demoEnterprise(config);
    const service = await startSomewhere(config, clock, log, stdout);
    const source =
      pbx === undefined
        ? `invented calls of enterprise ${enterprise.number}, posted to ${service.webhooksUrl}`
        : `the recorded calls, as those of enterprise ${enterprise.number}`;
    stdout.write(`calllog demo: ${source}\n\nWhat its manager sees in Telegram, as it comes:\n`);
    // A recording may take an hour.
    await Promise.race([pbx?.played, stopped(signal)]);
    const playAll = (samples: readonly Sample[]): Promise<Played[]> =>
      Promise.all(
        samples.map((sample) =>
          play(scenarioOf(sample), service, enterprise.webhookToken ?? "", clock),
        ),
      );
    const played: Played[] = [];
    if (pbx === undefined) {
      played.push(...(await playAll(SHOWN)));
      await Promise.race([delay(CALL_BACK_AFTER_MS), stopped(signal)]);
      if (!signal.aborted) played.push(...(await playAll(SHOWN_LATER)));
    }
    const waitUntil = signal.aborted ? 0 : clock.now() + CARDS_WITHIN_MS;
    const eventsFile = join(config.dataDir, enterprise.number, "events.log");
    while (clock.now() < waitUntil && !areFinal(played, eventsFile)) await delay(50);
    const urlOf = (uniqueId: string): string =>
      `${service.pagesUrl}/call/${enterprise.number}/${encodeURIComponent(uniqueId)}?token=${enterprise.secret}`;
    if (played.length > 0) await record(played, urlOf, recordingsFolder(config));
    const list = `${service.pagesUrl}/calls/${enterprise.number}?token=${enterprise.secret}`;
    stdout.write(`\nAll calls, searched and summed up:\n    ${list}\n`);
    if (played.length > 0 && !signal.aborted) {
      const now = clock.now();
      const period = digestPeriod(dayIn(now, config.timeZone), now, config.timeZone);
      const day = await digestLines({ config, enterprise, period, clock });
      stdout.write(`\nThe day in a message, at the minute that a chat chose:\n${day}`);
    }
    if (played.length > 0) stdout.write("\nThe pages of these calls:\n");
    for (const { scenario, uniqueId } of played) {
      stdout.write(`  ${scenario.description}\n    ${urlOf(uniqueId)}\n`);
    }
    stdout.write(
      [
        "",
        `Records:   ${eventsFile}`,
        `One more:  calllog simulate in_answered --to ${service.webhooksUrl} --token ${enterprise.webhookToken}`,
        "Stop:      Ctrl-C",
        "",
      ].join("\n"),
    );
    await stopped(signal);
    await service.stop();
    pbx?.stop();
    for (const server of servers) await server.stop(true);
    return EXIT_OK;
  },
};
