// What the cluster's things are called on the NATS servers. Fixed: nodes of different versions share them.

import { isEnterpriseNumber } from "../../domain/enterprise.ts";

export const STREAM = "CALLLOG";
/** Subjects of the stream: records by partition and enterprise, and what nodes say of the stream itself. */
export const STREAM_SUBJECTS: readonly string[] = ["calllog.*.*", "calllog.control"];
export const CONTROL_SUBJECT = "calllog.control";
/** Buckets: who does what, and how each node is. */
export const LEASES_BUCKET = "calllog-leases";
export const NODES_BUCKET = "calllog-nodes";

export const PARTITIONS = 16;

/** 0 to 15: the same on every machine for ever (FNV-1a of the number's bytes). */
export const partitionOf = (enterprise: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < enterprise.length; index += 1) {
    hash = Math.imul(hash ^ enterprise.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % PARTITIONS;
};

/** Two digits, so that they sort. */
export const partitionName = (partition: number): string => String(partition).padStart(2, "0");

export const subjectOf = (enterprise: string): string =>
  `calllog.${partitionName(partitionOf(enterprise))}.${enterprise}`;

/** The enterprise of a record's subject; undefined for a subject that is none. */
export const enterpriseOfSubject = (subject: string): string | undefined => {
  const [head, partition, enterprise = "", ...more] = subject.split(".");
  const isRecord = head === "calllog" && partition !== "control" && more.length === 0;
  return isRecord && isEnterpriseNumber(enterprise) ? enterprise : undefined;
};

/** Where a node answers questions about its files; outside the stream's subjects. */
export const askSubject = (node: string): string => `calllog-ask.${node}`;
