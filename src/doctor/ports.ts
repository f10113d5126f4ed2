// The two ports: free for the service, or taken by calllog itself, which then tells how it is. Any other program there
// is wrong. A free port is tried by taking it for a moment.

import { errorText } from "../lib/errors.ts";
import { claimPort, reachableUrl } from "../service/listener.ts";
import { hasNotifier } from "../service/notifier-lock.ts";
import { buildInfo } from "../service/version.ts";
import { type Check, type Finding, note, ok, wrong } from "./finding.ts";
import { askHealth, type HealthReport } from "./health-answer.ts";
import { spanText } from "./size.ts";

/** Time-out for an answer from this machine, in milliseconds. */
const TIMEOUT_MS = 4000;

type Place = {
  readonly what: string;
  readonly host: string;
  readonly port: number;
  readonly flag: string;
};

const running = (
  what: string,
  { status, reasons, version, uptimeSeconds }: HealthReport,
): Finding => {
  const who = `calllog ${version} answers, up ${spanText(uptimeSeconds * 1000)}`;
  const why = reasons.join("; ");
  if (status === "failing") return wrong(what, `${who}, cannot record: ${why}`, "mend that first");
  if (status === "degraded") return note(what, `${who}, but: ${why}`, "see below, and its log");
  if (version === buildInfo.version) return ok(what, who);
  return note(what, `${who}, this program is ${buildInfo.version}`, "restart the service");
};

const checkPlace = async ({ what: name, host, port, flag }: Place): Promise<Finding> => {
  const what = `${name} ${host}:${port}`;
  if (port === 0) return ok(what, "any free port is taken");
  const answer = await askHealth(reachableUrl(host, port), TIMEOUT_MS);
  if (answer.who === "calllog") return running(what, answer.health);
  if (answer.who === "nobody" && /^E?CONN(?:ECTION)?REFUSED$/i.test(answer.code)) {
    try {
      await claimPort({ host, port, flag });
      return ok(what, "free; the service does not run there");
    } catch (error) {
      return wrong(what, errorText(error), `or find out who has it: ss -ltnp 'sport = :${port}'`);
    }
  }
  const who =
    answer.who === "other"
      ? `another program answers (HTTP ${answer.status})`
      : "somebody has the port and does not answer as calllog does";
  const todo = `find out who (ss -ltnp 'sport = :${port}') and stop it, or choose another port with ${flag}`;
  return wrong(what, who, todo);
};

/** Both ports, and whether a running service brings cards from this data folder. */
export const ports: Check = async ({ config }) => {
  const found = await Promise.all([
    checkPlace({
      what: "events on",
      host: config.webhookHost,
      port: config.webhookPort,
      flag: "--webhook-port",
    }),
    checkPlace({ what: "pages on", host: config.host, port: config.port, flag: "--port" }),
  ]);
  const isRunning = found.some(({ finding }) => finding.startsWith("calllog "));
  if (!isRunning || hasNotifier(config.dataDir)) return found;
  const what = "the running service";
  const why = `does not work on ${config.dataDir}, or brings no cards from it`;
  return [...found, note(what, why, "give doctor the same --data-dir, or read the service's log")];
};
