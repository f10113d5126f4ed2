// What commands say that write into the folder of a cluster's node by themselves.

import type { Output } from "../lib/output.ts";
import { isNodeFolder } from "../store/index.ts";

/** Says that the other nodes know nothing of what is changed here. */
export const noteNodeFolder = (stderr: Output, dataDir: string): void => {
  if (!isNodeFolder(dataDir)) return;
  stderr.write(
    "calllog: this folder is a node of a cluster, and only it is changed: run the same on every node\n",
  );
};
