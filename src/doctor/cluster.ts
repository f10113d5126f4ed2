// The cluster: which servers answer, of which version, whether the stream has its replicas, how much room is left, and how
// the nodes are.

import { type Bus, BusError, connectBus, surveyCluster } from "../store/index.ts";
import { type Check, type Finding, note, ok, wrong } from "./finding.ts";
import { sizeText } from "./size.ts";

/** From 2.10 on servers can be told to sync what they acknowledge (`sync_interval`). */
const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major < 2 || (major === 2 && minor < 10);
};

/** Of the storage of an account, from which on little is left. */
const NEARLY_FULL = 0.85;

const hostOf = (url: string): string => new URL(url).host;

/** One server by itself: a client that has three is content with any. */
const serverFinding = async (url: string): Promise<Finding> => {
  const what = `NATS server ${hostOf(url)}`;
  try {
    const bus = await connectBus({ servers: [url] }, "doctor");
    const { name, version } = bus.server();
    await bus.close();
    return isOld(version)
      ? note(
          what,
          `${name} answers, version ${version}: it writes to its disk every two minutes, so that a loss of power on all servers takes acknowledged records that no node had yet`,
          "use nats-server 2.10 or newer with jetstream { sync_interval: always }",
        )
      : ok(
          what,
          `${name} answers, version ${version}; jetstream { sync_interval: always } should stand in its file, which it does not tell`,
        );
  } catch (error) {
    const reason = error instanceof BusError ? error.message : String(error);
    return wrong(what, reason, "docs/cluster.md says how servers are set up and looked at");
  }
};

const streamFindings = async (bus: Bus, servers: number, now: number): Promise<Finding[]> => {
  const { faults, nodes, stream } = await surveyCluster(bus, { now, servers });
  const { used, limit } = await bus.storage();
  const room =
    limit > 0
      ? `${sizeText(used)} of ${sizeText(limit)} used`
      : `${sizeText(used)} used, no limit set`;
  const storage =
    limit > 0 && used > limit * NEARLY_FULL
      ? wrong("cluster's storage", room, "raise max_file of the servers, or lower --retention-days")
      : ok("cluster's storage", room);
  const there = nodes.filter(({ isThere }) => isThere).length;
  const state =
    faults.length === 0
      ? [
          ok(
            "cluster",
            `${there} ${there === 1 ? "node" : "nodes"}, stream with ${stream?.replicas} replicas, all is well`,
          ),
        ]
      : faults.map((fault) => wrong("cluster", fault, "calllog cluster status shows all of it"));
  return [...state, storage];
};

export const clusterIsWell: Check = async ({ config, clock }) => {
  const { cluster } = config;
  if (cluster === null) return [];
  const count =
    cluster.length === 2
      ? [
          note(
            "cluster",
            "two servers are no quorum: where one is away nothing is taken",
            "three servers, or one and the outboxes",
          ),
        ]
      : [];
  const each = await Promise.all(cluster.map(serverFinding));
  try {
    const bus = await connectBus({ servers: cluster }, "doctor");
    try {
      return [...count, ...each, ...(await streamFindings(bus, cluster.length, clock.now()))];
    } finally {
      await bus.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [...count, ...each, wrong("cluster", reason, "docs/cluster.md")];
  }
};
