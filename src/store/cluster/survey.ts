// The cluster as seen from outside a node: for `calllog cluster`, and for doctor. Asks, and changes nothing.

import { DAY_MS } from "../../lib/time.ts";
import { tryParseFinishedName } from "../format/files.ts";
import type { Bus, StreamState } from "./bus.ts";
import type { DaySums, RecordSum } from "./checksums.ts";
import { askSubject } from "./names.ts";
import { GONE_MS, type NodeStatus, readStatus } from "./presence.ts";

export type SurveyedNode = {
  readonly status: NodeStatus;
  /** Since it was heard last, in milliseconds. */
  readonly ageMs: number;
  readonly isThere: boolean;
};

export type ClusterSurvey = {
  /** Undefined where the servers have none. */
  readonly stream: StreamState | undefined;
  readonly nodes: readonly SurveyedNode[];
  /** Who does what, by the lease's key. */
  readonly leases: Readonly<Record<string, string>>;
  /** What is not as it should be, in words. */
  readonly faults: readonly string[];
};

/** A node that is so far behind does not keep up. */
const BEHIND = 1000;

const faultsOf = (
  stream: StreamState | undefined,
  nodes: readonly SurveyedNode[],
  servers: number,
): string[] => {
  const faults: string[] = [];
  if (stream === undefined) faults.push("there is no stream: no node has been there yet");
  else if (servers >= 3 && stream.replicas < 3)
    faults.push(
      `the stream has ${stream.replicas} ${stream.replicas === 1 ? "replica" : "replicas"} for ${servers} servers: nats stream edit CALLLOG --replicas 3`,
    );
  for (const server of stream?.awayServers ?? [])
    faults.push(`the NATS server ${server} is away, or its copy of the stream is not complete yet`);
  for (const { status, ageMs, isThere } of nodes) {
    const { node, epoch, phase, lag, waitingBytes, isAway } = status;
    if (!isThere) {
      faults.push(`${node} has not been heard for ${Math.round(ageMs / 1000)} s`);
      continue;
    }
    if (stream !== undefined && epoch !== stream.epoch) faults.push(`${node} reads another stream`);
    if (phase !== "open") faults.push(`${node} waits for the stream to be filled`);
    else if (lag > BEHIND) faults.push(`${node} is ${lag} messages behind`);
    if (isAway) faults.push(`${node} cannot publish: ${waitingBytes} bytes wait in its outbox`);
    for (const fault of status.faults) faults.push(`${node}: ${fault}`);
  }
  return faults;
};

/**
 * @param now this machine's time, in milliseconds since the epoch
 * @param servers how many the settings name
 * @throws BusError where the servers do not answer
 */
export const surveyCluster = async (
  bus: Bus,
  { now, servers }: { readonly now: number; readonly servers: number },
): Promise<ClusterSurvey> => {
  const stream = await bus.state();
  if (stream === undefined)
    return { stream, nodes: [], leases: {}, faults: faultsOf(stream, [], servers) };
  const [nodeEntries, leaseEntries] = await Promise.all([
    bus.nodes().then((bucket) => bucket.entries()),
    bus.leases().then((bucket) => bucket.entries()),
  ]);
  // By the servers' clock where a node has just been heard: this machine's may be off.
  const newest = Math.max(0, ...nodeEntries.map(({ writtenAt }) => writtenAt));
  const reference = Math.abs(now - newest) < 60_000 ? newest : now;
  const nodes = nodeEntries.flatMap(({ value, writtenAt }) => {
    const status = value === undefined ? undefined : readStatus(value);
    if (status === undefined) return [];
    const ageMs = Math.max(0, reference - writtenAt);
    return [{ status, ageMs, isThere: ageMs < GONE_MS }];
  });
  const leases = leaseEntries.map(({ key, value = "" }) => [key, value.split(" ")[0] ?? ""]);
  return {
    stream,
    nodes,
    leases: Object.fromEntries(leases),
    faults: faultsOf(stream, nodes, servers),
  };
};

/** How long a node may take to add up an enterprise's days, in milliseconds. */
const SUMS_TIMEOUT_MS = 120_000;
const ASK_TIMEOUT_MS = 5000;

const asked = async <T>(
  bus: Bus,
  node: string,
  question: string,
  timeoutMs: number,
): Promise<T> => {
  const answer = JSON.parse(await bus.ask(askSubject(node), question, timeoutMs)) as T;
  const { error } = (answer ?? {}) as { error?: unknown };
  if (typeof error === "string") throw new Error(`${node} cannot tell its files: ${error}`);
  return answer;
};

/** The enterprises of which a node has files. @throws BusError where it does not answer */
export const enterprisesOf = (bus: Bus, node: string): Promise<readonly string[]> =>
  asked(bus, node, "enterprises", ASK_TIMEOUT_MS);

/** The checksums of an enterprise's finished days on a node. @throws BusError where it does not answer */
export const daySumsOf = (bus: Bus, node: string, enterprise: string): Promise<DaySums> =>
  asked(bus, node, `days ${enterprise}`, SUMS_TIMEOUT_MS);

/** Days that differ, looked at record by record. */
export type RecordDifference = {
  /** Whether all nodes have the same records all the same: in another order, or some of them in the next day's file. */
  readonly isOrderOnly: boolean;
  /** How many records each node has, from the first of these days to the moment up to which all of them have read. */
  readonly counts: Readonly<Record<string, number>>;
};

/**
 * Whether nodes whose finished days differ have the same records.
 *
 * @param names the days' files
 * @throws BusError where a node does not answer, Error where one cannot: it may be of an older version
 */
export const compareRecords = async (
  bus: Bus,
  nodes: readonly NodeStatus[],
  enterprise: string,
  names: readonly string[],
): Promise<RecordDifference> => {
  const days = names.flatMap((name) => tryParseFinishedName(name) ?? []);
  const from = Math.min(...days) * DAY_MS;
  // What came late may stand in the running day, which all have up to there.
  const readTo = Math.min(...nodes.map(({ lastAt }) => lastAt));
  const to = Math.max((Math.max(...days) + 1) * DAY_MS - 1, readTo);
  const sums = await Promise.all(
    nodes.map(async ({ node }) => {
      const question = `records ${enterprise} ${from} ${to}`;
      return [node, await asked<RecordSum>(bus, node, question, SUMS_TIMEOUT_MS)] as const;
    }),
  );
  return {
    isOrderOnly: new Set(sums.map(([, { sum, count }]) => `${sum} ${count}`)).size === 1,
    counts: Object.fromEntries(sums.map(([node, { count }]) => [node, count])),
  };
};

/** A finished day that nodes do not have alike. */
export type DayDifference = {
  readonly name: string;
  /** By node: the first characters of its checksum, or nothing where it lacks the day. */
  readonly sums: Readonly<Record<string, string>>;
};

/** The days that are not the same on all nodes, oldest first. Pure. */
export const differences = (
  sums: Readonly<Record<string, DaySums>>,
): { readonly same: number; readonly differing: readonly DayDifference[] } => {
  const nodes = Object.keys(sums);
  const names = [...new Set(nodes.flatMap((node) => Object.keys(sums[node] ?? {})))].sort();
  const days = names.map((name) => ({
    name,
    sums: Object.fromEntries(nodes.map((node) => [node, sums[node]?.[name]?.sum ?? ""])),
  }));
  const differing = days.filter(({ sums: own }) => new Set(Object.values(own)).size > 1);
  return { same: days.length - differing.length, differing };
};
