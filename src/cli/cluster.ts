// `calllog cluster …`: how the nodes are, and whether they have the same files.

import { sizeText } from "../doctor/index.ts";
import { EXIT_FAILED, EXIT_OK, type ExitCode } from "../lib/exit-code.ts";
import {
  type Bus,
  BusError,
  type ClusterSurvey,
  compareRecords,
  connectBus,
  type DayDifference,
  type DaySums,
  daySumsOf,
  differences,
  enterprisesOf,
  PARTITIONS,
  partitionName,
  type RecordDifference,
  surveyCluster,
} from "../store/index.ts";
import { callOperands } from "./call-operands.ts";
import type { CliCommand, CommandArgs, Operand } from "./command.ts";
import type { CliContext } from "./context.ts";
import { counted, JSON_FLAG, textTable } from "./table.ts";

const [oneEnterprise] = callOperands;
if (oneEnterprise === undefined) throw new Error("commands name an enterprise by ENT");

/** Runs a command with a connection to the cluster of the settings; without one it says what to give. */
const withCluster = async (
  { stderr }: CliContext,
  { config }: CommandArgs,
  work: (bus: Bus, servers: number) => Promise<ExitCode>,
): Promise<ExitCode> => {
  if (config.cluster === null) {
    stderr.write("calllog: there is no cluster; --cluster nats://HOST:4222,… names its servers\n");
    return EXIT_FAILED;
  }
  try {
    const bus = await connectBus({ servers: config.cluster }, "command");
    try {
      return await work(bus, config.cluster.length);
    } finally {
      await bus.close();
    }
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    stderr.write(`calllog: ${error.message}; calllog doctor says more\n`);
    return EXIT_FAILED;
  }
};

const second = (at: number): string =>
  at === 0 ? "" : new Date(at).toISOString().slice(0, 19).replace("T", " ");

/** `cards 0-5, inbox`: what a node does for all. */
const dutiesOf = (leases: ClusterSurvey["leases"], node: string): string => {
  const own = Object.entries(leases)
    .filter(([, holder]) => holder === node)
    .map(([key]) => key);
  const parts = Array.from({ length: PARTITIONS }, (_, part) => part).filter((part) =>
    own.includes(`cards.${partitionName(part)}`),
  );
  const others = own.filter((key) => !key.startsWith("cards.") && key !== "stream");
  const cards = parts.length === 0 ? [] : [`cards of ${counted(parts.length, "part")}`];
  return [...cards, ...others].join(", ");
};

const nodeTable = ({ nodes, leases }: ClusterSurvey): string =>
  textTable(
    ["NODE", "STATE", "LAG", "PLACE", "LAST RECORD", "OUTBOX", "DOES", "SERVER", "VERSION"],
    nodes.map(({ status, ageMs, isThere }) => [
      status.node,
      isThere
        ? status.phase === "open"
          ? "ok"
          : status.phase
        : `silent ${Math.round(ageMs / 1000)} s`,
      String(status.lag),
      String(status.seq),
      second(status.lastAt),
      sizeText(status.waitingBytes),
      dutiesOf(leases, status.node),
      `${status.server} ${status.serverVersion}`,
      status.version,
    ]),
  );

/** The checksums of the finished days of an enterprise, a row a day. */
const sumTable = (sums: Readonly<Record<string, DaySums>>): string => {
  const nodes = Object.keys(sums);
  const names = [...new Set(nodes.flatMap((node) => Object.keys(sums[node] ?? {})))].sort();
  return textTable(
    ["DAY", ...nodes],
    names.map((name) => [
      name.slice(-10),
      ...nodes.map((node) => sums[node]?.[name]?.sum.slice(0, 12) ?? "-"),
    ]),
  );
};

const nodesThere = (survey: ClusterSurvey): string[] =>
  survey.nodes.filter(({ isThere }) => isThere).map(({ status }) => status.node);

const sumsOf = async (
  bus: Bus,
  nodes: readonly string[],
  enterprise: string,
): Promise<Readonly<Record<string, DaySums>>> =>
  Object.fromEntries(
    await Promise.all(
      nodes.map(async (node) => [node, await daySumsOf(bus, node, enterprise)] as const),
    ),
  );

/** What differs, record by record; undefined where a node is of a version that cannot tell. */
const recordsOf = async (
  bus: Bus,
  { nodes }: ClusterSurvey,
  enterprise: string,
  days: readonly DayDifference[],
): Promise<RecordDifference | undefined> => {
  const there = nodes.filter(({ isThere }) => isThere).map(({ status }) => status);
  const names = days.map(({ name }) => name);
  try {
    return await compareRecords(bus, there, enterprise, names);
  } catch (error) {
    if (error instanceof BusError) throw error;
    return undefined;
  }
};

/** A line a day. Records in another order are no loss: a node that had them first cannot move them. */
const differenceLines = (
  enterprise: string,
  days: readonly DayDifference[],
  records: RecordDifference | undefined,
): string[] => {
  const isOrderOnly = records?.isOrderOnly === true;
  const lines = days.map(({ name, sums }) => {
    const each = Object.entries(sums).map(([node, sum]) =>
      sum === "" ? `${node} lacks it` : `${node} ${sum.slice(0, 12)}`,
    );
    return isOrderOnly
      ? `ORDER  ${enterprise} ${name}: the same records on all nodes, in another order`
      : `WRONG  ${enterprise} ${name}: ${each.join(", ")}`;
  });
  if (isOrderOnly || records === undefined) return lines;
  const counts = Object.entries(records.counts).map(([node, count]) => `${node} ${count}`);
  return [...lines, `       records of ${enterprise} since then: ${counts.join(", ")}`];
};

/** Nodes that are silent, or say themselves that their files are not as they should be. */
const nodeFaults = ({ nodes }: ClusterSurvey): string[] =>
  nodes.flatMap(({ status: { node, faults }, isThere }) =>
    isThere ? faults.map((fault) => `${node}: ${fault}`) : [`${node} was not asked: it is silent`],
  );

const someEnterprise = (text: string): Operand => ({ ...oneEnterprise, text, optional: true });

const statusCommand: CliCommand = {
  words: ["cluster", "status"],
  summary:
    "show the stream, how far each node is, and what it does; of an enterprise, its days' checksums",
  operands: [someEnterprise("one enterprise, for the checksums of its finished days")],
  options: [JSON_FLAG],
  examples: [
    "calllog cluster status --cluster nats://10.0.0.1:4222,nats://10.0.0.2:4222",
    "calllog cluster status 0367",
  ],
  run: (context, args) =>
    withCluster(context, args, async (bus, servers) => {
      const { stdout, clock } = context;
      const survey = await surveyCluster(bus, { now: clock.now(), servers });
      const enterprise = args.option("ENT");
      const sums =
        enterprise === undefined ? undefined : await sumsOf(bus, nodesThere(survey), enterprise);
      const { stream, faults } = survey;
      const code = faults.length === 0 ? EXIT_OK : EXIT_FAILED;
      if (args.has("json")) {
        stdout.write(`${JSON.stringify({ ...survey, sums }, null, 2)}\n`);
        return code;
      }
      if (stream !== undefined) {
        const { replicas, first, last, epoch } = stream;
        const copies = replicas === 1 ? "1 replica" : `${replicas} replicas`;
        stdout.write(
          `stream of ${epoch.slice(0, 19).replace("T", " ")}, ${copies}, messages ${first} to ${last}\n\n`,
        );
      }
      stdout.write(nodeTable(survey));
      if (sums !== undefined) stdout.write(`\n${sumTable(sums)}`);
      stdout.write(faults.length === 0 ? "\nall is well\n" : "\n");
      for (const fault of faults) stdout.write(`WRONG  ${fault}\n`);
      return code;
    }),
};

const verifyCommand: CliCommand = {
  words: ["cluster", "verify"],
  summary:
    "compare the finished days of all nodes, byte for byte by checksums; where they differ, record by record",
  operands: [someEnterprise("one enterprise; else all")],
  examples: ["calllog cluster verify", "calllog cluster verify 0367"],
  run: (context, args) =>
    withCluster(context, args, async (bus, servers) => {
      const { stdout, clock } = context;
      const survey = await surveyCluster(bus, { now: clock.now(), servers });
      const nodes = nodesThere(survey);
      const only = args.option("ENT");
      const lists = await Promise.all(nodes.map((node) => enterprisesOf(bus, node)));
      const all = only === undefined ? [...new Set(lists.flat())].sort() : [only];
      let same = 0;
      let differing = 0;
      let reordered = 0;
      for (const enterprise of all) {
        const found = differences(await sumsOf(bus, nodes, enterprise));
        same += found.same;
        if (found.differing.length === 0) continue;
        const records = await recordsOf(bus, survey, enterprise, found.differing);
        if (records?.isOrderOnly === true) reordered += found.differing.length;
        else differing += found.differing.length;
        for (const line of differenceLines(enterprise, found.differing, records))
          stdout.write(`${line}\n`);
      }
      const ailing = nodeFaults(survey);
      for (const fault of ailing) stdout.write(`WRONG  ${fault}\n`);
      const others = [
        ...(reordered === 0 ? [] : [`; ${reordered} have the same records in another order`]),
        ...(differing === 0 ? [] : [`; ${differing} are not`]),
      ];
      stdout.write(`${same} finished days are the same on ${nodes.join(", ")}${others.join("")}\n`);
      return differing + ailing.length === 0 ? EXIT_OK : EXIT_FAILED;
    }),
};

export const clusterCommands: readonly CliCommand[] = [statusCommand, verifyCommand];
