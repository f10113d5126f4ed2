// The calls of a PBX that are open in the files: what an agent that starts, or comes back after a gap, has to settle. A call
// is the agent's where its events bear the ids that agents give; those of other senders are nobody's here to end.

import { type AssembledCall, findCall } from "../call/index.ts";
import type { Config } from "../config/index.ts";
import { bodyText } from "../domain/event.ts";
import { happenedAt } from "../domain/event-time.ts";
import type { AstRecord, StoredRecord } from "../domain/record.ts";
import type { Clock } from "../lib/clock.ts";
import type { OpenCall } from "../sources/ami/index.ts";
import { openTraceReader, recentRecords, type TraceStore } from "../store/index.ts";
import { forEachCall } from "./unfinished-calls.ts";

export type OpenCallsOptions = {
  readonly dataDir: string;
  readonly enterprise: string;
  readonly trace: Pick<TraceStore, "find">;
  readonly callTimeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

const CALL_TYPES = { incoming: 0, outgoing: 1, internal: 2, unknown: undefined } as const;

/** Whether an agent told it. */
const isAgents = ({ event, body }: AstRecord): boolean =>
  bodyText(body, "EventId").startsWith(`${event}/`);

const isAst = (record: StoredRecord): record is StoredRecord & AstRecord => record.kind === "AST";

const openCallOf = ({ call, records }: AssembledCall, heardAt: number): OpenCall | undefined => {
  const events = records.filter(isAst);
  const isOpen = call.status === "ringing" || call.status === "talking";
  if (!isOpen || !events.every(isAgents)) return undefined;
  const placing = events.find(({ event }) => event === "start" || event === "dial");
  const uniqueId = placing?.uniqueId ?? call.uniqueIds[0];
  if (uniqueId === undefined) return undefined;
  const callType = CALL_TYPES[call.direction];
  const isAnswered = call.answeredAt !== null;
  return {
    uniqueId,
    ids: call.uniqueIds,
    heardAt: Math.max(heardAt, ...events.map(happenedAt)),
    body: {
      ...(callType === undefined ? {} : { CallType: callType }),
      // What became of one that rang is not known.
      CallStatus: isAnswered ? "2" : "1",
      Phone: call.phone ?? "",
      Extensions: isAnswered ? call.answeredBy : call.extensions,
      ...(call.trunk === null ? {} : { Trunk: call.trunk }),
    },
  };
};

/** The open calls of any enterprise in the data folder of the settings. */
export const openCallsIn = (
  { dataDir, callTimeoutMs }: Pick<Config, "dataDir" | "callTimeoutMs">,
  clock: Clock,
): ((enterprise: string) => Promise<OpenCall[]>) => {
  const trace = openTraceReader(dataDir);
  return (enterprise) =>
    openCalls({ dataDir, enterprise, trace, callTimeoutMs, now: () => clock.now() });
};

/** The agent's calls without a hangup, of which something was heard within the call time-out. */
export const openCalls = async (options: OpenCallsOptions): Promise<OpenCall[]> => {
  const { dataDir, enterprise, trace, callTimeoutMs, now } = options;
  const at = now();
  let heardAt = Number.NEGATIVE_INFINITY;
  const ids = async function* (): AsyncGenerator<string> {
    for await (const record of recentRecords(dataDir, enterprise, "AST", at - callTimeoutMs)) {
      if (!isAst(record) || !isAgents(record)) continue;
      heardAt = Math.max(heardAt, happenedAt(record));
      if (record.uniqueId !== "") yield record.uniqueId;
    }
  };
  const found = new Map<string, OpenCall>();
  await forEachCall(ids(), async (uniqueId) => {
    if ([...found.values()].some((open) => open.ids.includes(uniqueId))) return;
    const assembled = await findCall((...asked) => trace.find(enterprise, ...asked), uniqueId, {
      enterprise,
      now: at,
      callTimeoutMs,
    });
    const open = assembled && openCallOf(assembled, heardAt);
    if (open !== undefined) found.set(open.uniqueId, open);
  });
  return [...found.values()];
};
