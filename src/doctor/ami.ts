// The PBXs of --ami: can they be logged in to, may the user do what the agent needs. Logging in changes nothing there.

import { systemScheduler } from "../lib/scheduler.ts";
import { type AmiMessage, createAmiReader, runSession } from "../sources/ami/index.ts";
import { ANSWER_TIMEOUT_MS, type Check, type Finding, note, ok, wrong } from "./finding.ts";

/** Events are waited for so long: a quiet PBX has none. In milliseconds. */
const LISTEN_MS = 2000;

type Endpoint = Parameters<typeof runSession>[0]["endpoint"];

const checkOne = async (endpoint: Endpoint, clock: Parameters<Check>[0]["clock"]) => {
  const what = `PBX ${endpoint.host}:${endpoint.port}`;
  const stop = new AbortController();
  const events: AmiMessage[] = [];
  let isIn = false;
  let channels: readonly AmiMessage[] | undefined;
  const limit = setTimeout(() => stop.abort(), ANSWER_TIMEOUT_MS);
  const { reason } = await runSession({
    endpoint,
    createReader: createAmiReader,
    clock,
    scheduler: systemScheduler(clock),
    signal: stop.signal,
    onLogin: () => {
      isIn = true;
    },
    onEvents: async (seen) => void events.push(...seen.slice(0, 100)),
    onChannels: async (listed) => {
      channels = listed;
      setTimeout(() => stop.abort(), LISTEN_MS);
    },
  });
  clearTimeout(limit);
  if (!isIn) {
    const todo = "check the address and, in manager.conf, enabled, bindaddr, user, secret, permit";
    const why = reason === "" ? `no answer within ${ANSWER_TIMEOUT_MS / 1000} s` : reason;
    return [wrong(what, `cannot log in: ${why}`, todo)];
  }
  const findings: Finding[] = [ok(what, "takes the login")];
  if (channels === undefined) {
    const todo = "add write = reporting to the user in manager.conf";
    findings.push(note(what, "does not tell which channels there are, after a gap", todo));
  }
  const call = events.find(({ fields }) => fields.get("Privilege")?.includes("call"));
  if (call === undefined) {
    const isBusy = (channels?.length ?? 0) > 0;
    const finding = `no event of a call within ${LISTEN_MS / 1000} s${isBusy ? ", though there are calls" : ""}`;
    const todo = "see that the user has read = call, and run this again during a call";
    findings.push(note(what, finding, todo));
  } else if (!call.fields.has("Timestamp")) {
    const todo = "set timestampevents = yes in manager.conf";
    findings.push(note(what, "sends events without their time", todo));
  } else findings.push(ok(what, "sends the events of calls with their time"));
  return findings;
};

/** Whether each PBX of --ami can be listened to. */
export const amiLogins: Check = async ({ config, clock }) => {
  const found = await Promise.all(config.ami.map((endpoint) => checkOne(endpoint, clock)));
  return found.flat();
};
