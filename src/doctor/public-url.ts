// The public address: may it stand in a button, and does it lead to calllog from here. From inside a network an address
// may lead nowhere that works from outside, so only an answer of somebody else is wrong.

import { isButtonUrl } from "../channels/telegram/index.ts";
import { reachableUrl } from "../service/listener.ts";
import { certificateAt } from "./certificate.ts";
import { ANSWER_TIMEOUT_MS, type Check, type Finding, note, ok, wrong } from "./finding.ts";
import { askHealth } from "./health-answer.ts";

const UNKNOWN_NAME = /^(?:ENOTFOUND|EAI_AGAIN|ENODATA|DNSException)$/;

const reach = async (url: string, isRunning: boolean): Promise<Finding> => {
  const what = `public address ${url}`;
  const answer = await askHealth(url, ANSWER_TIMEOUT_MS, true);
  if (answer.who === "calllog") return ok(what, `leads to calllog ${answer.health.version}`);
  const idle = "start the service, then run doctor again";
  if (answer.who === "other") {
    const isAway = answer.status >= 502 && answer.status <= 504;
    const finding = `answers HTTP ${answer.status}${isAway ? ": the proxy finds no calllog behind it" : ", which is not calllog"}`;
    if (isAway && !isRunning) return note(what, finding, idle);
    return wrong(what, finding, "let the proxy pass this address on to --port, /health included");
  }
  if (answer.who === "nobody" && UNKNOWN_NAME.test(answer.code)) {
    const todo = "see that its name is in the DNS and spelt right in --public-url";
    return wrong(what, "its host name is not known here", todo);
  }
  const finding = answer.who === "silent" ? "no answer in time" : "nobody answers";
  if (!isRunning) return note(what, `${finding}, and the service does not run`, idle);
  const todo =
    "open it on a phone: from inside a network this may be so though it works from outside";
  return note(what, `${finding} from here`, todo);
};

/** Whether people come from a button to the pages. */
export const publicUrl: Check = async ({ config, clock }) => {
  const url = config.publicUrl;
  if (url === null) {
    const todo = "give --public-url, the address at which people reach the pages";
    return [note("public address", "not set: cards have no button", todo)];
  }
  if (!isButtonUrl(url)) {
    return [
      wrong(
        `public address ${url}`,
        "Telegram takes no address whose host has no dot: cards have no button",
        "give a --public-url with a name that people can reach",
      ),
    ];
  }
  const own =
    config.port === 0 ? undefined : await askHealth(reachableUrl(config.host, config.port));
  const [reached, certificate] = await Promise.all([
    reach(url, own?.who === "calllog"),
    certificateAt(url, clock.now()),
  ]);
  return [reached, ...certificate];
};
