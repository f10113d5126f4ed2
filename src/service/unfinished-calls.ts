// Which calls a starting notifier must recover, read from the files: those with recent events, and those with cards
// that are not final. Recovering one twice changes nothing, so the lists may contain too many.

import { isCardRecord } from "../cards/index.ts";
import { recentRecords } from "../store/index.ts";

/** Ids of calls with events since a moment (milliseconds since the epoch), the newest first. */
export async function* recentCalls(
  dataDir: string,
  enterprise: string,
  since: number,
): AsyncGenerator<string> {
  for await (const { uniqueId } of recentRecords(dataDir, enterprise, "AST", since)) {
    if (uniqueId !== "") yield uniqueId;
  }
}

/** Ids of calls with a card that was sent since a moment, still stands and is not final. */
export async function* callsWithOpenCards(
  dataDir: string,
  enterprise: string,
  since: number,
): AsyncGenerator<string> {
  // Newest first: the first record of a message tells what became of it.
  const known = new Set<string>();
  for await (const record of recentRecords(dataDir, enterprise, "TG", since)) {
    if (!isCardRecord(record) || record.action === "fail") continue;
    const message = `${record.chatId} ${record.messageId}`;
    if (known.has(message)) continue;
    known.add(message);
    if (record.action !== "delete" && record.messageType !== "hangup") yield record.uniqueId;
  }
}

/** Calls looked at at the same time. */
const AT_ONCE = 4;

/** Looks at each of the calls once, a few at a time. */
export const forEachCall = async (
  ids: AsyncGenerator<string>,
  look: (uniqueId: string) => Promise<void>,
): Promise<void> => {
  const seen = new Set<string>();
  const lane = async (): Promise<void> => {
    for await (const uniqueId of ids) {
      if (seen.has(uniqueId)) continue;
      seen.add(uniqueId);
      await look(uniqueId);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
};
