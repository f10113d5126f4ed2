// The whole way from one unique id to an assembled call, for everything that shows one: page, terminal, cards.

import { assembleCall } from "./assemble.ts";
import { collectCall, type FindRecords } from "./collect.ts";
import type { AssembledCall, AssembleOptions } from "./types.ts";

/**
 * Finds and assembles the call that `uniqueId` belongs to; undefined where nothing bears the id.
 *
 * @param find looks records up in the files of `options.enterprise`
 */
export const findCall = async (
  find: FindRecords,
  uniqueId: string,
  options: Pick<AssembleOptions, "enterprise" | "now" | "callTimeoutMs" | "listeningSince">,
): Promise<AssembledCall | undefined> => {
  const collected = await collectCall(find, uniqueId, options.callTimeoutMs);
  if (collected === undefined) return undefined;
  const { records, ...known } = collected;
  return assembleCall(records, { ...options, ...known });
};
