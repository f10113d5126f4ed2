// Several machines with the same records: what is published, what is applied, the place, leases.

export { type Bus, BusError } from "./bus.ts";
export type { DaySums } from "./checksums.ts";
export { Cluster, type ClusterFiles, type ClusterState, type Leading } from "./cluster.ts";
export type { Lease, LeaseJob } from "./lease.ts";
export { PARTITIONS, partitionName, partitionOf } from "./names.ts";
export { connectBus } from "./nats/connection.ts";
export { isNodeFolder } from "./place.ts";
export type { NodeStatus } from "./presence.ts";
export {
  type ClusterSurvey,
  compareRecords,
  type DayDifference,
  daySumsOf,
  differences,
  enterprisesOf,
  type RecordDifference,
  surveyCluster,
} from "./survey.ts";
