// The targets of outgoing webhooks: whether they may be posted to, and somebody takes a connection there. Nothing is sent.

import { connect } from "node:net";
import { addressOf, type Hook, openHooks, shownTarget, systemResolve } from "../hooks/index.ts";
import { mapAtMost } from "../lib/at-most.ts";
import { utcMinute } from "../lib/time.ts";
import { ANSWER_TIMEOUT_MS, type Check, type Finding, ok, wrong } from "./finding.ts";

/** Targets looked at at the same time. */
const AT_ONCE = 8;

const takesConnection = (host: string, port: number): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: ANSWER_TIMEOUT_MS });
  const end = (isTaken: boolean) => (): void => {
    socket.destroy();
    resolve(isTaken);
  };
  socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  return promise;
};

const findingOf = async (
  { enterprise, id, url, goneAt }: Hook,
  allowed: Parameters<typeof addressOf>[1],
): Promise<Finding> => {
  const what = `webhook ${id} of ${enterprise} to ${shownTarget(url)}`;
  if (goneAt !== null) {
    const todo = `calllog hook add ${enterprise} with the same address turns it on, calllog hook remove ${enterprise} ${id} ends it`;
    return wrong(what, `is off: its target answered 410 on ${utcMinute(goneAt)}`, todo);
  }
  const found = await addressOf(url, allowed, systemResolve);
  if (!found.ok) return wrong(what, found.error, "nothing is delivered until then");
  const { protocol, port } = new URL(url);
  const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return (await takesConnection(found.value, number))
    ? ok(what, "takes connections")
    : wrong(
        what,
        "takes no connection",
        "see that it runs and that this machine may reach it; what waits is delivered then",
      );
};

/** Nothing where there are no webhooks. */
export const hookTargets: Check = async ({ config: { dataDir, hookAllowPrivate }, clock }) => {
  const store = openHooks(dataDir, clock);
  const hooks = store.enterprises().flatMap((enterprise) => store.of(enterprise));
  return mapAtMost(AT_ONCE, hooks, (hook) => findingOf(hook, hookAllowPrivate));
};
