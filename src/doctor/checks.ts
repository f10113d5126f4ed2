// What `calllog doctor` looks at: the list of checks. A line here adds one.

import { amiLogins } from "./ami.ts";
import { archiveAnswers } from "./archive.ts";
import { clockAgrees } from "./clock.ts";
import { clusterIsWell } from "./cluster.ts";
import { directoryAnswers } from "./directory.ts";
import { disk } from "./disk.ts";
import type { Check } from "./finding.ts";
import { dataFolder, logFile, rights } from "./folders.ts";
import { hookTargets } from "./hooks.ts";
import { networks, openFiles } from "./limits.ts";
import { metadata } from "./metadata.ts";
import { ports } from "./ports.ts";
import { publicUrl } from "./public-url.ts";
import { recordings } from "./recordings.ts";
import { bots, operatorChat } from "./telegram.ts";

export type NamedCheck = {
  /** Stable: it stands in the JSON. */
  readonly name: string;
  /** The heading under which it is told; checks of one heading stand together. */
  readonly heading: string;
  readonly check: Check;
  /** Reads a few figures of this machine: it may be made whenever somebody looks. */
  readonly isCheap?: true;
};

/** In the order in which they are told. */
export const CHECKS: readonly NamedCheck[] = [
  { heading: "Files and disk", name: "data", check: dataFolder, isCheap: true },
  { heading: "Files and disk", name: "rights", check: rights },
  { heading: "Files and disk", name: "disk", check: disk, isCheap: true },
  { heading: "Files and disk", name: "log", check: logFile, isCheap: true },
  { heading: "Files and disk", name: "recordings", check: recordings },
  { heading: "This machine", name: "clock", check: clockAgrees },
  { heading: "This machine", name: "open-files", check: openFiles, isCheap: true },
  { heading: "This machine", name: "ports", check: ports },
  { heading: "This machine", name: "networks", check: networks, isCheap: true },
  { heading: "Services", name: "directory", check: directoryAnswers },
  { heading: "Services", name: "public-url", check: publicUrl },
  { heading: "Services", name: "metadata", check: metadata },
  { heading: "Services", name: "hooks", check: hookTargets },
  { heading: "Services", name: "ami", check: amiLogins },
  { heading: "Services", name: "archive", check: archiveAnswers },
  { heading: "Services", name: "cluster", check: clusterIsWell },
  { heading: "Bots and chats", name: "telegram", check: bots },
  { heading: "Bots and chats", name: "operator", check: operatorChat },
];
