// Several machines with the same records: what is published, what is applied, the place, leases.

export { BusError, type ClusterAddress, connectBus } from "./bus.ts";
export type { DaySums } from "./checksums.ts";
export { Cluster, type ClusterFiles, type ClusterState, type Leading } from "./cluster.ts";
export type { Lease, LeaseJob } from "./lease.ts";
export { askSubject, PARTITIONS, partitionName, partitionOf } from "./names.ts";
export { GONE_MS, type NodeStatus, readStatus } from "./presence.ts";
